"""Other forms of the book, and the links to them in its pages.

What lies in ``forms`` and ``slides`` beside the built pages comes with them, and each
page's menu of downloads names it: the whole book, and the deck of this chapter, or the
list of decks where a page has none. A book without other forms has no such link.
"""

import contextlib
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

FORMS = "forms"  # in the build folder
SLIDES = "slides"  # there, too
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
    folder = Path(app.outdir).parent
    names = sorted(p.name for p in (folder / FORMS).glob("*") if p.suffix in KINDS)
    config.html_context["forms"] = names
    decks = sorted(path.name for path in (folder / SLIDES).glob("*.html"))
    config.html_context["decks"] = decks


def add_forms(app, pagename, templatename, context, doctree):
    """Add the forms of the whole book, and slides, to a page's menu of downloads."""
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
            own = f"{Path(pagename).name}.html"
            if context["decks"]:
                has_deck = own in context["decks"]
                name = own if has_deck else "index.html"
                group["buttons"].append(
                    {
                        "type": "link",
                        "text": "Slides" if has_deck else "All slides",
                        "tooltip": "Open the slides of this chapter"
                        if has_deck
                        else "Open the list of slides",
                        "icon": "fas fa-person-chalkboard",
                        "label": "open-slides-button",
                        "url": context["pathto"](f"{SLIDES}/{name}", resource=True),
                    }
                )


def copy_forms(app, exception):
    """Lay the forms beside the pages, and no others."""
    if exception or app.builder.format != "html":
        return
    built = Path(app.outdir)
    for folder in (FORMS, SLIDES):
        shutil.rmtree(built / folder, ignore_errors=True)
    for name in app.config.html_context["forms"]:
        (built / FORMS).mkdir(exist_ok=True)
        shutil.copy2(built.parent / FORMS / name, built / FORMS)
    if app.config.html_context["decks"]:
        copy_decks(built.parent / SLIDES, built / SLIDES)


def copy_decks(decks, copies):
    """Copy decks without the styles and pictures that the pages beside them have.

    Pictures that only a deck has, because its chapter has changed since, come along.
    """
    shared = ("_static", "_images")
    shutil.copytree(decks, copies, ignore=shutil.ignore_patterns(*shared))
    for path in copies.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        for name in shared:
            text = text.replace(f'="{name}/', f'="../{name}/')
        path.write_text(text, encoding="utf-8")
    for picture in (decks / "_images").iterdir():
        if not (copies.parent / "_images" / picture.name).exists():
            shutil.copy2(picture, copies.parent / "_images")


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", list_forms)
    app.connect("html-page-context", add_forms, priority=600)  # after the theme
    app.connect("build-finished", copy_forms)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
