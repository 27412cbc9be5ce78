"""Training a system through its decision: from the string's penalty to the kernels."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import pandas as pd
import torch

from lenet_helpers.model.networks import LeNet5
from lenet_helpers.strings.graphs import Graph
from lenet_helpers.strings.lines import Line
from lenet_helpers.strings.reading import Criterion
from lenet_helpers.training.batches import draw_orders, train_in_batches

SILENT = 1e-4  # above the rounding of sums of float32


class System(Protocol):
    """What turns lines into graphs: `OverSegmentation` or `SlidingNetwork`."""

    @property
    def network(self) -> LeNet5:
        """What is trained."""
        ...

    def build_graph(self, lines: Sequence[np.ndarray]) -> Graph:
        """Build the graph of each line's readings."""
        ...


def train_on_lines(
    system: System,
    lines: Sequence[Line],
    criterion: Criterion,
    *,
    num_epochs: int = 1,
    batch_size: int = 16,
    learning_rate: float = 1e-3,
    seed: int = 0,
    code_factor: float = 1.0,
    on_step: Callable[[], None] | None = None,
    on_pass: Callable[[list[float]], None] | None = None,
) -> pd.DataFrame:
    """Train a system's network on whole lines, in place, by Adam.

    The rate rises from a twenty-fifth of `learning_rate` to it over the first three
    tenths of all updates, and falls to nearly 0.

    Parameters
    ----------
    system : OverSegmentation or SlidingNetwork
    lines : sequence of Line
    criterion : callable
        Of `reading`: a graph and the wanted strings to a loss a line.
    num_epochs, batch_size : int
    learning_rate : float
        The highest.
    seed : int
        Of the order, a new one each pass.
    code_factor : float
        Codes that are trained get so many times the rate of the other parameters.
    on_step, on_pass : callable, optional
        Called after each update, and after each pass.

    Returns
    -------
    DataFrame
        A row an update: ``loss``, the mean over the batch's lines that have a right
        path; ``silent``, the share of these whose loss is below `SILENT`, so that
        they teach next to nothing; ``lost``, the share of lines without a right path.

    Raises
    ------
    ValueError : the network's penalties are no longer finite, by a rate too high.

    References
    ----------
    LeCun et al. 1998, p. 21-26; the order and the optimiser are ours.
    """
    codes = system.network.output.weight
    parameters = [p for p in system.network.parameters() if p is not codes]
    groups = [{"params": parameters, "lr": learning_rate}]
    if codes.requires_grad:
        groups.append({"params": [codes], "lr": learning_rate * code_factor})
    optimizer = torch.optim.Adam(groups)
    num_updates = num_epochs * -(-len(lines) // batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [group["lr"] for group in groups], total_steps=num_updates
    )
    numbers = torch.arange(len(lines))  # stand for the lines in the loop
    rows = []

    def build_graph(some):
        return system.build_graph([lines[i].pixels for i in some.tolist()])

    def measure(graph, some):
        losses = criterion(graph, [lines[i].labels for i in some.tolist()])
        has_path = losses.detach() < torch.inf
        kept = losses[has_path]
        mean = kept.sum() / max(1, len(kept))
        silent = (kept.detach() < SILENT).double().mean().item() if len(kept) else 1.0
        lost = 1 - has_path.double().mean().item()
        rows.append({"loss": mean.item(), "silent": silent, "lost": lost})
        return mean

    generator = torch.Generator().manual_seed(seed)
    train_in_batches(
        build_graph,
        numbers,
        numbers,
        orders=draw_orders(len(lines), num_epochs=num_epochs, generator=generator),
        batch_size=batch_size,
        loss=measure,
        optimizer=optimizer,
        schedule=schedule,
        on_step=on_step,
        on_pass=on_pass,
    )
    return pd.DataFrame(rows)
