"""Execute chapters under other arithmetic, and list each claim that falls.

``make shake`` runs this. Training is chaotic: a rounding in the last bit makes another
run. So every shake executes a chapter as another machine might: with initial weights
that differ by a millionth, with PyTorch's kernels for older processors, with other
numbers of threads. A claim of the book, an ``assert`` in a cell, must hold in all.

What is done is kept in ``_build/shake/``, a line a chapter and shake, under the digest
of the chapter and of the package: an interrupted command goes on where it stopped.
"""

import argparse
import hashlib
import json
import os
import re
import sys
from collections import defaultdict
from pathlib import Path

import jupytext
import nbformat
import yaml
from joblib import Parallel, cpu_count, delayed
from nbclient import NotebookClient
from tqdm import tqdm

ROOT = Path(__file__).parents[1]
RECORDS = ROOT / "_build" / "shake"
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
SOURCES = ("sample", "all")
# Runs in the kernel before a chapter. Numbers drawn at random, of which the initial
# weights are made, are changed by a relative 1e-6, always in the same way where shape
# and shake are the same: equal seeds still give equal weights.
NOISE = """
import functools
import torch

_draw_noise = torch.randn

def _shake(values):
    if values.is_floating_point() and not values.requires_grad:
        generator = torch.Generator().manual_seed({seed} + values.numel())
        noise = _draw_noise(values.shape, generator=generator, dtype=torch.float64)
        values.mul_((1 + 1e-6 * noise).to(values))
    return values

def _wrap(draw):
    @functools.wraps(draw)
    def shaken(*args, **options):
        values = draw(*args, **options)
        with torch.no_grad():
            return _shake(values) if values.is_leaf else values
    return shaken

for _name in ("rand", "randn"):
    setattr(torch, _name, _wrap(getattr(torch, _name)))
for _name in ("uniform_", "normal_"):
    setattr(torch.Tensor, _name, _wrap(getattr(torch.Tensor, _name)))
"""


def describe_shake(shake):
    """Say what arithmetic shake number `shake` stands for.

    Parameters
    ----------
    shake : int
        From 0. Number 0 is that of an old processor with one core, without noise.

    Returns
    -------
    dict
        ``noise``, a seed or None, and ``variables`` of the kernel's environment.
    """
    capability = ("default", "avx2", None)[shake % 3]
    variables = {"OMP_NUM_THREADS": str((1, 2, 4)[shake // 3 % 3])}
    if capability is not None:
        variables["ATEN_CPU_CAPABILITY"] = capability
    if shake % 2:
        variables["NUMBA_CPU_NAME"] = "generic"
    return {"noise": 1000 * shake if shake else None, "variables": variables}


def execute(chapter, shake, source):
    """Execute a chapter in one arithmetic, to its end whatever falls.

    Parameters
    ----------
    chapter : str
        The name of a file of `chapters/`, without its ending.
    shake : int
    source : {"sample", "all"}
        Which digits.

    Returns
    -------
    path : Path
        The file for the record: that of the chapter as it was when this began.
    dict
        The record: the arguments, and ``fallen``, for each cell that raised its number
        (from 1), the line and the error.
    """
    path, record = ROOT / "chapters" / f"{chapter}.md", find_record(chapter)
    notebook = jupytext.read(path)
    arithmetic = describe_shake(shake)
    noise = arithmetic["noise"]
    first = "pass" if noise is None else NOISE.format(seed=noise)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(first))
    environment = os.environ | arithmetic["variables"] | {"OMP_WAIT_POLICY": "passive"}
    if source == "sample":
        environment["LENET_SOURCE"] = "sample"
    else:
        environment.pop("LENET_SOURCE", None)
    client = NotebookClient(
        notebook,
        timeout=None,
        allow_errors=True,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute(env=environment)
    fallen = [
        {"cell": number, **describe_error(output)}
        for number, cell in enumerate(list_code(notebook))
        for output in cell.outputs
        if output.output_type == "error"
    ]
    return record, {
        "chapter": chapter,
        "shake": shake,
        "source": source,
        "fallen": fallen,
    }


def list_code(notebook):
    """List the code cells of a notebook."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def describe_error(output):
    """Name the line of a cell that raised, and its error.

    Parameters
    ----------
    output : NotebookNode, of type "error"

    Returns
    -------
    dict of str
    """
    text = ESCAPES.sub("", "\n".join(output.traceback))
    arrows = re.findall(r"^-+> ?\d+ (.*)$", text, re.MULTILINE)
    return {
        "line": arrows[0].strip() if arrows else "",
        "error": f"{output.ename}: {output.evalue}"[:300],
    }


def digest_chapter(chapter):
    """Compute the digest of a chapter's text and of the package's code."""
    paths = [ROOT / "chapters" / f"{chapter}.md"]
    paths += sorted((ROOT / "lenet_helpers").glob("**/*.py"))
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def find_record(chapter):
    """Name the file of a chapter's records, as chapter and package are now."""
    return RECORDS / f"{chapter}-{digest_chapter(chapter)}.jsonl"


def read_records(chapter):
    """Read what has been executed of a chapter as it is now, a list of dict."""
    path = find_record(chapter)
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines() if line]


def list_chapters():
    """List the chapters that hold code, in the order of the book."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text())
    files = [contents["root"]]
    files += [entry["file"] for part in contents["parts"] for entry in part["chapters"]]
    names = [Path(file).name for file in files]
    texts = [(ROOT / "chapters" / f"{name}.md").read_text() for name in names]
    pairs = zip(names, texts, strict=True)
    return [name for name, text in pairs if "{code-cell}" in text]


def list_work(chapters, num_shakes):
    """List the executions that are not recorded yet.

    Parameters
    ----------
    chapters : list of str
    num_shakes : dict of int
        How many on each source.

    Returns
    -------
    list of tuple
        Chapter, shake and source, shake by shake, so that a run that is interrupted
        has seen every chapter.
    """
    done = {
        (record["chapter"], record["shake"], record["source"])
        for chapter in chapters
        for record in read_records(chapter)
    }
    wanted = [
        (chapter, shake, source)
        for shake in range(max(num_shakes.values()))
        for source in SOURCES
        for chapter in chapters
        if shake < num_shakes[source]
    ]
    return [work for work in wanted if work not in done]


def summarize(chapters, num_shakes):
    """Write a line for each cell that fell, with how often, in what and how.

    Parameters
    ----------
    chapters, num_shakes
        As in `list_work`.

    Returns
    -------
    list of str
    """
    lines = []
    for chapter in chapters:
        records = read_records(chapter)
        for source in SOURCES:
            shakes = [r for r in records if r["source"] == source]
            shakes = [r for r in shakes if r["shake"] < num_shakes[source]]
            fallen = defaultdict(list)
            for record in shakes:
                for cell in record["fallen"]:
                    fallen[cell["cell"], cell["line"]].append((record, cell["error"]))
            for (number, line), cases in sorted(fallen.items()):
                names = ", ".join(str(record["shake"]) for record, _ in cases)
                lines.append(
                    f"{chapter}, {source} digits, cell {number}: `{line}` fell in "
                    f"{len(cases)} of {len(shakes)} (shakes {names}): {cases[0][1]}"
                )
    return lines


def main(arguments=None):
    """Read the command line, execute what is missing, print what fell.

    Parameters
    ----------
    arguments : list of str, optional

    Returns
    -------
    int
        The exit status: 1 where a claim fell.
    """
    parser = argparse.ArgumentParser(prog="make shake", description=__doc__)
    parser.add_argument("--chapters", nargs="+", default=list_chapters())
    parser.add_argument("--shakes", type=int, default=20, help="on the sample")
    parser.add_argument("--all-shakes", type=int, help="on all digits (a quarter)")
    parser.add_argument("--jobs", type=int, default=cpu_count())
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.chapters) - set(list_chapters()))
    if unknown:
        parser.error(f"--chapters: no chapter with code is called {unknown[0]!r}.")
    num_all = options.all_shakes
    if num_all is None:
        num_all = -(-options.shakes // 4)
    num_shakes = {"sample": options.shakes, "all": num_all}
    work = list_work(options.chapters, num_shakes)
    RECORDS.mkdir(parents=True, exist_ok=True)
    records = Parallel(n_jobs=options.jobs, return_as="generator_unordered")(
        delayed(execute)(*one) for one in work
    )
    for path, record in tqdm(records, total=len(work), unit=" chapters"):
        with path.open("a") as file:
            file.write(json.dumps(record) + "\n")
        for cell in record["fallen"]:
            place = f"{record['chapter']}, {record['source']}, shake {record['shake']}"
            tqdm.write(f"{place}, cell {cell['cell']}: {cell['line']}")
    lines = summarize(options.chapters, num_shakes)
    print(*lines or ["Every claim held."], sep="\n")
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main())
