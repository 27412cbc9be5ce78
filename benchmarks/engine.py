"""Training in the page: patterns per second in Chromium, one core, one an update.

``python -m benchmarks.engine`` prints, for each network, training in JavaScript beside
the forward pass alone, in turns, and beside `training.online` in the same run. Time is
the processor's, so that other work on the machine counts little.
"""

import argparse
import base64
import functools
import http.server
import shutil
import statistics
import threading
import time
from pathlib import Path

import torch
from playwright.sync_api import sync_playwright

from lenet_helpers import interactive, load_mnist
from lenet_helpers.model.losses import MaximumLikelihood, SquaredError
from lenet_helpers.model.networks import LeNet1, LeNet4, LeNet5, Net1989, summarize
from lenet_helpers.training.online import train_online

WEB = Path(interactive.__file__).parent / "web"
NUM_DIGITS, NUM_TEST_DIGITS, LEARNING_RATE = 2000, 500, 1e-4
NETWORKS = {  # name: class, loss there, loss here, patterns per second at least
    "net1989": (Net1989, "squared", SquaredError(), ""),
    "lenet1": (LeNet1, "squared", SquaredError(), "2,500"),
    "lenet4": (LeNet4, "squared", SquaredError(), ""),
    "lenet5": (LeNet5, "equation-8", MaximumLikelihood(), "700"),
}
# What its authors publish, of their computer (photopea/UNN.js, README, "Testing on
# MNIST"): 61 s for 60,000 digits, in batches of 20, by 5,994 weights: 8 maps of 24 x 24
# and 16 maps of 12 x 12, kernels of 5 x 5, ten output units that read 256.
UNN_SPEED = 60_000 / 61
UNN_PRODUCTS = 24 * 24 * 8 * 25 + 12 * 12 * 16 * 8 * 25 + 256 * 10
CREATE = """async ({ options, digits }) => {
  const { createTrainer } = await import("/engine/training/trainer.mjs");
  const data = {};
  for (const [name, text] of Object.entries(digits))
    data[name] = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  window.trainer = createTrainer({ ...options, data });
}"""


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the modules, without a log."""

    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".mjs": "text/javascript"
    }

    def log_message(self, format, *arguments):
        pass


def open_page(browser):
    """Open a page from which the modules can be imported.

    Returns
    -------
    page : Page
    read_clock : callable
        Gives the seconds that the processor has spent in it.
    """
    handler = functools.partial(_Handler, directory=str(WEB))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{server.server_port}/figure.css")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def read_clock():
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(m["value"] for m in metrics if m["name"] == "ThreadTime")

    return page, read_clock


def pack(tensor):
    """Give numbers as text, for JSON."""
    return base64.b64encode(tensor.byte().numpy().tobytes()).decode()


def measure_speed(act, read_clock, num_patterns):
    """Give patterns per second of the processor."""
    start = read_clock()
    act()
    return num_patterns / (read_clock() - start)


def measure(name, mnist, page, read_clock, rounds):
    """Train a network in the page and here, in turns.

    Returns
    -------
    training, forward, online : float
        Patterns per second, medians of the rounds.
    """
    make, loss_there, loss, _ = NETWORKS[name]
    images, labels = mnist.train_images[:NUM_DIGITS], mnist.train_labels[:NUM_DIGITS]
    digits = {
        "images": pack(images),
        "labels": pack(labels),
        "testImages": pack(mnist.test_images[:NUM_TEST_DIGITS]),
        "testLabels": pack(mnist.test_labels[:NUM_TEST_DIGITS]),
    }
    options = {"network": name, "loss": loss_there, "optimizer": "sgd"}
    options |= {"rate": LEARNING_RATE}
    page.evaluate(CREATE, {"options": options, "digits": digits})
    network = make(initial="root")
    inputs = network.prepare(images)

    def train_here():
        train_online(
            network, inputs, labels, loss=loss, optimizer="sgd",
            learning_rates=[LEARNING_RATE], progress=False,
        )  # fmt: skip

    def train():
        page.evaluate(f"trainer.step({NUM_DIGITS})")

    def test():
        page.evaluate("trainer.evaluate(), trainer.evaluate()")

    for act in (train_here, train, test):
        act()  # to be compiled
    rows = [
        (
            measure_speed(train, read_clock, NUM_DIGITS),
            measure_speed(test, read_clock, 2 * NUM_TEST_DIGITS),
            measure_speed(train_here, time.process_time, NUM_DIGITS),
        )
        for _ in range(rounds)
    ]
    return [statistics.median(column) for column in zip(*rows, strict=True)]


def main(rounds):
    """Print a line a network."""
    torch.set_num_threads(1)
    mnist = load_mnist(source="sample")
    print(f"patterns per second of one core, an update each, medians of {rounds}")
    print(f"{'':9}{'in Chromium':>12}{'at least':>10}{'forward alone':>15}", end="")
    print(f"{'ratio':>7}{'training.online':>17}{'products':>10}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page, read_clock = open_page(browser)
        for name, (make, _, _, least) in NETWORKS.items():
            training, forward, online = measure(name, mnist, page, read_clock, rounds)
            products = summarize(make())["multiply_accumulates"].sum()
            print(
                f"{name:9}{training:12,.0f}{least:>10}{forward:15,.0f}"
                f"{forward / training:7.1f}{online:17,.0f}{products:10,}",
                flush=True,
            )
        browser.close()
    print(f"{'UNN.js':9}{UNN_SPEED:12,.0f}{UNN_PRODUCTS:59,}")
    print(
        "UNN.js: as its authors publish, of their computer, in batches of 20. Products:"
        "\nmultiplications of a forward pass, which the time of each network follows."
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    main(parser.parse_args().rounds)
