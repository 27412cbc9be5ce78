"""The built book in a real browser: requests, errors, axe-core, phone width."""

import functools
import http.server
import os
import re
import shutil
import threading
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import sync_playwright
from test_book import HTML, PAGES

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    f"--{argument}"
    for argument in (
        "no-sandbox",
        "disable-gpu",
        "disable-quic",
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
    )
]
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

pytestmark = pytest.mark.browser


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def address():
    handler = functools.partial(QuietHandler, directory=str(HTML))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM, args=ARGUMENTS
            )
        except Exception as error:
            how = "install Debian's chromium, or run `.venv/bin/playwright install`"
            if os.environ.get("CI") == "true":
                pytest.fail(f"No browser: {how}. {error}")
            pytest.skip(f"No browser: {how}.")
        yield browser
        browser.close()


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
        self.page.evaluate(AXE)
        violations = self.page.evaluate("axe.run()")["violations"]
        if violations:  # colours may be on their way; what is wrong stays wrong
            self.page.wait_for_timeout(1000)
            violations = self.page.evaluate("axe.run()")["violations"]
        self.faults = faults
        return [
            f"{violation['id']}: {node['html'][:200]}"
            for violation in violations
            for node in violation["nodes"]
        ]


@pytest.fixture
def visit(browser):
    visits = []

    def go(*arguments, **options):
        visits.append(Visit(browser, *arguments, **options))
        return visits[-1]

    yield go
    for one in visits:
        one.context.close()


# Each page at both widths and in both themes, but not at each width in each theme.
WINDOWS = [
    (name, width, scheme if i % 2 else other)
    for i, name in enumerate(PAGES)
    for width, scheme, other in ((1280, "light", "dark"), (360, "dark", "light"))
]


@pytest.mark.parametrize(("name", "width", "scheme"), WINDOWS)
def test_a_page_is_whole_accessible_and_fits(visit, address, name, width, scheme):
    one = visit(f"{address}/{name}.html", width=width, scheme=scheme, home=address)
    assert one.faults == []
    assert one.page.evaluate(FIND_OVERFLOW) == []
    assert one.find_violations() == []


def test_a_page_works_from_a_file(visit):
    one = visit((HTML / "chapters" / "lenet.html").as_uri(), home="file://")
    assert one.faults == []
    one.page.locator("mjx-container").first.wait_for()
    one.page.evaluate("document.fonts.ready.then(() => true)")
    fonts = (
        "[...document.fonts].filter((f) => f.status === 'loaded').map(f => f.family)"
    )
    families = one.page.evaluate(fonts)
    assert any("Awesome" in family for family in families), families
    assert any("MJX" in family for family in families), families


def test_the_first_page_leads_to_every_chapter(visit, address):
    one = visit(f"{address}/index.html", home=address)
    one.page.wait_for_url(f"{address}/{PAGES[0]}.html")
    for name in PAGES[1:]:
        link = one.page.locator(f"nav a[href$='{name.split('/')[-1]}.html']")
        assert link.count() > 0, name


def test_a_solution_opens_on_a_click_and_by_keyboard(visit, address):
    one = visit(f"{address}/chapters/lenet.html", home=address)
    solution = one.page.locator(".solution").first
    inside = solution.locator(".highlight").first
    assert not inside.is_visible()
    solution.locator("button").first.focus()
    one.page.keyboard.press("Enter")
    inside.wait_for(state="visible")


def test_the_search_finds_a_word(visit, address):
    one = visit(f"{address}/search.html?q=subsampling", home=address)
    one.page.locator("#search-results li").first.wait_for()
    assert one.faults == []


def test_a_table_is_sorted_by_keyboard_and_filtered(visit, address):
    one = visit(f"{address}/chapters/results.html", home=address)
    table = one.page.locator(".tag_sortable table").first

    def read(column):
        cells = table.locator(f"tbody tr:visible > :nth-child({column})")
        return cells.all_inner_texts()

    header = table.locator("th", has_text="paper")
    header.locator("button").focus()
    one.page.keyboard.press("Enter")
    assert header.get_attribute("aria-sort") == "ascending"
    assert [float(text) for text in read(2)] == sorted(map(float, read(2)))
    one.page.keyboard.press("Enter")
    assert header.get_attribute("aria-sort") == "descending"
    assert float(read(2)[0]) == max(map(float, read(2)))
    one.page.get_by_label("Rows with").first.fill("lenet-1")
    assert read(1) == ["LeNet-1, 16x16"]


def read_number(text):
    """Read "1,234", "-0.5 %" or "≈ 3"; None for text that begins otherwise."""
    match = re.match(r"[<>≈~]?\s*([-−+]?[\d,]*\.?\d+)", text)
    return float(match[1].replace(",", "").replace("−", "-")) if match else None


def test_every_column_of_every_sortable_table_is_sorted(visit, address):
    columns = 0
    for name in PAGES:
        if "sortable" not in (HTML / f"{name}.html").read_text():
            continue
        one = visit(f"{address}/{name}.html", home=address)
        for table in one.page.locator(".tag_sortable table").all():
            for column, header in enumerate(table.locator("thead th").all(), start=1):
                columns += 1
                cells = table.locator(f"tbody tr > :nth-child({column})")
                before = cells.all_inner_texts()
                header.locator("button").click()
                rising = [text.strip() for text in cells.all_inner_texts()]
                header.locator("button").click()
                falling = [text.strip() for text in cells.all_inner_texts()]
                assert sorted(rising) == sorted(map(str.strip, before))
                known = [text for text in rising if text not in ("", "–")]
                assert rising[: len(known)] == known, "what is missing comes last"
                assert next(text for text in falling if text in known) == known[-1]
                numbers = [read_number(text) for text in known]
                if None not in numbers:
                    assert numbers == sorted(numbers), header.inner_text()
    assert columns >= 10


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<img src='gone.png' alt='x'>", "404"),
        ("<script>throw new Error('broken')</script>", "broken"),
        ("<script>console.error('wrong')</script>", "wrong"),
        ("<img src='http://127.0.0.1:9/a.png' alt='x'>", "third party"),
    ],
)
def test_a_broken_page_is_found(visit, tmp_path, html, fault):
    handler = functools.partial(QuietHandler, directory=str(tmp_path))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (tmp_path / "page.html").write_text(html)
    home = f"http://127.0.0.1:{server.server_port}"
    one = visit(f"{home}/page.html", home=home)
    server.shutdown()
    assert any(fault in found for found in one.faults), one.faults


def test_an_inaccessible_or_wide_page_is_found(visit, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(
        "<html lang=en><title>t</title><meta charset=utf-8><main><article>"
        "<img src='data:,'><p style='width:500px'>wide</p></article></main>"
    )
    one = visit(path.as_uri(), width=360, home="file://")
    assert any("image-alt" in found for found in one.find_violations())
    assert one.page.evaluate(FIND_OVERFLOW) != []
