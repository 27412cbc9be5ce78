"""Small patterns, and a short training of them, for the tests of `train_online`."""

import torch

from lenet_helpers.model.losses import SquaredError
from lenet_helpers.model.networks import LeNet1
from lenet_helpers.training.online import train_online


def make_patterns(network, number, dtype=torch.float32):
    generator = torch.Generator().manual_seed(7)
    size = network.image_size
    images = torch.randn(number, 1, size, size, generator=generator, dtype=dtype)
    return 0.5 * images, torch.randint(10, (number,), generator=generator)


def run(seeds, num_threads, order="constant"):
    networks = [LeNet1(initial="root", seed=seed) for seed in seeds]
    images, labels = make_patterns(networks[0], 80)
    history = train_online(
        networks,
        images,
        labels,
        loss=SquaredError(),
        learning_rates=[0.001, 0.0005],
        seeds=seeds,
        order=order,
        num_threads=num_threads,
        num_curvature_patterns=20,
    )
    return networks, history.drop(columns="seconds")
