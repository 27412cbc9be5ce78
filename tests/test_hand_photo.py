"""Digits on any paper are found in reading order, or a sentence says why not."""

import numpy as np
import photos
import pytest

from lenet_helpers import hand


@pytest.fixture(scope="module")
def digits(mnist):
    """Thirty digits, none of them in pieces: (30, 28, 28)."""
    return mnist.test_images[100:130, 0].numpy()


def check(read, digits):
    """These digits were found, in this order."""
    assert len(read) == len(digits) and set(read.labels) <= {-1}
    gaps = np.abs(read.images.astype(float) - digits).mean((1, 2))
    assert np.median(gaps) < 15 and gaps.max() < 45


CHANGES = {
    "plain": lambda page: page,
    "pencil": lambda page: 1 - 0.5 * (1 - page),
    "white on black": lambda page: 1 - page,
    "in shade": lambda page: page * np.linspace(1, 0.3, page.shape[1]),
    "squared": lambda page: photos.rule(page, every=40, darkness=0.25, width=2),
    "ruled": lambda page: photos.rule(page, every=60, darkness=0.3, squared=False),
    "noisy": lambda page: (
        page + np.random.default_rng(0).normal(0, 0.04, page.shape)
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_digits_on_any_paper_are_read_in_order(digits, change):
    page = CHANGES[change](photos.lay_out(digits, columns=6))
    read = hand.read_photo(photos.to_bytes(page))
    check(read, digits)
    assert list(read.steps) == ["photograph", "darkness", "ink"]


def test_rows_that_run_aslant_are_read_in_order(digits):
    page = photos.lay_out(digits, columns=10, pitch=70)
    page = np.pad(page, ((0, 80), (0, 0)), constant_values=1)
    for column in range(page.shape[1]):  # five degrees
        page[:, column] = np.roll(page[:, column], column // 11)
    check(hand.read_photo(photos.to_bytes(page)), digits)


def test_boxes_frame_the_digits(digits):
    page = photos.lay_out(digits[:2], columns=2, pitch=100, height=60)
    read = hand.read_photo(photos.to_bytes(page))
    for corners, x in zip(read.boxes, (100, 200), strict=True):
        assert np.abs(corners.mean(0) - [x, 100]).max() < 12
        assert 50 < np.ptp(corners, axis=0).max() < 70


def test_one_digit_that_fills_its_picture_is_read(digits):
    page = photos.lay_out(digits[:1], columns=1, pitch=28, height=24)
    check(hand.read_photo(photos.to_bytes(page)), digits[:1])
    read = hand.read_photo(255 - digits[0])  # MNIST's own, dark on light
    assert (
        len(read) == 1 and np.abs(read.images[0] - digits[0].astype(float)).mean() < 30
    )


def test_a_digit_in_pieces_is_put_together(digits):
    page = photos.lay_out(digits[:6], columns=3)
    read = hand.read_photo(photos.to_bytes(page))
    rows = page.shape[0] // 3
    page[rows - 1 : rows + 1] = 1  # a cut through the first row
    again = hand.read_photo(photos.to_bytes(page))
    assert len(again) == len(read) == 6
    gaps = np.abs(again.images.astype(float) - read.images).mean((1, 2))
    assert gaps.max() < 20 and (gaps[:3] > 0).any()


def test_what_is_no_digit_is_said(digits):
    page = np.ones((300, 300))
    page[200:260, :20] = 0.2
    with pytest.raises(
        ValueError, match=r"apart\. Seen and left out: 1 parts that the"
    ):
        hand.read_photo(photos.to_bytes(page))
    page = photos.lay_out(digits, columns=6)
    page[200:260, :20] = page[2:10, 60:68] = 0.2
    read = hand.read_photo(photos.to_bytes(page))
    check(read, digits)
    assert read.left_out == (
        "1 parts that the picture's edge cuts off",
        "1 small pieces with no digit near them",
    )


def test_squares_as_dark_as_the_writing_are_said(digits):
    page = photos.lay_out(digits, columns=6)
    page = photos.rule(page, every=40, darkness=0.8, width=2)
    with pytest.raises(ValueError, match="Dark lines run through the whole picture"):
        hand.read_photo(photos.to_bytes(page))


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_an_empty_picture_is_said(grey):
    with pytest.raises(ValueError, match="shows no writing"):
        hand.read_photo(np.full((300, 300), grey, np.uint8))


def test_a_picture_full_of_dots_is_refused():
    page = np.full((1400, 1400), 255, np.uint8)
    for shift in range(8):
        page[20 + shift : -20 : 24, 20:-20] = 0
    for shift in range(12):
        page[:, shift::24] = 255
    with pytest.raises(ValueError, match="marks that could be digits, more than 1000"):
        hand.read_photo(page)
