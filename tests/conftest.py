"""Fixtures that several test modules use."""

import os

import pytest
import torch
from browser import HTML, Visit, launch_chromium, open_figures, serve

from lenet_helpers import load_mnist
from lenet_helpers.data import SourceError


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
