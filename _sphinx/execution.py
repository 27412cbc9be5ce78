"""Execute the chapters that changed, side by side, and keep what they put out.

MyST-NB's cache knows a chapter's cells and nothing behind them. So each chapter has a
cache for each digest of its inputs: ``.execution/<chapter>/<digest>/`` in the build
folder, of which the last three stay.
"""

import copy
import logging as python_logging
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import nbformat
from chapter_inputs import digest
from joblib import cpu_count
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.read import is_myst_markdown_notebook, myst_nb_reader_plugin
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from sphinx.util import logging
from traitlets.config import Config

CACHES_KEPT = 3  # of each chapter
# They write all their settings into the build's log.
TALKATIVE = ("myst_parser.sphinx_ext.main", "myst_nb.sphinx_ext")
logger = logging.getLogger(__name__)


def find_changed_chapters(app, env, added, changed, removed):
    """Digest the inputs of every chapter; return those whose digest changed.

    Sphinx itself knows only whether the chapter's file changed.
    """
    before = getattr(env, "chapter_digests", {})
    env.chapter_digests = {}
    for name in env.found_docs:
        path = Path(env.doc2path(name))
        if is_myst_markdown_notebook(path.read_text(encoding="utf-8")):
            env.chapter_digests[name] = digest(path, root=Path(app.srcdir))
    return [
        name
        for name, current in env.chapter_digests.items()
        if name in before and before[name] != current
    ]


def execute_chapters(app, env, docnames):
    """Execute the chapters to be read that no cache holds, one on each core.

    Later chapters train longer, so the last comes first. A chapter that fails does not
    stop the others. When all have run, the build ends there, and names each cell that
    failed or took longer than ``execute: timeout`` allows.
    """
    waiting = {}  # chapter -> arguments of `execute_chapter`
    for name in reversed([*app.config.external_site_map]):
        if name in docnames and name in env.chapter_digests:
            path, folder = Path(env.doc2path(name)), find_cache(app, name)
            if not fetch_from_cache(path, folder):
                waiting[name] = (path, folder, app.config.nb_execution_timeout)
    if waiting:
        build_font_cache()
    # Side by side, threads of all chapters on all cores take nearly twice as long.
    threads = max(1, cpu_count() // max(1, len(waiting)))
    faults = []
    with ProcessPoolExecutor(max_workers=cpu_count()) as pool:
        running = {
            pool.submit(execute_chapter, *arguments, threads): name
            for name, arguments in waiting.items()
        }
        for future in as_completed(running):
            seconds, fault = future.result()
            outcome = "failed" if fault else "executed"
            logger.info("%s: %s in %.0f s", running[future], outcome, seconds)
            faults += [fault] if fault else []
    if faults:
        sys.exit(
            "\n\n".join(["", *faults])
        )  # an exception would add 50 lines of its own
    for name in env.chapter_digests:
        remove_old_caches(find_cache(app, name))


def execute_chapter(
    path: Path, folder: Path, timeout: int, threads: int
) -> tuple[float, str | None]:
    """Execute a chapter in a kernel of its own and put the outcome into a cache.

    Parameters
    ----------
    path : path of the chapter
    folder : path of the cache
    timeout : int, seconds for one cell
    threads : int, of PyTorch, unless the environment says how many

    Returns
    -------
    float
        Seconds.
    str or None
        What went wrong and where, if something did. Then nothing is cached.
    """
    notebook = myst_nb_reader_plugin(str(path))
    begun = []  # indices of the cells that began
    fault = None
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as sockets:
        client = NotebookClient(
            notebook,
            config=choose_sockets(sockets),
            timeout=timeout,
            record_timing=False,  # it would become part of the cells that are cached
            interrupt_on_timeout=False,  # training takes an interrupt as a wish to stop
            resources={"metadata": {"path": str(path.parent)}},
            on_cell_execute=lambda cell, cell_index: begun.append(cell_index),
        )
        client.log.setLevel(python_logging.CRITICAL)  # what went wrong is returned
        try:
            client.execute(env={"OMP_NUM_THREADS": str(threads), **os.environ})
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            fault = describe_fault(error, path, notebook, begun[-1], timeout)
    seconds = time.perf_counter() - started
    if fault:
        return seconds, fault
    bundle = CacheBundleIn(notebook, str(path), data={"execution_seconds": seconds})
    get_cache(folder).cache_notebook_bundle(bundle, overwrite=True)
    return seconds, None


def choose_sockets(folder: str) -> Config:
    """Let a kernel talk through sockets in a folder of its own.

    Over TCP, the default, each kernel logs a warning that it does not encrypt.
    """
    sockets = {"transport": "ipc", "ip": f"{folder}/kernel"}
    return Config({"KernelManager": sockets})


def describe_fault(error, path, notebook, index, timeout):
    """Say which cell of which chapter failed, and how."""
    number = sum(cell.cell_type == "code" for cell in notebook.cells[: index + 1])
    line = notebook.metadata["source_map"][index]  # of the fence, from 1
    place = f"{path.parent.name}/{path.name}, line {line} (code cell {number})"
    if isinstance(error, CellTimeoutError):
        return (
            f"{place} ran longer than {timeout} s:\n{notebook.cells[index].source}\n"
            "Let it do less, or raise `timeout` in _config.yml."
        )
    if isinstance(error, DeadKernelError):
        return f"{place} ended its kernel:\n{notebook.cells[index].source}"
    return f"{place} failed:\n{error}"


def fetch_from_cache(path: Path, folder: Path) -> bool:
    """Tell whether a cache holds a chapter, with any captions and tags.

    MyST-NB looks for cells with the captions and tags of today. They change no output,
    so what was put out under others is stored under these, too.
    """
    if not folder.exists():
        return False
    cache, notebook = get_cache(folder), myst_nb_reader_plugin(str(path))
    records = cache.list_cache_records()
    if not records:
        return False
    try:
        cache.match_cache_notebook(notebook)
    except KeyError:
        executed = cache.get_cache_bundle(records[0].pk).nb
        notebook.metadata = copy.deepcopy(executed.metadata)
        for cell, old in zip(list_code_cells(notebook), executed.cells, strict=True):
            cell.update(outputs=old.outputs, execution_count=old.execution_count)
        bundle = CacheBundleIn(notebook, str(path), data=records[0].data)
        cache.cache_notebook_bundle(bundle)
    return True


def list_code_cells(notebook: nbformat.NotebookNode) -> Iterator:
    """List a notebook's code cells; a cached one has no others."""
    return (cell for cell in notebook.cells if cell.cell_type == "code")


def find_cache(app, name: str) -> Path:
    """Find the folder of a chapter's cache for today's inputs."""
    caches = Path(app.outdir).parent / ".execution"
    return caches / name / app.env.chapter_digests[name]


def remove_old_caches(current: Path):
    """Keep the caches of a chapter that were used last."""
    if current.exists():
        os.utime(current)
    caches = [folder for folder in current.parent.glob("*") if folder.is_dir()]
    caches.sort(key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in caches[CACHES_KEPT:]:
        shutil.rmtree(folder)


def name_cache(app, docname, source):
    """Let MyST-NB read this chapter's outputs from this chapter's cache."""
    if docname in app.env.chapter_digests:
        folder = str(find_cache(app, docname))
        app.env.mystnb_config = app.env.mystnb_config.copy(execution_cache_path=folder)
        quieten(f"mystnb-{docname}")  # would name each chapter once more


def quieten(name: str):
    """Let a Sphinx logger say no more than its warnings."""
    python_logging.getLogger(f"sphinx.{name}").setLevel(python_logging.WARNING)


def build_font_cache():
    """Let matplotlib look for fonts once and in silence, not in a chapter's output.

    Where it cannot write to the user's folder it says so, and names a temporary one
    in MPLCONFIGDIR, which the kernels take over.
    """
    python_logging.getLogger("matplotlib").setLevel(python_logging.ERROR)
    import matplotlib.font_manager  # noqa: F401


def setup(app):
    """Register with Sphinx."""
    for name in TALKATIVE:
        quieten(name)
    app.connect("env-get-outdated", find_changed_chapters)
    app.connect("env-before-read-docs", execute_chapters)
    app.connect("source-read", name_cache)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
