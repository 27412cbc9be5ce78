"""The compiled trainer against the PyTorch reference."""

import copy
import threading
import time

import numpy as np
import pytest
import torch

from lenet_helpers.model.losses import MaximumLikelihood, MaximumPosterior, SquaredError
from lenet_helpers.model.networks import LeNet1, LeNet4, LeNet5, Net1989
from lenet_helpers.training import online
from lenet_helpers.training.curvature import DiagonalLevenbergMarquardt
from lenet_helpers.training.online import train_online

pytestmark = pytest.mark.compiled
RATES = {"sgd": 0.0005, "sdlm": 0.00005}  # a penalty's gradients are large
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


@pytest.fixture(autouse=True)
def one_thread():
    """Threads only get in the way of networks this small."""
    number = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(number)


def make_patterns(network, number, dtype=torch.float32):
    generator = torch.Generator().manual_seed(7)
    size = network.image_size
    images = torch.randn(number, 1, size, size, generator=generator, dtype=dtype)
    return 0.5 * images, torch.randint(10, (number,), generator=generator)


def train_eagerly(network, images, labels, loss, optimizer):
    for i in range(len(labels)):
        optimizer.zero_grad()
        loss(network(images[i : i + 1]), labels[i : i + 1]).backward()
        optimizer.step()


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("rule", RATES)
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-10)]
)
def test_100_updates_are_those_of_the_reference(name, rule, dtype, tolerance):
    make, choices, loss = CASES[name]
    reference = make(initial="root", **choices).to(dtype)
    network = copy.deepcopy(reference)
    images, labels = make_patterns(network, 100, dtype)
    if rule == "sgd":
        optimizer = torch.optim.SGD(reference.parameters(), lr=RATES[rule])
    else:
        optimizer = DiagonalLevenbergMarquardt(reference, learning_rate=RATES[rule])
        optimizer.estimate_curvature(images, labels, loss)
    train_eagerly(reference, images, labels, loss, optimizer)
    train_online(
        network,
        images,
        labels,
        loss=loss,
        learning_rates=[RATES[rule]],
        optimizer=rule,
        order="given",
    )
    for expected, found in zip(
        reference.parameters(), network.parameters(), strict=True
    ):
        largest = expected.abs().max()
        assert (found - expected).abs().max() <= tolerance * largest


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


def run(seeds, num_threads, order="constant"):
    networks = [LeNet1(initial="root", seed=seed) for seed in seeds]
    images, labels = make_patterns(networks[0], 80)
    history = train_online(
        networks,
        images,
        labels,
        loss=SquaredError(),
        learning_rates=[0.001, 0.0005],
        seeds=seeds,
        order=order,
        num_threads=num_threads,
        num_curvature_patterns=20,
    )
    return networks, history.drop(columns="seconds")


def test_seeds_side_by_side_are_seeds_one_by_one():
    together, history = run([3, 4], 2)
    for i, seed in enumerate([3, 4]):
        (alone,), rows = run([seed], 1)
        pairs = zip(alone.parameters(), together[i].parameters(), strict=True)
        assert all(torch.equal(*pair) for pair in pairs)
        mine = history[history["seed"] == seed].reset_index(drop=True)
        assert mine.equals(rows)


def test_the_numbers_do_not_depend_on_the_number_of_torch_threads():
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(600, 1, 32, 32, generator=generator)
    labels = torch.randint(10, (600,), generator=generator)
    before, parameters = torch.get_num_threads(), []
    try:
        for num_threads in (1, 4):
            torch.set_num_threads(num_threads)
            network = LeNet5(initial="root")
            loss = MaximumPosterior(j=1.0)
            train_online(network, images, labels, loss=loss, learning_rates=[5e-4] * 2)
            assert torch.get_num_threads() == num_threads
            parameters.append(torch.cat([p.flatten() for p in network.parameters()]))
    finally:
        torch.set_num_threads(before)
    assert torch.equal(*parameters)


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

    sleep = time.sleep

    def interrupt(seconds):
        sleep(0.2)
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(online.time, "sleep", interrupt)
    threads = threading.active_count()
    history = train_online(
        network,
        images,
        labels,
        loss=SquaredError(),
        learning_rates=[1e-4] * 1000,
        optimizer="sgd",
    )
    assert len(history) < 1000
    assert threading.active_count() == threads
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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"order": "sorted"}, "`order`"),
        ({"optimizer": "adam"}, "`optimizer`"),
        ({"seeds": [1, 2]}, "`seeds`"),
        ({"images": torch.zeros(4, 1, 32, 32)}, r"\(N, 1, 28, 28\)"),
        ({"labels": torch.zeros(3, dtype=torch.int64)}, "`labels`"),
    ],
)
def test_wrong_arguments_are_named(change, message):
    arguments = {
        "images": torch.zeros(4, 1, 28, 28),
        "labels": torch.zeros(4, dtype=torch.int64),
        "loss": SquaredError(),
        "learning_rates": [0.1],
    } | change
    with pytest.raises(ValueError, match=message):
        train_online(LeNet1(), **arguments)


def test_a_foreign_loss_is_refused():
    with pytest.raises(TypeError, match="`loss`"):
        train_online(
            LeNet1(),
            torch.zeros(4, 1, 28, 28),
            torch.zeros(4, dtype=torch.int64),
            loss=torch.nn.CrossEntropyLoss(),
            learning_rates=[0.1],
        )
