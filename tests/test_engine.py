"""The engine of the figures under Node, against PyTorch; what Python does alike."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image
from programs import run_web_tests

from lenet_helpers import drawing, paper, prepare_images, trained

TESTS = Path(__file__).parent
CONSTANTS = {
    "AMPLITUDE": paper.AMPLITUDE,
    "SLOPE": paper.SLOPE,
    "BACKGROUND": paper.BACKGROUND,
    "FOREGROUND": paper.FOREGROUND,
    "MU": paper.MU,
    "NUM_CURVATURE_PATTERNS": paper.NUM_CURVATURE_PATTERNS,
    "C3_TABLE": paper.C3_TABLE,
    "H3_TABLE": paper.H3_TABLE,
    "DIGIT_CODES": [paper.CODES[digit] for digit in "0123456789"],
}
SQUARE = [0.2, 0.2, 0.8, 0.2, 0.8, 0.8, 0.2, 0.8, 0.2, 0.2]
DRAWINGS = {
    "nothing": [],
    "a stroke without a point": [[]],
    "one dot": [[0.5, 0.5]],
    "a dot twice": [[0.31, 0.52, 0.31, 0.52]],
    "a dot in a corner": [[0.0, 1.0]],
    "a square": [SQUARE],
    "a flat line": [[0.1, 0.5, 0.9, 0.5]],
    "off the edge": [[-0.5, 0.3, 0.7, 1.6], [0.9, -2.0, 1.4, 0.5]],
    "outside": [[2.0, 2.0, 3.0, 3.0]],
    "all the field": [
        [x for i in range(40) for x in (i % 2, i / 39)],
        [x for i in range(40) for x in ((i + 1) % 2, i / 39)],
    ],
}


def compute_maps(network, inputs):
    """Compute the states of the layers whose maps the engine returns."""
    states = {"input": inputs}
    for name, layer in network.named_children():
        inputs = states[name] = layer(inputs)
    return states


def rebuild(name):
    """Build the network that a page has: its precision, normalisation folded in."""
    tensors = safetensors.torch.load(trained.pack_network(trained.load_network(name)))
    tensors = {k: t.float() for k, t in tensors.items() if not k.endswith(".links")}
    network = trained.NETWORKS[name]().eval()
    if name != "modern":
        network.load_state_dict(tensors)
        return network
    weighted = {
        "c1": network.c1.convolution,
        "c3": network.c3.convolution,
        "f5": network.f5.linear,
        "output": network.output,
    }
    for block in (network.c1, network.c3, network.f5):
        block.norm = torch.nn.Identity()
    for layer, module in weighted.items():
        module.weight.data = tensors[f"{layer}.weight"].view(module.weight.shape)
        module.bias.data = tensors[f"{layer}.bias"]
    return network


def find_answers(name, outputs):
    return outputs.argmin(1) if name == "lenet5" else outputs.argmax(1)


def compute_outputs(name, network, images):
    inputs = network.prepare(images)
    with torch.no_grad():
        return torch.cat([network(some) for some in inputs.split(1000)])


@pytest.fixture(scope="module")
def fixtures(tmp_path_factory, mnist):
    """Write what the engine is held against."""
    folder = tmp_path_factory.mktemp("fixtures")
    # Every fourth, which take half a minute.
    images, labels = mnist.test_images[::4], mnist.test_labels[::4]
    digits = {"images": images[:, 0].contiguous(), "labels": labels.byte()}
    safetensors.torch.save_file(digits, folder / "digits")
    for name in trained.NETWORKS:
        packed = trained.pack_network(trained.load_network(name))
        (folder / f"{name}.weights").write_bytes(packed)
        network = rebuild(name)
        outputs = compute_outputs(name, network, images)
        expected = {"outputs": outputs, "answers": find_answers(name, outputs).byte()}
        with torch.no_grad():
            states = compute_maps(network, network.prepare(mnist.test_images[:1]))
        states.pop("output")
        expected |= {f"maps.{layer}": maps.clone() for layer, maps in states.items()}
        safetensors.torch.save_file(expected, folder / f"{name}.expected")
    cases = [(name, strokes, None, 140) for name, strokes in DRAWINGS.items()]
    cases += [("over a digit", [SQUARE], mnist.test_images[0, 0].numpy(), 140)]
    cases += [("a long line", [SQUARE, [1.2, 0.3, 1.9, 0.9, 3.2, 0.4]], None, 490)]
    cases += [("a long dash", [[0.1, 0.5, 3.4, 0.5]], None, 490)]
    written = []
    for name, strokes, digit, columns in cases:
        ink = drawing.draw_ink(strokes, digit, columns=columns)
        written.append(
            {
                "name": name,
                "strokes": strokes,
                "digit": None if digit is None else digit.tolist(),
                "columns": columns,
                "ink": ink.tolist(),
                "pixels": drawing.center_ink(ink).tolist(),
                "line": drawing.scale_line(ink).tolist(),
                "field": drawing.shrink_field(ink).tolist(),
            }
        )
    (folder / "drawings.json").write_text(json.dumps(written))
    (folder / "paper.json").write_text(json.dumps(CONSTANTS))
    return folder


@pytest.mark.processes
def test_the_engine_does_what_pytorch_does(fixtures):
    run_web_tests("engine", fixtures=fixtures)


@pytest.mark.parametrize("name", trained.NETWORKS)
def test_the_precision_in_a_page_changes_no_answer(name, mnist):
    whole = compute_outputs(name, trained.load_network(name), mnist.test_images)
    half = compute_outputs(name, rebuild(name), mnist.test_images)
    assert torch.equal(find_answers(name, whole), find_answers(name, half))


def test_a_network_that_nobody_trained_is_named():
    with pytest.raises(ValueError, match="net1989, lenet1, lenet5, modern, got 'vgg'"):
        trained.load_network("vgg")


def test_a_dot_is_round_and_antialiased():
    ink = drawing.draw_ink([[0.5, 0.5]])
    assert ink.max() == 255 and len(np.unique(ink)) > 5
    assert (ink == ink[::-1]).all() and (ink == ink.T).all()
    area = np.pi * (drawing.RADIUS * drawing.SIDE) ** 2
    assert ink.sum() / 255 == pytest.approx(area, rel=0.02)


def test_a_drawing_fills_a_box_of_20_around_pixel_14():
    pixels = drawing.center_ink(drawing.draw_ink([SQUARE]))
    rows, columns = np.nonzero(pixels)
    assert rows.max() - rows.min() == columns.max() - columns.min() == 19
    weights = pixels / pixels.sum()
    assert abs((weights.sum(1) * np.arange(28)).sum() - 14) < 0.501
    assert abs((weights.sum(0) * np.arange(28)).sum() - 14) < 0.501


def test_centring_keeps_proportions_and_loses_no_ink():
    bar = drawing.center_ink(drawing.draw_ink([[0.5, 0.2, 0.5, 0.8]]))
    rows, columns = np.nonzero(bar)
    assert (rows.max() - rows.min(), columns.max() - columns.min()) == (19, 2)
    heavy = np.zeros((140, 140), np.uint8)
    heavy[0, 70], heavy[100:, :] = 255, 255  # the mass is at the bottom
    assert np.ptp(np.nonzero(drawing.center_ink(heavy))[1]) == 19


def test_a_line_is_20_pixels_high_and_has_room_at_its_ends():
    line = drawing.scale_line(
        drawing.draw_ink([SQUARE, [1.9, 0.2, 1.9, 0.8]], columns=700)
    )
    rows, columns = np.nonzero(line)
    assert np.ptp(rows) == 19 and columns.min() == 12
    assert line.shape[1] % 4 == 0 and 12 <= line.shape[1] - 1 - columns.max() < 16
    dash = drawing.scale_line(drawing.draw_ink([[0.1, 0.5, 4.9, 0.5]], columns=700))
    assert dash.shape[1] <= 348
    assert drawing.scale_line(drawing.draw_ink([])).shape == (28, 28)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda ink: ink / 255, r"got float64 from 0\.0 to 1\.0\. Numbers from 0 to 1"),
        (lambda ink: ink > 127, "got bool from False to True"),
        (lambda ink: (ink > 127).astype(np.uint8), "got uint8 from 0 to 1"),
        (lambda ink: ink.astype(np.int16), "got int16 from 0 to 255"),
        (lambda ink: np.stack([ink] * 3, 2), r"got \(140, 140, 3\); of a coloured"),
    ],
)
@pytest.mark.parametrize("function", [drawing.center_ink, drawing.scale_line])
def test_what_is_no_ink_is_refused_and_named(function, wrong, message):
    ink = drawing.draw_ink([SQUARE])
    with pytest.raises(ValueError, match=message):
        function(wrong(ink))


def test_dark_ink_on_light_paper_is_suspected():
    ink = drawing.draw_ink([SQUARE])
    with pytest.warns(
        UserWarning, match="dark ink on light paper: half .* 255 or more"
    ):
        drawing.center_ink(255 - ink)
    with warnings.catch_warnings(action="error"):
        drawing.center_ink(ink)
        drawing.center_ink(np.zeros((28, 28), np.uint8))
        drawing.center_ink(np.full((28, 28), 255, np.uint8))
        drawing.center_ink(Image.fromarray(ink))


def test_nothing_drawn_is_an_empty_image():
    assert drawing.center_ink(drawing.draw_ink([])).shape == (28, 28)
    assert not drawing.center_ink(drawing.draw_ink([])).any()


def test_an_untouched_digit_goes_through_unchanged(mnist):
    digits = mnist.test_images[:200, 0].numpy()
    again = [drawing.center_ink(drawing.draw_ink([], digit)) for digit in digits]
    assert (digits == again).all((1, 2)).mean() > 0.95


def test_pytorch_reads_what_was_drawn(mnist):
    network = trained.load_network("lenet5")
    ring = [0.5 + 0.2 * f(a) for a in np.linspace(0, 6.3, 40) for f in (np.sin, np.cos)]
    pixels = torch.from_numpy(drawing.center_ink(drawing.draw_ink([ring])))
    assert network.classify(prepare_images(pixels[None, None], size=32)).item() == 0
