"""What the class gets of `make course`, and what nbgrader gives for it.

Parts that run a notebook take the introduction, on the sample; the rest reads the
assignments of all chapters.
"""

import ast
import builtins
import functools
import re

import course
import pytest
from exercise_cells import Exercise, read_chapter, take_apart
from grading import ROOT, fill_in, make_course, mark, read_edition

TEACHING = ROOT / "teaching"
POINTS = course.list_points(course.list_chapters(ROOT))
NAMES = list(POINTS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("course"), NAMES)


@functools.cache
def read(name):
    return read_chapter(ROOT / "chapters" / f"{name}.md")


def list_exercises(name):
    return [item for item in read(name) if isinstance(item, Exercise)]


def list_lines(text, least=12):
    """List the lines that say something: long, and no comment."""
    lines = {line.strip() for line in text.splitlines()}
    return {line for line in lines if len(line) >= least and line[0] != "#"}


@pytest.mark.parametrize("name", NAMES)
def test_the_class_gets_no_solution_and_no_check(folder, name):
    student = read_edition(folder, "student", name)
    text = "\n".join(cell.source for cell in student.cells)
    assert "BEGIN" not in text and "def check_" not in text
    known = {  # what the chapter itself, or an exercise's stub, shows
        line
        for item in read(name)
        for source in (
            [take_apart(item).given, *item.question]
            if isinstance(item, Exercise)
            else [item.source]
        )
        for line in list_lines(source)
    }
    shown = list_lines(text)
    for exercise in list_exercises(name):
        parts = take_apart(exercise)
        hidden = "\n".join([parts.check, parts.answer, *exercise.words])
        assert not (list_lines(hidden) - known) & shown, exercise.label


@pytest.mark.parametrize("name", NAMES)
def test_each_exercise_has_a_stub_to_fill_in_and_a_hidden_test(folder, name):
    cells = {
        cell.metadata.nbgrader.grade_id: cell
        for cell in read_edition(folder, "student", name).cells
        if "nbgrader" in cell.metadata
    }
    exercises = list_exercises(name)
    for exercise in exercises:
        stub, test = cells[exercise.label], cells[f"{exercise.label}-test"]
        for variable, value in take_apart(exercise).stubs.items():
            assert f"{variable} = " in stub.source or f"def {variable}(" in stub.source
            assert value is None or value in stub.source
        assert test.source.startswith("# Hidden tests") and len(test.source) < 50
    points = [
        cell.metadata.nbgrader.points or 0
        for cell in cells.values()
        if cell.metadata.nbgrader.grade
    ]
    assert sum(points) == POINTS[name]
    assert len(points) == 2 * len(exercises)


def find_names(code, context):
    nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)]
    return {node.id for node in nodes if isinstance(node.ctx, context)}


def list_bound(code):
    """List all names that some code binds, at whatever level."""
    bound = find_names(code, ast.Store)
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
    return bound


@pytest.mark.parametrize("name", NAMES)
def test_a_hidden_test_needs_nothing_that_only_a_solution_defines(name):
    there = {"check", "Between", *dir(builtins)}
    for item in read(name):
        if not isinstance(item, Exercise):
            if item.cell_type == "code":
                there |= list_bound(item.source)
            continue
        parts = take_apart(item)
        there |= list_bound(parts.given) | list_bound(parts.check)
        needed = find_names(f"{parts.check}\n{parts.call}", ast.Load)
        assert needed <= there, f"{item.label} needs {needed - there}"
        assert not {"give_points", "require", "verdict"} & there, item.label


PIXELS = 'answer = {"one image": 784, "all images": 1 / 0, "megabytes": 1}'
HALF = """\
answer = {"error rate of the die": 0.1, "error rate of always 1": ...,
          "worst constant answer": int(counts.argmin())}"""
LOOP = "while True:\n    pass"
REASON = "**Why?** Nobody knows."


def test_nbgrader_gives_what_an_answer_deserves(folder, monkeypatch):
    monkeypatch.setenv("LENET_SOURCE", "sample")
    labels = [exercise.label for exercise in list_exercises("intro")]
    right = read_edition(folder, "instructor", "intro")
    marks = mark(folder, "intro", "right", right)
    for label in labels:
        assert marks[f"{label}-test"] == (4, 4, "Right.\n")

    empty = read_edition(folder, "student", "intro")
    marks = mark(folder, "intro", "empty", empty)
    for label in labels:
        points, most, said = marks[f"{label}-test"]
        assert (points, most) == (0, 4) and "Not answered yet" in said
        assert marks[f"{label}-reason"][0] == 0

    wrong = fill_in(
        read_edition(folder, "student", "intro"),
        {
            "ex-intro-pixels": PIXELS,
            "ex-intro-guess": HALF,
            "ex-intro-sure": LOOP,
            "ex-intro-guess-reason": REASON,
            "ex-intro-guess-test": "4",  # the student's own test
            "cell-3": "counts = mnist = None",  # and own data
        },
    )
    marks = mark(folder, "intro", "wrong", wrong, timeout=30)
    assert marks["ex-intro-pixels-test"][0] == 0
    points, _, said = marks["ex-intro-guess-test"]
    assert points == 1.3 and "That is how often it is right." in said
    assert marks["ex-intro-sure-test"][0] == 0
    assert marks["ex-intro-guess-reason"][0] is None  # a person reads it
    assert marks["ex-intro-sure-reason"][0] == 0


def require(answer, stub):
    space = {}
    exec(course.START.replace("os.environ", "{}"), space)
    try:
        space["require"](answer, stub)
    except AssertionError as error:
        return str(error)
    return "filled in"


@pytest.mark.parametrize(
    ("answer", "stub", "sentence"),
    [
        (..., ..., "Not answered yet"),
        (None, ..., "Not answered yet"),
        (3, ..., "filled in"),
        ([...], [...], "Not answered yet"),
        (["c1"], [...], "filled in"),
        ([1], [..., ...], "2 values are wanted."),
        (1, [..., ...], "2 values are wanted."),
        ([1, ...], [..., ...], "Not answered yet"),
        ([1, 2], [..., ...], "filled in"),
        (3, {"a": ...}, "A dictionary is wanted, with 'a'."),
        ({"b": 1}, {"a": ...}, "These entries are wanted: 'a'."),
        ({"a": ...}, {"a": ...}, "Not answered yet"),
        ({"a": [1, 2]}, {"a": [..., ...]}, "filled in"),
    ],
)
def test_the_class_hears_what_is_not_filled_in(answer, stub, sentence):
    assert require(answer, stub).startswith(sentence)


def test_what_is_no_exercise_is_refused():
    with pytest.raises(ValueError, match="ex-a does not end with a call"):
        take_apart(Exercise("ex-a", "A", cells=["answer = ..."]))
    cells = ["answer = ...", "def check_a(answer):\n    return True", "check_a(answer)"]
    with pytest.raises(ValueError, match="ex-a: no `assert check_a"):
        take_apart(Exercise("ex-a", "A", cells=cells, solution=["answer = 1"]))


def read_rows(name):
    """Read the rows of a page's tables that name a chapter: (chapter, cells)."""
    text = (TEACHING / name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("|") and (
            link := re.search(r"\[([\w-]+)\]\(\.\./(\S+?)\)", line)
        ):
            assert link[2] == f"chapters/{link[1]}.md"
            yield link[1], [cell.strip() for cell in line.strip("|").split("|")]


def test_the_rubric_names_the_points_of_each_chapter():
    rows = {name: int(cells[2]) for name, cells in read_rows("rubric.md")}
    assert rows == POINTS
    text = (TEACHING / "rubric.md").read_text(encoding="utf-8")
    assert f"| the answer | {course.ANSWER} |" in text
    assert f"| the reason | {course.REASON} |" in text


def test_the_syllabus_gives_a_chapter_the_time_that_it_states():
    text = (TEACHING / "syllabus.md").read_text(encoding="utf-8")
    stated = dict(re.findall(r"\[([\w-]+)\]\(\S+?\)(?: \||,) (\d+) min", text))
    assert set(stated) == set(NAMES)
    found = re.findall(r"\[([\w-]+)\]\(\S+?\)(?: \||,) (\d+) min", text)
    for name, minutes in found:
        chapter = (ROOT / "chapters" / f"{name}.md").read_text(encoding="utf-8")
        assert f"*Time:* {minutes} min to read" in chapter, name


def test_a_session_has_ninety_minutes():
    text = (TEACHING / "syllabus.md").read_text(encoding="utf-8")
    sessions = re.split(r"^### ", text.partition("## One week")[0], flags=re.M)[1:]
    for session in sessions:
        assert sum(map(int, re.findall(r"^\| (\d+) \|", session, re.M))) == 90
    assert len(sessions) == 3


def test_the_syllabus_names_exercises_of_the_chapter():
    for name, cells in read_rows("syllabus.md"):
        titles = {exercise.title for exercise in list_exercises(name)}
        assert set(re.findall(r"\*([^*]+)\*", cells[-2] + cells[-1])) <= titles, name
