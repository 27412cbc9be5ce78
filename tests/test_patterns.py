"""Grammars as a line of text, and amounts of money."""

import itertools
import re

import numpy as np
import pytest

from lenet_helpers.strings.amounts import (
    CHARACTERS,
    PATTERN,
    draw_mark,
    make_amounts,
    write,
)
from lenet_helpers.strings.patterns import PatternError, parse_pattern


def accepts(grammar, text):
    """Follow a grammar that has one rule at most per state and label."""
    rules = {}
    for source, to, label in zip(
        grammar.sources, grammar.destinations, grammar.inputs, strict=True
    ):
        assert (source, label) not in rules
        rules[source, label] = to
    state = 0
    for character in text:
        state = rules.get((state, CHARACTERS.index(character)))
        if state is None:
            return False
    return bool(grammar.is_final[state])


@pytest.mark.parametrize(
    "pattern",
    [
        PATTERN,
        "1(2|3)*4?",
        "(1|2)+",
        "(12|1)(2|)",
        "[0-2]{2}",
        "(1?2?){2}",
        "",
        "(1|)(2|3)+0*",
        "(1|2)*1(1|2){2}",
        " 1 2 ",
    ],
)
def test_a_pattern_accepts_what_a_regular_expression_accepts(pattern):
    grammar = parse_pattern(pattern, CHARACTERS)
    expression = re.compile(re.sub(r"([$.])", r"\\\1", pattern.replace(" ", "")))
    alphabet = "012,.$" if "$" in pattern else "01234"
    for length in range(6):
        for characters in itertools.product(alphabet, repeat=length):
            text = "".join(characters)
            assert accepts(grammar, text) == bool(expression.fullmatch(text)), text


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("[1-", "at its end"),
        ("1(2", "at character 2, '\\(': this bracket is not closed"),
        ("1)", "at character 2, '\\)': there is no bracket to close"),
        ("|*", "at character 2, '\\*': there is nothing before it"),
        ("1{2", "a count is written"),
        ("1{3,2}", "a count is written"),
        ("1x", "at character 2, 'x': the characters are"),
        ("[]", "empty or not closed"),
        ("[9-1]", "from the lower to the higher"),
        ("\\", "at its end"),
        ("(" * 2000, "more than 50 brackets are open"),
        ("(1|2)*1(1|2){20}", "more than 5000 states"),
        ("((){100}){100}(){100}{100}", "only one sign may stand here"),
        ("(((){100}){100}){100}", "too long when its counts are written out"),
        ("1" + 500 * "?", "only one sign may stand here"),
        ("1{999999999}", "a count is at most 100"),
        ("1{" + 5000 * "9" + "}", "a count is at most 100"),
    ],
)
def test_a_bad_pattern_is_refused_with_the_place_and_the_reason(pattern, words):
    with pytest.raises(PatternError, match=words):
        parse_pattern(pattern, CHARACTERS)


def test_amounts_are_written_as_their_grammar_says(sample):
    grammar = parse_pattern(PATTERN, CHARACTERS)
    lines = make_amounts(sample.test_images, sample.test_labels, number=200, seed=0)
    texts = [write(line.labels) for line in lines]
    assert all(accepts(grammar, text) for text in texts)
    assert all(len(line.labels) == len(line.places) for line in lines)
    assert {len(text.replace(",", "")) - 4 for text in texts} == set(range(1, 7))
    assert not accepts(grammar, "$01.00") and not accepts(grammar, "$1,23.00")


def test_marks_stand_where_a_pen_puts_them():
    generator = np.random.default_rng(0)
    for _ in range(50):
        dollar, comma, point = (draw_mark(mark, generator) for mark in "$,.")
        heights = [np.ptp(np.flatnonzero(ink.any(1))) + 1 for ink in (dollar, comma)]
        assert heights[0] > 15 and 4 < heights[1] < 12
        assert (comma.sum(1) @ np.arange(28)) / comma.sum() > 20
        assert max(point.sum(), comma.sum()) < dollar.sum()
        assert np.ptp(np.flatnonzero(point.any(1))) < 8
        assert all(not ink[[0, -1]].any() for ink in (dollar, point))
