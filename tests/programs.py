"""Run the programs of this environment without what leads back to this checkout."""

import os
import subprocess
import sys
from pathlib import Path


def run_quietly(command, **options):
    """Run a program of this environment; fail with what it wrote."""
    first, *arguments = map(str, command)
    found = Path(sys.executable).parent / first
    first = str(found) if found.exists() else first
    options.setdefault("env", make_environment())
    result = subprocess.run(
        [first, *arguments], capture_output=True, text=True, timeout=300, **options
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def make_environment(**changes):
    """Copy the environment without what leads back to this checkout."""
    own = ("LENET_", "PYTHON", "VIRTUAL_ENV", "MAKE", "MFLAGS")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(own)}
    return kept | changes
