"""No rounding decides what is ink; pictures without grey; a sheet seen straight on."""

import tempfile
import tracemalloc
import warnings
import zlib

import numpy as np
import photos
import pytest

from lenet_helpers import hand
from lenet_helpers.hand import ink, marks, photo, pictures


def test_darkness_is_a_matter_of_what_is_near():
    """A running sum carries its rounding along, and ties are decided by it."""
    generator = np.random.default_rng(0)
    grey = generator.integers(256, size=(40, 400), dtype=np.uint8)
    whole = ink.measure_darkness(grey, 5)
    part = ink.measure_darkness(grey[:, 200:], 5)
    np.testing.assert_array_equal(whole[:, 210:], part[:, 10:])


def test_half_as_bright_as_paper_is_half_as_dark():
    grey = np.full((20, 20), 202, np.uint8)
    grey[10, 10] = 101
    assert ink.measure_darkness(grey, 5)[10, 10] == 0.5


def test_read_photo_reads_a_picture_without_grey():
    picture = np.full((400, 400), 255, np.uint8)
    picture[100:200, 150:160] = picture[100:200, 250:260] = 0
    assert len(hand.read_photo(picture)) == 2


def test_a_dark_table_and_a_shadow_make_no_negative():
    page = photos.print_sheet()
    images = hand.write_sample(10).images
    for box in range(100):
        photos.write(page, images[box], box)
    shot = photos.photograph(page, np.random.default_rng(0), shadow=False)
    shot = np.pad(shot, 500, constant_values=60)
    assert len(hand.read_sheet(shot)) > 95


def test_a_negative_of_a_sheet_is_read():
    page = photos.print_sheet()
    photos.write(page, hand.write_sample(1).images[3], 31)
    found = hand.read_sheet(255 - np.floor(255 * page + 0.5).astype(np.uint8))
    assert found.labels.tolist() == [3]


def test_thousands_of_small_pieces_fit_into_memory():
    boxes = np.array(
        [(y, x, y + 1, x + 9) for y in range(0, 640, 8) for x in range(0, 1500, 15)]
    )
    tracemalloc.start()
    groups = photo._link(boxes, np.arange(len(boxes)), 6.5)
    assert tracemalloc.get_traced_memory()[1] < 300e6  # bytes; 3e9 all at once
    tracemalloc.stop()
    assert [group.tolist() for group in groups] == np.reshape(
        np.arange(8000), (80, 100)
    ).tolist()


def test_a_picture_far_too_large_is_refused_by_what_it_has_too_many_of():
    header = b"IHDR" + 2 * (100_000).to_bytes(4, "big") + b"\x08\0\0\0\0"
    png = b"\x89PNG\r\n\x1a\n\0\0\0\r" + header + zlib.crc32(header).to_bytes(4, "big")
    png += b"\0\0\0\0IDAT" + zlib.crc32(b"IDAT").to_bytes(4, "big")
    with pytest.raises(ValueError, match="has too many pixels, more than 64 million"):
        pictures.open_picture(png)


def test_a_file_without_a_name_is_the_picture():
    with (
        tempfile.TemporaryFile() as file,
        pytest.raises(ValueError, match="The picture is no picture that can be read"),
    ):
        pictures.open_picture(file)


def test_a_sheet_seen_straight_on_has_no_transform_through_three_of_its_marks():
    page = photos.print_sheet()
    grey = np.floor(255 * page + 0.5).astype(np.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        transform = marks.find_sheet(grey)
    first = photos.find_origin() * photos.PER_MM - 0.5
    np.testing.assert_allclose(transform([[0, 0]])[0], first, atol=0.6)


def test_thousands_of_dots_are_no_marks_and_fit_into_memory():
    dots = np.full((2048, 2048), 255, np.uint8)
    for row in range(6):
        for column in range(6):
            dots[4 + row :: 12, 4 + column :: 12] = 0
    tracemalloc.start()
    assert len(marks.find_marks(dots)) == 0
    assert tracemalloc.get_traced_memory()[1] < 600e6  # bytes; 7e9 pair by pair
    tracemalloc.stop()
