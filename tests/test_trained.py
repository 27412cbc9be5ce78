"""The weights in the package: light to load, traceable to the runs that made them."""

import subprocess
import sys

import pytest
import torch

from lenet_helpers import trained
from lenet_helpers.experiments import store
from lenet_helpers.experiments.for_figures.keep_weights import keep_weights
from lenet_helpers.model.networks import LeNet5

HEAVY = ("sklearn", "numba", "pytorch_lightning", "torchmetrics", "joblib", "mlxtend")


@pytest.mark.processes
def test_figures_load_neither_scikit_learn_nor_numba_nor_experiments():
    code = (
        "import sys, lenet_helpers.interactive, lenet_helpers.trained\n"
        "lenet_helpers.trained.describe_network('lenet5')\n"
        "print('loaded', *sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = result.stdout.split()
    assert "lenet_helpers.interactive" in loaded
    assert not set(HEAVY) & set(loaded)
    assert not [name for name in loaded if name.startswith("lenet_helpers.exp")]


@pytest.mark.parametrize("name", trained.NETWORKS)
def test_weights_say_what_made_them(name):
    provenance = trained.read_provenance(name)
    network = trained.load_network(name)
    assert provenance["title"] == network.title
    assert not network.training
    runs = store.read_results(provenance["experiment"])
    runs = runs[runs["seed"] == int(provenance["seed"])]
    if "network" in runs:
        runs = runs[runs["network"] == name]
    assert str(runs["test_error_rate"].item()) == provenance["test_error_rate"]
    assert runs["versions"].item() == provenance["versions"]
    thresholds = store.read_results("rejection").set_index("network")
    threshold = trained.describe_network(name)["threshold"]
    assert threshold == thresholds.loc[name, "threshold"].item() > 0


@pytest.mark.parametrize("function", [trained.load_network, trained.read_provenance])
def test_an_unknown_network_is_named(function):
    with pytest.raises(ValueError, match="net1989, lenet1, lenet5, modern, got 'vgg'"):
        function("vgg")


def test_new_weights_come_from_results_with_their_rows(tmp_path, monkeypatch):
    results, package = tmp_path / "results", tmp_path / "package"
    results.mkdir(), package.mkdir()
    state = LeNet5(seed=3).state_dict()
    rows = [
        {"network": "lenet1", "seed": 0, "test_error_rate": 0.02, "versions": "a"},
        {"network": "lenet5", "seed": 0, "test_error_rate": 0.01, "versions": "b"}
        | {"code": None, "files": {"lenet5.safetensors": state}},
    ]
    for row in rows:
        store.record("replay", row, folder=results)
    row = {"network": "lenet5", "seed": 0, "threshold": 12.5}
    store.record("rejection", row, folder=results)
    assert keep_weights("lenet5", results=results, folder=package).exists()
    monkeypatch.setattr(trained, "FOLDER", package)
    loaded = trained.load_network("lenet5").state_dict()
    assert all(torch.equal(loaded[key], state[key]) for key in state)
    assert trained.read_provenance("lenet5") == {
        "title": "LeNet-5, 1998",
        "experiment": "replay",
        "seed": "0",
        "test_error_rate": "0.01",
        "versions": "b",
        "threshold": "12.5",
        "threshold_experiment": "rejection",
        "threshold_seed": "0",
    }
