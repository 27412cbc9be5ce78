"""Name the tests, or the chapters, that what changed since a commit can touch.

``make check`` runs those. ``python tests/changed.py tests --since HEAD`` prints them.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "_sphinx"))
import chapter_inputs  # noqa: E402

HELPERS = ("tests", "_sphinx")  # beside the package, where tests import from
SHARED = ("conftest.py", "tests/conftest.py")  # pytest reads them for each test


def list_changed(since: str, root: Path = ROOT) -> list[Path]:
    """List the files that differ from a commit, and new ones that git does not ignore.

    Parameters
    ----------
    since : str, a commit
    root : path of the working tree

    Returns
    -------
    list of Path, relative to the working tree, sorted
    """
    commands = [
        ["git", "diff", "--name-only", since],
        ["git", "ls-files", "--others", "--exclude-standard"],
    ]
    found = set()
    for command in commands:
        answer = subprocess.run(
            command, cwd=root, check=True, capture_output=True, text=True
        )
        found.update(map(Path, answer.stdout.splitlines()))
    return sorted(found)


def choose_tests(changed: Iterable[Path], root: Path = ROOT) -> list[Path]:
    """Choose the test files that import, or name, one of the files.

    Of a file that is no Python module, its folders count as its names, too: a test
    that opens ``results/`` is chosen when any result changed.

    Parameters
    ----------
    changed : Paths, relative to the working tree
    root : path of the working tree

    Returns
    -------
    list of Path, relative to the working tree, sorted
    """
    changed = list(changed)
    names = {path.name for path in changed}
    names |= {part for path in changed if path.suffix != ".py" for part in path.parts}
    pattern = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in names))
    chosen = []
    for test in sorted(root.glob("tests/test_*.py")):
        source = test.read_text(encoding="utf-8")
        imports_one = list_read(test, root) & {root / path for path in changed}
        if names and (imports_one or pattern.search(source)):
            chosen.append(test.relative_to(root))
    return chosen


def list_read(test: Path, root: Path = ROOT) -> set[Path]:
    """List the Python files that pytest reads to run a test file, itself included."""
    read = {test, *(root / name for name in SHARED)}
    source = test.read_text(encoding="utf-8")
    for folder in HELPERS:
        read.update(chapter_inputs.find_modules([source], root=root / folder).values())
    sources = [path.read_text(encoding="utf-8") for path in read if path.exists()]
    return read | set(chapter_inputs.find_modules(sources, root=root).values())


def choose_chapters(changed: Iterable[Path], root: Path = ROOT) -> list[Path]:
    """Choose the chapters with code that changed themselves.

    Those that only import what changed are left to ``make test``: nearly all import
    `lenet_helpers.plots`, and they take ten minutes.

    Parameters
    ----------
    changed : Paths, relative to the working tree
    root : path of the working tree

    Returns
    -------
    list of Path, relative to the working tree
    """
    return [
        path
        for path in changed
        if path.parts[0] == "chapters"
        and path.suffix == ".md"
        and (root / path).exists()
        and chapter_inputs.read_code_cells(root / path)
    ]


def main():
    """Print what is chosen, on one line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=["tests", "chapters"])
    parser.add_argument("--since", default="HEAD", metavar="COMMIT")
    options = parser.parse_args()
    choose = {"tests": choose_tests, "chapters": choose_chapters}[options.what]
    print(*choose(list_changed(options.since)))


if __name__ == "__main__":
    main()
