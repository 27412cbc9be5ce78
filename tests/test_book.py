"""The built book: links resolve, nothing is broken or loaded from another host."""

import functools
import re
import urllib.parse

import pytest
from browser import HTML, PAGES, ROOT, parse
from bs4 import BeautifulSoup

pytestmark = pytest.mark.book


@pytest.fixture(scope="module", params=PAGES)
def page(request):
    path = HTML / f"{request.param}.html"
    assert path.exists(), f"{path} is missing: run `make book` first."
    return path, parse(path)


def list_ids(soup):
    return {tag["id"] for tag in soup.find_all(id=True)}


@functools.cache  # hundreds of links lead to one page
def read_ids(path):
    return list_ids(parse(path))


def find_dead_links(path, soup):
    """List the links and sources of a page that lead nowhere within the book."""
    dead, own = [], list_ids(soup)
    targets = [
        (tag, tag.get(attribute))
        for attribute in ("href", "src")
        for tag in soup.find_all(attrs={attribute: True})
    ]
    for tag, target in targets:
        url = urllib.parse.urlsplit(target)
        if url.scheme or url.netloc:
            continue
        linked = path.parent / urllib.parse.unquote(url.path) if url.path else path
        if not linked.exists():
            dead.append(f"{tag.name} {target}")
        elif url.fragment and linked.suffix == ".html":
            ids = own if linked == path else read_ids(linked.resolve())
            if urllib.parse.unquote(url.fragment) not in ids:
                dead.append(f"{tag.name} {target}")
    return dead


def find_third_parties(soup):
    """List what a browser would load from another host on opening the page."""
    loaded = [
        tag.get("src") or tag.get("href")
        for tag in soup.find_all(["script", "img", "iframe", "link", "source"])
        if tag.name != "link" or set(tag.get("rel", [])) & {"stylesheet", "icon"}
    ]
    return [url for url in loaded if url and re.match(r"(https?:)?//", url)]


def find_images_without_alt(soup):
    """List the images of the article whose alt text is missing, a path, or short."""
    return [
        image.get("src")
        for image in soup.select("article img")
        if len(image.get("alt", "")) < 20 or "/" in image["alt"].split()[0]
    ]


def find_folds_in_a_row(soup):
    """List the cells that are all folded code and stand before another such fold."""
    found = []
    for cell in soup.select("article div.cell"):
        following = cell.find_next_sibling()
        folds = [
            one.find(recursive=False) if one is not None else None
            for one in (cell, following)
        ]
        is_whole = len(cell.find_all(recursive=False)) == 1
        if is_whole and all(
            fold is not None
            and "above-input" in fold.get("class", [])
            and "source" in fold.summary.text
            for fold in folds
        ):
            found.append(cell.text.strip()[:60])
    return found


def find_negative_zeros(soup):
    """List lines of output with a zero that rounding left a minus sign."""
    lines = [
        line
        for output in soup.select("article .cell_output")
        for line in output.get_text("\n").splitlines()
    ]
    return [
        line for line in lines if re.search(r"(?<![\d.])[-−]0(\.0*)?(?![\d.])", line)
    ]


def test_every_link_leads_somewhere(page):
    assert find_dead_links(*page) == []


def test_nothing_comes_from_a_third_party(page):
    assert find_third_parties(page[1]) == []


def test_every_image_has_alt_text(page):
    assert find_images_without_alt(page[1]) == []


def test_every_figure_has_a_caption_and_an_image(page):
    for figure in page[1].select("article figure"):
        assert figure.find("img") or figure.find("svg"), figure.get("id")
        assert len(figure.find("figcaption").text) > 20, figure.get("id")


def test_no_cell_shows_a_traceback_or_stderr(page):
    article = page[1].find("article")
    assert not article.select(".output.stderr, .output.traceback")
    assert "Traceback (most recent call last)" not in article.text


def test_no_zero_is_negative(page):
    assert find_negative_zeros(page[1]) == []


def test_every_citation_and_reference_resolves(page):
    article = page[1].find("article")
    assert not re.search(r"\[\?\]|\?\?|\{(ref|numref|footcite)|:raises", article.text)
    for link in article.select("a.footnote-reference"):
        assert article.find(id=link["href"].lstrip("#")), link


def test_chapters_show_what_they_promise():
    lenet = parse(HTML / "chapters" / "lenet.html").find("article")
    assert len(lenet.select("figure img")) >= 6
    assert lenet.find(id="fig-lenet-losses").find("img")
    assert len(lenet.select("table.dataframe")) >= 4
    assert len(lenet.select("aside.footnote, dl.footbibliography dt, .citation")) >= 5
    assert len(lenet.select(".solution")) >= 3


def test_the_last_page_lists_run_times_of_all_executed_chapters():
    text = parse(HTML / "chapters" / "appendix-build.html").find("article").text
    for page in PAGES:
        if "{code-cell}" in (ROOT / f"{page}.md").read_text():
            assert page in text


def test_folded_code_in_a_row_is_one_fold(page):
    assert find_folds_in_a_row(page[1]) == []


def test_folds_in_a_row_are_found():
    fold = "<details class=above-input><summary>Show code cell source</summary>x = %d"
    cell = f"<div class=cell>{fold}</details>%s</div>"
    html = cell % (1, "") + cell % (2, "<p>output</p>") + cell % (3, "")
    soup = BeautifulSoup(f"<article>{html}</article>", "html.parser")
    assert [text[-1] for text in find_folds_in_a_row(soup)] == ["1"]


def test_a_negative_zero_is_found():
    html = "<pre>-0.00 is\n2-0.5 or -0.01 is not\n[-0., 1.]</pre><td>−0.0</td>"
    html = f"<article><p>-0</p><div class=cell_output>{html}</div></article>"
    found = find_negative_zeros(BeautifulSoup(html, "html.parser"))
    assert found == ["-0.00 is", "[-0., 1.]", "−0.0"]


def test_a_dead_link_is_found(tmp_path):
    path = tmp_path / "page.html"
    path.write_text('<a href="#here">x</a><a id="here" href="gone.html">y</a>')
    assert find_dead_links(path, parse(path)) == ["a gone.html"]
    path.write_text('<a href="#nowhere">x</a><img src="gone.png">')
    assert find_dead_links(path, parse(path)) == ["a #nowhere", "img gone.png"]


def test_a_hot_linked_image_is_found():
    soup = BeautifulSoup('<img src="https://example.org/a.png">', "html.parser")
    assert find_third_parties(soup) == ["https://example.org/a.png"]


def test_a_missing_alt_text_is_found():
    html = '<article><img src="a.png"><img src="b.png" alt="../b.png is my path">'
    soup = BeautifulSoup(html, "html.parser")
    assert find_images_without_alt(soup) == ["a.png", "b.png"]
