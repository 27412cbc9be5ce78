"""The sheet to print and fill: where its marks and boxes lie, and how it is drawn.

Lengths are in millimetres, from the centre of the mark at the top left, to the right
and down. They are the same on every paper.
"""

from base64 import b64encode
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

PAPERS = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
FRAME = (176.0, 236.0)  # from mark to mark
# Four corners, clockwise from the top left; the fifth says which way is up.
MARKS = np.array([(0, 0), (176, 0), (176, 236), (0, 236), (44, 0)], float)
MODULE = 10 / 7  # of a mark: a ring of 7 x 7 modules, one thick, around a dot of 3 x 3
ROWS, COLUMNS = 10, 10  # row r holds ten times the digit r
PITCH = (16.0, 21.5)  # from box to box
BOX = (14.5, 19.0)
FIRST = (13.0, 15.0)  # the top left corner of the first box
LINE = 0.25  # width of the boxes' lines
LIGHT = "0.8"  # and their grey, so that they are no ink
ADVICE = (
    "Write each row's digit ten times, one to a box, as you always do.",
    "Then photograph the whole page, with its five square marks.",
)


def list_boxes() -> np.ndarray:
    """List the boxes, row by row.

    Returns
    -------
    array, (100, 4) float
        Left, top, right and bottom, in mm.
    """
    rows, columns = np.divmod(np.arange(ROWS * COLUMNS), COLUMNS)
    left, top = FIRST[0] + PITCH[0] * columns, FIRST[1] + PITCH[1] * rows
    return np.stack([left, top, left + BOX[0], top + BOX[1]], axis=1)


def draw_sheet(paper: str = "a4") -> Figure:
    """Draw the sheet: ten rows of ten boxes, what to write, five marks.

    Parameters
    ----------
    paper : {"a4", "letter"}

    Returns
    -------
    Figure
        As large as the paper.

    Raises
    ------
    ValueError : `paper` is unknown.
    """
    if paper not in PAPERS:
        raise ValueError(f"`paper` must be one of {', '.join(PAPERS)}, got {paper!r}.")
    width, height = PAPERS[paper]
    size = (width / 25.4, height / 25.4)
    figure = Figure(figsize=size, facecolor="white")
    figure.set_layout_engine("none")
    axis = figure.add_axes((0, 0, 1, 1))
    left, top = (width - FRAME[0]) / 2, (height - FRAME[1]) / 2
    axis.set(xlim=(-left, width - left), ylim=(height - top, -top), aspect="equal")
    axis.axis("off")
    for x, y in MARKS:
        for modules, color in ((7, "black"), (5, "white"), (3, "black")):
            side = modules * MODULE
            corner = (x - side / 2, y - side / 2)
            axis.add_patch(Rectangle(corner, side, side, color=color, linewidth=0))
    for box_left, box_top, *_ in list_boxes():
        axis.add_patch(
            Rectangle(
                (box_left, box_top),
                *BOX,
                fill=False,
                edgecolor=LIGHT,
                linewidth=LINE / 25.4 * 72,
            )
        )
    for row in range(ROWS):
        middle = FIRST[1] + PITCH[1] * row + BOX[1] / 2
        axis.text(6, middle, str(row), size=18, ha="center", va="center")
    for line, text in enumerate(ADVICE):
        axis.text(55, -2 + 5 * line, text, size=8.5, va="center")
    return figure


def save_sheet(path: str | Path, *, paper: str = "a4") -> Path:
    """Write the sheet to a file, to print at its whole size.

    Parameters
    ----------
    path : str or Path
        Ends with ``.pdf`` or ``.svg``.
    paper : {"a4", "letter"}

    Returns
    -------
    Path

    Raises
    ------
    ValueError : `path` ends otherwise, or `paper` is unknown.
    """
    path = Path(path)
    if path.suffix not in (".pdf", ".svg"):
        raise ValueError(f"`path` must end with .pdf or .svg, got {str(path)!r}.")
    dates = {".pdf": "CreationDate", ".svg": "Date"}
    metadata = {"Title": "A sheet for ten digits", dates[path.suffix]: None}
    with mpl.rc_context({"svg.hashsalt": "sheet", "savefig.bbox": None}):
        draw_sheet(paper).savefig(path, metadata=metadata)
    return path


class SheetLinks:
    """Links to the sheet that work in a page on a disk; Jupyter shows them."""

    def __repr__(self):
        """Say how to write the files where no link can be clicked."""
        return 'save_sheet("sheet.pdf"), or save_sheet("sheet.pdf", paper="letter")'

    def _repr_html_(self):
        links = [_link(paper, name) for paper, name in NAMES.items()]
        return f'<p class="lenet-links">{" · ".join(links)}</p>'


NAMES = {"a4": "A4", "letter": "Letter"}


def _link(paper, name):
    """Write a link that holds the sheet as a PDF."""
    with TemporaryDirectory() as folder:
        content = save_sheet(Path(folder) / "sheet.pdf", paper=paper).read_bytes()
    address = f"data:application/pdf;base64,{b64encode(content).decode()}"
    return f'<a href="{address}" download="sheet-{paper}.pdf">The sheet, {name}</a>'
