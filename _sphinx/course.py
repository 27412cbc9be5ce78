"""Execute chapters side by side; key their cache; make data frames accessible."""

import hashlib
import os
import shutil
from pathlib import Path

from docutils import nodes
from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor
from sphinx.util import logging

ROOT = Path(__file__).parents[1]
READER = {"name": "myst_nb_md", "type": "plugin"}
logger = logging.getLogger(__name__)
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


def execute_chapters(app, env, docnames):
    """Execute the chapters to be read that no cache holds, one on each core.

    MyST-NB then finds them executed. One that fails it executes again, and reports.
    Later chapters train longer, so the last comes first.
    """
    cache = get_cache(app.config.nb_execution_cache_path)
    for record in cache.list_project_records():
        cache.remove_nb_from_project(record.pk)
    for name in reversed([*app.config.external_site_map]):
        path = Path(env.doc2path(name))
        if name in docnames and "{code-cell}" in path.read_text(encoding="utf-8"):
            cache.add_nb_to_project(str(path), read_data=READER)
    executor = load_executor("local-parallel", cache)
    result = executor.run_and_cache(timeout=app.config.nb_execution_timeout)
    for path in result.succeeded:
        logger.info("%s: Executed notebook", path)


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
    app.connect("env-before-read-docs", execute_chapters)
    app.connect("env-updated", write_sidebars)
    app.connect("doctree-resolved", mend_tables)
    app.connect("html-page-context", focus_tables)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
