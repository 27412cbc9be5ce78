"""What several test modules need: the digits."""

import os

import pytest

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
