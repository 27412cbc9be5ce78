"""Print the ratios behind the book's promises; `make bench` runs this.

Every ratio compares two things in one run on one machine, in turns, and is the median
of the rounds. The network is that of the `lenet` chapter, taken from the chapter.
"""

import argparse
import re
import statistics
import tempfile
import time
from pathlib import Path

import jupytext
import pytorch_lightning as pl
import torch
from torch.nn import functional
from torch.utils.data import DataLoader, Subset
from torchvision import datasets, transforms

from lenet_helpers import load_mnist
from lenet_helpers._fetch import CHECKSUMS
from lenet_helpers.data import find_folder
from lenet_helpers.training.lightning import MNISTDataModule, make_trainer

CHAPTER = Path(__file__).parents[1] / "chapters" / "lenet.md"


def load_network_class():
    """Take the trainable network from the chapter that defines it."""
    names = {"torch": torch}
    for cell in jupytext.read(CHAPTER).cells:
        if re.search(r"^class (Trainable)?LeNet1\(", cell.source, re.MULTILINE):
            exec(cell.source, names)
    return names["TrainableLeNet1"]


class PerImage(pl.LightningDataModule):
    """MNIST as most tutorials load it: one image at a time, in a worker process."""

    def __init__(self, mnist, *, batch_size):
        super().__init__()
        self.batch_size = batch_size
        root = Path(tempfile.mkdtemp())
        raw = root / "MNIST" / "raw"
        raw.mkdir(parents=True)
        for name in CHECKSUMS:
            (raw / name).symlink_to(find_folder().resolve() / name)
        scale = [transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))]
        images = datasets.MNIST(root, transform=transforms.Compose(scale))
        training, validation = mnist.split_indices()
        self.training = Subset(images, training.tolist())
        self.validation = Subset(images, validation.tolist())

    def train_dataloader(self):
        """Shuffle and decode in a worker."""
        return DataLoader(self.training, self.batch_size, shuffle=True, num_workers=1)

    def val_dataloader(self):
        """Decode in a worker."""
        return DataLoader(self.validation, self.batch_size, num_workers=1)


def fit(network_class, data, num_epochs, **network):
    """Train as the chapter does, and return the module, its trainer and the seconds."""
    pl.seed_everything(0, verbose=False)
    module = network_class(**network)
    trainer = make_trainer(num_epochs=num_epochs, enable_progress_bar=False)
    start = time.perf_counter()
    trainer.fit(module, data)
    return module, trainer, time.perf_counter() - start


def fit_bare(network_class, data, num_epochs):
    """Do the same work in a plain loop over the same tensors; return the seconds."""
    pl.seed_everything(0, verbose=False)
    module = network_class()
    data.setup()
    images, labels = data.train_dataloader().dataset[:]
    validation_images, validation_labels = data.val_dataloader().dataset[:]
    optimizer = torch.optim.Adam(module.parameters(), lr=0.01)
    num_steps = num_epochs * -(-len(labels) // data.batch_size)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, num_steps)
    start = time.perf_counter()
    for _ in range(num_epochs):
        for batch in torch.randperm(len(labels)).split(data.batch_size):
            loss = functional.cross_entropy(module(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        with torch.no_grad():
            for batch in torch.arange(len(validation_labels)).split(1000):
                outputs = module(validation_images[batch])
                functional.cross_entropy(outputs, validation_labels[batch])
    return time.perf_counter() - start


def main(rounds):
    """Measure, and explain each line."""
    mnist = load_mnist()
    network_class = load_network_class()
    ours = MNISTDataModule(mnist, batch_size=256)
    chapter = MNISTDataModule(mnist, batch_size=128)
    per_image = PerImage(mnist, batch_size=256)
    ours.setup()
    chapter.setup()
    rows = []
    for number in range(1, rounds + 1):
        _, _, slow = fit(network_class, per_image, 2)
        _, _, fast = fit(network_class, ours, 2)
        bare = fit_bare(network_class, ours, 2)
        module, trainer, whole = fit(network_class, chapter, 4)
        accuracy = trainer.test(module, chapter, verbose=False)[0]["test_accuracy"]
        rows.append((slow / fast, bare / fast, whole / slow))
        print(
            f"round {number}: per image {slow:.1f} s, ours {fast:.1f} s, "
            f"bare {bare:.1f} s, the chapter's training {whole:.1f} s",
            flush=True,
        )
    speedup, throughput, share = (
        statistics.median(column) for column in zip(*rows, strict=True)
    )
    print(f"""
Medians of {rounds} rounds, {torch.get_num_threads()} threads.

{speedup:.2f}  (at least 4)    times faster: two epochs of LeNet-1, validation included,
                       in batches of 256, through MNISTDataModule and make_trainer,
                       than through per-image transforms and num_workers=1.
{throughput:.2f}  (at least 0.8)  of the throughput of a bare PyTorch loop over the same
                       tensors. The rest is Lightning, its metrics and the history.
{share:.2f}  (at most 1)     of the time of the two slow epochs is what the chapter's
                       own training takes: four epochs in batches of 128.
{100 * accuracy:5.2f}  (at least 98.0) % test accuracy is where that ends, seed 0.""")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    main(parser.parse_args().rounds)
