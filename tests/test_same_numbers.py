"""The same call gives the same numbers: threads, processes, caches, defaults."""

import copy
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import joblib
import pytest
import torch
from patterns import make_patterns, run

from lenet_helpers.model.losses import MaximumPosterior, SquaredError
from lenet_helpers.model.networks import LeNet1, LeNet5
from lenet_helpers.training.online import train_online

pytestmark = [pytest.mark.compiled, pytest.mark.usefixtures("one_thread")]
SCRIPT = Path(__file__).with_name("train_cold_or_warm.py")


def test_seeds_side_by_side_are_seeds_one_by_one():
    together, history = run([3, 4], 2)
    for i, seed in enumerate([3, 4]):
        (alone,), rows = run([seed], 1)
        pairs = zip(alone.parameters(), together[i].parameters(), strict=True)
        assert all(torch.equal(*pair) for pair in pairs)
        mine = history[history["seed"] == seed].reset_index(drop=True)
        assert mine.equals(rows)


def test_the_numbers_do_not_depend_on_the_number_of_torch_threads():
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(600, 1, 32, 32, generator=generator)
    labels = torch.randint(10, (600,), generator=generator)
    before, parameters = torch.get_num_threads(), []
    try:
        for num_threads in (1, 4):
            torch.set_num_threads(num_threads)
            network = LeNet5(initial="root")
            loss = MaximumPosterior(j=1.0)
            train_online(network, images, labels, loss=loss, learning_rates=[5e-4] * 2)
            assert torch.get_num_threads() == num_threads
            parameters.append(torch.cat([p.flatten() for p in network.parameters()]))
    finally:
        torch.set_num_threads(before)
    assert torch.equal(*parameters)


def test_the_defaults_of_the_caller_change_no_number():
    (expected,), history = run([0], 1)
    network = LeNet1(initial="root")
    images, labels = make_patterns(network, 80)
    try:
        torch.set_default_dtype(torch.float64)
        torch.set_default_device("meta")
        found = train_online(
            network,
            images,
            labels,
            loss=SquaredError(),
            learning_rates=[0.001, 0.0005],
            num_curvature_patterns=20,
        )
    finally:
        torch.set_default_device(None)
        torch.set_default_dtype(torch.float32)
    assert found.drop(columns="seconds").equals(history)
    assert torch.equal(expected.h3.weight, network.h3.weight)


def test_rows_come_network_by_network_whichever_ends_first():
    images, labels = make_patterns(LeNet1(), 30)
    ended = []

    def wait(network, row):
        ended.append(row["seed"])
        if row["seed"] == 5:
            time.sleep(0.3)

    history = train_online(
        [LeNet1(initial="root") for _ in range(2)],
        images,
        labels,
        loss=SquaredError(),
        learning_rates=[0.001] * 2,
        seeds=[5, 3],
        num_threads=2,
        on_pass=wait,
    )
    assert ended[-1] == 5
    assert history["seed"].tolist() == [5, 5, 3, 3]


def test_a_call_that_ends_changes_no_number_of_torch_threads_for_another():
    """The other's h was rounded by as many threads as the first gave back."""
    torch.set_num_threads(3)
    images, labels = make_patterns(LeNet1(), 10)
    options = {"loss": SquaredError(), "learning_rates": [0.001]}
    other_has_begun, may_go_on, seen = threading.Event(), threading.Event(), []

    def show(epoch):
        other_has_begun.set()
        may_go_on.wait()
        return images, labels

    other = threading.Thread(
        target=train_online,
        args=[LeNet1(), show],
        kwargs=options
        | {"on_pass": lambda network, row: seen.append(torch.get_num_threads())},
    )
    other.start()
    other_has_begun.wait()
    train_online(LeNet1(), images, labels, **options)
    assert torch.get_num_threads() == 3
    may_go_on.set()
    other.join()
    assert seen == [1] and torch.get_num_threads() == 3


@pytest.mark.processes
def test_a_process_of_joblib_gives_the_numbers_of_this_one():
    images, labels = make_patterns(LeNet1(), 80)
    options = {"loss": SquaredError(), "learning_rates": [0.001, 0.0005]}
    network = LeNet1(initial="root")
    here = train_online(copy.deepcopy(network), images, labels, **options)
    there = joblib.Parallel(n_jobs=2)(
        joblib.delayed(train_online)(network, images, labels, **options)
        for _ in range(2)
    )
    for history in there:
        assert history.drop(columns="seconds").equals(here.drop(columns="seconds"))


@pytest.mark.processes
def test_an_empty_and_a_filled_compile_cache_give_the_same_weights(tmp_path):
    """Also that the compiled loop calls no function of this package.

    A helper that is called, and not inlined, was other machine code in the process that
    compiled it than in one that loaded it: the weights differed in the last bits.
    """
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    cold, warm = (
        json.loads(
            subprocess.run(
                [sys.executable, SCRIPT],
                env=environment,
                capture_output=True,
                text=True,
                check=True,
                timeout=900,
            ).stdout
        )
        for _ in range(2)
    )
    assert (cold["compiled"], warm["compiled"]) == (2, 0)
    assert len(cold["digests"]) == 8
    assert cold["digests"] == warm["digests"]
    ours = [name for name in cold["calls"] if "lenet_helpers" in name]
    assert all("14train_patterns" in name for name in ours), ours
