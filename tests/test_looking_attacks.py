"""Attacks do what their names say: by hand on linear scores, and by differences."""

import copy

import pytest
import torch

from lenet_helpers.looking import attacks
from lenet_helpers.model.networks import LeNet1, LeNet5, Net1989


@pytest.fixture
def digits():
    generator = torch.Generator().manual_seed(0)
    pixels = 0.2 + 0.6 * torch.rand(4, 1, 28, 28, generator=generator)
    return pixels, torch.tensor([0, 1, 2, 3])


@pytest.fixture
def linear():
    """Give scores that are weighted sums of the pixels, and the weights."""
    weight = torch.randn(784, 10, generator=torch.Generator().manual_seed(1))
    return lambda pixels: pixels.flatten(1) @ weight, weight


def test_the_lead_is_that_of_the_best_wrong_class():
    scores = torch.tensor([[1.0, 4.0, 2.0], [3.0, 0.0, -1.0]])
    leads = attacks.measure_lead(scores, torch.tensor([1, 2]))
    assert leads.tolist() == [-2.0, 4.0]


def test_the_lead_of_a_linear_score_has_the_slope_of_two_classes(linear, digits):
    score, weight = linear
    pixels, labels = digits
    scores = score(pixels)
    for index, label in enumerate(labels.tolist()):
        scores[index, label] = -torch.inf
    best = scores.argmax(1)
    expected = (weight[:, best] - weight[:, labels]).T.view_as(pixels)
    gradient = attacks.find_gradient(score, pixels, labels)
    torch.testing.assert_close(gradient, expected)


@pytest.mark.parametrize("kind", [Net1989, LeNet1, LeNet5])
def test_the_gradient_agrees_with_finite_differences(kind, digits):
    network = kind(initial="root", seed=0).double()
    pixels, labels = digits
    pixels = pixels.double()

    def score(shown):
        # `prepare` gives 32-bit floats; their rounding is too coarse for differences.
        size, low, high = network.image_size, -0.1, 1.175
        field = torch.nn.functional.interpolate(shown, (size, size))
        return network.scores(low + (high - low) * field)

    gradient = attacks.find_gradient(score, pixels, labels)
    row, column = divmod(int(gradient[0].abs().argmax()), 28)
    step = torch.zeros_like(pixels)
    step[:, :, row, column] = 1e-6
    ends = [attacks.measure_lead(score(pixels + way * step), labels) for way in (1, -1)]
    slopes = (ends[0] - ends[1]) / 2e-6
    torch.testing.assert_close(
        gradient[:, 0, row, column], slopes, rtol=1e-4, atol=1e-6
    )


def test_a_network_reads_pixels_as_it_reads_stored_digits(digits):
    network, pixels = LeNet5(seed=0), (255 * digits[0]).to(torch.uint8)
    direct = network.scores(network.prepare(pixels))
    torch.testing.assert_close(attacks.read_pixels(network)(pixels / 255), direct)


def test_one_step_is_the_best_for_a_linear_score(linear, digits):
    score, _ = linear
    pixels, labels = digits
    gradient = attacks.find_gradient(score, pixels, labels)
    moved = attacks.step_once(score, pixels, labels, size=0.1)
    torch.testing.assert_close(moved - pixels, 0.1 * gradient.sign())
    euclid = attacks.step_once(score, pixels, labels, size=0.5, norm="l2")
    change = (euclid - pixels).flatten(1)
    torch.testing.assert_close(change.norm(dim=1), torch.full((4,), 0.5))
    cosine = torch.cosine_similarity(change, gradient.flatten(1))
    torch.testing.assert_close(cosine, torch.ones(4))


@pytest.mark.parametrize(("norm", "size"), [("linf", 0.3), ("l2", 4.0)])
def test_climbing_stays_within_the_size_and_the_ink_range(norm, size, linear):
    score, _ = linear
    pixels = torch.rand(6, 1, 28, 28, generator=torch.Generator().manual_seed(2))
    labels = torch.arange(6)
    moved = attacks.climb(score, pixels, labels, size=size, norm=norm)
    change = (moved - pixels).flatten(1)
    length = change.abs().amax(1) if norm == "linf" else change.norm(dim=1)
    assert (length <= size + 1e-5).all()
    assert length.max() > size / 2
    assert moved.min() >= 0 and moved.max() <= 1
    before, after = (
        attacks.measure_lead(score(shown), labels) for shown in (pixels, moved)
    )
    assert (after > before).all()


def test_noise_is_as_large_as_an_attack_and_the_same_for_a_seed():
    like = torch.zeros(3, 1, 28, 28)
    flat = attacks.draw_noise(like, size=0.1, seed=0)
    assert flat.abs().unique().tolist() == pytest.approx([0.1])
    assert abs(flat.mean()) < 0.01
    euclid = attacks.draw_noise(like, size=2.0, norm="l2", seed=0)
    torch.testing.assert_close(euclid.flatten(1).norm(dim=1), torch.full((3,), 2.0))
    assert torch.equal(flat, attacks.draw_noise(like, size=0.1, seed=0))
    assert not torch.equal(flat, attacks.draw_noise(like, size=0.1, seed=1))


def test_a_blind_search_climbs_without_a_gradient(linear, digits):
    score, _ = linear
    pixels, labels = digits
    before = pixels.clone()

    def hide(shown):
        assert not torch.is_grad_enabled()
        return score(shown).detach()

    found = attacks.search_blindly(hide, pixels, labels, size=0.1, num_tries=30)
    lead = attacks.measure_lead(score(found), labels)
    assert (lead > attacks.measure_lead(score(pixels), labels)).all()
    assert ((found - pixels).abs() < 0.1001).all()
    assert torch.equal(pixels, before)


def test_attacks_leave_the_network_as_it_was(digits):
    network = LeNet5(seed=0)
    before = copy.deepcopy(network.state_dict())
    attacks.climb(attacks.read_pixels(network), *digits, size=0.1, num_steps=2)
    assert all(torch.equal(before[k], v) for k, v in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"size": -0.1}, "`size` must be 0 or more"), ({"norm": "l1"}, "`norm` must be")],
)
def test_attacks_reject_other_sizes_and_norms(wrong, message, linear, digits):
    how = {"size": 0.1} | wrong
    with pytest.raises(ValueError, match=message):
        attacks.climb(linear[0], *digits, **how)
    with pytest.raises(ValueError, match=message):
        attacks.draw_noise(digits[0], seed=0, **how)
