"""Rows of the experiments on trained networks: stored weights give their errors."""

import pytest
import safetensors.torch
import torch

from lenet_helpers import LeNet5, load_mnist
from lenet_helpers.experiments import store
from lenet_helpers.experiments.looking import attacked, protocol
from lenet_helpers.experiments.weights import load_weights
from lenet_helpers.judging import judge_network
from lenet_helpers.looking import bits, pruning
from lenet_helpers.model.today import ModernLeNet


@pytest.fixture(scope="module")
def mnist():
    mnist = load_mnist()
    if mnist.is_sample:
        pytest.skip("results/ is of all of MNIST, and only the sample is here.")
    return mnist


def pick(name, **configuration):
    rows = store.read_results(name)
    for key, value in configuration.items():
        rows = rows[rows[key] == value]
    (row,) = rows.to_dict("records")
    return row


def test_weights_come_from_the_folder_of_results(monkeypatch, tmp_path):
    network = protocol.load_lenet5(0)
    weights = network.state_dict()
    safetensors.torch.save_file(weights, tmp_path / "figure5-9.safetensors")
    monkeypatch.setattr(store, "RESULTS", tmp_path)
    assert torch.equal(protocol.load_lenet5(9).c1.weight, network.c1.weight)
    with pytest.raises(FileNotFoundError, match=r"figure5-0\.safetensors is not there"):
        protocol.load_lenet5(0)


@pytest.mark.parametrize("left", [10_000, 3_000])
def test_pruned_and_rounded_networks_give_the_stored_errors(left, mnist):
    file = store.RESULTS / f"pruned-{left}-0.safetensors"
    network = pruning.unpack_sparse(LeNet5(), safetensors.torch.load_file(file))
    assert pruning.count_left(network) == left
    levels = pick("pruning", network="LeNet-5", criterion="saliency", seed=0)["levels"]
    (level,) = [level for level in levels if level["left"] == left]
    measured = judge_network(network, mnist)["test_error_rate"]
    assert measured == pytest.approx(level["test_error_rate"], abs=2e-4)
    rounded = judge_network(bits.round_network(network, bits=8), mnist)
    row = pick("bits", left=left, bits=8, num_epochs=0, seed=0)
    assert rounded["test_error_rate"] == pytest.approx(row["test_error_rate"], abs=2e-4)


def test_the_hardened_network_gives_the_stored_error(mnist):
    network = load_weights(ModernLeNet(), "hardened")
    row = pick("hardened", size=0.2, seed=0)
    measured = judge_network(network, mnist)["test_error_rate"]
    assert measured == pytest.approx(row["test_error_rate"], abs=2e-4)


def test_an_attack_gives_its_errors_again(monkeypatch, mnist):
    monkeypatch.setattr(attacked, "SIZES", {"linf": (0.1,)})
    again = attacked.run(0, network="net1989")
    row = pick("attacked", network="net1989")
    place = 1  # of 0.1 among the sizes of the rows
    for way in ("one_step", "steps", "noise"):
        assert again[way]["linf"][0] == pytest.approx(row[way]["linf"][place], abs=0.02)
