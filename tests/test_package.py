"""The package and what surrounds it: pins, the wheel, make's settings, workflows."""

import ast
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "lenet_helpers"
# Which extra a part of the package may ask for, beside the package's own dependencies.
EXTRAS = {
    "interactive/": "figures",
    "plots.py": "figures",
    "tables.py": "figures",
    "experiments/": "experiments",
    "training/lightning.py": "lightning",
}
DISTRIBUTIONS = {"pil": "pillow", "sklearn": "scikit-learn"}  # where the names differ


def read_pins(path):
    """Read a file of requirements: {name: [requirement that holds here]}."""
    pins = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.partition("#")[0].strip()
        if line and not line.startswith("-"):
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate():
                name = canonicalize_name(requirement.name)
                pins.setdefault(name, []).append(requirement)
    return pins


def find_unpinned(installed, pins):
    """List the installed packages that no pin, or another one, stands for."""
    unpinned = []
    for name, version in installed.items():
        public = Version(version).public  # without the "+cpu" of PyTorch's CPU build
        if [str(pin.specifier) for pin in pins.get(name, [])] != [f"=={public}"]:
            unpinned.append(f"{name} {version}")
    return unpinned


def test_every_installed_package_is_pinned():
    installed = {
        canonicalize_name(distribution.name): distribution.version
        for distribution in importlib.metadata.distributions()
    }
    for name in ("pip", "lenet-helpers"):  # came with Python; is the checkout
        installed.pop(name, None)
    pins = read_pins(ROOT / "constraints.txt")
    assert find_unpinned(installed, pins) == [], "After a change of packages: make lock"


def test_a_package_that_is_not_pinned_or_another_version_is_found(tmp_path):
    path = tmp_path / "constraints.txt"
    path.write_text("a==1.0\nb==2.0 ; python_version < '3'\ntorch==2.15.0\n")
    installed = {"a": "1.1", "b": "2.0", "c": "3", "torch": "2.15.0+cpu"}
    assert find_unpinned(installed, read_pins(path)) == ["a 1.1", "b 2.0", "c 3"]


def test_constraints_pin_what_requirements_ask_for():
    pins = read_pins(ROOT / "constraints.txt")
    for name, requirements in read_pins(ROOT / "requirements.txt").items():
        expected = {str(requirement.specifier) for requirement in requirements}
        found = {str(pin.specifier) for pin in pins.get(name, [])}
        assert found == expected, f"{name}: {found}, not {expected}. Run `make lock`."


def test_no_file_of_pins_holds_an_address_or_a_path():
    for name in ("constraints.txt", "requirements.txt"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        lines = [line for line in lines if line != "-e ."]
        found = [line for line in lines if re.search(r"://|^\s*-|^\s*/|@ ", line)]
        assert found == []


def list_imports(path):
    """List the top-level names that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition(".")[0]


def read_project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def list_names(requirements):
    return {canonicalize_name(Requirement(line).name) for line in requirements}


MODULES = [str(path.relative_to(PACKAGE)) for path in sorted(PACKAGE.rglob("*.py"))]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_nothing_that_the_package_does_not_ask_for(module):
    project = read_project()
    declared = list_names(project["dependencies"])
    for start, extra in EXTRAS.items():
        if module.startswith(start):
            declared |= list_names(project["optional-dependencies"][extra])
    known = {*sys.stdlib_module_names, "lenet_helpers"}
    names = {
        name.lower() for name in list_imports(PACKAGE / module) if name not in known
    }
    names = {canonicalize_name(DISTRIBUTIONS.get(name, name)) for name in names}
    assert names <= declared, f"pyproject.toml does not ask for {names - declared}"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel from a copy: what an earlier build left here stays out of it."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, source / "lenet_helpers", ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    command = ["uv", "build", "--wheel", "--no-build-isolation", "--offline"]
    run_quietly([*command, "--python", sys.executable, "--out-dir", folder, source])
    return next(folder.glob("*.whl"))


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


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Install the wheel beside this environment's packages; return what runs code.

    A .pth file that names a folder lets Python look there, and does not read the .pth
    files in it: so the packages are found and the editable installation is not.
    """
    folder = tmp_path_factory.mktemp("installed")
    run_quietly(
        ["uv", "venv", "--python", sys.executable, "--offline", folder / "venv"]
    )
    python = folder / "venv" / "bin" / "python"
    install = ["uv", "pip", "install", "--offline", "--no-deps", "--python", python]
    run_quietly([*install, wheel])
    packages = next((folder / "venv").glob("lib/*/site-packages"))
    here = Path(importlib.metadata.distribution("torch").locate_file(""))
    (packages / "others.pth").write_text(f"{here}\n")
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()

    def run(code, **changes):
        settings = {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache")}
        environment = make_environment(**settings, **changes)
        return run_quietly([python, "-c", code], cwd=elsewhere, env=environment)

    run.folder = folder
    return run


@pytest.mark.processes
def test_the_wheel_holds_the_package_and_what_it_reads(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for path in PACKAGE.rglob("*"):
        if path.suffix in {".py", ".mjs", ".css", ".safetensors", ".typed"}:
            assert str(path.relative_to(ROOT)) in names
    strangers = [name for name in names if not name.startswith("lenet_helpers")]
    assert strangers == []


@pytest.mark.processes
def test_the_wheel_says_what_it_needs(wheel):
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith("/METADATA"))
        metadata = HeaderParser().parsestr(archive.read(name).decode())
    needs = [Requirement(line) for line in metadata.get_all("Requires-Dist")]
    always = {need.name: str(need.specifier) for need in needs if not need.marker}
    assert {"torch", "numpy", "numba", "pandas", "safetensors"} <= set(always)
    assert all(specifier.startswith(">=") for specifier in always.values())
    assert metadata.get_all("Provides-Extra") == ["figures", "experiments", "lightning"]
    assert metadata["License-Expression"] == "MIT"


@pytest.mark.processes
def test_an_installed_package_knows_no_checkout(installed):
    code = "import lenet_helpers; print(lenet_helpers.__file__)"
    path = Path(installed(code).strip())
    assert path.is_relative_to(installed.folder / "venv")


def ask_make(arguments, tmp_path, **changes):
    """Run a target that prints the environment which a recipe of the Makefile has."""
    makefile = tmp_path / "show.mk"
    makefile.write_text(f"include {ROOT}/Makefile\nshow:\n\t@env\n")
    command = ["make", "-C", ROOT, "--no-print-directory", "-f", makefile, "show"]
    command += [f"PYTHON={sys.executable}", *arguments]
    lines = run_quietly(command, env=make_environment(**changes)).splitlines()
    return dict(line.partition("=")[::2] for line in lines if "=" in line)


@pytest.mark.processes
@pytest.mark.parametrize("by_argument", [True, False])
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", f"{ROOT}/data"),
        ("mydata", f"{ROOT}/mydata"),
        ("my data/it's", f"{ROOT}/my data/it's"),
        ("~/mnist", "/home/somebody/mnist"),
        ("~/my mnist", "/home/somebody/my mnist"),
        ("/scratch/mnist", "/scratch/mnist"),
    ],
)
def test_make_gives_chapters_the_whole_name_of_the_data_folder(
    given, expected, by_argument, tmp_path
):
    arguments = [f"LENET_DATA={given}"] if by_argument else []
    changes = {} if by_argument else {"LENET_DATA": given}
    shown = ask_make(arguments, tmp_path, HOME="/home/somebody", **changes)
    assert shown["LENET_DATA"] == expected


@pytest.mark.processes
@pytest.mark.parametrize("by_argument", [True, False])
@pytest.mark.parametrize(
    "name", ["PYTHONOPTIMIZE", "JUPYTER_PATH", "JUPYTER_CONFIG_DIR"]
)
def test_make_takes_out_of_the_environment_what_strips_claims_or_swaps_kernels(
    name, by_argument, tmp_path
):
    arguments = [f"{name}=1"] if by_argument else []
    shown = ask_make(arguments, tmp_path, **({} if by_argument else {name: "1"}))
    assert name not in shown


@pytest.mark.processes
def test_make_writes_caches_where_it_builds(tmp_path):
    shown = ask_make([], tmp_path, HOME="/proc/nowhere")
    for name in ("MPLCONFIGDIR", "NUMBA_CACHE_DIR", "IPYTHONDIR"):
        assert Path(shown[name]).is_relative_to(ROOT / "_build")
