"""How the book executes its chapters: what runs again, what fails, what is said."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import execution
import pytest

ROOT = Path(__file__).parents[1]
CHAPTER = """---
jupytext: {{text_representation: {{extension: .md, format_name: myst}}}}
kernelspec: {{name: python3, display_name: Python 3, language: python}}
---
# {title}

Some prose.

```{{code-cell}} ipython3
:tags: [hide-input]
{first}
```

```{{code-cell}} ipython3
{second}
```
"""

pytestmark = pytest.mark.processes


def write_chapter(path, first, second="print('the end')"):
    path.write_text(CHAPTER.format(title=path.stem, first=first, second=second))
    return path


def change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """Make a book of two chapters with the settings of the course."""
    book = tmp_path_factory.mktemp("book")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "_sphinx", book / "_sphinx", ignore=ignored)
    for name in ("_config.yml", "requirements.txt"):
        shutil.copy(ROOT / name, book)
    (book / "references.bib").write_text("")
    (book / "numbers_of_mine.py").write_text("NUMBER = 1\n")
    write_chapter(book / "first.md", "import matplotlib.pyplot", "plain = 1")
    write_chapter(book / "second.md", "import numbers_of_mine as mine\nmine.NUMBER")
    toc = "format: jb-book\nroot: first\nchapters:\n- file: second\n"
    (book / "_toc.yml").write_text(toc)
    return book


def build(book):
    """Build; return the exit status and the log."""
    program = Path(sys.executable).with_name("jupyter-book")
    paths = os.pathsep.join([str(book), os.environ.get("PYTHONPATH", "")])
    result = subprocess.run(
        [program, "build", book, "-W", "-n", "--keep-going"],
        cwd=book,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "HOME": str(book / "home"), "PYTHONPATH": paths},
    )
    return result.returncode, re.sub(r"\x1b\[[0-9;]*m", "", result.stdout)


def list_read(log):
    return re.findall(r"reading sources\.\.\. \[.*?\] (\S+)", log)


def list_executed(log):
    return sorted(re.findall(r"^(\S+): executed in", log, re.M))


def test_a_build_executes_every_chapter_once_and_is_brief_about_it(book):
    code, log = build(book)
    assert code == 0, log
    assert list_read(log) == list_executed(log) == ["first", "second"]
    assert not re.search("warning|encryption|font cache|Executing notebook", log, re.I)
    lines = [line for line in log.splitlines() if line.strip("= ")]
    assert [line for line in lines if lines.count(line) > 1] == []
    assert max(map(len, lines)) < 300, "a page of settings"


def test_prose_and_tags_execute_nothing(book):
    change(book / "second.md", "Some prose", "Better prose")
    change(book / "second.md", "hide-input", "hide-cell")
    code, log = build(book)
    assert code == 0, log
    assert (list_read(log), list_executed(log)) == (["second"], [])
    assert "tag_hide-cell" in (book / "_build/html/second.html").read_text()


def test_a_build_ends_with_the_cell_that_failed_and_keeps_the_other_chapter(book):
    change(book / "numbers_of_mine.py", "1", "21")
    change(book / "first.md", "plain = 1", "1 / 0")
    code, log = build(book)
    assert code == 1
    assert list_executed(log) == ["second"]
    assert "first.md, line 14 (code cell 2) failed:" in log
    assert log.strip().endswith("ZeroDivisionError: division by zero")

    change(book / "first.md", "1 / 0", "plain = 1")
    code, log = build(book)
    assert (code, list_executed(log)) == (0, []), log
    assert "21" in (book / "_build/html/second.html").read_text()


def test_a_cell_out_of_time_is_a_failure_even_if_it_takes_the_interrupt(tmp_path):
    sleep = "import time\ntry:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    pass"
    path = write_chapter(tmp_path / "slow.md", "x = 1", sleep)
    seconds, fault = execution.execute_chapter(path, tmp_path / "cache", 4, threads=1)
    assert seconds < 50
    assert "slow.md, line 14 (code cell 2) ran longer than 4 s" in fault
    assert "time.sleep(60)" in fault
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(("said", "taken"), [(None, 3), ("2", 2)])
def test_chapters_share_the_cores_unless_the_reader_says_otherwise(
    tmp_path, monkeypatch, said, taken
):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if said:
        monkeypatch.setenv("OMP_NUM_THREADS", said)
    claim = f"import os; assert os.environ['OMP_NUM_THREADS'] == '{taken}'"
    path = write_chapter(tmp_path / "threads.md", claim)
    assert execution.execute_chapter(path, tmp_path / "cache", 60, threads=3)[1] is None


def test_the_last_three_caches_of_a_chapter_stay(tmp_path):
    for age, name in enumerate("edcba"):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (1000 + age, 1000 + age))
    execution.remove_old_caches(tmp_path / "d")  # in use again
    assert sorted(path.name for path in tmp_path.glob("*")) == ["a", "b", "d"]


def test_a_home_that_cannot_be_written_to_is_no_line_in_the_log():
    code = "import execution, os; execution.build_font_cache(); "
    code += "print(os.environ['MPLCONFIGDIR'])"
    env = {**os.environ, "HOME": "/proc/1/nobody", "PYTHONPATH": str(ROOT / "_sphinx")}
    for name in ("MPLCONFIGDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        env.pop(name, None)
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env
    )
    assert result.stderr == ""
    assert Path(result.stdout.strip()).name.startswith("matplotlib")
