import ast

import pytest
import torch

from lenet_helpers import judging, load_mnist
from lenet_helpers.experiments import provenance, store
from lenet_helpers.experiments.today import factorial, trials
from lenet_helpers.model.today import DeeperLeNet, ModernLeNet

TEST_SET = ("test_images", "test_labels")


@pytest.fixture(scope="module")
def mnist():
    return load_mnist(source="sample")


def list_parameters(network):
    return [tuple(parameter.shape) for parameter in network.parameters()]


def test_a_trial_that_reads_the_test_set_is_stopped(mnist):
    hidden = trials.hide_test_set(mnist)
    assert torch.equal(hidden.train_images, mnist.train_images)
    with pytest.raises(RuntimeError, match="may not read the test set"):
        len(hidden.test_images.shape)
    with pytest.raises(RuntimeError, match="may not read the test set"):
        judging.judge_scores(torch.rand(1000, 10), hidden.test_labels)


def find_readers_of_the_test_set(module):
    """Name what a run can reach that names the test set, or loads MNIST anew."""
    readers = set()
    for name, statements in provenance.find_code(module).items():
        for statement in statements:
            for node in ast.walk(statement):
                attribute = getattr(node, "attr", None)
                if attribute in TEST_SET or getattr(node, "id", None) == "load_mnist":
                    readers.add(name.removeprefix("lenet_helpers."))
    return readers


def test_nothing_that_a_trial_executes_knows_the_test_set():
    allowed = {"experiments.today.trials.run"}  # loads MNIST, and hides its test set
    assert find_readers_of_the_test_set(store.find_module("trials")) == allowed
    others = find_readers_of_the_test_set(store.find_module("modern"))
    assert "experiments.today.modern.train_and_judge" in others


def test_the_factorial_does_not_read_the_test_set_either(monkeypatch):
    readers = find_readers_of_the_test_set(store.find_module("factorial"))
    assert readers == {"experiments.today.factorial.run"}  # loads MNIST, and hides it
    monkeypatch.setenv("LENET_SOURCE", "sample")
    measured = factorial.run(0, num_epochs=1, shape="modern", elastic="deeper")
    assert 0 < measured["validation_error_rate"] < 0.9


def test_the_split_is_that_of_seed_0_for_every_trial(mnist):
    training, validation = mnist.split_indices(seed=0)
    images, labels, others, answers = trials.split(mnist, lambda pixels: pixels)
    assert torch.equal(images, mnist.train_images[training])
    assert torch.equal(labels, mnist.train_labels[training])
    assert torch.equal(others, mnist.train_images[validation])
    assert torch.equal(answers, mnist.train_labels[validation])


def test_shapes_are_those_of_modern_and_deeper():
    flat = trials.build_flat(trials.FLAT, seed=0)
    assert list_parameters(flat) == list_parameters(ModernLeNet(seed=0))
    deep = trials.build_deep(trials.DEEP, seed=0)
    assert list_parameters(deep) == list_parameters(DeeperLeNet(seed=0))
    mean = trials.build_deep("20 | 32 32 | 40 40, mean", seed=0).eval()
    assert mean(torch.zeros(2, 1, 28, 28)).shape == (2, 10)
    assert mean[-1].in_features == 40


def test_every_choice_has_the_setting_that_was_chosen():
    configurations = trials.CONFIGURATIONS
    for choice, chosen in (
        ("LeNet-1", {"learning_rate": 0.015, "mu": 0.1, "num_epochs": 60}),
        ("LeNet-4", {"learning_rate": 0.0005, "mu": 0.02, "num_epochs": 20}),
        ("Adam", {"learning_rate": 0.002}),
        ("SGD", {"learning_rate": 0.002}),
        ("speedrun", {"mark": 99.0}),
        ("speedrun", {"mark": 99.4, "num_epochs": 6, "batch_size": 256}),
        ("modern", {"num_epochs": 6}),
    ):
        assert {"choice": choice, **chosen} in configurations
    assert len({tuple(c.items()) for c in configurations}) == len(configurations)


@pytest.mark.compiled
@pytest.mark.parametrize(
    ("choice", "settings"),
    [
        ("LeNet-1", {"learning_rate": 0.015, "mu": 0.1, "num_epochs": 2}),
        ("LeNet-4", {"learning_rate": 0.0005, "mu": 0.02, "num_epochs": 1}),
        ("Adam", {"learning_rate": 0.002}),
        ("SGD", {"learning_rate": 0.002}),
        ("deviations", {"change": "normalised sums"}),
        ("deviations", {"change": "input 0 to 1"}),
        ("speedrun", {"mark": 99.0, "batch_size": 64, "weight_decay": 0.1}),
        ("modern", {"num_epochs": 2, "shape": "8 16 32", "learning_rate": 0.01}),
        ("modern", {"num_epochs": 2, "shape": "8 | 16 | 16, mean", "affine": 0.5}),
        (
            "league",
            {"num_epochs": 6, "shape": "8 | 8s+", "batch_size": 32, "elastic": 0.0},
        ),
    ],
)
def test_every_choice_trains(choice, settings, monkeypatch):
    monkeypatch.setenv("LENET_SOURCE", "sample")
    measured = trials.run(0, choice=choice, **settings)
    assert 0 < measured["validation_error_rate"] < 0.9
