"""Read the order of the book, for what is made of its pages besides the book."""

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


def read_parts(root: Path = ROOT) -> list[tuple[str, list[str]]]:
    """Read the parts of the course and their pages, in order.

    Parameters
    ----------
    root : path
        Of the course, which has ``_toc.yml``.

    Returns
    -------
    list of (caption, pages)
        A page has Sphinx's name, such as ``chapters/digits``. The first part holds the
        first page, and has no caption.
    """
    table = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    parts = [(part["caption"], _list_files(part)) for part in table.get("parts", [])]
    return [("", [table["root"], *_list_files(table)]), *parts]


def _list_files(part: dict) -> list[str]:
    return [chapter["file"] for chapter in part.get("chapters", [])]
