"""Interactive figures in a real browser: the host, the digit pad, the wide input."""

import base64
import re
from types import SimpleNamespace

import interactive  # of _sphinx/
import numpy as np
import pytest
import safetensors.torch
import torch
import traitlets
from browser import (
    FIELD,
    FIND_OVERFLOW,
    GLYPHS,
    HTML,
    PAGES,
    draw,
    find_ink,
    list_violations,
    parse,
    read_answers,
    serve,
    settle,
    write_digit,
    write_page,
)
from matplotlib.figure import Figure
from PIL import Image

from lenet_helpers import drawing, prepare_images, trained
from lenet_helpers.experiments.store import read_results
from lenet_helpers.interactive import DigitPad, WideInput
from lenet_helpers.interactive.figure import WEB, InteractiveFigure, make_url

pytestmark = pytest.mark.browser

MAX_BYTES = 400_000  # of a page's figures and weights


@pytest.fixture(scope="module")
def pad(mnist):
    return DigitPad(mnist).to_html()


@pytest.fixture(scope="module")
def wide():
    return WideInput().to_html()


# The host

COUNTER = """import { double } from "./double.mjs";
export default {
  async render({ model, el }) {
    if (model.get("number") < 0) throw new Error("it is negative");
    const view = model.get("data");
    const show = () => (el.textContent = `${double(model.get("number"))} ${
      [...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)]}`);
    model.on("change:number", show);
    el.addEventListener("click", () => model.set("number", model.get("number") + 1));
    el.addEventListener("contextmenu", () => model.off("change:number", show));
    show();
  },
};
"""


@pytest.fixture(scope="module")
def counter(tmp_path_factory):
    folder = tmp_path_factory.mktemp("counter")
    (folder / "counter.mjs").write_text(COUNTER)
    (folder / "double.mjs").write_text("export const double = (n) => 2 * n;\n")

    class Counter(InteractiveFigure, module=folder / "counter.mjs"):
        number = traitlets.Int(1).tag(sync=True)
        data = traitlets.Bytes(b"\x07\xff").tag(sync=True)
        alt = "A number that can be counted up"

        def draw_still(self):
            return Figure(figsize=(2, 1))

    return Counter


def test_a_figure_runs_from_a_file_and_keeps_a_model(show, counter):
    page = show(counter().to_html(), counter(number=5).to_html())
    first, second = page.locator(".lenet-live").all()
    assert first.inner_text() == "2 7,255"
    first.click()
    first.click()
    assert (first.inner_text(), second.inner_text()) == ("6 7,255", "10 7,255")
    first.click(button="right")  # it listens no longer
    first.click()
    assert first.inner_text() == "6 7,255"
    assert not page.locator(".lenet-still img").first.is_visible()


def test_a_figure_that_fails_leaves_its_picture_and_says_why(show, counter):
    page = show(counter(number=-1).to_html(), wait=False)
    page.locator(".lenet-fault").wait_for()
    assert "it is negative" in page.locator(".lenet-fault").inner_text()
    assert page.locator(".lenet-still img").is_visible()


def test_a_figure_whose_part_is_lost_says_so(show, counter):
    html = re.sub(
        r'data-lenet-part="\w+">import', 'data-x="">import', counter().to_html()
    )
    page = show(html, wait=False)
    page.locator(".lenet-fault").wait_for()
    assert "the page lacks a part" in page.locator(".lenet-fault").inner_text()


def test_a_figure_out_of_sight_waits(show, counter):
    far = "<p style='height: 5000px'>far</p>"
    page = show(far, counter().to_html(), wait=False)
    page.wait_for_timeout(300)
    assert page.locator(".lenet-live").count() == 0
    page.locator(".lenet-figure").scroll_into_view_if_needed()
    page.locator(".lenet-started").wait_for()


@pytest.fixture
def finish(counter, tmp_path):
    """Write a page with a figure as Sphinx does, the modules as files beside it."""

    def write(*, has_files=True):
        context = {"body": counter().to_html(), "pathto": lambda path, resource: path}
        if has_files:
            app = SimpleNamespace(outdir=tmp_path)
            interactive.share_parts(app, "page", "page.html", context, None)
        write_page(tmp_path / "page.html", context["body"])
        return tmp_path / "page.html"

    return write


@pytest.fixture
def forbid(browser, finish, tmp_path):
    """Open that page on a site whose policy forbids some scripts."""
    opened = []

    def open_page(policy, **options):
        finish(**options)
        server = serve(tmp_path, ("Content-Security-Policy", policy))
        page = browser.new_page()
        opened.extend([server, page])
        page.goto(f"{next(server)}/page.html")
        return page

    yield open_page
    for one in reversed(opened):
        one.close()


def test_a_figure_starts_where_only_the_scripts_of_a_site_may_run(forbid):
    page = forbid("script-src 'self'")
    page.locator(".lenet-started").wait_for()
    assert page.locator(".lenet-live").inner_text() == "2 7,255"


def test_where_no_script_may_be_made_the_picture_stays_and_says_so(forbid):
    page = forbid("script-src 'self' 'unsafe-inline'", has_files=False)
    fault = page.locator(".lenet-fault")
    fault.wait_for()
    assert fault.inner_text().startswith("This figure does not start here")
    assert page.locator(".lenet-still img").is_visible()


def test_a_figure_starts_from_a_disk_with_the_files_beside_it(browser, finish):
    page = browser.new_page()
    page.goto(finish().as_uri())
    page.locator(".lenet-started").wait_for()
    page.close()


def test_a_figure_starts_where_a_browser_cannot_tell_what_is_in_sight(browser, finish):
    page = browser.new_page()
    page.add_init_script("delete window.IntersectionObserver")
    page.goto(finish().as_uri())
    page.locator(".lenet-started").wait_for()
    page.close()


def test_without_javascript_and_in_print_there_is_a_picture(show, pad):
    page = show(pad, wait=False, java_script_enabled=False)
    assert page.locator(".lenet-still img").is_visible()
    page = show(pad)
    assert not page.locator(".lenet-still img").is_visible()
    page.emulate_media(media="print")
    assert page.locator(".lenet-still img").is_visible()
    assert not page.locator(".lenet-live").is_visible()


@pytest.mark.parametrize(("width", "scheme"), [(1000, "dark"), (360, "light")])
@pytest.mark.parametrize("name", ["pad", "wide"])
def test_a_figure_is_accessible_and_fits(show, name, width, scheme, request):
    page = show(request.getfixturevalue(name), width=width, scheme=scheme)
    draw(page, write_digit(3))
    settle(page)
    assert page.evaluate(FIND_OVERFLOW) == []
    assert list_violations(page) == []


# The digit pad


@pytest.mark.book
@pytest.mark.parametrize("place", ["http", "file"])
def test_ten_digits_drawn_on_the_first_page_are_read(visit, address, place):
    name = "chapters/intro.html"
    url = f"{address}/{name}" if place == "http" else (HTML / name).as_uri()
    page = visit(url, home=address if place == "http" else "file://").page
    page.locator(FIELD).scroll_into_view_if_needed()
    read = {}
    for digit in GLYPHS:
        draw(page, write_digit(digit))
        read[digit] = read_answers(page)[0]
        page.get_by_role("button", name="Clear").click()
    assert read == {digit: str(digit) for digit in GLYPHS}


def test_a_digit_drawn_by_keyboard_is_read(show, pad):
    page = show(pad)
    page.locator(FIELD).focus()
    for key, times in (("ArrowUp", 12), ("ArrowLeft", 7), (" ", 1), ("ArrowRight", 14)):
        for _ in range(times):
            page.keyboard.press(key)
    for _ in range(12):  # a slope
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowLeft")
    page.keyboard.press(" ")
    page.keyboard.press("ArrowLeft")
    before = find_ink(page)
    assert read_answers(page)[0] == "7"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Undo"
    page.keyboard.press("Enter")
    assert read_answers(page)[0] == "–"
    assert before.any() and page.evaluate("scrollY") == 0


def test_undo_clear_and_examples(show, pad, mnist):
    page = show(pad)
    undo, clear = (page.get_by_role("button", name=n) for n in ("Undo", "Clear"))
    assert undo.is_disabled() and clear.is_disabled()
    draw(page, write_digit(4))
    assert read_answers(page) == ["4", "4"]
    undo.click()  # the second stroke
    undo.click()
    assert read_answers(page) == ["–", "–"]
    assert undo.is_disabled()
    page.get_by_role("button", name="a 2", exact=True).click()
    assert read_answers(page) == ["2", "2"]
    draw(page, write_digit(8))
    clear.click()
    assert read_answers(page) == ["–", "–"]
    undo.click()
    undo.click()
    assert read_answers(page) == ["2", "2"]


def test_the_digit_that_opens_gives_way(show, mnist):
    figure = DigitPad(mnist, opening=2)
    page = show(figure.to_html())
    undo, clear = (page.get_by_role("button", name=n) for n in ("Undo", "Clear"))
    assert read_answers(page) == ["2", "2"]
    assert undo.is_disabled() and clear.is_enabled()
    draw(page, write_digit(4))
    assert read_answers(page) == ["4", "4"]
    undo.click()
    undo.click()
    assert read_answers(page) == ["–", "–"]

    page = show(figure.to_html())
    page.get_by_role("button", name="Clear").click()
    assert read_answers(page) == ["–", "–"]
    assert page.get_by_role("button", name="Undo").is_disabled()

    page = show(figure.to_html())
    page.locator(FIELD).focus()
    for key in (" ", *["ArrowUp"] * 12, " "):
        page.keyboard.press(key)
    assert read_answers(page)[0] == "1"
    assert figure.image.max() == 0


def test_an_example_is_answered_as_pytorch_answers_it(show, pad, mnist):
    page = show(pad)
    network = trained.load_network("lenet5")
    figure = DigitPad(mnist)
    digits = np.frombuffer(figure.digits, np.uint8).reshape(-1, 1, 28, 28)
    inputs = prepare_images(torch.from_numpy(digits.copy()), size=32)
    with torch.no_grad():
        penalties = network(inputs)
    best, second = penalties.topk(2, largest=False).values.T
    buttons = page.locator(".lenet-examples button").all()
    assert len(buttons) == len(digits)
    for i, button in enumerate(buttons):
        button.click()
        settle(page)
        shown = page.locator(".lenet-outputs").first.locator(".lenet-number")
        numbers = [int(text) for text in shown.all_inner_texts()]
        assert np.abs(numbers - penalties[i].numpy()).max() < 0.6
        refused = second[i] - best[i] < figure.networks[0]["threshold"]
        expected = "?" if refused else str(penalties[i].argmin().item())
        assert read_answers(page)[0] == expected


def test_examples_are_one_stop_of_the_tab_key(show, pad):
    page = show(pad)
    group = page.get_by_role("group", name="Digits of the test set")
    group.locator("button").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert read_answers(page)[0] == "1"


def test_networks_are_chosen(show, pad):
    page = show(pad)
    draw(page, write_digit(7))
    assert len(read_answers(page)) == 2
    page.get_by_role("checkbox", name="Network of 1989").check()
    assert len(read_answers(page)) == 3
    for name in ("LeNet-5, 1998", "LeNet-1, 1990", "Network of 1989"):
        page.get_by_role("checkbox", name=name).uncheck()
    assert read_answers(page) == []
    draw(page, write_digit(1))
    page.get_by_role("checkbox", name="LeNet-5, 1998").check()
    assert len(read_answers(page)) == 1


def test_a_scribble_is_refused(show, pad):
    page = show(pad)
    generator = np.random.default_rng(3)
    draw(page, [[tuple(p) for p in generator.uniform(0.2, 0.8, (25, 2))]], steps=1)
    assert read_answers(page)[0] == "?"
    assert "Not a digit" in page.locator(".lenet-verdict p").first.inner_text()


def test_the_result_is_read_out_once_the_hand_rests(show, pad):
    page = show(pad)
    status = page.locator(".lenet-hidden[role=status]")
    page.wait_for_timeout(900)
    assert "nothing is drawn" in status.inner_text()
    box = page.locator(FIELD).bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 50)
    page.mouse.down()
    for i in range(10):
        page.mouse.move(box["x"] + 100, box["y"] + 60 + 10 * i)
        page.wait_for_timeout(60)
        assert "nothing is drawn" in status.inner_text()
    page.mouse.up()
    page.wait_for_timeout(1200)
    assert "LeNet-5, 1998: reads 1" in status.inner_text()


def test_the_download_is_the_ink_whatever_a_canvas_gives_back(show, pad):
    page = show(pad)
    # As Firefox does when it resists fingerprinting.
    page.evaluate(
        """() => {
          HTMLCanvasElement.prototype.toDataURL = () => "data:image/png;base64,";
          HTMLCanvasElement.prototype.toBlob = (done) => done(new Blob());
          CanvasRenderingContext2D.prototype.getImageData = () => new ImageData(1, 1);
        }"""
    )
    strokes = write_digit(5)
    draw(page, strokes)
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "digit.png"
    with Image.open(download.value.path()) as picture:
        assert (picture.format, picture.mode) == ("PNG", "L")
        ink = 255 - np.asarray(picture).astype(int)
    assert ink.shape == (140, 140) and ink.max() == 255 and ink[0, 0] == 0
    expected = drawing.draw_ink([np.ravel(stroke) for stroke in strokes]).astype(int)
    # The mouse is somewhere within a pixel of the screen, which is part of one here.
    assert np.abs(ink - expected).mean() < 4


@pytest.mark.parametrize("name", ["pad", "wide"])
def test_undo_goes_back_by_what_has_changed(show, name, request):
    page = show(request.getfixturevalue(name))
    if name == "pad":
        choice = page.get_by_role("button", name="a 2", exact=True)
    else:
        page.get_by_role("button", name="Clear").click()
        choice = page.get_by_role("button", name="Write 1998")
    assert not find_ink(page).any()
    for _ in range(3):
        choice.click()
    assert find_ink(page).any()
    page.get_by_role("button", name="Undo").click()
    assert not find_ink(page).any()


# Bad input


def test_nothing_drawn_has_a_clear_state(show, pad):
    page = show(pad)
    assert read_answers(page) == ["–", "–"]
    assert page.locator(".lenet-verdict p").all_inner_texts()[0] == "Nothing is drawn."
    assert page.get_by_role("button", name="Download").is_disabled()


@pytest.mark.parametrize(
    "strokes",
    [
        [[(0.5, 0.5)]],
        [[(i % 2, i / 60) for i in range(61)]],
        [[(-0.4, 0.2), (0.6, 1.4)], [(0.9, -0.3), (1.4, 0.5)]],
    ],
    ids=["one dot", "a full field", "off the edge"],
)
def test_odd_drawings_give_an_answer_or_are_refused(show, pad, strokes):
    page = show(pad)
    draw(page, [[(0.4, 0.4)]])  # so that a stroke that begins outside is an addition
    draw(page, strokes)
    answers = read_answers(page)
    assert all(re.fullmatch(r"\d|\?", answer) for answer in answers)
    assert find_ink(page).any()


def test_a_stroke_goes_on_outside_the_field_and_comes_back(show, pad):
    page = show(pad)
    draw(page, [[(0.3, 0.5), (0.3, -0.3), (0.7, -0.3), (0.7, 0.5)]], steps=10)
    ink = find_ink(page)
    width = ink.shape[1]
    assert ink[2, int(0.3 * width)] > 200 and ink[2, int(0.7 * width)] > 200
    assert not ink[2, width // 2]


def test_many_touches_at_once_draw_many_strokes(show, pad):
    page = show(pad, has_touch=True)
    box = page.locator(FIELD).bounding_box()
    session = page.context.new_cdp_session(page)
    starts = [(0.2, 0.2), (0.5, 0.2), (0.8, 0.2)]

    def send(kind, shift):
        points = [
            {
                "x": box["x"] + x * box["width"],
                "y": box["y"] + (y + shift) * box["height"],
                "id": i,
            }
            for i, (x, y) in enumerate(starts)
        ]
        session.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [] if kind == "touchEnd" else points},
        )

    send("touchStart", 0)
    for i in range(1, 13):
        send("touchMove", 0.05 * i)
    send("touchEnd", 0)
    ink = find_ink(page)
    height, width = ink.shape
    for x, _ in starts:
        assert (
            ink[int(0.22 * height) : int(0.75 * height), int(x * width)] > 200
        ).all()
    undo = page.get_by_role("button", name="Undo")
    while undo.is_enabled():  # each time some ink goes
        before = find_ink(page).sum()
        undo.click()
        assert find_ink(page).sum() < before
    assert not find_ink(page).any()
    assert page.evaluate("scrollY") == 0


def test_a_finger_scrolls_the_page_outside_the_field_only(show, pad):
    page = show(pad, width=360, has_touch=True, is_mobile=True)
    session = page.context.new_cdp_session(page)

    def swipe(locator):
        box = locator.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

        def send(kind, points):
            session.send(
                "Input.dispatchTouchEvent", {"type": kind, "touchPoints": points}
            )

        send("touchStart", [{"x": x, "y": y}])
        for i in range(1, 11):
            send("touchMove", [{"x": x, "y": y - 12 * i}])
        send("touchEnd", [])
        page.wait_for_timeout(300)
        return page.evaluate("scrollY")

    assert swipe(page.locator(FIELD)) == 0
    assert find_ink(page).any()
    assert swipe(page.locator(".lenet-hint")) > 50


def test_the_wheel_scrolls_the_page_over_the_field(show, pad):
    page = show(pad)
    box = page.locator(FIELD).bounding_box()
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.wheel(0, 300)
    page.wait_for_function("scrollY > 100")


def test_a_window_that_turns_while_drawing_loses_nothing(show, pad):
    page = show(pad, width=390)
    field = page.locator(FIELD)
    box = field.bounding_box()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.3 * box["height"])
    page.set_viewport_size({"width": 844, "height": 390})
    settle(page)
    box = field.bounding_box()
    page.mouse.move(
        box["x"] + 0.7 * box["width"], box["y"] + 0.8 * box["height"], steps=4
    )
    page.mouse.up()
    ink = find_ink(page)
    size = len(ink)
    assert (ink[int(0.3 * size), int(0.3 * size) : int(0.7 * size)] > 200).all()
    assert ink[int(0.8 * size), int(0.7 * size)] > 200
    page.get_by_role("button", name="Undo").click()
    assert not find_ink(page).any()  # it was one stroke


def test_a_very_fast_scribble_keeps_every_turn(show, pad):
    page = show(pad)
    # All moves of one frame arrive together, as coalesced events.
    turns = page.evaluate(
        """async () => {
          const canvas = document.querySelector(".lenet-field");
          const box = canvas.getBoundingClientRect();
          const at = (x, y, type, passed = []) => {
            const event = new PointerEvent(type, {
              pointerId: 7, button: type === "pointerdown" ? 0 : -1, buttons: 1,
              clientX: box.left + x * box.width, clientY: box.top + y * box.height,
              bubbles: true, cancelable: true, coalescedEvents: passed,
            });
            return event;
          };
          canvas.dispatchEvent(at(0.1, 0.1, "pointerdown"));
          const turns = Array.from({ length: 20 }, (_, i) =>
            [i % 2 ? 0.9 : 0.1, 0.1 + 0.04 * i]);
          const passed = turns.map(([x, y]) => at(x, y, "pointermove"));
          canvas.dispatchEvent(at(...turns.at(-1), "pointermove", passed));
          canvas.dispatchEvent(at(...turns.at(-1), "pointerup"));
          return turns;
        }"""
    )
    ink = find_ink(page)
    for x, y in turns:
        assert ink[int(y * len(ink)), int(x * len(ink))] > 200


def test_thousands_of_points_are_drawn_and_read(show, pad):
    page = show(pad)
    angles = np.linspace(0, 60, 1500)
    spiral = [(0.5 + 0.3 * np.sin(a), 0.5 + 0.4 * np.cos(a)) for a in angles]
    draw(page, [spiral], steps=1)
    assert read_answers(page)[0] in {"0", "?"}


def test_a_page_at_200_per_cent_is_drawn_on(show, pad):
    page = show(pad, width=500, device_scale_factor=2)
    draw(page, write_digit(2))
    assert read_answers(page)[0] == "2"
    assert len(find_ink(page)) > 1.5 * page.locator(FIELD).bounding_box()["height"]


def test_weights_that_cannot_be_read_are_named_and_the_rest_works(show, mnist):
    figure = DigitPad(mnist)
    broken, nan = dict(figure.networks[0]), dict(figure.networks[2])
    broken["weights"] = broken["weights"][:5000]
    tensors = safetensors.torch.load(nan["weights"])
    tensors["h1.bias"][0] = float("nan")
    nan["weights"] = safetensors.torch.save(tensors)
    figure.networks = [broken, figure.networks[1], nan]
    figure.shown = ["lenet5", "lenet1", "net1989"]
    page = show(figure.to_html())
    faults = page.locator(".lenet-fault").all_inner_texts()
    assert len(faults) == 2
    assert "cut off" in faults[0] and "h1.bias holds what is no number" in faults[1]
    draw(page, write_digit(6))
    assert read_answers(page) == ["6"]


def test_outputs_that_are_no_numbers_are_no_answer(show, mnist):
    if "modern" not in set(read_results("rejection")["network"]):
        pytest.skip("`rejection` has no row of the modern network yet.")
    figure = DigitPad(mnist, networks=["modern"])
    today = dict(figure.networks[0])
    tensors = safetensors.torch.load(today["weights"])
    huge = {k: t.float() * 1e20 for k, t in tensors.items()}
    figure.networks = [today | {"weights": safetensors.torch.save(huge)}]
    figure.shown = ["modern"]
    page = show(figure.to_html())
    draw(page, write_digit(6))
    assert read_answers(page) == ["–"]
    assert "no numbers" in page.locator(".lenet-verdict p").inner_text()


# The wide input


def test_a_line_is_read_where_it_is_written(show, wide):
    page = show(wide)
    reading = page.locator(".lenet-reading b")
    assert reading.inner_text() == "1 9 9 8"
    page.get_by_role("button", name="Clear").click()
    settle(page)
    assert reading.inner_text() == "nothing"
    assert not page.locator(".lenet-result").is_visible()
    for i, digit in enumerate((4, 0, 7)):
        draw(page, write_digit(digit, x=0.8 + 1.1 * i))
    settle(page)
    assert reading.inner_text() == "4 0 7"


def test_every_window_can_be_looked_at_by_keyboard(show, wide):
    page = show(wide)
    page.get_by_role("slider").focus()
    detail = page.locator(".lenet-detail p")
    seen = [detail.inner_text()]
    for _ in range(4):
        page.keyboard.press("ArrowRight")
        seen.append(detail.inner_text())
    assert len(set(seen)) == 5
    assert seen[0].startswith("Window 1 of 25: 1, at a distance")
    page.keyboard.press("End")
    assert detail.inner_text().startswith("Window 25 of 25")


def test_odd_lines_are_no_fault(show, wide):
    page = show(wide)
    page.get_by_role("button", name="Clear").click()
    draw(page, [[(0.1, 0.5), (4.9, 0.5)]])
    settle(page)
    assert page.locator(".lenet-places div").count() > 50
    draw(page, [[(5 * (i % 2), i / 40) for i in range(41)]], steps=2)
    settle(page)
    assert page.locator(".lenet-places div").count() > 10
    page.get_by_role("button", name="Clear").click()
    draw(page, [[(2.5, 0.5)]])
    settle(page)
    assert page.locator(".lenet-places div").count() >= 1
    page.set_viewport_size({"width": 360, "height": 700})
    assert page.evaluate(FIND_OVERFLOW) == []


# Size and speed

# How long a run takes, in runs of a bare loop that adds up as many products as LeNet-5
# has connections, ten times. They are timed in turn; the fastest run counts, which is
# one that nothing interrupted.
MEASURE = """async ([urls, bytes]) => {
  const modules = await Promise.all(urls.map((url) => import(url)));
  const [networks, drawing, tensors] = modules;
  const packed = Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0));
  const weights = tensors.readTensors(new DataView(packed.buffer));
  const stroke = Array.from({ length: 300 }, (_, i) => 0.5 + 0.4 * Math.sin(i / 9));
  const ink = drawing.drawInk([stroke]);
  const pixels = drawing.centerInk(ink);
  const numbers = Float32Array.from({ length: 3409080 }, (_, i) => i % 7);
  const add = () => {
    let sum = 0;
    for (let i = 0; i < numbers.length; i += 1) sum += numbers[i] * numbers[i];
    return sum;
  };
  const runs = {
    "bare loop": add,
    "LeNet-5": () => networks.runNetwork("lenet5", weights, pixels),
    preprocessing: () => drawing.centerInk(ink),
  };
  const times = Object.fromEntries(Object.keys(runs).map((name) => [name, []]));
  for (let i = 0; i < 100; i += 1)
    for (const [name, run] of Object.entries(runs)) {
      const start = performance.now();
      run();
      times[name].push(performance.now() - start);
    }
  return Object.fromEntries(
    Object.entries(times).map(([name, list]) => [name, Math.min(...list)]));
}"""


def test_a_reading_costs_a_few_bare_loops_over_its_connections(show, pad):
    names = ("networks", "drawing", "tensors")
    urls = [make_url(WEB / "engine" / f"{name}.mjs") for name in names]
    weights = trained.pack_network(trained.load_network("lenet5"))
    page = show(pad)
    times = page.evaluate(MEASURE, [urls, base64.b64encode(weights).decode()])
    bare = times.pop("bare loop")
    ratios = {name: time / bare for name, time in times.items()}
    print(f"bare loop: {bare:.2f} ms; in loops: {ratios}")
    assert ratios["LeNet-5"] < 1.5
    assert ratios["preprocessing"] < 1.5


@pytest.mark.book
@pytest.mark.parametrize("name", PAGES)
def test_figures_and_weights_of_a_page_are_small_and_there_once(name):
    html = (HTML / f"{name}.html").read_text()
    soup = parse(HTML / f"{name}.html")
    parts = soup.select("[data-lenet-part]")
    digests = [part["data-lenet-part"] for part in parts]
    assert len(digests) == len(set(digests))
    figures = soup.select(".lenet-figure")
    size = sum(len(str(element).encode()) for element in [*figures, *parts])
    assert size < MAX_BYTES
    assert "application/vnd.jupyter.widget-state" not in html
    if figures:
        print(f"{name}: {len(figures)} figures, {size / 1000:.0f} kB")
        last = soup.select_one("article .footnotes, article .footnote-list, footer")
        assert last is None or last.sourceline <= parts[0].sourceline
