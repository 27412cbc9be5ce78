"""Chapters as notebooks for any place: their text, their outputs, their first cell."""

import base64
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import notebooks
import numpy as np
import pybtex.database
import pytest
from myst_nb.core.read import myst_nb_reader_plugin
from PIL import Image
from plain_markdown import Book, Place, write_plain
from programs import run_quietly
from run_notebooks import run_notebook

ROOT = Path(__file__).parents[1]
MEMORY = 2  # gigabytes that a Binder has
WORKS = """
@article{one, author={LeCun, Yann and Bottou, Léon and Bengio, Yoshua}, year={1998},
  title={One}, journal={J}}
@article{two, author={LeCun, Yann and Orr, Genevieve and Müller, Klaus}, year={1998},
  title={Two}, journal={J}}
@article{three, author={Simard, Patrice and Platt, John}, year={2003}, title={Three},
  journal={J}}
"""


@pytest.fixture
def book():
    places = {
        "sec-here": Place("here", "Here", "2"),
        "sec-there": Place("there", "There", "3"),
        "sec-appendix": Place("appendix", "Machines"),
        "fig-there": Place("there", "A caption.", "3.1"),
        "eq-here": Place("here", "", "2.4"),
        "ex-here": Place("here", "Exercise 2.1", "2.1"),
    }
    works = pybtex.database.parse_string(WORKS, "bibtex").entries
    return Book("here", places, {"here", "there"}, dict(works))


@pytest.mark.parametrize(
    ("myst", "plain"),
    [
        ("(sec-here)=\n# Here\n\nText.", "# Here\n\nText."),
        ("see {ref}`sec-there`", "see [There](there.ipynb)"),
        ("see {ref}`the next <sec-there>`", "see [the next](there.ipynb)"),
        ("see {ref}`sec-here`", "see Here"),
        ("see {ref}`sec-appendix`", "see Machines"),  # which is no notebook
        ("{ref}`ex-here`", "Exercise 2.1"),
        ("{numref}`fig-there`", "[Figure 3.1](there.ipynb)"),
        ("by {eq}`eq-here`", "by (2.4)"),
        ("**{term}`strides <stride>`**", "**strides**"),
        ("{term}`stride`", "stride"),
        ("{footcite:t}`three`, p. 3", "Simard and Platt (2003), p. 3"),
        ("({footcite:t}`three`, p. 3)", "(Simard and Platt, 2003, p. 3)"),
        ("so {footcite:p}`one,two`", "so (LeCun et al., 1998a; LeCun et al., 1998b)"),
        (":::{note}\nIt {term}`a <b>`.\n\nB.\n:::", "> **Note**\n>\n> It a.\n>\n> B."),
        (
            ":::{admonition} You will\n:class: tip\n- see\n:::",
            "> **You will**\n>\n> - see",
        ),
        (
            "```{exercise-start} O\n:label: ex-here\n```\nA.\n\n```{exercise-end}\n```",
            "### Exercise 2.1: O\n\nA.",
        ),
        (
            "```{solution-start} ex-here\n:class: dropdown\n```\nSo.",
            "**Solution of exercise 2.1**\n\nSo.",
        ),
        (
            "```{math}\n:label: eq-here\na = b\n```",
            "$$\na = b \\tag{2.4}\n$$",
        ),
        ("```{strange}\n{ref}`sec-there`\n```", "```{strange}\n{ref}`sec-there`\n```"),
        ("```\n{ref}`sec-there`\n```\nA.", "```\n{ref}`sec-there`\n```\nA."),
        ("{ref}`sec-nowhere`", "{ref}`sec-nowhere`"),
        ("A.\n\n% slide 1, 2\n\nB.", "A.\n\nB."),
    ],
)
def test_the_text_reads_well_without_sphinx(myst, plain, book):
    assert write_plain(myst, book) == plain


def test_the_bibliography_has_what_the_page_cited(book):
    write_plain("{footcite:t}`three`", book)
    text = write_plain("```{footbibliography}\n```", book)
    assert text.startswith("### References\n\n- **Simard and Platt, 2003**: ")
    assert "LeCun" not in text and text.count("\n") == 2


def make_chapter(*outputs, **metadata):
    """Make a chapter of one executed cell."""
    cell = nbformat.v4.new_code_cell("1", outputs=list(outputs), metadata=metadata)
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    notebook.metadata.widgets = {"state": "large"}
    return notebook


def display(**data):
    data = {name.replace("_", "/"): value for name, value in data.items()}
    return nbformat.v4.new_output("display_data", data=data)


def test_an_interactive_figure_is_its_still(book):
    image = '<img src="data:image/png;base64,AAAA" alt="A &lt;">'
    still = f'<script>much</script><div class="lenet-still">{image}</div>'
    output = display(text_html=still, text_plain="Pad()")
    output.data[notebooks.WIDGET] = {"model_id": "1"}
    notebook = notebooks.make_notebook(make_chapter(output), book)
    assert notebook.cells[1].outputs[0].data == {
        "image/png": "AAAA\n",
        "text/plain": "A <",
    }
    assert "widgets" not in notebook.metadata


def test_a_table_stays_and_a_picture_has_its_text(book):
    image = display(**{"image_svg+xml": "<svg/>", "text_plain": "<Figure>"})
    figure = {"name": "fig-there", "caption": "See {ref}`sec-there`."}
    settings = {"figure": figure, "image": {"alt": "A curve."}}
    chapter = make_chapter(display(text_html="<table>"), image, mystnb=settings)
    _, cell, caption = notebooks.make_notebook(chapter, book).cells
    assert cell.outputs[0].data == {"text/html": "<table>"}
    assert cell.outputs[1].data["text/plain"] == "A curve."
    assert caption.source == "**Figure 3.1**: See [There](there.ipynb)."


def shrink(pixels, book):
    """Pass a picture through a drawing in a notebook; return it, and both lengths."""
    Image.fromarray(pixels).convert("RGBA").save(file := io.BytesIO(), "png")
    picture = base64.b64encode(file.getvalue()).decode()
    svg = f'<svg><image href="data:image/png;base64,{picture}"/></svg>'
    chapter = make_chapter(display(**{"image_svg+xml": svg}))
    output = notebooks.make_notebook(chapter, book).cells[1].outputs[0]
    smaller = notebooks.PICTURE.search(output.data["image/svg+xml"])[0]
    image = Image.open(io.BytesIO(base64.b64decode(smaller))).convert("L")
    return np.array(image), len(picture), len(smaller)


def test_a_photograph_in_a_drawing_loses_bytes_and_no_grey(book):
    grey = np.random.default_rng(0).integers(0, 256, (200, 300), np.uint8)
    shrunk, before, after = shrink(grey, book)
    assert after < 0.6 * before
    assert (shrunk == grey).all()


def test_a_photograph_has_no_more_pixels_than_a_page_shows(book):
    grey = np.random.default_rng(0).integers(0, 256, (1500, 2000), np.uint8)
    shrunk, before, after = shrink(grey, book)
    assert shrunk.shape == (750, 1000) and after < before / 4
    assert abs(shrunk.mean() - grey.mean()) < 3


def test_solutions_and_plotting_are_folded(book):
    chapter = make_chapter()
    one, two = chapter.cells[0], make_chapter(tags=["hide-input"]).cells[0]
    start = nbformat.v4.new_markdown_cell("```{solution-start} ex-here\n```")
    end = nbformat.v4.new_markdown_cell("```{solution-end}\n```\n\nText.")
    chapter.cells = [one, two, start, one.copy(), end, one.copy()]
    cells = notebooks.make_notebook(chapter, book).cells
    folds = [c.metadata.get("jupyter") for c in cells if c.cell_type == "code"][1:]
    hidden = {"source_hidden": True}
    assert folds == [None, hidden, hidden | {"outputs_hidden": True}, None]


def read_chapter(name):
    """Make a notebook of a chapter that is not executed, without its references."""
    works = pybtex.database.parse_file(ROOT / "references.bib").entries
    chapter = myst_nb_reader_plugin(str(ROOT / "chapters" / f"{name}.md"))
    return notebooks.make_notebook(chapter, Book(name, works=dict(works)))


def test_two_runs_write_the_same_bytes():
    texts = [nbformat.writes(read_chapter("intro")) for _ in range(2)]
    assert texts[0] == texts[1]
    nbformat.validate(json.loads(texts[0]))


def test_every_chapter_with_a_number_becomes_a_notebook():
    names = [path.stem for path in notebooks.list_chapters(ROOT)]
    assert names[0] == "intro" and len(names) == len(set(names))
    chapters = {path.stem for path in (ROOT / "chapters").glob("*.md")}
    assert set(names) == {name for name in chapters if "appendix" not in name}


def run_first_cell(folder, *, repository="", options=("-I", "-S")):
    """Run the first cell where nothing is installed; say what it would run."""
    code = "import subprocess\n"
    code += "subprocess.run = lambda command, check: print(command[-1])\n"
    code += notebooks.INSTALL.format(repository=repository)
    return subprocess.run(
        [sys.executable, *options, "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


@pytest.mark.processes
def test_the_first_cell_installs_from_the_wheel_else_from_the_repository(tmp_path):
    url = "https://github.com/some/lenet"
    assert run_first_cell(tmp_path, repository=url, options=[]).stdout == ""  # is there
    found = run_first_cell(tmp_path, repository=url).stdout
    assert found == f"lenet-helpers[book] @ git+{url}\n"
    wheel = tmp_path / "lenet_helpers-0.1.0-py3-none-any.whl"
    assert "Put lenet_helpers-*.whl beside" in run_first_cell(tmp_path).stderr
    wheel.touch()
    found = run_first_cell(tmp_path, repository=url).stdout
    assert found == f"lenet-helpers[book] @ {wheel.as_uri()}\n"


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """Build the wheel from a copy and unpack it: the package without its checkout."""
    folder = tmp_path_factory.mktemp("unpacked")
    source = folder / "source"
    ignore = shutil.ignore_patterns("__pycache__", ".*")
    for name in ("lenet_helpers", "results"):
        shutil.copytree(ROOT / name, source / name, ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, source)
    command = ["uv", "build", "--wheel", "--no-build-isolation", "--offline"]
    run_quietly([*command, "--python", sys.executable, "--out-dir", folder, source])
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder / "packages")
    return folder / "packages"


def write_notebook(path, sources):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)


@pytest.mark.processes
def test_a_chapter_runs_elsewhere_from_the_wheel_in_the_memory_of_a_binder(
    unpacked, tmp_path
):
    """errors.md reads rows and ten networks of the wheel, and judges all digits."""
    notebook = read_chapter("errors")
    check = f"import lenet_helpers as l; assert l.__file__.startswith('{unpacked}')"
    notebook.cells.append(nbformat.v4.new_code_cell(check, id="check"))
    nbformat.write(notebook, tmp_path / "errors.ipynb")
    _, size = run_notebook(
        Path(sys.executable),
        tmp_path / "errors.ipynb",
        tmp_path / "elsewhere",
        PYTHONPATH=str(unpacked),
    )
    assert 0.3 < size < MEMORY  # so that of PyTorch is counted


@pytest.mark.processes
def test_the_memory_of_a_notebook_is_not_that_of_the_tests(tmp_path):
    write_notebook(tmp_path / "small.ipynb", ["1"])
    own = np.ones(10**9, np.uint8)  # written, so that it counts
    _, size = run_notebook(
        Path(sys.executable), tmp_path / "small.ipynb", tmp_path / "elsewhere"
    )
    assert size < 0.5 < own.nbytes / 1e9


@pytest.mark.processes
def test_a_notebook_that_fails_is_no_success(tmp_path):
    write_notebook(
        tmp_path / "good.ipynb", ["import os; assert os.listdir() == ['good.ipynb']"]
    )
    write_notebook(tmp_path / "bad.ipynb", ["1", "assert 1 == 2"])
    python = Path(sys.executable)
    run_notebook(python, tmp_path / "good.ipynb", tmp_path / "a")
    with pytest.raises(AssertionError, match="assert 1 == 2"):
        run_notebook(python, tmp_path / "bad.ipynb", tmp_path / "b")
