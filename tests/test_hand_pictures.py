"""Pictures of every kind are opened as one would see them, or refused in a sentence."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from lenet_helpers.hand.pictures import LONGEST, open_picture

GREY = np.array([[0, 60], [120, 200]], np.uint8).repeat(16, 0).repeat(16, 1)


def save(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


PNG = save(Image.fromarray(GREY), "PNG")
JPEG = save(Image.fromarray(GREY), "JPEG", quality=95)


def close(picture, expected=GREY, within=2):
    return np.abs(picture.grey.astype(int) - expected).max() <= within


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "CMYK", "I", "I;16"])
def test_a_mode_of_pixels_makes_no_difference(mode):
    image = Image.fromarray(GREY)
    if mode.startswith("I"):
        image = Image.fromarray(GREY.astype(np.uint16) * 257)
        image = image.convert("I") if mode == "I" else image
    else:
        image = image.convert(mode)
    assert close(open_picture(image))
    if mode not in ("CMYK", "I"):
        assert close(open_picture(save(image, "PNG")))


def test_a_palette_and_one_bit_are_opened():
    assert close(open_picture(save(Image.fromarray(GREY).quantize(4), "PNG")))
    bits = open_picture(save(Image.fromarray(GREY).convert("1"), "PNG"))
    assert set(np.unique(bits.grey)) == {0, 255}


def test_what_is_transparent_is_paper():
    pixels = np.zeros((32, 32, 4), np.uint8)  # black, seen through by half of it
    pixels[:16, :, 3] = 255
    pixels[16:, :, 3] = 51
    grey = open_picture(save(Image.fromarray(pixels), "PNG")).grey
    assert grey[0, 0] == 0 and grey[31, 0] == 204
    palette = Image.fromarray(np.zeros((32, 32), np.uint8)).convert("P")
    assert open_picture(save(palette, "PNG", transparency=0)).grey.min() == 255


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_camera_s_turn_is_undone(turn):
    undo = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: np.transpose,
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(a, 2).T,
        8: lambda a: np.rot90(a, -1),
    }[turn]
    image = Image.fromarray(np.ascontiguousarray(undo(GREY)))
    exif = image.getexif()
    exif[0x0112] = turn
    assert close(open_picture(save(image, "JPEG", quality=95, exif=exif)), within=4)


def test_paths_bytes_files_and_arrays_are_opened_alike(tmp_path):
    path = tmp_path / "digit.png"
    path.write_bytes(PNG)
    colors = np.repeat(GREY[:, :, None], 3, 2)
    for source in (path, str(path), PNG, io.BytesIO(PNG), GREY, colors):
        assert close(open_picture(source), within=0)
    with path.open("rb") as file:
        assert close(open_picture(file), within=0)


def test_a_large_picture_is_reduced_by_averaging():
    large = GREY.repeat(129, 0).repeat(129, 1)  # 4128 pixels
    picture = open_picture(large)
    assert picture.reduction == 3 and max(picture.grey.shape) <= LONGEST
    assert picture.grey[0, 0] == 0 and picture.grey[-1, -1] == 200


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.9])
def test_a_file_that_is_cut_off_is_refused(kind, share):
    noise = np.random.default_rng(0).integers(256, size=(64, 64), dtype=np.uint8)
    whole = save(Image.fromarray(noise), kind)
    with pytest.raises(ValueError, match=r"cut off or damaged|no picture"):
        open_picture(whole[: int(share * len(whole))])


def test_damaged_bytes_never_raise_anything_but_a_sentence():
    rng = np.random.default_rng(0)
    for whole in (PNG, JPEG):
        for _ in range(60):
            damaged = bytearray(whole)
            for place in rng.integers(0, len(whole), 4):
                damaged[place] = rng.integers(256)
            try:
                open_picture(bytes(damaged))
            except ValueError as error:
                assert str(error).startswith("The picture ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no picture that can be read: it is empty"),
        (
            b"a sheet, filled",
            r"no picture that can be read: its first bytes are b'a she",
        ),
        (b"\0\0\0\x18ftypheic" + bytes(40), "is in HEIC, .* as JPEG"),
    ],
)
def test_what_is_no_picture_is_named(content, message):
    with pytest.raises(ValueError, match=message):
        open_picture(content)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_an_animation_is_refused(kind):
    frames = [Image.fromarray(GREY), Image.fromarray(255 - GREY)]
    moving = save(frames[0], kind, save_all=True, append_images=frames[1:])
    with pytest.raises(ValueError, match="holds 2 pictures"):
        open_picture(moving)


def test_a_gigantic_picture_is_refused_before_it_is_decoded():
    header = struct.pack(">IIBBBBB", 100_000, 90_000, 8, 0, 0, 0, 0)
    check = struct.pack(">I", zlib.crc32(b"IHDR" + header))
    bomb = PNG[:8] + struct.pack(">I", 13) + b"IHDR" + header + check
    bomb += PNG[8 + 25 :]
    with pytest.raises(ValueError, match="more than 64 million"):
        open_picture(bomb)
    with pytest.raises(ValueError, match="9000 x 8000 pixels, more than 64 million"):
        open_picture(np.zeros((8000, 9000), np.uint8))


def test_a_picture_too_small_for_a_digit_is_refused():
    with pytest.raises(ValueError, match="has 12 x 40 pixels"):
        open_picture(np.zeros((40, 12), np.uint8))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.png"):
        open_picture(tmp_path / "none.png")


@pytest.mark.parametrize(
    "pixels", [np.zeros((40, 40)), np.zeros((40, 40, 4), np.uint8), np.zeros(40)]
)
def test_other_arrays_are_refused(pixels):
    with pytest.raises(ValueError, match="need the shape"):
        open_picture(pixels)
