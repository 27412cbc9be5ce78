"""Optimal Brain Damage: LeNet-1 and LeNet-5 lose their parameters, step by step.

LeNet-1 starts from `unpruned` and learns from the same 10,000 digits again, LeNet-5
from `figure5`, and learns from the first 20,000 of its digits again. After each
deletion what is left is trained by the protocol of the full networks of `figure9`, Adam
in batches of 64; nothing is chosen here.
"""

import torch

from lenet_helpers.data import load_mnist
from lenet_helpers.experiments.looking.unpruned import NUM_DIGITS
from lenet_helpers.experiments.progress import report_pass
from lenet_helpers.experiments.published.figure5 import BEST
from lenet_helpers.experiments.published.figure9 import BATCH_SIZE, LEARNING_RATE
from lenet_helpers.experiments.weights import load_weights
from lenet_helpers.judging import score_network
from lenet_helpers.looking import pruning
from lenet_helpers.model.losses import MaximumPosterior, SquaredError
from lenet_helpers.model.networks import LeNet1, LeNet5
from lenet_helpers.paper import NUM_CURVATURE_PATTERNS

PAPER = (
    "Le Cun, Denker and Solla 1990: OBD against magnitude, with and without retraining"
)
LEVELS = {
    "LeNet-1": (2_000, 1_500, 1_000, 600, 300),
    "LeNet-5": (30_000, 10_000, 3_000),
}
NUM_RETRAINED = {"LeNet-1": NUM_DIGITS, "LeNet-5": 20_000}  # digits a deletion
CONFIGURATIONS = [
    {"network": "LeNet-1", "criterion": "saliency"},
    {"network": "LeNet-1", "criterion": "magnitude"},
    {"network": "LeNet-1", "criterion": "fair magnitude"},
    {"network": "LeNet-1", "criterion": "chance"},
    {"network": "LeNet-1", "criterion": "none"},
    {"network": "LeNet-5", "criterion": "saliency"},
    {"network": "LeNet-5", "criterion": "none"},
]


def run(seed, *, network, criterion):
    """Delete and retrain, level by level, and classify the test set after each.

    Parameters
    ----------
    seed : int
    network : {"LeNet-1", "LeNet-5"}
    criterion : {"saliency", "magnitude", "fair magnitude", "chance", "none"}
        What is deleted first: "fair magnitude" spares the parameters of H2 and H4, on
        each of which a whole map hangs. After "chance" nothing is trained; with "none"
        nothing is deleted, and the network is only trained as long.

    Returns
    -------
    dict
        ``levels``, a dict a level; of LeNet-1 ``start_loss``; of LeNet-5 pruned by
        saliency ``files``: what is left.
    """
    images, labels, loss, start = _prepare(network, seed)
    measured, predicted, order = {"levels": []}, {}, {}
    if network == "LeNet-1":
        measured["start_loss"] = _measure_loss(start, images, labels, loss)
        if criterion != "none":
            predicted = _score(start, "saliency", seed, images, labels, loss)
            order = _score(start, criterion, seed, images, labels, loss)
    current, files = start, {}
    for number, num_left in enumerate(LEVELS[network]):
        level = {"left": num_left}
        measured["levels"].append(level)
        if order:
            cut = pruning.delete(start, order, num_left=num_left)
            level["predicted_increase"] = _sum_deleted(predicted, cut)
            level["loss_at_once"] = _measure_loss(cut, images, labels, loss)
        if criterion == "chance":
            continue
        if criterion != "none":
            scores = _score(current, criterion, seed, images, labels, loss)
            current = pruning.delete(current, scores, num_left=num_left)
        current = pruning.retrain(
            current,
            images,
            labels,
            loss=loss,
            num_epochs=1,
            learning_rate=LEARNING_RATE,
            batch_size=BATCH_SIZE,
            seed=100 * seed + number,
        )
        report_pass()
        if network == "LeNet-1":
            level["loss"] = _measure_loss(current, images, labels, loss)
        level |= _judge(current)
        if (network, criterion) == ("LeNet-5", "saliency") and number > 0:
            name = f"pruned-{num_left}-{seed}.safetensors"
            files[name] = pruning.pack_sparse(current)
    return measured | ({"files": files} if files else {})


def _prepare(network, seed):
    """Load what a run starts from: its digits, its loss and the trained network."""
    mnist, number = load_mnist(), NUM_RETRAINED[network]
    if network == "LeNet-1":
        start, loss, name = LeNet1(), SquaredError(), "unpruned"
    else:
        start, loss, name = LeNet5(), MaximumPosterior(j=BEST["j"]), "figure5"
    load_weights(start, f"{name}-{seed}")
    images = start.prepare(mnist.train_images[:number])
    return images, mnist.train_labels[:number], loss, start


def _score(network, criterion, seed, images, labels, loss):
    """Give each parameter the score by which it stays."""
    if criterion == "magnitude":
        return pruning.measure_magnitudes(network)
    if criterion == "fair magnitude":
        return pruning.measure_magnitudes(network, spare=("h2", "h4"))
    if criterion == "chance":
        return pruning.draw_scores(network, seed=seed)
    some = slice(NUM_CURVATURE_PATTERNS)
    return pruning.measure_saliencies(network, images[some], labels[some], loss)


def _sum_deleted(saliencies, network):
    """Add up the saliencies of what is deleted."""
    pairs = zip(saliencies.values(), network.parameters(), strict=True)
    return sum(s[p == 0].double().sum().item() for s, p in pairs)


@torch.no_grad()
def _measure_loss(network, images, labels, loss):
    """Give the mean loss of the first 10,000 training digits."""
    parts = images[:NUM_DIGITS].split(500)
    outputs = torch.cat([network(part) for part in parts])
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
