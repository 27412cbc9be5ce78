"""Train all four networks in a process of its own, and print what came out.

Prints a JSON object: ``digests``, of the weights of each network and number type, and
``calls``, the functions that the compiled loop calls (if this process compiled it).
"""

import hashlib
import json
import re

import torch

from lenet_helpers.model.losses import MaximumPosterior, SquaredError
from lenet_helpers.model.networks import LeNet1, LeNet4, LeNet5, Net1989
from lenet_helpers.training import _kernels
from lenet_helpers.training.online import train_online


def train_and_digest(make, loss, dtype):
    """Train on a few patterns; return the SHA-256 of the weights."""
    network = make(initial="root").to(dtype)
    size = network.image_size
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(60, 1, size, size, generator=generator).to(dtype)
    labels = torch.randint(10, (60,), generator=generator)
    train_online(network, images, labels, loss=loss, learning_rates=[0.001])
    weights = b"".join(p.detach().numpy().tobytes() for p in network.parameters())
    return hashlib.sha256(weights).hexdigest()


def list_calls():
    """List the functions that the machine code of `train_patterns` calls."""
    calls = set()
    for text in _kernels.train_patterns.inspect_llvm().values():
        calls |= set(re.findall(r"(?:call|invoke)[^@\n]*@(_Z[^\s(]+)", text))
    return sorted(calls)


if __name__ == "__main__":
    digests = {
        f"{make.__name__} {dtype}": train_and_digest(make, loss, dtype)
        for dtype in (torch.float32, torch.float64)
        for make, loss in (
            (Net1989, SquaredError()),
            (LeNet1, SquaredError()),
            (LeNet4, SquaredError()),
            (LeNet5, MaximumPosterior(j=1.0)),
        )
    }
    compiled = sum(_kernels.train_patterns.stats.cache_misses.values())
    calls = list_calls() if compiled else None
    print(json.dumps({"digests": digests, "compiled": compiled, "calls": calls}))
