"""Run an experiment, a run a core, and go on where it stopped."""

import argparse
import os
import sys

from joblib import Parallel, delayed
from tqdm import tqdm

from lenet_helpers import experiments
from lenet_helpers.data import load_mnist


def main(arguments=None):
    """Read the command line, and run or list.

    Parameters
    ----------
    arguments : list of str, optional

    Raises
    ------
    SystemExit : with one line that says what is wrong.
    """
    parser = argparse.ArgumentParser(
        prog="python -m lenet_helpers.experiments", description=__doc__
    )
    parser.add_argument("name", nargs="?", help=", ".join(experiments.NAMES))
    parser.add_argument("--list", action="store_true", help="what there is")
    parser.add_argument("--seeds", type=int, default=5, help="how many (5)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="at once")
    parser.add_argument("--results", default=experiments.RESULTS, help="the folder")
    chosen = parser.parse_args(arguments)
    if chosen.list:
        return show(chosen)
    if chosen.name not in experiments.NAMES:
        sys.exit(
            f"NAME must be one of {', '.join(experiments.NAMES)}; got {chosen.name!r}."
        )
    for option in ("seeds", "jobs"):
        if getattr(chosen, option) < 1:
            sys.exit(f"--{option} must be 1 or more; got {getattr(chosen, option)}.")
    is_sample = load_mnist().source == "sample"
    if is_sample and chosen.results == experiments.RESULTS:
        sys.exit(
            "Only the sample of MNIST is here, and results/ is for all of it: name"
            " another folder with --results."
        )
    run_all(chosen.name, chosen)


def show(chosen):
    """Print a paragraph an experiment: title, paper, state and cost."""
    for name in experiments.NAMES:
        module = experiments.find_experiment(name)
        missing, num_done = experiments.list_runs(
            name, num_seeds=chosen.seeds, folder=chosen.results
        )
        cost = "not known yet"
        if num_done:
            frame = experiments.read_results(name, folder=chosen.results)
            cost = f"{frame['seconds'].median():.0f} s a run on one core"
        print(f"{name}: {module.__doc__.splitlines()[0]}")
        print(f"  paper: {module.PAPER}")
        print(f"  done: {num_done} of {num_done + len(missing)} runs; cost: {cost}")


def run_all(name, chosen):
    """Do the runs that are missing, and record each when it ends."""
    missing, num_done = experiments.list_runs(
        name, num_seeds=chosen.seeds, folder=chosen.results
    )
    total = num_done + len(missing)
    results = Parallel(n_jobs=chosen.jobs, return_as="generator_unordered")(
        delayed(experiments.measure)(name, run) for run in missing
    )
    try:
        with tqdm(total=total, initial=num_done, unit=" runs", desc=name) as bar:
            for row in results:
                experiments.record(name, row, folder=chosen.results)
                bar.update()
    except KeyboardInterrupt:
        sys.exit(
            "Stopped. What is recorded stays; the same command goes on from there."
        )


if __name__ == "__main__":
    main()
