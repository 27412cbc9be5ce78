"""Weights in few bits: rounded after training, or trained through the rounding."""

import copy
import math

import torch
from torch import Tensor, nn
from torch.func import functional_call

from lenet_helpers.training.batches import train_with_adam
from lenet_helpers.training.curvature import Loss

NUM_STEPS_TRIED = 60


def round_weights(weights: Tensor, *, bits: int, step: float) -> Tensor:
    """Round to the nearest of 2^bits values, `step` apart and symmetric about 0.

    Parameters
    ----------
    weights : Tensor, any shape
    bits : int
        With 1 the values are -step / 2 and +step / 2.
    step : float

    Returns
    -------
    Tensor, of the same shape

    Raises
    ------
    ValueError : `bits` is below 1, or `step` is not positive.
    """
    if bits < 1:
        raise ValueError(f"`bits` must be 1 or more, got {bits}.")
    if not step > 0:
        raise ValueError(f"`step` must be above 0, got {step}.")
    half = 2 ** (bits - 1)
    codes = torch.floor(weights / step).clamp(-half, half - 1)  # 2^bits whole numbers
    return (codes + 0.5) * step


def choose_step(weights: Tensor, *, bits: int) -> float:
    """Find the step at which rounding changes the weights least, in squares.

    Parameters
    ----------
    weights : Tensor, any shape
        Zeros are deleted weights, which are not rounded.
    bits : int

    Returns
    -------
    float
        The best of 60, from one whose outermost value is the largest weight down to a
        fiftieth of it.

    Raises
    ------
    ValueError : all weights are 0.
    """
    there = weights[weights != 0]
    if not len(there):
        raise ValueError("`weights` must hold one that is not 0, got none.")
    whole = there.abs().max().item() / (2 ** (bits - 1) - 0.5)
    steps = [
        whole * math.exp(-math.log(50) * i / NUM_STEPS_TRIED)
        for i in range(NUM_STEPS_TRIED)
    ]
    return min(
        steps,
        key=lambda step: (
            (round_weights(there, bits=bits, step=step) - there).square().sum().item()
        ),
    )


def list_weights(network: nn.Module) -> list[str]:
    """Name the parameters that are rounded: kernels and full weights, no biases.

    Biases and subsampling coefficients are so few that they stay as they are.
    """
    return [name for name, p in network.named_parameters() if p.ndim > 1]


def round_network(network: nn.Module, *, bits: int) -> nn.Module:
    """Round the weights of each layer, with a step of its own.

    Parameters
    ----------
    network : Module
        It stays as it is. Weights that are 0 stay 0.
    bits : int

    Returns
    -------
    Module
        A copy.
    """
    rounded = copy.deepcopy(network)
    names = list_weights(network)
    with torch.no_grad():
        for name, parameter in rounded.named_parameters():
            if name in names:
                step = choose_step(parameter, bits=bits)
                is_there = parameter != 0
                parameter.copy_(round_weights(parameter, bits=bits, step=step))
                parameter.mul_(is_there)
    return rounded


def train_rounded(
    network: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    bits: int,
    loss: Loss,
    num_epochs: int,
    learning_rate: float,
    batch_size: int,
    seed: int,
) -> nn.Module:
    """Train a network that computes with rounded weights, by straight-through.

    The loss and its gradient are those of the rounded weights; the gradient is applied
    to weights that are not rounded, as if rounding were not there. The steps are chosen
    before the first update and kept. Adam, with a rate that falls to 0 along a cosine.

    Parameters
    ----------
    network : Module
        It stays as it is. No weight of it is deleted.
    images : Tensor, (N, 1, H, W)
    labels : Tensor, (N,) int64
    bits : int
    loss : Module, one of `lenet_helpers.model.losses`
    num_epochs : int
    learning_rate : float
        Of the first update.
    batch_size : int
    seed : int
        Of the order of the images.

    Returns
    -------
    Module
        A copy with rounded weights.
    """
    trained = copy.deepcopy(network)
    steps = {
        name: choose_step(trained.get_parameter(name).detach(), bits=bits)
        for name in list_weights(trained)
    }

    def round_all():
        rounded = {}
        for name, step in steps.items():
            weights = trained.get_parameter(name)
            near = round_weights(weights.detach(), bits=bits, step=step)
            rounded[name] = weights + (near - weights).detach()
        return rounded

    train_with_adam(
        lambda some: functional_call(trained, round_all(), (some,)),
        trained.parameters(),
        images,
        labels,
        loss=loss,
        num_epochs=num_epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        seed=seed,
    )
    with torch.no_grad():
        for name, step in steps.items():
            weights = trained.get_parameter(name)
            weights.copy_(round_weights(weights, bits=bits, step=step))
    return trained
