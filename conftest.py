"""Let nbval run the chapters from their MyST sources, and every cell whole."""

import os
import types
from unittest import mock

import jupytext
import nbval.plugin
import pytest

CELL_TIMEOUT = 300  # seconds, as in _config.yml


def pytest_configure(config):
    """Give no cell more time than the book gives it, and refuse a run without claims.

    Raises
    ------
    UsageError : Python is told to leave out asserts, so no claim would be checked.
    """
    option = config.option
    option.nbval_cell_timeout = min(option.nbval_cell_timeout, CELL_TIMEOUT)
    if not __debug__ or os.environ.get("PYTHONOPTIMIZE"):
        raise pytest.UsageError(
            "Asserts are switched off (PYTHONOPTIMIZE or -O), and a claim of the book"
            " is an assert: unset it."
        )


class MystFile(nbval.plugin.IPyNbFile):
    """A chapter, read by jupytext where nbval would read JSON."""

    def collect(self):
        """Yield an item for each code cell."""
        reader = types.SimpleNamespace(
            read=lambda path, as_version: jupytext.read(path, as_version=as_version)
        )
        with mock.patch.object(nbval.plugin, "nbformat", reader):
            yield from list(super().collect())


def pytest_collect_file(file_path, parent):
    """Collect the chapters that hold code, when nbval is asked for."""
    option = parent.config.option
    if not (option.nbval or option.nbval_lax) or file_path.suffix != ".md":
        return None
    if "```{code-cell}" not in file_path.read_text(encoding="utf-8"):
        return None
    return MystFile.from_parent(parent, path=file_path)


# nbval interrupts a cell whose time is up, which training takes as a wish to stop,
# and expects all later cells to fail. Here that cell fails, and later ones are not run.


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Leave out a cell whose chapter has run out of time before."""
    if isinstance(item, nbval.plugin.IPyNbCell) and item.parent.timed_out:
        pytest.skip("a cell before it ran out of time")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Let a cell fail whose time was up, whatever came of it."""
    result = yield
    if isinstance(item, nbval.plugin.IPyNbCell) and item.parent.timed_out:
        seconds = item.config.option.nbval_cell_timeout
        item.raise_cell_error(f"The cell was stopped after {seconds:g} seconds.", "")
    return result


def pytest_sessionfinish(session):
    """Fail a run in which a test was expected to fail: green means that all ran."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and (reporter.stats.get("xfailed") or reporter.stats.get("xpassed")):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
