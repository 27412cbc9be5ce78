"""LeNet-5 trained through the decision, step by step, for the figure of the criteria.

As the short runs of `criteria` for the system that cuts: four criteria from the network
of `isolated`, on the same lines in the same order. The test set is not read.
"""

import torch

from lenet_helpers.experiments import progress
from lenet_helpers.experiments.strings import criteria, protocol
from lenet_helpers.strings.cuts import segment
from lenet_helpers.strings.graphs import select_path, viterbi
from lenet_helpers.strings.reading import CRITERIA, OverSegmentation, read
from lenet_helpers.strings.training import train_on_lines

PAPER = "none: the paper compares the criteria in words"
CONFIGURATIONS = [{"criterion": name} for name in CRITERIA]
STEPS = (0, 10, 20, 40, 60, 90, 120, 160, 200, 260, 340, 450, 600, 750)  # looks
NUM_HELD_OUT_LINES = 300
NUM_OF_EACH = 2  # lines whose graph is kept: read wrongly by the start, and rightly
MOST_DIGITS = 4
MOST_PIECES = 32  # so that a graph can be drawn


def is_random(configuration):
    """Say that one network of each criterion is enough."""
    return False


def run(seed, *, criterion):
    """Train by one criterion and look at it between updates.

    Parameters
    ----------
    seed : int
    criterion : str, of `CRITERIA`

    Returns
    -------
    dict
        ``string_error_rate``, ``best_penalty`` and ``right_penalty`` at the end, as of
        `protocol.judge`, on held-out lines; ``files``:
        ``criteria_replay-<criterion>.safetensors``, as `Recorder` makes it.
    """
    num_lines, num_epochs = criteria.EQUAL["cutting"]
    reader = criteria.build_system("cutting", seed)
    recorder = Recorder(reader, protocol.draw_validation_lines(NUM_HELD_OUT_LINES))
    train_on_lines(
        reader,
        protocol.draw_training_lines(num_lines, seed=seed),
        CRITERIA[criterion],
        num_epochs=num_epochs,
        learning_rate=criteria.RATES["cutting"],
        seed=seed,
        on_step=recorder,
        on_pass=progress.report_pass,
    )
    name = criterion.replace(" ", "-")
    return {
        **recorder.looks[-1],
        "files": {f"criteria_replay-{name}.safetensors": recorder.finish()},
    }


class Recorder:
    """Keep what the figure shows, before training and at each of `STEPS`.

    Parameters
    ----------
    reader : OverSegmentation
        Not trained yet: by what it reads, the lines are chosen.
    lines : list of Line
        Held out.
    """

    def __init__(self, reader, lines):
        self.reader, self.lines = reader, lines
        self.numbers = choose_lines(reader, lines)
        self.pieces = [segment([lines[number].pixels]) for number in self.numbers]
        self.looks, self.penalties = [], [[] for _ in self.numbers]
        self.step = 0
        self.look()

    def __call__(self):
        """Take `train_on_lines`'s call after an update."""
        self.step += 1
        if self.step in STEPS:
            self.look()

    def look(self):
        """Judge the held-out lines, and copy the penalties of the chosen ones."""
        measured = protocol.judge(self.reader, self.lines)
        names = ("string_error_rate", "best_penalty", "right_penalty")
        self.looks.append({name: measured[name] for name in names})
        for number, kept in zip(self.numbers, self.penalties, strict=True):
            with torch.no_grad():
                graph = self.reader.build_graph([self.lines[number].pixels])
            kept.append(graph.penalties.unflatten(0, (-1, 10)).half())

    def finish(self):
        """Stack what was kept.

        Returns
        -------
        dict of Tensor
            ``steps`` (T,) int64; ``string_error_rate``, ``best_penalty`` and
            ``right_penalty`` (T,) of the held-out lines; ``numbers`` (L,) int64, the
            chosen lines among them. Of the chosen line i: ``i.labels``, what it says;
            ``i.columns`` (N,) int64, of its cuts, which are the nodes; ``i.sources``
            and ``i.destinations`` (S,) int64, the nodes of each piece; ``i.penalties``
            (T, S, 10) float16.
        """
        tensors = {
            name: torch.tensor([look[name] for look in self.looks])
            for name in self.looks[0]
        }
        tensors["steps"] = torch.tensor(STEPS[: len(self.looks)])
        tensors["numbers"] = torch.tensor(self.numbers)
        for i, (number, pieces) in enumerate(
            zip(self.numbers, self.pieces, strict=True)
        ):
            tensors |= {
                f"{i}.labels": torch.tensor(self.lines[number].labels),
                f"{i}.columns": torch.from_numpy(pieces.cuts[0][:, 0].copy()),
                f"{i}.sources": torch.from_numpy(pieces.sources),
                f"{i}.destinations": torch.from_numpy(pieces.destinations),
                f"{i}.penalties": torch.stack(self.penalties[i]),
            }
        return tensors


def choose_lines(reader: OverSegmentation, lines) -> list[int]:
    """Choose the lines whose graphs are kept.

    The first `NUM_OF_EACH` lines that are read wrongly, then those that are read
    rightly, of lines with at most `MOST_DIGITS` digits and `MOST_PIECES` pieces and a
    right path.

    Parameters
    ----------
    reader : OverSegmentation
    lines : list of Line

    Returns
    -------
    list of int
        Their numbers, from 0.
    """
    chosen = {False: [], True: []}
    for number, line in enumerate(lines):
        with torch.no_grad():
            graph = reader.build_graph([line.pixels])
        num_pieces = len(graph.labels) // 10
        if len(line.labels) > MOST_DIGITS or num_pieces > MOST_PIECES:
            continue
        if viterbi(select_path(graph, [line.labels]))[0].isinf():
            continue
        (reading,) = read(graph)
        chosen[reading.labels == line.labels].append(number)
    return chosen[False][:NUM_OF_EACH] + chosen[True][:NUM_OF_EACH]
