"""Writers from small files in QMNIST's format; the real ones are not fetched."""

import urllib.error

import numpy as np
import pytest
from torchvision.datasets import QMNIST

from lenet_helpers._fetch import SourceError
from lenet_helpers.qmnist import load_writers

# Class, series, writer, the writer's digit, NIST's class, NIST's place, two unused.
ROWS = [[7, 4, 2150, 0, 55, 4, 0, 0], [2, 1, 817, 3, 50, 9, 0, 0]]


def write_idx(path, type_code, array):
    """Write an array as an IDX file: big-endian, the sizes in front."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sizes = np.array(array.shape, ">i4").tobytes()
    path.write_bytes(bytes([0, 0, type_code, array.ndim]) + sizes + array.tobytes())


@pytest.fixture
def folder(tmp_path):
    raw = tmp_path / "QMNIST" / "raw"
    images = np.zeros((2, 28, 28), np.uint8)
    write_idx(raw / "qmnist-test-images-idx3-ubyte", 0x08, images)
    write_idx(raw / "qmnist-test-labels-idx2-int", 0x0C, np.array(ROWS, ">i4"))
    return tmp_path


def test_writers_come_in_the_order_of_the_digits(folder):
    writers = load_writers(folder, download=False)
    assert writers.to_dict("list") == {
        "label": [7, 2],
        "series": [4, 1],
        "writer": [2150, 817],
    }


def test_files_that_are_there_are_not_fetched_again(folder, monkeypatch):
    monkeypatch.setattr(
        "torchvision.datasets.mnist.download_and_extract_archive", pytest.fail
    )
    assert len(load_writers(folder)) == 2


def test_without_files_the_error_says_which_and_where(tmp_path):
    with pytest.raises(SourceError, match=r"qmnist-test-labels-idx2-int.*raw"):
        load_writers(tmp_path, download=False)


def test_without_a_network_the_error_says_so(tmp_path, monkeypatch):
    def fail(self):
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(QMNIST, "download", fail)
    with pytest.raises(SourceError, match=r"no route to host.*Connect to a network"):
        load_writers(tmp_path)


def test_a_damaged_file_is_an_error_of_the_source(folder):
    path = folder / "QMNIST" / "raw" / "qmnist-test-labels-idx2-int"
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(SourceError, match="could not be had"):
        load_writers(folder, download=False)
