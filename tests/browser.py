"""What tests of pages share: the built book, a browser, hands that draw in it."""

import contextlib
import functools
import http.server
import os
import re
import threading
from pathlib import Path
from types import SimpleNamespace

import axe_playwright_python
import interactive  # of _sphinx/
import numpy as np
import pydata_sphinx_theme
import pytest
import yaml
from bs4 import BeautifulSoup
from forms import start_chromium

ROOT = Path(__file__).parents[1]
HTML = ROOT / "_build" / "html"
THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme"
STYLES = (THEME / "static" / "styles" / "pydata-sphinx-theme.css").read_text()
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
# Elements of the article that reach beyond the window, with no scrolling box around.
FIND_OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  const scrolls = (element) => {
    for (let box = element.parentElement; box; box = box.parentElement)
      if (getComputedStyle(box).overflowX !== "visible") return true;
    return false;
  };
  const found = [...document.querySelectorAll("article *")].filter(
    (e) => e.getBoundingClientRect().right > width + 1 && !scrolls(e));
  if (document.documentElement.scrollWidth > width) found.push(document.body);
  return found.slice(0, 5).map((e) => e.outerHTML.slice(0, 120));
}"""
# Of each kind of word that is seen in code one stays marked, as axe-core looks long at
# each mark, and at none that is hidden.
KEEP_ONE_OF_EACH = """() => {
  const seen = new Set();
  for (const mark of document.querySelectorAll("pre span")) {
    if (!mark.checkVisibility({ visibilityProperty: true })) continue;
    const box = mark.closest("div")?.className;
    const kind = [box, mark.className, mark.getAttribute("style")].join();
    if (seen.has(kind)) mark.replaceWith(...mark.childNodes);
    else seen.add(kind);
  }
  document.body.normalize();
}"""
FIELD, ANSWER = ".lenet-field", ".lenet-network:not([hidden]) .lenet-answer"

# Ten digits by hand: strokes of points in a box 0.6 wide and 1 high.
GLYPHS = {
    0: "30,10 16,16 8,34 7,58 14,80 29,90 44,83 52,62 52,38 45,18 30,10",
    1: "24,22 36,10 33,50 31,90",
    2: "8,28 16,14 32,10 47,18 49,34 40,52 24,70 7,88 30,87 54,88",
    3: "10,16 28,10 46,17 47,33 36,44 22,48 40,53 50,67 45,82 28,90 8,85",
    4: "20,10 12,34 8,56 30,57 56,54 | 42,30 41,60 38,92",
    5: "50,11 16,12 12,44 30,40 46,48 50,65 42,82 25,90 8,84",
    6: "44,10 26,24 12,46 8,70 18,87 34,90 46,80 48,66 38,55 22,57 10,70",
    7: "6,14 30,13 53,12 42,40 30,66 22,92",
    8: "45,20 32,10 16,15 14,30 27,44 42,57 48,74 36,89 17,86 11,70 22,55 38,42 45,20",
    9: "48,26 38,11 20,12 10,27 15,44 30,48 44,38 48,26 47,50 42,72 36,92",
}


def _list_pages():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    chapters = [toc["root"]]
    for part in toc["parts"]:
        chapters += [chapter["file"] for chapter in part["chapters"]]
    return chapters


PAGES = _list_pages()


def parse(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def launch_chromium():
    """Start Chromium; skip the test, or fail it under CI, where there is none."""
    with contextlib.ExitStack() as stack:
        try:
            browser = stack.enter_context(start_chromium())
        except RuntimeError as error:
            if os.environ.get("CI") == "true":
                pytest.fail(str(error))
            pytest.skip(str(error).partition("\n")[0])
        yield browser


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, without a log; `headers` are added to each answer."""

    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".mjs": "text/javascript"
    }

    def __init__(self, *arguments, added=(), **options):
        self.added = added
        super().__init__(*arguments, **options)

    def log_message(self, *arguments):
        pass

    def end_headers(self):
        for header in self.added:
            self.send_header(*header)
        super().end_headers()


def serve(folder, *headers):
    """Serve a folder on a free port; yields its address."""
    handler = functools.partial(Handler, directory=str(folder), added=headers)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Visit:
    """A page in a window, with everything that went wrong on the way."""

    def __init__(self, browser, url, *, width=1280, scheme="light", home=None):
        self.faults = []
        home = home or url
        self.context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme
        )
        self.page = self.context.new_page()
        self.page.on("request", lambda r: self._check(r.url, home))
        self.page.on("requestfailed", lambda r: self.faults.append(f"failed {r.url}"))
        self.page.on(
            "response",
            lambda r: r.status < 400 or self.faults.append(f"{r.status} {r.url}"),
        )
        self.page.on("pageerror", lambda e: self.faults.append(f"error {e}"))
        self.page.on(
            "console",
            lambda m: m.type != "error" or self.faults.append(f"console {m.text}"),
        )
        self.page.goto(url, wait_until="networkidle")

    def _check(self, url, home):
        if not url.startswith((home, "data:", "blob:")):
            self.faults.append(f"third party {url}")

    def find_violations(self):
        """Run axe-core; its own fetching of style sheets is no fault of the page."""
        faults = list(self.faults)
        violations = list_violations(self.page)
        if violations:  # colours may be on their way; what is wrong stays wrong
            self.page.wait_for_timeout(1000)
            violations = list_violations(self.page)
        self.faults = faults
        return violations


def list_violations(page):
    """Run axe-core on a page; lists each rule and element that it objects to."""
    page.evaluate(AXE)
    page.evaluate(KEEP_ONE_OF_EACH)
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def write_page(path, *bodies, scheme="light"):
    """Write a page like the book's, with figures in it and room below."""
    path.write_text(
        f'<!doctype html><html lang="en" data-theme="{scheme}"><title>t</title>'
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<style>{STYLES}</style><main><h1>t</h1><article>{''.join(bodies)}"
        "<p style='height: 1500px'>below</p></article></main></html>"
    )


def open_site(browser, figure, folder, place, policy="frame-src 'self'"):
    """Write a page with a figure as Sphinx does, in a folder of its site, and open it.

    Parameters
    ----------
    figure : Figure
    folder : path, of the site
    place : {"file", "http"}
    policy : str
        The site's Content-Security-Policy, over http.
    """
    context = {"body": figure.to_html(), "pathto": lambda path, resource: f"../{path}"}
    app = SimpleNamespace(outdir=folder)
    interactive.share_parts(app, "page", "page.html", context, None)
    (folder / "chapters").mkdir()
    path = folder / "chapters" / "page.html"
    write_page(path, context["body"])
    page = browser.new_context().new_page()
    if place == "file":
        page.goto(path.as_uri())
    else:
        server = serve(folder, ("Content-Security-Policy", policy))
        page.goto(f"{next(server)}/chapters/page.html")
        page.on("close", lambda _: server.close())
    page.locator(".lenet-started").wait_for()
    return page


def open_figures(browser, folder):
    """Open figures in a page of their own; at the end there must be no fault.

    Yields a function that takes the figures' HTML and returns the page.
    """
    contexts, faults = [], []

    def open_page(*bodies, width=1000, scheme="light", wait=True, **options):
        path = folder / f"{len(contexts)}.html"
        write_page(path, *bodies, scheme=scheme)
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda e: faults.append(f"error {e}"))
        page.on("console", lambda m: faults.append(m.text))
        page.on("request", lambda r: check(r.url))
        page.goto(path.as_uri())
        if wait:
            start_all(page)
        return page

    def check(url):
        if not url.startswith(("file:", "data:", "blob:")):
            faults.append(f"third party {url}")

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def start_all(page):
    """Scroll to each figure of a page, wait until all have started, scroll back."""
    figures = page.locator(".lenet-figure").all()
    for figure in figures:
        figure.scroll_into_view_if_needed()
    page.wait_for_function(
        "(n) => document.querySelectorAll('.lenet-started').length === n",
        arg=len(figures),
    )
    page.evaluate("scrollTo(0, 0)")


def write_digit(digit, *, x=0.5, y=0.5, scale=0.7):
    """Place a digit: strokes of (x, y), in units of the field's height."""
    return [
        [
            (
                (int(point.split(",")[0]) / 100 - 0.3) * scale + x,
                (int(point.split(",")[1]) / 100 - 0.5) * scale + y,
            )
            for point in stroke.split()
        ]
        for stroke in GLYPHS[digit].split("|")
    ]


def draw(page, strokes, *, steps=3, where=FIELD):
    """Draw with real pointer events."""
    field = page.locator(where)
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    for stroke in strokes:
        points = [
            (box["x"] + x * box["height"], box["y"] + y * box["height"])
            for x, y in stroke
        ]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=steps)
        page.mouse.up()


def settle(page):
    """Wait until what was drawn has been looked at."""
    page.evaluate(
        """() => new Promise((done) =>
          requestAnimationFrame(() => requestAnimationFrame(done)))"""
    )


def read_answers(page):
    settle(page)
    return page.locator(ANSWER).all_inner_texts()


def find_ink(page):
    """Read the field: array, (H, W), 0 to 255, ink is large."""
    settle(page)
    values, width = page.evaluate(
        """() => {
          const canvas = document.querySelector(".lenet-field");
          const { width, height } = canvas;
          const copy = new OffscreenCanvas(width, height).getContext("2d");
          copy.drawImage(canvas, 0, 0);
          const { data } = copy.getImageData(0, 0, width, height);
          return [[...data.filter((_, i) => i % 4 === 0)], width];
        }"""
    )
    return 255 - np.array(values).reshape(-1, width)


def read_numbers(text):
    """Read the numbers of a text, with its minus signs and its commas."""
    plain = text.replace("−", "-").replace(",", "")
    return [float(number) for number in re.findall(r"-?\d+\.?\d*", plain)]


def find_center(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, start, end):
    page.mouse.move(*find_center(start))
    page.mouse.down()
    page.mouse.move(*find_center(end), steps=12)
    page.mouse.up()


def touch_drag(page, start, end, steps=12):
    """Drag a finger, as a browser's own gesture recogniser sees it."""
    session = page.context.new_cdp_session(page)
    (x0, y0), (x1, y1) = find_center(start), find_center(end)

    def send(kind, points):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", [{"x": x0, "y": y0}])
    for i in range(1, steps + 1):
        share = i / steps
        x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
        send("touchMove", [{"x": x, "y": y}])
    send("touchEnd", [])
