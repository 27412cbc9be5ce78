"""A check must meet every answer with a sentence, and give none away."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

from lenet_helpers.exercises import Between, check


def fail_on(answer):
    return answer.shape == (2, 2)


OPEN_ANSWERS = [..., None, [..., ...], [...] * 3, {"a": ..., "b": [..., ...]}]
EXPECTED = [3, 0.5, "word", True, [1, 2], {"a": 1}, {"a"}, Between(0, 1), fail_on]


@pytest.mark.parametrize("answer", OPEN_ANSWERS)
@pytest.mark.parametrize("expected", EXPECTED)
def test_what_is_not_filled_in_is_not_answered(answer, expected):
    verdict = check(answer, expected)
    assert not verdict
    assert repr(verdict).startswith("Not answered yet")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (784, 784),
        (784.0, 784),
        (np.int64(784), 784),
        (torch.tensor(784, requires_grad=False), 784),
        (0.1 + 0.2, 0.3),
        (" Squash ", "squash"),
        (True, True),
        ((1, 2), [1, 2]),
        (torch.tensor([1.0, 2.0], requires_grad=True), [1, 2]),
        ([[1, 2], [3]], [[1, 2], [3]]),
        (["b", "a"], {"a", "b"}),
        ("a", {"a"}),
        ({"a": 1, "b": [2, 3]}, {"a": 1, "b": (2, 3)}),
        (0.2, Between(0.1, 0.2)),
        (np.zeros((2, 2)), fail_on),
        (pd.Series([1, 2], ["a", "b"]), pd.Series([2, 1], ["b", "a"])),
    ],
)
def test_a_right_answer_is_right_in_any_form(answer, expected):
    verdict = check(answer, expected)
    assert verdict
    assert repr(verdict) == "Right."


@pytest.mark.parametrize(
    ("answer", "expected", "sentence"),
    [
        (2, 3, "2 is too small."),
        (1_200_001, 1_200_000, "too large"),
        (-3, 3, "sign"),
        ("3", 3, "A number is wanted, and this is text."),
        (True, 1, "A number is wanted, and this is True or False."),
        ([3], 3, "A number is wanted, and this is of type list."),
        (math.nan, 3, "divided by 0"),
        (math.inf, 3, "divided by 0"),
        (12.5, 0.125, "this is a percentage"),
        (0.125, 12.5, "per cent are wanted"),
        (9.5, Between(0.09, 0.1), "this is a percentage"),
        (0.3, Between(0.1, 0.2), "0.3 is too large."),
        (1, True, "True, False or a word is wanted"),
        (False, True, "Think again."),
        (3, "word", "A text in quotation marks"),
        ("other", "word", "It is not 'other'."),
        (3, [1, 2], "2 values are wanted, and this is of type int."),
        ("ab", [1, 2], "2 values are wanted, and this is text."),
        ([1], [1, 2], "2 values are wanted, and these are 1."),
        ([1, 3], [1, 2], "entry 1, counted from 0, is too large"),
        ([1, ...], fail_on, "Not answered yet"),
        ([1, ...], [1, 2], "Entry 1, counted from 0: Not answered yet"),
        ([1, "2"], [1, 2], "Entry 1, counted from 0: A number is wanted"),
        ([1, math.nan], [1, 2], "1 of its numbers are NaN"),
        (np.zeros((2, 3)), np.zeros((2, 2)), "the shape (2, 2) is wanted"),
        (np.eye(2), np.zeros((2, 2)), "2 of 4 entries differ; entry (0, 0)"),
        (["a", "c"], {"a", "b"}, "should not be among them: c."),
        ([["a"]], {"a", "b"}, "should not be among them"),
        (["a"], {"a", "b"}, "1 of 2 are missing."),
        ([1, 2], {"a": 1}, "A dictionary is wanted, with a."),
        ({"a": 1}, {"a": 1, "b": 2}, "b: Not answered yet"),
        ({"a": 1, "b": 3}, {"a": 1, "b": 2}, "a: Right.\nb: Not right."),
        ({"a": 1, "c": 3}, {"a": 1}, "Not asked for: c."),
        (np.zeros(2), fail_on, "It does not do what is asked for."),
        (3, fail_on, "It cannot be tried out, AttributeError"),
        (3, lambda answer: "look at the corner.", "Look at the corner."),
        ([1, 2], pd.Series([1, 2]), "A column of pandas is wanted"),
        (pd.Series([1], ["b"]), pd.Series([1], ["a"]), "rows are not those"),
        (pd.Series([2], ["a"]), pd.Series([1], ["a"]), "too large. Rows and"),
    ],
)
def test_a_wrong_answer_hears_what_is_wrong(answer, expected, sentence):
    verdict = check(answer, expected)
    assert not verdict
    assert sentence.lower() in verdict.text.lower()


def test_an_answer_may_be_off_by_the_tolerance_and_no_more():
    assert check(0.16, 0.15, tolerance=0.01)
    assert not check(0.17, 0.15, tolerance=0.01)
    assert check([1.05, 2.0], [1, 2], tolerance=0.1)
    assert not check([1.2, 2.0], [1, 2], tolerance=0.1)


def test_a_function_gets_the_answer_as_it_is():
    tensor = torch.zeros(2)
    assert check(tensor, lambda answer: answer is tensor)


def test_a_known_misunderstanding_gets_its_hint():
    hints = {27: "The first place counts, too."}
    assert "first place" in repr(check(27, 28, hints))
    assert "first place" not in repr(check(26, 28, hints))
    assert check(28, 28, hints)
    of_list = {(1, 1): "They differ."}
    assert "They differ" in repr(check([1, 1], [1, 2], of_list))
    of_entry = {"b": {1: "That is a."}}
    assert "b: Not right. That is a." in repr(
        check({"a": 1, "b": 1}, {"a": 1, "b": 2}, of_entry)
    )


def test_a_wrong_answer_is_not_told_the_right_one():
    for answer, expected in ((2, 7319), ([1, 2], [1, 7319]), ({"a": 2}, {"a": 7319})):
        assert "7319" not in repr(check(answer, expected)).replace(",", "")


def test_lines_are_no_wider_than_a_page_shows():
    long = "word " * 40
    assert max(map(len, repr(check(1, 2, {1: long})).splitlines())) <= 78
