"""Parts of a network switched off: maps, units, and the links of a table.

A part is held at 0, or at its mean over digits, which leaves the layers above the input
that they are used to, and takes away only what differs from digit to digit.
"""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional

from lenet_helpers.model.digit_network import DigitNetwork
from lenet_helpers.model.layers import MapConvolution
from lenet_helpers.model.rbf import RBFOutput

CHUNK = 1000  # digits that go through the network at once


def compute_states(network: DigitNetwork, images: Tensor, layer: str) -> Tensor:
    """Compute what one layer makes of images.

    Parameters
    ----------
    network : DigitNetwork
    images : Tensor, (N, 1, H, W)
        Prepared for this network.
    layer : str
        The name of one of its layers, such as "c1".

    Returns
    -------
    Tensor, (N, maps, H', W') or (N, units)

    Raises
    ------
    ValueError : the network has no such layer.
    """
    return run_layers(network, images, until=layer)


def run_layers(
    network: DigitNetwork,
    states: Tensor,
    *,
    after: str | None = None,
    until: str | None = None,
) -> Tensor:
    """Compute some layers of a network, one after the other.

    Parameters
    ----------
    network : DigitNetwork
    states : Tensor
        What the layer `after` gives; images, where there is none.
    after, until : str, optional
        The first layer is the one that follows `after`; the last is `until`.

    Returns
    -------
    Tensor, the states of the last layer

    Raises
    ------
    ValueError : the network has no such layer.
    """
    names = [name for name, _ in network.named_children()]
    for key, name in (("after", after), ("until", until)):
        if name is not None and name not in names:
            raise ValueError(
                f"`{key}` must be one of {', '.join(names)}, got {name!r}."
            )
    first = 0 if after is None else names.index(after) + 1
    last = len(names) if until is None else names.index(until) + 1
    for layer in list(network.children())[first:last]:
        states = layer(states)
    return states


@torch.no_grad()
def find_means(network: DigitNetwork, images: Tensor, layer: str) -> Tensor:
    """Average the states of a layer over images, unit by unit.

    Parameters
    ----------
    network : DigitNetwork
    images : Tensor, (N, 1, H, W)
    layer : str

    Returns
    -------
    Tensor, (maps, H', W') or (units,)

    Raises
    ------
    ValueError : the network has no such layer.
    """
    sums = sum(
        compute_states(network, part, layer).double().sum(0)
        for part in images.split(CHUNK)
    )
    return torch.as_tensor(sums / len(images)).to(images.dtype)


def hold(states: Tensor, part: int, means: Tensor | None) -> Tensor:
    """Switch one map or unit off, in a copy.

    Parameters
    ----------
    states : Tensor, (N, maps, H, W) or (N, units)
    part : int
        The map or unit.
    means : Tensor, (maps, H, W) or (units,), or None
        What it is held at, as `find_means` gives it; None is 0.

    Returns
    -------
    Tensor, as `states`
    """
    held = states.clone()
    held[:, part] = 0 if means is None else means[part]
    return held


@torch.no_grad()
def classify_without(
    network: DigitNetwork, images: Tensor, layer: str, *, means: Tensor | None = None
) -> Tensor:
    """Answer once for each map or unit of a layer, with this one switched off.

    Parameters
    ----------
    network : DigitNetwork
    images : Tensor, (N, 1, H, W)
    layer : str
    means : Tensor, optional
        As in `hold`; without them a part is held at 0.

    Returns
    -------
    Tensor, (parts, N) int64

    Raises
    ------
    ValueError : the network has no such layer.
    """

    def try_all(chunk):
        states = compute_states(network, chunk, layer)
        for part in range(states.shape[1]):
            yield run_layers(network, hold(states, part, means), after=layer)

    return _answer(network, images, try_all)


@torch.no_grad()
def classify_without_links(
    network: DigitNetwork, images: Tensor, layer: str, *, means: Tensor
) -> Tensor:
    """Answer once for each link of a table, such as Table I, with this one cut.

    Parameters
    ----------
    network : DigitNetwork
    images : Tensor, (N, 1, H, W)
    layer : str
        A `MapConvolution`, such as "c3".
    means : Tensor, (maps, H, W)
        Of the layer below: what a map of C3 reads through the cut link in place of the
        map of S2.

    Returns
    -------
    Tensor, (links, N) int64
        In the order of the layer's ``links``.

    Raises
    ------
    ValueError : `layer` has no table, or reads the images.
    """
    names = [name for name, _ in network.named_children()]
    module = getattr(network, layer, None)
    if not isinstance(module, MapConvolution) or layer == names[0]:
        raise ValueError(
            f"`layer` must be a MapConvolution that reads maps, got {layer!r}."
        )
    below = names[names.index(layer) - 1]

    def try_all(chunk):
        inputs = compute_states(network, chunk, below)
        sums = module._sum(inputs, module.weight, module.bias, module.background)
        states = module.squash(sums)
        for kernel, (target, source) in zip(
            module.weight, module.links.T.tolist(), strict=True
        ):
            lost = inputs[:, [source]] - means[source]
            changed = states.clone()
            came = functional.conv2d(lost, kernel[None, None], stride=module.stride)
            changed[:, target] = module.squash(sums[:, target] - came[:, 0])
            yield run_layers(network, changed, after=layer)

    return _answer(network, images, try_all)


def _answer(network, images, try_all) -> Tensor:
    """Collect the answers of all lesions, chunk by chunk: (lesions, N)."""
    *_, last = network.children()
    sign = -1 if isinstance(last, RBFOutput) else 1  # the smallest penalty answers

    def answer(outputs: Iterator[Tensor]) -> Tensor:
        return torch.stack([(sign * given).argmax(1) for given in outputs])

    return torch.cat([answer(try_all(chunk)) for chunk in images.split(CHUNK)], 1)
