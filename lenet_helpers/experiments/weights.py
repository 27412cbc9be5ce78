"""The weights that experiments stored beside their rows."""

from typing import TypeVar

import safetensors.torch
from torch import nn

from lenet_helpers.experiments import store

Network = TypeVar("Network", bound=nn.Module)


def load_weights(network: Network, name: str) -> Network:
    """Give a network the weights that an experiment stored, and evaluation mode.

    Parameters
    ----------
    network : Module
        Of the kind that was stored; it is changed, and returned.
    name : str
        Of a file in `store.RESULTS`, without its ending: "figure5-0".

    Raises
    ------
    FileNotFoundError : no run has stored such a file.
    """
    path = store.RESULTS / f"{name}.safetensors"
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is not there: run the experiment whose name it begins with."
        )
    network.load_state_dict(safetensors.torch.load_file(path))
    return network.eval()
