"""What the chapters of the LeNet course share."""

from lenet_helpers.data import MNIST, load_mnist, prepare_images
from lenet_helpers.model.networks import (
    LeNet1,
    LeNet4,
    LeNet5,
    Net1989,
    count_connections,
    count_parameters,
    summarize,
)

__all__ = [
    "MNIST",
    "LeNet1",
    "LeNet4",
    "LeNet5",
    "Net1989",
    "count_connections",
    "count_parameters",
    "load_mnist",
    "prepare_images",
    "summarize",
]
