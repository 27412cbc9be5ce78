"""The training replay: 20 passes of LeNet-5, to be watched again."""

import matplotlib.pyplot as plt
import safetensors.torch
import torch
import traitlets

from lenet_helpers import paper, plots
from lenet_helpers.interactive.figure import InteractiveFigure


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

    linked = ("epoch", "digit")
    tensors = traitlets.Bytes().tag(sync=True)
    table = traitlets.List(list(paper.C3_TABLE)).tag(sync=True)
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
        figure = plt.figure(figsize=(plots.WIDTH, 2.8), layout="constrained")
        curves, kernels = figure.subfigures(1, 2, squeeze=False)[0]
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
                    kernel.float().numpy(), cmap=plots.SIGNED, vmin=-limit, vmax=limit
                )
                axis.set(xticks=[], yticks=[])
            row[0].set_ylabel(f"pass {epoch}", fontsize=9)
        return figure
