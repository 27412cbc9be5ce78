import pytest
import torch
from test_trials import find_readers_of_the_test_set

from lenet_helpers.experiments import store
from lenet_helpers.experiments.published import tried


def test_no_trial_of_the_papers_rows_knows_the_test_set():
    allowed = {"experiments.published.tried.run"}  # loads MNIST, and hides its test set
    assert find_readers_of_the_test_set(store.find_module("tried")) == allowed


def test_every_choice_begins_with_what_figure9_has():
    machines = ("SVM poly 4", "V-SVM poly 9", "RS-SVM poly 5")
    for choice in ("tangent distance", *machines):
        assert {"choice": choice} in tried.CONFIGURATIONS
    configurations = {tuple(c.items()) for c in tried.CONFIGURATIONS}
    assert len(configurations) == len(tried.CONFIGURATIONS)


@pytest.mark.parametrize(
    ("choice", "settings"),
    [
        ("tangent distance", {"digits": "20x20", "smoothing": 0.6}),
        ("tangent distance", {"num_neighbours": 3, "spring": 0.1}),
        ("SVM poly 4", {"digits": "deslanted", "one_length": True}),
        ("SVM poly 4", {"against": "the rest", "cost": 1.0, "scale": 30.0}),
        ("V-SVM poly 9", {"one_length": True, "scale": 300.0}),
        ("RS-SVM poly 5", {"num_vectors": 100}),
    ],
)
def test_every_choice_of_tried_learns(choice, settings, monkeypatch):
    monkeypatch.setenv("LENET_SOURCE", "sample")
    monkeypatch.setattr(tried, "NUM_FOR_MACHINES", 800)
    measured = tried.run(0, choice=choice, **settings)
    assert measured["validation_error_rate"] < 0.13


@pytest.mark.compiled
def test_one_digit_an_update_learns(monkeypatch):
    monkeypatch.setenv("LENET_SOURCE", "sample")
    monkeypatch.setattr(tried, "SHORT", (0.02, 2))
    measured = tried.run(0, choice="300-10", learning_rate=0.001)
    assert measured["validation_error_rate"] < 0.25


def test_what_is_judged_was_not_learned(sample):
    training, validation = sample.split_indices(seed=0)
    images, labels, others, answers = tried.split(sample, "20x20", num_digits=100)
    assert (labels == sample.train_labels[training[:100]]).all()
    assert (answers == sample.train_labels[validation]).all()
    whole = tried.split(sample, "plain", num_digits=100)
    assert (images == whole[0][:, 4:-4, 4:-4]).all()
    assert others.shape == (len(validation), 20, 20)


def test_a_trial_gets_no_test_set(sample, monkeypatch):
    seen = []

    def attempt(mnist, **settings):
        seen.append(mnist)
        return torch.eye(10), torch.arange(10)

    monkeypatch.setattr(tried, "load_mnist", lambda: sample)
    monkeypatch.setattr(tried, "try_network", attempt)
    tried.run(0, choice="300-10", learning_rate=0.1)
    with pytest.raises((AttributeError, RuntimeError, TypeError)):
        _ = seen[0].test_images[0]


def test_settings_reach_the_classifiers(sample, monkeypatch):
    calls = []

    def classify(images, labels, others, **settings):
        calls.append((images, others, settings))
        return None, None

    for place, name in (
        (tried.classifiers, "classify_by_machines"),
        (tried, "classify_by_reduced_machines"),
    ):
        monkeypatch.setattr(place, name, classify)
    monkeypatch.setattr(tried, "NUM_FOR_MACHINES", 50)
    tried.try_machines(sample, seed=0, one_length=True, cost=3.0)
    tried.try_reduced_machines(sample, seed=0, num_vectors=7)
    (images, others, machines), (*_, reduced) = calls
    assert machines == {"degree": 4, "cost": 3.0} and reduced == {"num_vectors": 7}
    lengths = [some.flatten(1).norm(dim=1) for some in (images, others)]
    assert torch.allclose(lengths[0], lengths[0][0].expand(50))
    assert torch.allclose(lengths[1], lengths[0][0].expand(len(others)))
