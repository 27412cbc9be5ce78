"""The compiled trainer against the PyTorch reference."""

import copy
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from patterns import make_patterns, run

from lenet_helpers.experiments.published import figure9
from lenet_helpers.model.losses import MaximumLikelihood, MaximumPosterior, SquaredError
from lenet_helpers.model.networks import LeNet1, LeNet4, LeNet5, Net1989
from lenet_helpers.training import _kernels, _program, online
from lenet_helpers.training.curvature import DiagonalLevenbergMarquardt
from lenet_helpers.training.online import train_online

pytestmark = [pytest.mark.compiled, pytest.mark.usefixtures("one_thread")]
RATES = {"sgd": 0.005, "sdlm": 0.0005}
CASES = {
    "Net1989": (Net1989, {}, SquaredError()),
    "LeNet1": (LeNet1, {}, SquaredError(low=-0.8, high=0.8)),
    "LeNet4": (LeNet4, {}, SquaredError()),
    "LeNet5 eq. 8": (LeNet5, {}, MaximumLikelihood()),
    "LeNet5 eq. 9": (LeNet5, {}, MaximumPosterior(j=1.0)),
    "LeNet5 eq. 9, codes": (
        LeNet5,
        {"trainable_codes": True},
        MaximumPosterior(j=5.0),
    ),
}


def train_both(reference, rule, loss, num_patterns):
    """Train a network by PyTorch and a copy by the compiled loops; return the copy."""
    network, rate = copy.deepcopy(reference), RATES[rule]
    if not isinstance(loss, SquaredError):
        rate /= 10  # a penalty's gradients are large
    dtype = next(network.parameters()).dtype
    images, labels = make_patterns(network, num_patterns, dtype)
    if rule == "sgd":
        optimizer = torch.optim.SGD(reference.parameters(), lr=rate)
    else:
        optimizer = DiagonalLevenbergMarquardt(reference, learning_rate=rate)
        optimizer.estimate_curvature(images, labels, loss)
    for i in range(len(labels)):
        optimizer.zero_grad()
        loss(reference(images[i : i + 1]), labels[i : i + 1]).backward()
        optimizer.step()
    options = {"learning_rates": [rate], "optimizer": rule, "order": "given"}
    train_online(network, images, labels, loss=loss, **options)
    return network


def assert_alike(network, reference, tolerance):
    for found, expected in zip(
        network.parameters(), reference.parameters(), strict=True
    ):
        assert (found - expected).abs().max() <= tolerance * expected.abs().max()


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("rule", RATES)
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-10)]
)
def test_100_updates_are_those_of_the_reference(name, rule, dtype, tolerance):
    make, choices, loss = CASES[name]
    reference = make(initial="root", **choices).to(dtype)
    assert_alike(train_both(reference, rule, loss, 100), reference, tolerance)


@pytest.mark.parametrize("make", [Net1989, LeNet1, LeNet4, LeNet5])
def test_the_history_judges_as_classify_does(make):
    network = make(initial="root")
    images, labels = make_patterns(network, 60)
    loss = MaximumLikelihood() if make is LeNet5 else SquaredError()
    before = copy.deepcopy(network)
    history = train_online(
        network,
        images,
        labels,
        loss=loss,
        learning_rates=[1e-12],  # as good as standing still
        optimizer="sgd",
        evaluate={"test": (images, labels)},
    )
    with torch.no_grad():
        error_rate = (before.classify(images) != labels).float().mean().item()
        value = loss(before(images), labels).item()
    row = history.iloc[0]
    assert row["training_error_rate"] == pytest.approx(error_rate)
    assert row["test_error_rate"] == pytest.approx(error_rate)
    assert row["training_loss"] == pytest.approx(value, rel=1e-5)


def test_the_history_has_a_row_a_network_and_pass():
    _, history = run([0, 1], 2)
    assert history["epoch"].tolist() == [1, 2, 1, 2]
    assert history["learning_rate"].tolist() == [0.001, 0.0005] * 2
    assert (history["smallest_rate"] < history["largest_rate"]).all()
    assert (history["largest_rate"] <= history["learning_rate"] / 0.02).all()


def test_orders_differ():
    (constant,), _ = run([0], 1)
    (reshuffled,), _ = run([0], 1, "reshuffled")
    assert not torch.equal(constant.h1.weight, reshuffled.h1.weight)


def test_an_interrupt_keeps_what_was_learnt(monkeypatch):
    network = LeNet1(initial="root")
    before = network.h1.weight.clone()
    images, labels = make_patterns(network, 2000)

    def interrupt(*arguments, **options):
        time.sleep(0.2)
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(online, "wait", interrupt)
    history = train_online(
        network,
        images,
        labels,
        loss=SquaredError(),
        learning_rates=[1e-4] * 1000,
        optimizer="sgd",
    )
    assert len(history) < 1000
    left = [thread.name for thread in threading.enumerate()]
    assert not [name for name in left if name.startswith("ThreadPool")]
    assert not torch.equal(network.h1.weight, before)


def test_a_run_that_diverges_says_so():
    network = LeNet5(initial="root")
    images, labels = make_patterns(network, 50)
    history = train_online(
        network,
        images,
        labels,
        loss=MaximumLikelihood(),
        learning_rates=[1e30],
        optimizer="sgd",
    )
    assert not np.isfinite(history["training_loss"].iloc[0])


@pytest.mark.parametrize("rule", RATES)
def test_a_frozen_layer_stays_and_the_rest_is_that_of_the_reference(rule):
    reference = LeNet1(initial="root")
    reference.h3.requires_grad_(False)
    before = copy.deepcopy(reference)
    network = train_both(reference, rule, SquaredError(), 50)
    assert torch.equal(before.h3.weight, network.h3.weight)
    assert not torch.equal(before.h1.weight, network.h1.weight)
    assert_alike(network, reference, 1e-5)


def test_an_error_in_one_network_stops_the_others_and_keeps_what_is_learnt():
    networks = [LeNet1(initial="root", seed=seed) for seed in (0, 1)]
    before = copy.deepcopy(networks)
    images, labels = make_patterns(networks[0], 1000)
    passes = []

    def fail(network, row):
        passes.append(row["seed"])
        if row["seed"] == 0:
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="the disk is full"):
        train_online(
            networks,
            images,
            labels,
            loss=SquaredError(),
            learning_rates=[0.001] * 200,
            optimizer="sgd",
            num_threads=2,
            on_pass=fail,
        )
    assert passes.count(0) == 1 and passes.count(1) < 50
    for old, new in zip(before, networks, strict=True):
        assert not torch.equal(old.h1.weight, new.h1.weight)


@pytest.fixture
def curvature_sums(monkeypatch):
    """The sum of the patterns of each estimate of h."""
    sums, estimate = [], _program.estimate_curvature

    def note(network, images, labels, loss):
        sums.append(round(images.sum().item(), 3))
        return estimate(network, images, labels, loss)

    monkeypatch.setattr(_program, "estimate_curvature", note)
    return sums


def test_a_callable_is_asked_once_a_pass_and_gives_the_numbers_of_its_images(
    curvature_sums,
):
    images, labels = make_patterns(LeNet1(), 80)
    asked, networks, histories = [], [], []

    def show(epoch):
        asked.append(epoch)
        return images, labels

    for arguments in ((images, labels), (show,)):
        networks.append(LeNet1(initial="root"))
        history = train_online(
            networks[-1],
            *arguments,
            loss=SquaredError(),
            learning_rates=[0.001] * 4,
            num_curvature_patterns=20,
        )
        histories.append(history.drop(columns="seconds"))
    assert asked == [0, 1, 2, 3]
    assert histories[0].equals(histories[1])
    assert torch.equal(networks[0].h3.weight, networks[1].h3.weight)
    # h is of new patterns in each pass, and of the same for both.
    assert len(set(curvature_sums[:4])) == 4
    assert curvature_sums[:4] == curvature_sums[4:]


def test_the_networks_of_figure9_estimate_h_on_new_patterns_each_pass(
    curvature_sums, monkeypatch
):
    monkeypatch.setitem(figure9.SCHEDULES, "LeNet1", (0.015, 0.1, 4))
    images, labels = make_patterns(LeNet1(), 600)
    figure9.train_network(
        LeNet1(initial="root"), lambda epoch: (images, labels), seed=0
    )
    assert len(set(curvature_sums)) == 4


def test_every_field_of_a_layer_is_used_by_the_loops():
    source = Path(_kernels.__file__).read_text()
    for name in _kernels.LAYER.names:
        assert f"layer.{name}" in source or f"last.{name}" in source, name
