"""Corruptions are the ones named, as strong as the table says, and repeatable."""

import pytest
import torch

from lenet_helpers.looking import corruptions


@pytest.fixture(scope="module")
def bars():
    """Give 64 pictures of an upright bar, 4 wide and 12 high, in the middle."""
    images = torch.zeros(64, 1, 28, 28, dtype=torch.uint8)
    images[:, :, 8:20, 12:16] = 255
    return images


def find_centre(images):
    """Give the centre of the ink of each image: rows, columns."""
    ink = images[:, 0].double()
    total, place = ink.sum((1, 2)), torch.arange(28.0).double()
    rows = (ink.sum(2) * place).sum(1) / total
    return rows, (ink.sum(1) * place).sum(1) / total


@pytest.mark.parametrize("name", corruptions.NAMES)
def test_each_corruption_grows_keeps_the_form_and_repeats(name, bars):
    before = bars.clone()
    changes = []
    for strength in range(1, 6):
        found = corruptions.corrupt(bars, name, strength=strength)
        assert found.shape == bars.shape and found.dtype == torch.uint8
        assert torch.equal(found, corruptions.corrupt(bars, name, strength=strength))
        changes.append((found.float() - bars.float()).abs().mean().item())
    assert changes[0] > 0
    assert changes == sorted(changes)
    assert torch.equal(bars, before)


@pytest.mark.parametrize("name", ["rotate", "fog", "impulse noise", "zigzag"])
def test_another_seed_gives_other_chances(name, bars):
    one, other = (
        corruptions.corrupt(bars, name, strength=3, seed=seed) for seed in (0, 1)
    )
    assert not torch.equal(one, other)


def test_gaussian_noise_has_its_deviation(bars):
    grey = torch.full_like(bars, 127)
    found = corruptions.corrupt(grey, "Gaussian noise", strength=1)
    assert found.double().std() / 255 == pytest.approx(0.1, rel=0.03)


def test_shot_noise_scatters_with_the_root_of_the_ink_and_leaves_the_paper(bars):
    found = corruptions.corrupt(bars // 2, "shot noise", strength=2) / 255
    half = found[bars > 0]
    assert half.mean() == pytest.approx(127 / 255, rel=0.03)
    assert half.std() == pytest.approx((127 / 255 / 20) ** 0.5, rel=0.06)
    assert (found[bars == 0] == 0).all()


def test_impulse_noise_sets_its_share_of_the_pixels(bars):
    grey = torch.full_like(bars, 127)
    found = corruptions.corrupt(grey, "impulse noise", strength=3)
    assert (found == 255).double().mean() == pytest.approx(0.08, rel=0.1)
    assert (found == 0).double().mean() == pytest.approx(0.08, rel=0.1)


def test_contrast_leaves_a_share_of_the_ink(bars):
    found = corruptions.corrupt(bars, "contrast", strength=2)
    assert found.max().item() == round(0.5 * 255)


def test_translate_moves_by_its_pixels(bars):
    rows, columns = find_centre(corruptions.corrupt(bars, "translate", strength=3))
    distance = ((rows - 13.5) ** 2 + (columns - 13.5) ** 2).sqrt()
    assert distance.numpy() == pytest.approx(3, abs=0.05)


def test_rotate_turns_by_its_degrees(bars):
    found = corruptions.corrupt(bars, "rotate", strength=3)[:, 0].double()
    place = torch.arange(28.0).double() - 13.5
    total = found.sum((1, 2))
    mixed = (found * place[:, None] * place).sum((1, 2)) / total
    down = (found.sum(2) * place**2).sum(1) / total
    across = (found.sum(1) * place**2).sum(1) / total
    angles = torch.rad2deg(torch.atan2(2 * mixed, down - across) / 2)
    assert angles.abs().numpy() == pytest.approx(30, abs=1)
    assert 0.2 < (angles > 0).double().mean() < 0.8


def test_scale_shrinks_to_its_share(bars):
    found = corruptions.corrupt(bars, "scale", strength=5)
    area = found.double().sum((1, 2, 3)) / bars.double().sum((1, 2, 3))
    assert area.numpy() == pytest.approx(0.25, abs=0.01)


def test_shear_moves_rows_against_each_other(bars):
    found = corruptions.corrupt(bars, "shear", strength=2)[:, 0].double()
    place = torch.arange(28.0).double()
    middle = (found * place).sum(2) / found.sum(2).clamp(min=1e-9)  # of each row
    slope = (middle[:, 18] - middle[:, 9]) / 9
    assert slope.abs().numpy() == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize("name", ["blur", "motion blur", "glass blur"])
def test_blurs_spread_ink_and_add_none(name, bars):
    found = corruptions.corrupt(bars, name, strength=3).double()
    assert found.mean() == pytest.approx(bars.double().mean().item(), rel=0.05)
    assert ((found > 20) & (found < 235)).any() or name == "glass blur"


@pytest.mark.parametrize("name", ["dotted line", "zigzag", "fog"])
def test_lines_and_fog_only_add_ink(name, bars):
    found = corruptions.corrupt(bars, name, strength=2)
    assert (found >= bars).all()


def test_a_stripe_turns_ink_and_paper_over(bars):
    found = corruptions.corrupt(bars, "stripe", strength=3)
    changed = found != bars
    assert torch.equal(found[changed], 255 - bars[changed])
    assert changed.double().sum((1, 2, 3)).min() > 28


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": "rain"}, "`name` must be one of"),
        ({"strength": 0}, "`strength` must be 1, 2, 3, 4 or 5"),
        ({"strength": 6}, "`strength` must be 1, 2, 3, 4 or 5"),
    ],
)
def test_corrupt_rejects_what_is_not_in_the_table(wrong, message, bars):
    how = {"name": "blur", "strength": 1} | wrong
    with pytest.raises(ValueError, match=message):
        corruptions.corrupt(bars, how["name"], strength=how["strength"])


def test_corrupt_rejects_prepared_images(bars):
    with pytest.raises(ValueError, match="`images` must be stored pixels"):
        corruptions.corrupt(bars / 255, "blur", strength=1)
