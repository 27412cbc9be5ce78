"""Who wrote each test digit: the writers that QMNIST adds to MNIST.

Yadav and Bottou traced the digits of MNIST back to the forms of NIST. Their labels name
the writer of each test digit, so errors can be counted writer by writer. The files lie
on GitHub alone and are fetched only where someone asks for them: no chapter needs them.
"""

from pathlib import Path

import pandas as pd
from torchvision.datasets import QMNIST

from lenet_helpers._fetch import SourceError
from lenet_helpers.data import find_folder

LABELS = {"label": 0, "series": 1, "writer": 2}  # columns of QMNIST's extended labels


def load_writers(
    root: str | Path | None = None, *, download: bool = True
) -> pd.DataFrame:
    """Load the writer of each of MNIST's test digits.

    Parameters
    ----------
    root : path, optional
        The cache folder, by default that of `lenet_helpers.data.find_folder`; the files
        lie below it in ``QMNIST/raw``.
    download : bool
        Fetch the files where they are missing: 20 MB, with torchvision.

    Returns
    -------
    DataFrame
        A row a digit, in the order of the test set: ``label``, which is that of MNIST;
        ``series``, NIST's hsf_0 to hsf_3 (employees of the Census Bureau) or hsf_4
        (students) as a number; ``writer``, a number.

    Raises
    ------
    SourceError : the files are not there and cannot be fetched, or are damaged.

    References
    ----------
    Yadav and Bottou 2019; https://github.com/facebookresearch/qmnist.
    """
    folder = find_folder(root)
    try:
        digits = QMNIST(folder, what="test10k", compat=False, download=download)
    except (OSError, RuntimeError, ValueError, TypeError, AssertionError) as error:
        raise SourceError(
            f"QMNIST could not be had: {error} Connect to a network and try again, or "
            f"put {', '.join(_list_files())} into {folder / 'QMNIST' / 'raw'}."
        ) from error
    targets = digits.targets.numpy()
    return pd.DataFrame({name: targets[:, column] for name, column in LABELS.items()})


def _list_files():
    return [Path(url).stem for url, _ in QMNIST.resources["test"]]
