"""The Training room and what is around it: digits, links, a site, how it ends."""

import base64
import json
import re

import interactive  # of _sphinx/
import pytest
from browser import open_site
from rooms import SMALL, press, read_state, run_to_the_end, start

from lenet_helpers.interactive import TrainingRoom
from lenet_helpers.interactive.figure import WEB, make_url

pytestmark = pytest.mark.browser

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
    page = open_site(browser, TrainingRoom(sample, **SMALL), tmp_path, place)
    run_to_the_end(page)
    assert read_state(page)[0] > 50
    page.context.close()


@pytest.mark.parametrize("says_so", ["later", "at once"])
def test_a_site_that_forbids_workers_is_told_of(
    browser, sample, tmp_path, monkeypatch, says_so
):
    monkeypatch.setenv("LENET_SOURCE", "sample")
    room = TrainingRoom(sample, **SMALL)
    page = open_site(browser, room, tmp_path, "http", "script-src 'self'")
    if says_so == "at once":  # as some browsers do
        page.evaluate(
            "globalThis.Worker = class { constructor() { throw Error('no'); } }; 0"
        )
    start(page)
    fault = page.get_by_role("alert")
    fault.wait_for()
    assert "not allowed to compute in the background" in fault.inner_text()
    page.get_by_role("button", name="▶ Start").wait_for()  # nothing runs
    page.context.close()
