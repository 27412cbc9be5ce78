"""Train a network on MNIST with Lightning: the data module and the trainer."""

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Callback, ModelCheckpoint
from pytorch_lightning.loggers import CSVLogger
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, DistributedSampler

from lenet_helpers.data import MNIST, load_mnist, prepare_images
from lenet_helpers.training._reader import has_a_reader
from lenet_helpers.training.callbacks import FitGuard, History, StopOnInterrupt

EVALUATION_BATCH_SIZE = 1000  # all processes together


class DigitDataset(Dataset):
    """Images and labels in memory; a whole batch is one index operation.

    Parameters
    ----------
    images : Tensor, (N, 1, H, W)
    labels : Tensor, (N,) int64
    """

    def __init__(self, images: Tensor, labels: Tensor):
        self.images = images
        self.labels = labels

    def __len__(self):
        """Count the images."""
        return len(self.labels)

    def __getitem__(self, index):
        """Return images and labels at an index, a list of them, or a slice."""
        return self.images[index], self.labels[index]

    __getitems__ = __getitem__  # PyTorch's loader asks this for a whole batch


def _keep(batch):
    return batch  # it is a batch already


class MNISTDataModule(pl.LightningDataModule):
    """MNIST for Lightning, without a copy, a file or a worker process in a step.

    The order of the training images is a function of `seed` and the epoch, whatever
    the number of processes: N processes share each batch, and see each image once an
    epoch (when N divides the number of images; else the last few are repeated).

    Parameters
    ----------
    mnist : MNIST, optional
        By default ``load_mnist()``.
    batch_size : int
        Images an update, all processes together.
    size : int
        Height and width of the inputs; 28, or 32 for LeNet-5.
    seed : int
        Decides the validation split and the order of the training images.

    Raises
    ------
    ValueError : `batch_size` is not a positive multiple of the number of processes.
    """

    def __init__(
        self,
        mnist: MNIST | None = None,
        *,
        batch_size: int = 64,
        size: int = 28,
        seed: int = 0,
    ):
        super().__init__()
        self.mnist = mnist
        self.batch_size = batch_size
        self.size = size
        self.seed = seed
        self._sets = {}

    def prepare_data(self):
        """Fetch MNIST, in one process of each machine."""
        if self.mnist is None:
            load_mnist()

    def setup(self, stage=None):
        """Split and normalise, once."""
        if self._sets:
            return
        mnist = self.mnist or load_mnist()
        training, validation = mnist.split_indices(seed=self.seed)
        images = prepare_images(mnist.train_images, size=self.size)
        test_images = prepare_images(mnist.test_images, size=self.size)
        labels = mnist.train_labels
        self._sets = {
            "training": DigitDataset(images[training], labels[training]),
            "validation": DigitDataset(images[validation], labels[validation]),
            "test": DigitDataset(test_images, mnist.test_labels),
        }

    def _make_loader(self, name, *, shuffle, batch_size):
        rank = self.trainer.global_rank if self.trainer else 0
        dataset = self._sets[name]
        # One replica is the plain case; Lightning tells the sampler the epoch.
        sampler = DistributedSampler(
            dataset, self._count_processes(), rank, shuffle=shuffle, seed=self.seed
        )
        batch_size = max(1, batch_size // self._count_processes())
        return DataLoader(dataset, batch_size, sampler=sampler, collate_fn=_keep)

    def _count_processes(self):
        return self.trainer.world_size if self.trainer else 1

    def train_dataloader(self):
        """Iterate over the training set, in an order of its own each epoch."""
        num_processes = self._count_processes()
        if self.batch_size < 1 or self.batch_size % num_processes:
            raise ValueError(
                f"`batch_size` must be a positive multiple of the number of processes "
                f"({num_processes}), got {self.batch_size}."
            )
        return self._make_loader("training", shuffle=True, batch_size=self.batch_size)

    def val_dataloader(self):
        """Iterate over the validation set."""
        return self._make_loader(
            "validation", shuffle=False, batch_size=EVALUATION_BATCH_SIZE
        )

    def test_dataloader(self):
        """Iterate over the test set."""
        return self._make_loader(
            "test", shuffle=False, batch_size=EVALUATION_BATCH_SIZE
        )


def make_trainer(
    *,
    num_epochs: int,
    folder: str | Path | None = None,
    callbacks: Sequence[Callback] = (),
    **options,
) -> pl.Trainer:
    """Make a Lightning trainer that is quiet, repeatable and can be interrupted.

    Make one for each fit.

    Parameters
    ----------
    num_epochs : int
    folder : path, optional
        For the checkpoint ``last.ckpt``, written each epoch, and for
        ``logs/version_N/metrics.csv``. By default nothing is written. To go on from
        there, make the same trainer and call
        ``trainer.fit(module, data, ckpt_path="last")``.
    callbacks : sequence of Callback
        Such as a `History`.
    **options
        For ``pl.Trainer``, such as ``devices=2, strategy="ddp"``.

    Returns
    -------
    pl.Trainer

    Raises
    ------
    ValueError : a `History` with a strategy whose processes end with the fit.
    """
    _mute_lightning()
    defaults = {
        "accelerator": "auto",
        "devices": 1,
        "deterministic": True,
        "enable_checkpointing": folder is not None,
        "enable_model_summary": False,
        "enable_progress_bar": has_a_reader(),
        "logger": False,
        "num_sanity_val_steps": 0,
    }
    ours = [FitGuard(), StopOnInterrupt()]
    if folder is not None:
        defaults["logger"] = CSVLogger(folder, name="logs")
        # After the guard, whose state it writes.
        checkpoint = ModelCheckpoint(
            folder, save_last=True, save_top_k=0, enable_version_counter=False
        )
        ours.append(checkpoint)
    trainer = pl.Trainer(
        max_epochs=num_epochs, callbacks=[*ours, *callbacks], **(defaults | options)
    )
    start_method = getattr(trainer.strategy, "_start_method", "popen")
    has_history = any(isinstance(callback, History) for callback in callbacks)
    if start_method != "popen" and has_history:
        raise ValueError(
            f"`strategy={options['strategy']!r}` trains in processes that end with the"
            " fit, and a `History` would come back empty: take it out of `callbacks`"
            " and read `logs/version_0/metrics.csv` in `folder`, or use"
            ' strategy="ddp" in a script.'
        )
    return trainer


def _mute_lightning():
    """Turn off what Lightning says of each trainer and of images in memory."""
    for name in ("pytorch_lightning", "lightning.pytorch"):
        logging.getLogger(name).setLevel(logging.ERROR)
    for message in (
        "does not have many workers",  # the images are in memory
        "smaller than the logging interval",  # nothing is logged by step
        "LeafSpec.* is deprecated",  # Lightning's own affair
    ):
        warnings.filterwarnings("ignore", f".*{message}")
