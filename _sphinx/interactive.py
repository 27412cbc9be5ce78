"""Deduplicate figure assets on each page; write them as files; drop widget state.

A page holds what its interactive figures share as text, because a browser imports no
module from a disk. A site may forbid scripts that are made from a page's text (by its
content security policy), so modules and the script that starts them are files, too.
The files that a figure asks for lie beside them: no page fetches them unasked.
"""

import base64
import os
import re
from pathlib import Path

PART = re.compile(r'<(script|style)[^>]* data-lenet-part="(\w+)".*?</\1>', re.S)
SCRIPT = re.compile(
    r'<script type="(module|text/lenet-module)" data-lenet-part="\w+">(.*)</script>',
    re.S,
)
FOLDER = "_static/lenet"  # of the built book
ASKS = re.compile(r'data-lenet-asks="(\w+)"')


def forget_widgets(app, doctree):
    """Leave out the state for a widget manager: figures bring their own."""
    pages = getattr(app.env, "nb_metadata", {})
    pages.get(app.env.docname, {}).get("js_files", {}).pop("ipywidgets_state", None)


def share_parts(app, pagename, templatename, context, doctree):
    """Keep each shared part once, behind the text, which is painted before it."""
    body = context.get("body", "")
    parts = {match[2]: match[0] for match in PART.finditer(body)}
    if not parts:
        return
    folder = Path(app.outdir, FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    for digest, part in parts.items():
        script = SCRIPT.fullmatch(part)
        path = folder / f"{digest}.js"
        if script and script[1] == "module":  # web/host.mjs
            write_host(path, script[2])
            source = context["pathto"](f"{FOLDER}/{path.name}", resource=True)
            # Not type="module", which no browser starts from a disk.
            parts[digest] = (
                f'<script src="{source}" data-lenet-part="{digest}"></script>'
            )
        elif script:
            write_module(path, script[2])
    for name in sorted(set(ASKS.findall(body))):
        FILES[name](folder / f"{name}.js")
    context["body"] = PART.sub("", body) + "".join(parts.values())


def write_module(path, source):
    """Write a module, whose imports name others as "lenet:DIGEST"."""
    path.write_text(re.sub(r'"lenet:(\w+)"', r'"./\1.js"', source), encoding="utf-8")


def write_digits(path, mnist=None):
    """Write the digits that the Training room trains on; about 1.5 MB."""
    from lenet_helpers import load_mnist
    from lenet_helpers.interactive.digits import pack_digits

    write_file(path, pack_digits(mnist or load_mnist()))


def write_slider(path, network=None):
    """Write the network that slides over amounts; about 0.2 MB."""
    from lenet_helpers.experiments.for_figures.sliding_amounts import load_reader
    from lenet_helpers.interactive.amount_pad import pack_slider

    write_file(path, pack_slider(network or load_reader().network))


FILES = {"digits": write_digits, "sliding_amounts": write_slider}  # by what asks for it


def write_file(path, packed):
    """Write bytes as a script, the only thing that a page on a disk can read."""
    text = base64.b64encode(packed).decode()
    new = path.with_suffix(f".{os.getpid()}")  # pages are written side by side
    new.write_text(f'(globalThis.lenetFiles ??= {{}}).{path.stem} = "{text}";\n')
    new.replace(path)


def write_host(path, source):
    """Write the script that starts figures, its names kept from other scripts."""
    path.write_text(f'(() => {{\n"use strict";\n{source}}})();\n', encoding="utf-8")


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-read", forget_widgets)
    app.connect("html-page-context", share_parts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
