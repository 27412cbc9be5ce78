"""Which chapters a change executes again: as many as depend on it, and no more."""

import textwrap
from pathlib import Path

import chapter_inputs
import pytest

CHAPTERS = Path(__file__).parents[1] / "chapters"
HEADER = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3, language: python}
---
# A chapter

Some prose.

"""
FILES = {
    "lenet_helpers/__init__.py": "from lenet_helpers.data import load",
    "lenet_helpers/data.py": "def load(): pass",
    "lenet_helpers/lazy.py": "def show():\n    from . import plots",
    "lenet_helpers/plots.py": "import matplotlib",
    "lenet_helpers/unused.py": "figure6 = 'figure6'",
    "lenet_helpers/interactive/__init__.py": "from .figure import Figure",
    "lenet_helpers/interactive/figure.py": "from ..trained import load_network",
    "lenet_helpers/interactive/README.md": "Why it is there.",
    "lenet_helpers/interactive/web/figure.css": "div {}",
    "lenet_helpers/trained/__init__.py": "def load_network(name): pass",
    "lenet_helpers/trained/lenet5.safetensors": "weights",
    "lenet_helpers/experiments/__init__.py": "",
    "lenet_helpers/experiments/store.py": "NAMES = 'figure5', 'figure6', 'modern'",
    "results/figure5.jsonl": "",
    "results/figure5-0.safetensors": "",
    "results/figure6.jsonl": "",
    "results/.figure5.lock": "",
    "requirements.txt": "torch==2.15.0  # the newest\n",
    "_sphinx/static/course.css": "table {}",
    "data/t10k-labels-idx1-ubyte": "labels",
}


def write_chapter(path, *cells):
    blocks = [f"```{{code-cell}} ipython3\n{textwrap.dedent(c)}\n```\n" for c in cells]
    path.write_text(HEADER + "\n".join(blocks))
    return path


@pytest.fixture
def book(tmp_path, monkeypatch):
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    monkeypatch.setenv("LENET_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("LENET_SOURCE", raising=False)
    return tmp_path


def list_inputs(book, *cells):
    chapter = write_chapter(book / "chapter.md", *cells)
    found = chapter_inputs.find_inputs(chapter, root=book)
    return [str(path.relative_to(book)) for path in found]


@pytest.mark.parametrize(
    "code", ["import lenet_helpers", "from lenet_helpers import load", "import os"]
)
def test_a_chapter_depends_on_the_modules_it_imports(book, code):
    package = ["lenet_helpers/__init__.py", "lenet_helpers/data.py"]
    expected = package if "lenet" in code else []
    assert list_inputs(book, code) == [*expected, "requirements.txt"]


@pytest.mark.parametrize(
    "code",
    [
        "import lenet_helpers.lazy",
        "from lenet_helpers import lazy",
        "from lenet_helpers.lazy import show",
    ],
)
def test_a_chapter_depends_on_what_its_modules_import(book, code):
    found = list_inputs(book, "import numpy", code)
    assert {"lenet_helpers/lazy.py", "lenet_helpers/plots.py"} <= set(found)
    assert "lenet_helpers/unused.py" not in found


def test_only_a_chapter_with_a_figure_depends_on_web_files(book):
    web = "lenet_helpers/interactive/web/figure.css"
    found = list_inputs(book, "from lenet_helpers import interactive")
    assert web in found
    assert "lenet_helpers/trained/lenet5.safetensors" in found
    assert "lenet_helpers/interactive/README.md" not in found
    assert web not in list_inputs(book, "from lenet_helpers import data")


@pytest.mark.parametrize(
    "code", ["read_results('figure5')", "load(RESULTS / f'figure5-{seed}.safetensors')"]
)
def test_a_chapter_depends_on_the_results_it_names(book, code):
    found = list_inputs(book, "import lenet_helpers.experiments.store", code)
    assert [name for name in found if name.startswith("results")] == [
        "results/figure5-0.safetensors",
        "results/figure5.jsonl",
    ]


def test_a_lock_of_packages_counts_in_place_of_the_pins(book):
    (book / "constraints.txt").write_text("torch==2.15.0")
    assert list_inputs(book, "x = 1") == ["constraints.txt"]


def replace(name, old, new):
    def change(book):
        text = (book / name).read_text()
        assert old in text
        (book / name).write_text(text.replace(old, new))

    return change


CELLS = [
    "from lenet_helpers import interactive",
    "from lenet_helpers.experiments.store import NAMES\n'figure5'",
]
NOTHING = {
    "prose": replace("chapter.md", "Some prose", "Better prose"),
    "a tag": replace("chapter.md", "ipython3\n", "ipython3\n:tags: [hide-input]\n"),
    "a style sheet of the book": replace("_sphinx/static/course.css", "{}", "{a: b}"),
    "looking at results": replace("results/.figure5.lock", "", "locked"),
    "other results": replace("results/figure6.jsonl", "", "{}"),
    "a module it does not use": replace("lenet_helpers/unused.py", "6", "7"),
    "a comment on a package": replace("requirements.txt", "newest", "best"),
}
SOMETHING = {
    "a cell": replace("chapter.md", "'figure5'", "'figure5', 1"),
    "an error that is meant": replace(
        "chapter.md", "ipython3\n", "ipython3\n:tags: [raises-exception]\n"
    ),
    "a module behind a module": replace("lenet_helpers/trained/__init__.py", "p", "q"),
    "stored weights": replace("lenet_helpers/trained/lenet5.safetensors", "w", "v"),
    "a figure's style sheet": replace(
        "lenet_helpers/interactive/web/figure.css", "{}", "{a: b}"
    ),
    "its results": replace("results/figure5.jsonl", "", "{}"),
    "a package": replace("requirements.txt", "2.15.0", "2.15.1"),
    "the data": replace("data/t10k-labels-idx1-ubyte", "labels", "all labels"),
}


@pytest.mark.parametrize("change", NOTHING.values(), ids=NOTHING)
def test_a_chapter_is_not_executed_again_for(book, change):
    chapter = write_chapter(book / "chapter.md", *CELLS)
    before = chapter_inputs.digest(chapter, root=book)
    change(book)
    assert chapter_inputs.digest(chapter, root=book) == before


@pytest.mark.parametrize("change", SOMETHING.values(), ids=SOMETHING)
def test_a_chapter_is_executed_again_for(book, change):
    chapter = write_chapter(book / "chapter.md", *CELLS)
    before = chapter_inputs.digest(chapter, root=book)
    change(book)
    assert chapter_inputs.digest(chapter, root=book) != before


def test_a_chapter_is_executed_again_on_other_digits(book, monkeypatch):
    chapter = write_chapter(book / "chapter.md", *CELLS)
    before = chapter_inputs.digest(chapter, root=book)
    monkeypatch.setenv("LENET_SOURCE", "sample")
    assert chapter_inputs.digest(chapter, root=book) != before


@pytest.mark.parametrize("name", ["digits", "intro", "errors", "lenet5"])
def test_the_inputs_of_a_real_chapter_are_all_and_no_more(name):
    found = chapter_inputs.find_inputs(CHAPTERS / f"{name}.md")
    names = {path.name for path in found}
    assert "data.py" in names
    assert ("host.mjs" in names) == (name in ("intro", "lenet5"))
    assert ("lenet5.safetensors" in names) == (name in ("intro", "errors", "lenet5"))
    stems = {path.stem for path in found if path.parent.name == "results"}
    assert ("figure9" in stems) == (name == "errors")
    assert "recipe" not in stems
