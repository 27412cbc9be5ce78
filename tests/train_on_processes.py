"""Train on two CPU processes; each writes down what it saw."""

import json
import sys
from pathlib import Path

import pytorch_lightning as pl
import torch
from fits import get_parameters, make_mnist, make_module

from lenet_helpers.training.lightning import MNISTDataModule, make_trainer


class Witness(pl.Callback):
    """Note the index of every training image that this process is given."""

    def __init__(self, images):
        self.index = {image.numpy().tobytes(): i for i, image in enumerate(images)}
        self.seen = []

    def on_train_epoch_start(self, trainer, module):
        """Open a new list."""
        self.seen.append([])

    def on_train_batch_start(self, trainer, module, batch, batch_index):
        """Look the images up."""
        self.seen[-1] += [self.index[image.numpy().tobytes()] for image in batch[0]]


def main(folder):
    """Train for two epochs on two CPU processes, and report."""
    data = MNISTDataModule(make_mnist(), batch_size=100)
    data.setup()
    witness = Witness(data._sets["training"].images)
    trainer = make_trainer(
        num_epochs=2,
        folder=folder,
        callbacks=[witness],
        accelerator="cpu",
        devices=2,
        strategy="ddp",
    )
    module = make_module()
    trainer.fit(module, data)
    report = {
        "seen": witness.seen,
        "parameters": get_parameters(module).tolist(),
        "accuracy": trainer.callback_metrics["validation_accuracy"].item(),
    }
    path = Path(folder) / f"rank-{trainer.global_rank}.json"
    path.write_text(json.dumps(report))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(sys.argv[1])
