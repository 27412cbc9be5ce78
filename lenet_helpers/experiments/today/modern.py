"""LeNet's shape trained as one would today: fewer than 60,000 parameters.

Two convolutions, two poolings and two full layers, with batch normalisation, ReLU and
max pooling; AdamW with a one-cycle rate, batches of 128, random affine and elastic
distortions made anew for each pass, and the running mean of the weights as the answer.
The constants are customary ones; `trials` has others, on held-out training digits, one
seed each. The test set is classified once, at the end.
"""

from typing import Any

import torch
from torch.nn import functional

from lenet_helpers.data import load_mnist
from lenet_helpers.distortions import distort
from lenet_helpers.experiments.progress import report_pass
from lenet_helpers.judging import judge_scores, score_network
from lenet_helpers.model.networks import count_parameters
from lenet_helpers.model.today import ModernLeNet
from lenet_helpers.training.batches import draw_orders, train_in_batches

PAPER = "0.4 % by Simard et al. 2003, with a larger network; LeNet-5 0.8 %"
CONFIGURATIONS = [{"num_epochs": 40}]
BATCH_SIZE, LEARNING_RATE, WEIGHT_DECAY, DECAY = 128, 0.006, 0.02, 0.998
RANGES = {"shift": 1.5, "scale": 0.12, "squeeze": 0.08, "shear": 0.15, "rotation": 10.0}
ELASTIC = {"elastic": 1.0, "smoothness": 4.0}
DISTORTIONS = RANGES | ELASTIC


def run(seed, *, num_epochs):
    """Train one network.

    Parameters
    ----------
    seed : int
    num_epochs : int

    Returns
    -------
    dict
        As `judge_scores`, with ``parameters`` and ``training_error_rate_by_pass``, on
        distorted digits; ``files``: the weights of seed 0.
    """
    return train_and_judge(
        "modern",
        ModernLeNet(seed=seed),
        num_epochs=num_epochs,
        seed=seed,
        distortions=DISTORTIONS,
    )


def train_and_judge(name, network, *, seed, **how):
    """Train on all 60,000 digits as `train` does, and classify the test set.

    Parameters
    ----------
    name : str
        Of the file of weights.
    network : Module
    seed : int
    **how
        For `train`.

    Returns
    -------
    dict
        As `run`.
    """
    mnist = load_mnist()
    images = network.prepare(mnist.train_images)
    network, error_rates = train(network, images, mnist.train_labels, seed=seed, **how)
    scores = score_network(network, network.prepare(mnist.test_images))
    judged = judge_scores(scores, mnist.test_labels)
    judged["parameters"] = count_parameters(network)
    judged["training_error_rate_by_pass"] = error_rates
    if seed == 0:
        state = {k: v.contiguous() for k, v in network.state_dict().items()}
        judged["files"] = {f"{name}.safetensors": state}
    return judged


def train(
    network,
    images,
    labels,
    *,
    num_epochs,
    seed,
    distortions,
    is_half=False,
    batch_size=BATCH_SIZE,
    learning_rate=LEARNING_RATE,
    weight_decay=WEIGHT_DECAY,
) -> tuple[Any, list[float]]:
    """Train a network on digits that are distorted anew in each pass.

    On a GPU, if PyTorch finds one.

    Parameters
    ----------
    network : Module
        (N, 1, 28, 28) to ten scores.
    images : Tensor, (N, 1, 28, 28)
    labels : Tensor, (N,) int64
    num_epochs, seed : int
    distortions : dict
        Ranges for `distort`.
    is_half : bool
        Convolve and multiply in bfloat16: quicker, where the processor can.
    batch_size : int
    learning_rate, weight_decay : float
        The largest rate of the cycle, and the optimiser's decay.

    Returns
    -------
    Module
        With the running mean of the weights, in evaluation mode, on the CPU.
    list of float
        The error rate in each pass, of each batch before it is learnt from.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network, images, labels = (part.to(device) for part in (network, images, labels))
    mean = torch.optim.swa_utils.AveragedModel(
        network,
        multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(DECAY),
        use_buffers=True,
    )
    num_steps = num_epochs * (len(images) // batch_size)
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, learning_rate, total_steps=num_steps, pct_start=0.2
    )
    generator = torch.Generator(device).manual_seed(seed)
    num_shown = num_steps // num_epochs * batch_size  # whole batches alone
    orders = draw_orders(len(images), num_epochs=num_epochs, generator=generator)

    def forward(some):
        shown = distort(some, generator=generator, **distortions)
        with torch.autocast(device.type, torch.bfloat16, enabled=is_half):
            return network(shown).float()

    error_rates = train_in_batches(
        forward,
        images,
        labels,
        orders=(order[:num_shown] for order in orders),
        batch_size=batch_size,
        loss=functional.cross_entropy,
        optimizer=optimizer,
        schedule=schedule,
        answer=lambda outputs: outputs.argmax(1),
        on_step=lambda: mean.update_parameters(network),
        on_pass=report_pass,
    )
    network.cpu()  # the caller's own, with the weights of the last update
    return mean.module.cpu().eval(), error_rates
