"""Open a picture of handwriting as it should be seen: upright, grey, not too large."""

import io
import os
import struct
import warnings
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

LONGEST = 2048  # pixels of a picture's longer side, after reduction
LARGEST = 64_000_000  # pixels; the largest photographs of today's telephones have 50
SMALLEST = 16
Source = str | os.PathLike | bytes | BinaryIO | Image.Image | np.ndarray


class Picture(NamedTuple):
    """A picture in grey.

    Attributes
    ----------
    grey : array, (H, W) uint8
        0 is black.
    reduction : int
        How many of the file's pixels, in height and in width, became one.
    """

    grey: np.ndarray
    reduction: int


def open_picture(source: Source) -> Picture:
    """Open a picture, turn it upright as its camera says, make it grey, reduce it.

    Parameters
    ----------
    source : path, bytes, file, Image or array
        A file in a format that Pillow reads, PNG and JPEG among them; or pixels:
        (H, W) grey or (H, W, 3) uint8. What is transparent is white.

    Returns
    -------
    Picture

    Raises
    ------
    ValueError : it is no picture, is cut off, moves, or is too small or too large. That
        is known before the pixels are decoded.
    FileNotFoundError : there is no such file.
    """
    if isinstance(source, np.ndarray):
        source = _from_array(source)
    if isinstance(source, Image.Image):
        return _reduce(_make_grey(source, "the picture"))
    name, file = _open_file(source)
    with warnings.catch_warnings():  # Pillow's warning of large pictures; see `_check`
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with Image.open(file) as image:
                _check(image, name)
                return _reduce(_make_grey(image, name))
        except Image.DecompressionBombError:
            raise ValueError(_say_too_large(name, " too many pixels,")) from None
        except UnidentifiedImageError:
            raise ValueError(_say_no_picture(name, file)) from None
        except (OSError, SyntaxError, EOFError, struct.error) as error:
            raise ValueError(
                f"{name} cannot be read to its end ({error}): the file is cut off or "
                "damaged. Copy or save the picture again."
            ) from error


def _from_array(pixels):
    colors = pixels.ndim == 3 and pixels.shape[2] == 3
    if pixels.dtype != np.uint8 or not (pixels.ndim == 2 or colors):
        raise ValueError(
            "A picture's pixels need the shape (height, width), or (height, width, 3), "
            f"and dtype uint8; got {pixels.shape} of {pixels.dtype}."
        )
    return Image.fromarray(pixels)


def _open_file(source):
    """Give the words that name a file, and the file."""
    if isinstance(source, bytes):
        return "The picture", io.BytesIO(source)
    if isinstance(source, (str, os.PathLike)):
        return Path(source).name, io.BytesIO(Path(source).read_bytes())
    name = getattr(source, "name", None)  # a number where the file has none
    return Path(name).name if isinstance(name, str) else "The picture", source


def _check(image, name):
    """Refuse what is too large, too small or moves, before its pixels are decoded."""
    width, height = image.size
    if width * height > LARGEST:
        raise ValueError(_say_too_large(name, f" {width} x {height} pixels,"))
    if min(width, height) < SMALLEST:
        raise ValueError(
            f"{name} has {width} x {height} pixels; a digit needs at least {SMALLEST} "
            "in height and width."
        )
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "MPO":  # a telephone's JPEG, with its depth
        raise ValueError(
            f"{name} holds {frames} pictures, as an animation or a document of several "
            "pages does. Save the one that shows the digits, as PNG or JPEG."
        )


def _say_too_large(name, size):
    return (
        f"{name} has{size} more than {LARGEST // 1_000_000} million. Save it smaller: "
        f"{LONGEST} pixels on the longer side are enough."
    )


def _say_no_picture(name, file):
    file.seek(0)
    start = file.read(16)
    if start[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1"):
        return (
            f"{name} is in HEIC, the format of some telephones, which cannot be read "
            "here. Save or send it as JPEG."
        )
    seen = f"its first bytes are {start[:8]!r}" if start else "it is empty"
    return f"{name} is no picture that can be read: {seen}. Give a PNG or a JPEG."


def _make_grey(image, name):
    """Turn upright, put transparent parts on white, and make grey: an Image, "L"."""
    _check(image, name)
    image = ImageOps.exif_transpose(image)
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return Image.fromarray(_squeeze(np.asarray(image)))
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image)
    return image.convert("RGB").convert("L")


def _squeeze(values):
    """Make 8 bits of the 16 of a grey picture, (H, W)."""
    return np.floor(values.clip(0, 65_535) / 257 + 0.5).astype(np.uint8)


def _reduce(image):
    """Average squares of pixels until no side is longer than LONGEST."""
    reduction = -(-max(image.size) // LONGEST)
    if reduction > 1:
        image = image.reduce(reduction)
    return Picture(np.asarray(image), reduction)
