"""The store of results: a file an experiment, a line of JSON a run, with what made it.

A line is appended in one write and counts once its end is there, so that a kill leaves
whole lines; a lock keeps two writers apart. Reading takes no lock and leaves no file.
"""

import importlib
import json
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pandas as pd
import safetensors.torch
import torch
from filelock import FileLock

from lenet_helpers.data import find_checkout
from lenet_helpers.experiments import progress
from lenet_helpers.experiments.provenance import (
    CHECKOUT,
    PACKAGE,
    describe_commit,
    describe_versions,
    digest_code,
    digest_data,
)

FOLDERS = {  # of each experiment's module
    "recipe": "published",
    "figure5": "published",
    "figure6": "published",
    "figure9": "published",
    "causes": "published",
    "tried": "published",
    "deviations": "today",
    "modern": "today",
    "deeper": "today",
    "speedrun": "today",
    "trials": "today",
    "factorial": "today",
    "league": "today",
    "isolated": "strings",
    "windows": "strings",
    "criteria": "strings",
    "collapse": "strings",
    "amounts": "strings",
    "line_trials": "strings",
    "lesions": "looking",
    "moved": "looking",
    "unpruned": "looking",
    "pruning": "looking",
    "bits": "looking",
    "corrupted": "looking",
    "attacked": "looking",
    "hardened": "looking",
    "twins": "looking",
    "replay": "for_figures",
    "rejection": "for_figures",
    "criteria_replay": "for_figures",
    "sliding_amounts": "for_figures",
}
NAMES = tuple(FOLDERS)
INSTALLED = PACKAGE / "results"  # what a wheel brings, to be read
RESULTS = Path(
    os.environ.get("LENET_RESULTS")
    or (CHECKOUT / "results" if find_checkout() else INSTALLED)
)


def read_results(name: str, *, folder: Path | str = RESULTS) -> pd.DataFrame:
    """Read what an experiment has measured so far.

    Parameters
    ----------
    name : str, one of `NAMES`
    folder : path
        By default `LENET_RESULTS`, else ``results/`` of the checkout, else what was
        installed with the package.

    Returns
    -------
    DataFrame
        A row a run: its configuration, ``seed``, what was measured, ``seconds``,
        ``versions``, ``commit``, ``code`` (the digest of what the run executed; missing
        in rows from before there was one), ``data`` (the digest of MNIST).

    Raises
    ------
    ValueError : `name` is unknown.
    FileNotFoundError : the experiment has not been run.
    """
    find_experiment(name)
    rows = _read_rows(folder, name)
    if not rows:
        raise FileNotFoundError(
            f"{_find_file(folder, name)} is not there: `python -m"
            f" lenet_helpers.experiments {name}` makes it."
        )
    return pd.DataFrame(rows)


def count_test_readings(name: str, *, folder: Path | str = RESULTS) -> int:
    """Count how often the stored runs of an experiment have read the test set.

    A run that tells a test error has read it once, and once per pass or level where it
    tells the test error of each.

    Parameters
    ----------
    name : str, one of `NAMES`
    folder : path
        As in `read_results`.
    """
    find_experiment(name)
    number = 0
    for row in _read_rows(folder, name):
        by_pass = len(row.get("test_error_rate_by_pass") or ())
        by_level = sum("test_error_rate" in level for level in row.get("levels") or ())
        number += by_pass or by_level or int("test_error_rate" in row)
    return number


def find_experiment(name: str) -> ModuleType:
    """Import an experiment's module.

    Parameters
    ----------
    name : str, one of `NAMES`

    Raises
    ------
    ValueError : `name` is unknown.
    """
    return importlib.import_module(find_module(name))


def find_module(name: str) -> str:
    """Give the full name of an experiment's module.

    Parameters
    ----------
    name : str, one of `NAMES`

    Raises
    ------
    ValueError : `name` is unknown.
    """
    if name not in NAMES:
        raise ValueError(f"`name` must be one of {', '.join(NAMES)}, got {name!r}.")
    return f"lenet_helpers.experiments.{FOLDERS[name]}.{name}"


def list_runs(
    name: str,
    *,
    num_seeds: int | None = None,
    only: Mapping[str, str] | None = None,
    folder: Path | str = RESULTS,
) -> tuple[list[dict], int]:
    """List the runs that are not recorded yet, and count those that are.

    Parameters
    ----------
    name : str, one of `NAMES`
    num_seeds : int, optional
        The seeds are 0, 1, ... By default as many as the experiment says, else 5.
    only : dict, optional
        Values, as text, that the runs must have: ``{"change": "none"}``.
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
    if num_seeds is None:
        num_seeds = int(getattr(module, "NUM_SEEDS", 5))
    runs = [
        {**configuration, "seed": seed}
        for seed in range(num_seeds)
        for configuration in module.CONFIGURATIONS
        if seed == 0 or is_random(configuration)
    ]
    for key, value in (only or {}).items():
        runs = [run for run in runs if str(run.get(key)) == value]
    done = {_identify(name, row) for row in _read_rows(folder, name)}
    missing = [run for run in runs if _identify(name, run) not in done]
    return missing, len(runs) - len(missing)


def measure(name: str, run: Mapping, *, passes: Path | None = None) -> dict:
    """Do one run of an experiment.

    Parameters
    ----------
    name : str, one of `NAMES`
    run : dict
        Of `list_runs`.
    passes : path, optional
        A file to which each pass adds a line.

    Returns
    -------
    dict
        The row for `record`.
    """
    progress.write_passes_to(passes)
    torch.set_num_threads(1)  # runs are side by side on the cores
    code = digest_code(find_module(name))  # before the run: files may change meanwhile
    commit = describe_commit()
    started = time.perf_counter()
    measured = find_experiment(name).run(**run)
    return {
        **run,
        **measured,
        "seconds": round(time.perf_counter() - started, 1),
        "versions": describe_versions(),
        "commit": commit,
        "code": code,
        "data": digest_data(),
    }


def record(name: str, row: Mapping, *, folder: Path | str = RESULTS) -> None:
    """Add a run to an experiment's file, unless it is there already.

    The files that come with a row are written before it, each under another name and
    moved into place.

    Parameters
    ----------
    name : str, one of `NAMES`
    row : dict
        Of `measure`.
    folder : path

    Raises
    ------
    ValueError : the row is of the sample of MNIST, `folder` for all of it; or `folder`
        is what was installed with the package.
    """
    refuse_installed(folder)
    if str(row.get("data", "")).startswith("sample"):
        refuse_sample(folder)
    path = _find_file(folder, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.parent / f".{name}.lock"):
        if _identify(name, row) in {
            _identify(name, r) for r in _read_rows(folder, name)
        }:
            return
        for file, tensors in row.get("files", {}).items():
            _replace(path.parent / file, safetensors.torch.save(tensors))
        values = {key: value for key, value in row.items() if key != "files"}
        _append_line(path, json.dumps(values))


def refuse_sample(folder: Path | str) -> None:
    """Refuse to write rows of the sample of MNIST into the checkout's results.

    Raises
    ------
    ValueError : `folder` is, by whatever name, ``results/`` of the checkout.
    """
    if Path(folder).resolve() == (CHECKOUT / "results").resolve():
        raise ValueError(
            f"{folder} is for results on all of MNIST, and these are of the sample:"
            " name another folder with --results."
        )


def refuse_installed(folder: Path | str) -> None:
    """Refuse to write into the results that were installed with the package.

    Raises
    ------
    ValueError : `folder` is, by whatever name, that folder.
    """
    if Path(folder).resolve() == INSTALLED.resolve():
        raise ValueError(
            f"{folder} came with the installed package, to be read: work in a checkout,"
            " or name another folder with --results or in LENET_RESULTS."
        )


def find_older_rows(name: str, *, folder: Path | str = RESULTS) -> pd.DataFrame:
    """Find the rows that were made by other code than today's.

    Parameters
    ----------
    name : str, one of `NAMES`
    folder : path

    Returns
    -------
    DataFrame
        Those rows of `read_results` whose digest of the code is missing or another.
    """
    frame = read_results(name, folder=folder)
    if "code" not in frame:
        return frame
    return frame.loc[frame["code"] != digest_code(find_module(name))]


def _find_file(folder: Path | str, name: str) -> Path:
    return Path(folder) / f"{name}.jsonl"


def _read_rows(folder: Path | str, name: str) -> list[dict]:
    path = _find_file(folder, name)
    if not path.exists():
        return []
    *lines, _ = path.read_bytes().split(b"\n")  # what follows the last end is not whole
    return [json.loads(line) for line in lines]


def _append_line(path: Path, line: str) -> None:
    with path.open("ab") as file:
        content = path.read_bytes()
        file.truncate(content.rfind(b"\n") + 1)  # of half a line that a kill has left
        file.write(f"{line}\n".encode())
        file.flush()
        os.fsync(file.fileno())


def _replace(path: Path, content: bytes) -> None:
    """Write a file under another name and move it into place."""
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=f".{path.name}-", delete=False
    ) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def _identify(name: str, row: Mapping) -> tuple:
    """Give what tells a run from the others: its configuration and its seed."""
    keys = [*dict.fromkeys(k for c in find_experiment(name).CONFIGURATIONS for k in c)]
    return tuple(row.get(key) for key in (*keys, "seed"))
