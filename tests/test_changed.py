"""Which tests and chapters `make check` runs after a change."""

import subprocess
from pathlib import Path

import pytest
from changed import choose_chapters, choose_tests, list_changed

FILES = {
    "pack/__init__.py": "",
    "pack/low.py": "",
    "pack/high.py": "from pack import low",
    "tests/conftest.py": "",
    "tests/helper.py": "import pack.low",
    "tests/test_high.py": "from pack.high import x",
    "tests/test_helper.py": "import helper",
    "tests/test_results.py": "open('results/table.csv')",
    "tests/test_program.py": "run('tests/program.py')",
    "chapters/prose.md": "# Only words\n",
    "chapters/code.md": "# Code\n\n```{code-cell} ipython3\nprint(1)\n```\n",
}


@pytest.fixture
def tree(tmp_path):
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("pack/high.py", "high"),
        ("pack/low.py", "helper high"),
        ("tests/helper.py", "helper"),
        ("tests/test_helper.py", "helper"),
        ("tests/program.py", "program"),
        ("results/other.csv", "results"),
        ("tests/conftest.py", "helper high program results"),
        ("README.md", ""),
    ],
)
def test_a_change_chooses_the_tests_that_import_or_name_it(changed, expected, tree):
    chosen = choose_tests([Path(changed)], tree)
    assert [path.stem.removeprefix("test_") for path in chosen] == expected.split()


def test_no_change_chooses_no_test(tree):
    assert choose_tests([], tree) == []


def test_a_chapter_is_chosen_when_it_changed_and_holds_code(tree):
    names = ["chapters/code.md", "chapters/prose.md", "chapters/gone.md", "pack/low.py"]
    assert choose_chapters(map(Path, names), tree) == [Path("chapters/code.md")]


def test_new_and_changed_files_are_listed_and_ignored_ones_are_not(tree):
    (tree / ".gitignore").write_text("ignored.py\n")
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "first"]):
        subprocess.run(["git", *command], cwd=tree, check=True)
    for name in ("pack/low.py", "new.py", "ignored.py"):
        (tree / name).write_text("x = 1\n")
    assert list_changed("HEAD", tree) == [Path("new.py"), Path("pack/low.py")]
