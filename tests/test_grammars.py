"""Grammars: what they accept, what they turn it into, what is no grammar."""

import itertools
import math

import pytest
from graphs import FIGURE_20, list_paths

from lenet_helpers.strings.grammars import NULL, Grammar, build_character_model
from lenet_helpers.strings.graphs import Graph, compose


def test_the_character_model_drops_repeats_and_demands_a_blank():
    model = build_character_model(3)
    for row, expected in (
        ((3, 1, 1, 3, 2, 3), (1, 2)),
        ((1, 3, 1), (1, 1)),
        ((3, 3), ()),
        ((1, 1), (1,)),
        ((1, 2), None),
    ):
        graph = Graph.from_arcs([(i, i + 1, label, 1.0) for i, label in enumerate(row)])
        (paths,) = list_paths(compose(graph, model))
        read = [labels for _, labels, _ in paths]
        assert read == ([] if expected is None else [expected])


def test_what_is_not_a_grammar_is_refused_with_its_fault():
    for rules, finals, message in (
        ([(0, 1, 1)], [], "finals"),
        ([(0, 1, NULL), (0, 0, 1)], [0], "final state 0"),
        ([(0, 1, 1, 1, math.nan)], [1], "finite"),
        ([(0, -2, 1)], [0], "from 0"),
    ):
        with pytest.raises(ValueError, match=message):
            Grammar.from_rules(rules, finals=finals)
    with pytest.raises(ValueError, match="finals"):
        Grammar.from_list([])
    graph = Graph.from_arcs(FIGURE_20)
    with pytest.raises(ValueError, match="one per graph"):
        compose(graph, Grammar.spell([[1], [2]]))
    with pytest.raises(ValueError, match="cycle"):
        silent = [(0, 1, NULL), (1, 0, NULL), (0, 0, 3), (0, 0, 4), (1, 2, 1)]
        compose(graph, Grammar.from_rules(silent, finals=[2]))


def test_a_lexicon_of_many_strings_keeps_only_its_own():
    digits = list(itertools.product(range(10), repeat=3))
    chosen = [string for i, string in enumerate(digits) if i % 7 == 0]
    arcs = [(i, i + 1, label, 0.1 * label) for i in range(3) for label in range(10)]
    kept = compose(Graph.from_arcs(arcs), Grammar.from_list(chosen))
    assert sorted(labels for _, labels, _ in list_paths(kept)[0]) == chosen
