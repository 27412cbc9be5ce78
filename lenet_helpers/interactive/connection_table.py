"""The connection table: which maps read which, and what that costs."""

import matplotlib.pyplot as plt
import numpy as np
import torch
import traitlets

from lenet_helpers import paper, plots
from lenet_helpers.interactive.figure import InteractiveFigure
from lenet_helpers.model.networks import LeNet1, LeNet5, summarize


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

    linked = ("preset", "table")
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
        figure, axis = plt.subplots(figsize=(plots.WIDTH, 3.1))
        axis.pcolormesh(links.numpy(), cmap=plots.INK, vmax=1.4, edgecolors="0.8", lw=1)
        axis.set_xticks(np.arange(links.shape[1]) + 0.5, _number(links.shape[1]))
        axis.set_yticks(np.arange(len(links)) + 0.5, _number(len(links)))
        axis.set(xlabel="map of C3", ylabel="map of S2", aspect="equal")
        axis.invert_yaxis()
        axis.grid(False)
        return figure


def _number(count):
    return [str(number) for number in range(count)]


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
