import pytest
import torch

from lenet_helpers.distortions import deslant, distort


def draw_dot(row, column, size=28):
    images = torch.zeros(1, 1, size, size)
    images[0, 0, row, column] = 1.0
    return images


def find_centre(images):
    """Give the centre of mass of each image as (N, 2): row, column."""
    mass = images[:, 0]
    mass = mass / mass.sum(dim=(1, 2), keepdim=True)
    rows = (mass.sum(2) * torch.arange(images.shape[2])).sum(1)
    columns = (mass.sum(1) * torch.arange(images.shape[3])).sum(1)
    return torch.stack([rows, columns], 1)


def seeded():
    return torch.Generator().manual_seed(0)


def test_no_distortion_changes_nothing():
    images = torch.rand(3, 1, 32, 32, generator=seeded())
    assert torch.allclose(distort(images), images, atol=1e-5)


def test_the_same_seed_distorts_alike_and_each_image_in_its_own_way():
    images = draw_dot(10, 12).expand(5, 1, 28, 28)
    first, second = (
        distort(images, generator=seeded(), shift=3, elastic=2) for _ in range(2)
    )
    assert torch.equal(first, second)
    assert len({tuple(row) for row in first.flatten(1).round(decimals=4).tolist()}) == 5


def test_a_shift_moves_by_at_most_its_range_in_pixels():
    images = draw_dot(14, 14).expand(400, 1, 28, 28)
    moved = find_centre(distort(images, generator=seeded(), shift=3, background=0))
    moved = moved - 14
    assert moved.abs().max() <= 3 + 1e-3
    assert moved.min() < -2.8 and moved.max() > 2.8
    assert moved.mean(0).abs().max() < 0.3


def test_a_scale_moves_a_dot_along_the_line_from_the_centre():
    images = draw_dot(4, 4).expand(300, 1, 28, 28)  # 9.5 pixels from the centre
    places = find_centre(distort(images, generator=seeded(), scale=0.2, background=0))
    factors = (13.5 - places) / 9.5
    assert (factors[:, 0] - factors[:, 1]).abs().max() < 0.06
    assert 0.78 < factors.min() < 0.85 and 1.15 < factors.max() < 1.22


def test_a_squeeze_lengthens_one_axis_and_shortens_the_other():
    images = draw_dot(4, 4).expand(300, 1, 28, 28)
    places = find_centre(distort(images, generator=seeded(), squeeze=0.2, background=0))
    across, down = ((13.5 - places[:, i]) / 9.5 for i in (1, 0))
    assert (across * down - 1).abs().max() < 0.08
    assert across.max() > 1.15


def test_a_shear_moves_rows_and_not_columns():
    images = draw_dot(4, 13).expand(300, 1, 28, 28)
    moved = find_centre(distort(images, generator=seeded(), shear=0.5, background=0))
    assert (moved[:, 0] - 4).abs().max() < 0.05
    assert 4.0 < (moved[:, 1] - 13).abs().max() <= 0.5 * 9.5 + 0.05


def test_a_rotation_keeps_the_distance_from_the_centre():
    images = draw_dot(13, 3).expand(300, 1, 28, 28)
    places = find_centre(distort(images, generator=seeded(), rotation=30, background=0))
    distances = (places - 13.5).norm(dim=1)
    assert (distances - (10.5**2 + 0.5**2) ** 0.5).abs().max() < 0.15
    angles = torch.rad2deg(torch.atan2(places[:, 0] - 13.5, 13.5 - places[:, 1]))
    assert 25 < angles.max() < 31 and -34 < angles.min() < -29  # it begins at -2.7


def test_an_elastic_displacement_has_the_stated_size_and_is_smooth():
    images = draw_dot(16, 16, 33).expand(800, 1, 33, 33)
    places = find_centre(
        distort(images, generator=seeded(), elastic=1.5, smoothness=5, background=0)
    )
    assert 1.1 < (places - 16).std() < 1.9


def test_what_comes_from_beyond_the_border_is_background():
    images = torch.full((50, 1, 28, 28), -0.1)
    distorted = distort(images, generator=seeded(), shift=8, rotation=40, elastic=2)
    assert torch.allclose(distorted, images, atol=1e-6)


def test_a_negative_range_and_a_wrong_shape_are_refused():
    with pytest.raises(ValueError, match="`shear` must be 0 or more, got -1"):
        distort(draw_dot(1, 1), shear=-1)
    with pytest.raises(ValueError, match=r"got \(28, 28\)"):
        distort(torch.zeros(28, 28))


def test_stored_pixels_are_refused_before_they_become_background():
    pixels = torch.zeros(2, 1, 28, 28, dtype=torch.uint8)
    for change in (distort, deslant):
        with pytest.raises(ValueError, match=r"floats, got torch.uint8: `prepare_im"):
            change(pixels)


@pytest.mark.parametrize("low", [-0.1, -1.0, float("nan")])
def test_deslant_refuses_images_whose_background_is_not_0(low):
    images = torch.full((1, 1, 28, 28), low)
    images[0, 0, 5:23, 12:15] = 1
    with pytest.raises(ValueError, match=f"0 where there is no ink, got {low:.3g}"):
        deslant(images)


def test_deslant_reads_one_map():
    with pytest.raises(ValueError, match=r"\(N, 1, H, W\), got \(2, 3, 28, 28\)"):
        deslant(torch.zeros(2, 3, 28, 28))


def test_a_slanted_bar_is_set_upright():
    image = torch.zeros(1, 1, 28, 28)
    for y in range(5, 23):
        x = 14 - (y - 14) // 2  # leans to the right
        image[0, 0, y, x : x + 3] = 1
    upright = deslant(image)
    rows = upright[0, 0, 7:21]
    centres = (rows * torch.arange(28)).sum(1) / rows.sum(1)
    assert centres.max() - centres.min() < 0.6
    assert torch.allclose(upright.sum(), image.sum(), rtol=0.03)


def test_an_upright_digit_and_an_empty_image_stay():
    image = torch.zeros(2, 1, 28, 28)
    image[0, 0, 5:23, 12:15] = 1
    torch.testing.assert_close(deslant(image), image, atol=1e-4, rtol=0)
