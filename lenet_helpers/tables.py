"""Show a data frame as a table that reads well in a page, in JupyterLab and as text.

Tried and not used: great_tables writes 9 kB of fixed, light colours into every table;
pandas' Styler marks no header cell for screen readers and has no text form.
"""

import math
from collections.abc import Callable, Mapping
from html import escape
from numbers import Integral, Real

import numpy as np
import pandas as pd

MISSING = "–"


class Table:
    """A table of strings with a caption; Jupyter shows it as HTML.

    Parameters
    ----------
    cells : DataFrame of str
        The index holds the row headers.
    caption : str
    words : sequence of bool, one a column
        Columns of words are aligned left, columns of numbers right.
    """

    def __init__(self, cells: pd.DataFrame, caption: str, words: list[bool]):
        self.cells, self.caption, self.words = cells, caption, words

    def __repr__(self):
        """Write the caption and the cells, in columns, for a terminal."""
        return f"{self.caption}\n{self.cells.to_string()}"

    def _repr_html_(self):
        keys = [name or "" for name in self.cells.index.names]
        left = [True] * len(keys) + self.words
        names = [*keys, *self.cells.columns]
        lines = [_write_row(names, left, ["col" if name else "" for name in names])]
        scopes = ["row"] * len(keys) + [""] * len(self.words)
        for key, values in zip(self.cells.index, self.cells.values, strict=True):
            row = [*(key if isinstance(key, tuple) else [key]), *values]
            lines.append(_write_row(row, left, scopes))
        caption = escape(self.caption)
        body = "\n".join(lines[1:])
        return (
            f'<div class="lenet-table" role="group" aria-label="{caption}" '
            f'tabindex="0">\n<table class="dataframe">\n'
            f"<caption><span>{caption}</span></caption>\n"
            f"<thead>\n{lines[0]}\n</thead>\n<tbody>\n{body}\n</tbody>\n"
            "</table>\n</div>"
        )


def show(
    frame: pd.DataFrame | pd.Series,
    caption: str,
    formats: str | Mapping[str, str | Callable[[float], str]] = "{:,.2f}",
) -> Table:
    """Format a data frame for reading: "1,234", "0.50", "yes", and "–" for what is not.

    Whole numbers get thousands separators. A column has one format, so its numbers
    stand with their decimal points one below the other.

    Parameters
    ----------
    frame : DataFrame, or Series with a name
        Columns bear the names, with units, that a reader shall see.
    caption : str
        Says what the table shows; it stands above it.
    formats : str or mapping of column to str or function, optional
        How a float is written, everywhere or column by column ("{:.1%}", `write_p`).
        Columns that the mapping does not name are written with two decimals.

    Returns
    -------
    Table

    Raises
    ------
    KeyError : `formats` names a column that the frame has not.
    """
    frame = frame.to_frame() if isinstance(frame, pd.Series) else frame
    frame = frame.set_axis([_name(column) for column in frame.columns], axis=1)
    default = formats if isinstance(formats, str) else "{:,.2f}"
    formats = {} if isinstance(formats, str) else formats
    if unknown := [column for column in formats if column not in frame]:
        raise KeyError(
            f"`formats` names {', '.join(unknown)}, which is no column; the columns "
            f"are {', '.join(frame)}."
        )
    cells = {
        column: [_write(value, formats.get(column), default) for value in frame[column]]
        for column in frame
    }
    words = [any(isinstance(v, str) for v in frame[column]) for column in frame]
    index = frame.index.map(
        lambda key: (
            tuple(map(_write_key, key)) if isinstance(key, tuple) else _write_key(key)
        )
    )
    index.names = [None if name is None else str(name) for name in frame.index.names]
    return Table(pd.DataFrame(cells, index), caption, words)


def write_p(p_value: float) -> str:
    """Write a p-value with three decimals, and a smaller one as less than the last."""
    return f"{p_value:.3f}" if p_value >= 0.001 else "<\N{NO-BREAK SPACE}0.001"


def _name(column):
    return ", ".join(map(str, column)) if isinstance(column, tuple) else str(column)


def _write_key(key):
    return _write(key, None, "{:g}")


def _write(value, pattern, default):
    """Write one value; a pattern of the column's own also holds for whole numbers."""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if not isinstance(value, Real):
        return MISSING if pd.isna(value) else str(value)
    if math.isnan(value):
        return MISSING
    if pattern is None:
        pattern = "{:,}" if isinstance(value, Integral) else default
    text = pattern.format(value) if isinstance(pattern, str) else pattern(value)
    return text.removeprefix("-") if not text.strip("-0.,% ") else text  # no -0.00


def _write_row(texts, left, scopes):
    """Write a row: a header where a scope is given, words aligned left."""
    cells = []
    for text, is_left, scope in zip(texts, left, scopes, strict=True):
        tag, attributes = ("th", f' scope="{scope}"') if scope else ("td", "")
        if is_left:
            attributes += ' style="text-align: left"'
        cells.append(f"<{tag}{attributes}>{escape(text)}</{tag}>")
    return f"<tr>{''.join(cells)}</tr>"
