"""What `train_online` refuses, before it changes anything."""

import copy

import pytest
import torch
from patterns import make_patterns
from torch import nn

from lenet_helpers.model.losses import MaximumLikelihood, MaximumPosterior, SquaredError
from lenet_helpers.model.networks import LeNet1, LeNet5
from lenet_helpers.training.online import train_online

pytestmark = pytest.mark.compiled


def make_arguments(**change):
    return {
        "images": torch.zeros(4, 1, 28, 28),
        "labels": torch.zeros(4, dtype=torch.int64),
        "loss": SquaredError(),
        "learning_rates": [0.1],
    } | change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"order": "sorted"}, "`order`"),
        ({"optimizer": "adam"}, "`optimizer`"),
        ({"mu": 0.0}, "`mu`"),
        ({"num_curvature_patterns": 0}, "`num_curvature_patterns`"),
        ({"num_threads": 0}, "`num_threads`"),
        ({"seeds": [1, 2]}, "`seeds`"),
        ({"images": torch.zeros(4, 1, 32, 32)}, r"\(N, 1, 28, 28\)"),
        ({"images": torch.zeros(0, 1, 28, 28)}, r"\(N, 1, 28, 28\)"),
        ({"images": torch.zeros(4, 1, 28, 28) / 0}, "4 hold NaN or infinity"),
        (
            {"labels": torch.zeros(3, dtype=torch.int64)},
            "`labels` must be one an image",
        ),
        ({"labels": torch.zeros(4, 1, dtype=torch.int64)}, r"shape \(4, 1\)"),
        ({"labels": torch.tensor([0, 1, 10, 2])}, "got 10 for image 2"),
        ({"labels": torch.tensor([0, 26, 1, 2])}, "got 26 for image 1"),
        ({"labels": torch.tensor([0, 1, 2, -1])}, "got -1 for image 3"),
        (
            {"evaluate": {"test": (torch.zeros(1, 1, 28, 28), torch.tensor([10]))}},
            "got 10 for image 0",
        ),
    ],
)
def test_wrong_arguments_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        train_online(LeNet1(), **make_arguments(**change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"loss": nn.CrossEntropyLoss()}, "`loss`"),
        ({"images": torch.zeros(4, 1, 28, 28, dtype=torch.uint8)}, "must be floats"),
        ({"labels": torch.zeros(4)}, "`labels` must be integers"),
        ({"labels": [0, 1, 2, 3]}, "must be tensors"),
        ({"labels": None}, "must be tensors"),
        ({"images": [[0.0]]}, "must be a tensor or callable"),
    ],
)
def test_wrong_types_are_named(change, message):
    with pytest.raises(TypeError, match=message):
        train_online(LeNet1(), **make_arguments(**change))


@pytest.mark.parametrize("loss", [MaximumLikelihood(), MaximumPosterior()])
def test_a_label_that_is_no_class_changes_nothing(loss):
    """It was written beyond the end of an array, and the process died of it."""
    network = LeNet5(initial="root")
    before = copy.deepcopy(network.state_dict())
    images, labels = make_patterns(network, 30)
    labels[17] = 10
    with pytest.raises(ValueError, match="got 10 for image 17"):
        train_online(network, images, labels, loss=loss, learning_rates=[0.001])
    assert all(torch.equal(before[k], v) for k, v in network.state_dict().items())


def change_table(network):
    network.h3.table = ((0, 0), *network.h3.table[1:])


def change_order(network):
    network.h3.table = ((1, 0), *network.h3.table[1:])


def change_sources(network):
    network.h2.sources = (0, 1, 2, 4)


def change_units(network):
    network.output = type(network.output)(200, 10)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (change_table, "`h3`.*once, in rising order"),
        (change_order, "`h3`.*once, in rising order"),
        (change_sources, "`h2`.*maps 0 to 3"),
        (change_units, "`output`.*200 inputs of 192"),
        (lambda network: network.requires_grad_(False), "all frozen"),
        (lambda network: network.half(), "float32 or float64"),
    ],
)
def test_a_network_that_would_be_read_out_of_bounds_is_refused(change, message):
    network = LeNet1()
    change(network)
    with pytest.raises(ValueError, match=message):
        train_online(network, **make_arguments())


def test_another_squashing_function_is_refused():
    network = LeNet1()
    network.h3.squash = nn.ReLU()
    with pytest.raises(TypeError, match="`h3`, that squashes by ReLU"):
        train_online(network, **make_arguments())


def test_networks_that_do_not_go_together_are_refused():
    network = LeNet1()
    with pytest.raises(ValueError, match="one network twice"):
        train_online([network, network], **make_arguments())
    with pytest.raises(ValueError, match="one class and number type"):
        train_online([network, LeNet1().double()], **make_arguments())


def test_a_pass_of_another_length_is_refused():
    def show(epoch):
        return make_patterns(LeNet1(), 20 + epoch)

    with pytest.raises(ValueError, match=r"as many each pass \(20\), got 21 in pass 1"):
        train_online(LeNet1(), show, loss=SquaredError(), learning_rates=[0.01] * 2)
    with pytest.raises(ValueError, match="`labels` come from `images`"):
        train_online(LeNet1(), **make_arguments(images=show))
