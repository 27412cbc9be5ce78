"""Your hand in a browser: digits are mended, and come from files."""

import numpy as np
import photos
import pytest
from browser import FIND_OVERFLOW, find_center, list_violations
from hands import (
    CELLS,
    assert_passport,
    choose,
    export,
    press,
    read_names,
    read_passport,
    take_sample,
    wait_until_read,
)

from lenet_helpers import hand, trained

pytestmark = pytest.mark.browser


def test_labels_are_mended_and_digits_removed_and_all_is_undone(open_hand):
    page = open_hand()
    take_sample(page)
    before = read_names(page)
    page.locator(CELLS).nth(12).click()
    page.get_by_role("group", name="Label").get_by_label("7").check()
    assert read_names(page)[12].startswith("a 7, ")
    page.get_by_role("group", name="Label").get_by_label("no label").check()
    assert read_names(page)[12].startswith("without a label, read as ")
    assert "1 digit has no label" in page.locator(".lenet-passport").inner_text()
    assert read_passport(page)[0][2] == 79
    press(page, "Remove it")
    assert read_names(page) == before[:12] + before[13:]
    press(page, "Remove all")
    assert page.locator(CELLS).count() == 0
    for _ in range(4):
        press(page, "Undo")
    assert read_names(page) == before
    press(page, "Undo")
    assert page.locator(CELLS).count() == 0
    assert not page.locator(".lenet-mend").is_visible()


def test_a_grid_is_mended_by_keyboard(open_hand):
    page = open_hand()
    take_sample(page)
    page.locator(CELLS).first.focus()
    in_row = page.locator(CELLS).evaluate_all(
        "(all) => all.filter((one) => one.offsetTop === all[0].offsetTop).length"
    )
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("5")
    assert read_names(page)[in_row + 1].startswith("a 5, misread as ")
    page.keyboard.press("?")
    assert read_names(page)[in_row + 1].startswith("without a label")
    page.keyboard.press("Delete")
    assert page.locator(CELLS).count() == 79
    focused = "[...document.querySelectorAll('.lenet-hand-grid button')].indexOf("
    assert page.evaluate(f"{focused}document.activeElement)") == in_row + 1
    stops = page.locator(f"{CELLS}[tabindex='0']")
    assert stops.count() == 1
    page.keyboard.press("End")
    page.keyboard.press("Tab")  # leaves the grid
    assert page.evaluate("document.activeElement.type") == "radio"


# A file


def test_what_python_saved_is_taken_in(open_hand, tmp_path):
    network = trained.load_network("lenet5")
    own = hand.write_sample(3, seed=5)
    own.save(tmp_path / "mine.npz")
    page = open_hand()
    page.get_by_label("Choose a file").set_input_files(tmp_path / "mine.npz")
    page.locator(".lenet-state", has_text="30 digits of mine.npz added").wait_for()
    assert_passport(page, own, network)
    again = export(page, tmp_path)
    assert (again.images == own.images).all() and (again.labels == own.labels).all()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("cut", "mine.npz holds no hand"),
        ("other", "mine.npz holds no hand"),
        ("none", "mine.npz holds no digit"),
        ("many", "this figure holds 1,000, and nothing was added"),
    ],
)
def test_a_file_that_holds_no_hand_is_refused(open_hand, tmp_path, name, sentence):
    own = hand.write_sample(2)
    repeat = {"none": 0, "many": 51}.get(name, 1)
    changed = hand.Hand(
        np.tile(own.images, (repeat, 1, 1)),
        np.tile(own.labels, repeat),
        np.tile(own.boxes, (repeat, 1, 1)),
    )
    changed.save(tmp_path / "mine.npz")
    content = (tmp_path / "mine.npz").read_bytes()
    contents = {"cut": content[:5000], "other": b"PK\3\4 and so on"}
    page = open_hand()
    take_sample(page)
    choose(page, "Choose a file", "mine.npz", contents.get(name, content))
    fault = page.get_by_role("alert")
    fault.wait_for()
    assert sentence in fault.inner_text()
    assert page.locator(CELLS).count() == 80


# In this state, too


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_with_digits_it_is_accessible_and_fits(open_hand, filled_sheet, width, scheme):
    page = open_hand(width=width, scheme=scheme)
    choose(page, "Choose a picture", "sheet.jpg", photos.compress(filled_sheet))
    page.locator(".lenet-state", has_text="99 digits found and added").wait_for()
    page.get_by_text("Rate, passes, seed").click()
    page.get_by_label("passes").fill("2")
    press(page, "▶ Teach")
    page.locator(".lenet-state", has_text="It has learnt").wait_for()
    page.locator(CELLS).nth(3).click()
    press(page, "Keep in this browser")
    wait_until_read(page)
    assert page.evaluate(FIND_OVERFLOW) == []
    assert list_violations(page) == []
    cells = page.locator(CELLS)
    lower, upper = find_center(cells.nth(40))[1], find_center(cells.nth(0))[1]
    assert lower - upper >= 40  # rows do not lie on each other
