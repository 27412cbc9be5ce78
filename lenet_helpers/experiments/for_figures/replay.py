"""The networks that the interactive figures hold, and LeNet-5 pass by pass.

All 60,000 training digits, 20 passes with the printed schedule. LeNet-5 is trained as
in `figure5`, the networks of 1989 and 1990 as LeNet-1 in `figure9`. The weights are
those after the last pass, whatever their test error.
"""

import torch

from lenet_helpers import paper
from lenet_helpers.data import load_mnist
from lenet_helpers.experiments.progress import report_pass
from lenet_helpers.experiments.published import figure5, recipe
from lenet_helpers.experiments.published.figure9 import train_network
from lenet_helpers.judging import judge_scores, score_network
from lenet_helpers.model.networks import LeNet1, LeNet5, Net1989
from lenet_helpers.training.curvature import DiagonalLevenbergMarquardt

PAPER = "none: the papers print one network's maps, and no weights"
CONFIGURATIONS = [{"network": name} for name in ("net1989", "lenet1", "lenet5")]
NUM_DIGITS = 20  # of the test set, whose penalties are kept pass by pass


def is_random(configuration):
    """Say that one network of each kind is enough."""
    return False


def run(seed, *, network):
    """Train one network and keep its weights.

    Parameters
    ----------
    seed : int
    network : {"net1989", "lenet1", "lenet5"}

    Returns
    -------
    dict
        As `judge_scores`, and ``files``: ``<network>.safetensors`` with the state
        dict; for LeNet-5 also ``replay.safetensors``, as `Recorder` makes it.
    """
    mnist = load_mnist()
    built = {"net1989": Net1989, "lenet1": LeNet1, "lenet5": LeNet5}[network]
    model = built(initial="root", seed=seed)
    images, tests = map(model.prepare, (mnist.train_images, mnist.test_images))
    files = {}
    if network == "lenet5":
        reading = dict(figure5.CURVE)
        reading.pop("initial")
        recorder = Recorder(model, mnist, images, reading=reading)
        recipe.train_by_reading(
            model,
            images,
            mnist.train_labels,
            seed=seed,
            evaluate={"test": (tests, mnist.test_labels)},
            on_pass=recorder,
            **reading,
        )
        files["replay.safetensors"] = recorder.finish()
    else:
        train_network(model, images, mnist.train_labels, seed=seed)
    files[f"{network}.safetensors"] = {
        name: tensor.contiguous() for name, tensor in model.state_dict().items()
    }
    scores = score_network(model, tests)
    return judge_scores(scores, mnist.test_labels) | {"files": files}


class Recorder:
    """Keep what the replay shows, before the first pass and after each.

    Parameters
    ----------
    network : LeNet5
    mnist : MNIST
    images : Tensor, (N, 1, 32, 32)
        The prepared training images.
    reading : dict
        As in `recipe`.
    """

    def __init__(self, network, mnist, images, *, reading):
        self.curvature_set = (images[:500], mnist.train_labels[:500])
        self.loss = recipe.make_loss(equation=reading["equation"], j=reading["j"])
        self.divisor = reading["divisor"]
        self.stored, self.labels = mnist.test_images[:NUM_DIGITS], mnist.test_labels
        self.digits = network.prepare(self.stored)
        self.kept = {"c1": [], "c3": [], "penalties": [], "rates": []}
        self.errors = {"training_error": [], "test_error": []}
        self.keep(network, paper.LEARNING_RATES[0])

    def __call__(self, network, row):
        """Take `train_online`'s call after a pass."""
        report_pass()
        self.errors["training_error"].append(row["training_error_rate"])
        self.errors["test_error"].append(row["test_error_rate"])
        following = [*paper.LEARNING_RATES, paper.LEARNING_RATES[-1]]
        self.keep(network, following[row["epoch"]])

    def keep(self, network, learning_rate):
        """Copy the kernels, the penalties of the digits, and the rates to come."""
        optimizer = DiagonalLevenbergMarquardt(
            network, learning_rate=learning_rate, mu=paper.MU * self.divisor
        )
        optimizer.estimate_curvature(*self.curvature_set, self.loss)
        layers = ("c1", "s2", "c3", "s4", "c5", "f6")
        rates = zip(
            network.named_parameters(), optimizer.effective_rates(), strict=True
        )
        by_layer = {layer: [] for layer in layers}
        for (name, _), rate in rates:
            by_layer[name.split(".")[0]].append(rate.flatten())
        quantiles = torch.tensor([0.0, 0.5, 1.0])
        spread = [torch.cat(by_layer[layer]).quantile(quantiles) for layer in layers]
        with torch.no_grad():
            penalties = network(self.digits)
        self.kept["c1"].append(network.c1.weight.detach().half())
        self.kept["c3"].append(network.c3.weight.detach().half())
        self.kept["penalties"].append(penalties)
        self.kept["rates"].append(torch.stack(spread))

    def finish(self):
        """Stack what was kept.

        Returns
        -------
        dict of Tensor
            ``c1`` (21, 6, 5, 5) and ``c3`` (21, 60, 5, 5) float16; ``penalties``
            (21, 20, 10); ``rates`` (21, 6, 3), smallest, median and largest of C1, S2,
            C3, S4, C5 and F6 in the pass to come; ``digits`` (20, 28, 28) uint8 with
            ``labels`` (20,); ``training_error`` and ``test_error`` (20,).
        """
        tensors = {name: torch.stack(parts) for name, parts in self.kept.items()}
        for name, values in self.errors.items():
            tensors[name] = torch.tensor(values, dtype=torch.float32)
        tensors["digits"] = self.stored[:, 0].contiguous()
        tensors["labels"] = self.labels[:NUM_DIGITS].clone()
        return tensors
