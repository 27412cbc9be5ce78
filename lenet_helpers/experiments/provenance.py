"""What made a row: versions, commit, and digests of the data and of the code.

The digest of the code covers every definition in the package that a run can reach: the
function ``run`` of the experiment, the functions, classes and constants whose names
stand in it, those whose names stand in these, and so on through the imports. Comments,
docstrings and annotations that execute nothing, of signatures and of a class without a
value, are left out, and so is the module in which a definition lies. A definition that
only names a place is read as it was when the first rows were made. What the digest does
not see: a name that is put together from text (``getattr``), other packages (their
versions stand in the row) and the processor.
"""

import ast
import dataclasses
import functools
import hashlib
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

from lenet_helpers.data import find_checkout, load_mnist

PACKAGE = Path(__file__).parents[1]
CHECKOUT = PACKAGE.parent
PACKAGES = ("torch", "numpy", "numba", "scikit-learn")
LEFT_OUT = {  # definitions that change no result, and why
    "lenet_helpers.data.load_mnist": "the row has the digest of the data",
    "lenet_helpers.experiments.progress.report_pass": "it moves the progress bar",
}
AS_IT_WAS = {  # definitions that changed, and changed no result
    "lenet_helpers.experiments.store.RESULTS": (
        'RESULTS = Path(os.environ.get("LENET_RESULTS") or CHECKOUT / "results")'
    ),
}


def describe_versions() -> str:
    """Name the versions of Python and of what computes."""
    names = [f"{name} {version(name)}" for name in PACKAGES]
    return ", ".join([f"Python {platform.python_version()}", *names])


@functools.cache
def describe_commit() -> str:
    """Name the commit that runs, with a + where the package's files differ from it.

    Returns
    -------
    str
        "unknown" outside a checkout.
    """
    if find_checkout() is None:
        return "unknown"
    commit = _ask_git("rev-parse", "--short=10", "HEAD")
    changes = _ask_git("status", "--porcelain", "lenet_helpers", "requirements.txt")
    return f"{commit}+" if commit and changes else commit or "unknown"


def _ask_git(*command: str) -> str:
    try:
        answer = subprocess.run(
            ["git", *command], cwd=CHECKOUT, capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip()


@functools.cache
def digest_data() -> str:
    """Compute the digest of the images and labels that `load_mnist` gives."""
    mnist, digest = load_mnist(), hashlib.sha256()
    for part in ("train_images", "train_labels", "test_images", "test_labels"):
        digest.update(getattr(mnist, part).numpy().tobytes())
    return f"{mnist.source} {digest.hexdigest()[:16]}"


@functools.cache
def digest_code(module: str) -> str:
    """Compute the digest of the code that an experiment's runs execute.

    Parameters
    ----------
    module : str
        The experiment's module, such as "lenet_helpers.experiments.today.modern".

    Returns
    -------
    str, 16 hexadecimal digits
    """
    statements = [s for found in find_code(module).values() for s in found]
    text = "\n".join(sorted(_write(statement) for statement in statements))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def find_code(module: str, name: str = "run") -> dict[str, list[ast.stmt]]:
    """Find all definitions in the package that one of them can reach.

    Parameters
    ----------
    module, name : str
        Where to start.

    Returns
    -------
    dict
        From a definition's full name to its statements.
    """
    found, waiting = {}, [(module, name)]
    while waiting:
        module, name = waiting.pop()
        key = f"{module}.{name}"
        if key in found or key in LEFT_OUT:
            continue
        source = _read(module)
        if name in source.imported:
            waiting.append(source.imported[name])
            continue
        found[key] = source.defined.get(name, [])
        if key in AS_IT_WAS:
            found[key] = ast.parse(AS_IT_WAS[key]).body
        rest = found.setdefault(f"{module} itself", source.rest)
        for statement in [*found[key], *rest]:
            waiting += _list_names(statement, source)
    return found


@dataclasses.dataclass(frozen=True)
class _Source:
    """A module's statements by the name that they define, and what it imports."""

    module: str
    defined: dict[str, list[ast.stmt]]
    imported: dict[str, tuple[str, str]]  # names, to module and name there
    modules: dict[str, str]  # names of imported modules, to the module
    rest: list[ast.stmt]  # what is executed and defines no name


@functools.cache
def _read(module: str) -> _Source:
    source = _Source(module, {}, {}, {}, [])
    path = _find_file(module)
    if path is None:
        raise ModuleNotFoundError(f"There is no module {module} in {CHECKOUT}.")
    tree = ast.parse(path.read_text())
    for statement in _drop_docstring(tree.body):
        names = _list_defined(statement)
        for name in names:
            source.defined.setdefault(name, []).append(statement)
        if not names and not isinstance(statement, (ast.Import, ast.ImportFrom)):
            source.rest.append(statement)
    for node in ast.walk(tree):  # imports inside functions too
        if isinstance(node, ast.ImportFrom) and node.module and _is_ours(node.module):
            for alias in node.names:
                name, submodule = (
                    alias.asname or alias.name,
                    f"{node.module}.{alias.name}",
                )
                if _find_file(submodule):
                    source.modules[name] = submodule
                else:
                    source.imported[name] = (node.module, alias.name)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if _is_ours(alias.name):
                    top = alias.name.partition(".")[0]
                    source.modules[alias.asname or top] = (
                        alias.name if alias.asname else top
                    )
    return source


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == PACKAGE.name


def _find_file(module: str) -> Path | None:
    path = CHECKOUT.joinpath(*module.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.exists():
            return file
    return None


def _list_defined(statement: ast.stmt) -> list[str]:
    """List the names that a statement of a module defines or changes."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return [statement.name]
    targets = getattr(statement, "targets", [getattr(statement, "target", None)])
    names = []
    for target in targets:
        for node in ast.walk(target) if target is not None else ():
            if isinstance(node, ast.Name):
                names.append(node.id)
    return names


def _list_names(statement: ast.stmt, source: _Source) -> list[tuple[str, str]]:
    """List what of the package a statement names, as pairs of module and name."""
    names = []

    def visit(node):
        module = _find_module(node, source)
        if module:  # the module as a value: all of it
            names.extend((module, name) for name in _read(module).defined)
        elif isinstance(node, ast.Attribute) and _find_module(node.value, source):
            names.append((_find_module(node.value, source), node.attr))
        elif isinstance(node, ast.Name):
            if node.id in source.defined or node.id in source.imported:
                names.append((source.module, node.id))
        else:
            for _, child in _list_children(node):
                for part in child if isinstance(child, list) else [child]:
                    if isinstance(part, ast.AST):
                        visit(part)

    visit(statement)
    return names


def _find_module(node: ast.AST, source: _Source) -> str | None:
    """Name the module that an expression is, such as `published.recipe`, or None."""
    if isinstance(node, ast.Name):
        return source.modules.get(node.id)
    if isinstance(node, ast.Attribute):
        parent = _find_module(node.value, source)
        if parent and _find_file(f"{parent}.{node.attr}"):
            return f"{parent}.{node.attr}"
    return None


def _list_children(node: ast.AST) -> list[tuple[str, object]]:
    """List a node's parts, without docstring and annotations that execute nothing."""
    parts = []
    for field, value in ast.iter_fields(node):
        if isinstance(node, (ast.FunctionDef, ast.arg)) and field in (
            "annotation",
            "returns",
            "type_comment",
        ):
            continue
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and field == "body":
            value = _drop_docstring(value)
            if isinstance(node, ast.ClassDef) and not _may_make_fields(node):
                value = [s for s in value if not _is_bare_annotation(s)]
        parts.append((field, value))
    return parts


def _may_make_fields(node: ast.ClassDef) -> bool:
    """Say whether annotations may be fields, as in a dataclass or a NamedTuple."""
    bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
    return bool(node.decorator_list or bases & {"NamedTuple", "TypedDict"})


def _is_bare_annotation(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.AnnAssign) and statement.value is None


def _drop_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    is_docstring = (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
    return body[1:] if is_docstring else body


def _write(node: object) -> str:
    """Write a syntax tree as text that is the same in every version of Python."""
    if isinstance(node, list):
        return f"[{', '.join(_write(item) for item in node)}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    parts = [
        f"{field}={_write(value)}"
        for field, value in _list_children(node)
        if value not in (None, []) and field not in ("ctx", "kind")
    ]
    return f"{type(node).__name__}({', '.join(parts)})"
