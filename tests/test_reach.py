"""What leads from a page to the repository, and which build a page is of."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from notebooks import read_repository, write_notebooks
from programs import make_environment
from repository import describe_build, list_launches

ROOT = Path(__file__).parents[1]
URL = "https://github.com/some/lenet"
CHAPTER = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3, language: python}
---
# First

```{code-cell} ipython3
1
```
"""


def test_a_notebook_opens_on_colab_binder_and_a_hub():
    launches = list_launches(f"{URL}.git", "a.ipynb", hub="https://hub.org/")
    assert dict(launches) == {
        "Colab": "https://colab.research.google.com/github/some/lenet/blob/notebooks/"
        "a.ipynb",
        "Binder": "https://mybinder.org/v2/gh/some/lenet/notebooks"
        "?urlpath=lab/tree/a.ipynb",
        "JupyterHub": "https://hub.org/hub/user-redirect/git-pull?"
        "repo=https%3A//github.com/some/lenet&urlpath=lab/tree/lenet/a.ipynb"
        "&branch=notebooks",
    }


def test_elsewhere_than_on_github_there_is_no_colab():
    launches = dict(list_launches("https://git.school.org/some/lenet", "a.ipynb"))
    assert list(launches) == ["Binder"]
    assert "/v2/git/https%3A%2F%2Fgit.school.org%2Fsome%2Flenet/" in launches["Binder"]


def build(folder, url):
    """Build a book of two pages with the settings of the course; return the pages."""
    book = folder / "book"
    (book / "chapters").mkdir(parents=True)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "_sphinx", book / "_sphinx", ignore=ignored)
    shutil.copy(ROOT / "requirements.txt", book)
    settings = (ROOT / "_config.yml").read_text()
    (book / "_config.yml").write_text(
        re.sub('repository_url: ".*"', f'repository_url: "{url}"', settings)
    )
    (book / "references.bib").write_text("")
    (book / "chapters" / "first.md").write_text(CHAPTER)
    (book / "chapters" / "appendix-second.md").write_text("# Second\n\nText.\n")
    toc = "format: jb-book\nroot: chapters/first\n"
    toc += "chapters:\n- file: chapters/appendix-second\n"
    (book / "_toc.yml").write_text(toc)
    program = Path(sys.executable).with_name("jupyter-book")
    result = subprocess.run(
        [program, "build", book, "-W", "-n", "--keep-going"],
        cwd=book,
        capture_output=True,
        text=True,
        env=make_environment(HOME=str(folder), PYTHONPATH=str(ROOT)),
    )
    assert result.returncode == 0, result.stdout + result.stderr
    pages = book / "_build" / "html" / "chapters"
    return [(pages / f"{n}.html").read_text() for n in ("first", "appendix-second")]


@pytest.mark.processes
def test_one_setting_brings_all_buttons(tmp_path):
    first, second = build(tmp_path, URL)
    for launch in dict(list_launches(URL, "first.ipynb")).values():
        assert f'href="{launch}"' in first
    assert "colab" not in second and "binder" not in second  # it is no notebook
    assert f'href="{URL}/edit/main/chapters/first.md"' in first
    assert f'href="{URL}/issues/new' in second


@pytest.mark.processes
def test_without_it_no_page_leads_to_a_repository(tmp_path, monkeypatch):
    for page in build(tmp_path, ""):
        assert not re.search(r"colab|mybinder|github\.com/some|/edit/|issues/new", page)
        assert re.search(r"Version \d+\.\d+\.\d+", page)
    for name in ("LENET_DATA", "LENET_SOURCE"):  # the digests of the build have none
        monkeypatch.delenv(name, raising=False)
    book = tmp_path / "book"
    (notebook,) = write_notebooks(tmp_path / "notebooks", root=book)
    install, text, code = nbformat.read(notebook, 4).cells
    assert text.source == "# First"
    assert code.outputs[0].data == {"text/plain": "1"}
    assert 'REPOSITORY = ""' in install.source
    chapter = book / "chapters" / "first.md"
    chapter.write_text(CHAPTER.replace("\n1\n", "\n2\n"))
    with pytest.raises(SystemExit, match=r"first.md has changed .*: make book"):
        write_notebooks(tmp_path / "notebooks", root=book)
    shutil.rmtree(book / "_build")
    with pytest.raises(SystemExit, match="not built: make book"):
        write_notebooks(tmp_path / "notebooks", root=book)


@pytest.mark.processes
def test_notebooks_install_from_the_commit_that_they_are_of(tmp_path):
    commit_file(tmp_path, "_config.yml", (ROOT / "_config.yml").read_text())
    assert re.fullmatch(r"|https://[^@]+@[0-9a-f]{40}", read_repository(tmp_path))
    settings = yaml.safe_load((ROOT / "_config.yml").read_text())
    settings["sphinx"]["config"]["html_theme_options"]["repository_url"] = URL
    commit_file(tmp_path, "_config.yml", yaml.safe_dump(settings))
    assert re.fullmatch(rf"{URL}@[0-9a-f]{{40}}", read_repository(tmp_path))


def commit_file(folder, name, text):
    (folder / name).write_text(text)
    names = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for command in (["init", "-q"], ["add", "."], [*names, "commit", "-qm", "one"]):
        subprocess.run(["git", *command], cwd=folder, check=True)


@pytest.mark.processes
def test_the_foot_names_version_commit_and_date(tmp_path):
    assert "built from" not in describe_build(tmp_path)
    commit_file(tmp_path, "a", "1")
    pattern = r"<p.*>Version [\d.]+, built from [0-9a-f]{10} of \d{4}-\d\d-\d\d\.</p>"
    assert re.fullmatch(pattern, describe_build(tmp_path))
    (tmp_path / "a").write_text("2")
    assert re.search(r"[0-9a-f]{10}\+ of", describe_build(tmp_path))
