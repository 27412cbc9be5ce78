"""What a chapter's outputs depend on: its code, what that reads, data and packages.

The book executes a chapter when its digest changes, and ``make check`` the chapters
whose digest did. Prose, captions and tags are no part of it; nor are files that the
chapter cannot read, such as other results or a style sheet of the book.
"""

import ast
import functools
import hashlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import jupytext

ROOT = Path(__file__).parents[1]
STORE = "lenet_helpers.experiments.store"  # names all experiments and reads none itself


def find_inputs(chapter: Path, *, root: Path = ROOT) -> list[Path]:
    """List the files that a chapter's code depends on.

    Parameters
    ----------
    chapter : path of a MyST chapter
    root : path of the folder that holds the package and ``results/``

    Returns
    -------
    list of Path, sorted
        The modules that the chapter imports, and those that they import; the data files
        beside them (stored weights, the interactive figures' web files); the results
        of each experiment that the chapter or such a module names; the list of
        packages.
    """
    sources = [cell.source for cell in read_code_cells(chapter)]
    modules = find_modules(sources, root=root)
    words = set().union(*map(_list_words, sources))
    for name, path in modules.items():
        if name != STORE:
            words |= _list_words(path.read_text(encoding="utf-8"))
    found = set(modules.values())
    for path in modules.values():
        if path.name == "__init__.py":
            found.update(_list_data_files(path.parent))
    found.update(_list_results(root / "results", words))
    packages = [root / "constraints.txt", root / "requirements.txt"]
    found.update([path for path in packages if path.exists()][:1])
    return sorted(found)


def digest(chapter: Path, *, root: Path = ROOT) -> str:
    """Hash a chapter's code cells and all that they depend on.

    Parameters
    ----------
    chapter : path of a MyST chapter
    root : path of the folder that holds the package and ``results/``

    Returns
    -------
    str : 16 hexadecimal digits
    """
    parts = [f"Python {sys.version_info.major}.{sys.version_info.minor}"]
    parts.append(f"LENET_SOURCE={os.environ.get('LENET_SOURCE', '')}")
    for cell in read_code_cells(chapter):
        may_fail = "raises-exception" in cell.metadata.get("tags", [])
        parts.append(f"cell, may fail: {may_fail}\n{cell.source}")
    parts += [f"data: {name}, {size} bytes" for name, size in describe_data()]
    hashed = hashlib.sha256("\0".join(parts).encode())
    for path in find_inputs(chapter, root=root):
        content = path.read_bytes()
        if path.suffix == ".txt":  # packages: a comment on one changes no output
            content = re.sub(rb"\s*#.*", b"", content)
        hashed.update(f"\0{path.relative_to(root)}, {len(content)} bytes\n".encode())
        hashed.update(content)
    return hashed.hexdigest()[:16]


def read_code_cells(chapter: Path) -> list:
    """Read a chapter's code cells, each with ``source`` and ``metadata``."""
    notebook = jupytext.read(chapter, fmt="md:myst")
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def find_modules(sources: list[str], *, root: Path = ROOT) -> dict[str, Path]:
    """Find the modules below a folder that some code imports, directly or not.

    Parameters
    ----------
    sources : list of str
        Python code.
    root : path of the folder that holds the package

    Returns
    -------
    dict from the module's dotted name to its file
    """
    found = {}
    wanted = [name for source in sources for name in _list_imports(source)]
    while wanted:
        name = wanted.pop()
        path = _find_module(name, root)
        if name in found or path is None:
            continue
        found[name] = path
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        source = path.read_text(encoding="utf-8")
        wanted += [_make_absolute(other, package) for other in _list_imports(source)]
        wanted += [package]  # importing a module runs its package's `__init__`
    return found


def describe_data() -> list[tuple[str, int]]:
    """List name and size of the MNIST files in the data folder.

    Loading verifies what is in them, so names and sizes tell which MNIST there is.
    """
    from lenet_helpers.data import find_folder

    folder = find_folder()
    files = [path for path in folder.rglob("*ubyte*") if path.is_file()]
    return sorted(
        (str(path.relative_to(folder)), path.stat().st_size) for path in files
    )


def _find_module(name: str, root: Path) -> Path | None:
    """Find a module's file; None for one that is not below the folder."""
    if not name:
        return None
    path = root.joinpath(*name.split("."))
    candidates = [path / "__init__.py", path.with_name(f"{path.name}.py")]
    return next((file for file in candidates if file.is_file()), None)


@functools.lru_cache(maxsize=1000)
def _parse(source: str) -> ast.Module:
    return ast.parse(source)


def _list_imports(source: str) -> Iterator[str]:
    """List the dotted names that code imports; a relative one starts with dots.

    In ``from a import b``, b may be a module or a name in one: both are listed.
    """
    for node in ast.walk(_parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _list_prefixes(alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            if not node.level:
                yield from _list_prefixes(base)
            else:
                yield base
            separator = "" if base.endswith(".") else "."
            for alias in node.names:
                yield f"{base}{separator}{alias.name}"


def _list_prefixes(name: str) -> Iterator[str]:
    """List ``a``, ``a.b`` and ``a.b.c`` of ``a.b.c``."""
    parts = name.split(".")
    for length in range(1, len(parts) + 1):
        yield ".".join(parts[:length])


def _make_absolute(name: str, package: str) -> str:
    """Write out a relative import: ``..b`` in the package ``a.c`` is ``a.b``."""
    level = len(name) - len(name.lstrip("."))
    if not level:
        return name
    base = package.split(".")[: len(package.split(".")) - level + 1]
    return ".".join([*base, *filter(None, [name[level:]])])


def _list_words(source: str) -> set[str]:
    """List what the string literals of some code begin with, up to a dash or dot.

    ``"figure5"`` and ``f"figure5-{seed}.safetensors"`` both name ``figure5``.
    """
    return {
        re.split("[-.]", node.value, maxsplit=1)[0]
        for node in ast.walk(_parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _list_results(folder: Path, words: set[str]) -> list[Path]:
    """List the result files of the experiments that some words name."""
    return [
        path
        for path in folder.glob("[!.]*")
        if path.is_file() and re.split("[-.]", path.name, maxsplit=1)[0] in words
    ]


def _list_data_files(folder: Path) -> list[Path]:
    """List a package's own data files: no code, no README, none of a subpackage."""
    found = []
    for path in folder.rglob("*"):
        below = path.relative_to(folder)
        hidden = any(part.startswith((".", "__")) for part in below.parts)
        others = [
            folder / parent / "__init__.py" for parent in list(below.parents)[:-1]
        ]
        if path.is_dir() or hidden or any(file.exists() for file in others):
            continue
        if path.suffix not in (".py", ".md"):
            found.append(path)
    return found
