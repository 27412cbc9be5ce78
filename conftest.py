"""Let nbval run the chapters directly from their MyST sources."""

import types
from unittest import mock

import jupytext
import nbval.plugin

CELL_TIMEOUT = 300  # seconds, as in _config.yml


def pytest_configure(config):
    """Give no cell more time than the book gives it."""
    option = config.option
    option.nbval_cell_timeout = min(option.nbval_cell_timeout, CELL_TIMEOUT)


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
