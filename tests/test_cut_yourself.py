"""Lines cut by hand: the pieces in Python, and the figure in a browser."""

import json
import urllib.parse

import numpy as np
import pytest
import torch
from browser import FIND_OVERFLOW
from test_links import copy_link, open_link

from lenet_helpers import prepare_images, trained
from lenet_helpers.interactive import CutYourself
from lenet_helpers.strings.cuts import cut_at, segment
from lenet_helpers.strings.lines import make_lines

STRIP = ".lenet-cut-strip"


def draw_blocks(*columns):
    """Draw a line of blots, each three columns wide, from the columns given."""
    pixels = np.zeros((32, 40), np.uint8)
    for column in columns:
        pixels[10:20, column : column + 3] = 255
    return pixels


def test_a_piece_is_what_lies_between_two_cuts_in_the_middle_of_a_field():
    first, second = cut_at(draw_blocks(4, 7), [7])[:, 0].numpy()
    assert np.array_equal(first, second)
    rows, columns = (np.flatnonzero(first.any(axis)) for axis in (1, 0))
    # Of rows 0 to 9 the middle is 4.5, which is rounded up to 5, and put at 16.
    assert rows.tolist() == list(range(11, 21)) and columns.tolist() == [15, 16, 17]


def test_what_is_blank_between_two_cuts_is_no_piece():
    pixels = draw_blocks(4, 20)
    assert len(cut_at(pixels, [10, 15])) == 2
    assert len(cut_at(pixels, [2, 3, 4, 5, 10, 39])) == 3
    assert len(cut_at(0 * pixels, [10])) == 0
    assert torch.equal(cut_at(pixels, []), segment([pixels], limit=-1).images)


@pytest.mark.parametrize("columns", [[0], [40], [-1], [5, 5], [6, 5]])
def test_cuts_outside_the_line_or_out_of_order_are_refused(columns):
    with pytest.raises(ValueError, match="`columns` must rise, from 1 to 39"):
        cut_at(draw_blocks(4), columns)


@pytest.fixture(scope="module")
def network():
    """Load LeNet-5, its weights of 16 bits as in the page."""
    network = trained.load_network("lenet5")
    halved = {name: one.half() for name, one in network.state_dict().items()}
    network.load_state_dict(halved)
    return network


@pytest.fixture(scope="module")
def lines(sample):
    """Write three lines of test digits that touch."""
    digits, classes = sample.test_images, sample.test_labels
    return make_lines(digits, classes, number=3, length=(3, 5), gap=(-1, 0), seed=2)


@pytest.fixture
def figure(lines, network):
    """Let one system read each line rightly, the other none."""
    right = [line.labels for line in lines]
    others = {"cutting": right, "sliding": [(1, *labels) for labels in right]}
    return CutYourself(lines, network=network, others=others)


def test_the_pieces_are_those_of_the_line_that_is_shown(figure, lines):
    figure.cuts = [[], [20, 30], []]
    figure.line = 1
    assert torch.equal(figure.pieces, cut_at(lines[1].pixels, [20, 30]))


@pytest.mark.parametrize(
    "wrong",
    [
        {"line": 3},
        {"line": -1},
        {"cuts": [[]]},
        {"cuts": [[0, 9], [], []]},
        {"cuts": [[], [], [8, 8]]},
        {"cuts": [[], [999], []]},
    ],
)
def test_a_line_or_a_cut_that_is_not_there_is_refused(figure, wrong):
    ((name, value),) = wrong.items()
    with pytest.raises(ValueError, match=f"`{name}`"):
        setattr(figure, name, value)


def test_a_figure_needs_lines_and_a_reading_of_each(lines, network):
    with pytest.raises(ValueError, match="`lines` is empty"):
        CutYourself([], network=network, others={})
    with pytest.raises(ValueError, match="of 3 lines, got 1 of 'cutting'"):
        CutYourself(lines, network=network, others={"cutting": [(1,)]})


def test_the_still_picture_is_told_with_what_was_read(figure, lines, network):
    first = " ".join(map(str, lines[0].labels))
    assert f"written, {first}; cutting, {first}; sliding, 1 {first}. Next" in figure.alt
    assert len(figure.draw_still().axes) == 2
    assert (
        len(CutYourself(lines[:1], network=network, others={}).draw_still().axes) == 1
    )


# In a browser


def count_columns(page):
    return int(page.locator(STRIP).get_attribute("aria-valuemax")) + 1


def click(page, column, *, tap=False):
    """Click on the strip where the left edge of a column is."""
    strip = page.locator(STRIP)
    strip.scroll_into_view_if_needed()
    box = strip.bounding_box()
    width = count_columns(page)
    place = (box["x"] + column / width * box["width"], box["y"] + box["height"] / 2)
    (page.touchscreen.tap if tap else page.mouse.click)(*place)


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def find_cuts(page):
    """Find the columns of the cuts that are drawn."""
    width = count_columns(page)
    shares = page.locator(f"{STRIP} .lenet-cut").evaluate_all(
        "(cuts) => cuts.map((cut) => parseFloat(cut.style.left))"
    )
    return [round(share / 100 * width) for share in shares]


def read_pieces(page):
    """Read the answer below each piece, and the penalty."""
    items = page.locator(".lenet-pieces li").all()
    return [(int(one.locator("b").inner_text()), one.inner_text()) for one in items]


def read_score(page):
    """Read the table: each row without its line, the foot at the end."""
    return [
        [cell.replace("\u00a0", " ") for cell in row.locator("td").all_inner_texts()]
        for row in page.locator(".lenet-score :is(tbody, tfoot) tr").all()
    ]


def recognize(network, line, cuts):
    with torch.no_grad():
        penalties = network(prepare_images(cut_at(line.pixels, cuts), size=32))
    least, answers = penalties.min(1)
    return answers.tolist(), least.tolist()


def assert_shows(page, network, line, cuts):
    """Hold cuts, answers and penalties against Python's."""
    assert find_cuts(page) == cuts
    answers, penalties = recognize(network, line, cuts)
    found = read_pieces(page)
    assert [answer for answer, _ in found] == answers
    shown = [float(text.split()[-1]) for _, text in found]
    assert shown == pytest.approx(penalties, abs=0.06)


@pytest.mark.browser
def test_a_click_puts_a_cut_and_takes_it_and_lenet_5_reads(
    show, figure, lines, network
):
    page = show(figure.to_html())
    assert_shows(page, network, lines[0], [])
    first, second = lines[0].places[1:3, 0].tolist()
    click(page, second)
    assert_shows(page, network, lines[0], [second])
    click(page, first)
    assert_shows(page, network, lines[0], [first, second])
    click(page, second + 0.6)  # near the cut, so it is meant
    assert_shows(page, network, lines[0], [first])
    click(page, 2)
    assert_shows(page, network, lines[0], [2, first])
    assert page.get_by_text("Without ink, left out: 1.").is_visible()
    press(page, "Clear")
    assert_shows(page, network, lines[0], [])
    assert page.get_by_text("Larger than the field, its ends lost: 1.").is_visible()


@pytest.mark.browser
def test_undo_goes_back_to_the_line_where_something_was_cut(
    show, figure, lines, network
):
    page = show(figure.to_html())
    click(page, 20)
    press(page, "Next line")
    click(page, 30)
    press(page, "Clear")
    assert_shows(page, network, lines[1], [])
    for line, cuts in ((lines[1], [30]), (lines[1], []), (lines[0], [])):
        press(page, "Undo")
        assert_shows(page, network, line, cuts)
    assert page.get_by_role("radio", name="1").is_checked()
    assert page.get_by_role("button", name="Undo").is_disabled()


@pytest.mark.browser
def test_a_line_is_cut_by_keyboard_and_a_screen_reader_hears_of_it(
    show, figure, lines, network
):
    page = show(figure.to_html())
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")  # to the second line
    page.keyboard.press("Tab")
    strip = page.get_by_role("slider", name="Line 2 of 3: where to cut")
    page.keyboard.press("Home")
    for _ in range(19):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert_shows(page, network, lines[1], [20])
    assert strip.get_attribute("aria-valuetext").endswith(", a cut")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")  # beside a cut, and a cut of its own
    assert_shows(page, network, lines[1], [20, 21])
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    assert_shows(page, network, lines[1], [21])
    page.keyboard.press("End")
    last = lines[1].pixels.shape[1] - 1
    assert strip.get_attribute("aria-valuenow") == str(last)
    (first, second), _ = recognize(network, lines[1], [21])
    page.wait_for_function(
        "(text) => document.querySelector('[role=status]').textContent.includes(text)",
        arg=f"Line 2 of 3. The pieces read {first} {second}.",
    )


@pytest.mark.browser
def test_check_shows_where_digits_meet_and_fills_the_table(
    show, figure, lines, network
):
    page = show(figure.to_html())
    hidden = [["–"] * 4] * 3
    assert read_score(page) == [*hidden, ["0", "0", "0"]]
    assert "sliding" not in page.locator(".lenet-verdict").inner_text()
    assert page.get_by_role("button", name="Check").is_disabled()
    true = lines[0].places[1:, 0].tolist()
    for column in true:
        click(page, column)
    assert page.locator(".lenet-meeting").count() == 0
    press(page, "Check")
    answers, _ = recognize(network, lines[0], true)
    assert tuple(answers) == lines[0].labels
    right = " ".join(map(str, lines[0].labels))
    row = [right, f"{right} ✓", f"{right} ✓", f"1 {right} ✗"]
    assert read_score(page) == [row, *hidden[:2], ["1", "1", "0"]]
    verdict = page.locator(".lenet-verdict").inner_text()
    assert verdict.startswith(
        f"Your cuts read {right}; written was {right}. "
        f"The systems read {right} (cutting) and 1 {right} (sliding)."
    )
    page.wait_for_function(
        "(text) => document.querySelector('[role=status]').textContent.includes(text)",
        arg=verdict,
    )
    stripes = page.locator(".lenet-meeting").evaluate_all(
        "(all) => all.map(({ style }) => [style.left, style.width].map(parseFloat))"
    )
    width = lines[0].pixels.shape[1]
    ends = lines[0].places[:-1, 2].tolist()
    meetings = [sorted(pair) for pair in zip(ends, true, strict=True)]
    for (left, size), (low, high) in zip(stripes, meetings, strict=True):
        assert left == pytest.approx(100 * low / width, abs=0.01)
        assert size == pytest.approx(100 * (high - low) / width, abs=0.01)
    click(page, 8)  # what was checked stays
    assert read_score(page)[0] == row
    assert page.get_by_role("button", name="Check").is_disabled()


@pytest.mark.browser
def test_a_wrong_cut_is_counted_as_wrong(show, figure, lines, network):
    page = show(figure.to_html())
    page.get_by_role("radio", name="3").check()
    click(page, lines[2].places[1, 0] + 3)
    press(page, "Check")
    answers, _ = recognize(network, lines[2], find_cuts(page))
    own = " ".join(map(str, answers))
    assert read_score(page)[2][1] == f"{own} ✗"
    assert read_score(page)[3] == ["0", "1", "0"]
    assert page.get_by_role("button", name="Next line").is_disabled()


@pytest.mark.browser
def test_a_finger_cuts_on_a_phone_and_many_cuts_fit(show, figure, lines, network):
    page = show(figure.to_html(), width=360, has_touch=True)
    page.get_by_role("radio", name="2").check()
    click(page, 20, tap=True)
    assert_shows(page, network, lines[1], [20])
    click(page, 21, tap=True)  # a finger's breadth from the cut
    assert_shows(page, network, lines[1], [])
    for column in range(8, lines[1].pixels.shape[1] - 6, 3):
        click(page, column, tap=True)
    assert len(find_cuts(page)) > 12
    press(page, "Check")
    assert page.evaluate(FIND_OVERFLOW) == []


@pytest.mark.browser
def test_a_link_brings_the_cuts_and_no_answers(show, figure, lines, network):
    page = show(figure.to_html())
    press(page, "Next line")
    click(page, 20)
    press(page, "Check")
    open_link(page, copy_link(page))
    assert_shows(page, network, lines[1], [20])
    assert read_score(page)[1] == ["–"] * 4


@pytest.mark.browser
@pytest.mark.parametrize(
    ("state", "line", "cuts"),
    [
        ({"line": 99, "cuts": [[], [], [20]]}, 2, [20]),
        ({"line": -5}, 0, []),
        ({"line": 1.4, "cuts": [[], [30, 20, 20, 19.7]]}, 1, [20, 30]),
        ({"cuts": [[-4, 0, 5, 1e9, 1e300]]}, 0, [5]),
        ({"cuts": [[10], [], [], [7], [8]]}, 0, [10]),
        ({"cuts": [["<b>", None]]}, 0, []),
        ({"cuts": [10, 20]}, 0, []),
        ({"cuts": None, "line": None}, 0, []),
        ({"line": "1"}, 0, []),
    ],
)
def test_a_link_that_makes_no_sense_is_put_right(
    show, figure, lines, network, state, line, cuts
):
    page = show(figure.to_html())
    values = {name: json.dumps(value) for name, value in state.items()}
    fragment = urllib.parse.urlencode({"figure": "cut-yourself"} | values)
    open_link(page, f"{page.evaluate('location.href')}#{fragment}")
    assert page.get_by_role("radio", name=str(line + 1)).is_checked()
    assert_shows(page, network, lines[line], cuts)
    click(page, 40)
    assert_shows(page, network, lines[line], sorted([*cuts, 40]))
