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
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
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
