"""Optimal Brain Damage against derivatives that autograd computes, and by hand."""

import copy

import pytest
import torch

from lenet_helpers import LeNet1, LeNet5
from lenet_helpers.looking import pruning
from lenet_helpers.model.losses import MaximumLikelihood, SquaredError


@pytest.fixture(scope="module")
def digits():
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(8, 1, 28, 28, generator=generator) * 2 - 1
    return images, torch.arange(8)


def test_saliency_of_an_output_bias_is_the_gauss_newton_term(digits):
    images, labels = digits
    network = LeNet1(initial="root", seed=0)
    network.output.bias.data.fill_(0.3)
    found = pruning.measure_saliencies(network, images, labels, SquaredError())
    slopes = network.output.squash.derivative(network(images))  # (8, 10)
    expected = (2 / 10 * slopes**2).mean(0) * 0.3**2 / 2
    assert torch.allclose(found["output.bias"], expected, rtol=1e-4)


def test_parts_of_patterns_weigh_by_their_number(digits, monkeypatch):
    images, labels = digits
    network = LeNet1(initial="root", seed=0)
    whole = pruning.measure_curvature(network, images, labels, SquaredError())
    monkeypatch.setattr(pruning, "PART", 3)
    parts = pruning.measure_curvature(network, images, labels, SquaredError())
    for name, values in whole.items():
        assert torch.allclose(values, parts[name], rtol=1e-4, atol=1e-9)


def test_the_largest_scores_stay_and_what_is_gone_stays_gone():
    network = LeNet1(initial="root", seed=0)
    for parameter in network.parameters():
        parameter.data.fill_(1.0)
    before = copy.deepcopy(network.state_dict())
    scores = {n: torch.zeros_like(p) for n, p in network.named_parameters()}
    scores["h1.bias"] += torch.tensor([4.0, 3.0, 2.0, 1.0])
    cut = pruning.delete(network, scores, num_left=3)
    assert cut.h1.bias.tolist() == [1, 1, 1, 0]
    assert pruning.count_left(cut) == 3
    assert all(torch.equal(before[k], v) for k, v in network.state_dict().items())
    scores["h1.bias"] = torch.tensor([1.0, 2.0, 3.0, 9.0])  # the 9 is of a deleted one
    assert pruning.delete(cut, scores, num_left=2).h1.bias.tolist() == [0, 1, 1, 0]
    with pytest.raises(ValueError, match="from 1 to 3, which are left, got 4"):
        pruning.delete(cut, scores, num_left=4)


def test_magnitude_ranks_negative_weights_by_their_size():
    network = LeNet1(initial="root", seed=0)
    for parameter in network.parameters():
        parameter.data.fill_(0.5)
    network.h1.bias.data[0], network.h1.bias.data[1] = -2.0, 0.1
    scores = pruning.measure_magnitudes(network)
    cut = pruning.delete(network, scores, num_left=1)
    assert cut.h1.bias.tolist() == [-2, 0, 0, 0]


def test_layers_that_are_spared_keep_their_smallest_parameters():
    network = LeNet1(initial="root", seed=0)
    for layer in (network.h2, network.h4):
        for parameter in layer.parameters():
            parameter.data.fill_(1e-6)
    scores = pruning.measure_magnitudes(network, spare=("h2", "h4"))
    cut = pruning.delete(network, scores, num_left=40)
    assert pruning.count_left(cut.h2) == 8 and pruning.count_left(cut.h4) == 24
    assert pruning.count_left(cut) == 40


def test_chance_depends_on_the_seed_only():
    network = LeNet1(initial="root", seed=0)
    one, same, other = (pruning.draw_scores(network, seed=s) for s in (1, 1, 2))
    assert torch.equal(one["h3.weight"], same["h3.weight"])
    assert not torch.equal(one["h3.weight"], other["h3.weight"])


def test_retraining_lowers_the_loss_and_leaves_zeros(digits):
    images, labels = digits
    network = LeNet1(initial="printed", seed=0)
    cut = pruning.delete(network, pruning.draw_scores(network, seed=0), num_left=2_400)
    trained = pruning.retrain(
        cut,
        images,
        labels,
        loss=SquaredError(),
        num_epochs=5,
        learning_rate=0.001,
        batch_size=4,
        seed=0,
    )
    for before, after in zip(cut.parameters(), trained.parameters(), strict=True):
        assert torch.equal(before == 0, after == 0)
    loss = SquaredError()
    assert loss(trained(images), labels) < loss(cut(images), labels)


def make_lenet5():
    network = LeNet5(initial="root", seed=0)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter[parameter == 0] = 0.1
        network.c3.weight[7] = 0
        network.c5.weight.view(120, 16, 25)[5] = 0  # unit 5 reads nothing
        network.f6.weight[:, 9] = 0  # nobody reads unit 9
    return network


def test_lost_parts_are_counted():
    found = pruning.count_lost_parts(make_lenet5())
    assert found == {"links": 1, "deaf": 1, "mute": 1}


def test_dead_units_go_without_a_change_of_the_answers():
    network = make_lenet5()
    lean = pruning.remove_dead_units(network)
    images = torch.rand(4, 1, 32, 32, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert torch.allclose(network(images), lean(images), rtol=1e-4)
    # Unit 5: 84 weights of F6 and its bias; unit 9: 400 weights and its bias.
    gone = pruning.count_left(network) - pruning.count_left(lean)
    assert gone == 84 + 1 + 400 + 1
    assert pruning.count_lost_parts(network)["mute"] == 1  # it stays as it was


def test_packing_keeps_every_parameter_in_its_place():
    network = make_lenet5()
    packed = pruning.pack_sparse(network)
    assert len(packed["values"]) == pruning.count_left(network)
    again = pruning.unpack_sparse(LeNet5(initial="root", seed=3), packed)
    for one, other in zip(network.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)


def test_saliency_of_lenet5_predicts_a_small_deletion():
    """Where the loss is quadratic in a bias of F6, its own second derivative."""
    network = LeNet5(initial="root", seed=0)
    network.f6.bias.data.fill_(0.01)
    images = torch.rand(4, 1, 32, 32, generator=torch.Generator().manual_seed(1))
    labels = torch.arange(4)
    found = pruning.measure_saliencies(network, images, labels, MaximumLikelihood())
    slopes = network.f6.squash.derivative(
        network.f6(network.c5(network.s4(network.c3(network.s2(network.c1(images))))))
    )
    expected = (2 * slopes**2).mean(0) * 0.01**2 / 2
    assert torch.allclose(found["f6.bias"], expected, rtol=1e-4)
