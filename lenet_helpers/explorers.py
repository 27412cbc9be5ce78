"""Figures to try things out: a convolution, a connection table, codes, a training."""

import matplotlib.pyplot as plt
import numpy as np
import safetensors.torch
import torch
import traitlets
from torch.nn import functional

from lenet_helpers import figures, paper
from lenet_helpers.data import prepare_images
from lenet_helpers.layers import RBFOutput
from lenet_helpers.networks import LeNet1, LeNet5, summarize
from lenet_helpers.widgets import InteractiveFigure


def _make_kernels():
    """Make the kernels that nobody trained: 5 x 5 weights by name."""
    step = torch.tensor([-1.0, -1, 0, 1, 1])
    row, column = torch.meshgrid(torch.arange(5), torch.arange(5), indexing="ij")
    copy, spot = torch.zeros(5, 5), torch.full((5, 5), -9 / 16)
    copy[2, 2], spot[1:4, 1:4] = 1, 1
    return {
        "upper edge": step[:, None].expand(5, 5),
        "left edge": step.expand(5, 5),
        "edge of /": (row + column - 4).sign(),
        "edge of \\": (row - column).sign(),
        "blur": torch.full((5, 5), 1 / 25),
        "spot": spot,
        "copy": copy,
    }


class ConvolutionExplorer(InteractiveFigure, module="convolution-explorer.mjs"):
    """A kernel over a digit, and the 25 products behind each unit of its map.

    Parameters
    ----------
    images : Tensor, (N, 1, 28, 28) uint8
        Digits to choose from; LeNet-5's input is made of them.
    network : LeNet5, optional
        Its kernels of C1 can be chosen beside those made by hand.
    digit : int
        The index of the image that is shown at first.

    Attributes
    ----------
    kernel : list of 25 float, row by row
    bias : float
    stride, padding : int
        Padding is in pixels on each side.
    border : float
        The value of the padding.
    """

    digits = traitlets.Bytes().tag(sync=True)
    kernels = traitlets.List().tag(sync=True)
    digit = traitlets.Int(0).tag(sync=True)
    kernel = traitlets.List(traitlets.Float(), minlen=25, maxlen=25).tag(sync=True)
    bias = traitlets.Float(0.0).tag(sync=True)
    stride = traitlets.Int(1, min=1, max=3).tag(sync=True)
    padding = traitlets.Int(0, min=0, max=2).tag(sync=True)
    border = traitlets.Float(-0.1).tag(sync=True)
    unit = traitlets.List(traitlets.Int(), minlen=2, maxlen=2).tag(sync=True)
    alt = (
        "Three pictures: a handwritten digit with a small square on a stroke; a kernel "
        "of 5 by 5 weights, blue above and red below; and the map that the kernel "
        "makes, red along the upper edges of the strokes and blue along the lower ones."
    )

    def __init__(self, images, *, network=None, digit=0):
        kernels = [("made by hand", *kernel, 0.0) for kernel in _make_kernels().items()]
        if network is not None:
            c1 = network.c1
            kernels += [
                ("trained: C1 of LeNet-5", f"map {i} of C1", weight, bias.item())
                for i, (weight, bias) in enumerate(zip(c1.weight, c1.bias, strict=True))
            ]
        keys = ("group", "name", "weights", "bias")
        listed = [
            dict(zip(keys, (*names, weights.flatten().tolist(), bias), strict=True))
            for *names, weights, bias in kernels
        ]
        super().__init__(
            digits=images.numpy().tobytes(),
            kernels=listed,
            digit=digit,
            kernel=listed[0]["weights"],
            unit=[0, 0],
        )
        # Begin where most of what the kernel looks for is found.
        self.unit = list(divmod(self.map.argmax().item(), self.map.shape[1]))

    @property
    def image(self):
        """The chosen image as LeNet-5 gets it, (32, 32)."""
        raw = torch.frombuffer(bytearray(self.digits), dtype=torch.uint8)
        return prepare_images(raw.view(-1, 1, 28, 28), size=32)[self.digit, 0]

    @property
    def map(self):
        """What the kernel makes of the image, (H, W), before squashing."""
        image = functional.pad(self.image, (self.padding,) * 4, value=self.border)
        kernel = torch.tensor(self.kernel).view(1, 1, 5, 5)
        bias = torch.tensor([self.bias])
        return functional.conv2d(image[None, None], kernel, bias, self.stride)[0, 0]

    def draw_still(self):
        """Draw the chosen digit, the kernel and the map; returns the Figure."""
        panels = [self.image, torch.tensor(self.kernel).view(5, 5), self.map]
        figure, axes = plt.subplots(1, 3, figsize=(figures.WIDTH, 2.6))
        for axis, panel, name in zip(
            axes, panels, ("image", "kernel", "map"), strict=True
        ):
            axis.set_title(name, fontsize=10)
            limit = panel.abs().max().item()
            colors = {"cmap": figures.SIGNED, "vmin": -limit, "vmax": limit}
            if name == "image":
                colors = {"cmap": figures.INK}
            axis.imshow(panel.numpy(), **colors)
            axis.axis("off")
        row, column = self.unit
        for axis, size, color in ((axes[0], 5, "C3"), (axes[2], 1, "k")):
            place = (column - 0.5, row - 0.5)
            axis.add_patch(plt.Rectangle(place, size, size, fill=False, lw=2, ec=color))
        return figure


class ConnectionTable(InteractiveFigure, module="connection-table.mjs"):
    """A table of links between the maps of two layers, to be changed, and its cost.

    Attributes
    ----------
    table : list of lists of int
        For each map, the maps of the layer below that it reads. At first Table I of
        1998; ``LeNet5(c3_table=figure.table)`` has the table on the screen.

    Raises
    ------
    ValueError : `table` is set to one that does not fit the layer.
    """

    presets = traitlets.List().tag(sync=True)
    preset = traitlets.Int(0).tag(sync=True)
    table = traitlets.List(traitlets.List(traitlets.Int())).tag(sync=True)
    alt = (
        "A grid of 6 rows, the maps of S2, and 16 columns, the maps of C3. Dark cells "
        "are links: three in each of the first six columns, four in the next nine, "
        "six in the last."
    )

    def __init__(self):
        c3 = {"network": "LeNet-5", "inputs": "S2", "maps": "C3", "numInputs": 6}
        c3 |= {"first": 0, **_measure_layer(LeNet5(), "c3")}
        h3 = {"network": "LeNet-1", "inputs": "H2", "maps": "H3", "numInputs": 4}
        h3 |= {"first": 1, **_measure_layer(LeNet1(), "h3")}
        presets = [
            c3 | {"name": "1998: Table I", "table": paper.C3_TABLE},
            c3 | {"name": "dense", "table": (range(6),) * 16},
            h3 | {"name": "1990: LeNet-1", "table": paper.H3_TABLE},
        ]
        for preset in presets:
            preset["table"] = [list(inputs) for inputs in preset["table"]]
        super().__init__(presets=presets, table=presets[0]["table"])

    @traitlets.validate("table")
    def _check_table(self, proposal):
        layer = self.presets[self.preset]
        num_maps, num_inputs = len(layer["table"]), layer["numInputs"]
        rows = proposal["value"]
        if len(rows) != num_maps or not set().union(*rows) <= set(range(num_inputs)):
            raise ValueError(
                f"`table` needs a list for each of {num_maps} maps, of numbers from 0 "
                f"to {num_inputs - 1}, got {rows}."
            )
        return rows

    def draw_still(self):
        """Draw the table; returns the Figure."""
        links = torch.zeros(self.presets[self.preset]["numInputs"], len(self.table))
        for column, inputs in enumerate(self.table):
            links[inputs, column] = 1
        figure, axis = plt.subplots(figsize=(figures.WIDTH, 3.1))
        axis.pcolormesh(
            links.numpy(), cmap=figures.INK, vmax=1.4, edgecolors="0.8", lw=1
        )
        axis.set_xticks(np.arange(links.shape[1]) + 0.5, range(links.shape[1]))
        axis.set_yticks(np.arange(len(links)) + 0.5, range(len(links)))
        axis.set(xlabel="map of C3", ylabel="map of S2", aspect="equal")
        axis.invert_yaxis()
        axis.grid(False)
        return figure


def _measure_layer(network, name):
    """Find a layer's kernel and maps, and the counts of all other layers."""
    layers = summarize(network)
    own = layers.loc[name]
    counts = ["parameters", "connections"]
    return {
        "kernelSize": getattr(network, name).kernel_size,
        "side": round((own["units"] / own["maps"]) ** 0.5),
        "rest": (layers[counts].sum() - own[counts]).astype(int).to_dict(),
    }


class Codebook(InteractiveFigure, module="codebook.mjs"):
    """The output codes, to be changed, and the distances between them.

    Attributes
    ----------
    codes : dict of str
        The code of each character, as in `paper.CODES`.
    character : str
        The one to look at.
    characters : {"digits", "capitals", "all"}
        Those to compare it with; the second adds the capitals to the digits.
    """

    original = traitlets.Dict(paper.CODES).tag(sync=True)
    codes = traitlets.Dict(paper.CODES).tag(sync=True)
    character = traitlets.Unicode("8").tag(sync=True)
    characters = traitlets.Unicode("digits").tag(sync=True)
    alt = (
        "The codes of the ten digits, black and white pictures of 7 by 12 pixels, and "
        "below each the digit with the closest code and the number of pixels between: "
        "6 and 8 are closest, with 12."
    )

    def draw_still(self):
        """Draw the digits and their closest; returns the Figure."""
        pictures = RBFOutput("0123456789").weight.view(10, 12, 7)
        apart = (pictures[:, None] != pictures).sum((2, 3))
        apart.fill_diagonal_(999)
        figure, axes = plt.subplots(1, 10, figsize=(figures.WIDTH, 1.7))
        for digit, axis in enumerate(axes):
            axis.imshow(pictures[digit].numpy(), cmap=figures.INK)
            closest = apart[digit].argmin().item()
            text = f"{digit}\nnear {closest}:\n{apart[digit, closest]}"
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set(visible=True, color="0.7")
            axis.set_xlabel(text, fontsize=8)
        return figure


class TrainingReplay(InteractiveFigure, module="training-replay.mjs"):
    """The 20 passes of LeNet-5, to be watched again.

    Parameters
    ----------
    recorded : dict of Tensor
        As `experiments.replay.Recorder.finish` makes it.
    divisor : float
        Of the loss; rates are given for the loss as divided.

    Attributes
    ----------
    epoch : int
        The pass on the screen; 0 is before training.
    digit : int
        Which of the recorded digits.
    """

    tensors = traitlets.Bytes().tag(sync=True)
    table = traitlets.List(paper.C3_TABLE).tag(sync=True)
    epoch = traitlets.Int().tag(sync=True)
    digit = traitlets.Int(0).tag(sync=True)
    alt = (
        "Left, the error on the training and on the test set over 20 passes, falling "
        "fast at first, then slowly. Right, the six kernels of C1 before training, "
        "after one pass and after the last: pale at first, with edges and bars of "
        "strong red and blue at the end."
    )

    def __init__(self, recorded, *, divisor):
        tensors = recorded | {"rates": divisor * recorded["rates"]}
        tensors["labels"] = tensors["labels"].to(torch.uint8)
        tensors["penalties"] = tensors["penalties"].half()
        last = len(tensors["c1"]) - 1
        super().__init__(tensors=safetensors.torch.save(tensors), epoch=last)

    def draw_still(self):
        """Draw the error rates and some of C1's kernels; returns the Figure."""
        tensors = safetensors.torch.load(self.tensors)
        figure = plt.figure(figsize=(figures.WIDTH, 2.8), layout="constrained")
        curves, kernels = figure.subfigures(1, 2)
        axis = curves.subplots()
        last = len(tensors["c1"]) - 1
        for name, style in (("training", "--"), ("test", "-")):
            errors = 100 * tensors[f"{name}_error"].numpy()
            axis.plot(range(1, last + 1), errors, style, color="k", label=name)
        axis.set(xlabel="pass", ylabel="error (%)", yscale="log")
        axis.set_yticks(ticks := [0.5, 1, 2, 5], labels=ticks)
        axis.minorticks_off()
        axis.legend()
        limit = tensors["c1"].abs().max().item()
        for row, epoch in zip(kernels.subplots(3, 6), (0, 1, last), strict=True):
            for axis, kernel in zip(row, tensors["c1"][epoch], strict=True):
                axis.imshow(
                    kernel.float().numpy(), cmap=figures.SIGNED, vmin=-limit, vmax=limit
                )
                axis.set(xticks=[], yticks=[])
            row[0].set_ylabel(f"pass {epoch}", fontsize=9)
        return figure
