"""What a reader looks up: symbols and exercises have their place, and no gap."""

import re
import unicodedata

import jupytext
import pytest
from browser import HTML, parse
from exercise_index import list_exercises
from test_chapters import CHAPTERS, ROOT, find_labels, read

SYMBOLS = ROOT / "chapters" / "appendix-symbols.md"
FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![\\$])\$([^$]+?)\$|```\{math\}(.+?)```", re.S)
NO_SYMBOLS = re.compile(r"^:\w+:.*$|\\(?:text|mathrm|operatorname)\{.*?\}", re.M)


def is_greek(name):
    """Say whether a command of TeX is a letter, such as ``eta`` or ``varepsilon``."""
    try:
        unicodedata.lookup(f"GREEK SMALL LETTER {name.removeprefix('var')}")
    except KeyError:
        return False
    return True


def find_letters(path):
    """List the letters of a chapter's formulas: Latin ones, and Greek ones by name."""
    letters = set()
    for cell in jupytext.read(path, fmt="md:myst").cells:
        if cell.cell_type != "markdown":
            continue
        for found in FORMULA.finditer(cell.source):
            formula = NO_SYMBOLS.sub(" ", next(filter(None, found.groups())))
            letters.update(filter(is_greek, re.findall(r"\\([a-zA-Z]+)", formula)))
            letters.update(re.findall("[a-zA-Z]", re.sub(r"\\[a-zA-Z]+", " ", formula)))
    return letters


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.stem)
def test_each_letter_of_a_formula_is_on_the_page_of_symbols(chapter):
    assert find_letters(chapter) - find_letters(SYMBOLS) == set()


def test_letters_are_found_in_every_form_of_a_formula(tmp_path):
    path = tmp_path / "chapter.md"
    path.write_text(
        "A $w_{ij}$ costs \\$5, $5 \\times \\eta$.\n\n"
        "$$\n\\frac{q}{\\text{rate}}\n$$\n\n"
        "```{math}\n:label: eq-words\nZ = \\tanh v\n```\n"
    )
    assert find_letters(path) == {"w", "i", "j", "eta", "q", "Z", "v"}


def test_the_index_lists_the_exercises_of_a_chapter():
    exercise = "```{exercise-start} Count *S2*\n:label: ex-one-count\n```\n"
    chapter = f"(sec-one)=\n# One\n\n{exercise}"
    assert list_exercises(chapter) == (
        "**{ref}`sec-one`**\n\n- {ref}`ex-one-count`: Count *S2*\n\n"
    )
    assert list_exercises("(sec-two)=\n# Two\n\nNone here.\n") == ""


@pytest.mark.book
def test_the_index_leads_to_every_exercise():
    page = parse(HTML / "chapters" / "appendix-exercises.html")
    links = {link["href"] for link in page.select("article li a.reference[href]")}
    labels = {
        f"{chapter.stem}.html#{label}"
        for chapter in CHAPTERS
        for label, _ in find_labels(read(chapter))
        if label.startswith("ex-")
    }
    assert len(labels) > 80
    assert labels - links == set()
