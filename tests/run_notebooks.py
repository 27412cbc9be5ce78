"""Run the notebooks of `make notebooks` where there is nothing but the wheel.

Each runs from an empty folder, on the sample of MNIST, in an environment that is made
here with the versions of constraints.txt. ``make test-notebooks`` calls this.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from programs import make_environment, run_quietly


def make_empty_environment(folder: Path, wheel: Path, constraints: Path) -> Path:
    """Make an environment with the wheel, its extra, and what runs a notebook."""
    run_quietly(["uv", "venv", "--quiet", "--python", sys.executable, folder])
    package = f"lenet-helpers[book] @ {wheel.resolve().as_uri()}"
    install = ["uv", "pip", "install", "--quiet", "--python", folder / "bin" / "python"]
    run_quietly(
        [*install, "-c", constraints, package, "ipykernel", "nbclient"], timeout=1800
    )
    return folder / "bin" / "python"


def run_notebook(python: Path, notebook: Path, folder: Path) -> float:
    """Run a notebook in an empty folder; give the seconds that it took."""
    folder.mkdir()
    shutil.copy(notebook, folder)
    execute = python.with_name("jupyter-execute")
    command = [execute, "--timeout=300", notebook.name]
    started = time.perf_counter()
    env = make_environment(LENET_SOURCE="sample")
    run_quietly(command, cwd=folder, env=env, timeout=1800)
    return time.perf_counter() - started


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
                seconds = run_notebook(python, notebook, scratch / notebook.stem)
                print(f"{notebook.stem}: {seconds:.0f} s", flush=True)
            except AssertionError as error:
                print(f"{notebook.stem} failed:\n{error}", flush=True)
                failed.append(notebook.stem)
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
