import pytest
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
