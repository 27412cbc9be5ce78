"""The page's criteria and their slopes under Node, against PyTorch's gradients."""

import json

import pytest
import torch
from ink import draw
from programs import run_web_tests

from lenet_helpers import trained
from lenet_helpers.strings.graphs import Graph, select_path, viterbi
from lenet_helpers.strings.reading import CRITERIA, OverSegmentation

# Fig. 20 of LeCun et al. 1998: source, destination, label, penalty.
TEN_ARCS = [(0, 1, 3, 0.1), (0, 1, 5, 2.3), (0, 2, 3, 3.4), (0, 2, 4, 4.4),
            (1, 2, 4, 0.4), (1, 2, 2, 1.3), (1, 3, 4, 0.6), (1, 3, 9, 1.2),
            (2, 3, 1, 0.1), (2, 3, 4, 2.4)]  # fmt: skip


def measure(criterion, graph, labels):
    """Give a criterion's value and its gradient, as PyTorch finds it."""
    penalties = graph.penalties.detach().requires_grad_()
    arcs = (graph.sources, graph.destinations, graph.labels)
    (loss,) = criterion(Graph(*arcs, penalties), [labels])
    (slopes,) = torch.autograd.grad(loss, penalties)
    value = loss.item() if loss.isfinite() else "Infinity"
    return {"loss": value, "slopes": slopes.tolist()}


def describe(graph, labels):
    """Write a graph, what it is to say, and what is found in it."""
    arcs = ("sources", "destinations", "labels")
    right = select_path(graph, [labels])
    return {
        "arcs": {name: getattr(graph, name).tolist() for name in arcs}
        | {"penalties": graph.penalties.tolist()},
        "labels": labels,
        "right": right.read(viterbi(right)[1][0]),
        "best": viterbi(graph)[1][0].tolist(),
        "measured": {
            name: measure(criterion, graph, labels)
            for name, criterion in CRITERIA.items()
        },
    }


@pytest.mark.processes
def test_the_page_finds_the_slopes_that_pytorch_finds(tmp_path, sample):
    ten = Graph.from_arcs(TEN_ARCS)
    cases = [describe(ten, labels) for labels in ((3, 4), (3,), (0,) * 9)]
    system = OverSegmentation(trained.load_network("lenet5"))
    for line in draw(sample, 20, length=(1, 5), gap=(-3, -1), seed=4):
        with torch.no_grad():
            graph = system.build_graph([line.pixels])
        for scale in (1, 0.1):  # as the network has it, and with many paths that count
            arcs = (graph.sources, graph.destinations, graph.labels)
            scaled = Graph(*arcs, scale * graph.penalties.double())
            cases.append(describe(scaled, line.labels))
    path = tmp_path / "criteria.json"
    path.write_text(json.dumps(cases, allow_nan=False))
    run_web_tests("criteria", fixtures=path)
