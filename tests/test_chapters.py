"""The rules that every chapter keeps, and mutations that must break them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import jupytext
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
TIME = re.compile(r"\*Time:\* (\d+) min to read, (\d+) s to run on two CPU cores\.")
SOLUTION = re.compile(r"```\{solution-start\} (\S+)\n(.*?)```\{solution-end\}", re.S)


def read_cells(text):
    notebook = jupytext.reads(text, fmt="md:myst")
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def is_plot(cell):
    return re.search(r"figures\.(plot|draw)_|plt\.subplots|\.plot[.(]", cell.source)


# Each rule takes a chapter's text and lists what is wrong with it.


def check_header(text):
    match = re.match(r"---\n(.*?)\n---\n", text, re.S)
    header = yaml.safe_load(match[1]) if match else None
    return [] if header == HEADER else [f"header: {header}, expected {HEADER}"]


def check_cells(text):
    complaints = []
    for cell in read_cells(text):
        lines = cell.source.splitlines()
        defines_class = any(line.startswith("class ") for line in lines)
        if len(lines) > (30 if defines_class else 15):
            complaints.append(f"{len(lines)} lines in the cell that starts {lines[0]}")
        complaints += [f"line too long: {line}" for line in lines if len(line) > 79]
    return complaints


def check_objectives(text):
    match = re.search(
        r":::\{admonition\} In this chapter you will\n(.*?):::", text, re.S
    )
    if not match:
        return ["no admonition 'In this chapter you will'"]
    complaints = []
    bullets = re.findall(r"^- (\w+)", match[1], re.M)
    if len(bullets) < 3:
        complaints.append(f"{len(bullets)} objectives, at least 3 are needed")
    for word in bullets:
        if word in {"learn", "understand", "explore", "know"}:
            complaints.append(f"objective starts with '{word}', nothing one does")
    if "*Needs:*" not in match[1]:
        complaints.append("no *Needs:*")
    if not TIME.search(match[1]):
        complaints.append("no *Time:* of the form 'N min to read, N s to run ...'")
    return complaints


def check_figures(text):
    complaints = []
    for cell in read_cells(text):
        figure = cell.metadata.get("mystnb", {}).get("figure", {})
        image = cell.metadata.get("mystnb", {}).get("image", {})
        if not (is_plot(cell) or figure or image):
            continue
        where = f"in the cell that starts {cell.source.splitlines()[0]}"
        if not figure.get("name", "").startswith("fig-"):
            complaints.append(f"no figure name fig-... {where}")
        if len(figure.get("caption", "")) < 20:
            complaints.append(f"no caption {where}")
        if len(image.get("alt", "")) < 20:
            complaints.append(f"no alt text {where}")
    for block in re.findall(r"```\{(?:figure|image)\}.*?```", text, re.S):
        if ":alt:" not in block:
            complaints.append(f"no :alt: in {block.splitlines()[0]}")
    return complaints


def check_hot_links(text):
    patterns = (
        r"\{(?:figure|image)\}\s+(http\S+)|!\[.*?\]\((http\S+)\)|<img\b.*(http\S+)"
    )
    return [f"hot link: {match[0]}" for match in re.finditer(patterns, text)]


def check_exercises(text):
    labels = re.findall(r":label: (ex-\S+)", text)
    solutions = dict(SOLUTION.findall(text))
    complaints = []
    if len(labels) < 3:
        complaints.append(f"{len(labels)} exercises, at least 3 are needed")
    for label in set(labels) ^ set(solutions):
        complaints.append(f"{label} is not a pair of exercise and solution")
    for label, body in solutions.items():
        if ":class: dropdown" not in body:
            complaints.append(f"the solution of {label} is not hidden")
        if "```{code-cell}" not in body or "assert " not in body:
            complaints.append(f"the solution of {label} checks nothing")
    return complaints


def check_end(text):
    if not text.endswith("```{footbibliography}\n```\n"):
        return ["a bare {footbibliography} is not the last thing"]
    if "\n## Summary\n" not in text:
        return ["no summary"]
    return [] if text.rindex("\n## ") == text.index("\n## Summary\n") else ["end"]


def check_data(text):
    return [
        "load_mnist() is not shown: `mnist` must be the last line of its cell"
        for cell in read_cells(text)
        if "mnist = load_mnist()" in cell.source
        and cell.source.splitlines()[-1] != "mnist"
    ]


RULES = [
    check_header,
    check_cells,
    check_objectives,
    check_figures,
    check_hot_links,
    check_exercises,
    check_end,
    check_data,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_keeps_the_rules(path, rule):
    assert rule(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_keeps_the_rules_for_all_pages(path):
    text = path.read_text(encoding="utf-8")
    assert check_hot_links(text) == []
    if "```{code-cell}" in text:
        assert check_header(text) == []
        assert check_cells(text) == []


def test_the_table_of_contents_lists_every_chapter_once():
    listed = re.findall(r"chapters/(\S+)", (ROOT / "_toc.yml").read_text())
    assert sorted(listed) == [path.stem for path in CHAPTERS]
    assert not [
        name for name in listed if re.search(r"^\d|\d$", name.split("-")[0][:1])
    ]


def test_labels_are_unique_in_the_book():
    labels = []
    for path in CHAPTERS:
        text = path.read_text(encoding="utf-8")
        labels += re.findall(r"^\((\S+)\)=$|:label: (\S+)|\bname: ([\w-]+)", text, re.M)
    labels = ["".join(found) for found in labels]
    labels = [label for label in labels if label != "python3"]
    assert len(labels) == len(set(labels))


def test_every_cited_work_is_in_the_bibliography_and_cited():
    keys = re.findall(r"^@\w+\{(\S+),", (ROOT / "references.bib").read_text(), re.M)
    assert len(keys) == len(set(keys))
    cited = set()
    for path in CHAPTERS:
        for found in re.findall(r"\{footcite:\w+\}`(.*?)`", path.read_text()):
            cited |= set(found.split(","))
    assert cited <= set(keys)


def test_the_introduction_states_the_times_of_the_chapters():
    rows = re.findall(
        r"^\| \{ref\}`(\S+)` \|.*\| (\d+) min \| (\d+) s \|$",
        (ROOT / "chapters" / "intro.md").read_text(),
        re.M,
    )
    stated = {label: (minutes, seconds) for label, minutes, seconds in rows}
    times = {}
    for path in LESSONS:
        text = path.read_text()
        times[re.search(r"^\((sec-\S+)\)=", text, re.M)[1]] = TIME.search(text).groups()
    assert stated == times


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
---
mystnb:
  figure: {name: fig-good, caption: "What one should see in this figure."}
  image: {alt: "What is drawn in this figure, in words."}
---
figures.plot_digits(images);
```
"""
for _number in range(3):
    GOOD += f"""
```{{exercise}} Count
:label: ex-good-{_number}
```

```{{solution-start}} ex-good-{_number}
:class: dropdown
```
```{{code-cell}} ipython3
assert 1 + 1 == 2
```
```{{solution-end}}
```
"""
GOOD += "\n## Summary\n\nDone.\n\n```{footbibliography}\n```\n"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_good_chapter_has_no_complaints(rule):
    assert rule(GOOD) == []


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        (check_header, "format_name: myst}", "format_name: myst, format_version: 1}"),
        (check_header, "python3, disp", "python4, disp"),
        (check_cells, "assert 1 + 1 == 2", "a = 1\n" * 16),
        (check_cells, "assert 1 + 1 == 2", "a = " + "1 + " * 20 + "1"),
        (check_objectives, "- count one", "- understand one"),
        (check_objectives, "- count one;\n", ""),
        (check_objectives, "*Needs:*", "Needs"),
        (check_objectives, "5 min to read", "some time"),
        (check_objectives, "In this chapter you will", "Objectives"),
        (check_figures, "image: {alt", "image: {classes"),
        (check_figures, "caption:", "title:"),
        (check_figures, "fig-good", "good"),
        (check_figures, "## Summary", "```{figure} a.svg\n```\n## Summary"),
        (check_hot_links, "Done.", "![x](https://example.org/a.png)"),
        (check_hot_links, "Done.", "```{figure} https://example.org/a.png\n```"),
        (check_hot_links, "Done.", '<img src="https://example.org/a.png">'),
        (check_exercises, "{solution-start} ex-good-1", "{solution-start} ex-other"),
        (check_exercises, ":label: ex-good-2", ""),
        (check_exercises, ":class: dropdown", ""),
        (check_exercises, "assert 1 + 1 == 2", "1 + 1"),
        (check_end, "## Summary", "## The end"),
        (check_end, "{footbibliography}\n", "{footbibliography}\n:style: unsrt\n"),
        (check_end, "Done.", "Done.\n\n## And more"),
        (check_data, "()\nmnist", "()"),
    ],
)
def test_a_mutation_is_reported(rule, old, new):
    assert old in GOOD
    assert rule(GOOD.replace(old, new)) != []


def run_nbval(path):
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--nbval-lax",
            "--nbval-current-env",
            "--rootdir",
            ROOT,
            "-c",
            ROOT / "pyproject.toml",
            "-p",
            "conftest",
            path,
        ],
        cwd=ROOT,
        env=os.environ | {"LENET_SOURCE": "sample", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )


@pytest.mark.processes
def test_nbval_fails_on_a_claim_that_does_not_hold(tmp_path):
    for number, code in enumerate(("assert 1 == 1", "assert 1 == 2")):
        path = tmp_path / f"chapter{number}.md"
        head = GOOD.split("(sec-good)=")[0]
        path.write_text(f"{head}\n```{{code-cell}} ipython3\n{code}\n```\n")
        result = run_nbval(path)
        assert result.returncode == number, result.stdout
        assert ("AssertionError" in result.stdout) == bool(number)


@pytest.mark.processes
def test_a_chapter_whose_accuracy_drops_fails(tmp_path):
    text = (ROOT / "chapters" / "lenet.md").read_text()
    broken = text.replace(
        "TrainableLeNet1(learning_rate=0.01)", "TrainableLeNet1(learning_rate=0.0)"
    )
    assert broken != text
    path = tmp_path / "lenet.md"
    path.write_text(broken[: broken.index("## Reflection and exercises")])
    result = run_nbval(path)
    assert result.returncode == 1
    assert "test_accuracy" in result.stdout and "AssertionError" in result.stdout
