"""The budget league: the fewest errors within a number of parameters.

Every network is trained by one rule: all training digits, AdamW with a one-cycle rate,
distortions made anew in each pass, the running mean of the weights as the answer. Which
shape enters a budget, and the rule's constants, were chosen on the validation split:
`trials` has what was tried. The test set is classified once a run. It is trained on a
GPU where PyTorch finds one.
"""

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from lenet_helpers.data import load_mnist, prepare_images
from lenet_helpers.experiments.today import deeper, modern
from lenet_helpers.judging import judge_scores, score_network
from lenet_helpers.model.networks import count_parameters

PAPER = "LeNet-5 0.95 % with 60,000 parameters; LeNet-1 1.7 % with 2,578"
SHAPES = {
    60_000: "32 32 | 48 48 | 64s 64s+ 64s+",
    10_000: "16 16 | 24 24s+ | 32s 32s+",
    5_000: "8 12s 12s+ | 20s 20s+ 20s+ | 24s 24s+ 24s",
    2_578: "6 6+ | 12s 12s+ 12s+ | 16s 16s+ 16s",
}
CONFIGURATIONS = [{"budget": budget} for budget in SHAPES]
RULE = {
    "num_epochs": 48,
    "batch_size": 512,
    "learning_rate": 0.02,
    "weight_decay": 0.02,
    "distortions": deeper.DISTORTIONS,
}

FIRST_RULE = {"batch_size": 256, "learning_rate": 0.01}
TRIED_SHAPES = (  # by the first rule
    "32 32 | 48 48 | 64s 64s+ 64s+",
    "24 24+ | 40 40+ | 56s 56s+ 56s+",
    "16 16 | 24 24s+ | 32s 32s+",
    "16 16+ | 24s 24s+ 24s+ | 40s 40s+",
    "16 24s 24s+ | 32s 32s+ 32s+ | 40s 40s+",
    "8 12s 12s+ | 20s 20s+ 20s+ | 24s 24s+ 24s",
    "8 8+ | 12 12+ | 20s 20s+ 20s",
    "12 12 | 16 | 20s 20s+",
    "6 6+ | 12s 12s+ 12s+ | 16s 16s+ 16s",
    "6 6+ | 8 8+ | 12s 12s+ 12s",
    "8 8+ | 12s 12s+ | 20s 20s+",
)
TRIED_RULES = (  # of two shapes, a large one and a small one
    {"batch_size": 512, "learning_rate": 0.02},
    {"learning_rate": 0.005},
    {"learning_rate": 0.02},
    {"weight_decay": 0.0},
    {"weight_decay": 0.1},
    {"elastic": 0.0},
    {"elastic": 0.4},
)
TRIALS = [
    *({"shape": shape, **FIRST_RULE} for shape in TRIED_SHAPES),
    *(
        {"shape": shape, **FIRST_RULE, **rule}
        for rule in TRIED_RULES
        for shape in (TRIED_SHAPES[1], TRIED_SHAPES[5])
    ),
]


def run(seed, *, budget):
    """Train the network that is entered for a budget, and classify the test set.

    Parameters
    ----------
    seed, budget : int

    Returns
    -------
    dict
        As `enter`; ``files``: the weights of seed 0.
    """
    network = build(SHAPES[budget], seed=seed)
    entry = enter(network, seed=seed)
    if seed == 0:
        state = {k: v.contiguous() for k, v in network.state_dict().items()}
        entry["files"] = {f"league-{budget}.safetensors": state}
    return entry


def enter(network: nn.Module, *, seed: int, **how) -> dict:
    """Train a network by the league's rule, count it, and classify the test set once.

    Parameters
    ----------
    network : Module
        (N, 1, 28, 28) to ten scores. It is trained in place, from the weights it has.
    seed : int
        Of the order and the distortions.
    **how
        In place of what `RULE` says; for a first look ``num_epochs=4, batch_size=128``,
        since in fewer updates the running mean does not forget the initial weights.

    Returns
    -------
    dict
        As `judge_scores`, with ``parameters``, ``multiply_accumulates``, ``device`` and
        ``training_error_rate_by_pass``, on distorted digits.
    """
    mnist = load_mnist()
    images, tests = map(prepare_images, (mnist.train_images, mnist.test_images))
    error_rates = train(network, images, mnist.train_labels, seed=seed, **how)
    judged = judge_scores(score_network(network, tests), mnist.test_labels)
    judged["parameters"] = count_parameters(network)
    judged["multiply_accumulates"] = count_products(network)
    judged["device"] = name_device()
    judged["training_error_rate_by_pass"] = error_rates
    return judged


def try_out(network: nn.Module, *, seed: int, **how) -> dict:
    """Train a network by the league's rule and judge it on the validation split.

    The test set is not read, so that this may be done as often as one likes.

    Parameters
    ----------
    network, seed, **how
        As for `enter`.

    Returns
    -------
    dict
        ``validation_error_rate``, ``parameters``, ``multiply_accumulates``.
    """
    mnist = load_mnist()
    images, labels = prepare_images(mnist.train_images), mnist.train_labels
    learned, held_out = mnist.split_indices(seed=0)
    train(network, images[learned], labels[learned], seed=seed, **how)
    answers = score_network(network, images[held_out]).argmax(1)
    error_rate = (answers != labels[held_out]).double().mean().item()
    return {
        "validation_error_rate": round(error_rate, 6),
        "parameters": count_parameters(network),
        "multiply_accumulates": count_products(network),
    }


def train(network, images: Tensor, labels: Tensor, **how) -> list[float]:
    """Train in place as `modern.train` does, by `RULE`; return the error rates."""
    trained, error_rates = modern.train(network, images, labels, **RULE | how)
    network.load_state_dict(trained.state_dict())
    network.eval()
    return error_rates


def name_device() -> str:
    """Name the GPU that `train` takes; "CPU" where there is none."""
    return torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"


def count_products(network: nn.Module) -> int:
    """Count the multiply-accumulates of the answer to one image of 28 x 28.

    Those of convolutions and full layers; normalisations and poolings have few.
    """
    was_training = network.training
    network.eval()  # so that no normalisation learns from the image
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.zeros(1, 1, 28, 28))
    network.train(was_training)
    return counter.get_total_flops() // 2  # a product and a sum each


class Around(nn.Module):
    """Layers with a way around them: what goes in is added to what comes out."""

    def __init__(self, layers: nn.Module):
        super().__init__()
        self.layers = layers

    def forward(self, maps):
        """Add the maps to what the layers make of them, of the same shape."""
        return maps + self.layers(maps)


def build(shape: str, *, seed: int) -> nn.Sequential:
    """Build stages of 3 x 3 convolutions, a pooling between two stages.

    Parameters
    ----------
    shape : str
        The maps of each convolution; ``|`` between stages; the mean of each map of the
        last stage is read by ten units. ``16s`` is separable: a kernel for each map by
        itself, and then sums over maps; ``16+`` and ``16s+`` have a way around.
    seed : int
        Of the initial parameters.

    Returns
    -------
    Sequential, (N, 1, 28, 28) to (N, 10)
    """
    torch.manual_seed(seed)
    layers, maps = [], 1
    for place, stage in enumerate(shape.split("|")):
        layers += [nn.MaxPool2d(2)] * (place > 0)
        for word in stage.split():
            more_maps = int(word.rstrip("s+"))
            layer = convolve(maps, more_maps, is_separable="s" in word)
            layers.append(Around(layer) if word.endswith("+") else layer)
            maps = more_maps
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(maps, 10)]
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)


def convolve(maps: int, more_maps: int, *, is_separable: bool) -> nn.Sequential:
    """Make a convolution within a border of zeros, its normalisation and a ReLU."""
    if is_separable:
        kernels = [
            nn.Conv2d(maps, maps, 3, padding=1, groups=maps, bias=False),
            nn.Conv2d(maps, more_maps, 1, bias=False),
        ]
    else:
        kernels = [nn.Conv2d(maps, more_maps, 3, padding=1, bias=False)]
    return nn.Sequential(*kernels, nn.BatchNorm2d(more_maps), nn.ReLU())
