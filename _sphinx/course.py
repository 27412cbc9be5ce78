"""Key the execution cache on what chapters depend on; make data frames accessible."""

import hashlib
import os
import shutil
from pathlib import Path

from docutils import nodes

ROOT = Path(__file__).parents[1]
INPUTS = ("requirements.txt", "lenet_helpers/**/*", "results/**/*")


def digest_inputs():
    """Hash what chapters depend on: helpers, pins, results, and which MNIST is there.

    Returns
    -------
    str : 16 hexadecimal digits
    """
    digest = hashlib.sha256(os.environ.get("LENET_SOURCE", "").encode())
    for pattern in INPUTS:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(ROOT)}\n".encode())
                digest.update(path.read_bytes())
    data = Path(os.environ.get("LENET_DATA") or ROOT / "data")
    for path in sorted(data.glob("*-ubyte")):  # load_mnist verifies their content
        digest.update(f"{path.name} {path.stat().st_size}\n".encode())
    return digest.hexdigest()[:16]


def key_execution_cache(app, config):
    """Give each state of the inputs an execution cache of its own.

    MyST-NB's cache knows a chapter's cells and nothing behind them. When the folder's
    name changes, Sphinx reads every chapter again and MyST-NB executes it.
    """
    caches = Path(app.outdir).parent / ".execution"
    current = caches / digest_inputs()
    for path in caches.glob("*"):
        if path != current:
            shutil.rmtree(path)
    config.nb_execution_cache_path = str(current)


def write_sidebars(app, env):
    """Write every page when a title in the sidebar changed, else what Sphinx would."""
    titles = {name: title.astext() for name, title in env.titles.items()}
    before = getattr(env, "course_titles", titles)
    env.course_titles = titles
    return [] if titles == before else list(env.found_docs)


def mend_tables(app, doctree, docname):
    """Let the keyboard scroll a data frame, and make no header of its empty corner."""
    for node in doctree.findall(nodes.raw):
        if 'class="dataframe"' in node.astext():
            html = node.astext().replace("<th></th>", "<td></td>")
            html = html.replace('<table border="1"', '<table tabindex="0"')
            node.children = [nodes.Text(html)]


def focus_tables(app, pagename, templatename, context, doctree):
    """Let the keyboard scroll the tables of the text, which are wide on a phone."""
    if "body" in context:
        context["body"] = context["body"].replace(
            '<table class="table"', '<table tabindex="0" class="table"'
        )


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", key_execution_cache)
    app.connect("env-updated", write_sidebars)
    app.connect("doctree-resolved", mend_tables)
    app.connect("html-page-context", focus_tables)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
