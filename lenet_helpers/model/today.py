"""The networks of today: LeNet's shape, as one would build it now."""

from collections import OrderedDict

import torch
from torch import nn

from lenet_helpers.model.digit_network import DigitNetwork


class ModernLeNet(DigitNetwork):
    """LeNet's stages with batch normalisation, ReLU and max pooling: 57,454 parameters.

    (N, 1, 28, 28) to ten scores. A stage's layer holds the convolution or the
    connections, the normalisation and the ReLU, so that its states are the maps that
    the next one reads.

    Parameters
    ----------
    seed : int
        Of the initial parameters, drawn by PyTorch's own rules. The random numbers of
        the caller go on as if nothing had been drawn.
    """

    title = "A LeNet of today"
    image_size = 28

    def __init__(self, *, seed: int = 0):
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.c1 = _convolve(1, 16, 5)
            self.s2 = nn.MaxPool2d(2)
            self.c3 = _convolve(16, 32, 5)
            self.s4 = nn.MaxPool2d(2)
            self.f5 = nn.Sequential(
                OrderedDict(
                    flatten=nn.Flatten(),
                    linear=nn.Linear(512, 84),
                    norm=nn.BatchNorm1d(84),
                    relu=nn.ReLU(),
                )
            )
            self.output = nn.Linear(84, 10)
        self.to(memory_format=torch.channels_last)  # a third faster


class DeeperLeNet(DigitNetwork):
    """LeNet's stages with smaller kernels and one full layer: 45,554 parameters.

    (N, 1, 28, 28) to ten scores. Every convolution lies within a border of zeros, so
    that maps keep their size; three poolings leave maps of 3 x 3.

    Parameters
    ----------
    seed : int
        As for `ModernLeNet`.
    """

    title = "A deeper LeNet of today"
    image_size = 28

    def __init__(self, *, seed: int = 0):
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.c1 = _convolve(1, 24, 5, is_padded=True)
            self.s2 = nn.MaxPool2d(2)
            self.c3 = _convolve(24, 40, 3, is_padded=True)
            self.c4 = _convolve(40, 40, 3, is_padded=True)
            self.s5 = nn.MaxPool2d(2)
            self.c6 = _convolve(40, 48, 3, is_padded=True)
            self.s7 = nn.MaxPool2d(2)
            self.output = nn.Sequential(
                OrderedDict(flatten=nn.Flatten(), linear=nn.Linear(432, 10))
            )
        self.to(memory_format=torch.channels_last)


def _convolve(num_inputs, num_maps, kernel_size, *, is_padded=False):
    """Make a layer of maps; padded, they are as large as their inputs, without bias."""
    convolution = nn.Conv2d(
        num_inputs,
        num_maps,
        kernel_size,
        padding=kernel_size // 2 if is_padded else 0,
        bias=not is_padded,  # the normalisation has one
    )
    norm = nn.BatchNorm2d(num_maps)
    return nn.Sequential(
        OrderedDict(convolution=convolution, norm=norm, relu=nn.ReLU())
    )
