"""The codebook: the output codes, and the distances between them."""

import matplotlib.pyplot as plt
import traitlets

from lenet_helpers import paper, plots
from lenet_helpers.interactive.figure import InteractiveFigure
from lenet_helpers.model.rbf import RBFOutput


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

    linked = ("codes", "character", "characters")
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
        figure, axes = plt.subplots(1, 10, figsize=(plots.WIDTH, 1.7))
        for digit, axis in enumerate(axes):
            axis.imshow(pictures[digit].numpy(), cmap=plots.INK)
            closest = int(apart[digit].argmin())
            text = f"{digit}\nnear {closest}:\n{apart[digit, closest]}"
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set(visible=True, color="0.7")
            axis.set_xlabel(text, fontsize=8)
        return figure
