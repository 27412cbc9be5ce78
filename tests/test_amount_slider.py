"""The amount pad when a network slides: in Python, in a page, and without its file."""

import json
import shutil
import urllib.parse
import zlib

import interactive  # of _sphinx/
import pytest
import safetensors.torch
import traitlets
from browser import FIND_OVERFLOW, list_violations, settle, write_page
from test_amount_pad import read_amount, read_page
from test_links import copy_link, open_link

from lenet_helpers import trained
from lenet_helpers.experiments.for_figures import sliding_amounts
from lenet_helpers.experiments.strings.amounts import load_reader
from lenet_helpers.interactive import AmountPad
from lenet_helpers.strings.amounts import CHARACTERS, make_amounts, write

SLIDES = "slides (space displacement)"
CUTS = "cuts (over-segmentation)"


@pytest.fixture(scope="module")
def lines(sample):
    return make_amounts(sample.test_images, sample.test_labels, number=3, seed=0)


@pytest.fixture
def pad(lines):
    slider = sliding_amounts.load_reader().network
    return AmountPad(load_reader(0).network, lines, slider=slider)


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    path = tmp_path_factory.mktemp("slider") / "sliding_amounts.js"
    interactive.write_slider(path)
    return path


@pytest.fixture
def enter(show, pad, script, tmp_path):
    """Open the figure, its file beside the page; returns the page."""

    def open_with(**options):
        shutil.copy(script, tmp_path)
        return show(pad.to_html(), **options)

    return open_with


def choose(page, name):
    page.get_by_role("group", name="What reads").get_by_label(name).check()
    if name == SLIDES:
        page.locator(".lenet-windows text").first.wait_for()
    settle(page)


def test_the_same_writing_is_read_by_sliding(pad):
    by_cuts = pad.reading
    pad.system = "slides"
    assert write(pad.reading.labels) == "$34.50"
    assert pad.reading.penalty != by_cuts.penalty
    for number in range(3):
        pad.amount = number
        assert 0 <= pad.reading.confidence <= 1
    pad.system, pad.amount = "cuts", None
    assert pad.reading == by_cuts


def test_the_still_picture_is_of_the_chosen_system(pad):
    cuts, alt = pad.draw_still().axes, pad.alt
    pad.system = "slides"
    (axes,) = pad.draw_still().axes
    texts = [text.get_text() for text in axes.texts]
    assert texts[:14] == [*CHARACTERS, "blank"]
    said = "".join(texts[14:])
    assert said.replace("·", "") == "$34.50" and "·" in said
    assert alt != pad.alt and "window" in pad.alt and len(cuts) == 1


def test_what_does_not_slide_is_not_chosen(lines):
    pad = AmountPad(load_reader(0).network, lines)
    assert pad.systems == ["cuts"] and pad.asks == ""
    for system in ("slides", "guesses"):
        with pytest.raises(traitlets.TraitError, match="must be one of cuts"):
            pad.system = system
    with pytest.raises(ValueError, match="slider"):
        pad.pack_file()
    assert "data-lenet-asks" not in pad.to_html()


def test_the_page_holds_no_weights_of_the_slider_but_names_their_file(pad):
    without = AmountPad(pad.network, []).to_html()
    page = pad.to_html()
    assert 'data-lenet-asks="sliding_amounts"' in page
    packed = json.dumps(interactive.base64.b64encode(pad.pack_file()).decode())
    assert packed[1:1000] not in page
    assert len(page) < len(without) + 40_000  # amounts of digits


def test_the_file_is_written_beside_a_page_that_asks_for_it(pad, script, tmp_path):
    class App:
        outdir = tmp_path

    context = {"body": pad.to_html(), "pathto": lambda path, resource: path}
    interactive.share_parts(App, "page", "page.html", context, None)
    written = tmp_path / "_static" / "lenet" / "sliding_amounts.js"
    assert written.read_text() == script.read_text()
    assert written.read_text().startswith("(globalThis.lenetFiles ??= {}).sliding_")
    size = written.stat().st_size
    assert size < 250_000 and round(size / 1e6, 1) == pad.megabytes
    assert not (tmp_path / "_static" / "lenet" / "digits.js").exists()


def test_jupyterlab_is_given_the_weights_when_it_asks(pad, monkeypatch):
    sent = []
    monkeypatch.setattr(pad, "send", lambda *parts: sent.append(parts))
    pad._handle_custom_msg({"ask": "digits"}, [])
    assert sent == []
    pad._handle_custom_msg({"ask": "sliding_amounts"}, [])
    ((message, (content,)),) = sent
    assert message == {"answer": "sliding_amounts"}
    tensors = safetensors.torch.load(zlib.decompress(content))
    expected = safetensors.torch.load(trained.pack_network(pad.slider))
    assert tensors.keys() == expected.keys()
    assert all((tensors[name] == expected[name]).all() for name in tensors)


# In a browser


@pytest.mark.browser
def test_the_page_slides_as_python_slides(enter, pad):
    page = enter()
    choose(page, SLIDES)
    pad.system = "slides"
    for amount in (None, 0, 1, 2):
        rows = read_amount(page, pad, amount)
        assert len({name for name, _ in rows}) == len(rows) == 5
        said = page.locator(".lenet-said text").all_text_contents()
        assert "".join(said) == rows[0][0]
        num_windows = -(-(pad.line.shape[1] - 13) // 4) + 1
        answers = page.locator(".lenet-windows text").all_text_contents()
        assert len(answers) == num_windows and "·" in answers


@pytest.mark.browser
def test_the_weights_come_when_the_reader_chooses_them(enter, pad):
    page = enter()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    before = read_page(page)
    page.get_by_role("button", name="Anything").click()
    page.get_by_role("button", name="An amount").click()
    settle(page)
    assert asked == []
    choose(page, SLIDES)
    assert [url.rpartition("/")[2] for url in asked] == ["sliding_amounts.js"]
    assert not page.locator(".lenet-strip").is_visible()
    assert not page.locator(".lenet-panel").is_visible()
    assert read_page(page) != before
    choose(page, CUTS)
    assert page.locator(".lenet-panel").is_visible()
    assert not page.locator(".lenet-windows").is_visible()
    assert read_page(page) == before
    choose(page, SLIDES)
    assert len(asked) == 1


@pytest.mark.browser
def test_grammar_refusal_and_clearing_work_while_it_slides(enter):
    page = enter()
    choose(page, SLIDES)
    _, rows = read_page(page)
    margin = rows[1][1] - rows[0][1]
    slider = page.get_by_role("slider")
    for threshold in (max(0, int(margin) - 1), int(margin) + 2):
        slider.fill(str(threshold))
        assert ("is refused" in read_page(page)[0]) == (threshold > margin)
    page.get_by_role("button", name="Anything").click()
    assert read_page(page)[1][0][1] <= rows[0][1]
    page.get_by_role("button", name="Clear").click()
    assert read_page(page)[0].startswith("(no character) is")
    assert not page.locator(".lenet-windows").is_visible()


@pytest.mark.browser
def test_a_link_opens_the_system_that_was_chosen(enter):
    page = enter()
    choose(page, SLIDES)
    before = read_page(page)
    address = copy_link(page)
    assert "&system=%22slides%22" in address
    open_link(page, address)
    page.locator(".lenet-windows text").first.wait_for()
    assert read_page(page) == before
    choice = page.get_by_role("group", name="What reads")
    assert choice.get_by_label(SLIDES).is_checked()


@pytest.mark.browser
def test_a_link_to_an_unknown_system_cuts(enter):
    page = enter()
    fragment = urllib.parse.urlencode({"figure": "amount-pad", "system": '"guesses"'})
    open_link(page, f"{page.evaluate('location.href')}#{fragment}")
    assert page.get_by_role("group", name="What reads").get_by_label(CUTS).is_checked()
    assert read_page(page)[0].startswith("$34.50 is the answer")


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1000, "dark"), (360, "light")])
def test_one_chooses_by_keyboard_and_it_is_accessible(enter, width, scheme):
    page = enter(width=width, scheme=scheme)
    page.get_by_label(CUTS).focus()
    page.keyboard.press("ArrowRight")
    page.locator(".lenet-windows text").first.wait_for()
    settle(page)
    assert page.get_by_label(SLIDES).is_checked()
    assert (
        page.locator(".lenet-windows")
        .get_attribute("aria-label")
        .startswith("Windows: ")
    )
    assert page.evaluate(FIND_OVERFLOW) == []
    assert list_violations(page) == []


@pytest.mark.browser
def test_without_its_file_the_figure_says_so_and_cuts_again(
    browser, pad, script, tmp_path
):
    path = tmp_path / "page.html"
    write_page(path, pad.to_html())
    page = browser.new_context().new_page()
    page.goto(path.as_uri())
    page.locator(".lenet-started").wait_for()
    before = read_page(page)
    choice = page.get_by_role("group", name="What reads")
    choice.get_by_label(SLIDES).check()
    fault = page.get_by_role("alert")
    fault.wait_for()
    assert fault.inner_text() == (
        "The network that slides could not be fetched: there is no sliding_amounts.js "
        "beside this page."
    )
    assert not page.locator(".lenet-answer").is_visible()
    choose(page, CUTS)
    assert read_page(page) == before and not fault.is_visible()
    shutil.copy(script, tmp_path)
    choose(page, SLIDES)
    assert read_page(page)[0].startswith("$34.50 is ") and not fault.is_visible()
    page.context.close()


@pytest.mark.browser
def test_a_file_of_something_else_is_refused(show, pad, tmp_path):
    (tmp_path / "sliding_amounts.js").write_text("// something else\n")
    page = show(pad.to_html())
    page.get_by_label(SLIDES).check()
    fault = page.get_by_role("alert")
    fault.wait_for()
    assert "sliding_amounts.js holds something else" in fault.inner_text()
