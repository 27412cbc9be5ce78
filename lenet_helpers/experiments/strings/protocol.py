"""What the experiments on lines share: which lines, from which start, judged how.

Lines of 3 to 6 digits, neighbours from 1 px into each other to 4 px apart. Training
lines hold digits of the training split, validation lines those held out, test lines
test digits. All networks start from `isolated`, a seed from its seed.
"""

import numpy as np
import torch
from torchmetrics.functional.text import char_error_rate

from lenet_helpers.data import load_mnist
from lenet_helpers.experiments.weights import load_weights
from lenet_helpers.model.networks import LeNet5
from lenet_helpers.strings.graphs import select_path, viterbi
from lenet_helpers.strings.lines import make_lines
from lenet_helpers.strings.reading import read
from lenet_helpers.strings.training import System

NUM_TEST_LINES = 5000
NUM_VALIDATION_LINES = 2000
CHUNK = 100  # lines in a graph, when they are only read


def load_start(name: str, seed: int) -> LeNet5:
    """Load the LeNet-5 that an experiment stored, "isolated" or "windows"."""
    return load_weights(LeNet5(), f"{name}-{seed}")


def draw_training_lines(number: int, *, seed: int, noise: float = 0.0):
    """Draw lines of digits of the training split; `seed` is the run's."""
    mnist = load_mnist()
    training, _ = mnist.split_indices(seed=0)
    return make_lines(
        mnist.train_images[training],
        mnist.train_labels[training],
        number=number,
        noise=noise,
        seed=1000 + seed,
    )


def draw_validation_lines(number: int = NUM_VALIDATION_LINES):
    """Draw lines of held-out digits, the same in every run."""
    mnist = load_mnist()
    _, validation = mnist.split_indices(seed=0)
    return make_lines(
        mnist.train_images[validation],
        mnist.train_labels[validation],
        number=number,
        seed=101,
    )


def draw_test_lines(number: int = NUM_TEST_LINES, *, noise: float = 0.0):
    """Draw lines of test digits, the same in every run."""
    mnist = load_mnist()
    return make_lines(
        mnist.test_images, mnist.test_labels, number=number, noise=noise, seed=202
    )


def judge(system: System, lines, *, prefix: str = "") -> dict:
    """Read lines and count what is wrong.

    Parameters
    ----------
    system : OverSegmentation or SlidingNetwork
    lines : list of Line
    prefix : str
        Before each name.

    Returns
    -------
    dict
        ``string_error_rate``; ``digit_error_rate``, digits to insert, delete or replace
        per digit; ``length_error_rate``, of lines read with another number of digits;
        ``no_path_rate``, of lines whose graph cannot say what they say;
        ``best_penalty`` and ``right_penalty``, means of the best path's penalty and of
        the best right path's where there is one; ``missed_lines``, by number from 0.
    """
    readings, right = [], []
    with torch.no_grad():
        for begin in range(0, len(lines), CHUNK):
            some = lines[begin : begin + CHUNK]
            graph = system.build_graph([line.pixels for line in some])
            readings += read(graph)
            wanted = [line.labels for line in some]
            right += viterbi(select_path(graph, wanted))[0].tolist()
    read_labels = [reading.labels for reading in readings]
    wanted = [line.labels for line in lines]
    pairs = list(zip(read_labels, wanted, strict=True))
    missed = [i for i, (found, label) in enumerate(pairs) if found != label]
    digit_error_rate = char_error_rate(*map(_write, (read_labels, wanted))).item()
    has_path = np.isfinite(right)
    measured = {
        "string_error_rate": len(missed) / len(lines),
        "digit_error_rate": digit_error_rate,
        "length_error_rate": np.mean([len(a) != len(b) for a, b in pairs]).item(),
        "no_path_rate": 1 - has_path.mean().item(),
        "best_penalty": np.mean([r.penalty for r in readings]).item(),
        "right_penalty": np.array(right)[has_path].mean().item(),
    }
    rounded = {prefix + name: round(value, 6) for name, value in measured.items()}
    return {**rounded, f"{prefix}missed_lines": missed}


def _write(strings):
    """Write strings of labels as text, a character a digit."""
    return ["".join(map(str, labels)) for labels in strings]
