"""Interactive figures: live in JupyterLab, and in the built page without a kernel.

The front of a figure is an ES module in `web/figures/`, whose default export has
``render({ model, el })``. In JupyterLab anywidget runs it. In the built page
`web/host.mjs` runs the same source, with a model made from JSON in the page. So a
figure must work without an answer from Python.
"""

import base64
import hashlib
import html
import io
import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path

import anywidget
import matplotlib.pyplot as plt
from PIL import Image

from lenet_helpers.interactive.bundle import COMMENT as OWN_LINES

WEB = Path(__file__).parent / "web"
IMPORT = re.compile(
    r'^(import|(?:import|export|\}).* from) "(\.\.?/[\w./-]+\.mjs)"', re.M
)
# A relative import that IMPORT does not match: single quotes, a folder, another ending,
# `import(...)`. Comments may name modules, for TypeScript.
LEFT = re.compile(r"""(\bfrom|\bimport)\s*\(?\s*["'`]\.{1,2}/.*""")
COMMENT = re.compile(r"/\*.*?\*/|^\s*//.*?$", re.S | re.M)
STILL_COLORS = 256  # with fewer, greys and pale reds take other hues


def resolve_imports(path: Path, locate: Callable[[Path], str]) -> str:
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

    Raises
    ------
    ValueError : it imports in another form, which a page could not follow.
    """
    source = path.read_text(encoding="utf-8")
    left = LEFT.search(COMMENT.sub("", IMPORT.sub("", source)))
    if left:
        found = " ".join(left[0].split())
        raise ValueError(
            f'{path.name} has `{found}`; write `from "./other.mjs"`, with double '
            "quotes and the name of a file, or the figure starts in no page."
        )
    return IMPORT.sub(
        lambda match: f'{match[1]} "{locate((path.parent / match[2]).resolve())}"',
        source,
    )


def make_url(path: Path) -> str:
    """Make a data URL of an ES module, with all that it imports inside."""
    source = resolve_imports(path, make_url).encode()
    return f"data:text/javascript;base64,{base64.b64encode(source).decode()}"


class _Parts:
    """The parts of a page that its figures share: elements by digest of the content."""

    def __init__(self):
        self.elements = {}

    def add(self, content, tag="script", kind="text/plain"):
        """Keep a content once; returns its digest."""
        if f"</{tag}" in content:
            raise ValueError(f"`</{tag}` in {content[:40]!r} would end it too early.")
        digest = hashlib.sha256(content.encode()).hexdigest()[:16]
        self.elements[digest] = (
            f'<{tag} type="{kind}" data-lenet-part="{digest}">{content}</{tag}>'
        )
        return digest

    def add_module(self, path):
        """Keep a module and what it imports; returns the name to import it by."""
        # Comments are a third of the modules, and nobody reads them in a page.
        source = OWN_LINES.sub("", resolve_imports(path, self.add_module))
        return f"lenet:{self.add(source, kind='text/lenet-module')}"

    def take_bytes(self, value):
        """Keep the bytes in a value, at any depth, and put their digest there."""
        if isinstance(value, (bytes, bytearray, memoryview)):
            packed = base64.b64encode(zlib.compress(value, 9)).decode()
            return {"lenet-bytes": self.add(packed)}
        if isinstance(value, dict):
            return {key: self.take_bytes(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.take_bytes(item) for item in value]
        return value


class InteractiveFigure(anywidget.AnyWidget):
    """A figure whose front is an ES module; subclass it for each kind of figure.

    A subclass names its module, ``class Pad(InteractiveFigure, module="pad.mjs")``;
    ``pad.css`` beside it, where there is one, is added to `web/figure.css`. Its
    traits with ``.tag(sync=True)`` are the model: what JSON can hold, and bytes (at any
    depth), which arrive as a DataView. It implements `draw_still` and sets `alt`.

    Attributes
    ----------
    alt : str
        What the still picture shows, in words.
    asks : str
        The name of a file that the front asks for when the reader wants it. For a built
        book `_sphinx/interactive.py` writes it; in JupyterLab the figure answers with
        what `pack_file` gives.
    linked : tuple of str
        Traits that a link to the page can set; `web/parts/link.mjs` makes the link.
    """

    alt = ""
    asks = ""
    linked: tuple[str, ...] = ()

    def __init_subclass__(cls, *, module=None, **options):
        """Read the module and its style sheets."""
        if module:  # anywidget makes subclasses of its own, without one
            cls._path = WEB / "figures" / module
            cls._esm = resolve_imports(cls._path, make_url)
            sheets = [WEB / "figure.css", cls._path.with_suffix(".css")]
            cls._css = "".join(
                sheet.read_text(encoding="utf-8") for sheet in sheets if sheet.exists()
            )
        super().__init_subclass__(**options)

    def __init__(self, **traits):
        super().__init__(**traits)
        self.on_msg(self._answer)

    def pack_file(self) -> bytes:
        """Pack the file that the front asks for.

        Returns
        -------
        bytes
            By zlib.
        """
        raise NotImplementedError

    def _answer(self, _figure, message, _buffers):
        """Hand the file over where the front asks for it."""
        if self.asks and message.get("ask") == self.asks:
            self.send({"answer": self.asks}, [self.pack_file()])

    def draw_still(self):
        """Draw what stands in where JavaScript is off, and in print.

        Returns
        -------
        matplotlib Figure
        """
        raise NotImplementedError

    def _repr_mimebundle_(self, **options):
        data, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        return data | {"text/html": self.to_html()}, metadata

    def to_html(self) -> str:
        """Write the figure for a page without a kernel.

        Returns
        -------
        str
            A ``div`` with the still picture and the state, and around it the parts that
            figures share, each with the digest of its content: of a part that occurs
            twice in a page, one can go. `_sphinx/interactive.py` does that.
        """
        parts = _Parts()
        parts.add(self._css, "style", "text/css")
        module = parts.add_module(self._path).removeprefix("lenet:")
        state = parts.take_bytes(self._read_state())
        # "<" would let a text in the state end the element.
        state = json.dumps(state, allow_nan=False).replace("<", "\\u003c")
        parts.add((WEB / "host.mjs").read_text(encoding="utf-8"), kind="module")
        extras = f' data-lenet-asks="{self.asks}"' if self.asks else ""
        if self.linked:
            link = parts.add_module(WEB / "parts" / "link.mjs").removeprefix("lenet:")
            extras += f' data-lenet-link="{link}" data-lenet-linked="'
            extras += f'{" ".join(self.linked)}" data-lenet-name="{self._path.stem}"'
        return (
            f'<div class="lenet-figure" data-lenet-module="{module}"{extras}>'
            f'<div class="lenet-still">{self._encode_still()}</div>'
            f'<script type="application/json">{state}</script></div>'
            f"{''.join(parts.elements.values())}"
        )

    def _read_state(self):
        """Read the synchronised traits of the figure, without anywidget's own."""
        own = set(self.traits(sync=True)) - set(anywidget.AnyWidget.class_traits())
        return self.get_state(sorted(name for name in own if name[0] != "_"))

    def _encode_still(self):
        figure, file = self.draw_still(), io.BytesIO()
        figure.savefig(file, format="png", dpi=110)
        plt.close(figure)  # or the cell would show it, too
        picture = Image.open(file).convert("RGB").quantize(STILL_COLORS)
        picture.save(small := io.BytesIO(), "png", optimize=True)
        url = f"data:image/png;base64,{base64.b64encode(small.getvalue()).decode()}"
        return f'<img src="{url}" alt="{html.escape(self.alt)}">'
