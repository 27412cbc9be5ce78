"""Run experiments, a run a core, and go on where they stopped."""

import argparse
import contextlib
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import joblib
from tqdm import tqdm

from lenet_helpers.data import load_mnist
from lenet_helpers.experiments import comparing, progress, provenance, store


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, and run, list or compare.

    Parameters
    ----------
    arguments : list of str, optional

    Raises
    ------
    SystemExit : with one line that says what is wrong; with 1 where runs of
        ``--compare`` do not agree.
    """
    options = read_options(arguments)
    names = store.NAMES if options.names in ([], ["all"]) else options.names
    if options.list:
        return list_experiments(names, options)
    if options.compare:
        agree = comparing.print_comparison(
            names, options.compare, stored=options.results
        )
        sys.exit(0 if agree else 1)
    try:
        store.refuse_installed(options.results)
        if load_mnist().is_sample:
            store.refuse_sample(options.results)
    except ValueError as error:
        sys.exit(str(error))
    plans = {name: list_runs(name, options) for name in names}
    if not any(missing or num_done for missing, num_done in plans.values()):
        wanted = ", ".join("=".join(pair) for pair in options.only.items())
        sys.exit(f"--only: no run of {', '.join(names)} has {wanted}.")
    for name, (missing, num_done) in plans.items():
        run_experiment(name, missing, num_done, options)


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line, and end with a line that says what is wrong with it."""
    parser = argparse.ArgumentParser(
        prog="python -m lenet_helpers.experiments", description=__doc__
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"all, {', '.join(store.NAMES)}"
    )
    parser.add_argument("--list", action="store_true", help="what there is")
    parser.add_argument(
        "--compare",
        type=Path,
        metavar="FOLDER",
        help="print what is stored against what was measured again into FOLDER",
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="runs with this value: --only change=none --only seed=0",
    )
    parser.add_argument("--seeds", type=int, help="how many, if not the usual")
    parser.add_argument("--jobs", type=int, help="at once, if not one a core")
    parser.add_argument("--dask", metavar="ADDRESS", help="a Dask scheduler's")
    parser.add_argument(
        "--results", type=Path, default=store.RESULTS, help="the folder"
    )
    options = parser.parse_args(arguments)
    known = ["all", *store.NAMES]
    wanted = options.names or ([] if options.list or options.compare else [None])
    for name in wanted:
        if name not in known:
            sys.exit(f"NAME must be one of {', '.join(known)}; got {name!r}.")
    for option, value in (("seeds", options.seeds), ("jobs", options.jobs)):
        if value is not None and value < 1:
            sys.exit(f"--{option} must be 1 or more; got {value}.")
    for pair in options.only:
        if "=" not in pair:
            sys.exit(f"--only takes KEY=VALUE, such as seed=0; got {pair!r}.")
    options.only = dict(pair.split("=", 1) for pair in options.only)
    return options


def list_runs(name: str, options: argparse.Namespace) -> tuple[list[dict], int]:
    """List the runs to do that the options ask for, and count those done."""
    return store.list_runs(
        name, num_seeds=options.seeds, only=options.only, folder=options.results
    )


def list_experiments(names: Sequence[str], options: argparse.Namespace) -> None:
    """Print a paragraph an experiment: title, paper, state, cost, code of its rows."""
    for name in names:
        module = store.find_experiment(name)
        missing, num_done = list_runs(name, options)
        cost, older = "not known yet", ""
        if num_done:
            frame = store.read_results(name, folder=options.results)
            num_threads = getattr(module, "NUM_THREADS", 1)
            cores = "one core" if num_threads == 1 else f"{num_threads} cores"
            cost = f"{frame['seconds'].median():.0f} s a run on {cores}"
            num_older = len(store.find_older_rows(name, folder=options.results))
            older = f"; older than today's code: {num_older} of {len(frame)} rows"
        print(f"{name}: {(module.__doc__ or name).splitlines()[0]}")
        print(f"  paper: {module.PAPER}")
        print(
            f"  done: {num_done} of {num_done + len(missing)} runs; cost: {cost}{older}"
        )
        print(f"  code: {provenance.digest_code(store.find_module(name))}")


@contextlib.contextmanager
def connect(address: str | None) -> Iterator[None]:
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
        with joblib.parallel_config("dask", client=client):
            yield


@contextlib.contextmanager
def show_progress(passes: Path, **options) -> Iterator[tqdm]:
    """Show a bar of runs, and beside it how many passes have ended."""
    stop = threading.Event()

    def refresh():
        while not stop.wait(1):
            bar.set_postfix(passes=progress.count_passes(passes))

    with tqdm(unit=" runs", **options) as bar:
        thread = threading.Thread(target=refresh)
        thread.start()
        try:
            yield bar
        finally:
            stop.set()
            thread.join()


def run_experiment(
    name: str, missing: list[dict], num_done: int, options: argparse.Namespace
) -> None:
    """Do the runs that are missing, and record each when it ends."""
    num_jobs = options.jobs or getattr(
        store.find_experiment(name), "NUM_JOBS", joblib.cpu_count()
    )
    # joblib has no types: pyright takes those of the defaults, and None for a row.
    parallel = joblib.Parallel(
        n_jobs=num_jobs,
        batch_size=1,  # pyright: ignore[reportArgumentType]
        return_as="generator_unordered",
    )
    with tempfile.TemporaryDirectory() as folder, connect(options.dask):
        passes = Path(folder) / "passes.log"
        passes.touch()
        calls = (
            joblib.delayed(store.measure)(name, run, passes=passes) for run in missing
        )
        rows = cast(Iterator[dict], parallel(calls))
        total = num_done + len(missing)
        try:
            with show_progress(passes, total=total, initial=num_done, desc=name) as bar:
                for row in rows:
                    store.record(name, row, folder=options.results)
                    bar.update()
        except KeyboardInterrupt:
            sys.exit(
                "Stopped. What is recorded stays; the same command goes on from there."
            )


if __name__ == "__main__":
    main()
