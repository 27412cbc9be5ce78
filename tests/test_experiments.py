import json
import os
import signal
import subprocess
import sys
import threading
import time
import types

import distributed
import pytest
import safetensors.torch
import torch

from lenet_helpers.experiments import __main__ as command
from lenet_helpers.experiments import progress, store
from lenet_helpers.experiments.published import figure5, figure6

ONE = dict(figure5.CURVE)
# Records runs of seeds from the first argument on, for ever.
WRITER = """
import itertools, sys
from lenet_helpers.experiments import progress, store
for seed in itertools.count(int(sys.argv[1])):
    row = {"initial": "root", "equation": 9, "j": 1.0, "divisor": 4, "seed": seed}
    store.record("figure5", row | {"a_by_pass": [0.5] * 20}, folder=sys.argv[2])
    print(seed, flush=True)
"""


@pytest.fixture(autouse=True)
def forget_the_data():
    """Some tests here have another MNIST than tests before and after them."""
    store.digest_data.cache_clear()
    yield
    store.digest_data.cache_clear()


def read_seeds(folder):
    return store.read_results("figure5", folder=folder)["seed"].tolist()


def test_a_recorded_run_reads_back_with_its_lists(tmp_path):
    row = ONE | {"seed": 3, "test_error_rate_by_pass": [0.5, 0.25], "seconds": 1.5}
    store.record("figure5", row, folder=tmp_path)
    frame = store.read_results("figure5", folder=tmp_path)
    assert frame.to_dict("records") == [row]


def test_a_run_is_recorded_once(tmp_path):
    for error_rate in (0.1, 0.2):
        row = ONE | {"seed": 0, "test_error_rate": error_rate}
        store.record("figure5", row, folder=tmp_path)
    frame = store.read_results("figure5", folder=tmp_path)
    assert frame["test_error_rate"].tolist() == [0.1]


def test_a_later_column_is_empty_in_earlier_rows(tmp_path):
    store.record("figure5", ONE | {"seed": 0}, folder=tmp_path)
    row = ONE | {"seed": 1, "new": 2, "new_by_pass": [0.5]}
    store.record("figure5", row, folder=tmp_path)
    frame = store.read_results("figure5", folder=tmp_path)
    assert frame["new"].isna().tolist() == [True, False]
    assert frame["new_by_pass"].isna().tolist() == [True, False]


def test_only_missing_runs_are_listed(tmp_path):
    runs, num_done = store.list_runs("recipe", num_seeds=2, folder=tmp_path)
    configurations = store.find_experiment("recipe").CONFIGURATIONS
    assert num_done == 0 and len(runs) == 2 * len(configurations)
    assert [run["seed"] for run in runs[: len(configurations)]] == [0] * len(
        configurations
    )
    store.record("recipe", runs[4], folder=tmp_path)
    rest, num_done = store.list_runs("recipe", num_seeds=2, folder=tmp_path)
    assert num_done == 1 and rest == [*runs[:4], *runs[5:]]


def test_results_that_are_missing_say_which_command_makes_them(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"experiments recipe` makes"):
        store.read_results("recipe", folder=tmp_path)


def test_an_unknown_name_is_named():
    with pytest.raises(ValueError, match="got 'figure99'"):
        store.read_results("figure99")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["figure99"], "NAME must be one of .*; got 'figure99'."),
        ([], "NAME must be one of .*; got None."),
        (["recipe", "--seeds", "0"], "--seeds must be 1 or more; got 0."),
        (["recipe", "--jobs", "-1"], "--jobs must be 1 or more; got -1."),
        (["recipe", "--dask", "nonsense"], "no scheduler answers at 'nonsense'"),
    ],
)
def test_wrong_words_end_with_one_line(arguments, message):
    with pytest.raises(SystemExit, match=message) as stop:
        command.main(arguments)
    assert "\n" not in stop.value.code


def test_the_sample_is_not_mixed_with_results(monkeypatch):
    monkeypatch.setenv("LENET_SOURCE", "sample")
    with pytest.raises(SystemExit, match="name another folder"):
        command.main(["recipe"])
    with pytest.raises(SystemExit, match="name another folder"):
        command.main(["recipe", "--results", str(store.CHECKOUT / "results")])


@pytest.mark.parametrize("way", ["plain", "text", "round about", "link"])
def test_a_row_of_the_sample_is_refused_by_whatever_name_results_has(way, tmp_path):
    results = store.CHECKOUT / "results"
    (tmp_path / "link").symlink_to(results)
    folder = {
        "plain": results,
        "text": str(results),
        "round about": results / ".." / "results",
        "link": tmp_path / "link",
    }[way]
    row = ONE | {"seed": 99, "data": "sample 0123456789abcdef"}
    with pytest.raises(ValueError, match="name another folder"):
        store.record("figure5", row, folder=folder)
    assert 99 not in read_seeds(results)
    store.record("figure5", row, folder=tmp_path)
    assert read_seeds(tmp_path) == [99]


def test_a_finished_experiment_runs_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LENET_SOURCE", "sample")
    store.record("figure5", ONE | {"seed": 0, "seconds": 7.0}, folder=tmp_path)
    monkeypatch.setattr(store, "measure", None)  # calling it would fail
    other = dict(figure5.BEST, seed=0, seconds=7.0)
    store.record("figure5", other, folder=tmp_path)
    command.main(["figure5", "--seeds", "1", "--results", str(tmp_path)])
    command.main(["--list", "--seeds", "2", "--results", str(tmp_path)])
    printed = capsys.readouterr().out
    assert "done: 2 of 4 runs; cost: 7 s a run on one core" in printed
    assert "older than today's code: 2 of 2 rows" in printed


def test_looking_at_results_leaves_no_file(tmp_path, capsys):
    command.main(["--list", "--results", str(tmp_path / "none")])
    assert "done: 0 of" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_the_list_says_that_the_speed_run_has_two_cores(capsys):
    command.main(["--list", "speedrun"])
    assert "s a run on 2 cores" in capsys.readouterr().out


def test_only_the_runs_that_are_asked_for_are_listed(tmp_path):
    options = {"num_seeds": 3, "folder": tmp_path}
    only = {"change": "ReLU", "seed": "2"}
    runs, _ = store.list_runs("deviations", only=only, **options)
    assert runs == [{"change": "ReLU", "seed": 2}]


def test_readings_of_the_test_set_are_counted_pass_by_pass(tmp_path):
    store.record("figure5", ONE | {"seed": 0, "test_error_rate": 0.1}, folder=tmp_path)
    by_pass = {"test_error_rate": 0.1, "test_error_rate_by_pass": [0.3, 0.2, 0.1]}
    store.record("figure5", ONE | {"seed": 1} | by_pass, folder=tmp_path)
    assert store.count_test_readings("figure5", folder=tmp_path) == 4
    levels = [{"left": 2}, {"left": 1, "test_error_rate": 0.1}]
    store.record("pruning", {"seed": 0, "levels": levels}, folder=tmp_path)
    assert store.count_test_readings("pruning", folder=tmp_path) == 1
    store.record("trials", {"seed": 0, "validation_error_rate": 0.1}, folder=tmp_path)
    assert store.count_test_readings("trials", folder=tmp_path) == 0
    assert store.count_test_readings("recipe", folder=tmp_path) == 0


@pytest.mark.parametrize("name", store.NAMES)
def test_all_usual_runs_are_stored_and_no_others(name):
    runs, num_done = store.list_runs(name)
    assert runs == [] and num_done == len(store.read_results(name))


def test_what_came_with_the_package_is_not_written_to(monkeypatch, tmp_path):
    monkeypatch.setattr(store, "INSTALLED", tmp_path / "installed")
    with pytest.raises(ValueError, match="folder with --results or in LENET_RESULTS"):
        store.record("figure5", ONE, folder=tmp_path / "x" / ".." / "installed")
    with pytest.raises(SystemExit, match="to be read"):
        command.main(["figure5", "--results", str(tmp_path / "installed")])
    store.record("figure5", ONE | {"seed": 0}, folder=tmp_path)
    assert read_seeds(tmp_path) == [0]


def test_half_a_line_that_a_kill_has_left_does_not_count(tmp_path):
    store.record("figure5", ONE | {"seed": 0}, folder=tmp_path)
    path = tmp_path / "figure5.jsonl"
    line = path.read_text()
    path.write_text(line + line[:40])
    assert read_seeds(tmp_path) == [0]
    store.record("figure5", ONE | {"seed": 1}, folder=tmp_path)
    assert [json.loads(row)["seed"] for row in path.read_text().splitlines()] == [0, 1]


def test_every_experiment_says_what_the_paper_found():
    for name in store.NAMES:
        module = store.find_experiment(name)
        assert module.PAPER and module.__doc__ and module.CONFIGURATIONS


def test_files_of_a_run_are_written_before_its_row(tmp_path, monkeypatch):
    row = ONE | {"seed": 0, "files": {"net.safetensors": {"w": torch.arange(3)}}}

    def fail(path, line):
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(store, "_append_line", fail)
        with pytest.raises(OSError, match="disk full"):
            store.record("figure5", row, folder=tmp_path)
    assert store.list_runs("figure5", num_seeds=1, folder=tmp_path)[1] == 0
    assert (tmp_path / "net.safetensors").exists()
    store.record("figure5", row, folder=tmp_path)
    tensors = safetensors.torch.load_file(tmp_path / "net.safetensors")
    assert tensors["w"].tolist() == [0, 1, 2]
    assert "files" not in store.read_results("figure5", folder=tmp_path)


def test_what_has_no_random_choice_runs_once(tmp_path):
    runs, _ = store.list_runs("figure9", num_seeds=3, folder=tmp_path)
    seeds = {}
    for run in runs:
        seeds.setdefault((run["classifier"], run["digits"]), []).append(run["seed"])
    assert seeds["k-NN", "plain"] == [0]
    assert seeds["LeNet-4", "plain"] == [0, 1, 2]


def test_passes_are_counted_where_the_file_can_be_seen(tmp_path, monkeypatch):
    passes = tmp_path / "passes.log"
    passes.touch()
    module = types.SimpleNamespace(run=lambda seed: progress.report_pass() or {})
    monkeypatch.setattr(store, "find_experiment", lambda name: module)
    monkeypatch.setattr(store, "find_module", lambda name: name)
    monkeypatch.setattr(store, "digest_code", lambda module: "none")
    monkeypatch.setattr(store, "digest_data", lambda: "none")
    store.measure("any", {"seed": 0}, passes=passes)
    store.measure("any", {"seed": 0}, passes=passes)
    store.measure("any", {"seed": 0}, passes=tmp_path / "elsewhere" / "passes.log")
    progress.write_passes_to(None)
    assert progress.count_passes(passes) == 2


@pytest.mark.processes
def test_two_writers_lose_no_row_and_a_kill_leaves_a_whole_table(tmp_path):
    command = [sys.executable, "-c", WRITER]
    writers = [
        subprocess.Popen([*command, str(first), str(tmp_path)], stdout=subprocess.PIPE)
        for first in (0, 1_000_000)
    ]
    for writer in writers:  # both write at once
        writer.stdout.readline()
    time.sleep(1)
    for writer in writers:
        writer.kill()
    printed = [
        int(line) for writer in writers for line in writer.communicate()[0].split()
    ]
    seeds = read_seeds(tmp_path)
    assert min(len([s for s in seeds if s >= 1_000_000]), len(printed)) > 2
    assert len(set(seeds)) == len(seeds)
    assert set(printed) <= set(seeds)  # what a writer said it wrote is there
    store.record("figure5", ONE | {"seed": 7_000_000}, folder=tmp_path)
    assert set(read_seeds(tmp_path)) == {*seeds, 7_000_000}


@pytest.mark.processes
@pytest.mark.compiled
def test_the_command_measures_and_records(tmp_path, monkeypatch):
    monkeypatch.setenv("LENET_SOURCE", "sample")
    command.main(["figure5", "--seeds", "1", "--jobs", "1", "--results", str(tmp_path)])
    frame = store.read_results("figure5", folder=tmp_path)
    for row in frame.to_dict("records"):
        errors = row["test_error_rate_by_pass"]
        assert len(errors) == 20 and errors[-1] < 0.04 < errors[0]
        assert errors[-1] == row["test_error_rate"] == len(row["missed"]) / 1000
        assert row["data"].startswith("sample ") and "numba" in row["versions"]
    assert len(store.find_older_rows("figure5", folder=tmp_path)) == 0
    weights = safetensors.torch.load_file(tmp_path / "figure5-0.safetensors")
    assert weights["c3.weight"].shape == (60, 5, 5)


@pytest.mark.processes
def test_a_cluster_loses_a_worker_and_no_run(tmp_path, monkeypatch):
    monkeypatch.setenv("LENET_SOURCE", "sample")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    )
    killed = []

    def kill_a_worker():
        with distributed.Client(cluster) as client:
            while not (tmp_path / "speedrun.jsonl").exists():
                time.sleep(0.05)
            process = next(iter(client.run(os.getpid).values()))
            os.kill(process, signal.SIGKILL)
            killed.append(process)

    with cluster:
        killer = threading.Thread(target=kill_a_worker)
        killer.start()
        arguments = ["speedrun", "--seeds", "5", "--only", "mark=99.0"]
        arguments += ["--results", str(tmp_path)]
        command.main([*arguments, "--dask", cluster.scheduler_address])
        killer.join()
    frame = store.read_results("speedrun", folder=tmp_path)
    assert killed and sorted(frame["seed"]) == list(range(5))
    assert frame["test_error_rate"].max() < 0.06


def test_a_cluster_without_workers_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("LENET_SOURCE", "sample")
    with distributed.LocalCluster(
        n_workers=0, processes=False, dashboard_address=None
    ) as cluster:
        arguments = ["speedrun", "--dask", cluster.scheduler_address]
        with pytest.raises(SystemExit, match="has no workers"):
            command.main([*arguments, "--results", str(tmp_path)])


def test_ten_versions_show_each_digit_once_as_it_is():
    images = torch.rand(30, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    versions = [figure6.show_version(images, version=v, seed=1) for v in range(10)]
    same = torch.stack([(v == images).flatten(1).all(1) for v in versions])
    assert (same.sum(0) == 1).all() and (same.sum(1) == 3).all()
    again = figure6.show_version(images, version=4, seed=1)
    assert torch.equal(again, versions[4])
    assert not torch.equal(figure6.show_version(images, version=4, seed=2), again)
