"""No rounding decides what is ink; pictures without grey; a sheet seen straight on."""

import warnings

import numpy as np
import photos

from lenet_helpers import hand
from lenet_helpers.hand import ink, marks


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


def test_a_sheet_seen_straight_on_has_no_transform_through_three_of_its_marks():
    page = photos.print_sheet()
    grey = np.floor(255 * page + 0.5).astype(np.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        transform = marks.find_sheet(grey)
    first = photos.find_origin() * photos.PER_MM - 0.5
    np.testing.assert_allclose(transform([[0, 0]])[0], first, atol=0.6)
