"""The trained networks of figures and chapters; `trained/README.md` says whence."""

from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

from lenet_helpers.model.digit_network import DigitNetwork
from lenet_helpers.model.networks import LeNet1, LeNet5, Net1989
from lenet_helpers.model.today import ModernLeNet

FOLDER = Path(__file__).parent
NETWORKS = {
    "net1989": Net1989,
    "lenet1": LeNet1,
    "lenet5": LeNet5,
    "modern": ModernLeNet,
}


def load_network(name: str) -> DigitNetwork:
    """Load a network that an experiment trained.

    Parameters
    ----------
    name : {"net1989", "lenet1", "lenet5", "modern"}

    Returns
    -------
    DigitNetwork
        In evaluation mode; ``network.prepare(pixels)`` makes its images,
        ``network.classify(images)`` answers.

    Raises
    ------
    ValueError : `name` is unknown.
    """
    path = _find(name)
    network = NETWORKS[name]()
    network.load_state_dict(safetensors.torch.load_file(path))
    return network.eval()


def read_provenance(name: str) -> dict[str, str]:
    """Read what made a network's weights, as the file of weights says it.

    Parameters
    ----------
    name : {"net1989", "lenet1", "lenet5", "modern"}

    Returns
    -------
    dict of str
        ``title``; ``experiment``, ``seed`` and what its row in the results says of the
        run (versions, code, data, test error rate); ``threshold``, the smallest
        difference of the two best scores at which the answer is not refused, with what
        made it: the experiment `rejection` chose it on the validation split.

    Raises
    ------
    ValueError : `name` is unknown.
    """
    with safetensors.safe_open(_find(name), "pt") as file:
        return file.metadata()


def describe_network(name: str) -> dict:
    """Gather what a figure needs of a network.

    Parameters
    ----------
    name : {"net1989", "lenet1", "lenet5", "modern"}

    Returns
    -------
    dict
        ``name``, ``title``; ``weights`` of `pack_network`; ``threshold``, a float, of
        `read_provenance`.

    Raises
    ------
    ValueError : `name` is unknown.
    """
    network = load_network(name)
    return {
        "name": name,
        "title": network.title,
        "weights": pack_network(network),
        "threshold": float(read_provenance(name)["threshold"]),
    }


def pack_network(network: DigitNetwork) -> bytes:
    """Write a network's tensors for `web/engine/networks.mjs`.

    Floats are halved to 16 bits where that changes no answer in the test set, as a test
    shows; in LeNet-1 it changes one, so LeNet-1 keeps all of its few.

    Parameters
    ----------
    network : DigitNetwork
        As `load_network` returns it.

    Returns
    -------
    bytes
        A safetensors file. ``<layer>.links``, (2, links) uint8, names the map and what
        it reads for each kernel of a layer with a connection table. The batch
        normalisations of the modern network are folded into the layers before them.
    """
    if isinstance(network, ModernLeNet):
        tensors = _fold(network)
    else:
        tensors = dict(network.state_dict())
        for name in ("h2", "h3", "c3"):
            links = getattr(getattr(network, name, None), "links", None)
            if links is not None:
                tensors[f"{name}.links"] = links.to(torch.uint8)
    if not isinstance(network, LeNet1):
        tensors = {
            name: tensor.half() if tensor.is_floating_point() else tensor
            for name, tensor in tensors.items()
        }
    return safetensors.torch.save({k: t.contiguous() for k, t in tensors.items()})


def _find(name):
    if name not in NETWORKS:
        raise ValueError(f"`name` must be one of {', '.join(NETWORKS)}, got {name!r}.")
    return FOLDER / f"{name}.safetensors"


def _fold(network):
    """Give each layer one weight and one bias that do what its normalisation did."""
    layers = {
        "c1": fuse_conv_bn_eval(network.c1.convolution, network.c1.norm),
        "c3": fuse_conv_bn_eval(network.c3.convolution, network.c3.norm),
        "f5": fuse_linear_bn_eval(network.f5.linear, network.f5.norm),
        "output": network.output,
    }
    tensors = {}
    for name, layer in layers.items():
        weight = layer.weight.detach()
        if weight.ndim == 4:  # a kernel a link, map by map
            weight = weight.flatten(0, 1)
        tensors |= {f"{name}.weight": weight, f"{name}.bias": layer.bias.detach()}
    return tensors
