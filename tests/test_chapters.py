"""The rules that every chapter keeps, and mutations that must break them."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import jupytext
import nbclient
import pytest
import yaml

ROOT = Path(__file__).parents[1]
CHAPTERS = sorted((ROOT / "chapters").glob("*.md"))
LESSONS = [path for path in CHAPTERS if not path.stem.startswith("appendix-")]
HEADER = {
    "jupytext": {"text_representation": {"extension": ".md", "format_name": "myst"}},
    "kernelspec": {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    },
}
MAX_LINES, MAX_CLASS_LINES, MAX_COLUMNS = 20, 30, 79
TIME = re.compile(r"\*Time:\* (\d+) min to read, (\d+) s to run")
PLOT = re.compile(r"\bplots\.(plot|draw)_|\bplt\.|\.plot[.(]")
WIDGET = re.compile(r"\binteractive\.[A-Z]")  # its still has an alt text
SOLUTION = re.compile(r"```\{solution-start\} (\S+)\n(.*?)```\{solution-end\}", re.S)
EXERCISE = re.compile(
    r"```\{exercise-start\}[^\n]*\n:label: (\S+)\n(.*?)```\{exercise-end\}", re.S
)
STUB = re.compile(r"\.\.\.|= torch\.zeros\(|= \"\?\"")  # something to replace
CHECK = re.compile(r"^(?:print\()?(check_\w+)\(", re.M)  # at the end of a cell
CODE_CELL = re.compile(r"^```\{code-cell\}.*?\n(.*?)^```$", re.S | re.M)
LABEL = re.compile(
    r"^\((\S+)\)=$"  # of a section or a paragraph
    r"|:label: (\S+)"  # of an exercise or an equation
    r"|\bname: ((?:fig|tab|eq|ex|sec)-[\w-]+)"  # of a figure or a table
    r"|\$\$ \((\S+)\)",  # of an equation
    re.M,
)


def read(path):
    return path.read_text(encoding="utf-8")


def find_line(text, position):
    return f"line {text.count(chr(10), 0, position) + 1}"


def read_cells(text):
    """List the code cells, each with words that tell which one it is."""
    notebook = jupytext.reads(text, fmt="md:myst")
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [
        (f"code cell {number} ({(cell.source.splitlines() or [''])[0]})", cell)
        for number, cell in enumerate(cells, start=1)
    ]


def find_labels(text):
    return [
        (next(filter(None, match.groups())), find_line(text, match.start()))
        for match in LABEL.finditer(text)
    ]


# Each rule takes a chapter's text and lists what is wrong with it, and where.


def check_header(text):
    match = re.match(r"---\n(.*?)\n---\n", text, re.S)
    if not match:
        return ["line 1: no header"] if "```{code-cell}" in text else []
    header = yaml.safe_load(match[1])
    return [] if header == HEADER else [f"line 1: {header} is not {HEADER}"]


def check_cells(text):
    complaints = []
    for where, cell in read_cells(text):
        lines = cell.source.splitlines()
        if not lines:
            complaints.append(f"{where}: it is empty")
        in_class = 0
        if len(lines) > MAX_LINES and "class " in cell.source:
            nodes = ast.parse(re.sub(r"^\s*[%!].*$", "", cell.source, flags=re.M)).body
            classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
            if len(classes) == 1:
                in_class = classes[0].end_lineno - classes[0].lineno + 1
        if len(lines) > (MAX_CLASS_LINES if in_class else MAX_LINES):
            complaints.append(f"{where}: {len(lines)} lines")
        elif len(lines) - in_class > MAX_LINES:
            complaints.append(f"{where}: {len(lines) - in_class} lines beside a class")
        complaints += [
            f"{where}: {len(line)} columns in {line}"
            for line in lines
            if len(line) > MAX_COLUMNS
        ]
    return complaints


def check_tables(text):
    """Look for tables that nobody sees, because the cell does not end with them."""
    complaints = []
    for where, cell in read_cells(text):
        if "tables.show" in cell.source:
            *others, _ = ast.parse(cell.source).body
            complaints += [
                f"{where}: {ast.unparse(statement)} is not shown, as the cell goes on"
                for statement in others
                if ast.unparse(statement).startswith("tables.show(")
            ]
    return complaints


def check_objectives(text):
    opening = re.search(r"^:::\{admonition\} In this chapter you will\n", text, re.M)
    if not opening:
        return ["whole chapter: no admonition 'In this chapter you will'"]
    where = find_line(text, opening.start())
    block = text[opening.end() :].split("\n:::")[0]
    complaints = []
    objectives = re.findall(r"^- \W*(\w+)", block, re.M)
    if len(objectives) < 3:
        complaints.append(f"{where}: {len(objectives)} objectives, fewer than 3")
    for word in objectives:
        if word.lower() in {"learn", "understand", "explore", "know"}:
            complaints.append(f"{where}: '{word}' is nothing that one can see done")
    if not re.search(r"\*Needs:\* \S", block):
        complaints.append(f"{where}: no *Needs:*")
    if not TIME.search(block):
        complaints.append(f"{where}: no *Time:* N min to read, N s to run")
    return complaints


def check_figures(text):
    complaints = []
    for where, cell in read_cells(text):
        mystnb = cell.metadata.get("mystnb", {})
        figure, image = mystnb.get("figure", {}), mystnb.get("image", {})
        widget = WIDGET.search(cell.source)
        if not (PLOT.search(cell.source) or widget or figure or image):
            continue
        if not figure.get("name", "").startswith("fig-"):
            complaints.append(f"{where}: no figure name fig-...")
        if len(figure.get("caption", "")) < 20:
            complaints.append(f"{where}: no caption")
        if len(image.get("alt", "")) < 20 and not widget:
            complaints.append(f"{where}: no alt text")
    directive = r"^(`{3,}|:{3,})\{(?:figure|image)\}.*?^\1 *$"
    for match in re.finditer(directive, text, re.S | re.M):
        if not re.search(r"^:alt: \S", match[0], re.M):
            complaints.append(f"{find_line(text, match.start())}: no :alt:")
    for match in re.finditer(r"!\[\s*\]|<img\b(?![^>]*\balt=[\"'][^\"'])", text):
        complaints.append(f"{find_line(text, match.start())}: no alt text")
    return complaints


def check_hot_links(text):
    places = (
        r"\{(?:figure|image)\}\s+",
        r"!\[[^\]]*\]\(\s*<?",
        r"<(?:img|iframe|video|source|script)\b[^>]*?\bsrc=.",
        r"\b(?:Image|SVG|IFrame|HTML)\((?:url=)?.",
    )
    pattern = rf"(?:{'|'.join(places)})((?:https?:)?//\S+)"
    return [
        f"{find_line(text, match.start())}: hot link to {match[1]}"
        for match in re.finditer(pattern, text)
    ]


def check_exercises(text):
    complaints = []
    starts = list(re.finditer(r"```\{exercise(?:-start)?\}.*\n((?::.*\n)*)", text))
    if len(starts) < 3:
        complaints.append(f"whole chapter: {len(starts)} exercises, fewer than 3")
    labels = []
    for match in starts:
        label = re.search(r"^:label: (ex-\S+)$", match[1], re.M)
        if label:
            labels.append(label[1])
        else:
            where = find_line(text, match.start())
            complaints.append(f"{where}: no :label: ex-... below an exercise's start")
    solutions = SOLUTION.findall(text)
    solved = [label for label, _ in solutions]
    for label in sorted({*labels, *solved}):
        pair = labels.count(label), solved.count(label)
        if pair != (1, 1):
            complaints.append(f"{label}: {pair[0]} exercises, {pair[1]} solutions")
    if len(re.findall(r"\{solution", text)) != 2 * len(solutions):
        complaints.append("whole chapter: a solution without its start or its end")
    for label, body in solutions:
        if not body.startswith(":class: dropdown\n"):
            complaints.append(f"{label}: its solution is not hidden")
        cells = CODE_CELL.findall(body)
        if not any(re.search(r"^ *assert ", cell, re.M) for cell in cells):
            complaints.append(f"{label}: no cell of its solution asserts anything")
    return complaints


def check_answers(text):
    """Each exercise has a cell to fill in, and a check that its solution passes."""
    complaints, solutions = [], dict(SOLUTION.findall(text))
    exercises = dict(EXERCISE.findall(text))
    for label in re.findall(r"^:label: (ex-\S+)$", text, re.M):
        cells = CODE_CELL.findall(exercises.get(label, ""))
        if not any(STUB.search(cell) for cell in cells):
            complaints.append(f"{label}: no cell to fill in")
        checks = [name for cell in cells for name in CHECK.findall(cell)]
        if not checks:
            complaints.append(f"{label}: nothing checks the reader's answer")
        for name in checks:
            if f"assert {name}(" not in solutions.get(label, ""):
                complaints.append(f"{label}: {name} does not meet its solution")
    return complaints


def check_end(text):
    complaints = []
    if not text.endswith("\n```{footbibliography}\n```\n"):
        complaints.append("last line: it does not end a bare {footbibliography}")
    if text.count("{footbibliography}") > 1:
        complaints.append("whole chapter: more than one {footbibliography}")
    heading = text.rfind("\n## ") + 1
    if not text.startswith("## Summary\n", heading):
        complaints.append(f"{find_line(text, heading)}: not the heading '## Summary'")
    return complaints


def check_data(text):
    return [
        f"{where}: it loads MNIST, and its last line is not `mnist`"
        for where, cell in read_cells(text)
        if "load_mnist(" in cell.source and cell.source.splitlines()[-1] != "mnist"
    ]


LESSON_RULES = [check_objectives, check_exercises, check_answers, check_end]
PAGE_RULES = [
    check_header,
    check_cells,
    check_tables,
    check_figures,
    check_hot_links,
    check_data,
]


# These rules need to know more than one chapter.


def check_citations(text, keys):
    complaints = []
    for match in re.finditer(r"\{(?:foot)?cite(?::\w+)?\}`([^`]*)`", text):
        where = find_line(text, match.start())
        if "{footbibliography}" not in text:
            complaints.append(f"{where}: a citation, and no {{footbibliography}}")
        for key in match[1].split(","):
            if key.strip() not in keys:
                complaints.append(f"{where}: {key} is not in references.bib")
    return complaints


def check_labels(chapters):
    """Compare the labels of all chapters, a dictionary from name to text."""
    first, complaints = {}, []
    for name, text in chapters.items():
        for label, line in find_labels(text):
            where = f"{name}, {line}"
            if first.setdefault(label, where) != where:
                complaints.append(f"{where}: {label} is also in {first[label]}")
    return complaints


def check_names(listed, names):
    """Compare the names in the table of contents with those of the files."""
    complaints = [f"{name}: a number in front" for name in names if name[0].isdigit()]
    for name in sorted({*listed, *names}):
        if (listed.count(name), names.count(name)) != (1, 1):
            complaints.append(
                f"{name}: {listed.count(name)} times in _toc.yml, "
                f"{names.count(name)} files"
            )
    return complaints


def check_times(introduction, chapters):
    """Compare the introduction's table with the chapters' own *Time:*."""
    row = r"^\| \{ref\}`(\S+)` \|.*?\| (\d+) min \| (\d+) s \|"
    stated, own, complaints = {}, {}, []
    for label, *times in re.findall(row, introduction, re.M):
        stated[label] = times
    for text in chapters:
        label = re.search(r"^\((sec-\S+)\)=", text, re.M)[1]
        own[label] = list(TIME.search(text).groups())
    for label in sorted({*stated, *own}):
        if stated.get(label) != own.get(label):
            complaints.append(
                f"{label}: {stated.get(label)} in the introduction, {own.get(label)} "
                "in the chapter (minutes to read, seconds to run)"
            )
    return complaints


# The chapters


def name_rule(rule):
    return rule.__name__


@pytest.mark.parametrize("rule", PAGE_RULES, ids=name_rule)
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_page_keeps_the_rules(path, rule):
    assert rule(read(path)) == []


@pytest.mark.parametrize("rule", LESSON_RULES, ids=name_rule)
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_keeps_the_rules(path, rule):
    assert rule(read(path)) == []


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_citation_of_a_page_is_in_the_bibliography(path):
    keys = re.findall(r"^@\w+\{(\S+),", read(ROOT / "references.bib"), re.M)
    assert len(keys) == len(set(keys))
    assert check_citations(read(path), keys) == []


def test_labels_are_unique_in_the_book():
    assert check_labels({path.stem: read(path) for path in CHAPTERS}) == []


def test_the_table_of_contents_lists_every_chapter_once():
    contents = yaml.safe_load(read(ROOT / "_toc.yml"))
    listed = [contents["root"]]
    listed += [page["file"] for part in contents["parts"] for page in part["chapters"]]
    names = [f"chapters/{path.stem}" for path in CHAPTERS]
    assert (
        check_names(
            [Path(name).name for name in listed], [Path(name).name for name in names]
        )
        == []
    )
    assert set(listed) == set(names)


def test_the_introduction_states_the_times_of_the_chapters():
    introduction = read(ROOT / "chapters" / "intro.md")
    assert check_times(introduction, map(read, LESSONS)) == []


# Mutations of a good chapter

GOOD = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3, language: python}
---
(sec-good)=
# Good

:::{admonition} In this chapter you will
- count one;
- count two;
- count three.

*Needs:* nothing. *Time:* 5 min to read, 1 s to run on two CPU cores.
:::

```{code-cell} ipython3
mnist = load_mnist()
mnist
```

```{code-cell} ipython3
import torch
from torch import nn


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 4, 5)
        self.c3 = nn.Conv2d(4, 12, 5)
        self.output = nn.Linear(192, 10)

    def forward(self, images):
        maps = torch.tanh(self.c1(images))
        maps = torch.tanh(self.c3(maps))
        return self.output(maps.flatten(1))
```

```{code-cell} ipython3
---
mystnb:
  figure: {name: fig-good, caption: "What one should see in this figure."}
  image: {alt: "What is drawn in this figure, in words."}
---
figures.plot_digits(images);
```

```{code-cell} ipython3
---
mystnb:
  figure: {name: fig-good-widget, caption: "What one should do with this figure."}
---
interactive.DigitPad()
```

:::{figure} images/good.svg
:alt: What is drawn in this image, in words.
What one should see {footcite:p}`good1998`.
:::

| chapter | its question | to read | to run |
|---|---|---|---|
| {ref}`sec-good` | What is good? | 5 min | 1 s |
"""
for _number in range(3):
    GOOD += f"""
```{{exercise-start}} Count
:label: ex-good-{_number}
```
Count on.

```{{code-cell}} ipython3
answer = ...
```

```{{code-cell}} ipython3
check_sum(answer)
```
```{{exercise-end}}
```

```{{solution-start}} ex-good-{_number}
:class: dropdown
```
```{{code-cell}} ipython3
assert 1 + 1 == 2
```
```{{code-cell}} ipython3
assert check_sum(2)
```
```{{solution-end}}
```
"""
GOOD += "\n## Summary\n\nDone.\n\n```{footbibliography}\n```\n"


def check_good_citations(text):
    return check_citations(text, ["good1998"])


def check_good_labels(text):
    return check_labels({"good": text, "other": "(sec-other)=\n# Other\n"})


def check_good_times(text):
    return check_times(text, [GOOD])


ALL_RULES = [
    *PAGE_RULES,
    *LESSON_RULES,
    check_good_citations,
    check_good_labels,
    check_good_times,
]
SOLUTION_1 = SOLUTION.findall(GOOD)[1][1]
MUTATIONS = {
    "a version in the header": (
        check_header,
        "format_name: myst}",
        "format_name: myst, jupytext_version: 1.19.0}",
    ),
    "another kernel": (check_header, "python3, disp", "python4, disp"),
    "another key in the header": (check_header, "kernelspec:", "title: x\nkernelspec:"),
    "no header": (check_header, GOOD.split("(sec")[0], ""),
    "a cell too long": (check_cells, "assert 1 + 1 == 2", "a = 1\n" * 21),
    "a class too long": (
        check_cells,
        "        maps",
        "        self\n" * 16 + "        maps",
    ),
    "much beside a class": (check_cells, "import torch\n", "a = 1\n" * 20),
    "two classes": (
        check_cells,
        "import torch\n",
        "class A:\n" + "    a = 1\n" * 6,
    ),
    "a line too long": (check_cells, "1 + 1 == 2", "1 + 1 == 2 " + "#" * 62),
    "an empty cell": (check_cells, "assert 1 + 1 == 2\n", ""),
    "understand": (check_objectives, "- count one", "- understand one"),
    "Learn": (check_objectives, "- count one", "- **Learn** one"),
    "two objectives": (check_objectives, "- count one;\n", ""),
    "no needs": (check_objectives, "*Needs:*", "Needs"),
    "empty needs": (check_objectives, "*Needs:* nothing. *", "*Needs:*\n*"),
    "no time": (check_objectives, "5 min to read", "some time"),
    "no objectives": (check_objectives, "In this chapter you will", "Objectives"),
    "no alt text": (check_figures, "image: {alt", "image: {classes"),
    "an empty alt text": (check_figures, "What is drawn in this figure, in words.", ""),
    "no caption": (check_figures, "caption:", "title:"),
    "no figure name": (check_figures, "fig-good", "good"),
    "no figure metadata": (check_figures, "mystnb:", "other:"),
    "a plot without metadata": (check_figures, "mnist\n```", "plt.plot(1)\n```"),
    "digits without metadata": (
        check_figures,
        "mnist\n```",
        "plots.plot_digits(mnist)\n```",
    ),
    "a table that is not shown": (
        check_tables,
        "assert 1 + 1 == 2",
        'tables.show(frame, "Sums")\nassert 1 + 1 == 2',
    ),
    "a widget without a caption": (
        check_figures,
        "mnist\n```",
        "interactive.Pad()\n```",
    ),
    "no alt in a figure": (check_figures, ":alt: What", "What"),
    "an empty alt in a figure": (
        check_figures,
        ":alt: What is drawn in this image, in words.",
        ":alt:",
    ),
    "no alt in an image": (check_figures, "Done.", "```{image} a.svg\n```"),
    "no alt in Markdown": (check_figures, "Done.", "![](a.svg)"),
    "no alt in HTML": (check_figures, "Done.", '<img src="a.svg" alt="">'),
    "a hot link": (check_hot_links, "Done.", "![x](https://example.org/a.png)"),
    "a hot link, no scheme": (check_hot_links, "Done.", "![x](//example.org/a.png)"),
    "a hot figure": (check_hot_links, "images/good.svg", "https://example.org/a.png"),
    "a hot image": (check_hot_links, "Done.", "```{image} http://example.org/a\n```"),
    "a hot img": (check_hot_links, "Done.", '<img\nalt="x" src="https://a.org/a">'),
    "a hot image in code": (check_hot_links, "1 + 1", 'Image("https://a.org/a")'),
    "a solution of nothing": (check_exercises, "start} ex-good-1", "start} ex-other"),
    "a solution without its end": (check_exercises, SOLUTION_1 + "```{s", "```{x"),
    "two solutions": (check_exercises, "start} ex-good-1", "start} ex-good-0"),
    "no label": (check_exercises, ":label: ex-good-2\n", ""),
    "another kind of label": (check_exercises, ":label: ex-good-2", ":label: good-2"),
    "one label twice": (check_exercises, ":label: ex-good-2", ":label: ex-good-1"),
    "two exercises": (
        check_exercises,
        "```{exercise-start} Count\n:label: ex-good-0",
        "```",
    ),
    "a solution in the open": (check_exercises, ":class: dropdown", ""),
    "a solution without a check": (check_exercises, "assert ", ""),
    "a check that does not run": (check_exercises, "```{code-cell} ipython3", "```py"),
    "no cell to fill in": (check_answers, "answer = ...", "answer = 1"),
    "an answer that nothing checks": (check_answers, "\ncheck_sum(", "\nprint("),
    "a solution that meets another check": (check_answers, "assert check_", "assert a"),
    "an exercise without cells": (check_answers, "```{exercise-end}\n```\n", ""),
    "no summary": (check_end, "## Summary", "## The end"),
    "a heading after the summary": (check_end, "Done.", "Done.\n\n## And more"),
    "no bibliography": (check_end, "```{footbibliography}\n```\n", ""),
    "an option": (check_end, "graphy}\n", "graphy}\n:style: unsrt\n"),
    "text after the bibliography": (
        check_end,
        "graphy}\n```\n",
        "graphy}\n```\nBye.\n",
    ),
    "a bibliography too early": (
        check_end,
        "## Summary",
        "```{footbibliography}\n```\n## Summary",
    ),
    "data not shown": (check_data, "()\nmnist", "()"),
    "other data not shown": (
        check_data,
        "mnist = load_mnist()\nmnist",
        'digits = load_mnist(source="cache")',
    ),
    "an unknown work": (check_good_citations, "good1998", "bad1998"),
    "one unknown work of two": (check_good_citations, "good1998", "good1998,bad1998"),
    "nowhere to cite": (check_good_citations, "```{footbibliography}\n```", ""),
    "a section's label twice": (check_good_labels, "## S", "(sec-good)=\n## S"),
    "another chapter's label": (check_good_labels, "(sec-good)", "(sec-other)"),
    "a figure's label twice": (
        check_good_labels,
        "images/good.svg",
        "images/good.svg\n:name: fig-good",
    ),
    "another time to read": (check_good_times, "| 5 min |", "| 6 min |"),
    "another time to run": (check_good_times, "| 1 s |", "| 2 s |"),
    "a chapter that the table lacks": (check_good_times, "| {ref}`sec-good`", "| x"),
}


@pytest.mark.parametrize("rule", ALL_RULES, ids=name_rule)
def test_a_good_chapter_has_no_complaints(rule):
    assert rule(GOOD) == []


@pytest.mark.parametrize(("rule", "old", "new"), MUTATIONS.values(), ids=MUTATIONS)
def test_a_mutation_is_reported_with_its_place(rule, old, new):
    assert old in GOOD
    complaints = rule(GOOD.replace(old, new))
    assert complaints
    for complaint in complaints:
        where = r"(\w+, )?line \d+|code cell \d+|ex-|sec-|last line|whole chapter"
        assert re.match(f"({where}).*: ", complaint), complaint


def test_names_of_files_and_table_of_contents_are_compared():
    assert check_names(["a", "b"], ["b", "a"]) == []
    assert check_names(["a"], ["a", "b"]) == ["b: 0 times in _toc.yml, 1 files"]
    assert check_names(["a", "b"], ["a"]) == ["b: 1 times in _toc.yml, 0 files"]
    assert check_names(["a", "a"], ["a"]) == ["a: 2 times in _toc.yml, 1 files"]
    assert check_names(["01-a"], ["01-a"]) == ["01-a: a number in front"]


# Chapters that run


def run_nbval(folder, pages, *options, **environment):
    """Run nbval as CI does on pages that hold the cells given; return its result."""
    header = GOOD.split("(sec-good)=")[0]
    for name, cells in pages.items():
        blocks = [f"```{{code-cell}} ipython3\n{cell}\n```\n" for cell in cells]
        (folder / f"{name}.md").write_text("\n".join([header, *blocks]))
    (folder / "conftest.py").write_text(read(ROOT / "conftest.py"))
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval-lax", "--color=no", *options, "."],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )


@pytest.mark.processes
def test_nbval_fails_on_a_claim_that_does_not_hold(tmp_path):
    (tmp_path / "prose.md").write_text("No code.\n")
    pages = {"holds": ["assert 1 == 1"], "fails": ["assert 1 == 2"]}
    result = run_nbval(tmp_path, pages)
    assert "1 failed, 1 passed" in result.stdout, result.stdout
    assert "FAILED fails.md::Cell 0" in result.stdout
    assert "assert 1 == 2" in result.stdout and "AssertionError" in result.stdout


# As the package's training does: an interrupt is a wish to stop early.
PATIENT = """import time
try:
    time.sleep(60)
except KeyboardInterrupt:
    pass"""


@pytest.mark.processes
def test_nbval_fails_on_a_cell_that_runs_out_of_time(tmp_path):
    pages = {"slow": ["1 + 1", PATIENT, "2 + 2"]}
    result = run_nbval(tmp_path, pages, "--nbval-cell-timeout=2")
    assert result.returncode == 1
    assert "1 failed, 1 passed, 1 skipped" in result.stdout, result.stdout
    assert "FAILED slow.md::Cell 1" in result.stdout
    assert "stopped after 2 seconds" in result.stdout


@pytest.mark.processes
def test_a_run_with_an_expected_failure_fails(tmp_path):
    test = "import pytest\n\n@pytest.mark.xfail\ndef test_it():\n    assert {}\n"
    for value in (0, 1):
        (tmp_path / "test_it.py").write_text(test.format(value))
        assert run_nbval(tmp_path, {}).returncode == 1


@pytest.mark.processes
def test_a_run_without_asserts_is_refused(tmp_path):
    pages = {"fails": ["assert 1 == 2"]}
    result = run_nbval(tmp_path, pages, PYTHONOPTIMIZE="1")
    assert result.returncode == 4
    assert "Asserts are switched off" in result.stderr


@pytest.mark.processes
def test_a_chapter_whose_accuracy_drops_fails(tmp_path, monkeypatch):
    path = ROOT / "chapters" / "lenet.md"
    if not path.exists():
        pytest.skip("chapters/lenet.md is not there.")
    monkeypatch.setenv("LENET_SOURCE", "sample")
    text, count = re.subn(
        r"(TrainableLeNet1\((?:learning_rate|lr)=)[\d.e-]+", r"\g<1>0.0", read(path)
    )
    assert count == 1
    # No other claim may stop it first.
    text = re.sub(r"^( *)assert (?!.*accuracy).*$", r"\1pass", text, flags=re.M)
    notebook = jupytext.reads(text, fmt="md:myst")
    client = nbclient.NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}
    )
    with pytest.raises(nbclient.exceptions.CellExecutionError) as error:
        client.execute()
    assert error.value.ename == "AssertionError"
    assert "test_accuracy" in str(error.value)
