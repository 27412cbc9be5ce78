"""Lines that a network slides over, and what Python reads there, for the engine."""

import base64

import torch

from lenet_helpers import trained
from lenet_helpers.experiments.for_figures.sliding_amounts import load_reader
from lenet_helpers.strings import patterns, sliding
from lenet_helpers.strings.amounts import CHARACTERS, PATTERN, make_amounts
from lenet_helpers.strings.grammars import build_character_model
from lenet_helpers.strings.graphs import Graph, compose


def make_sliding(sample, others, write_graph):
    """Slide the network of the figure over amounts and other lines, and read them."""
    network = load_reader().network
    weights = trained.pack_network(network)
    network.load_state_dict(
        {name: tensor.half() for name, tensor in network.state_dict().items()}
    )
    system = sliding.SlidingNetwork(network)
    amount = patterns.parse_pattern(PATTERN, CHARACTERS)
    amounts = make_amounts(sample.test_images, sample.test_labels, number=60, seed=5)
    cases = []
    for pixels in [*(line.pixels for line in amounts), *others]:
        with torch.no_grad():
            row = system.build_row([pixels])
        exact = Graph(
            row.sources, row.destinations, row.labels, row.penalties.double(),
            payload=row.payload,
        )  # fmt: skip
        graph = compose(exact, build_character_model(len(CHARACTERS)))
        both = (graph, compose(graph, amount))
        case = {
            "pixels": base64.b64encode(pixels.tobytes()).decode(),
            "penalties": row.penalties.tolist(),
            "readings": [write_graph(one)["reading"] for one in both],
        }
        if len(cases) % 10 == 0:
            case |= {"row": write_graph(exact), "graph": write_graph(graph)}
        cases.append(case)
    return {"weights": base64.b64encode(weights).decode(), "lines": cases}
