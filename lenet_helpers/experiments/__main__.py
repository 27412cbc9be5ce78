"""Run an experiment, a run a core, and go on where it stopped."""

import argparse
import contextlib
import os
import sys
import tempfile
import threading
from pathlib import Path

from joblib import Parallel, delayed, parallel_config
from tqdm import tqdm

from lenet_helpers.data import load_mnist
from lenet_helpers.experiments import store


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
    parser.add_argument("name", nargs="?", help=", ".join(store.NAMES))
    parser.add_argument("--list", action="store_true", help="what there is")
    parser.add_argument("--seeds", type=int, help="how many (5, of speedrun 10)")
    parser.add_argument("--jobs", type=int, help="at once (one a core; of speedrun 1)")
    parser.add_argument("--dask", metavar="ADDRESS", help="a Dask scheduler's")
    parser.add_argument("--results", default=store.RESULTS, help="the folder")
    chosen = parser.parse_args(arguments)
    if chosen.list:
        return show(chosen)
    if chosen.name not in store.NAMES:
        sys.exit(f"NAME must be one of {', '.join(store.NAMES)}; got {chosen.name!r}.")
    for option, value in (("seeds", chosen.seeds), ("jobs", chosen.jobs)):
        if value is not None and value < 1:
            sys.exit(f"--{option} must be 1 or more; got {value}.")
    is_sample = load_mnist().is_sample
    if is_sample and chosen.results == store.RESULTS:
        sys.exit(
            "Only the sample of MNIST is here, and results/ is for all of it: name"
            " another folder with --results."
        )
    run_all(chosen.name, chosen)


def show(chosen):
    """Print a paragraph an experiment: title, paper, state and cost."""
    for name in store.NAMES:
        module = store.find_experiment(name)
        missing, num_done = list_runs(name, chosen)
        cost = "not known yet"
        if num_done:
            frame = store.read_results(name, folder=chosen.results)
            cost = f"{frame['seconds'].median():.0f} s a run on one core"
        print(f"{name}: {module.__doc__.splitlines()[0]}")
        print(f"  paper: {module.PAPER}")
        print(f"  done: {num_done} of {num_done + len(missing)} runs; cost: {cost}")


def list_runs(name, chosen):
    """List the runs to do and count those done, as `store.list_runs` does."""
    module = store.find_experiment(name)
    num_seeds = chosen.seeds or getattr(module, "NUM_SEEDS", 5)
    return store.list_runs(name, num_seeds=num_seeds, folder=chosen.results)


@contextlib.contextmanager
def connect(address):
    """Hand runs to a Dask cluster, or to processes here where `address` is None."""
    if address is None:
        yield
        return
    from distributed import Client

    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError) as error:
        sys.exit(f"--dask: no scheduler answers at {address!r}: {error}.")
    with client:
        if not client.ncores():
            sys.exit(f"--dask: the scheduler at {address!r} has no workers.")
        with parallel_config("dask", client=client):
            yield


@contextlib.contextmanager
def show_progress(path, **options):
    """Show a bar of runs, and beside it how many passes the file at `path` counts."""
    stop = threading.Event()

    def refresh():
        while not stop.wait(1):
            bar.set_postfix(passes=os.path.getsize(path))

    with tqdm(unit=" runs", **options) as bar:
        thread = threading.Thread(target=refresh)
        thread.start()
        try:
            yield bar
        finally:
            stop.set()
            thread.join()


def run_all(name, chosen):
    """Do the runs that are missing, and record each when it ends."""
    missing, num_done = list_runs(name, chosen)
    num_jobs = chosen.jobs or getattr(
        store.find_experiment(name), "NUM_JOBS", os.cpu_count()
    )
    with tempfile.TemporaryDirectory() as folder, connect(chosen.dask):
        passes = Path(folder) / "passes"
        passes.touch()
        rows = Parallel(n_jobs=num_jobs, batch_size=1, return_as="generator_unordered")(
            delayed(store.measure)(name, run, passes=passes) for run in missing
        )
        total = num_done + len(missing)
        try:
            with show_progress(passes, total=total, initial=num_done, desc=name) as bar:
                for row in rows:
                    store.record(name, row, folder=chosen.results)
                    bar.update()
        except KeyboardInterrupt:
            sys.exit(
                "Stopped. What is recorded stays; the same command goes on from there."
            )


if __name__ == "__main__":
    main()
