"""What layers and losses refuse, each in one sentence: which argument, what, what came.

Only shapes and types are looked at, and of labels the smallest and the largest.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor


def check_maps(inputs: Tensor, num_maps: int, layer: str) -> None:
    """Refuse inputs that are not (N, num_maps, H, W)."""
    if inputs.ndim == 4 and inputs.shape[1] == num_maps:
        return
    shape = tuple(inputs.shape)
    advice = ""
    if inputs.ndim == 3 and shape[0] == num_maps:
        advice = " One image is a batch of one: `inputs[None]`."
    elif inputs.ndim == 4 and shape[-1] == num_maps:
        advice = " Maps come before rows and columns: `inputs.permute(0, 3, 1, 2)`."
    raise ValueError(
        f"`inputs` of {layer} must be (N, {num_maps}, H, W), got {shape}.{advice}"
    )


def check_units(inputs: Tensor, num_inputs: int, layer: str) -> None:
    """Refuse inputs that do not have `num_inputs` numbers a pattern."""
    if inputs.ndim < 2 or math.prod(inputs.shape[1:]) != num_inputs:
        raise ValueError(
            f"`inputs` of {layer} must be a batch of {num_inputs} numbers each, "
            f"(N, {num_inputs}) or (N, C, H, W), got {tuple(inputs.shape)}."
        )


def check_table(table: Sequence[Sequence[int]], num_inputs: int) -> None:
    """Refuse a connection table that is not rows of distinct maps in rising order."""
    if not len(table):
        raise ValueError("`table` must have a row for each map, got none.")
    for number, inputs in enumerate(table):
        row = list(inputs)
        if not row:
            raise ValueError(
                f"`table` must name a map in each row, got none in row {number}."
            )
        wrong = [i for i in row if not 0 <= i < num_inputs]
        if wrong:
            raise ValueError(
                f"`table` may name the maps 0 to {num_inputs - 1}, got {wrong[0]} in "
                f"row {number}."
            )
        if row != sorted(set(row)):
            raise ValueError(
                "`table` must name the maps of a row once each and in rising order, "
                f"got {row} in row {number}."
            )


def check_labels(outputs: Tensor, labels: Tensor) -> None:
    """Refuse labels that are not one class a pattern, (N,) int64."""
    if outputs.ndim != 2:
        raise ValueError(f"`outputs` must be (N, classes), got {tuple(outputs.shape)}.")
    number, num_classes = outputs.shape
    if labels.shape != (number,):
        raise ValueError(
            f"`labels` must be one class a pattern, ({number},), got "
            f"{tuple(labels.shape)}."
        )
    if labels.dtype != torch.int64:
        raise ValueError(
            f"`labels` must be int64, got {labels.dtype}: use `labels.long()`."
        )
    # An accelerator would have to be waited for; its own kernels refuse there.
    if number and labels.device.type == "cpu":
        smallest, largest = (value.item() for value in labels.aminmax())
        if smallest < 0 or largest >= num_classes:
            raise ValueError(
                f"`labels` must be classes from 0 to {num_classes - 1}, got "
                f"{smallest if smallest < 0 else largest}."
            )
