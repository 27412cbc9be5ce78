"""What excites a unit: receptive fields, ranks, gradient ascent."""

import pytest
import torch
from torch import nn

from lenet_helpers.looking import lesions, units
from lenet_helpers.model.networks import LeNet1, LeNet5, Net1989
from lenet_helpers.model.today import ModernLeNet


@pytest.mark.parametrize("layer", ["c1", "s2", "c3", "s4", "c5", "f6"])
def test_a_field_holds_the_pixels_that_change_a_unit_and_no_others(layer):
    network = LeNet5(initial="root", seed=1).double()
    image = torch.rand(1, 1, 32, 32, dtype=torch.float64).requires_grad_()
    states = lesions.compute_states(network, image, layer)
    if states.ndim == 4:
        row = states.shape[2] // 2
        unit = states[0, -1, row, row]
    else:
        row, unit = 0, states[0, 0]
    slope = torch.autograd.grad(unit, image)[0][0, 0]
    seen = slope.abs().sum(1).nonzero().flatten()
    size, step, start = units.find_receptive_field(network, layer)
    assert (seen[0].item(), len(seen)) == (start + step * row, size)


@pytest.mark.parametrize(
    ("network", "layer", "field"),
    [
        (LeNet1(), "h3", (14, 2, 0)),
        (Net1989(), "h1", (5, 2, -2)),
        (Net1989(), "h2", (13, 4, -6)),
        (ModernLeNet(), "c3", (14, 2, 0)),
        (ModernLeNet(), "f5", (28, 0, 0)),
    ],
)
def test_fields_of_other_networks(network, layer, field):
    assert units.find_receptive_field(network, layer) == field


def test_an_unknown_layer_is_named():
    with pytest.raises(ValueError, match=r"`layer` must be one of c1, s2.*'c9'"):
        units.find_receptive_field(LeNet5(), "c9")


def test_the_most_and_least_exciting_digits_are_found_with_their_places():
    states = torch.zeros(3, 2, 2, 3)
    states[0, 1, 0, 2], states[1, 1, 1, 0], states[2, 1, 1, 1] = 5.0, 7.0, -2.0
    found = units.find_exciting(states, 1, number=2)
    assert found.indices.tolist() == [1, 0]
    assert (found.rows.tolist(), found.columns.tolist()) == ([1, 0], [0, 2])
    assert found.values.tolist() == [7.0, 5.0]
    least = units.find_exciting(states, 1, number=1, largest=False)
    assert (least.indices.item(), least.values.item()) == (2, -2.0)
    assert (least.rows.item(), least.columns.item()) == (1, 1)


def test_a_unit_without_a_map_has_place_0():
    found = units.find_exciting(torch.tensor([[1.0, 3.0], [2.0, 4.0]]), 1, number=1)
    assert [part.item() for part in found] == [1, 0, 0, 4.0]


def test_climbing_a_linear_measure_goes_straight_along_its_weights():
    weights = torch.tensor([[3.0, 0.0], [0.0, -4.0]])[None, None]
    start = torch.zeros(1, 1, 2, 2)
    end = units.climb(lambda x: (weights * x).sum((1, 2, 3)), start, num_steps=10)
    # The root mean square of the weights is 2.5; ten steps of 0.05.
    assert torch.allclose(end, 0.5 * weights / 2.5)
    assert not start.any()


def test_the_prior_for_little_ink_pulls_to_the_background():
    start = torch.full((1, 1, 2, 2), 3.0)
    flat = units.climb(
        lambda x: 0 * x.sum((1, 2, 3)), start, num_steps=1, rate=1, size=1, background=1
    )
    assert torch.allclose(flat, torch.ones_like(flat))


def test_roughness_is_the_gradient_of_half_the_squared_differences():
    images = torch.randn(2, 1, 4, 5, dtype=torch.float64).requires_grad_()
    energy = sum(images.diff(dim=axis).square().sum() / 2 for axis in (2, 3))
    (slope,) = torch.autograd.grad(energy, images)
    assert torch.allclose(units.find_roughness(images.detach()), slope)


def test_jitter_depends_on_the_seed_alone():
    measure = nn.Sequential(nn.Flatten(), nn.Linear(25, 1), nn.Flatten(0))
    start = torch.zeros(1, 1, 5, 5)

    def end(seed):
        return units.climb(measure, start, num_steps=5, jitter=2, seed=seed)

    assert torch.equal(end(0), end(0))
    assert not torch.equal(end(0), end(1))
