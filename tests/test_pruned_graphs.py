"""Graphs without their dear paths: what is kept, and that a list reads the same."""

import math

import numpy as np
import pytest
import torch
from graphs import FIGURE_20, draw_graph, list_paths

from lenet_helpers.strings.grammars import Grammar
from lenet_helpers.strings.graphs import Graph, compose, prune, viterbi


def list_arcs_within(graph, margin):
    """List the labels and payloads of arcs on paths within the margin, by graph."""
    kept = set()
    for paths in list_paths(graph):
        best = min((penalty for penalty, _, _ in paths), default=math.inf)
        for penalty, _, path in paths:
            if penalty <= best + margin:
                kept.update(graph.payload[path].tolist())
    return sorted(kept)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("margin", [0.5, 2.0, math.inf])
def test_a_pruned_graph_has_the_arcs_of_the_paths_within_the_margin(seed, margin):
    generator = np.random.default_rng(seed)
    graph = draw_graph(generator)
    pruned = prune(graph, margin)
    assert sorted(pruned.payload.tolist()) == list_arcs_within(graph, margin)
    (paths,) = list_paths(graph)
    best = min(penalty for penalty, _, _ in paths)
    near = {round(p, 6) for p, _, _ in paths if p <= best + margin}
    assert near <= {round(p, 6) for p, _, _ in list_paths(pruned)[0]}


def test_a_list_reads_the_same_in_a_pruned_graph_within_its_margin():
    generator, num_within, margin = np.random.default_rng(0), 0, 1.5
    for _ in range(100):
        graph = draw_graph(generator, num_arcs=20)
        some = [tuple(generator.integers(3, size=generator.integers(1, 6)))]
        listed = Grammar.from_list([*some, (0, 1), (2,)])
        whole = viterbi(compose(graph, listed))[0]
        found = viterbi(compose(prune(graph, margin), listed))[0]
        assert found >= whole
        if whole <= viterbi(graph)[0] + margin:
            num_within += 1
            assert found == whole
    assert 20 < num_within < 100


def test_a_batch_is_pruned_graph_by_graph_and_one_without_a_path_stays():
    penalties = torch.tensor([0.0, 9.0, 100.0, 101.0, 150.0], requires_grad=True)
    graph = Graph(
        [0, 0, 4, 4, 4],
        [1, 1, 5, 5, 5],
        [0, 1, 2, 3, 4],
        penalties,
        ends_of_nodes=[2, 4, 6],
    )
    pruned = prune(graph, 5.0)
    assert pruned.labels.tolist() == [0, 2, 3] and len(pruned) == 3
    assert viterbi(pruned)[0].tolist() == [0.0, math.inf, 100.0]
    pruned.penalties.sum().backward()
    assert penalties.grad.tolist() == [1, 0, 1, 1, 0]


@pytest.mark.parametrize("margin", [-1.0, math.nan])
def test_a_margin_is_not_negative(margin):
    with pytest.raises(ValueError, match="`margin` must be at least 0, got"):
        prune(Graph.from_arcs(FIGURE_20), margin)
