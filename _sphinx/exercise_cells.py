"""Take the exercises of a chapter apart: question, stub, check and solution.

An exercise is written once, in its chapter. Its check and its solution become the
hidden test and the right answer of an assignment (`course.py`) by what stands there:
the last statement of an exercise calls its check, and the solution asserts that the
check accepts it.
"""

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

import jupytext
from nbformat.v4 import new_markdown_cell

MARK = re.compile(
    r"^```\{(exercise|solution)-(start|end)\}[ \t]*(.*)\n((?::.*\n)*)```[ \t]*$", re.M
)
LABEL = re.compile(r"^:label: (\S+)", re.M)
PACKAGE = "lenet_helpers.exercises"


@dataclass
class Exercise:
    """One exercise of a chapter.

    Parameters
    ----------
    label, title : str
    question : list of str
        MyST.
    cells, solution : list of str
        Code of the exercise and of its solution.
    words : list of str
        The solution's text, MyST.
    """

    label: str
    title: str
    question: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    solution: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


@dataclass
class Parts:
    """What an exercise's code is for.

    Parameters
    ----------
    given : str
        What the reader gets: the stub, and what stands above it.
    stubs : dict
        From each name that the reader fills in to its first value, as code; None for
        a function.
    check : str
        The check and what only it uses; empty where an earlier exercise defines it.
    names : list of str
        What the check needs of `lenet_helpers.exercises`.
    call : str
        The call of the check.
    accepts : str
        True where `verdict`, what that call returned, accepts the answer.
    answer : str
        The solution's code, with what it uses of the check's helpers; it gives the
        names to fill in their right values.
    """

    given: str
    stubs: dict[str, str | None]
    check: str
    names: list[str]
    call: str
    accepts: str
    answer: str


def find_titles(text: str) -> dict[str, str]:
    """Find the labels and titles, in MyST, of a chapter's exercises, in its order."""
    return {
        LABEL.search(options)[1]: title.strip()
        for kind, place, title, options in MARK.findall(text)
        if (kind, place) == ("exercise", "start")
    }


def read_chapter(path: Path) -> list:
    """Read a chapter as its cells in order, with an `Exercise` for the cells of one.

    Parameters
    ----------
    path : path of a MyST chapter

    Returns
    -------
    list of notebook cells and Exercises
    """
    items, exercises, mode, now = [], {}, None, None
    for cell in jupytext.read(path, fmt="md:myst").cells:
        if cell.cell_type == "code":
            target = {None: items, "exercise": getattr(now, "cells", None)}
            target["solution"] = getattr(now, "solution", None)
            target[mode].append(cell if mode is None else cell.source)
            continue
        end = 0
        for mark in [*MARK.finditer(cell.source), None]:
            text = cell.source[end : mark.start() if mark else None].strip()
            if text and mode is None:
                items.append(new_markdown_cell(text))
            elif text:
                (now.question if mode == "exercise" else now.words).append(text)
            if not mark:
                continue
            end = mark.end()
            kind, place, rest, options = mark.groups()
            mode = kind if place == "start" else None
            if place == "start" and kind == "exercise":
                label = LABEL.search(options)[1]
                now = exercises[label] = Exercise(label, rest.strip())
                items.append(now)
            elif place == "start":
                now = exercises[rest.strip()]
    return items


def take_apart(exercise: Exercise) -> Parts:
    """Tell an exercise's stub, check and answer from each other.

    Parameters
    ----------
    exercise : Exercise

    Raises
    ------
    ValueError : the exercise does not end with a call of its check, or the solution
        does not assert that the check accepts it.
    """
    source = "\n\n\n".join(exercise.cells)
    *statements, last = ast.parse(source).body
    call = _find_call(last, r"check_\w+")
    if call is None:
        raise ValueError(f"{exercise.label} does not end with a call of its check.")
    name = call.func.id
    targets = [_name_target(argument) for argument in call.args]
    stubs, places = {}, []
    for place, node in enumerate(statements):
        if isinstance(node, ast.FunctionDef) and node.name in targets:
            stubs[node.name] = None
        elif isinstance(node, ast.Assign) and _name_target(node.targets[0]) in targets:
            stubs[node.targets[0].id] = ast.get_source_segment(source, node.value)
        else:
            continue
        places.append(place)
    answer, accepts = _write_answer(exercise, name, targets)
    asked = {n.id for n in ast.walk(ast.parse(answer)) if isinstance(n, ast.Name)}
    given, check, names, helpers = [], [], [], []
    for place, text in enumerate(_split(source, statements)):
        node = statements[place]
        if isinstance(node, ast.ImportFrom) and node.module == PACKAGE:
            names += [alias.name for alias in node.names]
        elif place <= max(places):
            given.append(text)
        else:
            check.append(text)
            if getattr(node, "name", name) in asked:
                helpers.append(text.strip())
    return Parts(
        given="\n".join(given).strip(),
        stubs=stubs,
        check="\n".join(check).strip(),
        names=names,
        call=ast.get_source_segment(source, call),
        accepts=accepts,
        answer="\n\n\n".join([*helpers, answer]),
    )


def _find_call(node, pattern: str) -> ast.Call | None:
    """Find the first call of a function with such a name."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and re.fullmatch(pattern, ast.unparse(part.func)):
            return part
    return None


def _name_target(node) -> str | None:
    """Name what an argument of the check is; of `a if b is ... else b` it is `b`."""
    node = node.orelse if isinstance(node, ast.IfExp) else node
    return node.id if isinstance(node, ast.Name) else None


def _split(source: str, statements: list) -> list[str]:
    """Cut code into its statements; a comment below one belongs to it, or to the next.

    A blank line decides: what follows it belongs to the next.
    """
    lines, texts, start = source.split("\n"), [], 0
    for node in statements:
        end = node.end_lineno
        while end < len(lines) and lines[end].startswith("#"):
            end += 1
        texts.append("\n".join(lines[start:end]))
        start = end
    return texts


def _write_answer(exercise, name: str, targets: list) -> tuple[str, str]:
    """Turn ``assert check_name(value)`` into ``answer = value``; drop other checks."""
    cells, accepts = [], None
    for source in exercise.solution:
        changes = []
        for node in ast.walk(ast.parse(source)):
            simple = isinstance(node, ast.Assert | ast.Expr)
            call = _find_call(node, name) if simple else None
            if call is None:
                continue
            new = ""
            if isinstance(node, ast.Assert) and _leads(node.test, call):
                test = node.test
                test = test.values[0] if isinstance(test, ast.BoolOp) else test
                text, test = (
                    ast.get_source_segment(source, part) for part in (call, test)
                )
                accepts = accepts or test.replace(text, "verdict")
                new = _assign(source, call, targets)
            changes.append((node, new))
        cells.append(_replace(source, changes))
    if accepts is None:
        raise ValueError(f"{exercise.label}: no `assert {name}(...)` in its solution.")
    return "\n\n\n".join(filter(None, cells)), accepts


def _leads(test, call) -> bool:
    """Tell whether a test starts with a call, as in ``check_x(a) == "Right."``."""
    return (test.lineno, test.col_offset) == (call.lineno, call.col_offset)


def _assign(source: str, call, targets: list) -> str:
    pairs = []
    for target, value in zip(targets, call.args, strict=True):
        if _name_target(value) != target:
            text = ast.get_source_segment(source, value)
            pairs.append(
                f"{target} = ({text})" if "\n" in text else f"{target} = {text}"
            )
    return "; ".join(pairs)


def _replace(source: str, changes: list) -> str:
    """Put new text in place of statements; a line that gets empty goes."""
    lines = source.split("\n")
    for node, new in sorted(changes, key=lambda change: -change[0].lineno):
        first, last = node.lineno - 1, node.end_lineno - 1
        head = lines[first].encode()[: node.col_offset].decode()
        tail = lines[last].encode()[node.end_col_offset :].decode()
        text = f"{head}{new or 'pass' * bool(head)}{tail}"
        lines[first : last + 1] = text.split("\n") if text.strip() else []
    return "\n".join(lines).strip()
