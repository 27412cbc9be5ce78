"""What the chapters of the LeNet course share."""

from lenet_helpers.data import MNIST, load_mnist, prepare_images

__all__ = ["MNIST", "load_mnist", "prepare_images"]
