"""Optimal Brain Damage: LeNet-1 and LeNet-5 lose their parameters, step by step.

LeNet-1 starts from `unpruned` and learns from the same 10,000 digits again, LeNet-5
from `figure5`, with all 60,000. After each deletion what is left is trained by the
protocol of the full networks of `figure9`, Adam in batches of 64, which was chosen
there; nothing is chosen here.
"""

import safetensors.torch
import torch

from lenet_helpers.data import load_mnist
from lenet_helpers.experiments import store
from lenet_helpers.experiments.looking.unpruned import NUM_DIGITS
from lenet_helpers.experiments.progress import report_pass
from lenet_helpers.experiments.published.figure5 import BEST
from lenet_helpers.experiments.published.figure9 import BATCH_SIZE, LEARNING_RATE
from lenet_helpers.judging import score_network
from lenet_helpers.looking import pruning
from lenet_helpers.model.losses import MaximumPosterior, SquaredError
from lenet_helpers.model.networks import LeNet1, LeNet5

PAPER = (
    "Le Cun, Denker and Solla 1990: OBD against magnitude, with and without retraining"
)
LEVELS = {
    "LeNet-1": (2_200, 1_800, 1_400, 1_000, 700, 500, 300),
    "LeNet-5": (30_000, 10_000, 3_000),
}
NUM_EPOCHS = {"LeNet-1": 2, "LeNet-5": 1}  # after each deletion
NUM_CURVATURE_PATTERNS = 5_000
CONFIGURATIONS = [
    {"network": "LeNet-5", "criterion": "saliency"},
    {"network": "LeNet-5", "criterion": "none"},
    {"network": "LeNet-1", "criterion": "saliency"},
    {"network": "LeNet-1", "criterion": "magnitude"},
    {"network": "LeNet-1", "criterion": "chance"},
    {"network": "LeNet-1", "criterion": "none"},
    {"network": "LeNet-5", "criterion": "magnitude"},
]


def run(seed, *, network, criterion):
    """Delete and retrain, level by level, and classify the test set after each.

    Parameters
    ----------
    seed : int
    network : {"LeNet-1", "LeNet-5"}
    criterion : {"saliency", "magnitude", "chance", "none"}
        What is deleted first; with "none" nothing is, and the network is only trained
        as long.

    Returns
    -------
    dict
        ``start_loss`` and ``levels``, a dict a level; ``files`` of LeNet-5 pruned by
        saliency: what is left.
    """
    images, labels, loss, start = _prepare(network, seed)
    measured = {"start_loss": _measure_loss(start, images, labels, loss), "levels": []}
    current, packed = start, {}
    for number, num_left in enumerate(LEVELS[network]):
        level = {"left": num_left}
        if criterion != "none":
            if network == "LeNet-1":
                level |= _delete_at_once(
                    start, criterion, num_left, seed, images, labels
                )
            scores = _score(current, criterion, seed, images, labels, loss)
            current = pruning.delete(current, scores, num_left=num_left)
            level["deleted_loss"] = _measure_loss(current, images, labels, loss)
        current = pruning.retrain(
            current,
            images,
            labels,
            loss=loss,
            num_epochs=NUM_EPOCHS[network],
            learning_rate=LEARNING_RATE,
            batch_size=BATCH_SIZE,
            seed=100 * seed + number,
        )
        report_pass()
        level["loss"] = _measure_loss(current, images, labels, loss)
        level |= _judge(current)
        measured["levels"].append(level)
        if (network, criterion) == ("LeNet-5", "saliency") and number > 0:
            packed[f"pruned-{num_left}-{seed}.safetensors"] = pruning.pack_sparse(
                current
            )
    return measured | ({"files": packed} if packed else {})


def _prepare(network, seed):
    """Load what a run starts from: its digits, its loss and the trained network."""
    mnist = load_mnist()
    if network == "LeNet-1":
        start, loss, number = LeNet1(), SquaredError(), NUM_DIGITS
        path = store.RESULTS / f"unpruned-{seed}.safetensors"
    else:
        start, loss = LeNet5(), MaximumPosterior(j=BEST["j"])
        path, number = (
            store.RESULTS / f"figure5-{seed}.safetensors",
            len(mnist.train_labels),
        )
    start.load_state_dict(safetensors.torch.load_file(path))
    images = start.prepare(mnist.train_images[:number])
    return images, mnist.train_labels[:number], loss, start


def _score(network, criterion, seed, images, labels, loss):
    if criterion == "magnitude":
        return pruning.measure_magnitudes(network)
    if criterion == "chance":
        return pruning.draw_scores(network, seed=seed)
    some = slice(NUM_CURVATURE_PATTERNS)
    return pruning.measure_saliencies(network, images[some], labels[some], loss)


def _delete_at_once(start, criterion, num_left, seed, images, labels):
    """Delete from the trained network, without retraining: what it costs, predicted."""
    loss = SquaredError()
    scores = _score(start, criterion, seed, images, labels, loss)
    cut = pruning.delete(start, scores, num_left=num_left)
    saliencies = _score(start, "saliency", seed, images, labels, loss)
    gone = zip(saliencies.values(), cut.parameters(), strict=True)
    return {
        "predicted_increase": sum(s[p == 0].double().sum().item() for s, p in gone),
        "loss_at_once": _measure_loss(cut, images, labels, loss),
    }


@torch.no_grad()
def _measure_loss(network, images, labels, loss):
    """Give the mean loss of the first 10,000 training digits."""
    outputs = torch.cat([network(part) for part in images[:NUM_DIGITS].split(500)])
    return loss(outputs, labels[:NUM_DIGITS]).item()


def _judge(network):
    """Classify the test set once, and count what is left, layer by layer."""
    mnist = load_mnist()
    answers = score_network(network, network.prepare(mnist.test_images)).argmax(1)
    left = {
        name: pruning.count_left(layer)
        for name, layer in network.named_children()
        if pruning.count_left(layer)
    }
    judged = {
        "test_error_rate": round(
            (answers != mnist.test_labels).double().mean().item(), 6
        ),
        "left_by_layer": left,
    }
    if isinstance(network, LeNet5):
        judged |= pruning.count_lost_parts(network)
        lean = pruning.remove_dead_units(network)
        judged["left_without_dead_units"] = pruning.count_left(lean)
    return judged
