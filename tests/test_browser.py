"""The built book in a real browser: requests, errors, axe-core, phone width."""

import re

import pytest
from browser import FIND_OVERFLOW, HTML, PAGES, serve

pytestmark = pytest.mark.browser


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


@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("subsampling", "convolution"),
        ("weight sharing", "convolution"),
        ("stride", "convolution"),
        ("catastrophic forgetting", "appendix-glossary"),
        ("eta", "appendix-symbols"),
        ("η", "appendix-symbols"),
        ("train_online", "appendix-helpers"),
    ],
)
def test_the_search_finds_words_symbols_and_names(visit, address, words, page):
    one = visit(f"{address}/search.html?q={words}", home=address)
    link = one.page.locator(f"#search-results li a[href*='chapters/{page}.html']")
    link.first.wait_for()
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
    (tmp_path / "page.html").write_text(html)
    server = serve(tmp_path)
    home = next(server)
    one = visit(f"{home}/page.html", home=home)
    server.close()
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


def test_a_kind_of_word_that_is_too_pale_is_found_in_code(visit, tmp_path):
    path = tmp_path / "page.html"
    words = "<span class=k>if</span> <span class=n style='%s'>count</span>\n" * 3
    code = f"<pre>{words % ('', 'color: #bbb', '')}</pre>"
    path.write_text(
        "<html lang=en><title>t</title><meta charset=utf-8><main><h1>t</h1>"
        f"<details><summary>folded</summary>{code}</details>{code}</main>"
    )
    one = visit(path.as_uri(), home="file://")
    assert [found[:14] for found in one.find_violations()] == ["color-contrast"]
