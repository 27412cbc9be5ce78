"""Nobody takes a figure of the book for one of a paper."""

import re
from pathlib import Path

import jupytext
import pytest
from browser import HTML, PAGES
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[1]
NUMBERED = re.compile(r"\b(Fig\.|Figs\.|Figures?) \d")


def list_texts(value):
    """List the texts in nested metadata, such as captions."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in list_texts(item)]
    return [value] if isinstance(value, str) else []


def find_unnamed_figures(chapter):
    """List the lines with a figure's number that do not say whose figure it is."""
    lines = []
    for cell in jupytext.read(chapter, fmt="md:myst").cells:
        is_prose = cell.cell_type == "markdown"
        texts = [cell.source] if is_prose else list_texts(dict(cell.metadata))
        lines += [line for text in texts for line in text.splitlines()]
    return [
        line
        for line in lines
        if NUMBERED.search(line) and not re.search("paper|footcite", line)
    ]


@pytest.mark.parametrize("name", PAGES)
def test_a_figure_of_a_paper_is_called_so(name):
    assert find_unnamed_figures(ROOT / f"{name}.md") == []


def test_a_figure_that_may_be_the_books_or_the_papers_is_found(tmp_path):
    path = tmp_path / "chapter.md"
    path.write_text(
        "---\njupytext: {text_representation: {extension: .md, format_name: myst}}\n"
        "---\nAs in Figure 9.\nAs in Figure 8 of the paper.\n\n```{code-cell}\n---\n"
        'mystnb:\n  figure: {caption: "Like Fig. 5."}\n---\nx = "Figure 1"\n```\n'
    )
    assert find_unnamed_figures(path) == ["As in Figure 9.", "Like Fig. 5."]


@pytest.mark.book
@pytest.mark.parametrize("name", PAGES)
def test_numbers_of_figures_and_equations_begin_with_the_chapters(name):
    page = BeautifulSoup((HTML / f"{name}.html").read_text(), "html.parser")
    own = page.select_one("h1 .section-number")
    chapter = own.text.strip(". ") if own else "0"
    shown = page.select(".caption-number, .eqno")
    for number in shown:
        digits = re.search(r"[\d.]+\d", number.text)[0]
        assert digits.split(".")[0] == chapter, number.text
        assert len(digits.split(".")) == 2, number.text
    assert shown or "appendix" in name
    assert bool(own) == ("appendix" not in name and name != PAGES[0])
