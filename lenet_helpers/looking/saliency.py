"""Which pixels an answer rests on: three ways to ask, and a control."""

import copy
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from lenet_helpers.model.digit_network import DigitNetwork
from lenet_helpers.model.networks import initialize

Score = Callable[[Tensor], Tensor]  # (N, 1, H, W) to (N,)


def compute_gradient(score: Score, images: Tensor) -> Tensor:
    """Compute how fast the score of each image changes with each of its pixels.

    Parameters
    ----------
    score : function, (N, 1, H, W) to (N,)
    images : Tensor, (N, 1, H, W)

    Returns
    -------
    Tensor, as `images`

    References
    ----------
    Simonyan et al. 2014, Sec. 3.
    """
    images = images.detach().requires_grad_()
    (slopes,) = torch.autograd.grad(score(images).sum(), images)
    return slopes


@torch.no_grad()
def occlude(
    score: Score, images: Tensor, *, size: int = 5, background: float
) -> Tensor:
    """Paint squares out, one after the other, and see how far the score falls.

    Parameters
    ----------
    score : function, (N, 1, H, W) to (N,)
    images : Tensor, (N, 1, H, W)
    size : int
        Of a square, in pixels.
    background : float
        What it is painted with.

    Returns
    -------
    Tensor, as `images`
        Of each pixel, the mean fall over the squares that cover it.

    References
    ----------
    Zeiler and Fergus 2014, Sec. 4.2.
    """
    whole = score(images)
    sums, covers = torch.zeros_like(images), torch.zeros_like(images)
    height, width = images.shape[-2:]
    for row in range(height - size + 1):
        for column in range(width - size + 1):
            square = ..., slice(row, row + size), slice(column, column + size)
            painted = images.clone()
            painted[square] = background
            sums[square] += (whole - score(painted))[:, None, None, None]
            covers[square] += 1
    return sums / covers


def integrate_gradients(
    score: Score, images: Tensor, *, background: float, num_steps: int = 64
) -> Tensor:
    """Add up the gradient on the straight way from an empty image to each image.

    Parameters
    ----------
    score : function, (N, 1, H, W) to (N,)
    images : Tensor, (N, 1, H, W)
    background : float
        Every pixel of the empty image.
    num_steps : int
        The integral is a sum over the middles of so many pieces of the way.

    Returns
    -------
    Tensor, as `images`
        Their sum over an image is what its score exceeds that of the empty image by, up
        to what the finite number of steps costs.

    References
    ----------
    Sundararajan et al. 2017, eq. 1 and Proposition 1.
    """
    way = images - background
    sums = torch.zeros_like(images)
    for step in range(num_steps):
        share = (step + 0.5) / num_steps
        sums += compute_gradient(score, background + share * way)
    return way * sums / num_steps


def randomize(
    network: DigitNetwork, layers: Sequence[str], *, seed: int
) -> DigitNetwork:
    """Copy a network and draw the weights of some layers anew.

    Parameters
    ----------
    network : DigitNetwork
        One of `model.networks`.
    layers : sequence of str
    seed : int

    Returns
    -------
    DigitNetwork

    Raises
    ------
    ValueError : a layer is unknown.

    References
    ----------
    Adebayo et al. 2018, Sec. 3.1.
    """
    names = [name for name, _ in network.named_children()]
    if unknown := set(layers) - set(names):
        raise ValueError(
            f"`layers` must be among {', '.join(names)}, got {', '.join(unknown)}."
        )
    drawn, changed = copy.deepcopy(network), copy.deepcopy(network)
    initialize(drawn, initial="root", seed=seed)
    for name in layers:
        state = drawn.get_submodule(name).state_dict()
        changed.get_submodule(name).load_state_dict(state)
    return changed


def rank_correlate(one: Tensor, other: Tensor, mask: Tensor | None = None) -> Tensor:
    """Compute the rank correlation of two maps of each image (Spearman's).

    Parameters
    ----------
    one, other : Tensor, (N, 1, H, W)
    mask : Tensor of bool, (N, 1, H, W), optional
        The pixels that count; by default all.

    Returns
    -------
    Tensor, (N,) float64, in [-1, 1]
    """
    if mask is None:
        mask = torch.ones_like(one, dtype=torch.bool)
    results = []
    for a, b, counts in zip(one, other, mask, strict=True):
        pair = torch.stack([_rank(a[counts]), _rank(b[counts])])
        results.append(torch.corrcoef(pair)[0, 1])
    return torch.stack(results)


def remove_pixels(
    images: Tensor, order: Tensor, share: float, *, background: float
) -> Tensor:
    """Paint out a share of the ink of each image, those pixels first that rank highest.

    Parameters
    ----------
    images : Tensor, (N, 1, H, W)
    order : Tensor, (N, 1, H, W)
        The pixels with the largest values are removed; only ink is.
    share : float
        Of the pixels above `background`, from 0 to 1.
    background : float

    Returns
    -------
    Tensor, as `images`

    Raises
    ------
    ValueError : `share` is not from 0 to 1.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"`share` must be from 0 to 1, got {share}.")
    flat, ink = images.flatten(1), (images > background).flatten(1)
    order = order.flatten(1).masked_fill(~ink, -torch.inf)
    places = order.argsort(1, descending=True).argsort(1)  # 0 for the highest
    numbers = (share * ink.sum(1, keepdim=True)).round()
    removed = torch.where(places < numbers, background, flat)
    return removed.view_as(images)


def _rank(values: Tensor) -> Tensor:
    """Rank values from 0; equal values share the mean of their ranks."""
    _, inverse, counts = values.unique(return_inverse=True, return_counts=True)
    ends = counts.cumsum(0).double()
    return (ends - (counts.double() + 1) / 2)[inverse]
