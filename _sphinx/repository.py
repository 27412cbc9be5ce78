"""What leads from a page to the course's repository, and which build the page is of.

One setting names the repository: ``repository_url`` in _config.yml. With it the pages
have buttons that open the executed notebook on Colab, Binder or a hub, from the branch
`notebooks`, and that edit the source or report a fault. Without it there is none.
"""

import subprocess
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote, urlencode

BRANCH = "notebooks"  # which `make push-notebooks` writes
LOGOS = {"Colab": "colab.png", "Binder": "binder.svg", "JupyterHub": "jupyterhub.svg"}


def prepare(app, config):
    """Say in the foot which build this is, and switch the repository's buttons on."""
    options = config.html_theme_options
    options["extra_footer"] = describe_build(Path(app.srcdir))
    if options.get("repository_url"):
        options["use_edit_page_button"] = options["use_issues_button"] = True


def describe_build(folder: Path) -> str:
    """Name the version of the course, the commit of its sources, and the commit's date.

    Parameters
    ----------
    folder : path
        Of the sources. Outside of Git only the version is known.
    """
    name = f"Version {version('lenet-helpers')}"
    commit = _ask_git(folder, "describe", "--always", "--dirty=+", "--abbrev=10")
    if commit:
        date = _ask_git(folder, "log", "-1", "--format=%cs")
        name += f", built from {commit} of {date}"
    return f'<p class="lenet-build">{name}.</p>'


def _ask_git(folder: Path, *command: str) -> str:
    try:
        answer = subprocess.run(
            ["git", "-C", folder, *command], capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip()


def list_launches(url: str, notebook: str, *, hub: str = "") -> list[tuple[str, str]]:
    """List where a notebook can be opened: names and addresses.

    Parameters
    ----------
    url : str
        Of the repository. Colab opens notebooks from GitHub alone.
    notebook : str
        Its file on the branch: "lenet5.ipynb".
    hub : str
        The address of a JupyterHub with nbgitpuller; empty where there is none.
    """
    url = url.rstrip("/").removesuffix(".git")
    host, owner, name = url.rsplit("/", 2)
    launches = []
    if host.endswith("//github.com"):
        colab = f"https://colab.research.google.com/github/{owner}/{name}"
        launches.append(("Colab", f"{colab}/blob/{BRANCH}/{notebook}"))
        source = f"gh/{owner}/{name}"
    else:
        source = f"git/{quote(url, safe='')}"
    binder = f"https://mybinder.org/v2/{source}/{BRANCH}"
    launches.append(("Binder", f"{binder}?urlpath=lab/tree/{notebook}"))
    if hub:
        path = f"lab/tree/{name}/{notebook}"
        query = urlencode({"repo": url, "urlpath": path, "branch": BRANCH}, safe="/")
        pull = f"{hub.rstrip('/')}/hub/user-redirect/git-pull?{query}"
        launches.append(("JupyterHub", pull))
    return launches


def add_launches(app, pagename, templatename, context, doctree):
    """Add a menu of where the page's notebook can be opened, where it has one."""
    url = app.config.html_theme_options.get("repository_url")
    name = Path(pagename).name
    is_notebook = "kernelspec" in app.env.metadata.get(pagename, {})
    if not url or not is_notebook or name.startswith("appendix"):
        return
    launches = list_launches(url, f"{name}.ipynb", hub=app.config.jupyterhub_url)
    context["header_buttons"].append(
        {
            "type": "group",
            "tooltip": "Run this page",
            "icon": "fas fa-rocket",
            "label": "launch-buttons",
            "buttons": [
                {
                    "type": "link",
                    "text": text,
                    "tooltip": f"Run this page on {text}",
                    "icon": f"_static/images/logo_{LOGOS[text]}",
                    "url": address,
                }
                for text, address in launches
            ],
        }
    )


def setup(app):
    """Register with Sphinx."""
    app.add_config_value("jupyterhub_url", "", "html")
    app.connect("config-inited", prepare)
    app.connect("html-page-context", add_launches, priority=600)  # after the theme
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
