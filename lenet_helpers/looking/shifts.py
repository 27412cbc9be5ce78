"""Digits moved by a known amount: shifted, turned, scaled, slanted."""

import torch
from torch import Tensor
from torch.nn import functional


def shift(images: Tensor, rows: int, columns: int, *, background: float = 0.0):
    """Move images by whole pixels, exactly; what leaves the field is lost.

    Parameters
    ----------
    images : Tensor, (..., H, W)
    rows, columns : int
        Downwards and to the right; negative: upwards and to the left.
    background : float
        The value of what comes in.

    Returns
    -------
    Tensor, as `images`

    Raises
    ------
    ValueError : a shift is as large as the image.
    """
    height, width = images.shape[-2:]
    if abs(rows) >= height or abs(columns) >= width:
        raise ValueError(
            f"`rows` and `columns` must be smaller than the image, {height} x {width},"
            f" got {rows} and {columns}."
        )
    moved = torch.full_like(images, background)
    to_rows, from_rows = _find_slices(rows, height)
    to_columns, from_columns = _find_slices(columns, width)
    moved[..., to_rows, to_columns] = images[..., from_rows, from_columns]
    return moved


def warp(
    images: Tensor,
    *,
    turn: Tensor | float = 0.0,
    scale: Tensor | float = 1.0,
    slant: Tensor | float = 0.0,
) -> Tensor:
    """Turn, scale and slant images about the middle of their field, bilinearly.

    Parameters
    ----------
    images : Tensor, (N, 1, H, W) float
        0 is background.
    turn : Tensor, (N,), or float
        Degrees, clockwise.
    scale : Tensor, (N,), or float
        2 is twice as large.
    slant : Tensor, (N,), or float
        How far a row moves to the right, per row above the middle.

    Returns
    -------
    Tensor, as `images`

    Raises
    ------
    ValueError : `images` has another shape or is of whole numbers, or a scale is not
        above 0.
    """
    if images.ndim != 4 or not images.is_floating_point():
        raise ValueError(
            f"`images` must be (N, 1, H, W) of floats, got {tuple(images.shape)} of"
            f" {images.dtype}."
        )
    number = len(images)
    angle, size, lean = (
        torch.as_tensor(value, dtype=images.dtype).expand(number)
        for value in (turn, scale, slant)
    )
    if (size <= 0).any():
        raise ValueError(f"`scale` must be above 0, got {size.min().item()}.")
    cosine, sine = torch.deg2rad(angle).cos(), torch.deg2rad(angle).sin()
    # Where a pixel is read: back through the turn, then through the slant and the size.
    across = torch.stack([cosine - lean * sine, sine + lean * cosine], 1)
    down = torch.stack([-sine, cosine], 1)
    matrix = torch.stack([across, down], 1) / size[:, None, None]
    theta = torch.cat([matrix, torch.zeros(number, 2, 1).to(images)], 2)
    grid = functional.affine_grid(theta, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, align_corners=False)


def alternate(number: int) -> Tensor:
    """Give signs +1, -1, +1, ... so that every other digit moves the other way."""
    return 1.0 - 2.0 * (torch.arange(number) % 2)


def shift_around(images: Tensor, pixels: int) -> Tensor:
    """Move the images right, left, down and up in turn, each by as many pixels.

    Parameters
    ----------
    images : Tensor, (N, 1, H, W)
    pixels : int

    Returns
    -------
    Tensor, as `images`
    """
    moved = images.clone()
    for k, (rows, columns) in enumerate([(0, 1), (0, -1), (1, 0), (-1, 0)]):
        moved[k::4] = shift(images[k::4], pixels * rows, pixels * columns)
    return moved


def _find_slices(distance, length):
    """Give where pixels go to and where they come from, along one axis."""
    goal = slice(max(distance, 0), length + min(distance, 0))
    return goal, slice(max(-distance, 0), length + min(-distance, 0))
