"""Compare what was measured again with what is stored, by the spread of runs."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from lenet_helpers.experiments import store

# The first that a table has.
MEASURES = ("test_error_rate", "validation_error_rate", "string_error_rate")
NUM_DEVIATIONS = 4
SMALLEST_DEVIATION = 5e-4  # five test digits: of seeds that happen to agree
DEVIATION_OF_ONE = 2e-3  # assumed where there is one stored run


def find_bound(stored: Sequence[float] | pd.Series) -> float:
    """Say how far from the mean of stored runs another one may lie.

    Parameters
    ----------
    stored : sequence of float
        Error rates of runs that differ only in their seeds.

    Returns
    -------
    float
        Four standard deviations, none taken smaller than five digits in 10,000.
    """
    if len(stored) < 2:
        return NUM_DEVIATIONS * DEVIATION_OF_ONE
    return NUM_DEVIATIONS * max(float(np.std(stored, ddof=1)), SMALLEST_DEVIATION)


def assert_within_spread(value: float, stored: Sequence[float] | pd.Series) -> None:
    """Assert that a run agrees with stored ones.

    Parameters
    ----------
    value : float
    stored : sequence of float
        As for `find_bound`.

    Raises
    ------
    AssertionError : it lies further from their mean than `find_bound` allows.
    """
    mean, bound = float(np.mean(stored)), find_bound(stored)
    assert abs(value - mean) < bound, (
        f"{value:.4f} is further than {bound:.4f} from {mean:.4f}, the mean of the"
        f" stored {list(stored)}."
    )


def compare_results(
    name: str, again: Path | str, *, stored: Path | str = store.RESULTS
) -> pd.DataFrame:
    """Set what was measured again beside what is stored, run by run.

    Parameters
    ----------
    name : str, an experiment
    again, stored : path
        Folders of results.

    Returns
    -------
    DataFrame
        A row a run of `again`: its configuration and ``seed``; in per cent ``stored``
        and ``again``, the error rates of this seed, ``mean`` and ``bound`` of all
        stored seeds; ``agrees``. A run that is not stored has no ``stored`` and, where
        no seed of its configuration is, does not agree.

    Raises
    ------
    FileNotFoundError : one of the folders has no results of the experiment.
    """
    old = _judge_levels(store.read_results(name, folder=stored))
    new = _judge_levels(store.read_results(name, folder=again))
    measure = next(column for column in MEASURES if column in new)
    module = store.find_experiment(name)
    keys = list(dict.fromkeys(k for c in module.CONFIGURATIONS for k in c))
    # A setting that no run so far has is no column yet.
    old, new = (f.reindex(columns=f.columns.union(keys)) for f in (old, new))
    rows = []
    for run in new.to_dict("records"):
        alike = old
        for key in keys:
            same = old[key].isna() if pd.isna(run[key]) else old[key].eq(run[key])
            alike = alike.loc[same.reindex(alike.index)]
        of_seed = alike.loc[alike["seed"] == run["seed"], measure]
        of_all = alike.loc[:, measure]
        mean, bound = of_all.mean(), find_bound(of_all)
        rows.append(
            {
                **{key: run[key] for key in keys},
                "seed": run["seed"],
                "stored": 100 * of_seed.iloc[0] if len(of_seed) else np.nan,
                "again": 100 * run[measure],
                "mean": 100 * mean,
                "bound": 100 * bound,
                "agrees": bool(abs(run[measure] - mean) < bound),
            }
        )
    return pd.DataFrame(rows)


def _judge_levels(frame):
    """Give a run of several levels the mean of its error rates, else of its losses."""
    if "levels" not in frame:
        return frame
    rates = [
        np.mean([one.get("test_error_rate") or one["loss_at_once"] for one in levels])
        for levels in frame["levels"]
    ]
    return frame.assign(test_error_rate=rates)


def print_comparison(
    names: Sequence[str], again: Path | str, *, stored: Path | str = store.RESULTS
) -> bool:
    """Print stored against again, row by row, for each experiment that was run again.

    Parameters
    ----------
    names : sequence of str
        Experiments; those that have not been run again are named at the end.
    again, stored : path
        Folders of results.

    Returns
    -------
    bool
        Whether all runs agree, and there is one.
    """
    num_runs, num_agree, absent = 0, 0, []
    print(
        "Errors in per cent. A run agrees if it is within `bound` of `mean`, the mean"
    )
    print("of the stored seeds; the bound is four standard deviations of these.")
    for name in names:
        try:
            frame = compare_results(name, again, stored=stored)
        except FileNotFoundError:
            absent.append(name)
            continue
        num_runs, num_agree = num_runs + len(frame), num_agree + sum(frame["agrees"])
        shown = frame.assign(agrees=np.where(frame["agrees"], "yes", "NO"))
        percentages = ("stored", "again", "mean", "bound")
        formats: dict[str | int, Callable] = dict.fromkeys(percentages, "{:.2f}".format)
        print(f"\n{name}")
        print(shown.to_string(index=False, na_rep="-", formatters=formats))
    print(f"\n{num_agree} of {num_runs} runs agree.")
    if absent:
        print(f"Not in both folders: {', '.join(absent)}.")
    return bool(num_runs) and num_agree == num_runs
