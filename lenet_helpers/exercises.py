"""Meet a reader's own answer: say that it is right, or what is wrong with it.

An answer is a number, a text, a list, a dictionary, an array or a table.
No sentence gives the right answer away; too large or too small may be said.
"""

import textwrap
from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch

OPEN = "Not answered yet: put your answer in place of `...`."
ROUNDING = 1e-9  # relative; leaves a count exact


class Between(NamedTuple):
    """What is right where the answer depends on a run: any number from `low` to `high`.

    Parameters
    ----------
    low, high : float
        Both are still right.
    """

    low: float
    high: float


class Verdict:
    """What `check` found: true for a right answer, and sentences that Jupyter shows.

    Parameters
    ----------
    right : bool
    text : str
        A line an entry of the answer.
    """

    def __init__(self, right: bool, text: str):
        self.right, self.text = right, text

    def __bool__(self):
        """Tell whether the answer is right."""
        return self.right

    def __repr__(self):
        """Write the sentences in lines of at most 78 columns."""
        lines = self.text.splitlines()
        return "\n".join(
            textwrap.fill(line, 78, break_on_hyphens=False) for line in lines
        )


RIGHT = Verdict(True, "Right.")


def check(
    answer: Any,
    expected: Any,
    hints: Mapping[Any, Any] | None = None,
    tolerance: float = 0,
) -> Verdict:
    """Compare an answer with the expected one, and say what is wrong with it.

    Parameters
    ----------
    answer : number, str, list, tuple, set, dict, array, Tensor, Series or DataFrame
        What the reader wrote. Where it is still `...`, or None because a function
        returned nothing, it counts as not answered.
    expected : same kinds, or Between, or function
        A dictionary is judged entry by entry; a set takes any order. A function gets
        the answer and returns True, or a sentence that says what is wrong.
    hints : dict, optional
        From a wrong answer (of a list: as a tuple) to the sentence for whoever gave
        it. Where `expected` is a dictionary, from its keys to such dictionaries.
    tolerance : float, optional
        How far a number may be off, in the answer's own unit.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> check(27, 28, {27: "The first place counts, too."})
    Not right. The first place counts, too.
    """
    expected = _plain(expected)
    if not callable(expected):  # a function gets the answer as it is
        answer = _plain(answer)
    if _is_open(answer, any if callable(expected) else all):
        return Verdict(False, OPEN)
    hints = hints or {}
    if isinstance(expected, dict):
        return _check_entries(answer, expected, hints, tolerance)
    complaint = _find_fault(answer, expected, tolerance)
    if not complaint:
        return RIGHT
    for wrong, hint in hints.items():
        if not _find_fault(answer, _plain(wrong), tolerance):
            complaint = hint
    return Verdict(False, f"Not right. {complaint[0].upper()}{complaint[1:]}")


def _plain(value):
    """Turn a tensor into an array, and an array of one number into a number."""
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu().numpy()
    if isinstance(value, np.ndarray | np.generic) and value.ndim == 0:
        value = value.item()
    return value


def _is_open(answer, every):
    """Tell whether nothing of the answer (`all`), or not all (`any`), is filled in."""
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, list | tuple):
        return bool(answer) and every(_is_open(part, every) for part in answer)
    return answer is ... or answer is None


def _check_entries(answer, expected, hints, tolerance):
    if not isinstance(answer, dict):
        names = ", ".join(map(str, expected))
        return Verdict(False, f"Not right. A dictionary is wanted, with {names}.")
    lines, right = [], True
    for name, value in expected.items():
        verdict = check(answer.get(name), value, hints.get(name), tolerance)
        lines.append(f"{name}: {verdict.text}")
        right = right and verdict.right
    unknown = [str(name) for name in answer if name not in expected]
    if unknown:
        lines.append(f"Not asked for: {', '.join(unknown)}.")
        right = False
    return RIGHT if right else Verdict(False, "\n".join(lines))


def _find_fault(answer, expected, tolerance):
    """Say in a sentence what is wrong with the answer; "" where it is right."""
    if callable(expected):
        return _try_out(answer, expected)
    if isinstance(expected, bool | str):
        return _compare_words(answer, expected)
    if isinstance(expected, Between):
        return _compare_number(answer, expected, tolerance)
    if isinstance(expected, Real):
        return _compare_number(
            answer, Between(float(expected), float(expected)), tolerance
        )
    if isinstance(expected, set | frozenset):
        return _compare_set(answer, expected)
    if isinstance(expected, pd.Series | pd.DataFrame):
        return _compare_table(answer, expected, tolerance)
    return _compare_list(answer, expected, tolerance)


def _try_out(answer, judge: Callable):
    try:
        found = judge(answer)
    except Exception as error:  # whatever a reader's answer may bring
        return (
            f"it cannot be tried out, {type(error).__name__}: {error}. "
            "Look at its type and its shape."
        )
    if isinstance(found, str):
        return found
    return "" if found else "it does not do what is asked for."


def _compare_words(answer, expected):
    if isinstance(answer, bool) or isinstance(expected, bool):
        if type(answer) is not type(expected):
            return f"True, False or a word is wanted, and this is {_name(answer)}."
        return "" if answer == expected else "think again."
    if not isinstance(answer, str):
        return f"a text in quotation marks is wanted, and this is {_name(answer)}."
    same = answer.strip().lower() == expected.strip().lower()
    return "" if same else f"it is not {answer!r}."


def _compare_number(answer, expected, tolerance):
    if isinstance(answer, bool) or not isinstance(answer, Real):
        return f"a number is wanted, and this is {_name(answer)}."
    number = float(answer)
    if not np.isfinite(number):
        return (
            f"{number} is no number to go on with; is something divided by 0, or a "
            "mean taken over nothing?"
        )
    if _lies_in(number, expected, tolerance):
        return ""
    if _is_fraction(expected) and _lies_in(number / 100, expected, tolerance):
        return "this is a percentage; a fraction between 0 and 1 is wanted."
    if _lies_in(100 * number, expected, 100 * tolerance) and _is_fraction((number,)):
        return "this is a fraction; per cent are wanted."
    if number and _lies_in(-number, expected, tolerance):
        return "its size is right, and its sign is not."
    size = "small" if number < expected.low else "large"
    return f"{number:,.6g} is too {size}."


def _lies_in(number, expected, tolerance):
    low, high = expected
    margin = tolerance + ROUNDING * max(abs(low), abs(high))
    return low - margin <= number <= high + margin


def _is_fraction(numbers):
    return all(0 < abs(number) < 1 for number in numbers)


def _compare_set(answer, expected):
    if isinstance(answer, str) or not hasattr(answer, "__iter__"):
        answer = [answer]
    given, wanted = [_plain(value) for value in answer], list(expected)
    if wrong := sorted(str(value) for value in given if value not in wanted):
        return f"these should not be among them: {', '.join(wrong)}."
    missing = sum(value not in given for value in wanted)
    return f"{missing} of {len(wanted)} are missing." if missing else ""


def _compare_table(answer, expected, tolerance):
    if type(answer) is not type(expected):
        wanted = "a column" if expected.ndim == 1 else "a table"
        return f"{wanted} of pandas is wanted, and this is {_name(answer)}."
    for axis, name in enumerate(("rows", "columns")[: expected.ndim]):
        ours, theirs = expected.axes[axis], answer.axes[axis]
        if set(ours) != set(theirs):
            return f"its {name} are not those that are asked for, but {list(theirs)}."
    answer = answer.reindex_like(expected)
    fault = _compare_list(answer.to_numpy(), expected.to_numpy(), tolerance)
    return fault and f"{fault} Rows and columns count from 0."


def _compare_list(answer, expected, tolerance):
    """Compare what has a shape: lists, tuples and arrays of numbers."""
    if isinstance(answer, str) or not hasattr(answer, "__len__"):
        return f"{len(expected)} values are wanted, and this is {_name(answer)}."
    if len(answer) != len(expected):
        return f"{len(expected)} values are wanted, and these are {len(answer)}."
    if not _has_numbers(answer) or not _has_numbers(expected):
        faults = [
            check(one, other, None, tolerance)
            for one, other in zip(answer, expected, strict=True)
        ]
        for place, fault in enumerate(faults):
            if not fault:
                text = fault.text.removeprefix("Not right. ")
                return f"entry {place}, counted from 0: {text}"
        return ""
    given, wanted = np.asarray(answer, float), np.asarray(expected, float)
    if given.shape != wanted.shape:
        return f"the shape {wanted.shape} is wanted, and this is {given.shape}."
    if np.isnan(given).any():
        return f"{np.isnan(given).sum()} of its numbers are NaN, no numbers."
    margin = tolerance + ROUNDING * np.abs(wanted)
    differs = np.abs(given - wanted) > margin
    if not differs.any():
        return ""
    places = np.argwhere(differs)
    first = tuple(places[0].tolist())
    where = first[0] if len(first) == 1 else first
    size = "small" if given[first] < wanted[first] else "large"
    return (
        f"{len(places)} of {wanted.size} entries differ; entry {where}, counted from "
        f"0, is too {size}."
    )


def _has_numbers(values):
    try:
        return np.asarray(values).dtype.kind in "iuf"
    except (ValueError, TypeError):  # lists of unequal length
        return False


def _name(answer):
    names = {str: "text", dict: "a dictionary", bool: "True or False"}
    return names.get(type(answer), f"of type {type(answer).__name__}")
