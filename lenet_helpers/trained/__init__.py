"""The trained networks of `results/`, and the form in which a page holds them."""

import safetensors.torch
import torch

from lenet_helpers.data import prepare_images
from lenet_helpers.experiments import store
from lenet_helpers.model.networks import LeNet1, LeNet5, Net1989, prepare_for_lenet1
from lenet_helpers.model.today import build_network

BUILDERS = {
    "net1989": Net1989,
    "lenet1": LeNet1,
    "lenet5": LeNet5,
    "modern": lambda: build_network(seed=0),
}
PREPARATIONS = {
    "net1989": lambda pixels: prepare_images(pixels, size=16, low=-1, high=1),
    "lenet1": prepare_for_lenet1,
    "lenet5": lambda pixels: prepare_images(pixels, size=32),
    "modern": prepare_images,
}


TITLES = {
    "net1989": "Network of 1989",
    "lenet1": "LeNet-1, 1990",
    "lenet5": "LeNet-5, 1998",
    "modern": "A LeNet of today",
}


def load_network(name):
    """Load a network that an experiment trained.

    Parameters
    ----------
    name : {"net1989", "lenet1", "lenet5", "modern"}

    Returns
    -------
    Module
        In evaluation mode. Prepare its images with ``PREPARATIONS[name]``.

    Raises
    ------
    FileNotFoundError : the experiment has not been run.
    """
    path = store.RESULTS / f"{name}.safetensors"
    if not path.exists():
        experiment = "modern" if name == "modern" else "replay"
        raise FileNotFoundError(
            f"{path} is not there: `python -m lenet_helpers.experiments {experiment}`"
            " makes it."
        )
    network = BUILDERS[name]()
    network.load_state_dict(safetensors.torch.load_file(path))
    return network.eval()


def describe_network(name):
    """Gather what a figure needs of a network.

    Parameters
    ----------
    name : {"net1989", "lenet1", "lenet5", "modern"}

    Returns
    -------
    dict
        ``name``, ``title``; ``weights`` of `pack_network`; ``threshold``, the smallest
        difference of the two best outputs at which the answer is not refused, which
        the experiment `rejection` chose on the validation split.
    """
    runs = store.read_results("rejection").set_index("network")
    return {
        "name": name,
        "title": TITLES[name],
        "weights": pack_network(load_network(name)),
        "threshold": runs.loc[name, "threshold"].item(),
    }


def pack_network(network):
    """Write a network's tensors for `web/engine/networks.mjs`.

    Floats are halved to 16 bits where that changes no answer in the test set, as a test
    shows; in LeNet-1 it changes one, so LeNet-1 keeps all of its few.

    Parameters
    ----------
    network : Module
        As `load_network` returns it.

    Returns
    -------
    bytes
        A safetensors file. ``<layer>.links``, (2, links) uint8, names the map and what
        it reads for each kernel of a layer with a connection table. The batch
        normalisations of the modern network are folded into the layers before them.
    """
    if isinstance(network, torch.nn.Sequential):
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


def _fold(network):
    tensors, layers = {}, list(network)
    for name, i in (("c1", 0), ("c3", 4), ("f5", 9)):
        layer, norm = layers[i], layers[i + 1]
        gain = norm.weight / (norm.running_var + norm.eps).sqrt()
        kernels = layer.weight * gain.view(-1, *[1] * (layer.weight.ndim - 1))
        if kernels.ndim == 4:  # a kernel a link, map by map
            kernels = kernels.flatten(0, 1)
        tensors[f"{name}.weight"] = kernels.detach()
        shift = norm.bias + (layer.bias - norm.running_mean) * gain
        tensors[f"{name}.bias"] = shift.detach()
    tensors["output.weight"], tensors["output.bias"] = (
        parameter.detach() for parameter in layers[12].parameters()
    )
    return tensors
