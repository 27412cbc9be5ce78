"""Links to figures as they stand: copied in one page, opened in another."""

import json
import urllib.parse

import pytest
from browser import draw, read_answers, settle, write_digit
from figures import FIGURES, make_convolution

from lenet_helpers.interactive import DigitPad, WideInput

pytestmark = pytest.mark.browser


def copy_link(page):
    """Press the button; returns the address that it makes."""
    page.get_by_role("button", name="Copy link").click()
    page.locator(".lenet-link", has_text="The link to the figure").wait_for()
    return page.evaluate("location.href")


def open_link(page, address):
    page.goto("about:blank")
    page.goto(address)
    page.locator(".lenet-started").wait_for()
    settle(page)


# Digits of a hand are too many for an address.
LINKED = [*(name for name in FIGURES if name != "hand"), "wide"]


@pytest.mark.parametrize("name", LINKED)
def test_every_figure_opens_from_its_link(show, name):
    figure = WideInput() if name == "wide" else FIGURES[name]()
    page = show(figure.to_html())
    before = page.locator(".lenet-live").inner_text()
    open_link(page, copy_link(page))
    assert page.locator(".lenet-live").inner_text() == before
    assert not page.locator(".lenet-fault").is_visible()


def test_a_link_brings_the_kernel_and_the_stride(show):
    page = show(make_convolution().to_html())
    page.get_by_role("group", name="Stride").get_by_label("2").check()
    page.get_by_role("button", name="All weights 0").click()
    open_link(page, copy_link(page))
    assert page.get_by_role("group", name="Stride").get_by_label("2").is_checked()
    assert page.get_by_role("button", name="row 0, column 0: 0.00").count() == 1


def test_a_link_brings_a_drawing(show, mnist):
    page = show(DigitPad(mnist).to_html())
    draw(page, write_digit(4))
    assert read_answers(page)[0] == "4"
    open_link(page, copy_link(page))
    assert read_answers(page)[0] == "4"


def test_a_page_goes_to_the_figure_that_its_link_means(show):
    far = "<p style='height: 5000px'>far</p>"
    page = show(far, make_convolution().to_html())
    address = page.evaluate("location.href")
    open_link(page, f"{address}#figure=convolution-explorer&stride=3")
    assert page.evaluate("scrollY") > 4000
    assert page.get_by_role("group", name="Stride").get_by_label("3").is_checked()


@pytest.mark.parametrize(
    "state",
    [
        {"kernel": [1, 2]},
        {"kernel": "all"},
        {"unit": [1e9, -5]},
        {"stride": 1e9},
        {"digit": -7},
        {"padding": "<b>"},
        {"border": None},
    ],
)
def test_a_link_that_makes_no_sense_opens_the_figure_all_the_same(show, state):
    page = show(make_convolution().to_html())
    values = {name: json.dumps(value) for name, value in state.items()}
    fragment = urllib.parse.urlencode({"figure": "convolution-explorer"} | values)
    open_link(page, f"{page.evaluate('location.href')}#{fragment}")
    assert page.get_by_role("group", name="Stride").is_visible()
    assert page.locator(".lenet-live canvas").count() > 3
