"""Graphs whose paths are readings: shortest path, sum over paths, composition.

After p. 18 to 33 of LeCun et al. 1998: penalties on arcs, small is good. A `Graph`
holds one graph or a batch of them in arrays over arcs, so that a batch of strings is
one call. The penalties are a PyTorch tensor: gradients flow back through everything.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from lenet_helpers.strings import _kernels
from lenet_helpers.strings._sums import AddAlong, AddPaths
from lenet_helpers.strings.grammars import NULL, Grammar


@dataclass(frozen=True, eq=False, init=False)
class Graph:
    """One or more acyclic graphs, each with one start and one end.

    Parameters
    ----------
    sources, destinations : (A,) int
        The nodes that each arc joins; a graph's nodes have successive numbers.
    labels : (A,) int
        What each arc says; `NULL` says nothing.
    penalties : Tensor, (A,), of floats
        Small is good. Finite; an arc that is forbidden is left out.
    payload : (A,) int, optional
        What each arc stands for, such as the number of a segment; by default its own.
    ends_of_nodes : sequence of int, optional
        Where the nodes of each graph of a batch end. By default there is one graph.

    Attributes
    ----------
    starts, ends : (B,) int64
        The start and the end of each graph. A graph of two nodes without arcs has no
        path.

    Raises
    ------
    ValueError : arrays of different lengths, a cycle, not one start and one end, a
        penalty that is not finite.

    References
    ----------
    LeCun et al. 1998, p. 18-26.
    """

    sources: np.ndarray
    destinations: np.ndarray
    labels: np.ndarray
    penalties: Tensor
    payload: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    first_node: np.ndarray  # (B + 1,)
    order: np.ndarray  # (A,) arcs, by the place of their destination

    def __init__(
        self,
        sources,
        destinations,
        labels,
        penalties,
        *,
        payload=None,
        ends_of_nodes=None,
    ):
        sources, destinations = _whole(sources), _whole(destinations)
        labels = _whole(labels)
        payload = np.arange(len(sources)) if payload is None else _whole(payload)
        arrays = (sources, destinations, labels, penalties, payload)
        lengths = [len(array) for array in arrays]
        if len(set(lengths)) > 1 or penalties.ndim != 1:
            raise ValueError(
                "`sources`, `destinations`, `labels`, `penalties` and `payload` must"
                f" have one entry per arc, got {lengths} entries."
            )
        check_penalties(penalties)
        nodes = np.concatenate([sources, destinations])
        if ends_of_nodes is None:
            ends_of_nodes = [nodes.max() + 1 if len(nodes) else 2]
        first_node = np.concatenate([[0], _whole(ends_of_nodes)])
        if len(nodes) and not 0 <= nodes.min() <= nodes.max() < first_node[-1]:
            raise ValueError(
                f"Nodes must be numbered from 0 to {first_node[-1] - 1}, got"
                f" {nodes.min()} to {nodes.max()}."
            )
        order, on_cycle = _kernels.sort_arcs(sources, destinations, first_node[-1])
        if on_cycle >= 0:
            raise ValueError(
                f"The arcs must form no cycle: node {on_cycle} lies on or behind one."
            )
        starts, ends, faulty = _kernels.find_ends(sources, destinations, first_node)
        if faulty >= 0:
            raise ValueError(_explain_ends(sources, destinations, first_node, faulty))
        names = [field.name for field in fields(self)]
        values = (*arrays, starts, ends, first_node, order)
        for name, value in zip(names, values, strict=True):
            object.__setattr__(self, name, value)

    @classmethod
    def from_arcs(cls, arcs: Iterable[tuple[int, int, int, float]]) -> "Graph":
        """Make one graph from (source, destination, label, penalty) of each arc."""
        arcs = list(arcs)
        if not arcs:
            raise ValueError("A graph needs an arc: `arcs` is empty.")
        sources, destinations, labels, penalties = zip(*arcs, strict=True)
        return cls(
            sources, destinations, labels, torch.tensor(penalties, dtype=torch.float64)
        )

    def __len__(self) -> int:
        """Count the graphs."""
        return len(self.starts)

    def read(self, path: Sequence[int] | np.ndarray) -> tuple[int, ...]:
        """Give the labels of the arcs of a path, without nulls."""
        return tuple(int(label) for label in self.labels[path] if label != NULL)


def viterbi(graph: Graph) -> tuple[Tensor, list[np.ndarray]]:
    """Find the path with the least penalty (equation 10).

    Parameters
    ----------
    graph : Graph

    Returns
    -------
    penalties : Tensor, (B,)
        Of each graph, the least sum of penalties of a path from start to end; infinite
        where there is no path. Its gradient is 1 on the arcs of the path, else 0.
    paths : list of B arrays of int
        The arcs of that path in order. Of arcs that reach a node equally well the
        first is taken.

    References
    ----------
    LeCun et al. 1998, eq. 10.
    """
    values = graph.penalties.detach().double().numpy()
    num_nodes = graph.first_node[-1]
    least, best = _kernels.find_shortest(
        graph.order, graph.sources, graph.destinations, values, graph.starts, num_nodes
    )
    arcs, first = _kernels.trace_back(best, graph.sources, graph.ends)
    penalties = AddAlong.apply(graph.penalties, least[graph.ends], arcs, first)
    return penalties, np.split(arcs, first[1:-1])


def forward(graph: Graph) -> Tensor:
    """Add up all paths: -log of the sum of e^-penalty over the paths (equation 13).

    Parameters
    ----------
    graph : Graph

    Returns
    -------
    Tensor, (B,)
        The forward penalty of each graph, at most its Viterbi penalty; infinite where
        there is no path. Its gradient on an arc is the share of e^-penalty of the paths
        through that arc (equations 15 and 16).

    References
    ----------
    LeCun et al. 1998, eqs. 13 to 16.
    """
    return AddPaths.apply(graph.penalties, graph)


def compose(graph: Graph, grammar: Grammar) -> Graph:
    """Keep the paths that a grammar accepts, translated by it.

    Parameters
    ----------
    graph : Graph
    grammar : Grammar
        One for all graphs, or as many as there are graphs.

    Returns
    -------
    Graph
        A path for each pair of a path and a way through the grammar that agree: label,
        what the grammar puts out; penalty, both added; payload, the arc's (-1 where
        only the grammar moved). Dead ends are gone. A graph without such a path has no
        arcs.

    Raises
    ------
    ValueError : as many grammars as graphs are neither there, nor one; the grammar goes
        round a cycle of nulls.

    References
    ----------
    LeCun et al. 1998, p. 31-33, Fig. 29.
    """
    if len(grammar) not in (1, len(graph)):
        raise ValueError(
            f"`grammar` must hold one, or one per graph ({len(graph)}), got"
            f" {len(grammar)}."
        )
    first_arc, arcs_out = _kernels.group(graph.sources, graph.first_node[-1])
    moves, first_token = _kernels.pass_tokens(
        graph.destinations, graph.labels, first_arc, arcs_out,
        graph.first_node, graph.starts, graph.ends,
        grammar.destinations, grammar.inputs, *grammar.rules_out,
        grammar.first_state, grammar.starts, grammar.is_final, NULL,
    )  # fmt: skip
    moves, first_token = _kernels.drop_dead_ends(moves, first_token)
    sources, destinations, arcs, rules = moves
    return Graph(
        sources,
        destinations,
        np.where(rules < 0, NULL, _take(grammar.outputs, rules)),
        _pick(graph.penalties, arcs) + _pick(grammar.penalties, rules),
        payload=np.where(arcs < 0, -1, _take(graph.payload, arcs)),
        ends_of_nodes=first_token[1:],
    )


def select_path(graph: Graph, strings: Sequence[Sequence[int]]) -> Graph:
    """Keep the paths that say a wanted string: the constrained graph.

    Parameters
    ----------
    graph : Graph
    strings : sequence of B sequences of int
        What each graph is to say.

    Returns
    -------
    Graph
        As `compose`.

    References
    ----------
    LeCun et al. 1998, p. 21-22, Fig. 19.
    """
    return compose(graph, Grammar.spell(strings))


def prune(graph: Graph, margin: float) -> Graph:
    """Keep what lies on a path at most `margin` dearer than its graph's best path.

    Composed with a large grammar, most paths of a graph are dear ones that nobody
    asks for. Where a composition of the pruned graph has a best path within the margin,
    it is that of the whole graph's composition.

    Parameters
    ----------
    graph : Graph
    margin : float
        At least 0; infinite, to keep all that lies on a path.

    Returns
    -------
    Graph
        The nodes are numbered anew.

    Raises
    ------
    ValueError : a margin below 0, or NaN.
    """
    if not margin >= 0:
        raise ValueError(f"`margin` must be at least 0, got {margin}.")
    values = graph.penalties.detach().double().numpy()
    sources, destinations = graph.sources, graph.destinations
    num_nodes = graph.first_node[-1]
    before, _ = _kernels.find_shortest(
        graph.order, sources, destinations, values, graph.starts, num_nodes
    )
    after, _ = _kernels.find_shortest(
        graph.order[::-1].copy(), destinations, sources, values, graph.ends, num_nodes
    )
    through = before[sources] + values + after[destinations]
    best = np.repeat(before[graph.ends], np.diff(graph.first_node))[sources]
    kept = np.flatnonzero(np.isfinite(through) & (through <= best + margin))
    sources, destinations = sources[kept], destinations[kept]
    used = sources, destinations, graph.starts, graph.ends
    nodes = np.unique(np.concatenate(used))
    return Graph(
        np.searchsorted(nodes, sources),
        np.searchsorted(nodes, destinations),
        graph.labels[kept],
        _pick(graph.penalties, kept),
        payload=graph.payload[kept],
        ends_of_nodes=np.searchsorted(nodes, graph.first_node[1:]),
    )


def check_penalties(penalties: Tensor) -> None:
    """Refuse penalties that are not finite.

    Raises
    ------
    ValueError : says which, and what it is.
    """
    is_finite = penalties.detach().isfinite()
    if not is_finite.all():
        arc = int(is_finite.logical_not().nonzero()[0])
        raise ValueError(
            "Penalties must be finite (leave an arc out to forbid it), but that of arc"
            f" {arc} is {penalties[arc].item()}."
        )


def _explain_ends(sources, destinations, first_node, faulty):
    """Say which starts and ends a graph has."""
    nodes = np.arange(first_node[faulty], first_node[faulty + 1])
    starts, ends = (np.setdiff1d(nodes, some) for some in (destinations, sources))
    return (
        "A graph must have one node that no arc enters, its start, and one that no arc"
        f" leaves, its end; got starts {starts.tolist()} and ends {ends.tolist()}."
    )


def _whole(array):
    return np.ascontiguousarray(array, dtype=np.int64)


def _take(array, places):
    """Give array[places]; where a place is -1, anything."""
    return array[places] if len(array) else np.zeros(len(places), np.int64)


def _pick(penalties, places):
    """Give penalties[places], and 0 where a place is -1."""
    padded = torch.cat([penalties, penalties.new_zeros(1)])
    return padded[torch.from_numpy(places)]
