"""Push what was built onto a branch of its own, which holds no sources.

``python _sphinx/publish.py FOLDER BRANCH`` replaces all that the branch holds;
with ``--as NAME`` it replaces one folder of it, so that the pages of each release stay
beside ``latest``. A branch is one commit without a history: what is built from a commit
can be built again.
"""

import argparse
import os
import re
import subprocess
import tempfile
from pathlib import Path

LATEST = "latest"
INDEX = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="5; url=latest/">
<title>LeNet, hands on</title>
<h1>LeNet, hands on</h1>
<p>In five seconds the latest edition opens. All of them:</p>
<ul>
{items}
</ul>
</html>
"""


def publish(folder: Path, branch: str, *, part: str = "", remote: str = "origin"):
    """Push a folder as a branch, or as one folder of it.

    Parameters
    ----------
    folder : path
        In a checkout.
    branch : str
    part : str
        The name of the folder on the branch; all of the branch if empty.
    remote : str

    Raises
    ------
    ValueError : `part` has other signs than letters, digits, dots and dashes.
    RuntimeError : Git could not do it, and why.
    """
    if part and not re.fullmatch(r"[A-Za-z0-9][\w.-]*", part):
        raise ValueError(
            f"`part` must be a name such as v1.0 or {LATEST}, got {part!r}."
        )
    directory = ask_git("rev-parse", "--absolute-git-dir", folder=folder)
    who = ask_git("log", "-1", "--format=%h%n%an%n%ae%n%cI", folder=folder).splitlines()
    commit, *who = who  # the author is that of the sources
    roles = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in zip(("NAME", "EMAIL", "DATE"), who, strict=True)
    }
    with tempfile.TemporaryDirectory() as scratch:

        def git(*command, index="all", text=None):
            places = {
                "GIT_INDEX_FILE": f"{scratch}/{index}",
                "GIT_WORK_TREE": str(folder.resolve()),
                "GIT_DIR": directory,
            }
            return ask_git(*command, folder=folder, text=text, **places, **roles)

        git("add", "--force", "--all", ".", index="part")
        tree = git("write-tree", index="part")
        if part:
            if git("ls-remote", "--heads", remote, branch):
                git("fetch", "--quiet", "--depth=1", remote, branch)
                git("read-tree", "FETCH_HEAD")
                git("rm", "-r", "-q", "--cached", "--ignore-unmatch", part)
            git("read-tree", f"--prefix={part}/", tree)
            names = git("ls-files").splitlines()
            editions = {name.partition("/")[0] for name in names if "/" in name}
            files = {"index.html": write_index(editions), ".nojekyll": ""}
            for name, text in files.items():  # with .nojekyll, _static is served, too
                blob = git("hash-object", "-w", "--stdin", text=text)
                git("update-index", "--add", "--cacheinfo", f"100644,{blob},{name}")
            tree = git("write-tree")
        new = git("commit-tree", tree, "-m", f"built from {commit}")
        git("push", "--quiet", "--force", remote, f"{new}:refs/heads/{branch}")


def write_index(editions: set[str]) -> str:
    """Write the page that leads to all editions, the latest one first."""
    others = sorted(editions - {LATEST}, reverse=True)
    items = [f'<li><a href="{name}/">{name}</a></li>' for name in [LATEST, *others]]
    return INDEX.format(items="\n".join(items))


def ask_git(*command, folder: Path, text: str | None = None, **environment) -> str:
    """Run Git; give what it says, and fail with what it complains of."""
    answer = subprocess.run(
        ["git", *command],
        cwd=folder,
        input=text,
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )
    if answer.returncode:
        raise RuntimeError(f"git {command[0]}: {answer.stderr.strip()}")
    return answer.stdout.strip()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("branch")
    parser.add_argument("--as", dest="part", default="", metavar="NAME")
    options = parser.parse_args()
    publish(options.folder, options.branch, part=options.part)
