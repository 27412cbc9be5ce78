"""Training with Lightning: the same numbers twice, resumed, and on two processes."""

import json
import os
import re
import subprocess
import sys
import tempfile
import types
from pathlib import Path

import numpy as np
import pytest
import torch
from fits import get_parameters, make_mnist, train

from lenet_helpers.training.lightning import (
    MNISTDataModule,
)

CHAPTER = Path(__file__).parents[1] / "chapters" / "appendix-machines.md"
SCRIPT = Path(__file__).with_name("train_on_processes.py")


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


def test_an_impossible_batch_size_is_named():
    data = MNISTDataModule(make_mnist(), batch_size=0)
    data.setup()
    with pytest.raises(ValueError, match="`batch_size` must be a positive multiple"):
        data.train_dataloader()


def test_three_processes_share_a_batch_of_96_and_evaluate():
    """Their share of the 1,000 images of an evaluation need not be whole."""
    data = MNISTDataModule(make_mnist(), batch_size=96)
    data.setup()
    data.trainer = types.SimpleNamespace(world_size=3, global_rank=1)
    assert data.train_dataloader().batch_size == 32
    assert data.val_dataloader().batch_size == data.test_dataloader().batch_size == 333
    data.batch_size = 100
    with pytest.raises(ValueError, match=r"number of processes \(3\), got 100"):
        data.train_dataloader()


def test_a_trainer_without_a_folder_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.chdir(tmp_path)
    train(None, num_epochs=1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.processes
def test_the_script_of_the_appendix_trains(tmp_path):
    text = CHAPTER.read_text()
    (script,) = (
        block
        for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL)
        if "__main__" in block
    )
    assert "num_epochs=4" in script and 'devices="auto"' in script
    script = script.replace("num_epochs=4", "num_epochs=1")
    script = script.replace('devices="auto"', 'accelerator="cpu", devices=1')
    (tmp_path / "train.py").write_text(script)
    done = subprocess.run(
        [sys.executable, "train.py"],
        cwd=tmp_path,
        env=os.environ | {"LENET_SOURCE": "sample"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert "validation" in done.stdout and "training" in done.stdout
    assert (tmp_path / "runs/first/last.ckpt").exists()


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
