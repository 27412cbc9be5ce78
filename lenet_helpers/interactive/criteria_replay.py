"""The replay of the criteria: four trainings through the decision, and their slopes."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import safetensors.torch
import torch
import traitlets
from torch import Tensor

from lenet_helpers import plots
from lenet_helpers.interactive.figure import InteractiveFigure
from lenet_helpers.strings.graphs import Graph, select_path, viterbi
from lenet_helpers.strings.lines import MARGIN, Line
from lenet_helpers.strings.reading import CRITERIA

SERIES = ("string_error_rate", "right_penalty", "best_penalty")
STEEPNESS = 0.4  # of an arc: its height, by its width
SMALLEST = 0.01  # slopes below it are not drawn


class CriteriaReplay(InteractiveFigure, module="criteria-replay.mjs"):
    """Trainings by several criteria, and what each does to the graph of a line.

    Parameters
    ----------
    recorded : dict of str to dict of Tensor
        Of each criterion, by its name in `reading.CRITERIA`, what
        `experiments.for_figures.criteria_replay.Recorder.finish` kept.
    lines : list of Line, optional
        The lines whose graphs were recorded, to show their ink.

    Attributes
    ----------
    criterion : str
    step : int
        Which of the looks is shown; 0 is before training.
    line : int
        Which of the recorded lines, from 0.

    Raises
    ------
    ValueError : a criterion is unknown; `lines` are not those that were recorded;
        `criterion`, `step` or `line` are set to what is not there.

    References
    ----------
    LeCun et al. 1998, p. 21-26, Fig. 20.
    """

    linked = ("criterion", "step", "line")
    tensors = traitlets.Bytes().tag(sync=True)
    criteria = traitlets.List(traitlets.Unicode()).tag(sync=True)
    steps = traitlets.List(traitlets.Int()).tag(sync=True)
    lines = traitlets.List().tag(sync=True)
    pixels = traitlets.Bytes().tag(sync=True)
    criterion = traitlets.Unicode().tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    line = traitlets.Int(0).tag(sync=True)

    def __init__(
        self,
        recorded: Mapping[str, Mapping[str, Tensor]],
        lines: Sequence[Line] | None = None,
    ):
        unknown = set(recorded) - set(CRITERIA)
        if unknown or not recorded:
            raise ValueError(
                f"`recorded` must have criteria of {', '.join(CRITERIA)}, got "
                f"{', '.join(recorded) or 'none'}."
            )
        first, *_ = recorded.values()
        graphs = [_describe_graph(first, i) for i in range(len(first["numbers"]))]
        if lines is not None:
            _check_lines(lines, graphs)
        super().__init__(
            tensors=safetensors.torch.save(_gather(recorded, len(graphs))),
            criteria=list(recorded),
            steps=first["steps"].tolist(),
            lines=graphs,
            pixels=b"".join(line.pixels.tobytes() for line in lines or ()),
            criterion=next(iter(recorded)),
        )
        self.alt = self._describe_still()

    @traitlets.validate("criterion")
    def _check_criterion(self, proposal):
        if proposal["value"] not in self.criteria:
            raise ValueError(
                f"`criterion` must be one of {', '.join(self.criteria)}, got "
                f"{proposal['value']!r}."
            )
        return proposal["value"]

    @traitlets.validate("step", "line")
    def _check_place(self, proposal):
        name, value = proposal["trait"].name, proposal["value"]
        number = len(self.steps if name == "step" else self.lines)
        if not 0 <= value < number:
            raise ValueError(f"`{name}` must be from 0 to {number - 1}, got {value}.")
        return value

    def build_graph(self, step: int) -> Graph:
        """Build the graph of the line that is shown, by the criterion that is.

        Parameters
        ----------
        step : int
            Which of the looks.
        """
        line = self.lines[self.line]
        tensors = safetensors.torch.load(self.tensors)
        penalties = tensors[f"{self.criterion}/{self.line}"][step].double()
        pieces = np.repeat(np.arange(len(penalties)), penalties.shape[1])
        return Graph(
            np.array(line["sources"])[pieces],
            np.array(line["destinations"])[pieces],
            np.tile(np.arange(penalties.shape[1]), len(penalties)),
            penalties.flatten(),
            payload=pieces,
        )

    def draw_still(self):
        """Draw the charts, and the graph of the line at the end; returns the Figure."""
        figure = plt.figure(figsize=(plots.WIDTH, 4.6), layout="constrained")
        halves = figure.subfigures(2, 1, height_ratios=(1.1, 1), squeeze=False)
        charts, below = halves[:, 0]
        self._draw_charts(charts.subplots(1, 2))
        axis = below.subplots()
        columns = np.array(self.lines[self.line]["columns"])
        graph = self.build_graph(len(self.steps) - 1)
        labels = self.lines[self.line]["labels"]
        _draw_arcs(axis, graph, columns, *_find_slopes(graph, labels, self.criterion))
        return figure

    def _draw_charts(self, axes):
        tensors = safetensors.torch.load(self.tensors)
        for name, style in zip(self.criteria, ("-", "--", ":", "-."), strict=False):
            for axis, series in zip(axes, SERIES[1::-1], strict=True):
                values = tensors[f"{name}/{series}"].numpy()
                axis.plot(self.steps, values, style, lw=2, label=name)
        axes[0].set(xlabel="update", ylabel="best right path", yscale="log")
        axes[1].set(xlabel="update", ylabel="lines read wrongly (%)", ylim=(0, None))
        axes[0].legend(fontsize=8)

    def _describe_still(self):
        graph = self.build_graph(len(self.steps) - 1)
        labels = self.lines[self.line]["labels"]
        best = graph.read(viterbi(graph)[1][0])
        return (
            f"Two charts over {self.steps[-1]} updates, a curve each for "
            f"{', '.join(self.criteria)}: the mean penalty of the best right path, and "
            "the lines read wrongly. Below them the graph of a line that says "
            f"{' '.join(map(str, labels))} and is read as {' '.join(map(str, best))} "
            f"after {self.criterion} training, its arcs drawn by their slopes."
        )


def _describe_graph(kept, i):
    """Give the graph of a line as lists, and how wide the line is."""
    names = ("labels", "columns", "sources", "destinations")
    line = {name: kept[f"{i}.{name}"].tolist() for name in names}
    return line | {"width": line["columns"][-1] + MARGIN}


def _check_lines(lines, graphs):
    said = [(list(line.labels), line.pixels.shape[1]) for line in lines]
    expected = [(graph["labels"], graph["width"]) for graph in graphs]
    if said != expected:
        raise ValueError(
            "`lines` must be the lines that were recorded, with labels and widths "
            f"{expected}, got {said}."
        )


def _gather(recorded, num_lines):
    """Name the tensors of all criteria, rates as per cent."""
    tensors = {}
    for name, kept in recorded.items():
        for series in SERIES:
            factor = 100 if series == "string_error_rate" else 1
            tensors[f"{name}/{series}"] = factor * kept[series].float()
        for i in range(num_lines):
            tensors[f"{name}/{i}"] = kept[f"{i}.penalties"].half().contiguous()
    return tensors


def _find_slopes(graph, labels, criterion):
    """Give the arcs of the best right path and of the best path, and all slopes."""
    graph.penalties.requires_grad_()
    loss = CRITERIA[criterion](graph, [labels]).sum()
    (slopes,) = torch.autograd.grad(loss, graph.penalties)
    names = np.arange(len(graph.labels))
    numbered = Graph(
        graph.sources, graph.destinations, graph.labels, graph.penalties, payload=names
    )
    selected = select_path(numbered, [labels])
    right = selected.payload[viterbi(selected)[1][0]].tolist()
    return right, viterbi(graph)[1][0].tolist(), slopes.numpy()


def _draw_arcs(axis, graph, columns, right, best, slopes):
    """Draw the best right path above the nodes, the best path below, and slopes."""
    times = np.linspace(0, 1, 40)
    penalties = graph.penalties.detach().numpy()
    on_paths = np.isin(np.arange(len(slopes)), right + best)
    for arc in np.flatnonzero(on_paths | (abs(slopes) >= SMALLEST)):
        slope = slopes[arc] if abs(slopes[arc]) >= SMALLEST else 0
        left, end = columns[graph.sources[arc]], columns[graph.destinations[arc]]
        is_above = arc in right or (arc not in best and slope > 0)
        height = STEEPNESS * (end - left) * (1 if is_above else -1)
        axis.plot(
            left + (end - left) * times,
            4 * height * times * (1 - times),
            color="C0" if slope > 0 else "C3" if slope < 0 else "0.6",
            ls="--" if slope < 0 else "-",
            lw=1.6 + 3 * abs(slope),
        )
        if on_paths[arc]:
            text = f"{graph.labels[arc]}  {penalties[arc]:.1f}"
            place = ((left + end) / 2, height + np.copysign(1, height))
            side = "bottom" if is_above else "top"
            axis.annotate(text, place, ha="center", va=side, fontsize=8.5)
    axis.plot(columns, 0 * columns, "o", color="0.3", ms=5, zorder=3)
    axis.margins(y=0.2)
    axis.axis("off")
