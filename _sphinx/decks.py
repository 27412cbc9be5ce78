"""Write a deck of slides of each marked chapter of the built book: `make slides`."""

import argparse
import html
import shutil
import string
import sys
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from contents import read_parts
from slides import MarkError, clean, make_slides

ROOT = Path(__file__).parents[1]
PARTS = Path(__file__).parent / "deck"  # templates, style and script of a deck
UNUSED = "fontawesome"  # of `_static`, 10 MB that no slide shows


def write_deck(path: Path, page: BeautifulSoup, slides: list[str]) -> None:
    """Write the deck of a chapter."""
    styles = "\n".join(
        f'<link rel="stylesheet" href="{link["href"].removeprefix("../")}">'
        for link in page.select("link[rel=stylesheet]")
        if UNUSED not in link["href"]
    )
    parts = ""
    if any("lenet-figure" in slide for slide in slides):
        parts = "\n".join(str(_clean_part(p)) for p in page.select("[data-lenet-part]"))
    path.write_text(
        _fill(
            "deck.html",
            title=page.find("title").get_text(),
            styles=styles,
            slides="".join(slides),
            parts=parts,
        ),
        encoding="utf-8",
    )


def _clean_part(part: Tag) -> Tag:
    if part.get("src"):
        part["src"] = part["src"].removeprefix("../")
    return part


def _fill(name: str, **values: str) -> str:
    """Fill in a template of the folder `deck`."""
    values["title"] = html.escape(values["title"], quote=False)
    text = (PARTS / name).read_text(encoding="utf-8")
    return string.Template(text).substitute(values)


def write_decks(folder: Path, *, root: Path = ROOT) -> list[Path]:
    """Write a deck of each marked chapter of the built book, and a list of them.

    Parameters
    ----------
    folder : path
        It is emptied first. What it holds afterwards needs no network and no book.
    root : path
        Of the course; the book is built in its ``_build``.

    Raises
    ------
    SystemExit : the book is not built, or a mark cannot be followed.
    """
    built, written, listed = root / "_build" / "html", [], ""
    faults = []
    reveal = root / "node_modules" / "reveal.js" / "dist"
    if not (built / "chapters").exists():
        sys.exit("The book is not built: make book.")
    if not reveal.exists():
        sys.exit("reveal.js is not installed: make slides brings it.")
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("_static", "_images"):
        ignored = shutil.ignore_patterns(UNUSED)
        shutil.copytree(built / name, folder / name, ignore=ignored)
    for path in ("reveal.js", "reveal.css", "plugin/notes.js"):
        (folder / "reveal").mkdir(exist_ok=True)
        shutil.copy(reveal / path, folder / "reveal")
    for name in ("slides.css", "slides.js"):
        shutil.copy(PARTS / name, folder)
    for caption, chapters in read_parts(root):
        items = ""
        for chapter in chapters:
            text = (built / f"{chapter}.html").read_text(encoding="utf-8")
            page = BeautifulSoup(text, "html.parser")
            try:
                slides = make_slides(page)
            except MarkError as error:
                faults.append(f"{chapter}.md: {error}")
                continue
            if slides:
                written.append(folder / f"{Path(chapter).name}.html")
                write_deck(written[-1], page, slides)
                title = clean(page.find("h1")).decode_contents()
                items += (
                    f'<li><a href="{written[-1].name}">{title}</a>, '
                    f"{len(slides)} slides</li>\n"
                )
        if items:
            listed += f"<h2>{caption}</h2>\n<ul>\n{items}</ul>\n"
    if faults:
        sys.exit("\n".join(faults))
    index = _fill("index.html", title="Slides", decks=listed)
    (folder / "index.html").write_text(index, encoding="utf-8")
    return written


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    for path in write_decks(parser.parse_args().folder):
        print(f"{path.stat().st_size / 1e6:5.1f} MB  {path}")
