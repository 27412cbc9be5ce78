"""Write the chapters as executed notebooks that run anywhere: `make notebooks`.

The outputs are those of the book's own execution. An interactive figure becomes its
still picture, because its modules belong to the page. A first cell installs the package
where it is missing. Two runs write the same bytes.
"""

import argparse
import base64
import copy
import html
import io
import pickle
import re
import sys
from pathlib import Path

import nbformat
import pybtex.database
import yaml
from chapter_inputs import digest
from contents import read_parts
from execution import fetch_from_cache, get_cache
from myst_nb.core.read import is_myst_markdown_notebook, myst_nb_reader_plugin
from PIL import Image
from plain_markdown import Book, Place, write_plain
from publish import ask_git

ROOT = Path(__file__).parents[1]
LARGEST = 5_000_000  # bytes of a notebook
MOST_PIXELS = 1000  # of a picture in a drawing, each way
WIDGET = "application/vnd.jupyter.widget-view+json"
STILL = re.compile(
    r'class="lenet-still"><img src="data:image/png;base64,([^"]+)" alt="([^"]*)">'
)
PICTURE = re.compile(r"(?<=data:image/png;base64,)[\w+/=\s]+")
HIDDEN = {"hide-input", "hide-cell"}
INSTALL = """\
# Installs the course's package where it is missing, as on Colab: from the wheel beside
# this notebook, else from the course's repository. Elsewhere it does nothing.
import importlib.util, subprocess, sys
from pathlib import Path

REPOSITORY = "{repository}"
if importlib.util.find_spec("lenet_helpers") is None:
    wheels = sorted(Path.cwd().glob("lenet_helpers-*.whl"))
    if not (wheels or REPOSITORY):
        raise FileNotFoundError(
            "Put lenet_helpers-*.whl beside this notebook; on Colab, into the Files"
            " pane at the left. `make notebooks` makes it."
        )
    source = wheels[-1].as_uri() if wheels else f"git+{{REPOSITORY}}"
    package = f"lenet-helpers[book] @ {{source}}"
    command = [sys.executable, "-m", "pip", "install", "--quiet", package]
    subprocess.run(command, check=True)
    importlib.invalidate_caches()
if "google.colab" in sys.modules:  # which shows interactive figures when asked
    from google.colab import output

    output.enable_custom_widget_manager()"""


def make_notebook(
    executed: nbformat.NotebookNode, book: Book, *, repository: str = ""
) -> nbformat.NotebookNode:
    """Make a notebook for any place of an executed chapter.

    Parameters
    ----------
    executed : notebook
        As MyST-NB reads the chapter, with the outputs.
    book : Book
        What its text refers to.
    repository : str
        The address of the course's repository and a commit; empty where there is none.
    """
    first = nbformat.v4.new_code_cell(INSTALL.format(repository=repository))
    first.metadata = {"tags": ["install"]}
    cells, in_solution = [first], False
    for cell in executed.cells:
        if cell.cell_type == "code":
            cells += make_code(cell, book, fold=in_solution)
            continue
        starts = [cell.source.rfind(f"{{solution-{end}}}") for end in ("start", "end")]
        in_solution = starts[0] > starts[1] if max(starts) >= 0 else in_solution
        if text := write_plain(cell.source, book):
            cells.append(nbformat.v4.new_markdown_cell(text))
    for number, cell in enumerate(cells):
        cell.id = f"{book.page}-{number}"  # not a random one: the bytes would change
    metadata = {"kernelspec": dict(executed.metadata.kernelspec)}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def make_code(cell, book: Book, *, fold: bool) -> list[nbformat.NotebookNode]:
    """Copy a code cell; its figure's caption becomes a cell behind it."""
    new = nbformat.v4.new_code_cell(
        cell.source, execution_count=cell.execution_count, outputs=cell.outputs
    )
    tags = cell.metadata.get("tags", [])
    new.metadata = {"tags": list(tags)} if tags else {}
    if fold or HIDDEN & set(tags):
        new.metadata["jupyter"] = {"source_hidden": True}
        if fold:
            new.metadata["jupyter"]["outputs_hidden"] = True
    settings = cell.metadata.get("mystnb", {})
    alt = settings.get("image", {}).get("alt", "")
    new.outputs = [_clean_output(copy.deepcopy(each), alt) for each in cell.outputs]
    figure = settings.get("figure", {})
    if "caption" not in figure:
        return [new]
    place = book.places.get(figure.get("name"), Place(book.page))
    caption = f"**Figure {place.number}**: {figure['caption']}"
    return [new, nbformat.v4.new_markdown_cell(write_plain(caption, book))]


def _clean_output(output, alt: str):
    """Make an output that needs neither the book's page nor another kernel."""
    data = output.get("data", {})
    still = STILL.search(data.get("text/html", ""))
    if still:
        picture, text = still[1], html.unescape(still[2])
        output.data = {"image/png": f"{picture}\n", "text/plain": text}
    elif any(name.startswith("image/") for name in data):
        data["text/plain"] = alt or data.get("text/plain", "")
    data = output.get("data", {})
    data.pop(WIDGET, None)
    if "image/svg+xml" in data:
        svg = data["image/svg+xml"]
        data["image/svg+xml"] = PICTURE.sub(_shrink_picture, svg)
    return output


def _shrink_picture(match: re.Match) -> str:
    """Write a large PNG in 256 colours, of which grey has no more, and as a page shows.

    The drawing says how large a picture is, whatever its pixels.
    """
    picture = Image.open(io.BytesIO(base64.b64decode(match[0]))).convert("RGBA")
    if len(match[0]) < 20_000 or picture.getextrema()[3] != (255, 255):
        return match[0]
    picture = picture.convert("RGB")
    picture.thumbnail((MOST_PIXELS, MOST_PIXELS))
    picture.quantize(256).save(small := io.BytesIO(), "png", optimize=True)
    return base64.b64encode(small.getvalue()).decode()


def read_places(environment: Path) -> dict[str, Place]:
    """Read from the built book what its labels stand for.

    Parameters
    ----------
    environment : path
        Of Sphinx's ``environment.pickle``.
    """
    with environment.open("rb") as file:
        env = pickle.load(file)
    standard, places = env.domaindata["std"], {}
    numbers = {
        (page, label): ".".join(map(str, number))
        for page, kinds in env.toc_fignumbers.items()
        for labels in kinds.values()
        for label, number in labels.items()
    }
    for label, (page, anchor, title) in standard["labels"].items():
        number = numbers.get((page, anchor), "")
        if label.startswith("ex-"):
            title = f"Exercise {number}"
        places[label] = Place(Path(page).name, str(title), number)
    for label, (page, _) in env.domaindata["math"]["objects"].items():
        number = numbers.get((page, f"equation-{label}"), "")
        places[label] = Place(Path(page).name, "", number)
    return places


def list_chapters(root: Path) -> list[Path]:
    """List the executed chapters in their order; an appendix is of the book alone."""
    names = [page for _, pages in read_parts(root) for page in pages]
    paths = [root / f"{name}.md" for name in names if "appendix" not in name]
    return [p for p in paths if is_myst_markdown_notebook(p.read_text("utf-8"))]


def read_repository(root: Path) -> str:
    """Read the address of the course's repository, with the commit that is built."""
    settings = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    url = settings["sphinx"]["config"]["html_theme_options"].get("repository_url")
    return f"{url}@{ask_git('rev-parse', 'HEAD', folder=root)}" if url else ""


def write_notebooks(folder: Path, *, root: Path = ROOT) -> list[Path]:
    """Write all chapters of the built book as notebooks.

    Parameters
    ----------
    folder : path
    root : path
        Of the course; the book is built in its ``_build``.

    Raises
    ------
    SystemExit : the book is not built of these chapters, or a notebook is too large.
    """
    environment = root / "_build" / ".doctrees" / "environment.pickle"
    if not environment.exists():
        sys.exit("The book is not built: make book.")
    chapters, written = list_chapters(root), []
    places = read_places(environment)
    works = pybtex.database.parse_file(root / "references.bib").entries
    folder.mkdir(parents=True, exist_ok=True)
    for path in chapters:
        cached = root / "_build" / ".execution" / path.relative_to(root).with_suffix("")
        cached /= digest(path, root=root)
        if not fetch_from_cache(path, cached):
            sys.exit(f"{path.name} has changed since it was executed: make book.")
        _, executed = get_cache(cached).merge_match_into_notebook(
            myst_nb_reader_plugin(str(path))
        )
        book = Book(path.stem, places, {each.stem for each in chapters}, dict(works))
        notebook = make_notebook(executed, book, repository=read_repository(root))
        text = f"{nbformat.writes(notebook)}\n"
        if len(text.encode()) > LARGEST:
            sys.exit(f"{path.stem}.ipynb would have {len(text):,} bytes: shrink it.")
        written.append(folder / f"{path.stem}.ipynb")
        written[-1].write_text(text, encoding="utf-8")
    return written


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    for path in write_notebooks(parser.parse_args().folder):
        print(f"{path.stat().st_size / 1e6:5.1f} MB  {path}")
