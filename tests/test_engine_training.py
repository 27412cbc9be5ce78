"""Training in JavaScript under Node, against PyTorch."""

import itertools
import json
from pathlib import Path

import pytest
import safetensors.torch
import torch
from programs import run_web_tests
from torch import nn
from torch.nn import functional
from torch.utils.data import TensorDataset

from lenet_helpers import load_mnist
from lenet_helpers.model.digit_network import DigitNetwork
from lenet_helpers.model.layers import FullyConnected, ScaledTanh
from lenet_helpers.model.losses import MaximumLikelihood, MaximumPosterior, SquaredError
from lenet_helpers.model.networks import LeNet1, LeNet4, LeNet5, Net1989, initialize
from lenet_helpers.training.curvature import (
    DiagonalLevenbergMarquardt,
    estimate_curvature,
)

TESTS = Path(__file__).parent
NUM_DIGITS, NUM_UPDATES, MU, J = 50, 100, 0.02, 1.0
RATES = {"sgd": 0.005, "momentum": 0.001, "adam": 0.001, "sdlm": 0.0005}
# LeNet-5's penalties are sums, so steep: larger rates make each rounding a new run.
LENET5_RATES = {"sgd": 0.0001, "momentum": 0.00001, "adam": 0.001, "sdlm": 0.0001}


class Keep(nn.Module):
    """Leave sums as they are."""

    def forward(self, sums):
        return sums

    def derivative(self, states):
        return torch.ones_like(states)


class Tanh(nn.Module):
    """Squash by tanh."""

    def forward(self, sums):
        return torch.tanh(sums)

    def derivative(self, states):
        return 1 - states.square()


class Rectify(nn.Module):
    """Squash by max(a, 0)."""

    def forward(self, sums):
        return functional.relu(sums)

    def derivative(self, states):
        return (states > 0).to(states)


class Linear(DigitNetwork):
    """Ten units that read every pixel."""

    image_size = 28

    def __init__(self, *, seed):
        super().__init__()
        self.output = FullyConnected(784, 10)
        self.output.squash = Keep()
        initialize(self, initial="root", seed=seed)


class Hidden(DigitNetwork):
    """Thirty hidden units, ten output units."""

    image_size = 28

    def __init__(self, *, seed):
        super().__init__()
        self.hidden = FullyConnected(784, 30)
        self.output = FullyConnected(30, 10)
        initialize(self, initial="root", seed=seed)


class CrossEntropy(nn.CrossEntropyLoss):
    """PyTorch's, and the diagonal of its second derivatives."""

    def derivatives(self, outputs, labels):
        probabilities = outputs.softmax(1)
        marks = functional.one_hot(labels, 10)
        return probabilities - marks, probabilities * (1 - probabilities)


class CodeError(MaximumLikelihood):
    """The squared error of the 84 units of F6, their targets the code of the class."""

    def forward(self, outputs, labels):
        return super().forward(outputs, labels) / 84

    def derivatives(self, outputs, labels):
        gradient, curvature = super().derivatives(outputs, labels)
        return gradient / 84, curvature


NETWORKS = {
    "linear": Linear,
    "hidden": Hidden,
    "net1989": Net1989,
    "lenet1": LeNet1,
    "lenet4": LeNet4,
    "lenet5": LeNet5,
}
SQUASHES = {"scaled-tanh": ScaledTanh, "tanh": Tanh, "relu": Rectify, "none": Keep}
PENALTIES = {
    "squared": CodeError(),
    "equation-8": MaximumLikelihood(),
    "equation-9": MaximumPosterior(j=J),
}
SCORES = {"squared": SquaredError(), "cross-entropy": CrossEntropy()}


def list_losses(name):
    return PENALTIES if name == "lenet5" else SCORES


def build(name, loss, squash="scaled-tanh"):
    """Build a network as the trainer builds it, with one initial state a network."""
    network = NETWORKS[name](seed=1)
    for layer in network.children():
        if isinstance(getattr(layer, "squash", None), ScaledTanh):
            layer.squash = SQUASHES[squash]()
    if loss == "cross-entropy" or squash == "relu":
        network.output.squash = Keep()
    return network.double()


def read_state(network):
    return {name: tensor.float() for name, tensor in network.state_dict().items()}


def differentiate(case, digits):
    """Compute states, mean gradients and curvatures of some digits."""
    network = build(case["network"], case["loss"], case["squash"])
    loss = list_losses(case["network"])[case["loss"]]
    pixels, labels = digits.tensors
    images = network.prepare(pixels).double()
    found = {f"initial.{name}": tensor for name, tensor in read_state(network).items()}
    value = loss(network(images), labels)
    value.backward()
    curvatures = estimate_curvature(network, images, labels, loss)
    for name, parameter in network.named_parameters():
        found[f"gradient.{name}"] = parameter.grad.float()
        found[f"curvature.{name}"] = curvatures[parameter].float()
    return found | {"loss": value.detach().float()}


def make_optimizer(case, network):
    rate = case["rate"]
    if case["optimizer"] == "adam":
        return torch.optim.Adam(network.parameters(), rate)
    if case["optimizer"] == "sdlm":
        return DiagonalLevenbergMarquardt(network, learning_rate=rate, mu=MU)
    momentum = 0.9 if case["optimizer"] == "momentum" else 0
    return torch.optim.SGD(network.parameters(), rate, momentum=momentum)


def train(case, digits):
    """Update a network some times, the digits in their order."""
    network = build(case["network"], case["loss"], case["squash"])
    loss = list_losses(case["network"])[case["loss"]]
    pixels, labels = digits.tensors
    images = network.prepare(pixels).double()
    found = {f"initial.{name}": tensor for name, tensor in read_state(network).items()}
    optimizer, batches = make_optimizer(case, network), []
    for _ in range(NUM_UPDATES):
        if not batches:
            batches = list(torch.arange(len(labels)).split(case["batchSize"]))
            if case["optimizer"] == "sdlm":
                optimizer.estimate_curvature(images, labels, loss)
        some = batches.pop(0)
        optimizer.zero_grad()
        loss(network(images[some]), labels[some]).backward()
        optimizer.step()
    state = read_state(network)
    return found | {f"final.{name}": tensor for name, tensor in state.items()}


def list_gradient_cases():
    """Every network with every loss; one network with every squashing function."""
    cases = [
        {"network": name, "loss": loss, "squash": "scaled-tanh", "j": J}
        for name in NETWORKS
        for loss in list_losses(name)
    ]
    cases += [
        {"network": "lenet1", "loss": loss, "squash": squash, "j": J}
        for squash in ("tanh", "relu", "none")
        for loss in SCORES
    ]
    return cases


def list_training_cases():
    """Every network with every optimiser; one network with batches, too."""
    cases = []
    for name, optimizer, size in itertools.product(NETWORKS, RATES, (1, 16)):
        if size > 1 and name != "lenet1":
            continue
        loss = {"lenet5": "equation-9", "lenet1": "squared"}.get(name, "cross-entropy")
        rates = LENET5_RATES if name == "lenet5" else RATES
        case = {"network": name, "loss": loss, "squash": "scaled-tanh"}
        case |= {"optimizer": optimizer, "rate": rates[optimizer]}
        case |= {"batchSize": size, "mu": MU, "j": J}
        cases.append(case)
    return cases


@pytest.fixture(scope="module")
def fixtures(tmp_path_factory):
    """Write what the trainer is held against."""
    folder = tmp_path_factory.mktemp("fixtures")
    sample = load_mnist(source="sample")
    digits = {
        "images": sample.train_images[:, 0],
        "labels": sample.train_labels.byte(),
        "testImages": sample.test_images[:, 0],
        "testLabels": sample.test_labels.byte(),
    }
    safetensors.torch.save_file(digits, folder / "digits")
    few = TensorDataset(
        sample.train_images[:NUM_DIGITS], sample.train_labels[:NUM_DIGITS]
    )
    for kind, cases, compute in (
        ("gradients", list_gradient_cases(), differentiate),
        ("trainings", list_training_cases(), train),
    ):
        for i, case in enumerate(cases):
            safetensors.torch.save_file(compute(case, few), folder / f"{kind}.{i}")
        (folder / f"{kind}.json").write_text(json.dumps(cases))
    return folder


@pytest.mark.processes
def test_the_engine_trains_as_pytorch_does(fixtures):
    # A Worker whose test has failed would train on for ever.
    names = ("training", "fine-tuning")
    run_web_tests(*names, fixtures=fixtures, options=["--test-force-exit"])
