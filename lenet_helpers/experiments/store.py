"""The store of results: a row a run, with what made it."""

import contextlib
import csv
import functools
import hashlib
import importlib
import io
import json
import os
import platform
import subprocess
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import safetensors.torch
import torch
from filelock import FileLock

from lenet_helpers.data import load_mnist

FOLDERS = {  # of each experiment's module
    "recipe": "published",
    "figure5": "published",
    "figure6": "published",
    "figure9": "published",
    "causes": "published",
    "deviations": "today",
    "modern": "today",
    "deeper": "today",
    "speedrun": "today",
    "replay": "for_figures",
    "rejection": "for_figures",
}
NAMES = tuple(FOLDERS)
RESULTS = Path(__file__).parents[2] / "results"
PACKAGES = ("torch", "numpy", "numba", "scikit-learn")
_passes = None  # where `report_pass` writes, in the process of a run


def read_results(name, *, folder=RESULTS):
    """Read what an experiment has measured so far.

    Parameters
    ----------
    name : str, one of `NAMES`
    folder : path

    Returns
    -------
    DataFrame
        A row a run: its configuration, ``seed``, what was measured, ``seconds``,
        ``versions``, ``commit``, ``data`` (the digest of MNIST's images and labels).
        Lists are lists again.

    Raises
    ------
    ValueError : `name` is unknown.
    FileNotFoundError : the experiment has not been run.
    """
    find_experiment(name)
    path = Path(folder) / f"{name}.csv"
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is not there: `python -m lenet_helpers.experiments {name}` makes"
            " it."
        )
    frame = pd.read_csv(path)
    for column in frame.select_dtypes(["object", "string"]):
        if frame[column].str.startswith("[", na=False).any():
            frame[column] = frame[column].map(json.loads, na_action="ignore")
    return frame


def find_experiment(name):
    """Import an experiment's module.

    Parameters
    ----------
    name : str, one of `NAMES`

    Returns
    -------
    module

    Raises
    ------
    ValueError : `name` is unknown.
    """
    if name not in NAMES:
        raise ValueError(f"`name` must be one of {', '.join(NAMES)}, got {name!r}.")
    return importlib.import_module(f"lenet_helpers.experiments.{FOLDERS[name]}.{name}")


def list_runs(name, *, num_seeds, folder=RESULTS):
    """List the runs that are not recorded yet, and count those that are.

    Parameters
    ----------
    name : str, one of `NAMES`
    num_seeds : int
        The seeds are 0, 1, ...
    folder : path

    Returns
    -------
    list of dict
        Configuration and seed of each run to do, all configurations of a seed before
        the next seed.
    int
        How many are done.
    """
    module = find_experiment(name)
    is_random = getattr(module, "is_random", lambda configuration: True)
    runs = [
        {**configuration, "seed": seed}
        for seed in range(num_seeds)
        for configuration in module.CONFIGURATIONS
        if seed == 0 or is_random(configuration)
    ]
    with _lock(folder, name):
        done = {_identify(name, row) for row in _read_rows(folder, name)}
    missing = [run for run in runs if _identify(name, run) not in done]
    return missing, len(runs) - len(missing)


def measure(name, run, *, passes=None):
    """Do one run of an experiment.

    Parameters
    ----------
    name : str, one of `NAMES`
    run : dict
        Of `list_runs`.
    passes : path, optional
        A file to which each pass adds a byte.

    Returns
    -------
    dict
        The row for `record`.
    """
    global _passes
    _passes = passes
    torch.set_num_threads(1)  # runs are side by side on the cores
    started = time.perf_counter()
    measured = find_experiment(name).run(**run)
    return {
        **run,
        **measured,
        "seconds": round(time.perf_counter() - started, 1),
        "versions": describe_versions(),
        "commit": describe_commit(),
        "data": digest_data(),
    }


def report_pass(*_):
    """Let the progress bar know that a training pass has ended, where it can see it."""
    if _passes is not None:
        with contextlib.suppress(OSError), open(_passes, "r+b") as file:
            file.seek(0, os.SEEK_END)
            file.write(b".")


def record(name, row, *, folder=RESULTS):
    """Add a run to an experiment's table, unless it is there already.

    The table is written anew beside the old one and moved into its place, under a lock:
    a kill at any moment leaves a whole table, and two processes lose no row. So are the
    files that come with a row, before it.

    Parameters
    ----------
    name : str, one of `NAMES`
    row : dict
        Of `measure`.
    folder : path
    """
    with _lock(folder, name):
        rows = _read_rows(folder, name)
        if _identify(name, row) in {_identify(name, other) for other in rows}:
            return
        for file, tensors in row.get("files", {}).items():
            _replace(Path(folder) / file, safetensors.torch.save(tensors))
        values = {key: value for key, value in row.items() if key != "files"}
        rows.append({key: _write(value) for key, value in values.items()})
        columns = list(dict.fromkeys(column for other in rows for column in other))
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        _replace(Path(folder) / f"{name}.csv", text.getvalue().encode())


def describe_versions():
    """Name the versions of Python and of what computes."""
    names = [f"{name} {version(name)}" for name in PACKAGES]
    return ", ".join([f"Python {platform.python_version()}", *names])


@functools.cache
def describe_commit():
    """Name the commit that runs, with a + where files differ from it."""
    command = ["git", "describe", "--always", "--dirty=+", "--abbrev=10"]
    try:
        answer = subprocess.run(
            command, cwd=RESULTS.parent, capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return answer.stdout.strip() or "unknown"


@functools.cache
def digest_data():
    """Compute the digest of the images and labels that `load_mnist` gives."""
    mnist, digest = load_mnist(), hashlib.sha256()
    for part in ("train_images", "train_labels", "test_images", "test_labels"):
        digest.update(getattr(mnist, part).numpy().tobytes())
    return f"{mnist.source} {digest.hexdigest()[:16]}"


def _lock(folder, name):
    Path(folder).mkdir(parents=True, exist_ok=True)
    return FileLock(Path(folder) / f".{name}.lock")


def _replace(path, content):
    """Write a file under another name and move it into place."""
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=f".{path.name}-", delete=False
    ) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def _read_rows(folder, name):
    path = Path(folder) / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _identify(name, row):
    keys = [*dict.fromkeys(k for c in find_experiment(name).CONFIGURATIONS for k in c)]
    return tuple(_write(row.get(key)) for key in (*keys, "seed"))


def _write(value):
    """Write a value of a row as text."""
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, (list, tuple)) else str(value)
