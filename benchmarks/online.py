"""Compiled on-line training beside the same updates made one by one in eager PyTorch.

``python -m benchmarks.online`` prints microseconds an update, medians of five. One
thread and one network each, so the ratio is that of the code; then several networks
side by side, which is how seeds are trained.
"""

import copy
import statistics
import time

import joblib
import torch

from lenet_helpers.model.losses import MaximumLikelihood, SquaredError
from lenet_helpers.model.networks import LeNet1, LeNet4, LeNet5, Net1989
from lenet_helpers.training.curvature import DiagonalLevenbergMarquardt
from lenet_helpers.training.online import train_online

NUM_COMPILED, NUM_EAGER, REPEATS = 5_000, 200, 5


def measure_online(make, loss, *, optimizer="sdlm", repeats=REPEATS):
    """Time both ways of training one network.

    Parameters
    ----------
    make : callable, () to Module
    loss : Module
    optimizer : {"sdlm", "sgd"}
    repeats : int

    Returns
    -------
    dict of float
        Microseconds an update: ``eager``, ``compiled`` (one thread), ``side_by_side``
        (a network for each core, time divided by their number); ``ratio`` and
        ``side_by_side_ratio``, eager over those.
    """
    torch.set_num_threads(1)
    size = make().image_size
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(NUM_COMPILED, 1, size, size, generator=generator)
    labels = torch.randint(10, (NUM_COMPILED,), generator=generator)
    num_networks = joblib.cpu_count()

    def run(networks):
        started = time.perf_counter()
        train_online(
            networks,
            images,
            labels,
            loss=loss,
            learning_rates=[1e-5],
            optimizer=optimizer,
            num_curvature_patterns=1,  # neither side is charged for h
            progress=False,
        )
        seconds = time.perf_counter() - started
        return 1e6 * seconds / NUM_COMPILED / len(networks)

    def run_eagerly():
        network = make()
        step = torch.optim.SGD(network.parameters(), lr=1e-5)
        if optimizer == "sdlm":
            step = DiagonalLevenbergMarquardt(network, learning_rate=1e-5)
        started = time.perf_counter()
        for i in range(NUM_EAGER):
            step.zero_grad()
            loss(network(images[i : i + 1]), labels[i : i + 1]).backward()
            step.step()
        return 1e6 * (time.perf_counter() - started) / NUM_EAGER

    start = make()
    run([copy.deepcopy(start)])  # compile
    rows = [
        (
            run_eagerly(),
            run([copy.deepcopy(start)]),
            run([copy.deepcopy(start) for _ in range(num_networks)]),
        )
        for _ in range(repeats)
    ]
    eager, compiled, side_by_side = map(statistics.median, zip(*rows, strict=True))
    return {
        "eager": eager,
        "compiled": compiled,
        "side_by_side": side_by_side,
        "ratio": eager / compiled,
        "side_by_side_ratio": eager / side_by_side,
    }


def main():
    """Print a line a network and optimiser."""
    print("microseconds an update, medians of", REPEATS)
    print(f"{'network':9}{'':5}{'eager':>8}{'compiled':>10}{'ratio':>7}", end="")
    print(f"{f'{joblib.cpu_count()} at once, each':>18}{'ratio':>7}")
    for make in (Net1989, LeNet1, LeNet4, LeNet5):
        loss = MaximumLikelihood() if make is LeNet5 else SquaredError()
        for optimizer in ("sgd", "sdlm"):
            t = measure_online(
                lambda make=make: make(initial="root"), loss, optimizer=optimizer
            )
            print(
                f"{make.__name__:9}{optimizer:5}{t['eager']:8.0f}{t['compiled']:10.1f}"
                f"{t['ratio']:7.1f}{t['side_by_side']:18.1f}"
                f"{t['side_by_side_ratio']:7.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
