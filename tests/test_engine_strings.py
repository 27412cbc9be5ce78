"""The page's graphs, grammars, patterns and cuts under Node, against Python's."""

import base64
import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from graphs import draw_grammar, draw_graph
from programs import run_web_tests
from sliding_cases import make_sliding

from lenet_helpers import LeNet5, prepare_images, trained
from lenet_helpers.model.rbf import RBFOutput
from lenet_helpers.strings import cuts, lines, patterns, sliding
from lenet_helpers.strings.amounts import CHARACTERS, PATTERN
from lenet_helpers.strings.grammars import NULL, Grammar, build_character_model
from lenet_helpers.strings.graphs import Graph, compose, forward, viterbi
from lenet_helpers.strings.reading import read

TESTS = Path(__file__).parent
CONSTANTS = {
    "NULL": NULL,
    "HEIGHT": lines.HEIGHT,
    "CONTACT_LIMIT": cuts.CONTACT_LIMIT,
    "MAX_PIECES": cuts.MAX_PIECES,
    "MAX_WIDTH": cuts.MAX_WIDTH,
    "MAX_GAP": cuts.MAX_GAP,
    "MARGIN": lines.MARGIN,
    "STEP": sliding.STEP,
    "BLANK_PENALTY": sliding.BLANK_PENALTY,
    "MAX_STATES": patterns.MAX_STATES,
    "MAX_DEPTH": patterns.MAX_DEPTH,
    "MAX_COUNT": patterns.MAX_COUNT,
    "SPECIAL": patterns.SPECIAL,
}
NUM_GRAPHS = 1000
PATTERNS = [
    PATTERN, "", " 1 2 ", "[0-9]{0,99}", "(1)" * 51, "1(2|3)*4?",
    "(12|1)(2|)", "(1?2?){2}", "(1|)(2|3)+0*", "(1|2)*1(1|2){2}", "[0-24-69]{0,3}",
    "\\1", "(|)", "[1 - 3]", "1{ 2 , 3 }",
    "(" * 50 + "1" + ")" * 50, "[1-", "1(2", "1)", "|*", "1{2", "1{3,2}", "1{}", "1{,}",
    "1x", "1'", "1\\'", '1"', "1\n", "1\u00a0", "1\u2028", "1\U000e0001", "1é",
    "1\U0001f600)", "[]", "[9-1]", "\\", "(" * 51, "(1|2)*1(1|2){20}",
    "((){5000}){5000}", "1{999999999}", "1{0," + 400 * "9" + "}",
    "1{" + 400 * "9" + "}", "1??", "1{2}*", "1{100}", "1{101}", "1{0,101}", "1{101,5}",
    "1{1000,5}", "1{007}", "1{\u0663}", "((((1{100}){100}){100}){100})",
]  # fmt: skip
LETTERS = "[](){}|?*+\\0123$,.- '"
# The penalty of a path is beyond all numbers; the second graph has another path.
HUGE = [(0, 1, 0, 1e308), (1, 2, 1, 1e308), (2, 3, 0, 1.0)]
HUGE_OR_NOT = [*HUGE, (0, 3, 1, 2.0)]
# Sources, destinations, labels, penalties, and the number of nodes where it is given.
BAD_GRAPHS = [
    ([0, 1, 2], [1, 2, 1], [0, 0, 0], [1, 1, 1], None),
    ([0], [0], [0], [1], None),
    ([0, 0], [1, 2], [0, 0], [1, 1], None),
    ([0, 1], [2, 2], [0, 0], [1, 1], None),
    ([0], [2], [0], [1], None),
    ([], [], [], [], 3),
    ([0, 0], [1, 1], [0, 0], [1, math.nan], None),
    ([0, 0], [1, 1], [0, 0], [math.inf, 1], None),
    ([0, 0], [1, 1], [0, 0], [1, -math.inf], None),
    ([0], [1, 1], [0], [1], None),
    ([0, 1], [1, 2], [0], [1, 1], None),
    ([-1], [1], [0], [1], None),
    ([0], [5], [0], [1], 2),
]
BAD_GRAMMARS = [
    ([(0, 1, 1)], []),
    ([], []),
    ([(0, 1, NULL), (0, 0, 1)], [0]),
    ([(0, 1, 1, 1, math.nan), (1, 1, 1, 1, 0.5)], [1]),
    ([(0, -2, 1)], [0]),
]
NULLS_IN_A_CYCLE = [(0, 1, NULL), (1, 0, NULL), (0, 0, 0), (1, 2, 1)]


def explain(function, *arguments, **options):
    """Give the words with which something is refused, numbers as JavaScript's."""
    with pytest.raises(ValueError) as refused:
        function(*arguments, **options)
    return str(refused.value).replace("nan", "NaN").replace("inf.", "Infinity.")


def write_number(number):
    return number if math.isfinite(number) else str(number).replace("inf", "Infinity")


def write_grammar(grammar):
    names = ("sources", "destinations", "inputs", "outputs", "penalties", "is_final")
    written = {name: getattr(grammar, name).tolist() for name in names}
    written["isFinal"] = written.pop("is_final")
    return written | {"start": int(grammar.starts[0])}


def write_graph(graph):
    """Write one graph and what is found in it."""
    names = ("sources", "destinations", "labels", "payload")
    penalties = graph.penalties.detach().requires_grad_()
    copy = Graph(
        graph.sources, graph.destinations, graph.labels, penalties,
        payload=graph.payload, ends_of_nodes=graph.first_node[1:],
    )  # fmt: skip
    total = forward(copy)
    total.sum().backward()
    (best,), (path,) = viterbi(graph)
    (reading,) = read(graph)
    return {name: getattr(graph, name).tolist() for name in names} | {
        "penalties": penalties.tolist(),
        "numNodes": int(graph.first_node[-1]),
        "viterbi": {"penalty": write_number(best.item()), "path": path.tolist()},
        "forward": {
            "penalty": write_number(total.item()),
            "shares": penalties.grad.tolist(),
        },
        "reading": {
            "labels": reading.labels,
            "penalty": write_number(reading.penalty),
            "confidence": reading.confidence,
        },
    }


def make_graphs():
    """Make random graphs, every other one with ties, each composed with a grammar."""
    generator = np.random.default_rng(0)
    cases = []
    for i in range(NUM_GRAPHS):
        num_nodes = int(generator.integers(2, 9))
        num_arcs = num_nodes - 1 + int(generator.integers(14))
        graph = draw_graph(generator, num_nodes=num_nodes, num_arcs=num_arcs)
        if i % 2:
            graph = Graph(
                graph.sources, graph.destinations, graph.labels, graph.penalties.round()
            )
        grammar = draw_grammar(generator, num_states=int(generator.integers(2, 6)))
        cases.append((graph, build_character_model(2) if i % 5 == 0 else grammar))
    anything = Grammar.from_rules([(0, 0, 0), (0, 0, 1)], finals=[0])
    cases += [(Graph.from_arcs(arcs), anything) for arcs in (HUGE, HUGE_OR_NOT)]
    return [
        {
            "graph": write_graph(graph),
            "grammar": write_grammar(grammar),
            "composed": write_graph(compose(graph, grammar)),
        }
        for graph, grammar in cases
    ]


def make_grammars():
    """Make each kind of grammar: what it is made from, and what it becomes."""
    generator = np.random.default_rng(1)
    cases = [("characterModel", n, build_character_model(n)) for n in (1, 3, 10)]
    for length in range(6):
        string = generator.integers(10, size=length).tolist()
        cases.append(("spell", string, Grammar.spell([string])))
        strings = [
            generator.integers(3, size=n).tolist() for n in range(length, -1, -1)
        ]
        cases.append(("fromList", strings, Grammar.from_list(strings)))
    return [
        {"name": name, "argument": argument, "grammar": write_grammar(grammar)}
        for name, argument, grammar in cases
    ]


def draw_pattern(generator, depth=3):
    """Draw a pattern that can be read."""
    if depth == 0:
        return str(generator.choice(["0", "1", "[0-2]", "[12 ]", "\\.", "$", " "]))
    first, second = (draw_pattern(generator, depth - 1) for _ in range(2))
    sign = generator.choice(["?", "*", "+", "{2}", "{0,3}"])
    forms = [first + second, f"({first}|{second})", f"({first}){sign}", f"({first}|)"]
    return forms[generator.integers(len(forms))]


def make_patterns():
    """Make patterns, and many random ones: their grammars, or what is wrong."""
    generator = np.random.default_rng(2)
    drawn = [draw_pattern(generator) for _ in range(1000)]
    for pattern in drawn[:]:
        place, letter = generator.integers(len(pattern)), generator.choice([*LETTERS])
        drawn.append(pattern[:place] + letter + pattern[place + 1 :])
        drawn.append("".join(generator.choice([*LETTERS], generator.integers(1, 12))))
    cases = []
    for pattern in PATTERNS + drawn:
        case = {"pattern": pattern, "characters": CHARACTERS}
        try:
            grammar = patterns.parse_pattern(pattern, CHARACTERS)
            cases.append(case | {"grammar": write_grammar(grammar)})
        except patterns.PatternError as error:
            cases.append(case | {"message": str(error)})
    return cases


def make_pixels(sample):
    """Write lines of digits, and lines that are hardly lines."""
    arguments = [
        {"number": 100},
        {"number": 50, "gap": (-4, 8), "baseline": 3, "length": (1, 9)},
        {"number": 50, "noise": 0.02, "scale": 0.1},
    ]
    written = [
        line.pixels
        for seed, some in enumerate(arguments)
        for line in lines.make_lines(
            sample.test_images, sample.test_labels, **some, seed=seed
        )
    ]
    for width in (0, 1, 2, 40):
        written.append(np.zeros((32, width), np.uint8))
        written.append(np.full((32, width), 255, np.uint8))
    dots = np.zeros((4, 32, 50), np.uint8)
    dots[0, 16, 20] = dots[1, 0, 0] = dots[2, 31, 49] = dots[3, 0, 5] = 1
    dots[3, 31, 9] = 255
    return written + list(dots)


def make_lines(sample):
    """Cut lines, and read graphs of random penalties over their pieces."""
    generator = torch.Generator().manual_seed(0)
    places = np.random.default_rng(4)
    cases = []
    for pixels in make_pixels(sample):
        inside = np.arange(1, max(1, pixels.shape[1]))
        columns = inside[places.random(len(inside)) < 0.1].tolist()
        given = cuts.cut_at(pixels, columns) if pixels.size else torch.zeros(0)
        pieces = cuts.segment([pixels])
        penalties = torch.randn(
            len(pieces.sources), 3, generator=generator, dtype=torch.float64
        )
        cases.append(
            {
                "pixels": base64.b64encode(pixels.tobytes()).decode(),
                "contact": cuts.measure_contact(pixels).tolist(),
                "cuts": pieces.cuts[0][:, 0].tolist(),
                "sources": pieces.sources.tolist(),
                "destinations": pieces.destinations.tolist(),
                "images": base64.b64encode(pieces.images.numpy().tobytes()).decode(),
                "columns": columns,
                "given": base64.b64encode(given.numpy().tobytes()).decode(),
                "graph": write_graph(pieces.build_graph(penalties)),
            }
        )
    return cases


def make_recognition(sample):
    """Let a network of thirteen classes recognise the pieces of two lines."""
    network = LeNet5(initial="root", seed=0)
    network.output = RBFOutput(CHARACTERS)
    weights = trained.pack_network(network)
    network.load_state_dict(
        {name: tensor.half() for name, tensor in network.state_dict().items()}
    )
    some = lines.make_lines(sample.test_images, sample.test_labels, number=2, seed=3)
    cases = []
    for line in some:
        images = cuts.segment([line.pixels]).images
        with torch.no_grad():
            penalties = network(prepare_images(images, size=lines.HEIGHT))
        images = base64.b64encode(images.numpy().tobytes()).decode()
        cases.append({"images": images, "penalties": penalties.flatten().tolist()})
    return {"weights": base64.b64encode(weights).decode(), "lines": cases}


def make_profiles():
    """Make profiles with flat stretches, and find their minima."""
    generator = np.random.default_rng(3)
    cases = []
    for _ in range(300):
        profile = generator.integers(5, size=generator.integers(30))
        options = {
            "limit": int(generator.integers(5)),
            "distance": int(generator.integers(1, 5)),
        }
        minima = cuts.find_minima(profile, **options)
        cases.append(
            {"profile": profile.tolist(), **options, "minima": minima.tolist()}
        )
    return cases


def make_refusals():
    """Make what is no graph and no grammar, with the words that refuse it."""
    graph = Graph.from_arcs([(0, 1, 0, 0.0), (1, 2, 1, 0.0)])
    silent = Grammar.from_rules(NULLS_IN_A_CYCLE, finals=[2])
    graphs = []
    for sources, destinations, labels, penalties, number in BAD_GRAPHS:
        arrays = (sources, destinations, labels)
        message = explain(
            Graph, *arrays, torch.tensor(penalties, dtype=torch.float64),
            ends_of_nodes=None if number is None else [number],
        )  # fmt: skip
        case = dict(zip(("sources", "destinations", "labels"), arrays, strict=True))
        case |= {"penalties": [write_number(penalty) for penalty in penalties]}
        graphs.append(
            {"arcs": case if number is None else case | {"numNodes": number}}
            | {"message": message}
        )
    grammars = [
        {
            "rules": [[write_number(number) for number in rule] for rule in rules],
            "finals": finals,
            "message": explain(Grammar.from_rules, rules, finals=finals),
        }
        for rules, finals in BAD_GRAMMARS
    ]
    cycle = {"rules": NULLS_IN_A_CYCLE, "message": explain(compose, graph, silent)}
    return {"graphs": graphs, "grammars": grammars, "cycle": cycle}


@pytest.fixture(scope="module")
def fixtures(tmp_path_factory, sample):
    """Write what the engine is held against."""
    folder = tmp_path_factory.mktemp("strings")
    written = {
        "constants": CONSTANTS,
        "graphs": make_graphs(),
        "grammars": make_grammars(),
        "patterns": make_patterns(),
        "lines": make_lines(sample),
        "recognition": make_recognition(sample),
        "sliding": make_sliding(sample, make_pixels(sample)[60:-4], write_graph),
        "profiles": make_profiles(),
        "refusals": make_refusals(),
    }
    for name, cases in written.items():
        text = json.dumps(cases, allow_nan=False)
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.processes
def test_the_page_finds_in_strings_what_python_finds(fixtures):
    run_web_tests("strings", fixtures=fixtures, options=["--test-timeout=120000"])
