"""Fixtures that several test modules use."""

import os
import shutil

import interactive  # of _sphinx/
import numpy as np
import photos
import pytest
import torch
from browser import HTML, Visit, launch_chromium, open_figures, serve
from figures import make_hand
from rooms import SECONDS

from lenet_helpers import load_mnist
from lenet_helpers.data import SourceError
from lenet_helpers.hand import write_sample
from lenet_helpers.interactive import TrainingRoom


@pytest.fixture(scope="session")
def mnist():
    """All of MNIST, read only; without it, CI fails and others skip."""
    try:
        return load_mnist(source="cache")
    except SourceError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"MNIST is not there, `make book` fetches it: {error}")


@pytest.fixture(scope="session")
def sample():
    """The 5,000 digits that stand in for MNIST, read only."""
    return load_mnist(source="sample")


@pytest.fixture
def one_thread():
    """Threads only get in the way of networks this small."""
    number = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(number)


@pytest.fixture(scope="module")
def browser():
    yield from launch_chromium()


@pytest.fixture(scope="module")
def address():
    """Serve the built book."""
    yield from serve(HTML)


@pytest.fixture
def visit(browser):
    """Open a page of the book in a window of its own."""
    visits = []

    def go(*arguments, **options):
        visits.append(Visit(browser, *arguments, **options))
        return visits[-1]

    yield go
    for one in visits:
        one.context.close()


@pytest.fixture
def show(browser, tmp_path):
    """Open figures in a page of their own; the test ends without a fault there."""
    yield from open_figures(browser, tmp_path)


@pytest.fixture
def enter(show, sample, tmp_path):
    """Open the Training room, its digits beside the page; returns the page."""

    def enter_with(preset="good", *, width=1000, scheme="light", **settings):
        if not (tmp_path / "digits.js").exists():
            interactive.write_digits(tmp_path / "digits.js", sample)
        room = TrainingRoom(sample, preset=preset, **settings)
        page = show(room.to_html(), width=width, scheme=scheme)
        page.set_default_timeout(1000 * SECONDS)
        return page

    return enter_with


@pytest.fixture(scope="session")
def hand_html():
    return make_hand().to_html()


@pytest.fixture(scope="session")
def digits_script(sample, tmp_path_factory):
    path = tmp_path_factory.mktemp("digits") / "digits.js"
    interactive.write_digits(path, sample)
    return path


@pytest.fixture
def open_hand(show, hand_html, digits_script, tmp_path):
    """Open the figure "Your hand", MNIST's digits beside the page; returns the page."""

    def open_with(**options):
        shutil.copy(digits_script, tmp_path)
        page = show(hand_html, **options)
        page.set_default_timeout(1000 * SECONDS)
        return page

    return open_with


@pytest.fixture(scope="session")
def filled_sheet():
    """Photograph a sheet that the sample hand has filled, its last box left empty."""
    digits, page = write_sample(10, seed=1), photos.print_sheet()
    for box in range(99):
        photos.write(page, digits.images[box], box)
    return photos.photograph(page, np.random.default_rng(3))
