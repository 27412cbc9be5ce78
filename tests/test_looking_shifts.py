"""Moves of tiny images whose answers are written by hand."""

import pytest
import torch

from lenet_helpers import load_mnist
from lenet_helpers.experiments import store
from lenet_helpers.experiments.looking import moved
from lenet_helpers.experiments.looking.protocol import draw_digits
from lenet_helpers.looking import shifts


def test_a_shift_moves_whole_pixels_and_fills_with_the_background():
    images = torch.arange(1.0, 10).view(1, 1, 3, 3)
    down_left = shifts.shift(images, 1, -1, background=-1)
    assert down_left[0, 0].tolist() == [[-1, -1, -1], [2, 3, -1], [5, 6, -1]]
    assert torch.equal(shifts.shift(images, 0, 0), images)


def test_a_shift_beyond_the_image_is_refused():
    with pytest.raises(ValueError, match="smaller than the image, 3 x 3, got 0 and 3"):
        shifts.shift(torch.zeros(1, 1, 3, 3), 0, 3)


def draw_point(row, column):
    images = torch.zeros(1, 1, 5, 5)
    images[0, 0, row, column] = 1
    return images


def test_a_quarter_turn_goes_clockwise():
    turned = shifts.warp(draw_point(1, 2), turn=90)
    assert torch.allclose(turned, draw_point(2, 3), atol=1e-6)


def test_a_slant_moves_what_is_above_the_middle_to_the_right():
    assert torch.allclose(
        shifts.warp(draw_point(1, 2), slant=1), draw_point(1, 3), atol=1e-6
    )
    assert torch.allclose(
        shifts.warp(draw_point(4, 2), slant=0.5), draw_point(4, 1), atol=1e-6
    )


def test_scale_2_moves_points_twice_as_far_from_the_middle():
    scaled = shifts.warp(draw_point(1, 2), scale=2)
    assert scaled[0, 0].argmax().item() == 0 * 5 + 2  # from one row above to two


def test_a_slant_comes_before_the_turn():
    point = draw_point(1, 2)
    slanted = shifts.warp(point, slant=1)
    both = shifts.warp(point, slant=1, turn=90)
    assert torch.allclose(both, shifts.warp(slanted, turn=90), atol=1e-6)


def test_each_image_has_its_own_move():
    images = draw_point(1, 2).expand(2, 1, 5, 5)
    moved_ones = shifts.warp(images, turn=torch.tensor([90.0, -90.0]))
    assert torch.allclose(moved_ones[0], draw_point(2, 3)[0], atol=1e-6)
    assert torch.allclose(moved_ones[1], draw_point(2, 1)[0], atol=1e-6)


@pytest.mark.parametrize(
    ("images", "scale", "message"),
    [
        (torch.zeros(1, 1, 3, 3, dtype=torch.uint8), 1, "`images` must be .* floats"),
        (torch.zeros(3, 3), 1, r"`images` must be \(N, 1, H, W\)"),
        (torch.zeros(1, 1, 3, 3), 0, "`scale` must be above 0, got 0"),
    ],
)
def test_what_cannot_be_warped_is_refused(images, scale, message):
    with pytest.raises(ValueError, match=message):
        shifts.warp(images, scale=scale)


def test_four_directions_take_turns():
    images = draw_point(2, 2).expand(5, 1, 5, 5)
    ends = shifts.shift_around(images, 1).flatten(1).argmax(1)
    assert ends.tolist() == [13, 11, 17, 7, 13]


@pytest.mark.parametrize(("kind", "amount"), moved.MOVES)
def test_moves_of_the_experiment_change_a_digit_unless_there_is_none(kind, amount):
    pixels = torch.zeros(4, 1, 28, 28)
    pixels[:, 0, 6:22, 12:15] = 1
    changed = moved.move(pixels, kind, amount)
    assert torch.equal(changed, pixels) == (kind == "none")
    assert changed.shape == pixels.shape and 0 <= changed.min() <= changed.max() <= 1


def test_digits_are_drawn_once_and_fewer_are_the_first_of_more():
    mnist = load_mnist(source="sample")
    some = draw_digits(mnist, 500)
    assert len(some.unique()) == 500
    assert torch.equal(some[:100], draw_digits(mnist, 100))


def test_moved_digits_are_read_as_stored(monkeypatch):
    rows = store.read_results("moved")
    if load_mnist().is_sample:
        pytest.skip("results/ is of all of MNIST, and only the sample is here.")
    monkeypatch.setattr(moved, "MOVES", moved.MOVES[:3])
    again = moved.run(0, classifier="Net1989")["errors_by_move"][0]
    stored = rows.query("classifier == 'Net1989'")["errors_by_move"].iloc[0][0]
    assert again == pytest.approx(stored[:3], abs=1)
