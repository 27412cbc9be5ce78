"""Graphs of readings: the paper's printed examples, all paths counted one by one."""

import math

import numpy as np
import pytest
import torch
from graphs import FIGURE_20, draw_grammar, draw_graph, list_paths

from lenet_helpers.strings.cuts import Segments
from lenet_helpers.strings.grammars import NULL, Grammar
from lenet_helpers.strings.graphs import (
    Graph,
    compose,
    forward,
    select_path,
    viterbi,
)

# Fig. 28: the letters of a word, with penalties; the words of the drawn tree, in which
# "cut" must be allowed to end for the drawn result.
FIGURE_28 = [
    {"c": 0.4, "o": 1.0, "d": 1.8}, {"x": 0.1, "a": 0.2, "u": 0.8},
    {"p": 0.2, "t": 0.8},
]  # fmt: skip
WORDS = ["barn", "but", "cut", "cute", "cure", "cap", "card", "cat"]


def spell(word):
    return [ord(letter) for letter in word]


def logadd(penalties):
    return -math.log(sum(math.exp(-penalty) for penalty in penalties))


def compose_as_printed(graph, grammar):
    """The paper's Figure 29 with recursion: paths as (penalty, outputs)."""
    leaving = {}
    for arc, source in enumerate(graph.sources):
        leaving.setdefault(int(source), []).append(arc)
    rules_of = {}
    for rule, source in enumerate(grammar.sources):
        rules_of.setdefault(int(source), []).append(rule)
    end = int(graph.ends[0])

    def walk(node, state):
        if node == end and grammar.is_final[state]:
            yield 0.0, ()
            return
        moves = []
        for rule in rules_of.get(state, []):
            if grammar.inputs[rule] == NULL:
                moves.append((None, rule))
        for arc in leaving.get(node, []):
            if graph.labels[arc] == NULL:
                moves.append((arc, None))
                continue
            for rule in rules_of.get(state, []):
                if grammar.inputs[rule] == graph.labels[arc]:
                    moves.append((arc, rule))
        for arc, rule in moves:
            penalty, output = 0.0, ()
            other_node, other_state = node, state
            if arc is not None:
                penalty += float(graph.penalties[arc])
                other_node = int(graph.destinations[arc])
            if rule is not None:
                penalty += float(grammar.penalties[rule])
                other_state = int(grammar.destinations[rule])
                if grammar.outputs[rule] != NULL:
                    output = (int(grammar.outputs[rule]),)
            for rest_penalty, rest in walk(other_node, other_state):
                yield penalty + rest_penalty, (*output, *rest)

    return list(walk(int(graph.starts[0]), int(grammar.starts[0])))


def test_figure_20_has_its_printed_penalties_and_gradients():
    graph = Graph.from_arcs(FIGURE_20)
    penalties = graph.penalties.requires_grad_()
    free, paths = viterbi(graph)
    right = viterbi(select_path(graph, [[3, 4]]))[0]
    assert free.item() == pytest.approx(0.6, abs=1e-12)
    assert graph.read(paths[0]) == (3, 4, 1)
    assert right.item() == pytest.approx(0.7, abs=1e-12)
    (right - free).sum().backward()
    expected = [0, 0, -1, 0, 0, 0, -1, 0, 1, 0]
    assert penalties.grad.tolist() == expected


def test_figure_20_has_its_forward_penalties():
    graph = Graph.from_arcs(FIGURE_20)
    right, free = forward(select_path(graph, [[3, 4]])), forward(graph)
    # Not printed; by adding up all paths by hand.
    assert right.item() == pytest.approx(0.69392, abs=5e-6)
    assert free.item() == pytest.approx(-0.61152, abs=5e-6)
    assert torch.exp(free - right).item() == pytest.approx(0.271, abs=5e-4)


def test_posteriors_of_all_strings_of_figure_20_sum_to_1():
    graph = Graph.from_arcs(FIGURE_20)
    strings = {labels for _, labels, _ in list_paths(graph)[0]}
    posteriors = [
        torch.exp(forward(graph) - forward(select_path(graph, [string]))).item()
        for string in strings
    ]
    assert sum(posteriors) == pytest.approx(1, abs=1e-12)


def test_figure_18_adds_the_segments_penalties_to_the_classes():
    classes = torch.full((2, 10), 20.0, dtype=torch.float64)
    drawn = (
        {0: 6.7, 1: 10.3, 8: 0.3, 9: 12.5},
        {0: 7.9, 1: 11.2, 2: 6.8, 3: 0.2, 8: 13.5, 9: 8.4},
    )
    for row, penalties in zip(classes, drawn, strict=True):
        for label, penalty in penalties.items():
            row[label] = penalty
    of_segments = torch.tensor([0.1, 0.5], dtype=torch.float64)
    pieces = Segments(
        torch.zeros(2, 1, 32, 32), np.array([0, 1]), np.array([1, 2]), np.array([3]), []
    )
    graph = pieces.build_graph(classes + of_segments[:, None])
    first = {
        label: round(penalty, 6)
        for label, penalty, piece in zip(
            graph.labels.tolist(), graph.penalties.tolist(), graph.payload, strict=True
        )
        if piece == 0
    }
    assert first[8] == 0.4 and first[0] == 6.8 and first[1] == 10.4
    penalties, paths = viterbi(graph)
    assert graph.read(paths[0]) == (8, 3)
    assert penalties.item() == pytest.approx(0.1 + 0.3 + 0.5 + 0.2)


def test_figure_28_keeps_the_printed_words():
    arcs = [
        (place, place + 1, ord(letter), penalty)
        for place, letters in enumerate(FIGURE_28)
        for letter, penalty in letters.items()
    ]
    kept = compose(Graph.from_arcs(arcs), Grammar.from_list(map(spell, WORDS)))
    words = {
        "".join(map(chr, labels)): round(penalty, 6)
        for penalty, labels, _ in list_paths(kept)[0]
    }
    assert words == {"cut": 2.0, "cap": 0.8, "cat": 1.4}


@pytest.mark.parametrize("seed", range(20))
def test_viterbi_and_forward_agree_with_every_path_counted(seed):
    graph = draw_graph(np.random.default_rng(seed))
    (paths,) = list_paths(graph)
    penalty, labels, _ = min(paths)
    found, arcs = viterbi(graph)
    assert found.item() == pytest.approx(penalty, abs=1e-12)
    assert graph.read(arcs[0]) == labels
    total = logadd(penalty for penalty, _, _ in paths)
    assert forward(graph).item() == pytest.approx(total, abs=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_composition_keeps_the_paths_that_recursion_finds(seed):
    generator = np.random.default_rng(100 + seed)
    graph, grammar = draw_graph(generator), draw_grammar(generator)
    (paths,) = list_paths(compose(graph, grammar))
    found = sorted((labels, penalty) for penalty, labels, _ in paths)
    expected = sorted((o, penalty) for penalty, o in compose_as_printed(graph, grammar))
    assert [labels for labels, _ in found] == [labels for labels, _ in expected]
    assert [p for _, p in found] == pytest.approx([p for _, p in expected], abs=1e-12)


@pytest.mark.parametrize("seed", range(10))
def test_a_selected_path_says_the_string_and_nothing_is_lost(seed):
    graph = draw_graph(np.random.default_rng(200 + seed))
    by_string = {}
    for penalty, labels, _ in list_paths(graph)[0]:
        by_string.setdefault(labels, []).append(penalty)
    for string, penalties in by_string.items():
        selected = select_path(graph, [string])
        assert {labels for _, labels, _ in list_paths(selected)[0]} == {string}
        assert forward(selected).item() == pytest.approx(logadd(penalties), abs=1e-12)
        assert forward(selected).item() >= forward(graph).item() - 1e-12


@pytest.mark.parametrize("read", [forward, lambda graph: viterbi(graph)[0]])
def test_gradients_agree_with_differences(read):
    graph = draw_graph(np.random.default_rng(1))

    def measure(penalties):
        whole = Graph(graph.sources, graph.destinations, graph.labels, penalties)
        return read(select_path(whole, [(0,)])) - 0.5 * read(whole)

    string = (0,)
    assert any(labels == string for _, labels, _ in list_paths(graph)[0])
    penalties = graph.penalties.clone().requires_grad_()
    assert torch.autograd.gradcheck(measure, penalties, eps=1e-6, atol=1e-7)


def test_the_gradient_reaches_a_grammars_penalties():
    graph = Graph.from_arcs(FIGURE_20)
    grammar = Grammar.from_rules(
        [(0, 0, label, label, 0.1) for label in range(10)], finals=[0]
    )
    penalties = grammar.penalties.requires_grad_()
    forward(compose(graph, grammar)).sum().backward()
    # Its share on each label is how often paths, weighted, say that label.
    (paths,) = list_paths(compose(graph, grammar))
    weights = np.exp([-penalty for penalty, _, _ in paths])
    counts = [[labels.count(label) for label in range(10)] for _, labels, _ in paths]
    assert penalties.grad.numpy() == pytest.approx(weights @ counts / weights.sum())


def test_a_batch_gives_what_each_graph_gives_alone():
    generator = np.random.default_rng(3)
    graphs = [draw_graph(generator) for _ in range(4)]
    shifts = np.repeat([0, 6, 12, 18], 14)
    batch = Graph(
        np.concatenate([g.sources for g in graphs]) + shifts,
        np.concatenate([g.destinations for g in graphs]) + shifts,
        np.concatenate([g.labels for g in graphs]),
        torch.cat([g.penalties for g in graphs]),
        ends_of_nodes=[6, 12, 18, 24],
    )
    strings = [min(list_paths(graph)[0])[1] for graph in graphs]
    strings[2] = (2,) * 9  # that graph says no such string
    for whole, alone in (
        (viterbi(batch)[0], [viterbi(g)[0] for g in graphs]),
        (forward(batch), [forward(g) for g in graphs]),
        (
            forward(select_path(batch, strings)),
            [
                forward(select_path(graph, [string]))
                for graph, string in zip(graphs, strings, strict=True)
            ],
        ),
    ):
        assert torch.equal(whole, torch.cat(alone))
    assert forward(select_path(batch, strings))[2] == math.inf


def test_a_graph_without_a_path_has_infinite_penalties_and_no_gradient():
    graph = Graph.from_arcs(FIGURE_20)
    penalties = graph.penalties.requires_grad_()
    nothing = select_path(graph, [[9, 9]])
    assert forward(nothing).item() == math.inf
    found, paths = viterbi(nothing)
    assert found.item() == math.inf and len(paths[0]) == 0
    (forward(nothing) + found).sum().backward()
    assert not penalties.grad.any()


def test_large_penalties_neither_overflow_nor_vanish():
    arcs = [(0, 1, 0, 5000.0), (0, 1, 1, 5000.0), (1, 2, 0, -3000.0)]
    assert forward(Graph.from_arcs(arcs)).item() == pytest.approx(2000 - math.log(2))


def test_what_is_not_a_graph_is_refused_with_its_fault():
    def make(arcs):
        return Graph.from_arcs(arcs)

    for arcs, message in (
        ([(0, 1, 0, 1.0), (1, 2, 0, 1.0), (2, 1, 0, 1.0), (2, 3, 0, 1.0)], "cycle"),
        ([(0, 0, 0, 1.0)], "cycle"),
        ([(0, 1, 0, 1.0), (0, 2, 0, 1.0)], r"ends \[1, 2\]"),
        ([(0, 2, 0, 1.0), (1, 2, 0, 1.0)], r"starts \[0, 1\]"),
        ([(0, 1, 0, 1.0), (2, 3, 0, 1.0)], "starts"),
        ([(0, 2, 0, 1.0)], "starts"),
        ([(0, 1, 0, math.nan)], "arc 0 is nan"),
        ([(0, 1, 0, 1.0), (0, 1, 1, math.inf)], "arc 1 is inf"),
        ([(-1, 1, 0, 1.0)], "numbered from 0"),
        ([], "empty"),
    ):
        with pytest.raises(ValueError, match=message):
            make(arcs)
    with pytest.raises(ValueError, match=r"\[2, 1, 1, 1, 1\]"):
        Graph([0, 1], [1], [0], torch.zeros(1), payload=[0])
