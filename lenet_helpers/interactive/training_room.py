"""The Training room: a network that learns in the page, while one turns its knobs."""

import matplotlib.pyplot as plt
import pandas as pd
import torch
import traitlets
from torch import nn

from lenet_helpers import paper, plots, trained
from lenet_helpers.interactive.bundle import bundle
from lenet_helpers.interactive.digits import FigureWithDigits
from lenet_helpers.interactive.figure import WEB
from lenet_helpers.interactive.presets import PRESETS, fill_settings
from lenet_helpers.model.digit_network import DigitNetwork
from lenet_helpers.model.layers import FullyConnected, ScaledTanh
from lenet_helpers.model.networks import LeNet1, LeNet4, LeNet5, Net1989


class _Linear(DigitNetwork):
    """Ten units that read every pixel."""

    title = "Linear classifier"
    image_size = 28

    def __init__(self):
        super().__init__()
        self.output = FullyConnected(784, 10)


class _Hidden(DigitNetwork):
    """Thirty hidden units, ten output units."""

    title = "One hidden layer"
    image_size = 28

    def __init__(self):
        super().__init__()
        self.hidden = FullyConnected(784, 30)
        self.output = FullyConnected(30, 10)


NETWORKS = {
    "linear": _Linear,
    "hidden": _Hidden,
    "net1989": Net1989,
    "lenet1": LeNet1,
    "lenet4": LeNet4,
    "lenet5": LeNet5,
}
SQUASHES = {
    "scaled-tanh": ScaledTanh,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "none": nn.Identity,
}


class TrainingRoom(FigureWithDigits, module="training-room.mjs"):
    """A network that learns in the page, while the reader watches and turns its knobs.

    Parameters
    ----------
    mnist : MNIST
        The page fetches some of its digits when the reader asks for it.
    preset : str
        Of `presets.PRESETS`, what the figure opens with.
    **settings
        What is to differ from the preset; see `presets.fill_settings`.

    Attributes
    ----------
    settings : dict
        Of the run to come, or of the one that is on; ``rate``, ``network``, ...
    digit : int or None
        Which of the test digits is looked at; None, where the reader drew one.
    runs : list of dict
        What `history` makes a table of.

    Raises
    ------
    ValueError : an unknown preset or setting.
    """

    linked = ("settings", "digit")
    worker = traitlets.Bytes(
        bundle(WEB / "engine" / "training" / "worker.mjs").encode()
    ).tag(sync=True)
    presets = traitlets.List(PRESETS).tag(sync=True)
    settings = traitlets.Dict().tag(sync=True)
    digit = traitlets.Int(0, allow_none=True).tag(sync=True)
    runs = traitlets.List().tag(sync=True)
    weights = traitlets.Dict().tag(sync=True)
    alt = (
        "Two rows of pictures. Above, before training: the four kernels of H1 are "
        "noise, and so are the four maps that they make of a handwritten 2. Below, "
        "after training: in a kernel, weights of one sign lie side by side, and the "
        "maps are dark and sharp; each stresses other edges of the 2."
    )

    def __init__(self, mnist, *, preset="good", **settings):
        super().__init__(mnist, settings=fill_settings(preset, settings))
        self._example = mnist.test_images[mnist.test_labels == 2][:1]

    @property
    def history(self):
        """What has been measured, as a table.

        Returns
        -------
        DataFrame
            A row for each measurement: ``run``, from 1; ``network``, ``loss_name``,
            ``optimizer``, ``rate``, ``seed``; ``digits``, "training" (averaged since
            the row before, each digit before it was learnt from) or "test";
            ``patterns`` learnt from so far; ``loss``; ``error_rate``.
        """
        rows = [
            {
                "run": number,
                "network": run["settings"]["network"],
                "loss_name": run["settings"]["loss"],
                **{key: run["settings"][key] for key in ("optimizer", "rate", "seed")},
                "digits": digits,
                "patterns": patterns,
                "loss": loss,
                "error_rate": error_rate,
            }
            for number, run in enumerate(self.runs, start=1)
            for digits in ("training", "test")
            for patterns, loss, error_rate in run[digits]
        ]
        return pd.DataFrame(rows)

    def network(self):
        """Make a PyTorch network with the weights of the page.

        Returns
        -------
        DigitNetwork
            With the squashing function of the page. The page hands its weights over
            when the training pauses.

        Raises
        ------
        RuntimeError : nothing has been trained, or the training has not paused yet.
        """
        if not self.weights:
            raise RuntimeError(
                "The page has handed over no weights: press Start, then Pause."
            )
        settings, tensors = self.weights["settings"], self.weights["tensors"]
        network = NETWORKS[settings["network"]]()
        squash = SQUASHES[settings["squash"]]
        for name, layer in network.named_children():
            if hasattr(layer, "squash"):
                layer.squash = nn.Identity() if _sums(name, settings) else squash()
        state = {
            name: torch.frombuffer(bytearray(tensor["data"]), dtype=torch.float32)
            .reshape(tensor["shape"])
            .clone()
            for name, tensor in tensors.items()
        }
        network.load_state_dict(network.state_dict() | state)
        return network.eval()

    def draw_still(self):
        """Draw LeNet-1's first layer before and after training; returns the Figure."""
        stages = {
            "before": LeNet1(initial="root", seed=0),
            "after": trained.load_network("lenet1"),
        }
        figure, axes = plt.subplots(
            2, 9, figsize=(plots.WIDTH, 1.9), layout="constrained"
        )
        for row, (name, network) in zip(axes, stages.items(), strict=True):
            assert isinstance(network, LeNet1)
            image = network.prepare(self._example)
            with torch.no_grad():
                kernels, maps = network.h1.weight, network.h1(image)[0]
            row[0].imshow(image[0, 0].numpy(), cmap=plots.INK)
            row[0].set_ylabel(name, fontsize=9)
            for axis, kernel in zip(row[1:5], kernels.detach(), strict=True):
                limit = kernel.abs().max().item()
                axis.imshow(
                    kernel.squeeze().numpy(), cmap=plots.SIGNED, vmin=-limit, vmax=limit
                )
            for axis, one in zip(row[5:], maps, strict=True):
                axis.imshow(
                    one.numpy(),
                    cmap=plots.SIGNED,
                    vmin=-paper.AMPLITUDE,
                    vmax=paper.AMPLITUDE,
                )
            for axis in row:
                axis.set(xticks=[], yticks=[])
        for i, title in ((0, "input"), (1, "kernels of H1"), (5, "maps of H1")):
            axes[0, i].set_title(title, fontsize=9, loc="left")
        return figure


def _sums(layer, settings):
    """Say whether a layer gives its sums, unsquashed; the engine's trainer has why."""
    return layer == "output" and (
        settings["loss"] == "cross-entropy"
        or settings["network"] == "linear"
        or settings["squash"] == "relu"
    )
