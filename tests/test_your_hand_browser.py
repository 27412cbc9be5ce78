"""Your hand in a browser: digits that are written, photographed, or of no use."""

import io
import re

import numpy as np
import photos
import pytest
from browser import draw, write_digit
from hands import (
    CELLS,
    PAD,
    assert_passport,
    choose,
    export,
    press,
    read_names,
    take_sample,
    wait_until_read,
)
from PIL import Image

from lenet_helpers import hand, trained

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def network():
    return trained.load_network("lenet5")


def test_forty_digits_written_on_prompt_get_their_passport(
    open_hand, network, tmp_path
):
    page = open_hand()
    assert not page.locator(".lenet-mend").is_visible()
    task = page.locator(".lenet-task")
    told = page.locator(".lenet-prompts > .lenet-hint")
    for number in range(40):
        digit = number % 10
        assert task.inner_text() == f"Write a {digit}"
        scale = 0.6 + 0.05 * (number // 10)
        draw(page, write_digit(digit, scale=scale), steps=1, where=PAD)
        press(page, "Keep it (Enter)")
        assert ("; four of each are a good start." in told.inner_text()) == (
            number < 39
        )
    assert told.inner_text() == "40 digits."
    own = export(page, tmp_path)
    assert own.labels.tolist() == [*range(10)] * 4
    assert all(image.any() for image in own.images)
    assert_passport(page, own, network)


def save_png(pixels):
    Image.fromarray(pixels).save(file := io.BytesIO(), "PNG")
    return file.getvalue()


def test_enter_keeps_a_digit_and_again_clears_it(open_hand):
    page = open_hand()
    press(page, "Keep it (Enter)")  # there is none
    assert page.locator(".lenet-task").inner_text() == "Write a 0"
    draw(page, write_digit(0), where=PAD)
    press(page, "Again")
    press(page, "Keep it (Enter)")
    assert page.locator(CELLS).count() == 0
    page.locator(PAD).focus()
    for key in ("Space", *["ArrowDown"] * 9, "Space", "Enter"):
        page.keyboard.press(key)
    assert page.locator(CELLS).count() == 1
    assert page.locator(".lenet-task").inner_text() == "Write a 1"
    page.keyboard.press("Enter")  # the field is empty again
    assert page.locator(CELLS).count() == 1


def test_the_sample_hand_gets_the_passport_that_python_writes(open_hand, network):
    page = open_hand()
    take_sample(page)
    own = hand.write_sample(8)
    assert_passport(page, own, network)
    answers = hand.classify(own.images, network)
    names = [
        f"a {label}, " + ("read rightly" if label == answer else f"misread as {answer}")
        for label, answer in zip(own.labels, answers, strict=True)
    ]
    assert read_names(page) == names
    assert page.locator(".lenet-misread").count() == (answers != own.labels).sum() > 0
    texts = page.locator(".lenet-misread").all_inner_texts()
    assert all(re.fullmatch(r"\d ✗ \d", text.strip()) for text in texts)


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_a_photograph_of_the_sheet_is_read_as_python_reads_it(
    open_hand, network, filled_sheet, tmp_path, kind
):
    content = photos.compress(filled_sheet, quality=90)
    if kind == "png":
        Image.fromarray(np.ascontiguousarray(filled_sheet)).save(
            file := io.BytesIO(), "PNG"
        )
        content = file.getvalue()
    page = open_hand()
    choose(page, "Choose a picture", f"sheet.{kind}", content)
    page.locator(".lenet-state", has_text="99 digits found and added").wait_for()
    own = hand.read_sheet(content)
    assert page.locator(".lenet-found li").all_inner_texts() == list(own.left_out)
    assert own.left_out == ("the 9s, box 10: empty",)
    assert_passport(page, own, network)
    mine = export(page, tmp_path)
    assert (mine.labels == own.labels).all()
    # A browser decodes JPEG with other rounding.
    gap = np.abs(mine.images.astype(int) - own.images)
    assert gap.max() <= 1 if kind == "png" else gap.mean() < 2
    for step in ("straightened", "ink", "photograph"):
        page.get_by_label(step, exact=True).check()
        assert page.locator(".lenet-photo canvas").is_visible()


def test_a_photograph_is_turned_as_its_camera_says(open_hand, filled_sheet):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned right
    page = open_hand()
    choose(
        page,
        "Choose a picture",
        "turned.jpg",
        photos.compress(np.rot90(filled_sheet), quality=90, exif=exif),
    )
    page.locator(".lenet-state", has_text="99 digits found and added").wait_for()
    width, height = page.locator(".lenet-photo canvas").evaluate(
        "(one) => [one.width, one.height]"
    )
    assert height > width


def test_digits_on_any_paper_come_without_labels(open_hand, tmp_path):
    page = open_hand()
    written = hand.write_sample(1, seed=2)
    picture = np.uint8(255 * photos.lay_out(written.images, columns=5))
    page.get_by_label("digits on any paper").check()
    choose(page, "Choose a picture", "page.png", save_png(picture))
    page.locator(".lenet-state", has_text="10 digits found").wait_for()
    assert "no label yet" in page.locator(".lenet-sources").inner_text()
    page.locator(".lenet-summary", has_text="No digit has a label yet").wait_for()
    page.locator(CELLS).first.focus()
    for digit in range(10):
        page.keyboard.press(str(digit))
        page.keyboard.press("ArrowRight")
    wait_until_read(page)
    assert export(page, tmp_path).labels.tolist() == [*range(10)]


def make_animation():
    frames = [Image.new("L", (40, 40), shade) for shade in (0, 100, 200)]
    frames[0].save(file := io.BytesIO(), "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()


def make_png(size=(60, 60)):
    return save_png(np.full(size[::-1], 255, np.uint8))


HUGE = bytearray(make_png())
HUGE[16:24] = (100_000).to_bytes(4, "big") * 2  # width and height


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"Dear reader", "is no picture that can be read"),
        (b"", "it is empty"),
        (b"\0\0\0\x18ftypheic" + bytes(40), "is in HEIC"),
        (make_animation(), "holds 3 pictures"),
        (bytes(HUGE), "more than 64 million"),
        (make_png((10, 400)), "at least 16"),
        (make_png()[:40], "cut off or damaged"),
        (make_png(), "five square marks"),
    ],
    ids=["text", "empty", "heic", "gif", "huge", "small", "truncated", "blank"],
)
def test_a_file_that_is_of_no_use_gets_a_sentence(open_hand, content, sentence):
    page = open_hand()
    choose(page, "Choose a picture", "mine.png", content)
    fault = page.get_by_role("alert")
    fault.wait_for()
    assert sentence in fault.inner_text()
    assert fault.inner_text().endswith(".")
    assert page.locator(CELLS).count() == 0
    take_sample(page)
    assert not fault.is_visible()


def test_a_picture_can_be_dropped(open_hand, filled_sheet):
    page = open_hand()
    transfer = page.evaluate_handle(
        """(numbers) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([Uint8Array.from(numbers)], "sheet.jpg"));
          return transfer;
        }""",
        list(photos.compress(filled_sheet)),
    )
    field = page.locator(".lenet-drop").first
    field.dispatch_event("dragover", {"dataTransfer": transfer})
    assert "lenet-over" in field.get_attribute("class")
    field.dispatch_event("drop", {"dataTransfer": transfer})
    page.locator(".lenet-state", has_text="99 digits found and added").wait_for()
    assert "lenet-over" not in field.get_attribute("class")


def test_a_browser_that_changes_pixels_is_told_of(open_hand, filled_sheet):
    page = open_hand()
    page.evaluate(
        """() => {
          const read = CanvasRenderingContext2D.prototype.getImageData;
          CanvasRenderingContext2D.prototype.getImageData = function (...place) {
            const picture = read.apply(this, place);
            picture.data[5] ^= 1;
            return picture;
          };
        }"""
    )
    choose(page, "Choose a picture", "sheet.jpg", photos.compress(filled_sheet))
    fault = page.get_by_role("alert")
    fault.wait_for()
    assert "changes the pixels" in fault.inner_text()
