"""Random distortions of digits, affine and elastic, and the removal of slant.

Each takes a whole batch at once.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

from lenet_helpers.paper import BACKGROUND


def distort(
    images: Tensor,
    *,
    generator: torch.Generator | None = None,
    shift: float = 0.0,
    scale: float = 0.0,
    squeeze: float = 0.0,
    shear: float = 0.0,
    rotation: float = 0.0,
    elastic: float = 0.0,
    smoothness: float = 4.0,
    background: float = BACKGROUND,
) -> Tensor:
    """Distort each image in its own way, at random.

    Each range is that of a uniform draw around "no change". All distortions of an image
    are one map from its pixels to the places where they are read, so it is interpolated
    once, bilinearly.

    Parameters
    ----------
    images : Tensor, (N, C, H, W) float
    generator : torch.Generator, optional
        On the device of `images`; by default PyTorch's own.
    shift : float
        Pixels, along each axis.
    scale : float
        0.1 is a size of 90 to 110 %.
    squeeze : float
        0.1 makes one axis up to 10 % longer and the other as much shorter.
    shear : float
        Horizontal: how far the top moves against the centre, in half heights.
    rotation : float
        Degrees.
    elastic : float
        Pixels: the standard deviation of a smooth random displacement.
    smoothness : float
        Pixels: the width of the Gaussian that smooths the displacement.
    background : float
        Of pixels that come from beyond the border.

    Returns
    -------
    Tensor, as `images`

    Raises
    ------
    ValueError : a range is negative, `images` has not four dimensions, or is of whole
        numbers.

    References
    ----------
    LeCun et al. 1998, Sec. III-B: translation, scaling, squeezing and horizontal
    shearing; their ranges are not published. Simard et al. 2003 for the elastic part.
    """
    _check_images(images)
    ranges = {"shift": shift, "scale": scale, "squeeze": squeeze, "shear": shear}
    ranges |= {"rotation": rotation, "elastic": elastic}
    for name, value in ranges.items():
        if value < 0:
            raise ValueError(f"`{name}` must be 0 or more, got {value}.")
    number, _, height, width = images.shape

    def draw(extent, *shape):
        unit = torch.rand(number, *shape, generator=generator, device=images.device).to(
            images.dtype
        )
        return extent * (2 * unit - 1)

    size, ratio = 1 + draw(scale), 1 + draw(squeeze)
    slant, angle = draw(shear), torch.deg2rad(draw(rotation))
    across, down = size * ratio, size / ratio
    # Where in the source, in units of half the image, a pixel is read: the inverse of
    # rotation x shear x size.
    cosine, sine = angle.cos(), angle.sin()
    first = torch.stack(
        [(cosine - slant * sine) / across, (sine + slant * cosine) / across], 1
    )
    second = torch.stack([-sine / down, cosine / down], 1)
    moved = draw(1.0, 2) * 2 * shift / torch.tensor([width, height]).to(images)
    theta = torch.cat([torch.stack([first, second], 1), moved[..., None]], 2)
    grid = functional.affine_grid(theta, list(images.shape), align_corners=False)
    if elastic:
        grid = grid + _draw_displacement(
            number, height, width, elastic, smoothness, generator, images
        )
    ink = functional.grid_sample(images - background, grid, align_corners=False)
    return ink + background


def deslant(images: Tensor) -> Tensor:
    """Shear each image until the principal axis of its ink is vertical.

    Parameters
    ----------
    images : Tensor, (N, 1, H, W) float
        Background 0, ink above.

    Returns
    -------
    Tensor, (N, 1, H, W)
        Sheared about the centre of mass, which stays where it is.

    Raises
    ------
    ValueError : `images` is of whole numbers, or goes below 0, or is not (N, 1, H, W).

    References
    ----------
    LeCun et al. 1998, Sec. III-A: moments of inertia, ink counted as 1.
    """
    _check_images(images)
    if images.shape[1] != 1:
        raise ValueError(f"`images` must be (N, 1, H, W), got {tuple(images.shape)}.")
    if images.numel() and not images.min() >= 0:  # ink that weighs less than nothing
        raise ValueError(
            f"`images` must be 0 where there is no ink, got {images.min():.3g}: "
            "deslant `prepare_images(pixels, low=0, high=1)`."
        )
    height, width = images.shape[-2:]
    y = (torch.arange(height).to(images) - (height - 1) / 2)[:, None]
    x = (torch.arange(width).to(images) - (width - 1) / 2)[None]
    mass = images.sum((1, 2, 3)).clamp(min=1e-6)[:, None, None]

    def average(values):
        return (images[:, 0] * values).sum((1, 2), keepdim=True) / mass

    centre_y, centre_x = average(y), average(x)
    variance = average((y - centre_y) ** 2).clamp(min=1e-6)
    slope = (average((y - centre_y) * (x - centre_x)) / variance).flatten()
    theta = torch.zeros(len(images), 2, 3).to(images)  # in units of half the image
    theta[:, 0, 0] = theta[:, 1, 1] = 1
    theta[:, 0, 1] = slope * height / width
    theta[:, 0, 2] = -slope * centre_y.flatten() * 2 / width
    grid = functional.affine_grid(theta, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, align_corners=False)


def _check_images(images):
    if images.ndim != 4:
        raise ValueError(f"`images` must be (N, C, H, W), got {tuple(images.shape)}.")
    if not images.is_floating_point():
        raise ValueError(
            f"`images` must be floats, got {images.dtype}: `prepare_images` makes them "
            "from stored pixels."
        )


def _draw_displacement(number, height, width, elastic, smoothness, generator, like):
    """Draw smooth displacements, (N, H, W, 2), in units of half the image."""
    noise = torch.randn(
        number, 2, height, width, generator=generator, device=like.device
    ).to(like.dtype)

    def blur(length):
        """Build the matrix that smooths one axis: far faster here than conv2d."""
        place = torch.arange(length).to(like)
        bell = torch.exp(-((place - place[:, None]) ** 2) / (2 * smoothness**2))
        # Noise keeps a standard deviation of 1, except near the border.
        return bell / math.sqrt(smoothness * math.sqrt(math.pi))

    smooth = blur(height) @ noise @ blur(width)
    smooth = smooth.permute(0, 2, 3, 1)
    return elastic * smooth * 2 / torch.tensor([width, height]).to(like)
