"""What excites a unit: digits that do, the part of them it sees, and made-up images."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from lenet_helpers.model.digit_network import DigitNetwork
from lenet_helpers.model.layers import MapConvolution, Subsampling


class Field(NamedTuple):
    """Which pixels the units of a layer see.

    Parameters
    ----------
    size : int
        Height and width of the receptive field, in pixels.
    step : int
        Pixels between the fields of two neighbours; 0 where every unit sees all.
    start : int
        The first row, and column, that the first unit sees; negative in a border.
    """

    size: int
    step: int
    start: int


class Excited(NamedTuple):
    """Digits ranked by a unit, the first the most extreme.

    Parameters
    ----------
    indices : Tensor, (number,) int64
        Of the digits.
    rows, columns : Tensor, (number,) int64
        Where in the map the unit lies that was most excited; 0 where there is no map.
    values : Tensor, (number,)
        Its states.
    """

    indices: Tensor
    rows: Tensor
    columns: Tensor
    values: Tensor


def find_receptive_field(network: DigitNetwork, layer: str) -> Field:
    """Find which pixels a unit of a layer sees, from kernels, strides and borders.

    Parameters
    ----------
    network : DigitNetwork
    layer : str
        The name of one of its layers.

    Returns
    -------
    Field
        The unit in row r and column c of a map sees ``size`` rows from
        ``start + step * r`` on, and as many columns from ``start + step * c`` on.

    Raises
    ------
    ValueError : the network has no such layer.
    """
    children = dict(network.named_children())
    if layer not in children:
        known = ", ".join(children)
        raise ValueError(f"`layer` must be one of {known}, got {layer!r}.")
    size, step, start = 1, 1, 0
    for name, child in children.items():
        shape = _read_window(child)
        if shape is None:  # every unit sees every state below
            return Field(network.image_size, 0, 0)
        window, stride, border = shape
        start -= border * step
        size += (window - 1) * step
        step *= stride
        if name == layer:
            break
    return Field(size, step, start)


def find_exciting(
    states: Tensor, unit: int, *, number: int, largest: bool = True
) -> Excited:
    """Find the digits on which a unit's state is most extreme, at any place of its map.

    Parameters
    ----------
    states : Tensor, (N, maps, H, W) or (N, units)
        Of one layer, as `lesions.compute_states` gives them.
    unit : int
        The map, or the unit.
    number : int
        How many digits.
    largest : bool
        Look for the largest states, or for the smallest.

    Returns
    -------
    Excited
    """
    maps = states.reshape(*states.shape[:2], *(states.shape[2:] or (1, 1)))[:, unit]
    signed = maps.flatten(1) if largest else -maps.flatten(1)  # (N, H * W)
    best, places = signed.max(1)
    values, indices = best.topk(number)
    places = places[indices]
    width = maps.shape[-1]
    values = values if largest else -values
    return Excited(indices, places // width, places % width, values)


def climb(
    measure: Callable[[Tensor], Tensor],
    images: Tensor,
    *,
    num_steps: int = 200,
    rate: float = 0.05,
    size: float = 0.0,
    roughness: float = 0.0,
    jitter: int = 0,
    background: float = 0.0,
    seed: int = 0,
) -> Tensor:
    """Change images so that a measure of each grows, by gradient ascent.

    Every step goes along the gradient, which is divided by its root mean square in each
    image, so that units of every scale are treated alike.

    Parameters
    ----------
    measure : function, (N, 1, H, W) to (N,)
        Such as the state of a unit.
    images : Tensor, (N, 1, H, W)
        Where to start: noise.
    num_steps : int
    rate : float
        Of a step, in the units of a pixel.
    size : float
        How strongly each step draws pixels back to `background`: a prior for little
        ink.
    roughness : float
        How strongly each step draws a pixel towards its four neighbours: a prior for
        smooth images.
    jitter : int
        The image is measured at a random place, up to so many pixels away both ways: a
        prior for what does not depend on the exact place.
    background : float
    seed : int
        Of the jitter.

    Returns
    -------
    Tensor, as `images`
    """
    generator = torch.Generator().manual_seed(seed)
    images = images.detach().clone()
    for _ in range(num_steps):
        by = torch.randint(-jitter, jitter + 1, (2,), generator=generator).tolist()
        moved = images.roll(by, (2, 3)).requires_grad_()
        (slope,) = torch.autograd.grad(measure(moved).sum(), moved)
        slope = slope.roll([-by[0], -by[1]], (2, 3))
        slope = slope / slope.square().mean((1, 2, 3), keepdim=True).sqrt().clamp(1e-12)
        pull = size * (images - background) + roughness * find_roughness(images)
        images = images + rate * (slope - pull)
    return images


def find_roughness(images: Tensor) -> Tensor:
    """Compute by how much each pixel exceeds its neighbours, summed over the four.

    It is the gradient of half the sum of squared differences between neighbours.

    Parameters
    ----------
    images : Tensor, (N, 1, H, W)

    Returns
    -------
    Tensor, as `images`
    """
    excess = torch.zeros_like(images)
    for axis in (2, 3):
        steps = images.diff(dim=axis)
        before, after = [0, 0, 0, 0], [0, 0, 0, 0]
        before[2 * (3 - axis) + 1], after[2 * (3 - axis)] = 1, 1
        pad = nn.functional.pad
        excess = excess - pad(steps, before) + pad(steps, after)
    return excess


def _read_window(layer: nn.Module) -> tuple[int, int, int] | None:
    """Read kernel, stride and border before the image; None: a layer that sees all."""
    if isinstance(layer, MapConvolution):
        return layer.kernel_size, layer.stride, layer.padding[0]
    if isinstance(layer, Subsampling):
        return 2, 2, 0
    if isinstance(layer, nn.MaxPool2d):
        return 2, 2, 0
    for module in layer.modules():
        if isinstance(module, nn.Conv2d):
            border = module.padding[0]
            return module.kernel_size[0], module.stride[0], int(border)
    return None
