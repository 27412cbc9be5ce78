"""The Training room in a browser: it learns from a file, and says what goes wrong."""

import base64
import json
import re
from types import SimpleNamespace

import interactive  # of _sphinx/
import pytest
from browser import (
    FIND_OVERFLOW,
    draw,
    list_violations,
    read_numbers,
    serve,
    settle,
    write_digit,
    write_page,
)

from lenet_helpers.interactive import TrainingRoom
from lenet_helpers.interactive.figure import WEB, make_url

pytestmark = pytest.mark.browser

SECONDS = 60  # on a machine that others use, too
UPDATES = 48_000  # LeNet-1 then reads 95 %; ten seconds of an idle core
# Small, so that a run takes a second.
SMALL = {"network": "hidden", "rate": 0.02, "digits": 500, "passes": 2}


@pytest.fixture
def enter(show, sample, tmp_path):
    """Open the room, its digits beside the page; returns the page."""

    def enter_with(preset="good", *, width=1000, scheme="light", **settings):
        if not (tmp_path / "digits.js").exists():
            interactive.write_digits(tmp_path / "digits.js", sample)
        room = TrainingRoom(sample, preset=preset, **settings)
        page = show(room.to_html(), width=width, scheme=scheme)
        page.set_default_timeout(1000 * SECONDS)
        return page

    return enter_with


ENDED = """() => document.querySelector(".lenet-status progress").value === 1
  && document.querySelector(".lenet-start").textContent.includes("Start")"""


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def start(page):
    page.locator(".lenet-start").click()


def wait_for(page, text):
    page.locator(".lenet-state", has_text=text).wait_for()


def run_to_the_end(page):
    start(page)
    wait_for_end(page)


def wait_for_end(page):
    settle(page)
    page.wait_for_function(ENDED)


def read_state(page):
    """Read the status: per cent right, digits learnt from."""
    settle(page)
    text = page.locator(".lenet-state").inner_text()
    return read_numbers(text)[:2]


def read_runs(page):
    settle(page)
    return page.locator(".lenet-runs tbody tr").all_inner_texts()


def test_a_network_learns_in_a_page_on_a_disk(enter):
    page = enter(**SMALL)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(300)
    assert asked == []
    assert "Start fetches 4,000 digits" in page.locator(".lenet-state").inner_text()
    assert not page.locator(".lenet-inside").is_visible()
    run_to_the_end(page)
    assert [url.split("/")[-1] for url in asked if "digits" in url] == ["digits.js"]
    right, learnt = read_state(page)
    assert right > 60 and learnt == 1000
    assert page.locator("svg path.lenet-now").count() == 2
    assert page.locator("svg path.lenet-training").count() == 2
    assert page.locator(".lenet-first canvas").count() == 30
    missed = read_numbers(page.locator(".lenet-inside").inner_text().split("Misses")[1])
    assert missed[:2] == [round(10 * (100 - right)), 1000]
    assert page.locator(".lenet-missed button").count() == 30


def test_lenet1_reads_95_per_cent_after_48000_updates(show, mnist, tmp_path):
    interactive.write_digits(tmp_path / "digits.js", mnist)
    page = show(TrainingRoom(mnist).to_html())
    page.set_default_timeout(5000 * SECONDS)
    run_to_the_end(page)
    right, learnt = read_state(page)
    assert learnt == UPDATES
    assert right >= 95


def test_a_run_pauses_goes_on_and_starts_over(enter):
    page = enter(**SMALL | {"network": "lenet5", "loss": "equation-9", "rate": 1e-4})
    start(page)
    wait_for(page, "digits per second")
    start(page)
    page.get_by_role("button", name="Go on").wait_for()
    _, before = read_state(page)
    page.wait_for_timeout(300)
    assert read_state(page)[1] == before < 1000
    page.locator("summary").click()
    press(page, "One digit")
    wait_for(page, f"{before + 1:,.0f} digits learnt from")
    press(page, "One pass")
    wait_for(page, "500 digits learnt from" if before < 500 else "1,000 digits")
    press(page, "Start over")
    wait_for(page, "has learnt from none yet")
    assert len(read_runs(page)) == 2


def test_runs_stand_beside_each_other(enter):
    page = enter(**SMALL)
    run_to_the_end(page)
    page.locator("summary").click()
    page.get_by_label("seed").fill("7")
    page.keyboard.press("Tab")
    run_to_the_end(page)
    one, other = read_runs(page)
    assert one.split()[0] == "1" and "seed" not in one
    assert other.split()[0] == "2" and "seed 7" in other
    assert page.locator("svg path.lenet-earlier").count() == 2
    press(page, "Forget earlier runs")
    (left,) = read_runs(page)
    assert left.split()[0] == "2"


def test_the_runs_of_a_preset_follow_each_other(enter):
    page = enter("no squash", digits=200, passes=1)
    assert page.get_by_label("Try").input_value() == ""  # the reader's own settings
    page.get_by_label("Try").select_option("dead start")
    start(page)
    page.locator(".lenet-runs tbody tr").nth(1).wait_for()
    wait_for_end(page)
    dead, cured = (read_numbers(run) for run in read_runs(page))
    assert dead[-1] > 80 and cured[-1] < 40


def test_a_rate_that_diverges_stops_with_a_sentence(enter):
    page = enter(**SMALL, squash="none", loss="squared")
    page.locator("summary").click()
    page.get_by_label("rate", exact=True).fill("5")
    page.keyboard.press("Tab")
    start(page)
    fault = page.get_by_role("alert")
    fault.wait_for()
    assert "is no longer a number" in fault.inner_text()
    assert "smaller rate" in fault.inner_text()
    assert "diverged" in read_runs(page)[0]
    page.get_by_label("rate", exact=True).fill("0.01")
    page.keyboard.press("Tab")
    run_to_the_end(page)
    assert not fault.is_visible()
    assert read_state(page)[0] > 50


def test_a_number_that_cannot_be_gives_way_to_the_one_before(enter):
    page = enter(**SMALL)
    page.locator("summary").click()
    for label, wrong in (("rate", "0"), ("passes", "1.5"), ("training digits", "9999")):
        field = page.get_by_label(label, exact=True)
        before = field.input_value()
        field.fill(wrong)
        page.keyboard.press("Tab")
        assert field.input_value() == before


def test_a_loss_goes_with_its_network(enter):
    page = enter(**SMALL)
    page.locator("summary").click()
    loss = page.get_by_role("combobox", name="loss", exact=True)
    loss.select_option("squared")
    for network, expected in (("lenet5", "squared"), ("lenet1", "squared")):
        page.get_by_role("combobox", name="network", exact=True).select_option(network)
        settle(page)
        assert loss.input_value() == expected
    loss.select_option("cross-entropy")
    page.get_by_role("combobox", name="network", exact=True).select_option("lenet5")
    settle(page)
    assert loss.input_value() == "equation-9"
    assert loss.locator("option[value='cross-entropy']").is_disabled()


def test_the_network_reads_what_the_reader_draws(enter):
    page = enter(digits=4000, passes=1)
    run_to_the_end(page)
    answer = page.locator(".lenet-answer")
    for digit in (0, 1, 3):
        draw(page, write_digit(digit))
        page.wait_for_timeout(500)
        assert answer.inner_text() == str(digit)
        press(page, "Clear")
    page.locator(".lenet-missed button").first.click()
    page.get_by_text("is what it reads, but it is a").wait_for()
    page.get_by_role("radio", name="a 1").check()
    page.get_by_text("is what it reads, and it is right").wait_for()


def test_a_tab_in_the_background_loses_nothing(enter):
    page = enter(**SMALL)
    start(page)
    page.locator(".lenet-inside").wait_for()
    page.evaluate(  # as a browser does: no frame is painted
        """() => {
          window.held = [];
          window.paint = window.requestAnimationFrame;
          window.requestAnimationFrame = (run) => window.held.push(run);
        }"""
    )
    page.wait_for_timeout(3000)
    page.evaluate(
        """() => {
          window.requestAnimationFrame = window.paint;
          for (const run of window.held) run();
        }"""
    )
    wait_for(page, "1,000 digits learnt from")
    wait_for_end(page)


CLOSE = """async ([url, state]) => {
  const { default: figure } = await import(url);
  const element = document.body.appendChild(document.createElement("div"));
  const listeners = [];
  const model = {
    get: (name) => state[name],
    set: (name, value) => (state[name] = value),
    save_changes: () => {},
    on: (event, callback) => event === "msg:custom" && listeners.push(callback),
    off: () => {},
    send: () => {
      const script = document.createElement("script");
      script.src = "digits.js";
      script.onload = () => {
        const bytes = Uint8Array.from(
          atob(globalThis.lenetFiles.digits), (c) => c.charCodeAt(0));
        listeners[0]({ answer: "digits" }, [new DataView(bytes.buffer)]);
      };
      document.head.append(script);
    },
  };
  const packed = Uint8Array.from(atob(state.worker), (c) => c.charCodeAt(0));
  state.worker = new DataView(packed.buffer);
  window.closeFigure = figure.render({ model, el: element });
  element.querySelector(".lenet-start").click();
}"""


def test_closing_the_figure_ends_its_worker(enter, sample):
    page = enter(**SMALL)
    room = TrainingRoom(sample, **SMALL | {"passes": 1000})
    names = ("presets", "settings", "digit", "counts", "megabytes")
    state = {name: getattr(room, name) for name in names}
    state["worker"] = base64.b64encode(room.worker).decode()
    url = make_url(WEB / "figures" / "training-room.mjs")
    with page.expect_event("worker") as started:
        page.evaluate(CLOSE, [url, state])
    worker = started.value
    page.wait_for_timeout(500)
    assert page.workers == [worker]
    page.evaluate("window.closeFigure()")
    page.wait_for_timeout(500)
    assert page.workers == []


def test_keys_alone_train_a_network(enter):
    page = enter(**SMALL)
    page.get_by_label("Try").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    wait_for_end(page)
    assert read_state(page)[1] == 1000
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "One digit"


def test_digits_that_are_not_there_are_missed_with_a_sentence(show, sample, tmp_path):
    (tmp_path / "digits.js").write_text("// something else\n")
    page = show(TrainingRoom(sample).to_html())
    start(page)
    fault = page.get_by_role("alert")
    fault.wait_for()
    assert fault.inner_text() == (
        "The digits could not be fetched: digits.js holds something else."
    )


def test_digits_of_another_build_are_refused(show, sample, mnist, tmp_path):
    interactive.write_digits(tmp_path / "digits.js", mnist)
    page = show(TrainingRoom(sample).to_html())
    start(page)
    page.get_by_role("alert", name="").wait_for()
    assert "build the book again" in page.get_by_role("alert").inner_text()


@pytest.mark.parametrize(("width", "scheme"), [(1000, "dark"), (360, "light")])
def test_the_room_is_accessible_and_fits(enter, width, scheme):
    page = enter(**SMALL, width=width, scheme=scheme)
    assert page.evaluate(FIND_OVERFLOW) == []
    assert list_violations(page) == []
    run_to_the_end(page)
    page.locator("summary").click()
    settle(page)
    assert page.evaluate(FIND_OVERFLOW) == []
    assert list_violations(page) == []


def test_a_finger_trains_and_draws(show, sample, tmp_path):
    interactive.write_digits(tmp_path / "digits.js", sample)
    room = TrainingRoom(sample, **SMALL)
    page = show(room.to_html(), width=360, has_touch=True, is_mobile=True)
    page.set_default_timeout(1000 * SECONDS)
    page.locator(".lenet-start").tap()
    wait_for_end(page)
    page.locator(".lenet-field").tap()
    page.get_by_text("is what it reads in your drawing").wait_for()


# Links


def test_a_link_opens_the_figure_as_it_was(enter):
    page = enter(**SMALL)
    page.locator("summary").click()
    page.get_by_label("seed").fill("11")
    page.keyboard.press("Tab")
    press(page, "Copy link")
    page.locator(".lenet-link", has_text="The link to the figure").wait_for()
    address = page.evaluate("location.href")
    assert re.search(r"#figure=training-room&settings=.*&digit=0$", address)
    page.goto("about:blank")
    page.goto(address)
    page.locator(".lenet-started").wait_for()
    page.locator("summary").click()
    assert page.get_by_label("seed").input_value() == "11"
    assert (
        page.get_by_role("combobox", name="network", exact=True).input_value()
        == "hidden"
    )


@pytest.mark.parametrize(
    "fragment",
    [
        "figure=training-room&settings={}&digit=3",
        "figure=training-room&settings=[1]&digit=-1",
        "figure=training-room&settings={&digit=x",
        "figure=training-room&settings=null&digit=99999",
        "figure=training-room&settings=ODD",
        "figure=other&settings=7",
        "figure=training-room&worker=%22alert(1)%22",
    ],
)
def test_a_link_that_makes_no_sense_does_no_harm(enter, sample, fragment):
    page = enter(**SMALL)
    address = page.evaluate("location.href")
    odd = TrainingRoom(sample, **SMALL).settings | {"passes": -3, "seed": 0.5}
    fragment = fragment.replace("ODD", json.dumps(odd))
    page.goto("about:blank")
    page.goto(f"{address}#{fragment}")
    page.locator(".lenet-started").wait_for()
    run_to_the_end(page)
    assert read_state(page)[0] > 50


# On a site


@pytest.mark.parametrize("place", ["http", "file"])
def test_a_built_page_finds_its_digits(browser, sample, tmp_path, monkeypatch, place):
    monkeypatch.setenv("LENET_SOURCE", "sample")
    page = open_site(browser, sample, tmp_path, place)
    run_to_the_end(page)
    assert read_state(page)[0] > 50
    page.context.close()


def test_a_site_that_forbids_workers_is_told_of(browser, sample, tmp_path, monkeypatch):
    monkeypatch.setenv("LENET_SOURCE", "sample")
    page = open_site(browser, sample, tmp_path, "http", "script-src 'self'")
    start(page)
    fault = page.get_by_role("alert")
    fault.wait_for()
    assert "not allowed to compute in the background" in fault.inner_text()
    page.context.close()


def open_site(browser, sample, tmp_path, place, policy="frame-src 'self'"):
    """Write a page as Sphinx does, in a folder of its site, and open it."""
    context = {"body": TrainingRoom(sample, **SMALL).to_html()}
    context["pathto"] = lambda path, resource: f"../{path}"
    app = SimpleNamespace(outdir=tmp_path)
    interactive.share_parts(app, "page", "page.html", context, None)
    (tmp_path / "chapters").mkdir()
    path = tmp_path / "chapters" / "page.html"
    write_page(path, context["body"])
    page = browser.new_context().new_page()
    if place == "file":
        page.goto(path.as_uri())
    else:
        server = serve(tmp_path, ("Content-Security-Policy", policy))
        page.goto(f"{next(server)}/chapters/page.html")
        page.on("close", lambda _: server.close())
    page.locator(".lenet-started").wait_for()
    return page
