"""Whether somebody watches: then long work shows its progress."""

import os
import sys


def has_a_reader() -> bool:
    """Tell a terminal or JupyterLab from the building of a page."""
    return sys.stderr.isatty() or "JPY_SESSION_NAME" in os.environ
