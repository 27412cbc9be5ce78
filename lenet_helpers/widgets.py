"""Interactive figures: live in JupyterLab, and in the built page without a kernel.

The front of a figure is an ES module in `static/`, whose default export has
``render({ model, el })``. In JupyterLab anywidget runs it. In the built page
`static/host.mjs` runs the same source, with a model made from JSON in the page. So a
figure must work without an answer from Python.
"""

import base64
import hashlib
import html
import io
import json
import re
import zlib
from pathlib import Path

import anywidget
import matplotlib.pyplot as plt
import numpy as np
import torch
import traitlets
from PIL import Image

from lenet_helpers import drawing, figures, paper, stored
from lenet_helpers.data import prepare_images

STATIC = Path(__file__).parent / "static"
IMPORT = re.compile(r'(\bfrom|\bimport) "\./([\w-]+\.mjs)"')
STILL_COLORS = 256  # with fewer, greys and pale reds take other hues
COLUMNS = 700  # of the field for a line, in pixels of its ink
# Some of paper.FIGURE_8, by their indices.
MISREAD = (
    247, 449, 582, 659, 1014, 1039, 1901, 2118, 2130, 2462, 2921, 4176, 6783,
    9009,
)  # fmt: skip

# 1998, written by hand: x and y of the points of each stroke.
YEAR = (
    (0.72, 0.3, 0.81, 0.22, 0.77, 0.5, 0.74, 0.78),
    (1.88, 0.35, 1.81, 0.24, 1.68, 0.25, 1.61, 0.35, 1.65, 0.47, 1.75, 0.5,
     1.85, 0.43, 1.88, 0.35, 1.87, 0.51, 1.83, 0.66, 1.79, 0.8),
    (2.95, 0.32, 2.9, 0.21, 2.78, 0.22, 2.7, 0.32, 2.71, 0.45, 2.8, 0.48, 2.91,
     0.4, 2.95, 0.32, 2.91, 0.49, 2.85, 0.65, 2.79, 0.79),
    (3.97, 0.29, 3.88, 0.22, 3.76, 0.26, 3.74, 0.36, 3.83, 0.46, 3.93, 0.55,
     3.97, 0.67, 3.88, 0.77, 3.74, 0.75, 3.71, 0.64, 3.79, 0.54, 3.91, 0.44,
     3.98, 0.36, 3.97, 0.29),
)  # fmt: skip


def resolve_imports(path, locate):
    """Read an ES module and let its relative imports name something else.

    Parameters
    ----------
    path : Path
        The module. It imports as in ``import { a } from "./other.mjs"``.
    locate : callable
        Takes the path of an imported module and returns what to import instead.

    Returns
    -------
    str
        The source of the module.
    """
    source = path.read_text(encoding="utf-8")
    return IMPORT.sub(lambda m: f'{m[1]} "{locate(path.parent / m[2])}"', source)


def make_url(path):
    """Make a data URL of an ES module, with all that it imports inside."""
    source = resolve_imports(path, make_url).encode()
    return f"data:text/javascript;base64,{base64.b64encode(source).decode()}"


class InteractiveFigure(anywidget.AnyWidget):
    """A figure whose front is an ES module; subclass it for each kind of figure.

    A subclass names its module, ``class Pad(InteractiveFigure, module="pad.mjs")``;
    ``pad.css`` beside it, where there is one, is added to `static/widgets.css`. Its
    traits with ``.tag(sync=True)`` are the model: what JSON can hold, and bytes (at any
    depth), which arrive as a DataView. It implements `draw_still` and sets `alt`.

    Attributes
    ----------
    alt : str
        What the still picture shows, in words.
    """

    alt = ""

    def __init_subclass__(cls, *, module=None, **options):
        """Read the module and its style sheets."""
        if module:  # anywidget makes subclasses of its own, without one
            cls._path = STATIC / module
            cls._esm = resolve_imports(cls._path, make_url)
            sheets = [STATIC / "widgets.css", cls._path.with_suffix(".css")]
            cls._css = "".join(
                sheet.read_text(encoding="utf-8") for sheet in sheets if sheet.exists()
            )
        super().__init_subclass__(**options)

    def draw_still(self):
        """Draw what stands in where JavaScript is off, and in print.

        Returns
        -------
        matplotlib Figure
        """
        raise NotImplementedError

    def _repr_mimebundle_(self, **options):
        data, metadata = super()._repr_mimebundle_(**options)
        return data | {"text/html": self.to_html()}, metadata

    def to_html(self):
        """Write the figure for a page without a kernel.

        Returns
        -------
        str
            A ``div`` with the still picture and the state, and around it the parts that
            figures share, each with the digest of its content: of a part that occurs
            twice in a page, one can go. `_sphinx/interactive.py` does that.
        """
        parts = {}  # digest -> element

        def share(content, tag="script", kind="text/plain"):
            if f"</{tag}" in content:
                raise ValueError(
                    f"`</{tag}` in {content[:40]!r} would end it too early."
                )
            digest = hashlib.sha256(content.encode()).hexdigest()[:16]
            parts[digest] = (
                f'<{tag} type="{kind}" data-lenet-part="{digest}">{content}</{tag}>'
            )
            return digest

        def share_module(path):
            return f"lenet:{share(resolve_imports(path, share_module))}"

        def share_bytes(value):
            if isinstance(value, (bytes, bytearray, memoryview)):
                packed = base64.b64encode(zlib.compress(value, 9)).decode()
                return {"lenet-bytes": share(packed)}
            if isinstance(value, dict):
                return {key: share_bytes(item) for key, item in value.items()}
            if isinstance(value, (list, tuple)):
                return [share_bytes(item) for item in value]
            return value

        share(self._css, "style", "text/css")
        module = share_module(self._path).removeprefix("lenet:")
        own = set(self.traits(sync=True)) - set(anywidget.AnyWidget.class_traits())
        state = self.get_state(sorted(n for n in own if not n.startswith("_")))
        # "<" would let a text in the state end the element.
        state = json.dumps(share_bytes(state), allow_nan=False).replace("<", "\\u003c")
        share((STATIC / "host.mjs").read_text(encoding="utf-8"), kind="module")
        return (
            f'<div class="lenet-figure" data-lenet-module="{module}">'
            f'<div class="lenet-still">{self._encode_still()}</div>'
            f'<script type="application/json">{state}</script></div>'
            f"{''.join(parts.values())}"
        )

    def _encode_still(self):
        figure, file = self.draw_still(), io.BytesIO()
        figure.savefig(file, format="png", dpi=110)
        plt.close(figure)  # or the cell would show it, too
        picture = Image.open(file).convert("RGB").quantize(STILL_COLORS)
        picture.save(small := io.BytesIO(), "png", optimize=True)
        url = f"data:image/png;base64,{base64.b64encode(small.getvalue()).decode()}"
        return f'<img src="{url}" alt="{html.escape(self.alt)}">'


class DigitPad(InteractiveFigure, module="digit-pad.mjs"):
    """A field to draw a digit on, and what networks make of it, layer by layer.

    Parameters
    ----------
    mnist : MNIST
        The digits to choose from are of its test set.
    networks : sequence of str
        Of `stored.BUILDERS`; the first two are shown at first.
    opening : int, optional
        Which of the digits the figure opens with; it gives way to the first stroke.

    Attributes
    ----------
    strokes : list of list of float
        The drawing, as in `lenet_helpers.drawing`.
    example : int, optional
        Which of the digits lies below it.
    image : array, (28, 28) uint8
        What the networks get, made as MNIST's images were; 0 is background, 255 ink.
    """

    networks = traitlets.List().tag(sync=True)
    shown = traitlets.List(traitlets.Unicode()).tag(sync=True)
    examples = traitlets.List().tag(sync=True)
    digits = traitlets.Bytes().tag(sync=True)
    strokes = traitlets.List().tag(sync=True)
    example = traitlets.Int(None, allow_none=True).tag(sync=True)
    opening = traitlets.Int(None, allow_none=True).tag(sync=True)
    alt = (
        "A handwritten digit; six maps of C1 that stress parts of its outline; the 84 "
        "units of F6 as a picture, in which a digit shows in the font of the codes; "
        "the distances from the ten codes as bars, one of them much shorter."
    )

    def __init__(
        self, mnist, *, networks=("lenet5", "lenet1", "net1989"), opening=None
    ):
        examples = _choose_examples(mnist)
        indices = [example.pop("index") for example in examples]
        super().__init__(
            networks=[stored.describe_network(name) for name in networks],
            shown=list(networks[:2]),
            examples=examples,
            digits=mnist.test_images[indices].numpy().tobytes(),
            opening=opening,
        )

    @property
    def image(self):
        """What the networks get, (28, 28)."""
        digit = None
        if self.example is not None:
            digits = np.frombuffer(self.digits, np.uint8).reshape(-1, 28, 28)
            digit = digits[self.example]
            if not self.strokes:
                return digit.copy()
        return drawing.center_ink(drawing.draw_ink(self.strokes, digit))

    def draw_still(self):
        """Draw LeNet-5 reading the first example; returns the Figure."""
        pixels = torch.frombuffer(bytearray(self.digits[:784]), dtype=torch.uint8)
        network = stored.load_network("lenet5")
        image = stored.PREPARATIONS["lenet5"](pixels.view(1, 1, 28, 28))
        with torch.no_grad():
            c1 = network.c1(image)
            f6 = network.f6(network.c5(network.s4(network.c3(network.s2(c1)))))
            penalties = network.output(f6)[0]
        figure, axes = plt.subplots(
            1,
            4,
            figsize=(figures.WIDTH, 2.4),
            width_ratios=[2, 4, 1.2, 3],
            layout="constrained",
        )
        axes[0].imshow(image[0, 0].numpy(), cmap=figures.INK)
        rows = torch.cat([torch.cat(list(c1[0, i : i + 3]), 1) for i in (0, 3)])
        for axis, maps in ((axes[1], rows), (axes[2], f6.view(12, 7))):
            axis.imshow(maps.numpy(), cmap=figures.SIGNED, vmin=-1.7159, vmax=1.7159)
        axes[3].barh(range(10), penalties.numpy(), color="0.6")
        axes[3].set_yticks(range(10))
        axes[3].invert_yaxis()
        for axis, name in zip(axes, ("input", "C1", "F6", "distance"), strict=True):
            axis.set_title(name, fontsize=10)
        for axis in axes[:3]:
            axis.axis("off")
        return figure


def _choose_examples(mnist):
    """List the digits to choose from: one of each class, some that 1998 misread."""
    group = "Digits of the test set"
    chosen = [
        {
            "group": group,
            "name": f"a {label}",
            "index": (mnist.test_labels == label).nonzero()[0].item(),
        }
        for label in range(10)
    ]
    if mnist.source == "sample":  # has another test set
        return chosen
    for index, label, answer in paper.FIGURE_8:
        if index in MISREAD:
            name = f"a {label} that LeNet-5 read as {answer}"
            group = "Misread in 1998"
            chosen.append({"group": group, "name": name, "index": index})
    return chosen


class WideInput(InteractiveFigure, module="wide-input.mjs"):
    """A strip to write digits on, and LeNet-5's answer at every place of it.

    Attributes
    ----------
    strokes : list of list of float
        The line, as in `lenet_helpers.drawing`; at first, 1998.
    strip : array, (28, 28 + 4 k) uint8
        What the network gets; each window of 28 columns, 4 apart, has an answer.
    """

    network = traitlets.Dict().tag(sync=True)
    columns = traitlets.Int(COLUMNS).tag(sync=True)
    example = traitlets.List().tag(sync=True)
    strokes = traitlets.List().tag(sync=True)
    alt = (
        "A strip on which 1998 is written by hand, and below it, for each place of the "
        "window, F6 as a small picture with the answer: under the digits the pictures "
        "are clear, between them they are blurred."
    )

    def __init__(self):
        line = [list(stroke) for stroke in YEAR]
        network = stored.describe_network("lenet5")
        super().__init__(network=network, example=line, strokes=line)

    @property
    def strip(self):
        """What the network gets, (28, 28 + 4 k)."""
        return drawing.scale_line(drawing.draw_ink(self.strokes, columns=self.columns))

    def draw_still(self):
        """Draw the strip and F6 at every place; returns the Figure."""
        network = stored.load_network("lenet5")
        pixels = torch.from_numpy(self.strip)
        width = pixels.shape[1] + 4
        image = prepare_images(pixels[None, None], size=width)  # (1, 1, 32, width)
        windows = image[0, 0].unfold(1, 32, 4).permute(1, 0, 2)[:, None]
        with torch.no_grad():
            states = torch.nn.Sequential(*list(network.children())[:-1])(windows)
            answers = network.output(states).argmin(1).tolist()
        figure, axis = plt.subplots(figsize=(figures.WIDTH, 2.6))
        axis.imshow(pixels.numpy(), cmap=figures.INK, extent=(2, width - 2, 12, 40))
        for place, (picture, answer) in enumerate(zip(states, answers, strict=True)):
            x = 16 + 4 * place
            axis.imshow(
                picture.view(12, 7).numpy(),
                cmap=figures.SIGNED,
                vmin=-1.7159,
                vmax=1.7159,
                extent=(x - 1.8, x + 1.8, 5, 11.2),
            )
            axis.text(x, 4, answer, ha="center", va="top", fontsize=9)
        axis.set(xlim=(0, width), ylim=(0, 40))
        axis.axis("off")
        return figure
