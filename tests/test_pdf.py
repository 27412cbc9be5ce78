"""The book as a PDF: tagged, whole, in order, and nothing of it cut."""

import re
import shutil

import forms  # of _sphinx/
import pdf
import pytest
from browser import HTML, PAGES, parse
from pypdf import PdfReader

CHAPTER = "chapters/digits"
# A table as wide as it wants to be, in a box that hides what does not fit.
WIDE = "<div style='overflow: hidden'><div style='width: 2000px'>x</div></div>"


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page(viewport={"width": pdf.TEXT_WIDTH, "height": 980})
    yield page
    page.close()


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The document of the whole book, before it is printed."""
    path = tmp_path_factory.mktemp("pdf") / "book.html"
    settings = {"title": "LeNet, hands on", "author": "its authors"}
    path.write_text(pdf.assemble(HTML, pdf.read_parts(), settings))
    return path


@pytest.fixture(scope="module")
def soup(source):
    return parse(source)


@pytest.fixture(scope="module")
def printed(browser, tmp_path_factory):
    """All of it: 45 s."""
    path = tmp_path_factory.mktemp("pdf") / "book.pdf"
    pdf.write_pdf(browser, HTML, path)
    return PdfReader(path)


@pytest.fixture(scope="module")
def articles():
    found = {name: parse(HTML / f"{name}.html").find("article") for name in PAGES}
    for article in found.values():
        for mark in article.select("a.headerlink"):
            mark.decompose()
    return found


def list_outline(entries):
    for entry in entries:
        if isinstance(entry, list):
            yield from list_outline(entry)
        else:
            yield entry


def list_alts(node):
    node = node.get_object()
    if isinstance(node, list):
        for one in node:
            yield from list_alts(one)
    elif isinstance(node, dict):
        if node.get("/S") == "/Figure":
            yield str(node.get("/Alt", ""))
        if "/K" in node:
            yield from list_alts(node["/K"])


def squeeze(text):
    return re.sub(r"\W+", "", text)


@pytest.mark.book
def test_the_document_has_every_page_in_order(soup):
    articles = [article["id"] for article in soup.select("article")]
    assert articles == [pdf.anchor(name) for name in PAGES]
    lines = [item.a["href"].lstrip("#") for item in soup.select(".lenet-contents li")]
    assert lines == articles


@pytest.mark.book
def test_every_link_within_the_document_leads_somewhere(soup):
    names = [element["id"] for element in soup.find_all(id=True)]
    links = [link["href"] for link in soup.select('a[href^="#"]')]
    assert len(links) > 1000
    assert {link[1:] for link in links} <= set(names)
    others = {link["href"] for link in soup.select("a[href]")} - set(links)
    assert all(re.match(r"https?://|mailto:", link) for link in others)
    linked = {link[1:] for link in links}
    twice = {name for name in linked if names.count(name) > 1}
    assert not twice


@pytest.mark.book
def test_every_figure_and_formula_is_in_the_document(soup, articles):
    for name, page in articles.items():
        article = soup.find("article", id=pdf.anchor(name))
        assert len(article.select("img")) == len(page.select("img"))
        assert len(article.select(".math")) == len(page.select(".math"))
        assert not article.select("details:not([open]), script")


@pytest.mark.book
@pytest.mark.browser
def test_nothing_in_the_document_is_cut(page, source):
    pdf.lay_out(page, source.as_uri())
    assert page.evaluate(pdf.FIND_CLIPPED) == []
    assert page.evaluate("document.querySelectorAll('mjx-container').length") > 200
    assert page.evaluate("document.querySelectorAll('mjx-merror').length") == 0


@pytest.mark.browser
def test_what_is_cut_is_found(page):
    page.set_content(f"<body style='margin: 0'>{WIDE}<pre>short</pre></body>")
    found = page.evaluate(pdf.FIND_CLIPPED)
    assert len(found) == 2  # the box, and what it holds


@pytest.mark.browser
def test_a_wide_table_is_made_to_fit(page):
    cells = "<td style='white-space: nowrap'>some words</td>" * 20
    page.set_content(f"<section><table><tr>{cells}</tr></table></section>")
    assert page.evaluate(pdf.FIND_CLIPPED)
    page.evaluate(pdf.FIT)
    assert page.evaluate(pdf.FIND_CLIPPED) == []


@pytest.mark.book
@pytest.mark.browser
def test_the_pdf_is_tagged_and_says_what_it_is(printed):
    root = printed.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert printed.metadata.title == "LeNet, hands on"
    assert printed.metadata.author == "The LeNet course authors"
    assert "Version" in printed.pages[0].extract_text()
    assert 300 < len(printed.pages) < 900


@pytest.mark.book
@pytest.mark.browser
def test_every_picture_has_its_words(printed, articles):
    alts = [
        squeeze(alt) for alt in list_alts(printed.trailer["/Root"]["/StructTreeRoot"])
    ]
    images = [
        image for article in articles.values() for image in article.select("img[alt]")
    ]
    assert len(images) > 100
    assert {squeeze(image["alt"]) for image in images} <= set(alts)


@pytest.mark.book
@pytest.mark.browser
def test_the_outline_has_every_heading_in_order(printed, articles):
    entries = list(list_outline(printed.outline))
    assert [entry.title for entry in entries[:2]] == ["LeNet, hands on", "Contents"]
    headings = [
        squeeze(heading.get_text())
        for article in articles.values()
        for heading in article.select("h1, h2")
    ]
    rest = iter(squeeze(entry.title) for entry in entries)
    missing = [heading for heading in headings if heading not in rest]
    assert missing == []


@pytest.mark.book
@pytest.mark.browser
def test_contents_and_outline_name_the_page_that_a_chapter_begins_on(printed, articles):
    lines = [squeeze(line) for line in printed.pages[1].extract_text().splitlines()]
    begins = {
        squeeze(entry.title): printed.get_destination_page_number(entry)
        for entry in printed.outline
        if not isinstance(entry, list)
    }
    for article in articles.values():
        title = squeeze(article.h1.get_text())
        assert f"{title}{begins[title] + 1}" in lines
        assert title in squeeze(printed.pages[begins[title]].extract_text())


@pytest.mark.book
@pytest.mark.browser
def test_every_summary_is_printed_to_its_last_sentence(printed, articles):
    ends = [
        printed.get_destination_page_number(entry)
        for entry in list_outline(printed.outline)
        if entry.title == "Summary"
    ]
    texts = [
        squeeze("".join(page.extract_text() for page in printed.pages[end : end + 2]))
        for end in ends
    ]
    summaries = [article.find("section", id="summary") for article in articles.values()]
    summaries = [summary for summary in summaries if summary]
    assert len(summaries) == len(texts) > 15
    for summary, text in zip(summaries, texts, strict=True):
        last = summary.find_all("p", recursive=False)[-1]
        assert squeeze(last.get_text()) in text


@pytest.mark.book
@pytest.mark.browser
def test_links_lead_to_places_in_the_pdf(printed):
    links = [
        annotation.get_object()
        for page in printed.pages
        for annotation in page.get("/Annots", [])
    ]
    inside = {str(link["/Dest"]).lstrip("/") for link in links if "/Dest" in link}
    assert len(inside) > 500
    assert inside <= {name.lstrip("/") for name in printed.named_destinations}


class Build:
    """What a builder tells the extension."""

    def __init__(self, folder):
        self.outdir = str(folder / "html")
        self.builder = self
        self.format = "html"
        self.config = self
        self.html_context = {}


def offer(build, page="chapters/intro"):
    forms.list_forms(build, build)
    buttons = []
    context = {
        "header_buttons": [{"label": "download-buttons", "buttons": buttons}],
        "pathto": lambda name, resource: f"../{name}",
        **build.html_context,
    }
    forms.add_forms(build, page, "page.html", context, None)
    forms.copy_forms(build, None)
    return [button["url"] for button in buttons]


def test_pages_offer_the_forms_that_were_made_and_no_others(tmp_path):
    build = Build(tmp_path)
    (tmp_path / "html").mkdir()
    assert offer(build) == []
    (tmp_path / forms.FORMS).mkdir()
    (tmp_path / forms.FORMS / pdf.NAME).write_bytes(b"a book")
    assert offer(build) == [f"../{forms.FORMS}/{pdf.NAME}"]
    assert (tmp_path / "html" / forms.FORMS / pdf.NAME).read_bytes() == b"a book"
    shutil.rmtree(tmp_path / forms.FORMS)
    assert offer(build) == []
    assert not (tmp_path / "html" / forms.FORMS).exists()


def test_a_page_offers_its_deck_with_the_pages_own_pictures(tmp_path):
    build, decks = Build(tmp_path), tmp_path / forms.SLIDES
    for folder in ("html/_images", "slides/_images", "slides/reveal"):
        (tmp_path / folder).mkdir(parents=True)
    deck = '<link href="_static/a.css"><img src="_images/b.svg"><p>_images/ as text'
    (decks / "digits.html").write_text(deck)
    (decks / "index.html").write_text("<title>Slides</title>")
    (decks / "_images" / "b.svg").write_text("<svg/>")
    (decks / "reveal" / "reveal.js").write_text("")
    assert offer(build, "chapters/digits") == ["../slides/digits.html"]
    assert offer(build) == ["../slides/index.html"]  # the first page has no deck
    copies = tmp_path / "html" / "slides"
    assert (copies / "digits.html").read_text() == (
        '<link href="../_static/a.css"><img src="../_images/b.svg"><p>_images/ as text'
    )
    assert (copies / "reveal" / "reveal.js").exists()
    assert not (copies / "_images").exists()
    assert (tmp_path / "html" / "_images" / "b.svg").exists()  # of an older page
    shutil.rmtree(decks)
    assert offer(build) == [] and not copies.exists()


def test_a_page_that_is_not_built_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"digits\.html is not built"):
        pdf.assemble(tmp_path, [("", [CHAPTER])], {"title": "t", "author": "a"})


@pytest.mark.book
@pytest.mark.browser
def test_a_page_in_dark_mode_is_printed_light_and_as_wide_as_the_paper(visit):
    page = visit((HTML / f"{CHAPTER}.html").as_uri(), scheme="dark", home="file:").page
    theme = "document.documentElement.dataset.theme"
    assert page.evaluate(theme) == "dark"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(theme) == "light"
    page.set_viewport_size({"width": pdf.TEXT_WIDTH, "height": 980})
    page.emulate_media(media="print")
    box = page.locator("article.bd-article").bounding_box()
    assert (box["x"], box["width"]) == (0, pdf.TEXT_WIDTH)
    closed = page.locator("article details .cell_input").first
    assert closed.bounding_box()["height"] > 20
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(theme) == "dark"
