"""Write each chapter as an assignment of nbgrader, for teacher and class.

A chapter's own exercises become cells to fill in, its checks hidden tests, and its
solutions what the teacher's edition answers. Nothing is written a second time here.
"""

import argparse
import os
import shutil
import sys
from pathlib import Path

import nbformat
import pybtex.database
from exercise_cells import Exercise, read_chapter, take_apart
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.apps import NbGraderAPI
from notebooks import (
    INSTALL,
    ROOT,
    list_chapters,
    make_code,
    read_places,
    read_repository,
)
from plain_markdown import Book, write_plain
from traitlets.config.loader import PyFileConfigLoader

SETTINGS = ROOT / "teaching" / "nbgrader_config.py"
ANSWER, REASON = 4, 2  # points of an exercise
START = '''\
# The class works, and is graded, on the 5,000 digits that come with the package: quick,
# without a network, and the same numbers for everybody.
import os

os.environ.setdefault("LENET_SOURCE", "sample")


def require(answer, stub):
    """Is the answer filled in? Whether it is right is graded later."""
    if isinstance(stub, dict):
        names = ", ".join(map(repr, stub))
        assert isinstance(answer, dict), f"A dictionary is wanted, with {names}."
        assert set(answer) == set(stub), f"These entries are wanted: {names}."
        for name, part in stub.items():
            require(answer[name], part)
    elif isinstance(stub, list) and len(stub) > 1:
        assert hasattr(answer, "__len__"), f"{len(stub)} values are wanted."
        assert len(answer) == len(stub), f"{len(stub)} values are wanted."
        for part, place in zip(answer, stub):
            require(part, place)
    else:
        empty = answer is ... or answer is None
        assert not empty, "Not answered yet: put your answer in place of `...`."
        if isinstance(answer, list | tuple):
            assert ... not in list(answer), "Not answered yet: a `...` is left."'''
TEST = """\
# Hidden tests stand here when it is graded.
### BEGIN HIDDEN TESTS
from lenet_helpers.exercises import {names}

{check}

def give_points(verdict):
    print(verdict)
    if {accepts}:
        return {points}
    entries = getattr(verdict, "text", "").splitlines()
    right = [entry.endswith(": Right.") for entry in entries]
    return round({points} * sum(right) / len(right), 1) if right else 0


verdict, {reset} = {call}, ...
give_points(verdict)
### END HIDDEN TESTS"""
ASK = "**Why?** Say in one to three sentences how you know; {points} points."


def make_assignment(path: Path, book: Book, *, repository: str = ""):
    """Make the teacher's edition of a chapter, from which nbgrader makes the class's.

    Parameters
    ----------
    path : path of a MyST chapter
    book : Book
        What its text refers to.
    repository : str
        The address of the course's repository and a commit; empty where there is none.

    Returns
    -------
    notebook
    """
    first = new_code_cell(INSTALL.format(repository=repository))
    second = _mark(new_code_cell(START), "start")
    cells, names = [first, second], {"check"}
    for item in read_chapter(path):
        if isinstance(item, Exercise):
            cells += _make_exercise(item, book, names)
        elif item.cell_type == "code":
            code, *caption = make_code(item, book, fold=False)
            _mark(code, f"cell-{len(cells)}")
            cells += [code, *caption]
        elif text := write_plain(item.source, book):
            cells.append(new_markdown_cell(text))
    for number, cell in enumerate(cells):
        cell.id = f"{book.page}-{number}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _mark(cell, name: str, *, points: int | None = None, solution: bool = False):
    """Say in a cell's metadata what it is to nbgrader; one with points is graded."""
    grade = points is not None
    cell.metadata["nbgrader"] = {
        "grade": grade,
        "grade_id": name,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    } | ({"points": points} if grade else {})
    return cell


def _make_exercise(exercise: Exercise, book: Book, names: set[str]) -> list:
    """Make an exercise's cells; `names`: what the chapter's checks import, which grows.

    Question, answer, a look at its form, the hidden test, and a reason in words.
    """
    parts, label = take_apart(exercise), exercise.label
    names.update(parts.names)
    head = f"```{{exercise-start}} {exercise.title}\n:label: {label}\n```\n"
    question = write_plain("\n\n".join([head, *exercise.question]), book)
    answer = "\n".join(
        [parts.given, "### BEGIN SOLUTION", parts.answer, "### END SOLUTION"]
    )
    looks = [
        f"require({name}, {stub})"
        for name, stub in parts.stubs.items()
        if stub and "..." in stub
    ]
    test = TEST.format(
        names=", ".join(sorted(names)),
        check=f"\n{parts.check}\n" if parts.check else "",
        accepts=parts.accepts,
        points=ANSWER,
        reset="answer" if "answer" in parts.stubs else "_",
        call=parts.call,
    )
    words = write_plain("\n\n".join(exercise.words), book)
    reason = "\n".join(
        [
            ASK.format(points=REASON),
            "",
            "### BEGIN SOLUTION",
            words or "What the solution computes says why.",
            "### END SOLUTION",
        ]
    )
    cells = [
        _mark(new_markdown_cell(question), f"{label}-question"),
        _mark(new_code_cell(answer), label, solution=True),
        _mark(new_code_cell(test), f"{label}-test", points=ANSWER),
        _mark(
            new_markdown_cell(reason), f"{label}-reason", points=REASON, solution=True
        ),
    ]
    if looks:
        look = new_code_cell("\n".join(looks))
        cells.insert(2, _mark(look, f"{label}-look"))
    return cells


def release(folder: Path, names: list[str]) -> None:
    """Make the class's edition of assignments, as nbgrader's own command does.

    Parameters
    ----------
    folder : path
        Of the course; it has ``nbgrader_config.py`` and ``instructor/``.
    names : list of str
        Of the assignments.

    Raises
    ------
    SystemExit : nbgrader refuses one; with what it says.
    """
    nbgrader = open_nbgrader(folder)
    for name in names:
        result = nbgrader.generate_assignment(name, force=True, create=True)
        if not result["success"]:
            sys.exit(f"nbgrader refuses {name}:\n{result['log']}{result['error']}")


def open_nbgrader(folder: Path, **settings) -> NbGraderAPI:
    """Open nbgrader on a course's folder, with its settings and more for `Execute`."""
    loader = PyFileConfigLoader("nbgrader_config.py", path=str(folder))
    config = loader.load_config()
    config.CourseDirectory.root = str(folder.resolve())
    config.Execute.update(settings)
    programs = str(Path(sys.executable).parent)  # it calls alembic by its bare name
    if programs not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([programs, os.environ["PATH"]])
    return NbGraderAPI(config=config)


def list_points(paths: list[Path]) -> dict[str, int]:
    """Count the points of chapters: those that have exercises.

    Parameters
    ----------
    paths : list of paths of MyST chapters

    Returns
    -------
    dict from a chapter's name to the points of its exercises
    """
    numbers = {
        path.stem: sum(isinstance(item, Exercise) for item in read_chapter(path))
        for path in paths
    }
    return {name: (ANSWER + REASON) * n for name, n in numbers.items() if n}


def write_course(folder: Path, *, root: Path = ROOT) -> list[str]:
    """Write all chapters of the built book as assignments.

    Parameters
    ----------
    folder : path
        What it holds besides, such as submissions and marks, stays.
    root : path
        Of the course; the book is built in its ``_build``.

    Returns
    -------
    list of str : the assignments' names

    Raises
    ------
    SystemExit : the book is not built, or nbgrader refuses an assignment.
    """
    environment = root / "_build" / ".doctrees" / "environment.pickle"
    if not environment.exists():
        sys.exit("The book is not built: make book.")
    places = read_places(environment)
    works = dict(pybtex.database.parse_file(root / "references.bib").entries)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(SETTINGS, folder)
    paths = {path.stem: path for path in list_chapters(root)}
    names = list(list_points(list(paths.values())))
    for name in names:
        notebook = make_assignment(
            paths[name],
            Book(name, places, set(), works),
            repository=read_repository(root),
        )
        write_assignment(notebook, folder, name)
    release(folder, names)
    return names


def write_assignment(notebook, folder: Path, name: str) -> None:
    """Write the teacher's edition of an assignment to where nbgrader looks for it."""
    path = folder / "instructor" / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{nbformat.writes(notebook)}\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    names = write_course(options.folder)
    print(f"{len(names)} assignments in {options.folder}: instructor/ and student/")
