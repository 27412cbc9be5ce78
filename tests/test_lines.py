"""Lines of digits, candidate cuts, and the pieces between them."""

import numpy as np
import pytest
import torch
from ink import blocks, draw

from lenet_helpers.strings.cuts import (
    find_cuts,
    find_minima,
    match_pieces,
    measure_contact,
    measure_contour,
    measure_projection,
    segment,
)
from lenet_helpers.strings.lines import HEIGHT, MARGIN, Line, make_lines
from lenet_helpers.strings.sliding import place_windows


def test_places_hold_the_digits_and_nothing_beside_them(sample):
    for line in draw(sample, 20, gap=(1, 4), baseline=3):
        assert line.pixels.shape[0] == HEIGHT and line.pixels.dtype == np.uint8
        assert len(line.labels) == len(line.places)
        rest = line.pixels.copy()
        for left, top, right, bottom in line.places:
            ink = rest[top:bottom, left:right]
            assert ink.any(0)[[0, -1]].all() and ink.any(1)[[0, -1]].all()
            ink[:] = 0
        assert not rest.any()


def test_a_line_of_one_digit_is_the_digit(sample):
    images, labels = sample.test_images, sample.test_labels
    one = make_lines(images[7:8], labels[7:8], number=1, length=(1, 1), seed=3)[0]
    assert one.labels == (int(labels[7]),)
    left, top, right, bottom = one.places[0]
    rows, columns = np.nonzero(images[7, 0].numpy())
    assert (right - left, bottom - top) == (np.ptp(columns) + 1, np.ptp(rows) + 1)
    assert (left, top) == (MARGIN, rows.min() + 2)
    assert one.pixels.sum() == images[7].sum()


def test_gaps_are_those_asked_for_and_boxes_may_overlap(sample):
    for gap in (-4, -1, 0, 8):
        places = np.concatenate(
            [np.diff(line.places[:, ::2].flatten())[1::2] for line in
             draw(sample, 10, gap=(gap, gap))]
        )  # fmt: skip
        assert set(places) == {gap}


def test_the_same_seed_writes_the_same_lines_and_another_seed_others(sample):
    first, again, other = (draw(sample, 5, seed=seed, noise=0.1) for seed in (1, 1, 2))
    assert all(
        np.array_equal(a.pixels, b.pixels) for a, b in zip(first, again, strict=True)
    )
    assert [line.labels for line in first] != [line.labels for line in other]


def test_noise_inverts_its_share_of_the_pixels(sample):
    clean, noisy = draw(sample, 30), draw(sample, 30, noise=0.1)
    changed = np.concatenate(
        [
            (a.pixels != b.pixels).flatten()
            for a, b in zip(clean[:1], noisy[:1], strict=True)
        ]
    )
    # Both are inverted or not independently: 10 % +- 3 standard errors of 4,000.
    assert 0.085 < changed.mean() < 0.115
    assert np.array_equal(
        noisy[0].pixels[changed.reshape(noisy[0].pixels.shape)],
        255 - clean[0].pixels[changed.reshape(noisy[0].pixels.shape)],
    )


def test_a_hand_scales_all_digits_of_its_line_alike(sample):
    images, labels = sample.test_images, sample.test_labels
    tall = images[:1].clone()
    tall[0, 0, 4:24, 10:14] = 255
    lines = make_lines(tall, labels[:1], number=20, scale=0.14, seed=0)
    heights = [np.unique(line.places[:, 3] - line.places[:, 1]) for line in lines]
    assert all(len(each) == 1 for each in heights)
    assert len({int(each[0]) for each in heights}) > 3


def test_wrong_arguments_of_a_line_are_named(sample):
    images, labels = sample.test_images, sample.test_labels
    for change, message in (
        ({"length": (0, 3)}, "length"),
        ({"length": (4, 3)}, "length"),
        ({"gap": (3, 1)}, "gap"),
        ({"gap": (-20, 1)}, "gap"),
        ({"noise": 1.5}, "noise"),
        ({"scale": 0.5}, "scale"),
        ({"baseline": -1}, "baseline"),
        ({"number": -1}, "number"),
    ):
        with pytest.raises(ValueError, match=message):
            make_lines(images, labels, **{"number": 1, "seed": 0, **change})
    with pytest.raises(ValueError, match="images"):
        make_lines(images[:, 0], labels, number=1, seed=0)
    with pytest.raises(ValueError, match="labels"):
        make_lines(images, labels[:-1], number=1, seed=0)


def test_profiles_of_two_blocks_are_those_counted_by_hand():
    pixels, places = blocks(4, 6, gap=2)
    left = places[0, 0]
    ink = pixels[:, left - 1 : left + 13]
    assert measure_projection(ink).tolist() == [0] + [5100] * 4 + [0] * 2 + [
        5100
    ] * 6 + [0]
    assert measure_contour(ink).tolist() == [0] + [20] * 4 + [0] * 2 + [20] * 6 + [0]
    assert measure_contact(ink)[:8].tolist() == [0, 0, 5100, 5100, 5100, 0, 0, 0]


def test_minima_are_local_below_the_limit_apart_and_in_the_middle_of_flat_stretches():
    profile = np.array([9, 5, 9, 3, 3, 3, 9, 8, 9, 2, 9, 1, 9, 0])
    assert find_minima(profile, limit=6).tolist() == [1, 4, 9, 11]
    assert find_minima(profile, limit=2.5).tolist() == [9, 11]
    assert find_minima(profile, limit=6, distance=3).tolist() == [1, 4, 11]
    assert find_minima(np.zeros(5), limit=1).tolist() == []


def test_blocks_are_cut_between_them_and_nowhere_else():
    pixels, places = blocks(4, 6, 5)
    cuts = find_cuts(pixels)
    assert (cuts == cuts[:, :1]).all()
    first, second, third, last = cuts[:, 0]
    assert first == places[0, 0] and last == places[-1, 2]
    assert places[0, 2] <= second <= places[1, 0]
    assert places[1, 2] <= third <= places[2, 0]


def test_the_pieces_of_a_line_are_those_that_may_be_a_digit():
    pixels, _ = blocks(8, 8, 8)
    pieces = segment([pixels])
    # Each block alone, and two together; three are 30 columns wide.
    pairs = zip(pieces.sources.tolist(), pieces.destinations.tolist(), strict=True)
    assert list(pairs) == [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)]
    apart = segment([blocks(4, 6, 5, gap=9)[0]])
    assert list(zip(apart.sources, apart.destinations, strict=True)) == [
        (0, 1), (1, 2), (2, 3),
    ]  # fmt: skip


def test_a_piece_that_is_a_digit_is_that_digit_where_mnist_puts_it(sample):
    images, labels = sample.test_images, sample.test_labels
    apart = [
        make_lines(
            images[i : i + 1], labels[i : i + 1], number=1, length=(1, 1), seed=0
        )
        for i in range(200)
    ]
    number_same = 0
    for i, (line,) in enumerate(apart):
        pieces = segment([line.pixels])
        whole = pieces.images[(pieces.destinations - pieces.sources).argmax()]
        expected = torch.nn.functional.pad(images[i], (2, 2, 2, 2))
        number_same += bool(torch.equal(whole, expected))
    # MNIST's own centring rounds now and then another way.
    assert number_same >= 190


def test_a_line_of_another_height_or_type_is_refused():
    for pixels in (np.zeros((28, 60), np.uint8), np.zeros((HEIGHT, 60))):
        with pytest.raises(ValueError, match="32"):
            segment([pixels])


def test_no_lines_are_refused_in_words():
    for cut in (segment, place_windows):
        with pytest.raises(ValueError, match="at least one line"):
            cut([])


def test_pieces_match_the_digits_that_they_hold_and_no_others():
    pixels, places = blocks(8, 6, 7, gap=2)
    line = Line(pixels, (1, 2, 3), places)
    pieces = segment([pixels], limit=0)
    matches = match_pieces(line, pieces)
    pairs = zip(pieces.sources.tolist(), pieces.destinations.tolist(), strict=True)
    singles = {(0, 1): 0, (1, 2): 1, (2, 3): 2}
    for pair, matched in zip(pairs, matches, strict=True):
        expected = [singles[pair]] if pair in singles else []
        assert np.flatnonzero(matched).tolist() == expected
    joined, places = blocks(8, 8, gap=0)  # touching: no cut between them
    line = Line(joined, (1, 2), places)
    assert not match_pieces(line, segment([joined], limit=0)).any()
