"""The EPUB: valid, whole, in order, and readable without scripts and a network."""

import os
import posixpath
import re
import shutil
import subprocess
import urllib.parse
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import epub  # of _sphinx/
import pytest
import yaml
from browser import HTML, ROOT, parse
from bs4 import BeautifulSoup
from epub_page import convert_page, make_id, make_mathml, mend_drawing, mend_links

OPF = "{http://www.idpf.org/2007/opf}"
FORMULA = '<span class="math">\\({}\\)</span>'


@pytest.fixture(scope="module")
def volume(tmp_path_factory):
    """Bind the built book."""
    path = tmp_path_factory.mktemp("epub") / "course.epub"
    epub.write_epub(HTML, path)
    return path


@pytest.fixture(scope="module")
def files(volume):
    with zipfile.ZipFile(volume) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def articles():
    """Read the pages as they were built, by the names of those in the volume."""
    names = [page for _, pages in epub.read_parts() for page in pages]
    return {
        f"book/{epub.name_file(name)}": parse(HTML / f"{name}.html").find("article")
        for name in names
    }


@pytest.fixture(scope="module")
def pages(files):
    return {
        name: BeautifulSoup(content, "html.parser")
        for name, content in files.items()
        if name.endswith(".xhtml")
    }


def convert(body, tmp_path):
    """Convert a page of one text; returns its article."""
    path = tmp_path / "page.html"
    path.write_text(f"<article><h1>A</h1>{body}</article>", encoding="utf-8")
    return convert_page(path)[0]


def check_volume(path):
    """Run epubcheck; returns what it says."""
    program = shutil.which("epubcheck")
    if program is None:
        if os.environ.get("CI") == "true":
            raise FileNotFoundError("epubcheck is not installed; .ci/run brings it.")
        pytest.skip("epubcheck is not installed: Debian's package has its name.")
    # Debian's is a jar, which starts by itself only where the kernel knows jars.
    is_jar = zipfile.is_zipfile(program)
    command = [*(["java", "-jar"] if is_jar else []), program, path]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=300)
    return answer.stdout + answer.stderr


@pytest.mark.book
def test_epubcheck_finds_no_error_and_no_warning(volume):
    said = check_volume(volume)
    assert "0 fatals / 0 errors / 0 warnings" in said, said[-3000:]


def test_epubcheck_finds_an_error(tmp_path):
    broken = tmp_path / "broken.epub"
    page = b'<html xmlns="http://www.w3.org/1999/xhtml"><p>no head</p></html>'
    epub.write_archive(broken, {"a.xhtml": page})
    assert "ERROR" in check_volume(broken)


@pytest.mark.book
def test_all_chapters_are_in_the_contents_and_the_spine_in_order(files, pages):
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text())
    chapters = [one["file"] for part in contents["parts"] for one in part["chapters"]]
    expected = [f"{Path(page).name}.xhtml" for page in [contents["root"], *chapters]]
    links = pages["book/contents.xhtml"].find(id="toc").find_all("a")
    found = [link["href"] for link in links if "#" not in link["href"]]
    assert found == expected
    package = ElementTree.fromstring(files["book/book.opf"])
    names = {one.get("id"): one.get("href") for one in package.iter(f"{OPF}item")}
    order = [names[one.get("idref")] for one in package.iter(f"{OPF}itemref")]
    assert order == ["cover.xhtml", "contents.xhtml", *expected]


@pytest.mark.book
def test_every_link_within_the_volume_leads_somewhere(pages):
    dead = []
    for name, soup in pages.items():
        for link in soup.find_all("a", href=True):
            target = urllib.parse.urlsplit(link["href"])
            if target.scheme in ("http", "https", "mailto"):
                continue
            other = posixpath.join("book", target.path) if target.path else name
            place = target.fragment
            if other not in pages or (place and not pages[other].find(id=place)):
                dead.append(f"{name}: {link['href']}")
    assert dead == []


@pytest.mark.book
def test_no_script_and_nothing_from_elsewhere(files, pages):
    for name, soup in pages.items():
        assert not soup.find_all(["script", "style", "button", "iframe"]), name
        for tag in soup.find_all(src=True) + soup.find_all("link"):
            source = tag.get("src") or tag["href"]
            assert posixpath.join("book", source) in files, f"{name}: {source}"


@pytest.mark.book
def test_every_picture_of_the_book_is_there_with_its_alt_text(pages, articles):
    for name, article in articles.items():
        expected = [image["alt"] for image in article.find_all("img")]
        assert [image["alt"] for image in pages[name].find_all("img")] == expected
    assert all(len(one["alt"]) >= 20 for one in pages["book/cover.xhtml"]("img"))


@pytest.mark.book
def test_every_formula_of_the_book_is_mathml_and_no_tex_is_left(pages, articles):
    for name, article in articles.items():
        formulas = article.find_all(class_="math")
        assert len(pages[name].find_all("math")) == len(formulas), name
        texts = pages[name].body.find_all(string=True)
        prose = [one for one in texts if not one.find_parent(["pre", "code"])]
        assert not re.search(r"\\[\[(a-zA-Z]|\$\$", "".join(prose)), name


@pytest.mark.book
def test_it_is_small_and_bears_no_time_but_the_commits(volume):
    assert volume.stat().st_size < 40e6
    with zipfile.ZipFile(volume) as archive:
        dates = {item.date_time for item in archive.infolist()}
        assert archive.infolist()[0].filename == "mimetype"
    *rest, second = epub.read_date().timetuple()[:6]
    assert dates == {(*rest, second // 2 * 2)}  # a zip counts every other second


def test_a_formula_becomes_mathml_that_names_its_tex():
    soup = BeautifulSoup(FORMULA.format(r"\tfrac{a}{b} < 1"), "html.parser")
    math = make_mathml(soup.span, Path("a.html"))
    assert math["alttext"] == r"\tfrac{a}{b} < 1"
    assert math.mstyle.mfrac.get_text() == "ab"
    assert math.mfrac.attrs == {}


def test_a_formula_that_cannot_be_converted_is_named():
    soup = BeautifulSoup(FORMULA.format(r"\nosuch"), "html.parser")
    with pytest.raises(ValueError, match=r"a\.html.*nosuch"):
        make_mathml(soup.span, Path("a.html"))


def test_an_equation_keeps_its_name_and_number(tmp_path):
    equation = '<div class="math" id="e"><span class="eqno">(1)</span>\\[x\\]</div>'
    box = convert(equation, tmp_path).find(id="e")
    assert [one.name for one in box.find_all(recursive=False)] == ["math", "span"]
    assert box.math["display"] == "block"
    assert box.span.get_text() == "(1)"


def test_an_interactive_figure_becomes_its_still(tmp_path):
    picture = "data:image/png;base64,AAAA"
    figure = f'<div class="lenet-figure"><img src="{picture}" alt="A pad."></div>'
    article = convert(f"{figure}<script>1</script>", tmp_path)
    assert article.img.attrs == {"src": "images/page-0.png", "alt": "A pad."}
    assert "can be touched" in article.p.get_text()
    assert not article.find("script")


def test_a_solution_is_folded_without_a_script(tmp_path):
    title = '<p class="admonition-title">Solution to <a href="#x">1</a></p>'
    body = f'<div class="solution dropdown admonition">{title}<p>42</p></div>'
    details = convert(body, tmp_path).details
    assert details.summary.get_text() == "Solution to 1"
    assert not details.summary.find("a")


def test_links_stay_in_the_volume_or_become_text(tmp_path):
    links = (
        '<a href="b.html#here">1</a><a href="b.html#gone">2</a>'
        '<a href="genindex.html">3</a><a href="https://example.org">4</a>'
    )
    article = convert(links, tmp_path)
    names = {tmp_path / "page.html": "page.xhtml", tmp_path / "b.html": "b.xhtml"}
    ids = {"page.xhtml": set(), "b.xhtml": {"here"}}
    mend_links(article, tmp_path / "page.html", names, ids)
    found = [link["href"] for link in article.find_all("a")]
    assert found == ["b.xhtml#here", "b.xhtml", "https://example.org"]


def test_a_drawing_has_the_colours_of_a_light_page():
    svg = (
        '<!DOCTYPE svg PUBLIC "a" "b"><svg><style>svg{--c112233:#112233}'
        "@media (prefers-color-scheme:dark){svg{--c112233:#fff}}</style>"
        '<path style="fill:var(--c112233)"/></svg>'
    )
    mended = mend_drawing(svg)
    assert "fill:#112233" in mended
    assert not re.search("var|DOCTYPE|dark", mended)
    assert '<path d="M 0 0"' in mended


def test_names_are_names_of_xml():
    assert make_id("chapters/lenet5-solution-1") == "chapters-lenet5-solution-1"
    assert make_id("1998") == "id-1998"


def test_a_page_that_was_not_built_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"digits\.html.*make book"):
        epub.write_epub(tmp_path, tmp_path / "a.epub")
