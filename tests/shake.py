"""Execute chapters under other arithmetic, and list each claim that falls.

``make shake`` runs this. Training is chaotic: a rounding in the last bit makes another
run. So every shake executes a chapter as another machine might: with initial weights
that differ by a millionth, with PyTorch's kernels for older processors, with other
numbers of threads. A claim of the book, an ``assert`` in a cell, must hold in all.

What is done is kept in ``_build/shake/``, a line per execution, under the digest of the
chapter and of what it imports: an interrupted command goes on where it stopped.
"""

import argparse
import json
import os
import re
import statistics
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import jupytext
import nbformat
from joblib import Parallel, cpu_count, delayed
from nbclient import NotebookClient
from tqdm import tqdm

TESTS = Path(__file__).parent
ROOT = TESTS.parent
sys.path.insert(0, str(ROOT / "_sphinx"))
import chapter_inputs  # noqa: E402
from execution import choose_sockets  # noqa: E402

RECORDS = ROOT / "_build" / "shake"
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
SOURCES = ("sample", "all")
THIN = 3.0  # standard deviations; a claim with less is mended before it falls


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
        The record: the arguments; ``fallen``, for each cell that raised its number
        (from 1), the line and the error; ``margins``, the claims that compare, each
        with how far it is from falling (below 0 where it fell).
    """
    path, record = ROOT / "chapters" / f"{chapter}.md", find_record(chapter)
    notebook = jupytext.read(path)
    arithmetic = describe_shake(shake)
    noise = arithmetic["noise"]
    lines = [f"import sys; sys.path.insert(0, {str(TESTS)!r}); import shaken"]
    lines += ["shaken.note_claims(get_ipython())"]
    lines += [] if noise is None else [f"shaken.add_noise({noise})"]
    notebook.cells.insert(0, nbformat.v4.new_code_cell("\n".join(lines)))
    notebook.cells.append(nbformat.v4.new_code_cell("shaken.print_notes()"))
    environment = os.environ | arithmetic["variables"] | {"OMP_WAIT_POLICY": "passive"}
    if source == "sample":
        environment["LENET_SOURCE"] = "sample"
    else:
        environment.pop("LENET_SOURCE", None)
    with tempfile.TemporaryDirectory() as sockets:
        client = NotebookClient(
            notebook,
            config=choose_sockets(sockets),
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
        "margins": json.loads(read_text(list_code(notebook)[-1])),
    }


def list_code(notebook):
    """List the code cells of a notebook."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def read_text(cell):
    """Join what a cell printed, which a kernel may send in pieces."""
    return "".join(out.text for out in cell.outputs if out.output_type == "stream")


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


def find_record(chapter):
    """Name the file of a chapter's records, as it and all that it imports are now."""
    digest = chapter_inputs.digest(ROOT / "chapters" / f"{chapter}.md")
    return RECORDS / f"{chapter}-{digest}.jsonl"


def read_records(chapter):
    """Read what has been executed of a chapter as it is now, a list of dict."""
    path = find_record(chapter)
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines() if line]


def list_chapters():
    """List the chapters that hold code."""
    paths = sorted((ROOT / "chapters").glob("*.md"))
    return [path.stem for path in paths if chapter_inputs.read_code_cells(path)]


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


def gather(chapters, num_shakes):
    """Gather what is recorded of each chapter and source.

    Parameters
    ----------
    chapters, num_shakes
        As in `list_work`.

    Yields
    ------
    str, list of dict
        Words that name chapter and digits, and the records.
    """
    for chapter in chapters:
        records = read_records(chapter)
        for source in SOURCES:
            some = [r for r in records if r["source"] == source]
            some = [r for r in some if r["shake"] < num_shakes[source]]
            yield f"{chapter}, {source} digits", some


def list_fallen(place, records):
    """Write a line for each cell that raised: how often, in which shakes, and how."""
    fallen = defaultdict(list)
    for record in records:
        for cell in record["fallen"]:
            fallen[cell["cell"], cell["line"]].append((record["shake"], cell["error"]))
    return [
        f"{place}, cell {number}: `{line}` fell in {len(cases)} of {len(records)} "
        f"(shakes {', '.join(str(shake) for shake, _ in cases)}): {cases[0][1]}"
        for (number, line), cases in sorted(fallen.items())
    ]


def list_thin(place, records):
    """Write a line for each claim that held, but not by much more than runs differ.

    Parameters
    ----------
    place : str
    records : list of dict
        Fewer than four say nothing about a spread.

    Returns
    -------
    list of str
    """
    margins = defaultdict(list)
    for record in records:
        smallest = {}
        for claim, margin in record["margins"]:
            smallest[claim] = min(margin, smallest.get(claim, margin))
        for claim, margin in smallest.items():
            margins[claim].append(margin)
    lines = []
    for claim, values in margins.items():
        if len(values) < 4 or min(values) == max(values):
            continue
        mean, spread = statistics.mean(values), statistics.stdev(values)
        if mean < THIN * spread:
            lines.append(
                f"{place}: `{claim}` has a margin of {mean:.3g}, only "
                f"{mean / spread:.1f} times its standard deviation"
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
    fallen = []
    for place, records in gather(options.chapters, num_shakes):
        fallen += list_fallen(place, records)
        for line in list_thin(place, records):
            print(line)
    print(*fallen or ["Every claim held."], sep="\n")
    return int(bool(fallen))


if __name__ == "__main__":
    sys.exit(main())
