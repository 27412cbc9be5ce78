"""Fifteen corruptions of digits in five strengths, in the manner of MNIST-C.

They are made by this code, from a seed, and are not the files of Mu and Gilmer 2019:
twelve are of the kinds that they list, three more (Gaussian noise, blur, contrast) are
of those of Hendrycks and Dietterich 2019; the strengths are ours. Inside, pixels are
shares of the ink range, (N, 1, 28, 28) float in [0, 1].
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional
from torchvision.transforms.functional import gaussian_blur

from lenet_helpers.looking.shifts import warp

STRENGTHS: dict[str, tuple[str, tuple[float, ...]]] = {  # unit, and five values
    "Gaussian noise": ("s.d., share of ink", (0.1, 0.2, 0.3, 0.4, 0.5)),
    "shot noise": ("photons at full ink", (40, 20, 10, 5, 3)),
    "impulse noise": ("share of pixels", (0.04, 0.08, 0.16, 0.24, 0.32)),
    "blur": ("s.d., pixels", (0.6, 0.9, 1.2, 1.6, 2.0)),
    "motion blur": ("length, pixels", (3, 5, 7, 9, 11)),
    "glass blur": ("reach, pixels", (0.6, 0.9, 1.2, 1.6, 2.0)),
    "fog": ("thickest, share of ink", (0.2, 0.3, 0.4, 0.5, 0.6)),
    "contrast": ("share of ink left", (0.7, 0.5, 0.35, 0.25, 0.15)),
    "stripe": ("width, pixels", (1, 2, 3, 4, 5)),
    "dotted line": ("lines", (1, 2, 3, 4, 5)),
    "zigzag": ("lines", (1, 2, 3, 4, 5)),
    "translate": ("pixels", (1, 2, 3, 4, 5)),
    "rotate": ("degrees", (10, 20, 30, 40, 50)),
    "scale": ("size, share", (0.9, 0.8, 0.7, 0.6, 0.5)),
    "shear": ("shift at top, half heights", (0.15, 0.3, 0.45, 0.6, 0.75)),
}
NAMES = tuple(STRENGTHS)
NUM_STRENGTHS = 5


def corrupt(images: Tensor, name: str, *, strength: int, seed: int = 0) -> Tensor:
    """Corrupt each image, with chances of its own.

    Parameters
    ----------
    images : Tensor, (N, 1, 28, 28) uint8
    name : str, one of `NAMES`
    strength : int
        From 1 to 5; `STRENGTHS` says what each is.
    seed : int
        The same chances for all strengths, so that they differ by nothing else.

    Returns
    -------
    Tensor, as `images`

    Raises
    ------
    ValueError : `name` is unknown, `strength` is none of 1 to 5, or `images` is not of
        whole numbers.

    References
    ----------
    Mu and Gilmer 2019; Hendrycks and Dietterich 2019.
    """
    if name not in NAMES:
        raise ValueError(f"`name` must be one of {', '.join(NAMES)}, got {name!r}.")
    if strength not in range(1, NUM_STRENGTHS + 1):
        raise ValueError(f"`strength` must be 1, 2, 3, 4 or 5, got {strength!r}.")
    if images.dtype != torch.uint8:
        raise ValueError(f"`images` must be stored pixels, uint8, got {images.dtype}.")
    amount = STRENGTHS[name][1][strength - 1]
    generator = torch.Generator().manual_seed(1000 * NAMES.index(name) + seed)
    changed = _WAYS[name](images / 255, amount, generator)
    return (255 * changed.clamp(0, 1)).round().to(torch.uint8)


def _add_noise(ink, deviation, generator):
    return ink + deviation * torch.randn(ink.shape, generator=generator)


def _count_photons(ink, number, generator):
    return torch.poisson(number * ink, generator=generator) / number


def _flip_pixels(ink, share, generator):
    """Set a share of the pixels to no ink or to full ink, half of them each."""
    draw = torch.rand(ink.shape, generator=generator)
    return torch.where(draw < share, (draw < share / 2).float(), ink)


def _blur(ink, deviation, generator):
    return gaussian_blur(ink, [13, 13], [deviation, deviation])


def _blur_along(ink, length, generator):
    """Average over a line of so many pixels, in a direction of the image's own."""
    angles = torch.pi * torch.rand(len(ink), generator=generator)
    steps = torch.linspace(-0.5, 0.5, int(length)) * (length - 1)
    moved = [_move(ink, step * angles.cos(), step * angles.sin()) for step in steps]
    return torch.stack(moved).mean(0)


def _blur_by_glass(ink, reach, generator):
    """Read each pixel at a place nearby, as through uneven glass."""
    offsets = torch.rand(len(ink), 28, 28, 2, generator=generator) * 2 - 1
    return functional.grid_sample(
        ink, _same(ink) + reach * offsets * 2 / 28, align_corners=False
    )


def _add_fog(ink, thickness, generator):
    """Lay smooth clouds over the digit, from none to the thickest."""
    clouds = torch.zeros_like(ink)
    for side, weight in ((3, 0.5), (5, 0.3), (9, 0.2)):
        coarse = torch.rand(len(ink), 1, side, side, generator=generator)
        clouds += weight * functional.interpolate(
            coarse, (28, 28), mode="bicubic", align_corners=True
        ).clamp(0, 1)
    low, high = clouds.amin((2, 3), True), clouds.amax((2, 3), True)
    fog = thickness * (clouds - low) / (high - low)
    return ink + (1 - ink) * fog


def _fade(ink, share, generator):
    return share * ink


def _draw_stripe(ink, width, generator):
    """Turn ink into paper and paper into ink in a slanted stripe near the middle."""
    angle = torch.pi * torch.rand(len(ink), 1, 1, 1, generator=generator)
    offset = 8 * torch.rand(len(ink), 1, 1, 1, generator=generator) - 4
    rows, columns = (torch.arange(28) - 13.5)[:, None], (torch.arange(28) - 13.5)[None]
    gap = columns * angle.cos() + rows * angle.sin() - offset
    return torch.where(gap.abs() <= width / 2, 1 - ink, ink)


def _draw_dots(ink, number, generator):
    """Draw straight dotted lines from border to border."""
    return _draw_lines(ink, number, generator, height=0.0, is_dotted=True)


def _draw_zigzags(ink, number, generator):
    """Draw lines from border to border that go up and down by two pixels."""
    return _draw_lines(ink, number, generator, height=2.0, is_dotted=False)


def _draw_lines(ink, number, generator, *, height, is_dotted):
    """Lay lines of a pixel's width over the digit, each between random edge points."""
    along = torch.linspace(0, 1, 15 if is_dotted else 113)
    wave = height * (2 * ((6 * along) % 1 - 0.5).abs() * 2 - 1)
    lines = torch.zeros_like(ink)
    index = torch.arange(len(ink))[:, None].expand(-1, len(along))
    for _ in range(int(number)):
        ends = 27 * torch.rand(2, len(ink), 1, generator=generator)
        is_down = torch.rand(len(ink), 1, generator=generator) < 0.5
        across = ends[0] + (ends[1] - ends[0]) * along + wave
        ahead = (27 * along).expand_as(across)
        rows = torch.where(is_down, ahead, across).round().clamp(0, 27).long()
        columns = torch.where(is_down, across, ahead).round().clamp(0, 27).long()
        lines[index, 0, rows, columns] = 1.0
    return torch.maximum(ink, lines)


def _translate(ink, distance, generator):
    angles = 2 * torch.pi * torch.rand(len(ink), generator=generator)
    return _move(ink, distance * angles.cos(), distance * angles.sin())


def _rotate(ink, degrees, generator):
    return warp(ink, turn=degrees * _draw_signs(ink, generator))


def _scale(ink, size, generator):
    return warp(ink, scale=size)


def _shear(ink, slant, generator):
    return warp(ink, slant=slant * _draw_signs(ink, generator))


def _draw_signs(ink, generator):
    return 2.0 * torch.randint(2, (len(ink),), generator=generator) - 1


def _move(ink, right, down):
    """Move each image by its own number of pixels."""
    moves = torch.stack([right, down], 1)[:, None, None] * 2 / 28
    return functional.grid_sample(ink, _same(ink) - moves, align_corners=False)


def _same(ink):
    """Give the places of the pixels themselves, as `grid_sample` wants them."""
    theta = torch.eye(2, 3).expand(len(ink), 2, 3)
    return functional.affine_grid(theta, list(ink.shape), align_corners=False)


_WAYS: dict[str, Callable[..., Tensor]] = {
    "Gaussian noise": _add_noise,
    "shot noise": _count_photons,
    "impulse noise": _flip_pixels,
    "blur": _blur,
    "motion blur": _blur_along,
    "glass blur": _blur_by_glass,
    "fog": _add_fog,
    "contrast": _fade,
    "stripe": _draw_stripe,
    "dotted line": _draw_dots,
    "zigzag": _draw_zigzags,
    "translate": _translate,
    "rotate": _rotate,
    "scale": _scale,
    "shear": _shear,
}
