"""Hand in assignments of `make course` and have nbgrader mark them.

``make test-course`` hands in the teacher's solutions of each chapter, or of those that
it is told, and says where they do not get all points.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

sys.path.insert(0, str(Path(__file__).parents[1] / "_sphinx"))
import course
import pybtex.database
from plain_markdown import Book

ROOT = Path(__file__).parents[1]


def make_course(folder, names):
    """Write both editions of some chapters, without the built book's numbers."""
    works = dict(pybtex.database.parse_file(ROOT / "references.bib").entries)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(course.SETTINGS, folder)
    for name in names:
        book = Book(name, {}, set(), works)
        path = ROOT / "chapters" / f"{name}.md"
        course.write_assignment(course.make_assignment(path, book), folder, name)
    course.release(folder, names)
    return folder


def read_edition(folder, edition, name):
    return nbformat.read(folder / edition / name / f"{name}.ipynb", 4)


def fill_in(notebook, answers):
    """Write into an assignment: {exercise: code}, {exercise-reason: words}."""
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(name, cell.source)
    return notebook


def mark(folder, name, student, notebook, **settings):
    """Hand a notebook in; returns {graded cell: (points, of, what the cell said)}."""
    place = folder / "submitted" / student / name / f"{name}.ipynb"
    place.parent.mkdir(parents=True)
    nbformat.write(notebook, place)
    result = course.open_nbgrader(folder, **settings).autograde(name, student)
    assert result["success"], f"{result['log']}{result['error']}"
    done = read_edition(folder, f"autograded/{student}", name)
    said = {
        cell.metadata.nbgrader.grade_id: "".join(
            output.get("text", "") + output.get("ename", "")
            for output in cell.get("outputs", [])
        )
        for cell in done.cells
        if "nbgrader" in cell.metadata
    }
    with Gradebook(f"sqlite:///{folder.resolve() / 'gradebook.db'}", "lenet") as book:
        return {
            grade.name: (grade.auto_score, grade.max_score, said[grade.name])
            for grade in book.find_submission(name, student).notebooks[0].grades
        }


def main():
    """Mark the teacher's solutions of the chapters that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("chapters", nargs="*")
    names = list(course.list_points(course.list_chapters(ROOT)))
    names = parser.parse_args().chapters or names
    short = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = make_course(Path(scratch) / "course", names)
        for name in names:
            started = time.perf_counter()
            marks = mark(
                folder, name, "teacher", read_edition(folder, "instructor", name)
            )
            print(f"{name}: {time.perf_counter() - started:.0f} s", flush=True)
            for cell, (points, most, said) in marks.items():
                if cell.endswith("-test") and points != most:
                    print(f"{cell}: {points} of {most}\n{said}", flush=True)
                    short.append(cell)
    sys.exit(f"solutions without all points: {', '.join(short)}" if short else 0)


if __name__ == "__main__":
    main()
