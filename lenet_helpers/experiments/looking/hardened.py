"""A network of today trained on digits that are attacked while it learns.

All runs share one protocol: `ModernLeNet`, all 60,000 training digits, three passes in
batches of 128 with Adam, its rate from 0.003 down to 0 along a cosine. With a `size`
above 0 each batch is changed before it is learnt from: two steps of `attacks.climb`
against the network of that moment, in evaluation mode, by that share of the ink range
in each pixel. What is measured is harder than what was trained on: 40 steps, on 500
test digits drawn with seed 0. Nothing was chosen: size, passes and rate are the first
that were tried.
"""

import itertools

import torch
from torch.nn import functional

from lenet_helpers.data import load_mnist
from lenet_helpers.experiments.looking.protocol import (
    draw_digits,
    find_error_rate,
)
from lenet_helpers.experiments.progress import report_pass
from lenet_helpers.looking import attacks
from lenet_helpers.model.today import ModernLeNet
from lenet_helpers.training.batches import train_with_adam

PAPER = "not in the papers: Madry et al. 2018, Sec. 5, 89 % right at 0.3, larger net"
CONFIGURATIONS = [{"size": 0.0}, {"size": 0.2}]
NUM_EPOCHS, BATCH_SIZE, LEARNING_RATE = 3, 128, 0.003
NUM_STEPS, NUM_TESTED, NUM_TEST_STEPS = 2, 500, 40
NUM_SEARCHED = 200  # of those tested, by squares, which takes longer
SIZES = (0.05, 0.1, 0.2, 0.3)


def run(seed, *, size):
    """Train one network and attack it.

    Parameters
    ----------
    seed : int
    size : float
        Share of the ink range.

    Returns
    -------
    dict
        ``test_error_rate`` on all test digits as they are; ``error_rates_by_size`` of
        `SIZES`, attacked; ``error_rates_by_search``, of the first 200 of them, attacked
        by 300 random squares, with no gradient; ``files``: the weights of seed 0, if it
        was attacked.
    """
    mnist = load_mnist()
    network = train(mnist.train_images / 255, mnist.train_labels, size=size, seed=seed)
    score = attacks.read_pixels(network)
    with torch.no_grad():
        parts = (mnist.test_images / 255).split(1000)
        answers = torch.cat([score(part).argmax(1) for part in parts])
    is_wrong = answers != mnist.test_labels
    some = draw_digits(mnist, NUM_TESTED)
    pixels, labels = mnist.test_images[some] / 255, mnist.test_labels[some]
    climbed, searched = [], []
    for allowed in SIZES:
        moved = attacks.climb(
            score, pixels, labels, size=allowed, num_steps=NUM_TEST_STEPS
        )
        climbed.append(find_error_rate(score, moved, labels))
        fewer = pixels[:NUM_SEARCHED], labels[:NUM_SEARCHED]
        found = attacks.search_blindly(score, *fewer, size=allowed)
        searched.append(find_error_rate(score, found, fewer[1]))
    measured = {
        "test_error_rate": round(is_wrong.double().mean().item(), 6),
        "error_rates_by_size": climbed,
        "error_rates_by_search": searched,
    }
    if size and seed == 0:
        state = {k: v.contiguous() for k, v in network.state_dict().items()}
        measured["files"] = {"hardened.safetensors": state}
    return measured


def train(pixels, labels, *, size, seed):
    """Train a network on pixels in [0, 1], each batch attacked by `size`.

    Returns
    -------
    ModernLeNet, in evaluation mode
    """
    network = ModernLeNet(seed=seed)
    score = attacks.read_pixels(network)
    # Each update has noise of its own to start from.
    num_steps = NUM_EPOCHS * -(-len(pixels) // BATCH_SIZE)
    noise_seeds = itertools.count(num_steps * seed)

    def forward(some):
        shown = pixels[some]
        if size:
            network.eval()
            shown = attacks.climb(
                score,
                shown,
                labels[some],
                size=size,
                num_steps=NUM_STEPS,
                seed=next(noise_seeds),
                loss=attacks.measure_cross_entropy,
            )
        network.train()
        return score(shown)

    train_with_adam(
        forward,
        network.parameters(),
        torch.arange(len(pixels)),
        labels,
        loss=functional.cross_entropy,
        num_epochs=NUM_EPOCHS,
        batch_size=BATCH_SIZE,
        learning_rate=LEARNING_RATE,
        seed=seed,
        on_pass=lambda error_rates: report_pass(),
    )
    return network.eval()
