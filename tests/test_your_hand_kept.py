"""Your hand in a browser: what it keeps, what another tab does, what can go wrong."""

import json

import pytest
from browser import start_all
from hands import CELLS, press, read_names, take_sample

pytestmark = pytest.mark.browser

KEY = "lenet-your-hand"
BREAK = {
    "full": """() => {
      Storage.prototype.setItem = () => {
        throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
      };
    }""",
    "throwing": """() => {
      Object.defineProperty(window, "localStorage", {
        get() { throw new DOMException("Access is denied.", "SecurityError"); },
      });
    }""",
}


def read_kept(page):
    return page.evaluate(f"localStorage.getItem('{KEY}')")


def read_state(page):
    return page.locator(".lenet-keep .lenet-state").inner_text()


def reload(page):
    page.reload()
    start_all(page)


def open_tab(page):
    """Open the same page in another tab."""
    other = page.context.new_page()
    other.goto(page.url)
    start_all(other)
    return other


def read_offer(page):
    offer = page.locator(".lenet-offer")
    return offer.locator("p").inner_text() if offer.is_visible() else ""


def test_digits_are_kept_offered_taken_up_and_forgotten(open_hand):
    page = open_hand()
    assert read_offer(page) == "" and read_kept(page) is None
    take_sample(page)
    names = read_names(page)
    assert read_kept(page) is None  # not unasked
    press(page, "Keep in this browser")
    assert "80 digits kept in this browser, on this device" in read_state(page)
    reload(page)
    assert read_offer(page) == "This browser keeps 80 digits."
    assert page.locator(CELLS).count() == 0
    press(page, "Take them up")
    page.locator(".lenet-summary", has_text="misreads").wait_for()
    assert read_names(page) == names and read_offer(page) == ""
    press(page, "Forget")
    assert "Forgotten" in read_state(page)
    assert read_kept(page) is None and page.locator(CELLS).count() == 80
    reload(page)
    assert read_offer(page) == ""


def test_kept_digits_can_be_forgotten_at_once(open_hand):
    page = open_hand()
    take_sample(page)
    press(page, "Keep in this browser")
    reload(page)
    press(page, "Forget them")
    assert read_kept(page) is None and read_offer(page) == ""


def test_other_digits_are_not_replaced_unasked(open_hand):
    page = open_hand()
    take_sample(page)
    press(page, "Keep in this browser")
    kept = read_kept(page)
    reload(page)
    take_sample(page)
    page.locator(CELLS).first.click()
    press(page, "Remove it")
    press(page, "Keep in this browser")
    assert "Nothing was kept yet" in read_state(page) and read_kept(page) == kept
    assert read_offer(page) == "These are other digits: This browser keeps 80 digits."
    press(page, "Keep these 79 instead")
    assert len(json.loads(read_kept(page))["labels"]) == 79
    assert read_offer(page) == ""


def test_a_second_tab_changes_nothing_here(open_hand):
    page = open_hand()
    take_sample(page)
    press(page, "Keep in this browser")
    other = open_tab(page)
    press(other, "Take them up")
    other.locator(CELLS).nth(5).click()
    press(other, "Remove it")
    press(other, "Keep in this browser")
    page.locator(".lenet-offer", has_text="Another tab").wait_for()
    assert read_offer(page) == (
        "Another tab has kept other digits; here nothing has changed. "
        "This browser keeps 79 digits."
    )
    assert page.locator(CELLS).count() == 80
    press(other, "Forget")
    page.locator(".lenet-keep .lenet-state", has_text="Another tab").wait_for()
    assert "the digits here are as before" in read_state(page)
    assert read_offer(page) == "" and page.locator(CELLS).count() == 80


def test_a_full_browser_keeps_what_it_kept(open_hand):
    page = open_hand()
    take_sample(page)
    press(page, "Keep in this browser")
    kept = read_kept(page)
    page.locator(CELLS).first.click()
    press(page, "Remove it")
    page.evaluate(BREAK["full"])
    press(page, "Keep in this browser")
    assert "no room left" in read_state(page)
    assert read_kept(page) == kept and page.locator(CELLS).count() == 79


def test_a_browser_that_keeps_nothing_says_so_when_asked(open_hand):
    page = open_hand()
    page.add_init_script(f"({BREAK['throwing']})()")
    reload(page)
    take_sample(page)
    assert read_state(page) == ""
    press(page, "Keep in this browser")
    assert "keeps nothing for this page" in read_state(page)
    assert page.locator(CELLS).count() == 80


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("something else", "it is damaged, or something else has written it"),
        ("null", "it is damaged, or something else has written it"),
        ('{"version": 2}', "another version of this figure has written it"),
        ('{"version": 1, "images": "", "labels": []}', "its labels are not digits"),
        ('{"version": 1, "images": "", "labels": [12]}', "its labels are not digits"),
        ('{"version": 1, "images": "AAAA", "labels": [1]}', "3 pixels for 1 digits"),
        ('{"version": 1, "images": "*", "labels": [1]}', "it is damaged"),
    ],
)
def test_what_is_no_hand_is_left_alone(open_hand, text, sentence):
    page = open_hand()
    page.evaluate("([key, text]) => localStorage.setItem(key, text)", [KEY, text])
    reload(page)
    assert sentence in read_offer(page) and "Nothing was taken over" in read_offer(page)
    assert not page.get_by_role("button", name="Take them up").is_visible()
    take_sample(page)
    press(page, "Keep in this browser")
    assert read_kept(page) == text
    press(page, "Forget it")
    assert read_kept(page) is None
