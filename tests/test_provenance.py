import ast
import re
import subprocess

import pytest

from lenet_helpers.experiments import provenance, store

STORED = [name for name in store.NAMES if store.list_runs(name)[1]]
EXPERIMENT = '''"""An experiment."""
from lenet_helpers import tools
from lenet_helpers.numbers import RATE

CONFIGURATIONS = [{}]


def run(seed):
    """Run."""
    return {"a": tools.train(RATE, seed)}
'''
TOOLS = '''"""Tools."""
from dataclasses import dataclass
from typing import NamedTuple

STEP = 0.5


class Layer:
    weight: float


@dataclass
class Options:
    first: float


class Point(NamedTuple):
    x: float


def train(rate: float, seed: int) -> float:
    """Train."""
    return Layer, Options, Point, rate * STEP  # a comment


def plot(runs):
    return runs
'''


@pytest.fixture
def digest(tmp_path, monkeypatch):
    """Digest a small package, with changes of text in its files."""
    monkeypatch.setattr(provenance, "CHECKOUT", tmp_path)
    folder = tmp_path / "lenet_helpers"
    folder.mkdir()

    def digest(old="", new=""):
        for name, text in (
            ("__init__", ""),
            ("experiment", EXPERIMENT),
            ("tools", TOOLS),
            ("numbers", "RATE = 0.1\n"),
        ):
            (folder / f"{name}.py").write_text(text.replace(old, new) if old else text)
        provenance._read.cache_clear()
        provenance.digest_code.cache_clear()
        return provenance.digest_code("lenet_helpers.experiment")

    yield digest
    provenance._read.cache_clear()
    provenance.digest_code.cache_clear()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("RATE = 0.1", "RATE = 0.2"),
        ("STEP = 0.5", "STEP = 0.25"),
        ("STEP = 0.5", "STEP = 0.5\nSTEP += 1"),
        ("rate * STEP", "rate + STEP"),
        ("(RATE, seed)", "(seed, RATE)"),
        ("import RATE", "import RATE as SEED\nRATE = 3"),
        ("weight: float", "weight: float = 1"),
        ("first: float", "first: float\n    second: float"),
        ("x: float", "x: float\n    y: float"),
    ],
)
def test_what_a_run_executes_changes_the_digest(old, new, digest):
    assert digest() != digest(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""Train."""', '"""Train a network."""'),
        ("# a comment", "# another"),
        ("rate: float, seed: int) -> float", "rate, seed)"),
        ("return runs", "return list(runs)"),
        ("CONFIGURATIONS = [{}]", "CONFIGURATIONS = []"),
        ("RATE = 0.1", "RATE = 0.1\nOTHER = 1"),
        ("weight: float", "weight: STEP\n    bias: float"),
    ],
)
def test_what_it_does_not_execute_leaves_the_digest(old, new, digest):
    assert digest() == digest(old, new)


def test_the_digest_follows_imports_down_to_the_kernels():
    code = provenance.find_code(store.find_module("figure6"))
    for name in (
        "training._kernels._forward_convolution",
        "training._kernels.FAST",
        "model.networks.LeNet5",
        "distortions.distort",
        "paper.LEARNING_RATES",
        "data.prepare_images",
        "judging.scores.judge_scores",
    ):
        assert f"lenet_helpers.{name}" in code
    assert not [name for name in code if "plots" in name or ".store" in name]
    assert "lenet_helpers.data.load_mnist" not in code


def test_every_definition_that_is_left_out_or_read_as_it_was_exists():
    for full_name in (*provenance.LEFT_OUT, *provenance.AS_IT_WAS):
        module, _, name = full_name.rpartition(".")
        assert name in provenance._read(module).defined


def test_rows_stay_of_today_where_only_the_place_of_results_changed():
    """Rows of `criteria_replay` were made when results were in a checkout alone."""
    code = provenance.find_code(store.find_module("criteria_replay"))
    (place,) = code["lenet_helpers.experiments.store.RESULTS"]
    assert "INSTALLED" not in ast.unparse(place)


def test_a_commit_is_dirty_by_the_package_alone(tmp_path, monkeypatch):
    def git(*words):
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)

    (tmp_path / "lenet_helpers").mkdir()
    (tmp_path / "results").mkdir()
    (tmp_path / "lenet_helpers" / "a.py").write_text("1")
    (tmp_path / "results" / "a.jsonl").write_text("1")
    git("init", "-q")
    git("add", ".")
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first")
    monkeypatch.setattr(provenance, "CHECKOUT", tmp_path)
    monkeypatch.setattr(provenance, "find_checkout", lambda: tmp_path)
    describe = provenance.describe_commit.__wrapped__
    (tmp_path / "results" / "a.jsonl").write_text("2")
    assert re.fullmatch("[0-9a-f]{10}", describe())
    (tmp_path / "lenet_helpers" / "a.py").write_text("2")
    assert re.fullmatch(r"[0-9a-f]{10}\+", describe())
    monkeypatch.setattr(provenance, "find_checkout", lambda: None)
    assert describe() == "unknown"


def read_reasons():
    text = (store.CHECKOUT / "results" / "README.md").read_text()
    text = text.partition("## Rows older than the code")[2]
    return dict(re.findall(r"^\| `(\w+)` \| (.{20,}?) *\|$", text, re.MULTILINE))


def test_rows_older_than_the_code_have_a_written_reason_and_no_others():
    older = {name: len(store.find_older_rows(name)) for name in STORED}
    print(older)
    assert set(read_reasons()) == {name for name, number in older.items() if number}


def test_every_measured_column_is_documented():
    text = (store.CHECKOUT / "results" / "README.md").read_text()
    for name in STORED:
        configurations = store.find_experiment(name).CONFIGURATIONS
        set_by_run = {key for configuration in configurations for key in configuration}
        frame = store.read_results(name)
        for column in set(frame.columns) - set_by_run:
            column = column.removesuffix("_by_pass")
            assert f"`{column}`" in text, f"{column} of {name}"
