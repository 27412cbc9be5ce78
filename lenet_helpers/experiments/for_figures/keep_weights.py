"""Take a network's weights from the results into the package, with what made them.

``python -m lenet_helpers.experiments.for_figures.keep_weights lenet5`` reads
``results/lenet5.safetensors``, which the experiment `replay` (or `modern`) wrote, the
row of that run, and the row of `rejection`, whose threshold belongs to these weights.
"""

import argparse
from pathlib import Path

import pandas as pd
import safetensors.torch

from lenet_helpers import trained
from lenet_helpers.experiments import store

# Columns of a row that say what made it, where the row has them.
PROVENANCE = ("seed", "test_error_rate", "versions", "commit", "code", "data")


def keep_weights(
    name: str, *, results: Path = store.RESULTS, folder: Path = trained.FOLDER
) -> Path:
    """Write a file of weights with its provenance.

    Parameters
    ----------
    name : str, one of `trained.NETWORKS`
    results : Path
        The folder with the weights and the tables of the experiments.
    folder : Path
        Where the file goes.

    Returns
    -------
    Path, the file that was written
    """
    experiment = "modern" if name == "modern" else "replay"
    runs = store.read_results(experiment, folder=results)
    runs = runs[runs["seed"] == 0]
    if experiment == "replay":
        runs = runs[runs["network"] == name]
    thresholds = store.read_results("rejection", folder=results)
    thresholds = thresholds[thresholds["network"] == name]
    metadata = {
        "title": trained.NETWORKS[name].title,
        "experiment": experiment,
        **_read_row(runs),
        "threshold": str(thresholds["threshold"].item()),
        "threshold_experiment": "rejection",
        **{f"threshold_{key}": value for key, value in _read_row(thresholds).items()},
    }
    state = safetensors.torch.load_file(Path(results) / f"{name}.safetensors")
    path = Path(folder) / f"{name}.safetensors"
    path.write_bytes(safetensors.torch.save(state, metadata))
    return path


def _read_row(rows):
    """Give the provenance of the one row as texts."""
    (row,) = rows.to_dict("records")
    return {
        key: str(row[key]) for key in PROVENANCE if key in row and pd.notna(row[key])
    }


def main():
    """Take the named networks' weights into the package."""
    parser = argparse.ArgumentParser(
        prog="python -m lenet_helpers.experiments.for_figures.keep_weights",
        description="Take weights from the results into the package.",
    )
    parser.add_argument("names", nargs="+", choices=trained.NETWORKS, metavar="NAME")
    parser.add_argument("--results", type=Path, default=store.RESULTS)
    arguments = parser.parse_args()
    for name in arguments.names:
        print(keep_weights(name, results=arguments.results))


if __name__ == "__main__":
    main()
