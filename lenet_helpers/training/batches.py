"""The loop over mini-batches, with hooks for what differs between experiments."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import Tensor


def train_in_batches(
    forward: Callable[[Tensor], Any],
    images: Tensor | Callable[[int], tuple[Tensor, Tensor]],
    labels: Tensor | None = None,
    *,
    orders: Iterable[Tensor],
    batch_size: int,
    loss: Callable[[Any, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler | None = None,
    answer: Callable[[Any], Tensor] | None = None,
    on_step: Callable[[], None] | None = None,
    on_pass: Callable[[list[float]], None] | None = None,
) -> list[float]:
    """Descend on the loss of one batch after another, in the order given.

    Parameters
    ----------
    forward : callable, (B, ...) images to (B, classes) outputs
        A network, or a function that distorts the batch first.
    images : Tensor, (N, ...); or callable
        A callable gives a pass its images and labels, of the number of the pass, from
        0, as for `online.train_online`.
    labels : Tensor, (N,) int64; None where `images` is callable
    orders : iterable of Tensor, (n,) int64
        One a pass, asked for when the pass begins: the images to show, by index. See
        `draw_orders`.
    batch_size : int
        Images an update; the last of a pass may have fewer.
    loss : callable, outputs and labels to a scalar
    optimizer : Optimizer
    schedule : LRScheduler, optional
        Stepped after each update.
    answer : callable, (B, classes) outputs to (B,) classes, optional
        To count errors, each batch judged before it is learnt from.
    on_step : callable, optional
        Called after each update.
    on_pass : callable, optional
        Called after each pass with the error rates so far.

    Returns
    -------
    list of float
        The error rate of each pass, as a share of all N images, to six places; empty
        without `answer`.

    Raises
    ------
    ValueError : `images` is a tensor and `labels` are not given.
    """
    show, error_rates = _make_show(images, labels), []
    for epoch, order in enumerate(orders):
        shown, classes = show(epoch)
        num_wrong = torch.tensor(0, device=classes.device)
        for some in order.split(batch_size):
            outputs = forward(shown[some])
            if answer is not None:
                num_wrong += (answer(outputs) != classes[some]).sum()
            optimizer.zero_grad()
            loss(outputs, classes[some]).backward()
            optimizer.step()
            if schedule is not None:
                schedule.step()
            if on_step is not None:
                on_step()
        if answer is not None:
            error_rates.append(round(num_wrong.item() / len(classes), 6))
        if on_pass is not None:
            on_pass(error_rates)
    return error_rates


def train_with_adam(
    forward: Callable[[Tensor], Any],
    parameters: Iterable[Tensor],
    images: Tensor,
    labels: Tensor,
    *,
    loss: Callable[[Any, Tensor], Tensor],
    num_epochs: int,
    batch_size: int,
    learning_rate: float,
    seed: int,
    on_step: Callable[[], None] | None = None,
    on_pass: Callable[[list[float]], None] | None = None,
) -> None:
    """Train by Adam, whose rate falls to 0 along a cosine, on batches in random order.

    Parameters
    ----------
    forward, loss, on_step, on_pass
        As for `train_in_batches`.
    parameters : iterable of Tensor
        That learn.
    images : Tensor, (N, ...)
    labels : Tensor, (N,) int64
    num_epochs, batch_size : int
    learning_rate : float
        Of the first update.
    seed : int
        Of the orders.
    """
    optimizer = torch.optim.Adam(parameters, lr=learning_rate)
    num_steps = num_epochs * -(-len(labels) // batch_size)
    train_in_batches(
        forward,
        images,
        labels,
        orders=draw_orders(
            len(labels),
            num_epochs=num_epochs,
            generator=torch.Generator().manual_seed(seed),
        ),
        batch_size=batch_size,
        loss=loss,
        optimizer=optimizer,
        schedule=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, num_steps),
        on_step=on_step,
        on_pass=on_pass,
    )


def _make_show(images, labels):
    """Give a callable from the number of a pass to its images and labels."""
    if not isinstance(images, Tensor):
        return images
    if labels is None:
        raise ValueError("`labels` must be given where `images` is a tensor, got None.")
    return lambda epoch: (images, labels)


def draw_orders(
    num_images: int, *, num_epochs: int, generator: torch.Generator
) -> Iterator[Tensor]:
    """Draw a random order of all images for each pass, when it is asked for.

    Parameters
    ----------
    num_images, num_epochs : int
    generator : Generator
        The orders are on its device.

    Yields
    ------
    Tensor, (num_images,) int64
    """
    for _ in range(num_epochs):
        yield torch.randperm(num_images, generator=generator, device=generator.device)
