"""Graphs for tests: that of Figure 20, random ones and grammars, all paths."""

from lenet_helpers.strings.grammars import NULL, Grammar
from lenet_helpers.strings.graphs import Graph

# LeCun et al. 1998, Fig. 20: source, destination, label, penalty.
FIGURE_20 = [
    (0, 1, 3, 0.1), (0, 1, 5, 2.3), (1, 2, 4, 0.4), (1, 2, 2, 1.3), (0, 2, 3, 3.4),
    (0, 2, 4, 4.4), (2, 3, 1, 0.1), (2, 3, 4, 2.4), (1, 3, 4, 0.6), (1, 3, 9, 1.2),
]  # fmt: skip


def list_paths(graph):
    """List every path of each graph: (penalty, labels without nulls, arcs)."""
    leaving = {}
    for arc, source in enumerate(graph.sources):
        leaving.setdefault(int(source), []).append(arc)

    def walk(node, end):
        if node == end:
            yield []
        for arc in leaving.get(node, []):
            for rest in walk(int(graph.destinations[arc]), end):
                yield [arc, *rest]

    penalties = graph.penalties.detach().double().numpy()
    return [
        [(penalties[path].sum(), graph.read(path), path) for path in walk(start, end)]
        for start, end in zip(graph.starts.tolist(), graph.ends.tolist(), strict=True)
    ]


def draw_graph(generator, *, num_nodes=6, num_arcs=14, num_labels=3):
    """Draw a graph with all nodes on a way, arcs in random order, nulls among them."""
    pairs = [(node, node + 1) for node in range(num_nodes - 1)]
    while len(pairs) < num_arcs:
        source, destination = sorted(generator.choice(num_nodes, 2, replace=False))
        pairs.append((int(source), int(destination)))
    names = generator.permutation(num_nodes)  # numbers need not rise along arcs
    arcs = [
        (names[s], names[d], generator.integers(-1, num_labels), generator.normal())
        for s, d in pairs
    ]
    return Graph.from_arcs([arcs[i] for i in generator.permutation(len(arcs))])


def draw_grammar(generator, *, num_states=4, num_rules=12, num_labels=3):
    """Draw a grammar with cycles; nulls leave no final state and form no cycle."""
    finals = {num_states - 1}
    rules = []
    for _ in range(num_rules):
        source, destination = map(int, generator.integers(num_states, size=2))
        taken = int(generator.integers(-1, num_labels))
        if taken == NULL and (source in finals or destination <= source):
            taken = 0
        output, penalty = int(generator.integers(-1, num_labels)), generator.normal()
        rules.append((source, destination, taken, output, penalty))
    return Grammar.from_rules(rules, finals=finals)
