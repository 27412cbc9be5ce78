"""Decks of slides: they say what the chapter says, fit the screen, need no network."""

import re
import shutil

import forms  # of _sphinx/
import pytest
import slides
from browser import PAGES, ROOT, Visit, list_violations, parse
from bs4 import BeautifulSoup
from slides import MarkError, make_slides

FOLDER, HTML = ROOT / "_build" / "slides", ROOT / "_build" / "html"
LESSONS = [name for name in PAGES if not re.search("intro|appendix", name)]
CHAPTER = """<article><section><h1>Maps</h1><p>Which?</p><p>Intro.</p>
<div class="admonition-in-this-chapter-you-will admonition">
<p class="admonition-title">You will</p><ul><li>count</li></ul>
<p>Needs: Python</p></div>
<section><h2>Sizes<a class="headerlink" href="#s">#</a></h2>
<p>Before.</p>%s<p>After <span class="math">\\(x\\)</span>.</p></section>
<section id="summary"><h2>Summary</h2><ul><li>done</li></ul><p>Next.</p></section>
</section></article>"""
CELL = """<div class="cell tag_hide-input"><details><div class="cell_input"><pre>a = 1
b = 2
</pre></div></details><div class="cell_output"><img src="../_images/a.png"></div>
</div>"""
# What sticks out of the body of the slide that is shown, and the size of its type.
MEASURE = """() => {
  const slide = Reveal.getCurrentSlide();
  const body = slide.querySelector(".slide-body");
  const { bottom, left, right } = body.getBoundingClientRect();
  const out = [...body.querySelectorAll("*")].filter((element) => {
    const box = element.getBoundingClientRect();
    const scrolls = element.matches("div.math") &&
      element.scrollWidth > element.clientWidth + 1;
    return box.width &&
      (scrolls || box.bottom > bottom + 2 || box.right > right + 2 ||
        box.left < left - 2) &&
      !element.closest("svg, pre *, .lenet-figure *, mjx-container *") &&
      !element.closest(".slide-scrolls");
  });
  return {
    title: slide.querySelector("h1, h2").innerText,
    out: out.map((element) => element.outerHTML.slice(0, 90)),
    type: parseFloat(body.style.fontSize),
    scales: [...body.querySelectorAll(".slide-figure > div")].map((d) => +d.style.zoom),
  };
}"""


def make(block):
    page = BeautifulSoup(CHAPTER % block, "html.parser")
    return [BeautifulSoup(text, "html.parser") for text in make_slides(page)]


def read_shown(slide):
    return slide.find(class_="slide-body").get_text()


def test_a_page_without_marks_has_no_slides():
    assert make("<p>One.</p>") == []


def test_question_goals_and_summary_are_slides_without_a_mark():
    first, goals, _, summary = make("<!-- slide --><p>One.</p>")
    assert first.h1.get_text() == "Maps" and read_shown(first) == "Which?"
    assert read_shown(goals) == "count" and read_shown(summary) == "done"
    assert "Needs: Python" in goals.aside.get_text()
    assert summary.aside.get_text() == "Next."


def test_a_mark_picks_sentences_and_the_whole_paragraph_is_for_the_speaker():
    slide = make("<!-- slide 1, 3 --><p>One <b>b</b>.\nTwo.\nA &lt; 3.</p>")[2]
    assert slide.h2.get_text() == "Sizes"
    assert [p.get_text() for p in slide.select(".slide-body p")] == ["One b.", "A < 3."]
    assert slide.aside.get_text() == "One b.\nTwo.\nA < 3.After x."


def test_picked_lines_of_code_keep_their_indents():
    cell = CELL.replace("a = 1\nb = 2", "<b>if</b> a:\n<i>    </i><b>b</b>\n    c\nd")
    slide = make(f"<!-- slide code 1-3 -->{cell}")[2]
    assert slide.pre.get_text() == "if a:\n    b\n    c"


def test_picked_items_of_a_numbered_list_keep_their_numbers():
    slide = make("<!-- slide 2-3 --><ol><li>a</li><li>b</li><li>c</li></ol>")[2]
    assert [item["value"] for item in slide.select(".slide-body li")] == ["2", "3"]


def test_two_blocks_are_one_slide_and_notes_end_at_the_next():
    block = "<!-- slide --><p>One.</p><!-- also 2 --><ul><li>a</li><li>b</li></ul>"
    one, two = make(f"{block}<!-- slide --><p>Two.</p>")[2:4]
    assert read_shown(one) == "One.b"
    assert one.aside.get_text() == "One.ab" and read_shown(two) == "Two."


def test_a_cell_shows_what_the_page_shows_unless_the_mark_says_otherwise():
    assert make(f"<!-- slide -->{CELL}")[2].img["src"] == "_images/a.png"
    code = make(f"<!-- slide code 2 -->{CELL}")[2]
    assert read_shown(code) == "b = 2" and not code.img


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("<!-- slide 4 --><p>One.</p>", "there is no line 4, the last one is 1"),
        ("<!-- slide figure --><p>One.</p>", "'figure' is neither"),
        ("<!-- also --><p>One.</p>", "begin with '% slide'"),
        ("<p>One.</p><section><!-- slide --></section>", "Nothing follows"),
        ("<!-- slide output --><p>One.</p>", "only a code cell"),
        ("<!-- slide 2 --><table></table>", "have lines"),
    ],
)
def test_a_mark_that_cannot_be_followed_says_why(block, said):
    with pytest.raises(MarkError, match=re.escape(said)):
        make(block)


def open_deck(browser, path, query=""):
    visit = Visit(browser, f"{path.as_uri()}{query}", home="file:")
    visit.page.set_viewport_size({"width": 1280, "height": 720})
    visit.page.wait_for_function("Reveal.isReady()")
    return visit


@pytest.fixture(params=LESSONS, ids=lambda name: name.removeprefix("chapters/"))
def deck(request):
    path = FOLDER / f"{request.param.removeprefix('chapters/')}.html"
    assert path.exists(), f"{path} is missing: run `make slides` first."
    return path


def squeeze(element):
    """Read text as a slide may show it: without space, marks of sources and links."""
    for gone in element.select(f"{slides.LEFT_OUT}, script, style"):
        gone.decompose()
    return re.sub(r"\s+", "", element.get_text())


@pytest.mark.book
def test_slides_and_notes_are_made_of_the_chapters_text(deck):
    page = parse(HTML / "chapters" / deck.name).find("article")
    text = re.sub(r"\\[()\[\]]", "", squeeze(page))
    sections = parse(deck).select(".slides > section")
    assert 12 <= len(sections) <= 25
    for section in sections:
        shown = section.select("h1, h2, .slide-text > *, .slide-figure pre, figcaption")
        for element in [*shown, *section.select("aside > *")]:
            part = re.sub(r"\\[()\[\]]", "", squeeze(element))
            # Of code, lines may be left out between two that are shown.
            lines = element.get_text().split("\n") if element.name == "pre" else [part]
            for line in lines:
                assert re.sub(r"\s+", "", line) in text, line[:100]
    notes = [section for section in sections if section.aside.get_text(strip=True)]
    assert len(notes) > len(sections) / 2


@pytest.mark.book
@pytest.mark.browser
def test_each_slide_fits_the_screen_in_large_type(browser, deck):
    visit = open_deck(browser, deck)
    page, faults = visit.page, []
    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        page.evaluate(f"Reveal.slide({number})")
        page.wait_for_timeout(80)
        if page.locator("section.present .lenet-figure").count():
            page.wait_for_selector("section.present .lenet-started")
            page.wait_for_timeout(100)
        found = page.evaluate(MEASURE)
        if found["out"] or found["type"] < 22 or min(found["scales"], default=1) < 0.4:
            faults.append((number, found))
    visit.context.close()
    assert faults == [] and visit.faults == []


@pytest.mark.book
@pytest.mark.browser
def test_keys_go_on_and_back_and_a_live_figure_keeps_its_own(browser):
    visit = open_deck(browser, FOLDER / "lenet5.html")
    page = visit.page
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert page.evaluate("Reveal.getIndices().h") == 2
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("Reveal.getIndices().h") == 1
    found = page.evaluate(
        "Reveal.getSlides().findIndex((s) => s.querySelector('.lenet-figure'))"
    )
    page.evaluate(f"Reveal.slide({found})")
    page.wait_for_selector("section.present .lenet-started")
    page.locator("section.present .lenet-live :is(button, input)").first.focus()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("Reveal.getIndices().h") == found
    visit.context.close()
    assert visit.faults == []


@pytest.mark.book
@pytest.mark.browser
def test_a_deck_beside_the_pages_shows_all_that_it_needs(browser):
    shutil.rmtree(HTML / forms.SLIDES, ignore_errors=True)
    forms.copy_decks(FOLDER, HTML / forms.SLIDES)  # as the next build would
    visit = open_deck(browser, HTML / forms.SLIDES / "lenet5.html")
    shown = visit.page.evaluate("[...document.images].map((i) => i.naturalWidth)")
    assert shown and min(shown) > 0
    visit.context.close()
    assert visit.faults == []


@pytest.mark.book
@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_in_a_deck(browser, scheme):
    url = (FOLDER / "digits.html").as_uri()
    visit = Visit(browser, url, scheme=scheme, home="file:")
    for number in (0, 1, 4, 7):
        visit.page.evaluate(f"Reveal.slide({number})")
        visit.page.wait_for_timeout(200)
        assert list_violations(visit.page) == []
    visit.context.close()


@pytest.mark.book
@pytest.mark.browser
def test_a_deck_prints_a_page_a_slide(browser):
    visit = open_deck(browser, FOLDER / "digits.html", "?print-pdf")
    page = visit.page
    page.wait_for_selector(".pdf-page")
    page.wait_for_timeout(500)
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    number = page.locator(".slides section").count()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == number > 12
    visit.context.close()
