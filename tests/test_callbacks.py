"""What watches a fit: its history, interrupts, and fits gone astray."""

import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from fits import StopAfterFirst, get_parameters, make_mnist, make_module, train
from torch import nn

from lenet_helpers.training.lightning import (
    History,
    MNISTDataModule,
    make_trainer,
)


def test_the_history_has_every_step_and_every_epoch_once(tmp_path):
    _, history, _ = train(tmp_path, num_epochs=3)
    steps = history[history["interval"] == "step"]
    num_steps = -(-1100 // 64)
    assert steps["step"].tolist() == list(range(1, 3 * num_steps + 1))
    assert steps["epoch"].value_counts().eq(num_steps).all()
    for name in ("training", "validation"):
        rows = history[(history["set"] == name) & (history["interval"] == "epoch")]
        assert rows["epoch"].tolist() == [1, 2, 3]
        assert rows["step"].tolist() == [num_steps, 2 * num_steps, 3 * num_steps]
        assert rows["loss"].is_monotonic_decreasing
    means = steps.groupby("epoch")["loss"].mean()
    rows = history[(history["set"] == "training") & (history["interval"] == "epoch")]
    np.testing.assert_allclose(rows["loss"], means)


def test_the_sanity_check_is_not_in_the_history(tmp_path):
    history = History()
    trainer = make_trainer(
        num_epochs=1,
        folder=tmp_path,
        callbacks=[history],
        accelerator="cpu",
        num_sanity_val_steps=2,
    )
    trainer.fit(make_module(), MNISTDataModule(make_mnist(), batch_size=64))
    frame = history.frame()
    assert (frame["set"] == "validation").sum() == 1
    assert frame.loc[frame["set"] == "validation", "step"].item() == 18


def test_the_validation_error_is_that_of_the_module(tmp_path):
    module, history, _ = train(tmp_path)
    data = MNISTDataModule(make_mnist(), batch_size=64)
    data.setup()
    images, labels = next(iter(data.val_dataloader()))
    module.eval()
    with torch.no_grad():
        wrong = (module(images).argmax(dim=1) != labels).float().mean().item()
    last = history[history["set"] == "validation"].iloc[-1]
    assert last["error_rate"] == pytest.approx(wrong)


def test_a_resumed_fit_equals_one_that_was_never_stopped(tmp_path):
    whole, whole_history, _ = train(tmp_path / "whole", num_epochs=3)
    _, _, trainer = train(
        tmp_path / "parts", num_epochs=3, callbacks=[StopAfterFirst()]
    )
    assert trainer.current_epoch == 1
    module = make_module()
    nn.init.zeros_(module.network[2].weight)  # the checkpoint must bring them back
    resumed, history, _ = train(
        tmp_path / "parts", num_epochs=3, module=module, ckpt_path="last"
    )
    assert torch.equal(get_parameters(whole), get_parameters(resumed))
    assert history.equals(whole_history)


def test_an_interrupt_leaves_a_usable_module_and_history(tmp_path):
    class PressCtrlC(pl.Callback):
        def on_train_batch_end(self, trainer, module, outputs, batch, batch_index):
            if trainer.global_step == 25:
                os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    initial = get_parameters(make_module())
    module, history, trainer = train(tmp_path, num_epochs=50, callbacks=[PressCtrlC()])
    assert signal.getsignal(signal.SIGINT) is before
    assert 25 <= trainer.global_step <= 26
    steps = history[history["interval"] == "step"]
    assert steps["step"].tolist() == list(range(1, trainer.global_step + 1))
    assert not torch.equal(get_parameters(module), initial)
    assert module(torch.zeros(1, 1, 28, 28)).shape == (1, 10)


def test_a_fit_in_a_thread_leaves_signals_alone(tmp_path):
    results = []
    thread = threading.Thread(target=lambda: results.append(train(tmp_path)))
    thread.start()
    thread.join()
    assert len(results[0][1]) > 0


@pytest.mark.processes
def test_a_kernel_interrupt_leaves_the_kernel_usable():
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3")
    try:
        code = (
            "import sys, tempfile\n"
            f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
            "from fits import *\n"
            "data = MNISTDataModule(make_mnist(), batch_size=64)\n"
            "print('ready', flush=True)\n"
            "module, history, trainer = train(\n"
            "    tempfile.mkdtemp(), num_epochs=10_000, data=data)\n"
            "print('stopped', trainer.global_step == len(\n"
            "    history[history['interval'] == 'step']))"
        )
        said = []

        def listen(message):
            content = message["content"]
            said.append(content.get("text") or content.get("ename") or "")
            if "ready" in said[-1]:
                threading.Timer(2, manager.interrupt_kernel).start()

        reply = client.execute_interactive(code, output_hook=listen, timeout=300)
        assert reply["content"]["status"] == "ok", said
        assert "stopped True" in "".join(said)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_a_finished_trainer_refuses_a_second_fit():
    data = MNISTDataModule(make_mnist(), batch_size=64)
    module, _, trainer = train(None, num_epochs=1, data=data)
    for second in (make_module(), module):
        before = get_parameters(second)
        with pytest.raises(RuntimeError, match="has done its 1 epochs"):
            trainer.fit(second, data)
        assert torch.equal(get_parameters(second), before)


def test_a_trainer_that_was_stopped_goes_on_with_its_module_alone():
    data = MNISTDataModule(make_mnist(), batch_size=64)
    module, history, trainer = train(
        None, num_epochs=3, data=data, callbacks=[StopAfterFirst()]
    )
    assert history["step"].max() == 18
    with pytest.raises(RuntimeError, match="has trained another module for 18 steps"):
        trainer.fit(make_module(), data)
    trainer.fit(module, data)
    assert trainer.current_epoch == 3


def test_a_history_of_two_fits_holds_the_second():
    history, frames = History(), []
    for _ in range(2):
        trainer = make_trainer(num_epochs=1, callbacks=[history], accelerator="cpu")
        trainer.fit(make_module(), MNISTDataModule(make_mnist(), batch_size=64))
        frames.append(history.frame())
    assert frames[0].equals(frames[1])


def test_batches_that_share_a_step_are_one_row_with_their_mean_loss(tmp_path):
    """Lightning divides the loss of each of them by their number."""
    standing = make_module(learning_rate=1e-12)
    _, history, trainer = train(
        None, num_epochs=1, module=standing, options={"accumulate_grad_batches": 4}
    )
    _, by_batch, _ = train(None, num_epochs=1, module=make_module(1e-12))
    steps = history[history["interval"] == "step"]
    assert steps["step"].tolist() == [1, 2, 3, 4, 5] and trainer.global_step == 5
    losses = by_batch.loc[by_batch["interval"] == "step", "loss"].to_numpy()
    expected = [losses[i : i + 4].mean() for i in range(0, 18, 4)]
    np.testing.assert_allclose(steps["loss"], expected, rtol=1e-6)


def test_more_epochs_than_the_checkpoint_knew_are_refused(tmp_path):
    """The rate would rise again along the cosine, and end at its largest."""
    train(tmp_path, num_epochs=2)
    with pytest.raises(ValueError, match=r"of 2 epochs.*`num_epochs` is 4"):
        train(tmp_path, num_epochs=4, ckpt_path="last")


def test_a_finished_fit_that_is_resumed_says_that_nothing_is_left(tmp_path):
    first, _, _ = train(tmp_path, num_epochs=2)
    with pytest.warns(UserWarning, match="all 2 epochs: nothing is left"):
        again, _, _ = train(tmp_path, num_epochs=2, ckpt_path="last")
    assert torch.equal(get_parameters(first), get_parameters(again))


def test_a_resumed_rate_ends_at_nothing(tmp_path):
    train(tmp_path, num_epochs=3, callbacks=[StopAfterFirst()])
    module, _, _ = train(tmp_path, num_epochs=3, ckpt_path="last")
    assert len(module.rates) == 36 and module.rates[-1] < 0.01 * module.rates[0]


@pytest.mark.parametrize("strategy", ["ddp_spawn", "ddp_notebook"])
def test_a_history_that_would_come_back_empty_is_refused(strategy):
    options = {"accelerator": "cpu", "devices": 2, "strategy": strategy}
    with pytest.raises(ValueError, match="a `History` would come back empty"):
        make_trainer(num_epochs=1, callbacks=[History()], **options)
