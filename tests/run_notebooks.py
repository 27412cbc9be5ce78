"""Run the notebooks of `make notebooks` where there is nothing but the wheel.

Each runs from an empty folder, on the sample of MNIST, in an environment that is made
here with the versions of constraints.txt. ``make test-notebooks`` calls this.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from programs import make_environment, run_quietly

# A new process starts with the peak of the one that started it (Linux keeps it over
# exec), so a small one stands between a large pytest and what is measured.
MEASURE = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)
"""


def make_empty_environment(folder: Path, wheel: Path, constraints: Path) -> Path:
    """Make an environment with the wheel, its extra, and what runs a notebook."""
    run_quietly(["uv", "venv", "--quiet", "--python", sys.executable, folder])
    package = f"lenet-helpers[book] @ {wheel.resolve().as_uri()}"
    install = ["uv", "pip", "install", "--quiet", "--python", folder / "bin" / "python"]
    run_quietly(
        [*install, "-c", constraints, package, "ipykernel", "nbclient"], timeout=1800
    )
    return folder / "bin" / "python"


def run_notebook(
    python: Path, notebook: Path, folder: Path, **environment: str
) -> tuple[float, float]:
    """Run a notebook in an empty folder.

    Returns
    -------
    seconds : float
    gigabytes : float
        The largest memory of a process, so of the kernel.

    Raises
    ------
    AssertionError : a cell failed; with what it said.
    """
    folder.mkdir()
    shutil.copy(notebook, folder)
    execute = python.with_name("jupyter-execute")
    started = time.perf_counter()
    command = [execute, "--timeout=300", notebook.name]
    result = subprocess.run(
        [sys.executable, "-c", MEASURE, *command],
        cwd=folder,
        env=make_environment(LENET_SOURCE="sample", **environment),
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, (result.stdout + result.stderr)[-5000:]
    unit = 1 if sys.platform == "darwin" else 1024
    size = int(result.stdout.split()[-1]) * unit / 1e9
    return time.perf_counter() - started, size


def main():
    """Run the notebooks that the command line names, or all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("chapters", nargs="*")
    options = parser.parse_args()
    notebooks = [options.folder / f"{name}.ipynb" for name in options.chapters]
    failed = []
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        wheel = next(options.folder.glob("*.whl"))
        constraints = options.folder / "constraints.txt"
        python = make_empty_environment(scratch / "venv", wheel, constraints)
        for notebook in notebooks or sorted(options.folder.glob("*.ipynb")):
            try:
                seconds, size = run_notebook(python, notebook, scratch / notebook.stem)
                print(f"{notebook.stem}: {seconds:.0f} s, {size:.1f} GB", flush=True)
            except AssertionError as error:
                print(f"{notebook.stem} failed:\n{error}", flush=True)
                failed.append(notebook.stem)
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
