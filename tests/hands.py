"""What tests of the figure "Your hand" share: ways to bring digits, and to read it."""

import pytest
from browser import read_numbers

from lenet_helpers import hand

CELLS = ".lenet-hand-grid button"
PAD = ".lenet-prompts .lenet-field"


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def take_sample(page):
    press(page, "Take its 80 digits")
    wait_until_read(page)


def wait_until_read(page):
    page.locator(".lenet-summary", has_text="misreads").wait_for()


def choose(page, label, name, content):
    """Choose a file that is made for that."""
    page.get_by_label(label).set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def read_names(page):
    return [one.get_attribute("aria-label") for one in page.locator(CELLS).all()]


def read_passport(page):
    """Read misread, number, rate and bounds; by digit; after each mistake."""
    wait_until_read(page)
    summary = read_numbers(page.locator(".lenet-summary").inner_text())
    rows = page.locator(".lenet-by-digit tbody tr").all()
    by_digit = [row.locator("td").all_inner_texts() for row in rows]
    mistakes = {
        row.locator("th").inner_text(): read_numbers(row.inner_text())[-1]
        for row in page.locator(".lenet-mistakes tr").all()
    }
    return summary, by_digit, mistakes


def assert_passport(page, own, network):
    """Hold the passport of the page against that of Python."""
    summary, (misread, number), mistakes = read_passport(page)
    passport = hand.write_passport(own, network)
    low, high = passport.bounds
    rates = [round(100 * rate, 1) for rate in (passport.error_rate, low, high)]
    assert summary[1:6] == pytest.approx([len(passport.missed), len(own), *rates])
    wrong, written = passport.by_digit.T.tolist()
    assert misread == [
        str(some) if count else "–" for some, count in zip(wrong, written, strict=True)
    ]
    assert number == [str(count) for count in written]
    expected = {"as they are": passport.error_rate} | passport.with_mistakes
    assert list(mistakes) == list(expected)
    for name, rate in expected.items():
        assert mistakes[name] == pytest.approx(100 * rate, abs=0.051), name


def export(page, folder):
    with page.expect_download() as download:
        press(page, "Export hand.npz")
    assert download.value.suggested_filename == "hand.npz"
    download.value.save_as(folder / "hand.npz")
    return hand.load(folder / "hand.npz")
