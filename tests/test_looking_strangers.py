"""Strangers are what they are called, and areas agree with counting pairs."""

import itertools

import numpy as np
import pytest
import torch

from lenet_helpers.looking import strangers


@pytest.fixture(scope="module")
def digits():
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(256, (40, 1, 28, 28), generator=generator)
    return images.to(torch.uint8), torch.arange(40) % 10


@pytest.fixture(scope="module")
def kinds(digits):
    return strangers.gather(*digits, 90, seed=0)


def test_all_kinds_have_the_form_of_digits_and_ink(kinds):
    for kind, made in kinds.items():
        assert made.shape == (90, 1, 28, 28), kind
        assert made.dtype == torch.uint8
        assert made.flatten(1).amax(1).min() > 100


def test_marks_hold_no_digit_and_each_character_in_turn():
    assert not set(strangers.MARKS) & set("0123456789 Oo")
    number = len(strangers.MARKS)
    made = strangers.make_marks(2 * number, seed=0).double().flatten(1)
    # The second picture of a character is like its first, more than like most others.
    alike = torch.corrcoef(made)[:number, number:]
    rank = (alike > alike.diagonal()[:, None]).sum(1)
    assert (rank < 5).double().mean() > 0.9


def test_scribbles_fill_the_box_of_mnist(kinds):
    for ink in kinds["scribbles"][:, 0] > 0:
        rows, columns = ink.any(1).nonzero(), ink.any(0).nonzero()
        extents = [int(found[-1] - found[0]) + 1 for found in (rows, columns)]
        assert 18 <= max(extents) <= 20


def test_halves_are_of_two_digits_of_two_classes(digits):
    images, labels = digits
    made = strangers.join_halves(images, labels, 30, seed=0)
    for one in made:
        left = (images[..., 14:] == one[..., :14]).all(dim=(1, 2, 3)).nonzero()
        right = (images[..., :14] == one[..., 14:]).all(dim=(1, 2, 3)).nonzero()
        assert len(left) == len(right) == 1
        assert labels[left.item()] != labels[right.item()]


def test_shuffled_pixels_keep_their_ink(digits):
    made = strangers.shuffle_pixels(digits[0], 10, seed=0)
    known = {tuple(sorted(image.flatten().tolist())) for image in digits[0]}
    assert all(tuple(sorted(image.flatten().tolist())) in known for image in made)
    assert not any((made[0] == image).all() for image in digits[0])


def test_other_seeds_make_other_scribbles():
    one, other = (strangers.make_scribbles(3, seed=seed) for seed in (0, 1))
    assert not torch.equal(one, other)
    assert torch.equal(one, strangers.make_scribbles(3, seed=0))


def test_ratings_follow_their_definitions():
    scores = torch.tensor([[3.0, 1.0, 0.0], [-10.0, -200.0, -10.5]])
    ratings = strangers.rate_answers(scores)
    assert ratings["best score"].tolist() == [3.0, -10.0]
    assert ratings["lead over the second"].tolist() == [2.0, 0.5]
    probability = scores.double().softmax(1).amax(1)
    expected = (probability / (1 - probability)).log()
    torch.testing.assert_close(ratings["softmax"], expected)


def test_odds_go_on_where_the_probability_ends():
    scores = torch.tensor([[1000.0, 0.0, 0.0], [2000.0, 0.0, 0.0]])
    one, other = strangers.rate_answers(scores)["softmax"]
    assert one < other < torch.inf


def test_the_area_counts_pairs():
    generator = np.random.default_rng(0)
    digits, others = generator.integers(0, 6, 30), generator.integers(0, 4, 20)
    pairs = [
        (a > b) + (a == b) / 2 for a, b in itertools.product(digits.tolist(), others)
    ]
    area = strangers.measure_area(torch.tensor(digits), torch.tensor(others))
    assert area == pytest.approx(np.mean(pairs))


def test_areas_drawn_again_scatter_about_the_area():
    generator = torch.Generator().manual_seed(0)
    digits = torch.randn(200, generator=generator) + 1
    others = torch.randn(100, generator=generator)
    area = strangers.measure_area(digits, others)
    again = strangers.draw_areas_again(digits, others)
    assert len(again) == 200
    assert again.mean() == pytest.approx(area, abs=0.01)
    # Hanley and McNeil 1982, equation 1
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    rest = 199 * (q1 - area**2) + 99 * (q2 - area**2)
    expected = ((area * (1 - area) + rest) / (200 * 100)) ** 0.5
    assert again.std() == pytest.approx(expected, rel=0.25)
