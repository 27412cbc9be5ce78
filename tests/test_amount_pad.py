"""The amount pad: what it reads, in Python and in a page, and what one may bend."""

import json
import urllib.parse

import numpy as np
import pytest
from browser import FIELD, FIND_OVERFLOW, draw, settle, write_digit
from figures import make_amount_pad
from test_links import open_link

from lenet_helpers.experiments.strings.amounts import load_reader
from lenet_helpers.interactive import AmountPad
from lenet_helpers.strings.amounts import PATTERN, make_amounts, write
from lenet_helpers.strings.cuts import segment
from lenet_helpers.strings.patterns import PatternError


@pytest.fixture(scope="module")
def lines(sample):
    return make_amounts(sample.test_images, sample.test_labels, number=3, seed=0)


@pytest.fixture
def pad(lines):
    return AmountPad(load_reader(0).network, lines)


def test_the_writing_that_it_opens_with_is_read_rightly(pad):
    assert write(pad.reading.labels) == "$34.50"
    assert pad.line.shape == (32, 160) and pad.line.max() == 255


def test_a_stored_amount_is_read_instead(pad, lines):
    for number, line in enumerate(lines):
        pad.amount = number
        assert np.array_equal(pad.line, line.pixels)
    assert {write(line.labels) for line in lines} == {
        amount["text"] for amount in pad.amounts
    }


def test_without_ink_nothing_is_read(pad):
    pad.strokes = []
    assert pad.reading.labels == () and pad.reading.confidence == 0


def test_a_pattern_that_makes_no_sense_is_refused_with_a_place(pad):
    pad.pattern = "$[0-9"
    with pytest.raises(PatternError, match="at character 2"):
        _ = pad.reading


# In a browser


def read_page(page):
    """Read the answer and the table of readings."""
    settle(page)
    answer = page.locator(".lenet-reading").inner_text()
    rows = page.locator(".lenet-answer tbody tr")
    cells = [row.locator("td").all_inner_texts() for row in rows.all()]
    return answer, [(name, float(penalty)) for name, penalty, _ in cells]


def read_amount(page, pad, amount):
    """Choose an amount, hold its best reading to Python's, and list all readings."""
    pad.amount = amount
    select = page.get_by_label("An amount of test digits")
    select.select_option("" if amount is None else str(amount))
    answer, rows = read_page(page)
    reading = write(pad.reading.labels)
    assert answer.startswith(f"{reading} is ") and rows[0][0] == reading
    assert rows[0][1] == pytest.approx(pad.reading.penalty, rel=0.02, abs=0.2)
    return rows


@pytest.mark.browser
def test_the_page_reads_what_python_reads(show, pad, lines):
    page = show(pad.to_html())
    for amount in (None, 0, 1, 2):
        rows = read_amount(page, pad, amount)
        penalties = [penalty for _, penalty in rows]
        assert penalties == sorted(penalties) and len(rows) == 5
        assert len({name for name, _ in rows}) == 5


@pytest.mark.browser
def test_one_writes_by_hand_and_undoes_it(show, pad):
    page = show(pad.to_html())
    page.get_by_role("button", name="Clear").click()
    assert read_page(page) == ("Nothing can be read by this grammar.", [])
    assert not page.locator(".lenet-panel").is_visible()
    page.get_by_role("button", name="Anything").click()
    draw(page, write_digit(7, x=1, scale=0.62))
    draw(page, write_digit(1, x=1.6, scale=0.62))
    answer, rows = read_page(page)
    assert answer.startswith("71 is ") and rows[0][0] == "71"
    page.get_by_role("button", name="Undo").click()
    assert read_page(page)[0].startswith("7 is ")
    page.get_by_role("button", name="Write $34.50").click()
    page.get_by_role("button", name="An amount").click()
    assert read_page(page)[0].startswith("$34.50 is the answer")


@pytest.mark.browser
def test_writing_takes_the_place_of_a_stored_amount(show, pad):
    page = show(pad.to_html())
    select = page.get_by_label("An amount of test digits")
    select.select_option("1")
    page.get_by_role("button", name="Anything").click()
    draw(page, write_digit(7, x=1, scale=0.62))
    assert read_page(page)[0].startswith("7 is ") and select.input_value() == ""


@pytest.mark.browser
def test_a_grammar_that_makes_no_sense_says_where_and_others_are_obeyed(show, pad):
    page = show(pad.to_html())
    field = page.get_by_label("Grammar: what may be read")
    assert field.input_value() == PATTERN
    field.fill("$[0-9")
    fault = page.locator(".lenet-wrong")
    assert "cannot be read at character 2" in fault.inner_text()
    assert read_page(page)[1] == []
    field.fill("$[0-9]{3}.[0-9]*")
    assert not fault.is_visible()
    _, rows = read_page(page)
    assert rows and all(name[4] == "." and len(name) >= 5 for name, _ in rows)


@pytest.mark.browser
def test_the_reader_bends_arcs_and_the_path_moves(show, pad):
    page = show(pad.to_html())
    before, rows = read_page(page)
    assert page.locator(".lenet-chosen").count() == len("$34.50")
    page.locator(".lenet-chosen .lenet-hit").nth(1).dispatch_event("click")
    settle(page)
    select = page.get_by_label("A piece of ink")
    name = select.locator("option:checked").inner_text()
    left, right = (int(column) for column in name.split(":")[0].split()[1::2])
    assert name.endswith(f"columns {left} to {right}: 3 for {name.split()[-1]}")
    assert (
        f"costs {name.split()[-1]} as 3, "
        in page.locator(".lenet-piece p").inner_text()
    )
    dearer = page.get_by_role("button", name="Make it 10 dearer")
    dearer.click()
    _, after = read_page(page)
    assert after[0] == (rows[0][0], pytest.approx(rows[0][1] + 10, abs=0.11))
    page.get_by_role("button", name="Forbid this piece").click()
    _, other = read_page(page)
    assert other[0][1] > after[0][1]
    assert page.get_by_role("button", name="Allow this piece").is_visible()
    page.get_by_role("button", name="Take all changes back").click()
    assert read_page(page) == (before, rows)
    page.get_by_role("button", name="Forbid the cut right of it").click()
    assert read_page(page)[1][0][1] > rows[0][1]
    assert page.locator(".lenet-cuts .lenet-forbidden").count() == 1
    assert f"cut {right + 1} is forbidden" in page.locator(".lenet-panel").inner_text()


@pytest.mark.browser
def test_a_click_on_an_arc_and_on_the_ink(show, pad):
    page = show(pad.to_html())
    before = read_page(page)
    page.locator(".lenet-chosen .lenet-hit").first.dispatch_event("click")
    settle(page)
    assert page.locator(".lenet-selected").count() == 1
    assert page.locator(".lenet-piece").is_visible()
    strip = page.locator(".lenet-strip")
    box, cuts = strip.bounding_box(), segment([pad.line]).cuts[0][:, 0]
    inner = int(cuts[3])
    place = {"x": (inner + 0.2) / 160 * box["width"], "y": box["height"] / 2}
    strip.click(position=place)
    settle(page)
    assert f"cut {inner} is forbidden" in page.locator(".lenet-panel").inner_text()
    strip.click(position=place)
    assert read_page(page) == before
    strip.click(position={"x": 1, "y": 5})  # the first inner cut, not the first
    settle(page)
    assert f"cut {cuts[1]} is forbidden" in page.locator(".lenet-panel").inner_text()


@pytest.mark.browser
def test_the_slider_refuses_what_is_not_sure(show, pad):
    page = show(pad.to_html())
    _, rows = read_page(page)
    margin = rows[1][1] - rows[0][1]
    slider = page.get_by_role("slider")
    for threshold in (int(margin) - 1, int(margin) + 2):
        slider.fill(str(threshold))
        answer, _ = read_page(page)
        assert ("is refused" in answer) == (threshold > margin)


@pytest.mark.browser
def test_it_works_by_keyboard_at_360_pixels(show, pad):
    page = show(pad.to_html(), width=360, has_touch=True)
    assert page.evaluate(FIND_OVERFLOW) == []
    field = page.get_by_label("Grammar: what may be read")
    assert field.evaluate("(one) => one.scrollWidth <= one.clientWidth")
    page.locator(FIELD).focus()
    for key in ("ArrowLeft", "Space", *["ArrowDown"] * 4, "Space"):
        page.keyboard.press(key)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # Undo
    _, rows = read_page(page)
    assert rows[0][0] == "$34.50"
    page.get_by_label("A piece of ink").focus()
    page.keyboard.press("ArrowDown")
    settle(page)
    assert page.locator(".lenet-piece").is_visible()
    assert page.evaluate(FIND_OVERFLOW) == []


@pytest.mark.browser
@pytest.mark.parametrize(
    "state",
    [
        {"strokes": [[0.1], [1, 0.5, 1, 0.6, 3], [99, 99]]},
        {"bends": [[1], [], [2, 1e9], [10, 20, 1e308, 4], [-5, 3, -1e308]]},
        {"pattern": "([0-9]{100}){100}"},
        {"threshold": -1e9},
        {"amount": 77},
        {"amount": -1},
    ],
)
def test_a_link_that_makes_no_sense_opens_the_figure_all_the_same(show, state):
    page = show(make_amount_pad().to_html())
    values = {name: json.dumps(value) for name, value in state.items()}
    fragment = urllib.parse.urlencode({"figure": "amount-pad"} | values)
    open_link(page, f"{page.evaluate('location.href')}#{fragment}")
    page.get_by_role("button", name="An amount").click()
    page.get_by_role("button", name="Write $34.50").click()
    assert len(read_page(page)[1]) == 5
