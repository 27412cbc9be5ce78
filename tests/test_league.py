"""The budget league: what a shape means, which entries fit, how others enter."""

import pytest
import torch
from torch import nn

from lenet_helpers import LeNet5, count_parameters, load_mnist
from lenet_helpers.experiments.store import read_results
from lenet_helpers.experiments.today import league, trials


def test_a_shape_is_built_as_it_is_written():
    network = league.build("6 8s 8+ | 12", seed=0)
    kernels = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
    assert [tuple(kernel.weight.shape) for kernel in kernels] == [
        (6, 1, 3, 3),
        (6, 1, 3, 3),  # separable: a kernel a map,
        (8, 6, 1, 1),  # and sums over maps
        (8, 8, 3, 3),
        (12, 8, 3, 3),
    ]
    assert sum(isinstance(m, nn.MaxPool2d) for m in network.modules()) == 1
    images = torch.rand(2, 1, 28, 28)
    assert network.eval()(images).shape == (2, 10)
    around = network[2]
    maps = torch.rand(2, 8, 28, 28)
    assert torch.equal(around(maps), maps + around.layers(maps))


def test_the_seed_alone_gives_the_initial_weights():
    first, again, other = (league.build("4 | 4s+", seed=seed) for seed in (1, 1, 2))
    for p, q in zip(first.parameters(), again.parameters(), strict=True):
        assert torch.equal(p, q)
    assert not torch.equal(next(first.parameters()), next(other.parameters()))


def test_products_are_counted_as_by_hand():
    network = league.build("6 | 8s", seed=0).eval()
    first = 28 * 28 * 6 * 9
    second = 14 * 14 * (6 * 9 + 6 * 8)
    assert league.count_products(network) == first + second + 8 * 10
    plain = nn.Sequential(nn.Conv2d(1, 6, 5), nn.Flatten(), nn.Linear(6 * 576, 10))
    assert league.count_products(plain) == 576 * 6 * 25 + 6 * 576 * 10


def test_counting_changes_nothing_of_a_network_in_training():
    network = league.build("4 | 4", seed=0)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    league.count_products(network)
    assert network.training
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_every_entry_fits_its_budget_and_has_the_lowest_validation_loss():
    trials = read_results("trials").query("choice == 'league'")
    first = trials[
        (trials["batch_size"] == league.FIRST_RULE["batch_size"])
        & (trials["learning_rate"] == league.FIRST_RULE["learning_rate"])
        & trials["elastic"].isna()
        & trials["weight_decay"].isna()
    ].set_index("shape")["validation_loss"]
    assert set(first.index) == set(league.TRIED_SHAPES)
    sizes = {s: count_parameters(league.build(s, seed=0)) for s in first.index}
    for budget, shape in league.SHAPES.items():
        fitting = first[[s for s in first.index if sizes[s] <= budget]]
        assert shape == fitting.idxmin()


@pytest.fixture
def sample(monkeypatch):
    monkeypatch.setenv("LENET_SOURCE", "sample")


def test_any_network_can_enter_and_comes_back_trained(sample):
    network = nn.Sequential(nn.Conv2d(1, 6, 5, 2), nn.ReLU(), nn.Flatten())
    network.append(nn.Linear(6 * 144, 10))
    before = network[0].weight.clone()
    entry = league.enter(network, seed=0, num_epochs=10, batch_size=64)
    assert entry["test_error_rate"] < 0.2
    assert entry["parameters"] == count_parameters(network) == 6 * 26 + 8650
    assert entry["multiply_accumulates"] == 144 * 6 * 25 + 8640
    assert len(entry["training_error_rate_by_pass"]) == 10
    assert not torch.equal(before, network[0].weight) and not network.training


def test_a_network_is_tried_out_without_the_test_set(sample, monkeypatch):
    mnist = trials.hide_test_set(load_mnist())
    monkeypatch.setattr(league, "load_mnist", lambda: mnist)
    network = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    tried = league.try_out(network, seed=0, num_epochs=20, batch_size=64)
    assert 0.05 < tried["validation_error_rate"] < 0.3
    assert tried["parameters"] == 7850 and tried["multiply_accumulates"] == 7840
    with pytest.raises(TypeError, match="HiddenTestSet"):
        league.enter(network, seed=0, num_epochs=1)


def test_a_network_that_needs_other_images_is_told(sample):
    with pytest.raises(ValueError, match="LeNet5 must be"):
        league.enter(LeNet5(), seed=0, num_epochs=1)
