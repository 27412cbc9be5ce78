"""A hand is kept and read again; a passport says what a network makes of it."""

import numpy as np
import pytest

from lenet_helpers import hand, judging
from lenet_helpers.hand import mistakes
from lenet_helpers.trained import load_network

BAR = [[0.5, 0.2, 0.5, 0.8]]


@pytest.fixture(scope="module")
def sample_hand():
    return hand.write_sample(4)


def test_strokes_become_digits_as_the_pad_makes_them():
    read = hand.read_strokes([BAR, [], BAR], [1, 2, 7])
    assert read.labels.tolist() == [1, 7] and read.left_out == ("drawing 2: empty",)
    assert (read.images[0] == read.images[1]).all()
    assert read.images[0][:, 14].sum() > 15 * 255
    assert hand.read_strokes([BAR]).labels.tolist() == [-1]


def test_strokes_without_ink_or_labels_are_refused():
    with pytest.raises(ValueError, match="None of the 2 drawings holds ink"):
        hand.read_strokes([[], []])
    with pytest.raises(ValueError, match="each of the 2 drawings, got 1"):
        hand.read_strokes([BAR, BAR], [1])


def test_a_hand_is_kept_and_read_again(tmp_path, sample_hand):
    path = tmp_path / "hand.npz"
    sample_hand.save(path)
    again = hand.load(path)
    for name in ("images", "labels", "boxes"):
        assert (getattr(again, name) == getattr(sample_hand, name)).all()
    assert len(again) == 40


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"images": np.zeros((2, 28, 28), np.uint8)}, "holds no hand"),
        ({"images": np.zeros((2, 28, 28))}, r"`images` needs .* uint8, got \(2, 28"),
        ({"images": np.zeros((2, 784), np.uint8)}, r"got \(2, 784\) of uint8"),
        ({"images": np.uint8(0)}, "`images` needs"),
        ({"labels": np.zeros(3, np.int64)}, r"`labels` needs shape \(2,\)"),
        ({"labels": np.array([0, 10])}, "labels are digits, or -1; got 0 to 10"),
        ({"labels": np.array([0, None], object)}, "holds no hand"),
        ({"boxes": np.zeros((2, 4))}, r"`boxes` needs shape \(2, 4, 2\)"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path, arrays, message):
    whole = {
        "images": np.zeros((2, 28, 28), np.uint8),
        "labels": np.zeros(2, np.int64),
        "boxes": np.zeros((2, 4, 2)),
    }
    if len(arrays) == 1 and message == "holds no hand" and "images" in arrays:
        whole = {}
    np.savez(tmp_path / "hand.npz", **(whole | arrays))
    with pytest.raises(ValueError, match=message):
        hand.load(tmp_path / "hand.npz")


def test_a_file_that_is_cut_off_or_no_archive_is_refused(tmp_path, sample_hand):
    path = tmp_path / "hand.npz"
    sample_hand.save(path)
    whole = path.read_bytes()
    for content in (b"", b"digits", whole[:100], whole[: len(whole) // 2], whole[:-1]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"hand\.npz holds no hand"):
            hand.load(path)
    with pytest.raises(FileNotFoundError):
        hand.load(tmp_path / "none.npz")


def test_mistakes_do_what_they_say():
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 4:24, 10:14] = 255
    image[0, 4, 14] = 100  # so that box and mass differ
    assert (mistakes.invert(image) == 255 - image).all()
    corner = mistakes.put_in_corner(image)[0]
    assert (corner[:20, :5] == image[0, 4:24, 10:15]).all() and not corner[:, 5:].any()
    columns = np.flatnonzero(mistakes.center_boxes(image)[0].any(0))
    assert columns.tolist() == [11, 12, 13, 14, 15]
    filled = mistakes.fill_field(image)[0]
    assert filled[0].any() and filled[27].any() and filled[:, 13].all()
    assert mistakes.harden(image)[0, 4].tolist().count(255) == 4
    assert np.unique(mistakes.harden(image)).tolist() == [0, 255]
    assert (mistakes.thin(image)[0, 5:23, 11:13] == 255).all()
    assert np.count_nonzero(mistakes.thin(image)) == 36
    assert (mistakes.thicken(image)[0, 3:25, 10:14] == 255).all()
    assert np.count_nonzero(mistakes.thicken(image) == 255) == 88 + 2 * 20


@pytest.mark.parametrize("spoil", mistakes.MISTAKES.values())
def test_mistakes_leave_the_original_alone_and_bear_an_empty_image(spoil, sample_hand):
    before = sample_hand.images.copy()
    spoiled = spoil(sample_hand.images)
    assert spoiled.shape == before.shape and spoiled.dtype == np.uint8
    assert (sample_hand.images == before).all() and (spoiled != before).any()
    assert spoil(np.zeros((1, 28, 28), np.uint8)).shape == (1, 28, 28)


def test_a_passport_counts_what_is_misread(sample_hand):
    network = load_network("lenet5")
    passport = hand.write_passport(sample_hand, network)
    wrong = hand.classify(sample_hand.images, network) != sample_hand.labels
    assert passport.error_rate == wrong.mean() > 0
    assert passport.missed.tolist() == np.flatnonzero(wrong).tolist()
    assert passport.by_digit.sum(0).tolist() == [wrong.sum(), 40]
    assert passport.by_digit[3].tolist() == [wrong[12:16].sum(), 4]
    low, high = passport.bounds
    assert low < passport.error_rate < high
    assert list(passport.with_mistakes) == list(mistakes.MISTAKES)
    assert passport.with_mistakes["not centred"] > 0.5 > passport.error_rate


def test_a_passport_needs_labels(sample_hand):
    network = load_network("lenet1")
    unlabelled = hand.Hand(sample_hand.images[:3], np.array([1, -1, -1]), None)
    with pytest.raises(ValueError, match="2 of 3 have none"):
        hand.write_passport(unlabelled, network)
    none = hand.Hand(sample_hand.images[:0], sample_hand.labels[:0], None)
    with pytest.raises(ValueError, match="it is empty"):
        hand.write_passport(none, network)


def test_the_sample_hand_is_the_same_for_a_seed_and_no_two_digits_are_alike():
    first, again, other = (hand.write_sample(2, seed=seed) for seed in (0, 0, 1))
    assert (first.images == again.images).all()
    assert (first.images != other.images).any((1, 2)).all()
    assert (first.images[0] != first.images[1]).any()
    assert first.labels.tolist() == [digit // 2 for digit in range(20)]


def test_bounds_hold_where_the_standard_error_says_nothing():
    low, high = judging.bound_rate(0, 20)
    assert low == 0 and high == pytest.approx(
        0.1611, abs=1e-4
    )  # Newcombe 1998, Table I
    assert judging.bound_rate(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
