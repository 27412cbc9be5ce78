"""The package by itself: what it asks for, its wheel, installed without a checkout."""

import ast
import importlib.metadata
import shutil
import sys
import tomllib
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest
from chapter_inputs import read_code_cells
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from programs import make_environment, run_quietly

from lenet_helpers.experiments import store

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "lenet_helpers"
# Which extra a part of the package may ask for, beside the package's own dependencies.
EXTRAS = {
    "interactive/": "figures",
    "plots.py": "figures",
    "tables.py": "figures",
    "strings/pictures.py": "figures",
    "hand/": "hand",
    "experiments/": "experiments",
    "looking/strangers.py": "looking",
    "training/lightning.py": "lightning",
    "training/callbacks.py": "lightning",
}
DISTRIBUTIONS = {
    "pil": "pillow",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
}  # where the names differ


def list_imports(path):
    """List the top-level names that a module imports, wherever in it."""
    return list_names_imported(path.read_text(encoding="utf-8"))


def list_names_imported(source):
    for node in ast.walk(ast.parse(source)):
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
    for part in (PACKAGE, ROOT / "results"):
        shutil.copytree(part, source / part.name, ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, source)
    command = ["uv", "build", "--wheel", "--no-build-isolation", "--offline"]
    run_quietly([*command, "--python", sys.executable, "--out-dir", folder, source])
    return next(folder.glob("*.whl"))


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
    for path in (ROOT / "results").glob("[!.]*"):
        assert f"lenet_helpers/results/{path.name}" in names
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
    extras = ["figures", "experiments", "hand", "looking", "lightning", "book"]
    assert metadata.get_all("Provides-Extra") == extras
    assert metadata["License-Expression"] == "MIT"


@pytest.mark.processes
def test_an_installed_package_knows_no_checkout(installed):
    code = "import lenet_helpers; print(lenet_helpers.__file__)"
    path = Path(installed(code).strip())
    assert path.is_relative_to(installed.folder / "venv")


def test_the_package_asks_for_nothing_that_it_does_not_import():
    project = read_project()
    imported = {
        canonicalize_name(DISTRIBUTIONS.get(name.lower(), name))
        for path in PACKAGE.rglob("*.py")
        for name in list_imports(path)
    }
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    assert set().union(*map(list_names, lists)) <= imported | {"lenet-helpers"}


def test_every_package_is_listed():
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    listed = set(setuptools["setuptools"]["packages"]) - {"lenet_helpers.results"}
    folders = [path.parent.relative_to(ROOT) for path in PACKAGE.rglob("__init__.py")]
    assert listed == {".".join(folder.parts) for folder in folders}


def test_the_extra_of_the_book_holds_what_the_chapters_import():
    extras = read_project()["optional-dependencies"]
    names = {Requirement(line).name: Requirement(line) for line in extras["book"]}
    assert names["lenet-helpers"].extras == set(extras) - {"book"}
    known = list_names(read_project()["dependencies"]) | {"lenet-helpers"}
    known |= set().union(*map(list_names, extras.values())) | sys.stdlib_module_names
    for path in (ROOT / "chapters").glob("*.md"):
        for cell in read_code_cells(path):
            for name in list_names_imported(cell.source):
                name = canonicalize_name(DISTRIBUTIONS.get(name.lower(), name))
                assert name in known, f"{path.name} imports {name}"


@pytest.mark.processes
def test_an_installed_package_loads_a_trained_network_and_draws_a_figure(installed):
    code = """
from lenet_helpers import load_mnist
from lenet_helpers.interactive import WideInput
from lenet_helpers.trained import load_network

print(sum(p.numel() for p in load_network("lenet5").parameters()))
print(WideInput().to_html().count("<script"))
"""
    parameters, scripts = map(int, installed(code).split())
    assert parameters == 60_000
    assert scripts > 3


@pytest.mark.processes
def test_an_installed_package_keeps_data_in_the_cache_folder_of_the_user(installed):
    code = "from lenet_helpers.data import find_folder; print(find_folder())"
    assert Path(installed(code).strip()).is_relative_to(installed.folder)
    assert "venv" not in installed(code)


@pytest.mark.processes
def test_an_installed_package_reads_results_and_writes_none(installed):
    code = """
from lenet_helpers.experiments import store

print(len(store.read_results("figure5")), (store.RESULTS / "README.md").exists())
try:
    store.record("figure5", {"seed": 99})
except ValueError as error:
    print(error)
"""
    rows, text, refusal = installed(code).split(maxsplit=2)
    assert (int(rows), text) == (len(store.read_results("figure5")), "True")
    assert "LENET_RESULTS" in refusal
