"""Train a network on MNIST with Lightning: data module, module, history, trainer."""

import logging
import os
import signal
import sys
import tempfile
import threading
import warnings

import pandas as pd
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback, ModelCheckpoint
from pytorch_lightning.loggers import CSVLogger
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset, DistributedSampler
from torchmetrics.classification import MulticlassAccuracy

from lenet_helpers.data import load_mnist, prepare_images

HISTORY_COLUMNS = ["epoch", "step", "set", "interval", "loss", "error_rate"]


class DigitDataset(Dataset):
    """Images and labels in memory; a whole batch is one index operation.

    Parameters
    ----------
    images : Tensor, (N, 1, H, W)
    labels : Tensor, (N,) int64
    """

    def __init__(self, images, labels):
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

    def __init__(self, mnist=None, *, batch_size=64, size=28, seed=0):
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
        num_processes = self.trainer.world_size if self.trainer else 1
        rank = self.trainer.global_rank if self.trainer else 0
        if batch_size < 1 or batch_size % num_processes:
            raise ValueError(
                f"`batch_size` must be a positive multiple of the number of processes "
                f"({num_processes}), got {batch_size}."
            )
        dataset = self._sets[name]
        # One replica is the plain case; Lightning tells the sampler the epoch.
        sampler = DistributedSampler(
            dataset, num_processes, rank, shuffle=shuffle, seed=self.seed
        )
        return DataLoader(
            dataset, batch_size // num_processes, sampler=sampler, collate_fn=_keep
        )

    def train_dataloader(self):
        """Iterate over the training set, in an order of its own each epoch."""
        return self._make_loader("training", shuffle=True, batch_size=self.batch_size)

    def val_dataloader(self):
        """Iterate over the validation set."""
        return self._make_loader("validation", shuffle=False, batch_size=1000)

    def test_dataloader(self):
        """Iterate over the test set."""
        return self._make_loader("test", shuffle=False, batch_size=1000)


class DigitClassifier(pl.LightningModule):
    """Train any network of this package: Adam, with a rate that falls to 0.

    Parameters
    ----------
    network : Module, (N, 1, H, W) to (N, 10); the largest output is the answer
    learning_rate : float
        At the first step; it falls along half a cosine to 0 at the last.

    References
    ----------
    Adam: Kingma and Ba 2015.
    """

    def __init__(self, network, *, learning_rate=3e-3):
        super().__init__()
        self.network = network
        self.learning_rate = learning_rate
        self.validation_accuracy = MulticlassAccuracy(10, average="micro")
        self.test_accuracy = MulticlassAccuracy(10, average="micro")

    def forward(self, images):
        """Compute the outputs, (N, 1, H, W) to (N, 10)."""
        return self.network(images)

    def training_step(self, batch, batch_index):
        """Return the loss of one batch, for Lightning to descend on."""
        images, labels = batch
        return functional.cross_entropy(self(images), labels)

    def validation_step(self, batch, batch_index):
        """Log the loss and the accuracy on the validation set."""
        self._log_evaluation("validation", batch, self.validation_accuracy)

    def test_step(self, batch, batch_index):
        """Log the loss and the accuracy on the test set."""
        self._log_evaluation("test", batch, self.test_accuracy)

    def _log_evaluation(self, name, batch, accuracy):
        images, labels = batch
        outputs = self(images)
        accuracy(outputs, labels)
        loss = functional.cross_entropy(outputs, labels)
        self.log(f"{name}_loss", loss, batch_size=len(labels), sync_dist=True)
        self.log(f"{name}_accuracy", accuracy)

    def configure_optimizers(self):
        """Give Lightning Adam and the cosine."""
        optimizer = torch.optim.Adam(self.parameters(), lr=self.learning_rate)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(
            optimizer, T_max=int(self.trainer.estimated_stepping_batches)
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }


class History(Callback):
    """Keep the losses of a fit, and give them as one tidy table.

    It reads what any LightningModule returns from ``training_step`` and logs as
    ``validation_loss`` and ``validation_accuracy``; steps stay on the device until the
    epoch ends.
    """

    def __init__(self):
        self._rows = []
        self._steps = []  # (step, loss on its device), this epoch

    def on_train_epoch_start(self, trainer, module):
        """Forget the steps of an epoch that was cut short and starts again."""
        self._steps = []

    def on_train_batch_end(self, trainer, module, outputs, batch, batch_index):
        """Keep the loss of a step."""
        self._steps.append((trainer.global_step, outputs["loss"].detach()))

    def on_validation_epoch_end(self, trainer, module):
        """Keep the validation loss, unless this is the check before training."""
        if trainer.sanity_checking or (not trainer.training and not self._steps):
            return
        metrics = trainer.callback_metrics
        accuracy = metrics.get("validation_accuracy")
        self._rows.append(
            {
                "epoch": trainer.current_epoch + 1,
                "step": trainer.global_step,
                "set": "validation",
                "interval": "epoch",
                "loss": float(metrics.get("validation_loss", float("nan"))),
                "error_rate": float("nan") if accuracy is None else 1 - float(accuracy),
            }
        )

    def on_train_epoch_end(self, trainer, module):
        """Bring the epoch's losses from the device, all at once."""
        self._collect(trainer.current_epoch + 1)

    def _collect(self, epoch):
        if not self._steps:
            return
        steps, losses = zip(*self._steps, strict=True)
        losses = torch.stack(losses).cpu().tolist()
        row = {"epoch": epoch, "set": "training", "error_rate": float("nan")}
        self._rows += [
            row | {"step": step, "interval": "step", "loss": loss}
            for step, loss in zip(steps, losses, strict=True)
        ]
        mean = sum(losses) / len(losses)
        self._rows.append(row | {"step": steps[-1], "interval": "epoch", "loss": mean})
        self._steps = []

    def frame(self):
        """Return the history as a table.

        Returns
        -------
        DataFrame
            ``epoch`` (from 1), ``step`` (updates so far), ``set`` ("training" or
            "validation"), ``interval`` ("step", or "epoch": the mean over it),
            ``loss``, ``error_rate`` (in [0, 1]; NaN where it was not measured).
        """
        return pd.DataFrame(self._rows, columns=HISTORY_COLUMNS)

    def state_dict(self):
        """Save the history in the checkpoint."""
        return {"rows": list(self._rows)}

    def load_state_dict(self, state_dict):
        """Take the history up where the checkpoint left it."""
        self._rows = list(state_dict["rows"])


class StopOnInterrupt(Callback):
    """End a fit after the step in hand on Ctrl-C or a kernel interrupt.

    Lightning's own answer is to leave Python. This one leaves the network, the history
    and the session as they are; a second interrupt stops at once.
    """

    def __init__(self):
        self._previous = None

    def on_fit_start(self, trainer, module):
        """Take the signal."""
        if threading.current_thread() is not threading.main_thread():
            return

        def stop(number, frame):
            trainer.should_stop = True
            signal.signal(signal.SIGINT, self._previous)

        self._previous = signal.signal(signal.SIGINT, stop)

    def teardown(self, trainer, module, stage):
        """Give the signal back."""
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)
            self._previous = None

    def on_exception(self, trainer, module, exception):
        """Give the signal back."""
        self.teardown(trainer, module, "fit")


def make_trainer(*, num_epochs, folder=None, callbacks=(), **options):
    """Make a Lightning trainer that is quiet, repeatable and can be interrupted.

    Parameters
    ----------
    num_epochs : int
    folder : path, optional
        For the checkpoint ``last.ckpt``, written each epoch, and for
        ``logs/version_N/metrics.csv``. By default a new temporary folder. To go on
        from there, make the same trainer and call
        ``trainer.fit(module, data, ckpt_path="last")``.
    callbacks : sequence of Callback
        Such as a `History`.
    **options
        For ``pl.Trainer``, such as ``devices=2, strategy="ddp"``.

    Returns
    -------
    pl.Trainer
    """
    for name in ("pytorch_lightning", "lightning.pytorch"):
        logging.getLogger(name).setLevel(logging.ERROR)
    for message in (
        "does not have many workers",  # the images are in memory
        "smaller than the logging interval",  # nothing is logged by step
        "LeafSpec.* is deprecated",  # Lightning's own affair
    ):
        warnings.filterwarnings("ignore", f".*{message}")
    folder = folder or tempfile.mkdtemp(prefix="lenet-")
    defaults = {
        "accelerator": "auto",
        "devices": 1,
        "deterministic": True,
        "enable_model_summary": False,
        "enable_progress_bar": _has_a_reader(),
        "logger": CSVLogger(folder, name="logs"),
        "num_sanity_val_steps": 0,
    }
    checkpoint = ModelCheckpoint(
        folder, save_last=True, save_top_k=0, enable_version_counter=False
    )
    return pl.Trainer(
        max_epochs=num_epochs,
        callbacks=[checkpoint, StopOnInterrupt(), *callbacks],
        **(defaults | options),
    )


def _has_a_reader():
    """Tell a terminal or JupyterLab from the building of a page."""
    return sys.stderr.isatty() or "JPY_SESSION_NAME" in os.environ
