"""Every plot that is drawn twice, in one style, for a light and a dark page."""

import colorsys
import io
import math
import re

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure

INK = "gray_r"  # digits: dark on white
SIGNED = "RdBu_r"  # weights and activations: diverging, 0 is white
WIDTH = 7.0  # inches; as wide as the text
ARCHITECTURE_STYLE = """
text{font:15px sans-serif;text-anchor:middle;fill:#222}
.step{font-size:13px;fill:#555}
.map{fill:#e8eef7;stroke:#1f3a5f}
.arrow{fill:none;stroke:#555;marker-end:url(#tip)}
.tip{fill:#555}
.page{fill:#fff}
@media (prefers-color-scheme:dark){
text{fill:#ddd}
.step{fill:#aaa}
.map{fill:#24364f;stroke:#9dbbe8}
.arrow{stroke:#aaa}
.tip{fill:#aaa}
.page{fill:#121212}
}"""


def set_style() -> None:
    """Set the style of every figure of the book; call it once a chapter.

    In Jupyter a figure becomes an SVG whose colours follow the page from light to
    dark. What is drawn on an image or in the cells of a heat map has to stand out
    from it, and not from the page: such figures are PNG, the same in both.
    """
    sns.set_theme(
        context="notebook",
        style="whitegrid",
        palette="colorblind",
        rc={
            "figure.figsize": (WIDTH, 3.6),
            "figure.dpi": 120,
            "figure.constrained_layout.use": True,
            "lines.linewidth": 2,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "image.interpolation": "none",  # in an SVG: the pixels themselves
            "svg.hashsalt": "lenet",  # the same figure, the same file
        },
    )
    from IPython import get_ipython

    shell = get_ipython()
    if shell is not None:
        # First let Jupyter's backend set its own formats, else it would do so later.
        import matplotlib_inline.backend_inline
        from IPython.core.pylabtools import print_figure

        del matplotlib_inline
        formatters = shell.display_formatter.formatters
        formatters["image/svg+xml"].for_type(
            Figure, lambda figure: draw_svg(figure) if follows_theme(figure) else None
        )
        formatters["image/png"].for_type(
            Figure,
            lambda figure: None if follows_theme(figure) else print_figure(figure),
        )


def follows_theme(figure: Figure) -> bool:
    """Tell whether nothing of a figure is drawn on an image or in a heat map."""
    for axes in figure.axes:
        drawn = [*axes.lines, *axes.texts, *axes.patches, *axes.collections]
        if axes.images and drawn:
            return False
        if any(isinstance(artist, QuadMesh) for artist in axes.collections):
            return False
    return True


def draw_svg(figure: Figure) -> str:
    """Draw a figure as an SVG whose colours follow the page from light to dark.

    Parameters
    ----------
    figure : Figure

    Returns
    -------
    str
    """
    file = io.StringIO()
    figure.savefig(file, format="svg", bbox_inches="tight", metadata={"Date": None})
    return follow_theme(file.getvalue())


def follow_theme(svg: str) -> str:
    """Give each fill and stroke of an SVG a second colour, for a dark page.

    A browser passes the colour scheme of a page on to its images, so one file serves
    both. Greys change places, from white to nearly black; other colours become light
    enough for a dark ground and keep their order and hue.

    Parameters
    ----------
    svg : str
        Its colours are written "fill: #rrggbb" or "stroke: #rrggbb".

    Returns
    -------
    str
    """
    pattern = r"\b(fill|stroke): ?#([0-9a-f]{6})"
    colours = sorted({"000000"} | {match[1] for match in re.findall(pattern, svg)})
    light = "".join(f"--c{colour}:#{colour};" for colour in colours)
    dark = "".join(f"--c{colour}:#{_darken(colour)};" for colour in colours)
    style = (
        f"<style>svg{{{light}fill:var(--c000000)}}"  # black is left out by matplotlib
        f"@media (prefers-color-scheme:dark){{svg{{{dark}}}}}</style>"
    )
    svg = re.sub(pattern, r"\1:var(--c\2)", svg)
    return re.sub(r"(<svg\b[^>]*>)", lambda match: match[1] + style, svg, count=1)


def _darken(colour):
    """Find what a colour of a light page becomes on a dark one; both "rrggbb"."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    if max(red, green, blue) - min(red, green, blue) < 0.06:  # a grey
        lightness = 0.93 - 0.86 * lightness  # white becomes #121212, the page
    else:
        lightness = 0.5 + 0.35 * lightness
    parts = colorsys.hls_to_rgb(hue, lightness, saturation)
    return "".join(f"{round(255 * part):02x}" for part in parts)


def plot_digits(images, titles=None, *, columns=10, cmap=INK, symmetric=False):
    """Draw images in a grid.

    Parameters
    ----------
    images : Tensor or array, (N, H, W) or (N, 1, H, W)
    titles : sequence of str, optional
        One above each image.
    columns : int
    cmap : str
    symmetric : bool
        Centre the colours on 0, one scale for all; for weights and activations, with
        ``cmap=figures.SIGNED``.

    Returns
    -------
    Figure
    """
    images = np.asarray(images)
    images = images.reshape(len(images), *images.shape[-2:])
    columns = min(columns, len(images))
    rows = math.ceil(len(images) / columns)
    side = WIDTH / columns
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(WIDTH, rows * (side + (0.25 if titles is not None else 0))),
        squeeze=False,
    )
    low, high = images.min(), images.max()
    if symmetric:
        high = max(abs(low), abs(high))
        low = -high
    for i, axis in enumerate(axes.flat):
        axis.axis("off")
        if i < len(images):
            axis.imshow(images[i], cmap=cmap, vmin=low, vmax=high)
            if titles is not None:
                axis.set_title(titles[i], fontsize=9, pad=3)
    return figure


def plot_maps(maps, titles=None, *, columns=6):
    """Draw feature maps or kernels, blue below 0, white at 0, red above.

    Parameters
    ----------
    maps : Tensor or array, (C, H, W)
    titles : sequence of str, optional
    columns : int

    Returns
    -------
    Figure
    """
    return plot_digits(maps, titles, columns=columns, cmap=SIGNED, symmetric=True)


def plot_history(history):
    """Draw the training loss by step and both losses by epoch.

    Parameters
    ----------
    history : DataFrame
        As `lenet_helpers.training.History.frame` returns it.

    Returns
    -------
    Figure
    """
    figure, axes = plt.subplots()
    steps = history[history["interval"] == "step"]
    axes.plot(steps["step"], steps["loss"], color="0.75", lw=0.8, label="each step")
    epochs = history[history["interval"] == "epoch"]
    for name, marker in (("training", "o"), ("validation", "s")):
        rows = epochs[epochs["set"] == name]
        label = f"{name}, by epoch"
        axes.plot(rows["step"], rows["loss"], marker=marker, label=label)
    axes.set(xlabel="update (step)", ylabel="cross-entropy loss", yscale="log")
    axes.legend()
    return figure


def plot_confusion(matrix):
    """Draw a confusion matrix, its diagonal left out of the colours.

    Parameters
    ----------
    matrix : Tensor or array, (10, 10) int
        Row: the true class; column: the answer.

    Returns
    -------
    Figure
    """
    matrix = np.asarray(matrix)
    mistakes = matrix * (1 - np.eye(10, dtype=int))
    figure, axes = plt.subplots(figsize=(6, 5))
    sns.heatmap(
        mistakes,
        annot=matrix,
        fmt="d",
        cmap="Oranges",
        cbar=False,
        square=True,
        linewidths=0.5,
        annot_kws={"fontsize": 9},
        ax=axes,
    )
    axes.set(xlabel="answer", ylabel="true digit")
    axes.tick_params(rotation=0)
    return figure


def draw_architecture(layers):
    """Draw a network as stacks of feature maps, left to right, as an SVG.

    Parameters
    ----------
    layers : list of (name, num_maps, side, step)
        ``side`` is a map's height and width in units (1 for a plain unit); ``step``
        says how the layer is computed from the one before ("" for the input).

    Returns
    -------
    IPython.display.SVG
    """
    from IPython.display import SVG

    height, middle = 210, 80  # middle of the maps
    parts = []
    x = 10
    for name, num_maps, side, step in layers:
        if step:
            arrow = f'<path d="M{x + 6:.1f} {middle}h68" class="arrow"/>'
            parts += [arrow, *_write(step, x + 40, middle - 34, "step")]
            x += 80
        size, shown, across, down = _measure_stack(num_maps, side)
        width = max(size + (shown - 1) * across, 40)
        left = x + (width - size - (shown - 1) * across) / 2
        top = middle - (size + (shown - 1) * down) / 2
        for i in range(shown):
            parts.append(
                f'<rect x="{left + i * across:.1f}" y="{top + i * down:.1f}" '
                f'width="{size:.1f}" height="{size:.1f}" class="map"/>'
            )
        count = f"{num_maps}@{side}×{side}" if side > 1 else f"{num_maps}"
        parts += _write(f"{name}\n{count}", x + width / 2, height - 28, "name")
        x += width
    return SVG(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {x + 10:.0f} {height}" '
        f'width="{x + 10:.0f}" height="{height}"><style>{ARCHITECTURE_STYLE}</style>'
        '<defs><marker id="tip" orient="auto" markerWidth="7" markerHeight="7" '
        'refX="6" refY="3.5"><path d="M0 0l7 3.5-7 3.5z" class="tip"/></marker></defs>'
        f'<rect width="100%" height="100%" class="page"/>{"".join(parts)}</svg>'
    )


def _measure_stack(num_maps, side):
    """Choose a map's size, how many to show, and the steps across and down."""
    if side > 1:
        return 20 + 1.8 * side, min(num_maps, 8), 4, 5
    return 7, min(num_maps, 16), 1, 9


def _write(text, x, y, style):
    return [
        f'<text x="{x:.1f}" y="{y + 15 * i:.1f}" class="{style}">{line}</text>'
        for i, line in enumerate(text.split("\n"))
    ]
