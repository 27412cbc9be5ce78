"""Other forms of the book, and the links to them in its pages.

What lies in ``forms`` beside the built pages comes with them, and each page's menu of
downloads names it. A book without other forms has no such link.
"""

import contextlib
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

FORMS = "forms"  # in the build folder
KINDS = {".pdf": "fas fa-file-pdf", ".epub": "fas fa-book"}
# The first has no windows of its own, and opens a page in two thirds of the time.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = next(filter(None, map(shutil.which, PROGRAMS)), None)
ARGUMENTS = [
    f"--{argument}"
    for argument in (
        "no-sandbox",
        "disable-gpu",
        "disable-quic",
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
    )
]


@contextlib.contextmanager
def start_chromium():
    """Start the system's Chromium, or Playwright's own; yields the browser.

    Raises
    ------
    RuntimeError : There is none, or it does not start.
    """
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM, args=ARGUMENTS
            )
        except Exception as error:
            raise RuntimeError(
                "No browser: install Debian's chromium, or run "
                f"`.venv/bin/playwright install chromium`. {error}"
            ) from error
        yield browser
        browser.close()


def list_forms(app, config):
    """Enter the forms that were made into the settings: pages with others are old."""
    folder = Path(app.outdir).parent / FORMS
    names = sorted(path.name for path in folder.glob("*") if path.suffix in KINDS)
    config.html_context["forms"] = names


def add_forms(app, pagename, templatename, context, doctree):
    """Add the forms of the whole book to a page's menu of downloads."""
    for group in context.get("header_buttons", []):
        if group.get("label") == "download-buttons":
            group["buttons"] += [
                {
                    "type": "link",
                    "text": f"Whole book, {Path(name).suffix}",
                    "tooltip": f"Download the whole book ({Path(name).suffix})",
                    "icon": KINDS[Path(name).suffix],
                    "label": f"download-book-{Path(name).suffix[1:]}-button",
                    "url": context["pathto"](f"{FORMS}/{name}", resource=True),
                }
                for name in context["forms"]
            ]


def copy_forms(app, exception):
    """Lay the forms beside the pages, and no others."""
    if exception or app.builder.format != "html":
        return
    copies = Path(app.outdir) / FORMS
    shutil.rmtree(copies, ignore_errors=True)
    for name in app.config.html_context["forms"]:
        copies.mkdir(exist_ok=True)
        shutil.copy2(Path(app.outdir).parent / FORMS / name, copies)


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", list_forms)
    app.connect("html-page-context", add_forms, priority=600)  # after the theme
    app.connect("build-finished", copy_forms)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
