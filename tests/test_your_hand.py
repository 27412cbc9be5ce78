"""Your hand in Python: what it hands to the page, and what comes back."""

import numpy as np
import pytest
import traitlets
from figures import make_hand
from programs import run_web_tests

from lenet_helpers import hand, trained
from lenet_helpers.interactive.digits import pack_digits

MAX_BYTES = 400_000  # of a page's figures and weights, as in `test_widgets_browser.py`


@pytest.fixture(scope="module")
def figure():
    return make_hand()


def test_at_first_there_is_no_digit(figure):
    assert len(figure.hand) == 0 and figure.hand.images.shape == (0, 28, 28)


def test_digits_of_the_page_are_a_hand_in_python(tmp_path):
    figure, sample = make_hand(), hand.write_sample(2)
    labels = np.where(np.arange(20) == 3, -1, sample.labels)
    sent = {"images": memoryview(sample.images.tobytes()), "labels": labels.tolist()}
    figure.set_state(sent)  # as JupyterLab's message does
    assert (figure.hand.images == sample.images).all()
    assert (figure.hand.labels == labels).all() and figure.hand.labels.dtype == np.int64
    figure.hand.images[:] = 0  # a copy
    assert figure.hand.images.any()
    figure.hand.save(tmp_path / "hand.npz")
    assert (hand.load(tmp_path / "hand.npz").labels == labels).all()


def test_a_label_is_a_digit_or_missing(figure):
    for wrong in ([10], [-2], ["3"]):
        with pytest.raises(traitlets.TraitError):
            figure.labels = wrong


def test_the_page_has_the_sample_hand_and_the_error_on_mnist(figure):
    sample = hand.write_sample(8)
    assert figure.sample["images"] == sample.images.tobytes()
    assert figure.sample["labels"] == sample.labels.tolist()
    stored = trained.read_provenance("lenet5")["test_error_rate"]
    assert figure.mnist_error == float(stored) < 0.02


def test_jupyterlab_is_given_the_digits_when_it_asks(sample, monkeypatch):
    figure, sent = make_hand(), []
    monkeypatch.setattr(figure, "send", lambda *parts: sent.append(parts))
    figure._handle_custom_msg({"ask": "something else"}, [])
    assert sent == []
    figure._handle_custom_msg({"ask": "digits"}, [])
    assert sent == [({"answer": "digits"}, [pack_digits(sample)])]


def test_what_a_page_gets_before_a_click_is_small(figure):
    assert len(figure.to_html().encode()) < MAX_BYTES


def test_half_of_a_hand_teaches_and_the_rest_tests(tmp_path):
    run_web_tests("teaching", fixtures=tmp_path)
