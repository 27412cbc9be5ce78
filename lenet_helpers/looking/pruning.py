"""Optimal Brain Damage: delete the parameters whose loss costs least, and retrain.

A deleted parameter is 0 and stays 0, so a network's zeros say what is deleted.
"""

import copy
from collections.abc import Collection, Mapping

import torch
from torch import Tensor, nn

from lenet_helpers.model.networks import LeNet5
from lenet_helpers.training.batches import train_with_adam
from lenet_helpers.training.curvature import Loss, estimate_curvature

PART = 500  # patterns at once, for second derivatives


def measure_curvature(
    network: nn.Module, images: Tensor, labels: Tensor, loss: Loss
) -> dict[str, Tensor]:
    """Estimate the second derivative of the loss in each parameter.

    Parameters
    ----------
    network : Module
        One of `lenet_helpers.model.networks`.
    images : Tensor, (N, 1, H, W)
    labels : Tensor, (N,) int64
    loss : Module, one of `lenet_helpers.model.losses`

    Returns
    -------
    dict of Tensor
        By the parameter's name, of its shape: h of `estimate_curvature`, over all N
        patterns.
    """
    totals = {name: torch.zeros_like(p) for name, p in network.named_parameters()}
    for some in torch.arange(len(labels)).split(PART):
        found = estimate_curvature(network, images[some], labels[some], loss)
        for name, parameter in network.named_parameters():
            totals[name] += found[parameter] * (len(some) / len(labels))
    return {name: total.detach() for name, total in totals.items()}


def measure_saliencies(
    network: nn.Module, images: Tensor, labels: Tensor, loss: Loss
) -> dict[str, Tensor]:
    """Predict what the deletion of each parameter adds to the loss: h u^2 / 2.

    Parameters
    ----------
    network, images, labels, loss
        As for `measure_curvature`.

    Returns
    -------
    dict of Tensor
        By the parameter's name, of its shape, in units of the loss.

    References
    ----------
    Le Cun, Denker and Solla 1990: the saliency s_k.
    """
    curvature = measure_curvature(network, images, labels, loss)
    return {
        name: curvature[name] * parameter.detach().square() / 2
        for name, parameter in network.named_parameters()
    }


def measure_magnitudes(
    network: nn.Module, *, spare: Collection[str] = ()
) -> dict[str, Tensor]:
    """Give the absolute value of each parameter, by name.

    Parameters
    ----------
    network : Module
    spare : names of layers
        Their parameters get infinity, so that `delete` leaves them.
    """
    return {
        name: torch.full_like(parameter, torch.inf)
        if name.partition(".")[0] in spare
        else parameter.detach().abs()
        for name, parameter in network.named_parameters()
    }


def draw_scores(network: nn.Module, *, seed: int) -> dict[str, Tensor]:
    """Draw a number in [0, 1) for each parameter, by name: deletion by chance."""
    generator = torch.Generator().manual_seed(seed)
    return {
        name: torch.rand(p.shape, generator=generator)
        for name, p in network.named_parameters()
    }


def delete(
    network: nn.Module, scores: Mapping[str, Tensor], *, num_left: int
) -> nn.Module:
    """Set all parameters to 0 but those with the largest scores, whatever the layer.

    Parameters
    ----------
    network : Module
        It stays as it is. What is 0 in it is deleted already.
    scores : dict of Tensor
        By the parameter's name, of its shape.
    num_left : int
        How many parameters are left.

    Returns
    -------
    Module
        A copy.

    Raises
    ------
    ValueError : the network has fewer parameters left, or `num_left` is below 1.
    """
    num_now = count_left(network)
    if not 1 <= num_left <= num_now:
        raise ValueError(
            f"`num_left` must be from 1 to {num_now}, which are left, got {num_left}."
        )
    smaller = copy.deepcopy(network)
    parameters = dict(smaller.named_parameters())
    flat = torch.cat(
        [
            scores[name].masked_fill(p == 0, -1.0).flatten()
            for name, p in parameters.items()
        ]
    )
    kept = torch.zeros(len(flat), dtype=torch.bool)
    kept[flat.argsort(descending=True, stable=True)[:num_left]] = True
    parts = kept.split([p.numel() for p in parameters.values()])
    with torch.no_grad():
        for parameter, part in zip(parameters.values(), parts, strict=True):
            parameter.mul_(part.view_as(parameter))
    return smaller


def count_left(network: nn.Module) -> int:
    """Count the trainable parameters that are not 0."""
    return sum(int((p != 0).sum()) for p in network.parameters() if p.requires_grad)


def retrain(
    network: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    loss: Loss,
    num_epochs: int,
    learning_rate: float,
    batch_size: int,
    seed: int,
) -> nn.Module:
    """Train what is left of a network; what is deleted stays deleted.

    Adam, in batches, with a rate that falls to 0 along a cosine.

    Parameters
    ----------
    network : Module
        It stays as it is.
    images : Tensor, (N, 1, H, W)
    labels : Tensor, (N,) int64
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
        A copy.
    """
    trained = copy.deepcopy(network)
    masks = [(p, (p != 0).to(p)) for p in trained.parameters()]

    @torch.no_grad()
    def delete_again():
        for parameter, mask in masks:
            parameter.mul_(mask)

    train_with_adam(
        trained,
        trained.parameters(),
        images,
        labels,
        loss=loss,
        num_epochs=num_epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        seed=seed,
        on_step=delete_again,
    )
    return trained


def count_lost_parts(network: LeNet5) -> dict[str, int]:
    """Count what is gone of a LeNet-5 as a whole.

    Parameters
    ----------
    network : LeNet5

    Returns
    -------
    dict of int
        ``links``, crosses of Table I whose 25 weights are all 0; ``deaf`` units of C5,
        which read nothing, and ``mute`` ones, which no unit of F6 reads.
    """
    with torch.no_grad():
        deaf, mute = _find_dead(network)
        links = int((network.c3.weight == 0).flatten(1).all(1).sum())
    return {"links": links, "deaf": int(deaf.sum()), "mute": int(mute.sum())}


def remove_dead_units(network: LeNet5) -> LeNet5:
    """Delete what the dead units of C5 still have, without a change of any answer.

    A deaf unit has the same state for every image: what F6 reads of it goes into the
    biases of F6. A mute unit has no effect.

    Parameters
    ----------
    network : LeNet5
        It stays as it is.

    Returns
    -------
    LeNet5
        A copy.
    """
    smaller = copy.deepcopy(network)
    c5, f6 = smaller.c5, smaller.f6
    with torch.no_grad():
        deaf, _ = _find_dead(smaller)
        states = c5.squash(c5.bias)  # (120,), of a unit that reads nothing
        f6.bias += f6.weight[:, deaf] @ states[deaf]
        f6.weight[:, deaf] = 0
        _, mute = _find_dead(smaller)
        c5.weight.view(len(mute), -1)[mute] = 0
        c5.bias[mute] = 0
    return smaller


def _find_dead(network):
    """Mark the units of C5 that read nothing, and those that nobody reads, (120,)."""
    num_units = len(network.c5.bias)
    deaf = (network.c5.weight == 0).view(num_units, -1).all(1)
    mute = (network.f6.weight == 0).all(0)
    return deaf, mute


def pack_sparse(network: nn.Module) -> dict[str, Tensor]:
    """Keep the parameters that are not 0, and where they stand.

    Parameters
    ----------
    network : Module

    Returns
    -------
    dict
        ``values``, (n,) float32; ``places``, (n,) int32, in all parameters in a row.
    """
    flat = nn.utils.parameters_to_vector(network.parameters()).detach()
    places = flat.nonzero().flatten()
    return {"values": flat[places], "places": places.to(torch.int32)}


def unpack_sparse(network: nn.Module, packed: Mapping[str, Tensor]) -> nn.Module:
    """Give a copy of a network the parameters of `pack_sparse`, and 0 elsewhere.

    Parameters
    ----------
    network : Module
        Of the same kind; it stays as it is.
    packed : dict
        Of `pack_sparse`.
    """
    filled = copy.deepcopy(network)
    flat = nn.utils.parameters_to_vector(filled.parameters()).detach()
    flat = torch.zeros_like(flat)
    flat[packed["places"].long()] = packed["values"]
    nn.utils.vector_to_parameters(flat, filled.parameters())
    return filled
