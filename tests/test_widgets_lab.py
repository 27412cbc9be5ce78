"""A chapter in JupyterLab: it opens, runs, the pad draws, `pad.image` has the digit."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from browser import FIELD, draw, read_answers, write_digit

ROOT = Path(__file__).parents[1]
CELL = re.compile(r"^```\{code-cell\} ipython3\n.*?^```$", re.S | re.M)
CHECK = """```{code-cell} ipython3
import torch
from lenet_helpers import trained
pixels = torch.from_numpy(pad.image)[None, None]
network = trained.load_network("lenet5")
answer = network.classify(network.prepare(pixels)).item()
print("The kernel reads", answer, "from", int((pixels > 0).sum()) > 20, "pixels.")
```
"""
FIGURES = """```{code-cell} ipython3
from lenet_helpers import interactive
from lenet_helpers.experiments import store
import safetensors.torch
recorded = safetensors.torch.load_file(store.RESULTS / "replay.safetensors")
explorer = interactive.ConvolutionExplorer(mnist.train_images[:3])
table, codebook = interactive.ConnectionTable(), interactive.Codebook()
replay = interactive.TrainingReplay(recorded, divisor=4.0)
line = interactive.WideInput()
from lenet_helpers.strings.lines import make_lines
some = make_lines(mnist.train_images, mnist.train_labels, number=2, seed=0)
cutting = interactive.CutYourself(
    some, network=trained.load_network("lenet5"), others={}
)
from lenet_helpers.strings.reading import CRITERIA
criteria = interactive.CriteriaReplay({
    name: safetensors.torch.load_file(
        store.RESULTS / f"criteria_replay-{name.replace(' ', '-')}.safetensors")
    for name in CRITERIA})
from lenet_helpers.experiments.for_figures import sliding_amounts
from lenet_helpers.experiments.strings.amounts import load_reader
slider = sliding_amounts.load_reader().network
writing = interactive.AmountPad(load_reader(0).network, slider=slider)
mine = interactive.YourHand(mnist)
hurt, fooled = interactive.Lesion(mnist), interactive.FoolIt(mnist)
display(explorer, table, codebook, replay, line, cutting, criteria, writing, mine)
display(hurt, fooled)
```"""
ROOM = """```{code-cell} ipython3
room = interactive.TrainingRoom(
    mnist, network="hidden", rate=0.02, digits=500, passes=2
)
room
```"""
TRAINED = """```{code-cell} ipython3
trained_here = room.network()
shown = room.history.query("digits == 'test'")["error_rate"].iloc[-1]
step = len(mnist.test_labels) // 1000
images = trained_here.prepare(mnist.test_images[::step])
wrong = trained_here.classify(images) != mnist.test_labels[::step]
error_rate = wrong.double().mean().item()
print("As in the page:", abs(error_rate - shown) < 0.003, error_rate < 0.4)
```"""
STATES = """```{code-cell} ipython3
print(explorer.stride, replay.epoch, line.strokes, "in the kernel")
print(cutting.cuts, len(cutting.pieces), len(cutting.answers[0]), "by hand")
print(criteria.criterion, criteria.step, criteria.line, "replayed")
print(writing.pattern, len(writing.reading.labels), "characters")
from lenet_helpers.hand import write_passport
passport = write_passport(mine.hand, trained.load_network("lenet5"))
print(len(mine.hand), "digits,", len(passport.missed), "misread")
print(hurt.off, len(hurt.missed) > 0, fooled.method)
```"""
SECONDS = 240  # for the server, for the kernel, and for a cell

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Start JupyterLab on the first cells of the introduction."""
    folder = tmp_path_factory.mktemp("lab")
    intro = (ROOT / "chapters" / "intro.md").read_text()
    cells = CELL.findall(intro)
    number = next(i for i, cell in enumerate(cells) if "DigitPad(" in cell)
    header = intro.split("(sec-intro)=")[0]
    chosen = [cells[0], cells[number], CHECK, FIGURES, STATES, ROOM, TRAINED]
    (folder / "chapter.md").write_text(header + "\n\n".join(chosen))
    (folder / "jupytext.toml").write_text((ROOT / "jupytext.toml").read_text())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(sys.executable).with_name("jupyter")
    options = ("ip=127.0.0.1", f"port={port}", "port_retries=0", f"root_dir={folder}")
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
    }
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [
                *(program, "lab", "--no-browser", "--allow-root"),
                *(f"--ServerApp.{option}" for option in options),
                "--IdentityProvider.token=",
            ],
            env=environment,
            stdout=log,
            stderr=log,
        )
    address = f"http://127.0.0.1:{port}"
    end = time.monotonic() + SECONDS
    try:
        while True:
            try:
                urllib.request.urlopen(f"{address}/api", timeout=5).close()
                break
            except OSError:
                log = (folder / "log").read_text()
                assert server.poll() is None and time.monotonic() < end, log
                time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()


@pytest.fixture(scope="module")
def notebook(browser, lab):
    """Open the chapter, run its first two cells, wait for the pad."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(1000 * SECONDS)
    errors = []
    page.on("pageerror", lambda e: errors.append(str(e)))
    page.goto(f"{lab}/lab/tree/chapter.md?reset")
    page.locator("#jp-main-statusbar").get_by_text("Idle").wait_for()
    page.locator(".jp-Notebook .jp-CodeCell .cm-content").first.click()
    for _ in range(2):
        page.keyboard.press("Shift+Enter")
    page.locator(FIELD).wait_for()
    yield page
    context.close()
    assert errors == []


def run_cell(page, number):
    """Run a cell; returns it."""
    cell = page.locator(".jp-Notebook .jp-CodeCell").nth(number)
    cell.scroll_into_view_if_needed()
    cell.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    return cell


def ask_kernel(page, digit):
    """Run the cell that reads `pad.image` and wait for what it should say."""
    text = f"The kernel reads {digit} from True pixels."
    run_cell(page, 2).get_by_text(text).wait_for()


def test_a_digit_drawn_in_jupyterlab_is_in_python(notebook):
    for digit in (4, 7):
        draw(notebook, write_digit(digit))
        assert read_answers(notebook)[0] == str(digit)
        ask_kernel(notebook, digit)
        notebook.get_by_role("button", name="Clear").click()


def test_the_pad_keeps_its_keys_in_jupyterlab(notebook):
    field = notebook.locator(FIELD)
    field.scroll_into_view_if_needed()
    field.focus()
    for key, times in (("ArrowUp", 12), (" ", 1), ("ArrowDown", 24), (" ", 1)):
        for _ in range(times):
            notebook.keyboard.press(key)
    assert read_answers(notebook)[0] == "1"
    ask_kernel(notebook, 1)
    # JupyterLab would add a cell for one key and edit a cell for the other. It stops
    # the default of a key that it takes.
    notebook.evaluate(
        """() => document.addEventListener("keydown", (event) => {
          window.taken = event.defaultPrevented;
        })"""
    )
    field.focus()
    notebook.keyboard.press("a")
    assert notebook.evaluate("window.taken") is False
    notebook.get_by_role("button", name="Undo").focus()
    notebook.keyboard.press("Enter")
    assert read_answers(notebook)[0] == "–"


def test_every_other_figure_lives_in_jupyterlab(notebook):
    cell = run_cell(notebook, 3)
    cell.get_by_role("group", name="Stride").get_by_label("2").check()
    cell.get_by_role("button", name="dense").click()
    cell.get_by_text("96 of 96").wait_for()
    cell.get_by_role("button", name="3", exact=True).last.click()
    cell.get_by_text("Code of 3").wait_for()
    replay = cell.locator(".lenet-replay")
    replay.get_by_role("slider").focus()
    notebook.keyboard.press("Home")
    replay.get_by_text("before training").wait_for()
    line = cell.locator(".lenet-wide-input")
    line.get_by_role("button", name="Clear").click()
    by_hand = cell.locator(".lenet-cut-yourself")
    by_hand.get_by_role("slider").focus()
    for key in ("Home", *["ArrowRight"] * 24, "Space"):
        notebook.keyboard.press(key)
    by_hand.get_by_role("button", name="Check").click()
    criteria = cell.locator(".lenet-criteria-replay")
    criteria.get_by_label("forward", exact=True).check()
    criteria.get_by_label("1 2 3").check()
    criteria.get_by_role("slider").focus()
    notebook.keyboard.press("End")
    criteria.get_by_text("Update 750 of 750").first.wait_for()
    writing = cell.locator(".lenet-amount-pad")
    writing.get_by_role("button", name="Anything").click()
    writing.get_by_text("53450", exact=True).first.wait_for()
    writing.get_by_label("slides (space displacement)").check()
    writing.locator(".lenet-windows text").first.wait_for()
    writing.get_by_label("cuts (over-segmentation)").check()
    mine = cell.locator(".lenet-your-hand")
    mine.get_by_role("button", name="Take its 80 digits").click()
    mine.get_by_text("misreads 8 of 80 digits").wait_for()
    mine.locator(".lenet-hand-grid button").first.click()
    notebook.keyboard.press("Delete")
    mine.get_by_text("misreads 7 of 79 digits").wait_for()
    hurt = cell.locator(".lenet-lesion")
    hurt.get_by_role("button", name="Switch off C3 map 6", exact=True).click()
    hurt.get_by_text("500, ").first.wait_for()
    fooled = cell.locator(".lenet-fool-it")
    fooled.get_by_role("group", name="Method").get_by_label("one step").check()
    told = run_cell(notebook, 4)
    told.get_by_text("2 0 [] in the kernel").wait_for()
    told.get_by_text("[[25], []] 2 2 by hand").wait_for()
    told.get_by_text("forward 13 2 replayed").wait_for()
    told.get_by_text("[0-9$,.]* 5 characters").wait_for()
    told.get_by_text("79 digits, 7 misread").wait_for()
    told.get_by_text("[[3, 6]] True step", exact=False).wait_for()


def test_a_network_trained_in_jupyterlab_is_in_python(notebook):
    cell = run_cell(notebook, 5)
    cell.locator(".lenet-start").click()
    cell.get_by_text("1,000 digits learnt from, pass 2 of 2").wait_for()
    cell.get_by_role("button", name="▶ Start").wait_for()
    run_cell(notebook, 6).get_by_text("As in the page: True True").wait_for()
