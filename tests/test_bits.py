"""Rounding to few bits, by hand on small arrays."""

import pytest
import torch

from lenet_helpers import LeNet1
from lenet_helpers.looking import bits
from lenet_helpers.model.losses import SquaredError


def test_two_bits_give_four_values_symmetric_about_zero():
    weights = torch.tensor([-9.0, -1.2, -0.4, 0.0, 0.9, 1.1, 5.0])
    rounded = bits.round_weights(weights, bits=2, step=1.0)
    assert rounded.tolist() == [-1.5, -1.5, -0.5, 0.5, 0.5, 1.5, 1.5]


def test_one_bit_keeps_the_sign():
    weights = torch.tensor([-3.0, -0.1, 0.2])
    assert bits.round_weights(weights, bits=1, step=0.8).tolist() == pytest.approx(
        [-0.4, -0.4, 0.4]
    )


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"bits": 0, "step": 1.0}, "`bits` must be 1 or more, got 0"),
        ({"bits": 2, "step": 0.0}, "`step` must be above 0, got 0.0"),
    ],
)
def test_rounding_refuses(how, message):
    with pytest.raises(ValueError, match=message):
        bits.round_weights(torch.ones(2), **how)


def test_the_best_step_of_one_bit_is_twice_the_mean_magnitude():
    """The least squares for +-a is a = mean |w|: checked against that closed form."""
    weights = torch.randn(2_000, generator=torch.Generator().manual_seed(0))
    step = bits.choose_step(weights, bits=1)
    assert step == pytest.approx(2 * weights.abs().mean().item(), rel=0.05)


def test_values_on_a_grid_are_kept_and_zeros_do_not_count():
    weights = torch.tensor([-1.5, -0.5, 0.5, 1.5, 0.0, 0.0]) * 0.75
    step = bits.choose_step(weights, bits=2)
    rounded = bits.round_weights(weights[:4], bits=2, step=step)
    assert step == pytest.approx(0.75, rel=0.05)
    assert torch.allclose(rounded, weights[:4], rtol=0.05)
    with pytest.raises(ValueError, match="one that is not 0, got none"):
        bits.choose_step(torch.zeros(3), bits=2)


def test_a_rounded_network_has_few_values_and_its_zeros_and_biases():
    network = LeNet1(initial="root", seed=0)
    network.h3.weight.data[0] = 0
    rounded = bits.round_network(network, bits=2)
    values = rounded.h3.weight.unique()
    assert len(values) == 5  # four and the deleted 0
    assert not rounded.h3.weight[0].any()
    assert torch.equal(rounded.h3.bias, network.h3.bias)
    assert torch.equal(rounded.h2.weight, network.h2.weight)  # coefficients
    assert len(network.h3.weight.unique()) > 100  # it stays as it was


def test_training_through_the_rounding_moves_weights_between_few_values():
    network = LeNet1(initial="root", seed=0)
    images = torch.rand(16, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(16) % 10
    loss = SquaredError()
    rounded = bits.round_network(network, bits=2)
    trained = bits.train_rounded(
        network,
        images,
        labels,
        bits=2,
        loss=loss,
        num_epochs=20,
        learning_rate=0.003,
        batch_size=8,
        seed=0,
    )
    assert torch.equal(trained.h3.weight.unique(), rounded.h3.weight.unique())
    assert not torch.equal(trained.h3.weight, rounded.h3.weight)
    assert loss(trained(images), labels) < loss(rounded(images), labels)
