"""MNIST: what it holds, where it is kept, and how its pixels are prepared."""

import math
import sys
import types
import warnings
from pathlib import Path

import numpy as np
import platformdirs
import pytest
import torch
from PIL import Image
from torch.nn import functional

from lenet_helpers import _fetch, data, load_mnist, prepare_images

COUNTS = {  # of each digit, in the distributed files
    "train": [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    "test": [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
}


# What MNIST holds


def test_mnist_has_its_shapes_types_and_classes(mnist):
    assert mnist.train_images.shape == (60_000, 1, 28, 28)
    assert mnist.test_images.shape == (10_000, 1, 28, 28)
    assert mnist.train_images.dtype == mnist.test_images.dtype == torch.uint8
    assert mnist.train_labels.dtype == mnist.test_labels.dtype == torch.int64
    assert mnist.train_labels.bincount().tolist() == COUNTS["train"]
    assert mnist.test_labels.bincount().tolist() == COUNTS["test"]
    assert mnist.source == "cache" and not mnist.is_sample


def test_the_split_is_seeded_disjoint_and_complete(mnist):
    training, validation = mnist.split_indices(seed=0)
    assert (len(training), len(validation)) == (55_000, 5_000)
    both = torch.cat([training, validation])
    assert torch.equal(both.sort().values, torch.arange(60_000))
    assert torch.equal(mnist.split_indices(seed=0)[1], validation)
    assert not torch.equal(mnist.split_indices(seed=1)[1], validation)


def test_the_sample_is_balanced_and_says_what_it_is(sample):
    assert sample.train_labels.bincount().tolist() == [400] * 10
    assert sample.test_labels.bincount().tolist() == [100] * 10
    assert sample.train_images.shape == (4000, 1, 28, 28)
    assert sample.test_images.shape == (1000, 1, 28, 28)
    assert sample.train_images.dtype == torch.uint8
    assert sample.train_labels.dtype == torch.int64
    assert sample.source == "sample" and sample.is_sample
    assert sample.train_images.max() == 255
    training, validation = sample.split_indices()
    assert (len(training), len(validation)) == (3667, 333)
    assert "without MNIST" in sample._repr_markdown_()


def test_no_test_digit_of_the_sample_is_in_its_training_set(sample):
    training = {image.numpy().tobytes() for image in sample.train_images}
    assert not any(image.numpy().tobytes() in training for image in sample.test_images)


# The folder


@pytest.fixture
def home(monkeypatch, tmp_path):
    """Make an empty home, stand in it, and unset what names folders."""
    for name in ("LENET_DATA", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_checkout_keeps_its_data_and_an_installed_package_uses_the_cache(
    home, monkeypatch
):
    course = Path(__file__).parents[1]
    assert data.find_checkout() == course
    assert data.find_folder() == course / "data"
    monkeypatch.setattr(data, "__file__", str(home / "site" / "lenet_helpers" / "d.py"))
    assert data.find_checkout() is None
    assert data.find_folder() == platformdirs.user_cache_path("lenet_helpers")
    assert data.find_folder().is_relative_to(home)


def test_lenet_data_may_hold_blanks_and_a_tilde(home, monkeypatch):
    for value, folder in (
        ("~/my digits", home / "my digits"),
        (f" {home}/digits\n", home / "digits"),
        (" ", data.find_checkout() / "data"),
    ):
        monkeypatch.setenv("LENET_DATA", value)
        assert data.find_folder() == folder


def test_a_relative_lenet_data_is_one_folder_for_make_chapters_and_scripts(
    home, monkeypatch
):
    monkeypatch.setenv("LENET_DATA", "digits")
    assert data.find_folder() == data.find_checkout() / "digits"
    monkeypatch.setattr(data, "find_checkout", lambda: None)
    assert data.find_folder().resolve() == home / "digits"


def test_an_argument_goes_before_lenet_data(home, monkeypatch):
    monkeypatch.setenv("LENET_DATA", "/elsewhere")
    assert data.find_folder("~/digits") == home / "digits"
    assert data.find_folder("digits").resolve() == home / "digits"


def test_a_data_folder_that_is_a_file_is_refused(home, monkeypatch):
    (home / "file").write_text("x")
    monkeypatch.setenv("LENET_DATA", "~/file")
    with pytest.raises(NotADirectoryError, match=r"is a file\. Name a folder"):
        load_mnist()


# The sources


@pytest.fixture
def offline(home, monkeypatch):
    """Let every source fail."""

    def fail(folder, source):
        raise _fetch.SourceError(f"{source} failed.")

    monkeypatch.setattr(_fetch, "read_files", fail)
    monkeypatch.delenv("LENET_SOURCE", raising=False)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)


def test_an_unknown_source_is_refused(offline, monkeypatch):
    with pytest.raises(ValueError, match=r"auto, cache, .*; got 'kaggle'"):
        load_mnist(source="kaggle")
    monkeypatch.setenv("LENET_SOURCE", "floppy")
    with pytest.raises(ValueError, match=r"LENET_SOURCE.*got 'floppy'"):
        load_mnist()


def test_a_script_is_warned_of_the_sample_and_told_what_was_tried(offline):
    expected = r"5,000 .* stand in.*cache failed.*torchvision failed.*npm failed"
    with pytest.warns(UserWarning, match=expected) as seen:
        assert load_mnist().is_sample
    assert seen[0].filename == __file__


@pytest.mark.filterwarnings("error")
def test_who_asks_for_the_sample_is_not_warned(offline, monkeypatch):
    monkeypatch.setenv("LENET_SOURCE", "sample")
    assert load_mnist().is_sample


@pytest.mark.parametrize(("is_lab", "num_warnings"), [(False, 0), (True, 1)])
def test_a_page_shows_the_banner_alone(offline, monkeypatch, is_lab, num_warnings):
    shell = types.SimpleNamespace(kernel="a kernel")
    ipython = types.SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    if is_lab:
        monkeypatch.setenv("JPY_SESSION_NAME", "notebook")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        assert "without MNIST" in load_mnist()._repr_markdown_()
    assert len(seen) == num_warnings


# The pixels

TINY = torch.tensor([[0, 255], [51, 102]], dtype=torch.uint8).reshape(1, 1, 2, 2)


def test_prepare_images_scales_to_the_papers_range():
    inputs = prepare_images(TINY, size=2)
    assert inputs.shape == (1, 1, 2, 2) and inputs.dtype == torch.float32
    expected = [[-0.1, 1.175], [0.155, 0.41]]
    np.testing.assert_allclose(inputs[0, 0], expected, rtol=1e-6)


def test_prepare_images_pads_with_background():
    inputs = prepare_images(TINY, size=4, low=-1.0, high=1.0)
    expected = [
        [-1, -1, -1, -1],
        [-1, -1, 1, -1],
        [-1, -0.6, -0.2, -1],
        [-1, -1, -1, -1],
    ]
    np.testing.assert_allclose(inputs[0, 0], expected, rtol=1e-6)


def test_prepare_images_reduces_and_keeps_the_mean():
    stripes = torch.tensor([[0, 0, 255, 255]], dtype=torch.uint8).expand(1, 1, 4, 4)
    inputs = prepare_images(stripes, size=2, low=0.0, high=1.0)
    assert inputs.shape == (1, 1, 2, 2)
    left, right = inputs[0, 0].unbind(dim=1)
    assert (left < 0.2).all() and (right > 0.8).all()
    np.testing.assert_allclose(inputs.mean(), 0.5, rtol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_prepare_images_takes_floats_from_0_to_1_and_leaves_them_alone(sample, dtype):
    images = sample.test_images[::100].to(dtype) / 255
    before = images.clone()
    inputs = prepare_images(images, size=32)
    assert inputs.dtype == torch.float32 and torch.equal(images, before)
    expected = prepare_images(sample.test_images[::100], size=32)
    tolerance = 1e-3 if dtype == torch.float16 else 1e-6
    torch.testing.assert_close(inputs, expected, atol=tolerance, rtol=0)


@pytest.mark.parametrize("width", [28, 48, 120])
def test_prepare_images_cuts_nothing_from_a_line_of_digits(width):
    line = torch.arange(28 * width).reshape(1, 1, 28, width).to(torch.uint8)
    inputs = prepare_images(line, size=32, low=0, high=255)
    assert inputs.shape == (1, 1, 32, width + 4)
    assert torch.equal(inputs, functional.pad(line, (2, 2, 2, 2)).float())


def test_prepare_images_takes_an_empty_batch(sample):
    assert prepare_images(sample.test_images[:0], size=32).shape == (0, 1, 32, 32)


@pytest.mark.parametrize("size", [29, 27, 0, -2])
def test_prepare_images_refuses_an_impossible_size(sample, size):
    with pytest.raises(ValueError, match=f"`size` must be positive and even.*{size}"):
        prepare_images(sample.test_images[:1], size=size)


def test_prepare_images_refuses_to_reduce_a_line(sample):
    line = functional.pad(sample.test_images[:1], (0, 20))
    with pytest.raises(ValueError, match=r"only square .* 28 x 48; got 16"):
        prepare_images(line, size=16)


MISTAKES = {  # what is made of digits, what the error saw, and what it advises
    "prepared twice": (prepare_images, r"from -0\.1 to 1\.175", "stored pixels"),
    "floats to 255": (lambda x: x.float(), "float32 of .* to 255", "images / 255"),
    "not a number": (lambda x: x / 255 * math.nan, "from nan to nan", ""),
    "bool": (lambda x: x > 127, "bool of shape", r"to\(torch\.uint8\) \* 255"),
    "int8": (lambda x: x.to(torch.int8), "from -127 to 127", r"view\(torch\.uint8\)"),
    "int64": (lambda x: x.long(), "from 0 to 255", r"images\.to\(torch\.uint8\)"),
    "16 bits": (lambda x: x.int() * 257, "0 to 65535", r"images // 257"),
    "one image": (lambda x: x[0, 0], r"shape \(28, 28\)", r"images\[None, None\]"),
    "no channel": (lambda x: x[:, 0], r"\(3, 28, 28\)", r"images\[:, None\]"),
    "no batch": (lambda x: x[0], r"\(1, 28, 28\)", r"images\[:, None\]"),
    "channel last": (lambda x: x.permute(0, 2, 3, 1), r"28, 1\)", "0, 3, 1, 2"),
    "colours": (lambda x: x.expand(-1, 3, -1, -1), r"\(3, 3, 28, 28\)", "grey"),
    "one picture": (lambda x: x[0, 0, :, :, None].expand(-1, -1, 3), "28, 3", "grey"),
}


@pytest.mark.parametrize(("change", "seen", "advice"), MISTAKES.values(), ids=MISTAKES)
def test_prepare_images_says_what_it_saw_and_what_to_write(
    sample, change, seen, advice
):
    images = change(sample.test_images[:3])
    with pytest.raises(ValueError, match=rf"`images` must be .*got.*{seen}.*{advice}"):
        prepare_images(images)


def test_prepare_images_says_how_to_make_a_tensor(sample):
    digit = sample.test_images[0, 0].numpy()
    with pytest.raises(TypeError, match=r"uint8, shape \(28, 28\).*torch\.from_numpy"):
        prepare_images(digit)
    with pytest.raises(TypeError, match=r"PIL.*np\.array\(image\.convert\("):
        prepare_images(Image.fromarray(digit))


def test_prepare_images_suspects_black_on_white(sample):
    digits = sample.test_images[:10]
    with pytest.warns(UserWarning, match=r"black on white.*write 255 - images") as seen:
        prepare_images(255 - digits)
    assert seen[0].filename == __file__
    with pytest.warns(UserWarning, match=r"black on white.*write 1 - images"):
        prepare_images(1 - digits / 255)


def test_prepare_images_suspects_one_bit(sample):
    digits = sample.test_images[:10]
    with pytest.warns(UserWarning, match=r"no pixel exceeds 1.*images \* 255"):
        prepare_images((digits > 127).to(torch.uint8))


@pytest.mark.filterwarnings("error")
def test_prepare_images_suspects_no_digits_and_no_noise(sample):
    generator = torch.Generator().manual_seed(0)
    noise = torch.randint(256, (1, 1, 28, 28), generator=generator).to(torch.uint8)
    nothing = torch.zeros_like(noise)
    for images in (sample.test_images, sample.test_images / 255, noise, nothing):
        prepare_images(images)
