"""Nothing on a built page is cut off: no table, line, figure or formula, at two widths.

What is wider than its box may scroll. On a wide window nothing has to but code; on a
phone tables and figures may, where they say so.
"""

import base64
import io

import pytest
from browser import HTML, PAGES
from PIL import Image

from lenet_helpers import plots

pytestmark = pytest.mark.browser

# Everything in the article with content beyond its box. `hidden` cannot be seen by any
# means; `silent` scrolls without a word; `scrolling` says that it scrolls.
MEASURE = """async () => {
  document.querySelectorAll("details").forEach((fold) => { fold.open = true; });
  for (const solution of document.querySelectorAll(".toggle-hidden"))
    solution.classList.remove("toggle-hidden");
  for (let frame = 0; frame < 3; frame++)  // the page measures itself in the next one
    await new Promise(requestAnimationFrame);
  const found = { hidden: [], silent: [], scrolling: [], beyond: [], bare: [] };
  const describe = (e) => (e.closest("[id]")?.id ?? "") + ": " + e.textContent.trim()
    .replace(/\\s+/g, " ").slice(0, 60);
  const right = document.documentElement.clientWidth;
  const isScroller = (e) => ["auto", "scroll"].includes(getComputedStyle(e).overflowX);
  const saysSo = (e) => e.classList.contains("lenet-scrolls") ||
    getComputedStyle(e).backgroundImage.includes("gradient");
  for (const e of document.querySelectorAll("article *")) {
    if (!e.checkVisibility?.({ visibilityProperty: true })) continue;
    if (e.closest(".lenet-figure, .visually-hidden, svg")) continue;
    if (e.closest("mjx-container") && e.tagName !== "MJX-MATH") continue;
    const style = getComputedStyle(e);
    if (style.display === "inline" || e.clientWidth === 0) continue;
    // A formula brings invisible MathML, which is longer than what is drawn.
    const formula = e.matches("span.math") && e.querySelector("mjx-math");
    const inside = formula ? formula.getBoundingClientRect().width : e.scrollWidth;
    if (inside > e.clientWidth + 2) {
      if (style.overflowX === "hidden" || style.overflowX === "clip")
        found.hidden.push(describe(e));
      else if (isScroller(e))
        found[saysSo(e) ? "scrolling" : "silent"].push(`${e.tagName} ${describe(e)}`);
    }
    let box = e.parentElement;
    while (box && !isScroller(box)) box = box.parentElement;
    if (!box && e.getBoundingClientRect().right > right + 1)
      found.beyond.push(describe(e));
  }
  for (const table of document.querySelectorAll("article table.dataframe"))
    if (!table.closest(".lenet-table")) found.bare.push(describe(table));
  return found;
}"""


@pytest.fixture
def measure(browser):
    pages = []

    def open_and_measure(url, width):
        pages.append(browser.new_page(viewport={"width": width, "height": 800}))
        pages[-1].goto(url, wait_until="load")
        return pages[-1].evaluate(MEASURE)

    yield open_and_measure
    for page in pages:
        page.close()


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_cut_off(measure, name, width):
    found = measure((HTML / f"{name}.html").as_uri(), width)
    assert found["hidden"] == []
    assert found["beyond"] == []
    assert found["bare"] == [], "show data frames by `tables.show`"
    assert found["silent"] == []
    if width == 1280:
        assert found["scrolling"] == []


PAGE = """<!doctype html><html><style>{style}</style><body style="margin: 0">
<article>{body}</article></body></html>"""
WIDE = "<table class=dataframe><tr><td><div style='width: 500px'>x</div></table>"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (f"<div style='overflow: hidden'>{WIDE}</div>", "hidden"),
        (f"<div style='overflow: auto'>{WIDE}</div>", "silent"),
        (f"<div class=lenet-scrolls style='overflow: auto'>{WIDE}</div>", "scrolling"),
        (WIDE, "beyond"),
        (WIDE, "bare"),
    ],
)
def test_what_is_cut_off_is_found(measure, tmp_path, body, kind):
    path = tmp_path / "page.html"
    path.write_text(PAGE.format(style="", body=body))
    assert measure(path.as_uri(), 360)[kind] != []


def test_a_plot_follows_the_page_into_the_dark(browser):
    square = '<path d="M0 0h40v40h-40z" style="fill: #ffffff"/>'
    size = 'xmlns="http://www.w3.org/2000/svg" width="40" height="40"'
    svg = plots.follow_theme(f"<svg {size}>{square}</svg>")
    source = base64.b64encode(svg.encode()).decode()
    image = f"<img src='data:image/svg+xml;base64,{source}'>"
    page = browser.new_page(viewport={"width": 60, "height": 60})
    page.set_content(PAGE.format(style="img { display: block }", body=image))
    seen = []
    for scheme in ("light", "dark"):
        page.evaluate(f"document.documentElement.style.colorScheme = '{scheme}'")
        page.wait_for_timeout(200)
        pixels = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        seen.append(pixels.getpixel((20, 20)))
    page.close()
    assert seen == [(255, 255, 255), (18, 18, 18)]
