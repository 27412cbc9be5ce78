"""LeNet-5 trained on windows of lines: a digit between its neighbours, or a gap.

What the paper does before it trains its sliding network on whole strings: each window
for itself, the digit in its middle as its class, the blank where there is none, with
and without noise.
"""

import torch

from lenet_helpers.experiments import progress
from lenet_helpers.experiments.strings import protocol
from lenet_helpers.strings.sliding import SlidingNetwork, classify_windows
from lenet_helpers.training.batches import draw_orders, train_in_batches

PAPER = "p. 28: no error rate is printed"
CONFIGURATIONS = [{"noise": 0.0}, {"noise": 0.1}]
NUM_LINES, NUM_EPOCHS, BATCH_SIZE, LEARNING_RATE = 20_000, 2, 16, 2e-3


def run(seed, *, noise):
    """Train on the windows of training lines.

    Parameters
    ----------
    seed : int
    noise : float
        The share of pixels that are inverted, in training and in testing.

    Returns
    -------
    dict
        What `protocol.judge` measures on test lines, and ``files``: the weights.
    """
    network = protocol.load_start("isolated", seed)
    lines = protocol.draw_training_lines(NUM_LINES, seed=seed, noise=noise)
    train_on_windows(network, lines, seed=seed)
    measured = protocol.judge(
        SlidingNetwork(network), protocol.draw_test_lines(noise=noise)
    )
    name = "windows-noisy" if noise else "windows"
    return {**measured, "files": {f"{name}-{seed}.safetensors": network.state_dict()}}


def train_on_windows(network, lines, *, seed):
    """Train a network on each window of lines for itself, in place.

    Parameters
    ----------
    network : LeNet5
    lines : list of Line
    seed : int
        Of the order.
    """
    system, numbers = SlidingNetwork(network), torch.arange(len(lines))
    optimizer = torch.optim.Adam(network.parameters(), LEARNING_RATE)
    generator = torch.Generator().manual_seed(seed)
    train_in_batches(
        lambda some: system.build_row([lines[i].pixels for i in some.tolist()]),
        numbers,
        numbers,
        orders=draw_orders(len(lines), num_epochs=NUM_EPOCHS, generator=generator),
        batch_size=BATCH_SIZE,
        loss=lambda row, some: classify_windows(
            row, [lines[i] for i in some.tolist()]
        ).mean(),
        optimizer=optimizer,
        schedule=torch.optim.lr_scheduler.OneCycleLR(
            optimizer,
            LEARNING_RATE,
            total_steps=NUM_EPOCHS * -(-len(lines) // BATCH_SIZE),
        ),
        on_pass=progress.report_pass,
    )
