"""What watches a fit of Lightning's: its history, interrupts, fits gone astray."""

import signal
import threading
import warnings
import weakref
from collections.abc import Mapping

import pandas as pd
import torch
from pytorch_lightning.callbacks import Callback

HISTORY_COLUMNS = ["epoch", "step", "set", "interval", "loss", "error_rate"]


class History(Callback):
    """Keep the losses of a fit, and give them as one tidy table.

    It reads what any LightningModule returns from ``training_step`` and logs as
    ``validation_loss`` and ``validation_accuracy``; losses stay on the device until the
    epoch ends. A fit that starts at step 0 starts the table anew.
    """

    def __init__(self):
        self._rows = []
        self._steps = []  # (step, mean loss of its batches, on its device), this epoch
        self._batches = []  # losses of the step in hand
        self._last_step = 0

    def on_train_start(self, trainer, pl_module):
        """Forget an earlier fit, unless this one goes on from it."""
        if trainer.global_step == 0:
            self._rows = []

    def on_train_epoch_start(self, trainer, pl_module):
        """Forget the steps of an epoch that was cut short and starts again."""
        self._steps, self._batches = [], []
        self._last_step = trainer.global_step

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        """Keep the loss of a batch, and of a step when the step is made."""
        if not isinstance(outputs, Mapping):
            return  # the module has skipped this batch
        # Lightning has divided it by the number of batches that share a step.
        loss = outputs["loss"].detach() * trainer.accumulate_grad_batches
        self._batches.append(loss)
        if trainer.global_step > self._last_step:
            self._last_step = trainer.global_step
            self._steps.append((self._last_step, torch.stack(self._batches).mean()))
            self._batches = []

    def on_validation_epoch_end(self, trainer, pl_module):
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

    def on_train_epoch_end(self, trainer, pl_module):
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

    def frame(self) -> pd.DataFrame:
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

    def on_fit_start(self, trainer, pl_module):
        """Take the signal."""
        if threading.current_thread() is not threading.main_thread():
            return

        def stop(number, frame):
            trainer.should_stop = True
            signal.signal(signal.SIGINT, self._previous)

        self._previous = signal.signal(signal.SIGINT, stop)

    def teardown(self, trainer, pl_module, stage):
        """Give the signal back."""
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)
            self._previous = None

    def on_exception(self, trainer, pl_module, exception):
        """Give the signal back."""
        self.teardown(trainer, pl_module, "fit")


class FitGuard(Callback):
    """Refuse a fit that Lightning would do otherwise than asked, and without a word.

    Raises
    ------
    RuntimeError : the trainer has done all its epochs, or has trained another module.
    ValueError : the checkpoint is of a fit with fewer epochs, and the module's schedule
        ends with them: its rate would rise again.
    """

    def __init__(self):
        self._module = None  # a weak reference to what this trainer has trained
        self._checkpoint = {}

    def on_fit_start(self, trainer, pl_module):
        """Look at what the trainer has done, and at what the checkpoint holds."""
        num_epochs = trainer.max_epochs or 0
        if trainer.global_step and trainer.current_epoch >= num_epochs:
            raise RuntimeError(
                f"This trainer has done its {num_epochs} epochs and would train"
                " nothing: make a new one for each fit, by `make_trainer`."
            )
        if trainer.global_step and self._module and self._module() is not pl_module:
            raise RuntimeError(
                f"This trainer has trained another module for {trainer.global_step}"
                " steps: make a new one for each module, by `make_trainer`."
            )
        self._module = weakref.ref(pl_module)
        planned = self._checkpoint.get("num_epochs", num_epochs)
        ends = [
            hasattr(config.scheduler, "T_max")
            or hasattr(config.scheduler, "total_steps")
            for config in trainer.lr_scheduler_configs
        ]
        if planned != num_epochs and any(ends):
            raise ValueError(
                f"The checkpoint is of a fit of {planned} epochs, and its learning rate"
                f" ends with them; `num_epochs` is {num_epochs}. Give"
                f" `num_epochs={planned}`, or load the weights alone and start anew."
            )
        if self._checkpoint.get("epoch", 0) >= num_epochs:
            warnings.warn(
                f"The checkpoint has all {num_epochs} epochs: nothing is left"
                " to train.",
                stacklevel=2,
            )
        self._checkpoint = {}

    def on_train_epoch_end(self, trainer, pl_module):
        """Note how far the fit is, for the checkpoint."""
        self._checkpoint = {
            "num_epochs": trainer.max_epochs,
            "epoch": trainer.current_epoch + 1,
        }

    def state_dict(self):
        """Save how many epochs there are to be and have been."""
        return dict(self._checkpoint)

    def load_state_dict(self, state_dict):
        """Keep what the checkpoint says until the fit starts."""
        self._checkpoint = dict(state_dict)
