"""The book as an EPUB: valid, whole, in order, and readable without a script."""

import os
import shutil
import subprocess
import zipfile
from pathlib import PurePosixPath
from urllib.parse import unquote

import pytest
from browser import HTML, PAGES, parse
from bs4 import BeautifulSoup
from epub import write_epub  # of _sphinx/
from epub_page import convert_page

pytestmark = pytest.mark.book


@pytest.fixture(scope="module")
def volume(tmp_path_factory):
    file = tmp_path_factory.mktemp("epub") / "forms" / "book.epub"
    write_epub(HTML, file)
    return file


@pytest.fixture(scope="module")
def files(volume):
    with zipfile.ZipFile(volume) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def texts(files):
    return {
        PurePosixPath(name).name: BeautifulSoup(content, "html.parser")
        for name, content in files.items()
        if name.endswith(".xhtml")
    }


def test_epubcheck_has_no_complaint(volume):
    program = shutil.which("epubcheck")
    if not program:
        how = "no epubcheck: install Debian's, `apt-get install epubcheck`"
        pytest.fail(how) if os.environ.get("CI") == "true" else pytest.skip(how)
    run = subprocess.run([program, volume], capture_output=True, text=True)
    complaints = [
        line
        for line in (run.stdout + run.stderr).splitlines()
        if line.startswith(("ERROR", "WARNING", "FATAL"))
    ]
    assert complaints == []
    assert run.returncode == 0


def test_the_contents_name_every_chapter_in_order(texts):
    links = texts["contents.xhtml"].nav.find_all("a")
    chapters = [link["href"] for link in links if "#" not in link["href"]]
    assert chapters == [f"{PurePosixPath(page).name}.xhtml" for page in PAGES]
    assert len(links) > 150


def test_every_link_and_picture_within_the_volume_is_there(files, texts):
    pictures = {name.removeprefix("book/") for name in files}
    for name, text in texts.items():
        for image in text.find_all("img"):
            assert image["src"] in pictures, name
            assert image["alt"].strip(), (name, image["src"])
        for link in text.find_all("a", href=True):
            target, _, fragment = link["href"].partition("#")
            if target.startswith(("http:", "https:", "mailto:")):
                continue
            page = texts[unquote(target) or name]
            assert not fragment or page.find(id=fragment), (name, link["href"])


def test_nothing_needs_a_script_or_a_network(texts):
    for name, text in texts.items():
        assert text.select("script, button, input, iframe, link[href^=http]") == [], (
            name
        )
        assert text.select("[src^=http], [style*='http']") == [], name


@pytest.mark.parametrize("page", PAGES)
def test_a_page_keeps_what_the_built_page_shows(texts, page):
    text = texts[f"{PurePosixPath(page).name}.xhtml"]
    built = parse(HTML / f"{page}.html").find("article")
    assert len(text.find_all("math")) == len(built.select(".math"))
    assert len(text.select(".still")) == len(built.select(".lenet-figure"))
    for kind in ("table", "figure", "fieldset", "pre", "h2", "h3"):
        assert len(text.find_all(kind)) == len(built.find_all(kind)), kind
    assert r"\(" not in text.get_text() and r"\[" not in text.get_text()
    last = built.select_one("#summary li:last-child, #summary p")
    if last:
        first_words = " ".join(last.get_text().split()[:6])
        assert first_words in " ".join(text.get_text().split())


def test_solutions_and_code_are_folded_under_names(texts):
    text = texts["digits.xhtml"]
    names = {summary.get_text().strip() for summary in text.find_all("summary")}
    assert {"Code", "Answer and reasons"} < names
    assert any(name.startswith("Solution") for name in names)


def test_one_commit_gives_the_same_bytes(volume, tmp_path):
    again = tmp_path / "again.epub"
    write_epub(HTML, again)
    assert again.read_bytes() == volume.read_bytes()


def test_a_formula_that_is_none_is_named(tmp_path):
    path = tmp_path / "page.html"
    path.write_text(
        '<article><h1>A</h1><p><span class="math">\\(\\frac{1}\\)</span></p></article>'
    )
    with pytest.raises(ValueError, match=r"page\.html: .*formula '\\\\frac"):
        convert_page(path, {})
    path.write_text("<p>nothing</p>")
    with pytest.raises(ValueError, match="no <article>"):
        convert_page(path, {})


def test_a_book_that_is_not_built_is_asked_for(tmp_path):
    with pytest.raises(FileNotFoundError, match="make book"):
        write_epub(tmp_path, tmp_path / "book.epub")
