"""Saliency maps against captum, finite differences and hand-made arrays."""

import pytest
import torch
from captum import attr
from scipy import stats

from lenet_helpers.looking import saliency
from lenet_helpers.model.networks import LeNet5


@pytest.fixture(scope="module")
def network():
    return LeNet5(initial="root", seed=0).double()


@pytest.fixture(scope="module")
def images():
    generator = torch.Generator().manual_seed(0)
    return torch.rand(2, 1, 32, 32, generator=generator, dtype=torch.float64)


@pytest.fixture(scope="module")
def score(network):
    return lambda x: network.scores(x)[:, 3]


def test_the_gradient_is_the_slope_of_the_score(score, images):
    maps = saliency.compute_gradient(score, images)
    step = torch.zeros_like(images)
    step[:, 0, 15, 16] = 1e-5
    slope = (score(images + step) - score(images - step)) / 2e-5
    assert torch.allclose(maps[:, 0, 15, 16], slope, rtol=1e-5)


def test_occlusion_averages_over_the_squares_that_cover_a_pixel():
    images = torch.tensor([[1.0, 2.0, 4.0]]).expand(1, 1, 3, 3).clone()
    total = saliency.occlude(lambda x: x.sum((1, 2, 3)), images, size=2, background=0.0)
    # Squares lose 6 (left) or 12 (right); the middle column is in both.
    assert total[0, 0, 0].tolist() == [6.0, 9.0, 12.0]


def test_integrated_gradients_share_a_product_in_halves():
    images = torch.tensor([2.0, 3.0]).view(1, 1, 1, 2)
    maps = saliency.integrate_gradients(
        lambda x: x.prod(3).flatten(), images, background=0.0
    )
    assert torch.allclose(maps.flatten(), torch.tensor([3.0, 3.0]))


def test_integrated_gradients_are_complete(score, images):
    maps = saliency.integrate_gradients(score, images, background=-0.1, num_steps=400)
    rise = score(images) - score(torch.full_like(images, -0.1))
    assert torch.allclose(maps.sum((1, 2, 3)), rise, rtol=1e-3)


def test_captum_gives_the_same_maps(images):
    network, images = LeNet5(initial="root", seed=0), images.float().requires_grad_()

    def score(x):
        return network.scores(x)[:, 3]

    def agree(ours, theirs):
        return torch.allclose(
            ours, theirs, rtol=1e-3, atol=1e-4 * theirs.abs().max().item()
        )

    theirs = attr.Saliency(network.scores).attribute(images, target=3, abs=False)
    assert agree(saliency.compute_gradient(score, images), theirs)
    theirs = attr.IntegratedGradients(network.scores).attribute(
        images, -0.1, target=3, n_steps=20, method="riemann_middle"
    )
    ours = saliency.integrate_gradients(score, images, background=-0.1, num_steps=20)
    assert agree(ours.detach(), theirs.float())
    theirs = attr.Occlusion(network.scores).attribute(
        images, (1, 20, 20), target=3, baselines=-0.1
    )
    assert agree(saliency.occlude(score, images, size=20, background=-0.1), theirs)


def test_only_the_named_layers_are_drawn_anew(network):
    changed = saliency.randomize(network, ["f6", "c5"], seed=1)
    for name, state in network.state_dict().items():
        is_drawn = name in ("c5.weight", "f6.weight")  # biases start at 0
        assert torch.equal(state, changed.state_dict()[name]) != is_drawn, name


def test_an_unknown_layer_is_not_drawn(network):
    with pytest.raises(ValueError, match=r"`layers` must be among c1, .*got c9"):
        saliency.randomize(network, ["c9"], seed=1)


def test_rank_correlation_is_scipys_with_ties_and_a_mask():
    generator = torch.Generator().manual_seed(0)
    one, other = torch.randint(0, 5, (2, 3, 1, 4, 4), generator=generator).double()
    mask = torch.rand(3, 1, 4, 4, generator=generator) < 0.7
    found = saliency.rank_correlate(one, other, mask)
    for value, a, b, counts in zip(found, one, other, mask, strict=True):
        assert value.item() == pytest.approx(
            stats.spearmanr(a[counts], b[counts]).statistic
        )
    whole = saliency.rank_correlate(one, one)
    assert torch.allclose(whole, torch.ones(3, dtype=torch.float64))


def test_the_most_salient_ink_is_removed_and_the_background_never():
    images = torch.tensor([[0.0, 1.0, 2.0, 3.0, 4.0]])[None, None]
    order = torch.tensor([[9.0, 1.0, 4.0, 3.0, 2.0]])[None, None]
    removed = saliency.remove_pixels(images, order, 0.5, background=0.0)
    assert removed.flatten().tolist() == [0.0, 1.0, 0.0, 0.0, 4.0]


def test_a_share_above_1_is_refused():
    images = torch.zeros(1, 1, 2, 2)
    with pytest.raises(ValueError, match=r"`share` must be from 0 to 1, got 1\.5"):
        saliency.remove_pixels(images, images, 1.5, background=0.0)
