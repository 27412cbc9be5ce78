"""Digits changed on purpose, as little as it takes for a network to misread them.

Pixels are shares of the ink range, from 0 (background) to 1 (ink), so a `size` of 0.1
is 25.5 of 255 grey levels, and 0.1 of the distance between background and ink in the
input of whatever network reads them (0.1275 in LeNet-5's, which go from -0.1 to 1.175).
With the norm "linf" no pixel may change by more than `size`; with "l2" the root of the
summed squares of all changes may be no larger.

A `score` is any callable from pixels, (N, 1, 28, 28) in [0, 1], to scores, (N, 10), the
largest for the answer: `read_pixels` makes one of a network.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from lenet_helpers.model.digit_network import DigitNetwork

NORMS = ("linf", "l2")
Score = Callable[[Tensor], Tensor]


def read_pixels(network: DigitNetwork) -> Score:
    """Make a network read pixels in [0, 1], so that all are attacked in one unit.

    Parameters
    ----------
    network : DigitNetwork

    Returns
    -------
    callable, (N, 1, 28, 28) in [0, 1] to (N, 10)
    """
    return lambda pixels: network.scores(network.prepare(pixels))


def measure_lead(scores: Tensor, labels: Tensor) -> Tensor:
    """Measure how far the best wrong class leads the right one: above 0 is an error.

    It has a slope however sure a network is, where the cross-entropy's goes to 0.

    Parameters
    ----------
    scores : Tensor, (N, 10)
    labels : Tensor, (N,) int64

    Returns
    -------
    Tensor, (N,)

    References
    ----------
    Carlini and Wagner 2017, Sec. V-A, f6.
    """
    is_right = functional.one_hot(labels, scores.shape[1]).bool()
    wrong = scores.masked_fill(is_right, -torch.inf).amax(1)
    return wrong - scores[is_right]


def measure_cross_entropy(scores: Tensor, labels: Tensor) -> Tensor:
    """Measure minus the logarithm of the right class's softmax, (N, 10) to (N,)."""
    return functional.cross_entropy(scores, labels, reduction="none")


def find_gradient(
    score: Score,
    pixels: Tensor,
    labels: Tensor,
    *,
    loss: Callable[[Tensor, Tensor], Tensor] = measure_lead,
) -> Tensor:
    """Differentiate each digit's loss in its pixels; nothing else changes.

    Parameters
    ----------
    score : callable
    pixels : Tensor, (N, 1, 28, 28) float in [0, 1]
    labels : Tensor, (N,) int64
    loss : callable, scores and labels to (N,)

    Returns
    -------
    Tensor, as `pixels`
    """
    pixels = pixels.detach().requires_grad_(True)
    total = loss(score(pixels), labels).sum()
    return torch.autograd.grad(total, pixels)[0]


def draw_noise(like: Tensor, *, size: float, norm: str = "linf", seed: int) -> Tensor:
    """Draw noise that is as large as an attack.

    Parameters
    ----------
    like : Tensor, (N, 1, H, W)
    size : float
        Of the noise of every digit: each pixel is `size` or ``-size`` with "linf"; the
        norm is `size` with "l2", all directions equally likely.
    norm : {"linf", "l2"}
    seed : int

    Returns
    -------
    Tensor, as `like`

    Raises
    ------
    ValueError : `size` is negative, or `norm` unknown.
    """
    _check(size, norm)
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(like.shape, generator=generator)
    return _point(noise, size, norm)


def step_once(
    score: Score,
    pixels: Tensor,
    labels: Tensor,
    *,
    size: float,
    norm: str = "linf",
    loss: Callable[[Tensor, Tensor], Tensor] = measure_lead,
) -> Tensor:
    """Go once, and as far as allowed, where the loss rises fastest.

    Parameters
    ----------
    score, pixels, labels, loss
        As for `find_gradient`.
    size : float
    norm : {"linf", "l2"}

    Returns
    -------
    Tensor, as `pixels`, in [0, 1]

    Raises
    ------
    ValueError : `size` is negative, or `norm` unknown.

    References
    ----------
    Goodfellow et al. 2015, Sec. 4: the fast gradient sign method (with "linf").
    """
    _check(size, norm)
    gradient = find_gradient(score, pixels, labels, loss=loss)
    return (pixels + _point(gradient, size, norm)).clamp(0, 1)


def climb(
    score: Score,
    pixels: Tensor,
    labels: Tensor,
    *,
    size: float,
    norm: str = "linf",
    num_steps: int = 20,
    seed: int = 0,
    loss: Callable[[Tensor, Tensor], Tensor] = measure_lead,
) -> Tensor:
    """Climb the loss in steps, and come back after each to what is allowed.

    The start is `draw_noise` of half the size; a step is 2.5 sizes over their number.

    Parameters
    ----------
    score, pixels, labels, loss
        As for `find_gradient`.
    size : float
    norm : {"linf", "l2"}
    num_steps, seed : int

    Returns
    -------
    Tensor, as `pixels`, in [0, 1], no farther from it than `size`

    Raises
    ------
    ValueError : `size` is negative, or `norm` unknown.

    References
    ----------
    Madry et al. 2018, Sec. 2.1: projected gradient descent on the negative loss.
    """
    _check(size, norm)
    noise = draw_noise(pixels, size=size / 2, norm=norm, seed=seed)
    moved = (pixels + noise).clamp(0, 1)
    for _ in range(num_steps):
        gradient = find_gradient(score, moved, labels, loss=loss)
        moved = moved + _point(gradient, 2.5 * size / num_steps, norm)
        moved = (pixels + _shorten(moved - pixels, size, norm)).clamp(0, 1)
    return moved


def search_blindly(
    score: Score,
    pixels: Tensor,
    labels: Tensor,
    *,
    size: float,
    num_tries: int = 300,
    side: int = 5,
    seed: int = 0,
) -> Tensor:
    """Try random squares, and keep what makes the lead larger: no gradient is asked.

    Each try moves one square of each digit to the largest or the smallest ink allowed.

    Parameters
    ----------
    score, pixels, labels
        As for `find_gradient`.
    size : float
        In the norm "linf".
    num_tries, side, seed : int
        `side` is that of the squares, in pixels.

    Returns
    -------
    Tensor, as `pixels`, in [0, 1], no pixel farther from it than `size`

    References
    ----------
    After Andriushchenko et al. 2020, whose squares shrink as the search goes on.
    """
    _check(size, "linf")
    generator = torch.Generator().manual_seed(seed)
    best, height = pixels.clone(), pixels.shape[-1]
    with torch.no_grad():
        leads = measure_lead(score(best), labels)
        for _ in range(num_tries):
            shape = (len(pixels), 1, 1, 1)
            corner = torch.randint(height - side + 1, (2, *shape), generator=generator)
            sign = 2 * torch.randint(2, shape, generator=generator) - 1
            place = torch.arange(height)
            inside = [(place >= one) & (place < one + side) for one in corner]
            square = inside[0].mT & inside[1]  # (N, 1, H, W)
            tried = torch.where(square, (pixels + size * sign).clamp(0, 1), best)
            found = measure_lead(score(tried), labels)
            is_better = found > leads
            best[is_better], leads[is_better] = tried[is_better], found[is_better]
    return best


def _check(size, norm):
    if not size >= 0:
        raise ValueError(f"`size` must be 0 or more, got {size}.")
    if norm not in NORMS:
        raise ValueError(f"`norm` must be one of {', '.join(NORMS)}, got {norm!r}.")


def _point(direction, size, norm):
    """Give the step of one size along a direction: all pixels, or the whole digit."""
    if norm == "linf":
        return size * direction.sign()
    return size * functional.normalize(direction.flatten(1)).view_as(direction)


def _shorten(change, size, norm):
    """Bring a change back to what is allowed."""
    if norm == "linf":
        return change.clamp(-size, size)
    lengths = change.flatten(1).norm(dim=1)[:, None, None, None]
    return change * (size / lengths.clamp(min=1e-12)).clamp(max=1)
