"""Reading lines: seconds for 1,000 lines of five, and what graphs and sliding save.

``python -m benchmarks.strings`` prints each promise beside what it takes, on one
thread. Ratios compare two things in one run, in turns, by the processor's time.
"""

import argparse
import statistics
import time

import torch

from lenet_helpers import load_mnist, prepare_images
from lenet_helpers.experiments.strings import protocol
from lenet_helpers.strings.cuts import segment
from lenet_helpers.strings.graphs import forward, viterbi
from lenet_helpers.strings.lines import HEIGHT, make_lines
from lenet_helpers.strings.reading import (
    OverSegmentation,
    discriminative_forward,
    read,
)
from lenet_helpers.strings.sliding import STEP, place_windows, slide
from lenet_helpers.strings.training import train_on_lines


def spend(do):
    """Give what `do` returns, and the seconds of the processor that it took."""
    start = time.process_time()
    result = do()
    return result, time.process_time() - start


def add_by_object(graph):
    """Find each graph's least penalty with an object per arc and a loop in Python."""
    arcs = [[] for _ in range(graph.first_node[-1])]
    penalties = graph.penalties.tolist()
    for source, to, penalty in zip(
        graph.sources.tolist(), graph.destinations.tolist(), penalties, strict=True
    ):
        arcs[to].append({"source": source, "penalty": penalty})
    least = [0.0] * len(arcs)
    starts = set(graph.starts.tolist())
    for node, some in enumerate(arcs):
        if node not in starts:
            least[node] = min(least[arc["source"]] + arc["penalty"] for arc in some)
    return [least[end] for end in graph.ends.tolist()]


def read_lines(system, lines):
    """Read lines, a hundred at a time."""
    with torch.no_grad():
        return [
            reading
            for begin in range(0, len(lines), 100)
            for reading in read(system.build_graph(lines[begin : begin + 100]))
        ]


def measure_graphs(network, lines):
    """Compare arrays over arcs with an object per arc; give seconds of both."""
    pieces = segment(lines)
    with torch.no_grad():
        images = prepare_images(pieces.images, size=HEIGHT)
        penalties = torch.cat([network(some) for some in images.split(2000)])
    graph = pieces.build_graph(penalties)
    (least, _), arrays = spend(lambda: viterbi(graph))
    objects_least, objects = spend(lambda: add_by_object(graph))
    assert max(map(abs, (least - torch.tensor(objects_least)).tolist())) < 1e-2
    (_, sums) = spend(lambda: forward(graph))
    return arrays, sums, objects


def measure_sliding(network, lines):
    """Compare one convolution over a line with a network per window."""
    images, _ = place_windows(lines)
    with torch.no_grad():
        _, once = spend(lambda: slide(network, images))
        windows = images.unfold(3, HEIGHT, STEP).permute(0, 3, 1, 2, 4)
        apart = windows.reshape(-1, 1, HEIGHT, HEIGHT)
        _, separate = spend(lambda: [network(some) for some in apart.split(2000)])
    return once, separate


def main(rounds):
    """Measure in turns, and explain each line."""
    torch.set_num_threads(1)
    mnist = load_mnist()
    network = protocol.load_start("isolated", 0)
    system = OverSegmentation(network)
    five = make_lines(
        mnist.test_images, mnist.test_labels, number=1000, length=(5, 5), seed=0
    )
    lines = [line.pixels for line in five]
    read_lines(system, lines[:10])  # compiles
    rows = []
    for number in range(1, rounds + 1):
        _, whole = spend(lambda: read_lines(system, lines))
        arrays, sums, objects = measure_graphs(network, lines)
        once, separate = measure_sliding(network, lines)
        _, update = spend(
            lambda: train_on_lines(
                OverSegmentation(protocol.load_start("isolated", 0)),
                five[:320],
                discriminative_forward,
            )
        )
        rows.append(
            (whole, 1e6 * arrays / 1000, 1e6 * sums / 1000, objects / arrays,
             separate / once, 1e3 * update / 320)
        )  # fmt: skip
        print(f"round {number}: {whole:.1f} s for 1,000 lines", flush=True)
    whole, best, sums, objects, windows, update = (
        statistics.median(column) for column in zip(*rows, strict=True)
    )
    print(f"""
Medians of {rounds} rounds, one thread.

{whole:6.1f}  (at most 10)   s to cut, recognise and read 1,000 lines of five digits.
{best:6.1f}  (at most 100)  microseconds per line for the best path,
{sums:6.1f}  (at most 100)  and for the sum over all paths.
{objects:6.0f}                 times as long takes the best path with an object per arc.
{windows:6.1f}                 times as long takes one network per window as sliding.
{update:6.1f}  (at most 12)   ms per line for an update through the whole system.""")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    main(parser.parse_args().rounds)
