"""What `train_online` is given, checked: the compiled loops check no bounds."""

import torch
from torch import Tensor, nn

from lenet_helpers.training._program import read_loss

OPTIMIZERS = ("sdlm", "sgd")
ORDERS = ("constant", "reshuffled", "given")


def check_networks(networks, seeds):
    """Check that networks can be trained side by side.

    Raises
    ------
    ValueError, TypeError
    """
    if not networks:
        raise ValueError("`networks` is empty: give at least one.")
    for network in networks:
        if not isinstance(network, nn.Module) or not hasattr(network, "image_size"):
            raise TypeError(
                "`networks` must be of lenet_helpers.model.networks, got"
                f" {type(network).__name__}."
            )
    if len({id(network) for network in networks}) < len(networks):
        raise ValueError("`networks` names one network twice: give copies.")
    kinds = {(type(network), _get_dtype(network)) for network in networks}
    if len(kinds) > 1:
        names = sorted(f"{kind.__name__} of {dtype}" for kind, dtype in kinds)
        raise ValueError(
            f"`networks` must be of one class and number type, got {', '.join(names)}."
        )
    if _get_dtype(networks[0]) not in (torch.float32, torch.float64):
        raise ValueError(
            "`networks` must be of float32 or float64, got"
            f" {_get_dtype(networks[0])}: convert them by `network.float()`."
        )
    if len(seeds) != len(networks):
        raise ValueError(
            f"`seeds` must be one a network ({len(networks)}), got {len(seeds)}."
        )


def _get_dtype(network):
    return next(network.parameters()).dtype


def check_choices(loss, optimizer, mu, num_curvature_patterns, order, num_threads):
    """Check the arguments that are not images, labels or networks.

    Raises
    ------
    ValueError, TypeError
    """
    read_loss(loss)
    if order not in ORDERS:
        raise ValueError(f"`order` must be one of {ORDERS}, got {order!r}.")
    if optimizer not in OPTIMIZERS:
        raise ValueError(f"`optimizer` must be one of {OPTIMIZERS}, got {optimizer!r}.")
    if not mu > 0:
        raise ValueError(f"`mu` must be above 0, got {mu}.")
    if num_curvature_patterns < 1:
        raise ValueError(
            "`num_curvature_patterns` must be at least 1, got"
            f" {num_curvature_patterns}."
        )
    if num_threads is not None and num_threads < 1:
        raise ValueError(f"`num_threads` must be at least 1, got {num_threads}.")


def check_set(images, labels, *, size, num_classes, name) -> Tensor:
    """Check images and labels; return the labels as int64.

    Parameters
    ----------
    images : Tensor, (N, 1, size, size), of finite floats
    labels : Tensor, (N,) of integers from 0 to `num_classes` - 1
    size, num_classes : int
    name : str
        Of the images, for the messages.

    Raises
    ------
    ValueError, TypeError
    """
    if not isinstance(images, Tensor) or not isinstance(labels, Tensor):
        raise TypeError(
            f"{name} and labels must be tensors, got {type(images).__name__} and"
            f" {type(labels).__name__}."
        )
    if images.shape[1:] != (1, size, size) or not len(images):
        raise ValueError(
            f"{name} must be (N, 1, {size}, {size}), got {tuple(images.shape)}."
        )
    if not images.is_floating_point():
        raise TypeError(
            f"{name} must be floats, as `prepare_images` makes them, got"
            f" {images.dtype}."
        )
    if images.device.type != "cpu" or labels.device.type != "cpu":
        raise ValueError(
            f"{name} and labels must lie on the CPU, where `train_online` computes:"
            " move them by `.cpu()`."
        )
    is_bad = ~images.flatten(1).isfinite().all(1)
    if is_bad.any():
        raise ValueError(
            f"{name} must be finite, but {int(is_bad.sum())} hold NaN or infinity, the"
            f" first of them image {int(is_bad.nonzero()[0])}."
        )
    if labels.shape != (len(images),):
        raise ValueError(
            f"`labels` must be one an image ({len(images)}), got a tensor of shape"
            f" {tuple(labels.shape)}."
        )
    if labels.is_floating_point() or labels.dtype == torch.bool:
        raise TypeError(f"`labels` must be integers, got {labels.dtype}.")
    wrong = (labels < 0) | (labels >= num_classes)
    if wrong.any():
        raise ValueError(
            f"`labels` must be the classes 0 to {num_classes - 1}, got"
            f" {labels[wrong][0].item()} for image {int(wrong.nonzero()[0])}"
            f" ({int(wrong.sum())} such)."
        )
    return labels.long().contiguous()
