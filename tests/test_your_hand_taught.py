"""Your hand in a browser: LeNet-5 learns it, and one tries what it has learnt."""

import re

import pytest
from browser import draw, open_site, read_numbers, settle, write_digit
from hands import PAD, choose, press, take_sample

from lenet_helpers.interactive import YourHand

pytestmark = pytest.mark.browser

TRIAL = ".lenet-trial .lenet-field"


def teach(page):
    press(page, "▶ Teach")
    page.locator(".lenet-teach .lenet-state", has_text="It has learnt").wait_for()
    settle(page)


def read_results(page):
    """Read, by digits, what is misread before and after, each of how many."""
    rows = page.locator(".lenet-before-after tbody tr").all()
    found = {}
    for row in rows:
        cells = row.locator("td").all_inner_texts()
        numbers = [read_numbers(cell.split("(")[1]) for cell in cells]
        found[row.locator("th").inner_text()] = [tuple(one) for one in numbers]
    return found


def fill_in(page, **choices):
    """Open the fields of rate, passes and seed, and fill some."""
    page.get_by_text("Rate, passes, seed").click()
    for name, value in choices.items():
        page.get_by_label(name, exact=True).fill(str(value))
    page.keyboard.press("Tab")


def test_teaching_the_sample_hand_halves_its_error(open_hand, sample):
    page = open_hand()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    take_sample(page)
    size = YourHand(sample).megabytes
    assert f"{size} MB" in page.locator(".lenet-teach").inner_text()
    assert not [url for url in asked if "digits" in url]
    teach(page)
    assert [url.split("/")[-1] for url in asked if "digits" in url] == ["digits.js"]
    results = read_results(page)
    (before, number), (after, _) = results["your digits, held out"]
    assert number == 40 and before >= 2 and after <= before / 2
    (_, number), (forgot, _) = results["MNIST's test digits"]
    assert number == 1000 and forgot < 40
    assert page.locator(".lenet-results svg path").count() == 2
    head = page.locator(".lenet-before-after thead").inner_text()
    assert "after 10 passes" in head


def test_the_choices_of_a_course_count(open_hand):
    page = open_hand()
    take_sample(page)
    page.get_by_role("group", name="Digits to learn from").get_by_label("10").check()
    page.get_by_label("all layers").check()
    page.get_by_label("my digits and 100 of MNIST's").check()
    fill_in(page, passes=3, seed=4)
    teach(page)
    state = page.locator(".lenet-teach .lenet-state").inner_text()
    assert "learnt from 10 digits" in state
    assert "after 3 passes" in page.locator(".lenet-before-after").inner_text()


def test_a_course_stops_when_it_is_told(open_hand):
    page = open_hand()
    take_sample(page)
    fill_in(page, passes=200)
    press(page, "▶ Teach")
    page.locator(".lenet-teach .lenet-state", has_text="It learns from 40").wait_for()
    press(page, "❚❚ Stop here")
    page.locator(".lenet-teach .lenet-state", has_text="It has learnt").wait_for()
    head = page.locator(".lenet-before-after thead").inner_text()
    assert read_numbers(head)[-1] < 200
    assert page.locator(TRIAL).is_visible()


def test_what_was_taught_is_tried_beside_what_was_before(open_hand):
    page = open_hand()
    take_sample(page)
    assert not page.locator(TRIAL).is_visible()
    teach(page)
    signs = page.locator(".lenet-signs b")
    assert signs.all_inner_texts() == ["–", "–"]
    crossed = [*write_digit(0, scale=0.75), [(0.68, 0.18), (0.32, 0.82)]]
    draw(page, crossed, where=TRIAL)
    settle(page)
    before, after = signs.all_inner_texts()
    assert after == "0" and re.fullmatch(r"\d", before)
    press(page, "Clear")
    settle(page)
    assert signs.all_inner_texts() == ["–", "–"]


def test_one_of_each_digit_is_too_few_and_is_said(open_hand):
    page = open_hand()
    for digit in (0, 1):
        draw(page, write_digit(digit), steps=1, where=PAD)
        press(page, "Keep it (Enter)")
    press(page, "▶ Teach")
    fault = page.get_by_role("alert")
    fault.wait_for()
    assert "at least two of one digit" in fault.inner_text()


def test_without_mnist_it_teaches_and_says_what_is_not_measured(open_hand, tmp_path):
    page = open_hand()
    (tmp_path / "digits.js").write_text("// something else\n")
    take_sample(page)
    page.get_by_label("my digits and 100 of MNIST's").check()
    press(page, "▶ Teach")
    fault = page.get_by_role("alert")
    fault.wait_for()
    assert fault.inner_text() == (
        "The digits could not be fetched: digits.js holds something else. "
        "Teach without MNIST's digits."
    )
    page.get_by_label("my digits", exact=True).check()
    teach(page)
    assert not fault.is_visible()
    assert list(read_results(page)) == ["your digits, held out"]
    assert "not measured" in page.locator(".lenet-teach").inner_text()


def test_a_rate_that_is_too_high_shows_in_both_errors(open_hand):
    page = open_hand()
    take_sample(page)
    page.get_by_label("all layers").check()
    fill_in(page, rate=1, passes=1)
    teach(page)
    for (before, number), (after, _) in read_results(page).values():
        assert after > number / 2 > before
    page.get_by_label("rate", exact=True).fill("0")  # gives way to what was there
    page.keyboard.press("Tab")
    assert page.get_by_label("rate", exact=True).input_value() == "1"


@pytest.mark.parametrize("says_so", ["later", "at once"])
def test_a_site_that_forbids_workers_is_told_of(browser, sample, tmp_path, says_so):
    page = open_site(browser, YourHand(sample), tmp_path, "http", "script-src 'self'")
    if says_so == "at once":  # as some browsers do
        page.evaluate(
            "globalThis.Worker = class { constructor() { throw Error('no'); } }; 0"
        )
    take_sample(page)  # what needs no Worker goes on
    press(page, "▶ Teach")
    fault = page.get_by_role("alert").filter(has_text="Nothing can be trained here")
    fault.wait_for()
    assert "not allowed to compute in the background" in fault.inner_text()
    choose(page, "Choose a picture", "sheet.jpg", b"any")
    page.get_by_text("No picture can be read here").first.wait_for()
    assert page.locator(".lenet-hand-grid button").count() == 80
    page.context.close()
