"""Fixtures that several test modules use."""

import pytest
from browser import HTML, Visit, launch_chromium, open_figures, serve

from lenet_helpers import load_mnist


@pytest.fixture(scope="session")
def mnist():
    return load_mnist()


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
