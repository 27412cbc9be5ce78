"""LeNet-5 trained through the decision: four criteria, two systems.

Over-segmentation starts from `isolated`, the sliding network from `windows`. Rows of
one system with as many lines and passes differ in the criterion alone; one row of each
system trains longer by the criterion of equation 17, and one ("none") is the start. All
judge themselves on the same test lines. The row "labelled pieces" is the control: the
same lines and updates, but each right piece is a digit with a label, and no path is
compared with another.
"""

from collections.abc import Sequence

import torch
from torch.nn import functional

from lenet_helpers.experiments import progress
from lenet_helpers.experiments.strings import protocol
from lenet_helpers.strings.graphs import Graph, select_path, viterbi
from lenet_helpers.strings.reading import CRITERIA, OverSegmentation
from lenet_helpers.strings.sliding import BLANK_PENALTY, SlidingNetwork
from lenet_helpers.strings.training import train_on_lines

PAPER = "words: 24 % (over-segmentation) and 32 % (SDNN) fewer errors by training"
EQUAL = {"cutting": (6000, 2), "sliding": (20_000, 2)}  # lines, passes
LONG = {"cutting": (20_000, 3), "sliding": (60_000, 3)}
RATES = {"cutting": 1e-3, "sliding": 2e-3}  # of `line_trials`
CONFIGURATIONS = [
    *(
        {"system": system, "criterion": "none", "num_lines": 0, "num_epochs": 0}
        for system in EQUAL
    ),
    *(
        {
            "system": system,
            "criterion": "discriminative forward",
            "num_lines": num_lines,
            "num_epochs": num_epochs,
        }
        for system, (num_lines, num_epochs) in LONG.items()
    ),
    *(
        {
            "system": system,
            "criterion": criterion,
            "num_lines": num_lines,
            "num_epochs": num_epochs,
        }
        for system, (num_lines, num_epochs) in EQUAL.items()
        for criterion in CRITERIA
    ),
    {
        "system": "cutting",
        "criterion": "labelled pieces",
        "num_lines": EQUAL["cutting"][0],
        "num_epochs": EQUAL["cutting"][1],
    },
]


def run(seed, *, system, criterion, num_lines, num_epochs):
    """Train one system by one criterion.

    Parameters
    ----------
    seed : int
    system : {"cutting", "sliding"}
    criterion : str
        Of `LOSSES`, or "none": the start alone.
    num_lines, num_epochs : int

    Returns
    -------
    dict
        What `protocol.judge` measures on test lines; ``silent_rate``, the share of
        lines in the last pass with a loss below `training.SILENT`; ``files`` of the
        long runs: the weights.
    """
    reader = build_system(system, seed)
    silent_rate, files = None, {}
    if criterion != "none":
        history = train_on_lines(
            reader,
            protocol.draw_training_lines(num_lines, seed=seed),
            LOSSES[criterion],
            num_epochs=num_epochs,
            learning_rate=RATES[system],
            seed=seed,
            on_pass=progress.report_pass,
        )
        last_pass = history.iloc[-(len(history) // num_epochs) :]
        silent_rate = round(last_pass["silent"].mean(), 6)
    if (num_lines, num_epochs) == LONG[system]:
        files = {f"lines-{system}-{seed}.safetensors": reader.network.state_dict()}
    measured = protocol.judge(reader, protocol.draw_test_lines())
    return {**measured, "silent_rate": silent_rate, "files": files}


def classify_right_pieces(
    graph: Graph, strings: Sequence[Sequence[int]]
) -> torch.Tensor:
    """Equation 9 for the pieces of the best right path, with j = 10: a loss a line.

    Parameters
    ----------
    graph : Graph
        Of `OverSegmentation`: the arcs of a piece follow each other, one per class.
    strings : sequence of B sequences of int

    Returns
    -------
    Tensor, (B,)
        The mean over the pieces; infinite where there is no right path.
    """
    right = select_path(graph, strings)
    found, paths = viterbi(right)
    scores = -graph.penalties.unflatten(0, (-1, 10))
    scores = functional.pad(scores, (0, 1), value=-BLANK_PENALTY)
    means = [
        functional.cross_entropy(
            scores[torch.from_numpy(right.payload[path])],
            torch.from_numpy(right.labels[path]),
        )
        if len(path)
        else none
        for path, none in zip(paths, found, strict=True)
    ]
    return torch.stack([mean.to(found.dtype) for mean in means])


LOSSES = CRITERIA | {"labelled pieces": classify_right_pieces}


def build_system(system: str, seed: int) -> OverSegmentation | SlidingNetwork:
    """Build a system with the network that it starts from."""
    if system == "cutting":
        return OverSegmentation(protocol.load_start("isolated", seed))
    return SlidingNetwork(protocol.load_start("windows", seed))
