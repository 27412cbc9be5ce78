"""What pushes the built book and the notebooks onto branches of their own."""

import subprocess

import pytest
from publish import publish, write_index

pytestmark = pytest.mark.processes


def git(*command, folder):
    names = ["-c", "user.name=a", "-c", "user.email=a@b"]
    answer = subprocess.run(
        ["git", *names, *command], cwd=folder, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Make a checkout with built files that Git ignores, and its remote."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")  # as on a machine of CI
    git("init", "-q", "--bare", tmp_path / "remote", folder=tmp_path)
    course = tmp_path / "course"
    built = course / "_build" / "html"
    (built / "_static").mkdir(parents=True)
    (built / "index.html").write_text("first")
    (built / "_static" / "a.css").write_text("a")
    (course / ".gitignore").write_text("_build/\n*.css\n")
    git("init", "-q", folder=course)
    git("remote", "add", "origin", tmp_path / "remote", folder=course)
    git("add", ".", folder=course)
    git("commit", "-q", "-m", "one", folder=course)
    return course


def show(course, branch, path=""):
    remote = course.parent / "remote"
    if path:
        return git("show", f"{branch}:{path}", folder=remote)
    return git("ls-tree", "-r", "--name-only", branch, folder=remote).split()


def test_a_branch_holds_the_folder_and_no_sources(course):
    built = course / "_build" / "html"
    publish(built, "notebooks")
    assert show(course, "notebooks") == ["_static/a.css", "index.html"]
    (built / "_static" / "a.css").unlink()
    publish(built, "notebooks")
    assert show(course, "notebooks") == ["index.html"]
    log = git("log", "--format=%an %s", "notebooks", folder=course.parent / "remote")
    commit = git("log", "-1", "--format=%h", folder=course)
    assert log == f"a built from {commit}"  # and no history
    assert git("status", "--porcelain", folder=course) == ""  # nor is anything staged
    assert git("ls-files", folder=course) == ".gitignore"


def test_a_release_stays_when_the_latest_is_replaced(course):
    built = course / "_build" / "html"
    publish(built, "pages", part="latest")
    publish(built, "pages", part="v1.0")
    (built / "index.html").write_text("second")
    (built / "_static" / "a.css").unlink()
    publish(built, "pages", part="latest")
    assert show(course, "pages", "latest/index.html") == "second"
    assert show(course, "pages", "v1.0/index.html") == "first"
    assert show(course, "pages") == [
        ".nojekyll",
        "index.html",
        "latest/index.html",
        "v1.0/_static/a.css",
        "v1.0/index.html",
    ]
    index = show(course, "pages", "index.html")
    assert index.index('"latest/"') < index.index('"v1.0/"')


def test_the_page_of_editions_has_the_newest_release_first():
    index = write_index({"latest", "v1.0", "v1.1"})
    assert index.index('"v1.1/"') < index.index('"v1.0/"')


@pytest.mark.parametrize("part", ["../x", "a/b", ".git"])
def test_a_release_is_named_as_a_folder(part, course):
    with pytest.raises(ValueError, match="must be a name such as"):
        publish(course, "pages", part=part)


def test_what_git_cannot_do_is_said(course):
    git("remote", "set-url", "origin", course / "nowhere", folder=course)
    with pytest.raises(RuntimeError, match="git push: "):
        publish(course / "_build", "notebooks")
