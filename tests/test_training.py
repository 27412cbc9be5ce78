"""Training: the same numbers twice, resumed, interrupted, and on two processes."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from torch import nn

from lenet_helpers import MNIST
from lenet_helpers.training.lightning import (
    DigitClassifier,
    History,
    MNISTDataModule,
    make_trainer,
)

SCRIPT = Path(__file__).with_name("train_on_processes.py")


def make_mnist(num_train=1200, num_test=200):
    """Make images whose label is the row of a bright bar: easy, and no download."""
    generator = torch.Generator().manual_seed(0)

    def draw(count):
        labels = torch.randint(10, (count,), generator=generator)
        images = torch.randint(60, (count, 1, 28, 28), generator=generator)
        images[torch.arange(count), 0, 4 + 2 * labels, 4:24] = 255
        return images.to(torch.uint8), labels

    return MNIST(*draw(num_train), *draw(num_test), "test")


def make_module(learning_rate=0.01):
    torch.manual_seed(0)
    network = nn.Sequential(nn.AvgPool2d(2), nn.Flatten(), nn.Linear(14 * 14, 10))
    return DigitClassifier(network, learning_rate=learning_rate)


def train(folder, *, num_epochs=2, callbacks=(), module=None, data=None, **fit):
    module = module or make_module()
    history = History()
    trainer = make_trainer(
        num_epochs=num_epochs,
        folder=folder,
        callbacks=[history, *callbacks],
        accelerator="cpu",
    )
    data = data or MNISTDataModule(make_mnist(), batch_size=64)
    trainer.fit(module, data, **fit)
    return module, history.frame(), trainer


def get_parameters(module):
    return torch.cat([p.detach().flatten() for p in module.parameters()])


def test_the_same_call_gives_the_same_numbers(tmp_path):
    first, first_history, _ = train(tmp_path / "a")
    second, second_history, _ = train(tmp_path / "b")
    assert torch.equal(get_parameters(first), get_parameters(second))
    assert first_history.equals(second_history)


def test_the_order_of_images_depends_on_seed_and_epoch():
    def get_order(seed, epoch):
        data = MNISTDataModule(make_mnist(), batch_size=64, seed=seed)
        data.setup()
        loader = data.train_dataloader()
        loader.sampler.set_epoch(epoch)
        return list(loader.sampler)

    assert get_order(0, 0) == get_order(0, 0)
    assert get_order(0, 0) != get_order(0, 1)
    assert get_order(0, 0) != get_order(1, 0)
    assert sorted(get_order(0, 1)) == list(range(1100))


def test_each_set_has_its_own_images():
    data = MNISTDataModule(make_mnist(), batch_size=64)
    data.setup()
    sizes = {
        name: sum(len(labels) for _, labels in loader)
        for name, loader in {
            "training": data.train_dataloader(),
            "validation": data.val_dataloader(),
            "test": data.test_dataloader(),
        }.items()
    }
    assert sizes == {"training": 1100, "validation": 100, "test": 200}


def test_images_have_the_range_and_size_of_the_papers():
    data = MNISTDataModule(make_mnist(), batch_size=64, size=32)
    data.setup()
    images, labels = next(iter(data.train_dataloader()))
    assert images.shape == (64, 1, 32, 32) and images.dtype == torch.float32
    assert labels.shape == (64,) and labels.dtype == torch.int64
    assert images[:, :, :2].unique().item() == pytest.approx(-0.1)
    assert images.max().item() == pytest.approx(1.175)


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
    class StopAfterFirst(pl.Callback):
        def on_train_epoch_end(self, trainer, module):
            trainer.should_stop = True

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
            f"import sys, tempfile; sys.path.insert(0, {str(SCRIPT.parent)!r})\n"
            "from test_training import *\n"
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

        reply = client.execute_interactive(code, output_hook=listen, timeout=60)
        assert reply["content"]["status"] == "ok", said
        assert "stopped True" in "".join(said)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_an_impossible_batch_size_is_named():
    data = MNISTDataModule(make_mnist(), batch_size=0)
    data.setup()
    with pytest.raises(ValueError, match="`batch_size` must be a positive multiple"):
        data.train_dataloader()


@pytest.mark.processes
def test_two_processes_see_each_image_once_and_learn_the_same(tmp_path):
    alone, _, trainer = train(
        tmp_path, data=MNISTDataModule(make_mnist(), batch_size=100)
    )
    subprocess.run([sys.executable, SCRIPT, tmp_path], check=True, timeout=300)
    reports = [json.loads(path.read_text()) for path in tmp_path.glob("rank-*.json")]
    assert len(reports) == 2
    for epoch in (0, 1):
        seen = [index for report in reports for index in report["seen"][epoch]]
        assert sorted(seen) == list(range(1100))
    parameters = reports[0]["parameters"]
    assert parameters == reports[1]["parameters"]
    np.testing.assert_allclose(parameters, get_parameters(alone), rtol=1e-3, atol=1e-5)
    accuracy = trainer.callback_metrics["validation_accuracy"].item()
    assert abs(reports[0]["accuracy"] - accuracy) <= 0.01
