"""The host of interactive figures: modules, parts of a page, the state in JSON."""

import base64
import json
import re
import zlib
from types import SimpleNamespace

import interactive  # of _sphinx/
import numpy as np
import pytest
import torch
import traitlets
from bs4 import BeautifulSoup
from matplotlib.figure import Figure

from lenet_helpers import drawing, load_mnist, paper
from lenet_helpers.interactive import DigitPad, WideInput
from lenet_helpers.interactive.figure import (
    InteractiveFigure,
    make_url,
    resolve_imports,
)

MODULE = """import { double } from "./double.mjs";
export default {
  render({ model, el }) {
    const show = () => (el.textContent = double(model.get("number")));
    model.on("change:number", show);
    show();
    return () => model.off("change:number", show);
  },
};
"""
DOUBLE = "export const double = (number) => 2 * number;\n"


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """Make the smallest figure: it shows twice a number."""
    folder = tmp_path_factory.mktemp("example")
    (folder / "double.mjs").write_text(DOUBLE)
    (folder / "example.mjs").write_text(MODULE)
    (folder / "example.css").write_text(".lenet-example { color: inherit; }")

    class Example(InteractiveFigure, module=folder / "example.mjs"):
        number = traitlets.Int(21).tag(sync=True)
        weights = traitlets.Dict().tag(sync=True)
        secret = traitlets.Int(3)
        alt = 'The number 42, in "large" digits & black'

        def draw_still(self):
            return Figure(figsize=(1, 1))

    return Example


def parse(figure):
    return BeautifulSoup(figure.to_html(), "html.parser")


def test_imports_become_what_the_caller_says(tmp_path):
    path = tmp_path / "a.mjs"
    path.write_text(
        'import { b } from "./b.mjs";\nimport "./c-d.mjs";\nb("./b.mjs");\n'
        '/** @import { Type } from "./types.mjs" */\n// see "./b.mjs"\n'
    )
    resolved = resolve_imports(path, lambda imported: f"x:{imported.name}")
    assert resolved == (
        'import { b } from "x:b.mjs";\nimport "x:c-d.mjs";\nb("./b.mjs");\n'
        '/** @import { Type } from "./types.mjs" */\n// see "./b.mjs"\n'
    )


@pytest.mark.parametrize(
    "statement",
    [
        "import { b } from './b.mjs';",
        'import { b } from "../other";',
        'import { b } from "./b.js";',
        "import './b.mjs';",
        'const b = await import("./b.mjs");',
        'export * from\n  "./b.mjs";',
    ],
)
def test_an_import_that_no_page_could_follow_is_named(tmp_path, statement):
    path = tmp_path / "a.mjs"
    path.write_text(f'import "./c.mjs";\n{statement}\n')
    with pytest.raises(ValueError, match=r'a\.mjs has .*; write `from "./other.mjs"`'):
        resolve_imports(path, str)


def test_a_data_url_holds_the_imports_of_imports(tmp_path):
    (tmp_path / "a.mjs").write_text('import "./b.mjs";')
    (tmp_path / "b.mjs").write_text('import "./c.mjs";')
    (tmp_path / "c.mjs").write_text("let c;")

    def decode(url):
        assert url.startswith("data:text/javascript;base64,")
        return base64.b64decode(url.split(",")[1]).decode()

    middle = decode(make_url(tmp_path / "a.mjs")).split('"')[1]
    assert decode(decode(middle).split('"')[1]) == "let c;"


def test_jupyterlab_gets_the_module_and_its_style_sheets(example):
    state = example().get_state()
    assert 'from "data:text/javascript;base64,' in state["_esm"]
    assert ".lenet-ui" in state["_css"] and ".lenet-example" in state["_css"]


def test_a_figure_offers_a_live_view_and_html(example):
    data, _ = example()._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "lenet-figure" in data["text/html"]


def test_the_page_holds_the_synchronised_traits_of_the_figure_alone(example):
    state = json.loads(parse(example(number=4)).select_one(".lenet-figure script").text)
    assert state == {"number": 4, "weights": {}}


def test_bytes_lie_outside_the_state_once(example):
    figure = example(weights={"a": b"\x00\xff", "more": [b"\x00\xff", "</script>"]})
    soup = parse(figure)
    state = json.loads(soup.select_one(".lenet-figure script").text)
    digest = state["weights"]["a"]["lenet-bytes"]
    assert state["weights"]["more"] == [{"lenet-bytes": digest}, "</script>"]
    (part,) = soup.select(f'[data-lenet-part="{digest}"]')
    assert zlib.decompress(base64.b64decode(part.text)) == b"\x00\xff"


def test_a_state_that_is_no_number_is_refused(example):
    with pytest.raises(ValueError, match="JSON"):
        example(weights={"a": float("nan")}).to_html()


def test_a_source_that_would_end_its_element_is_refused(tmp_path):
    (tmp_path / "a.mjs").write_text('"</script>"')

    class Bad(InteractiveFigure, module=tmp_path / "a.mjs"):
        def draw_still(self):
            return Figure()

    with pytest.raises(ValueError, match="too early"):
        Bad().to_html()


def test_the_still_picture_has_the_alt_text(example):
    image = parse(example()).select_one(".lenet-still img")
    assert image["src"].startswith("data:image/png;base64,")
    assert image["alt"] == example.alt


@pytest.fixture
def finish(tmp_path):
    """Do what Sphinx does to a page, in a folder of its own: returns the body."""
    app = SimpleNamespace(outdir=tmp_path)

    def finish(body):
        context = {"body": body, "pathto": lambda path, resource: f"../{path}"}
        interactive.share_parts(app, "page", "page.html", context, None)
        return context["body"]

    return finish


def test_two_figures_of_a_page_share_their_parts(example, finish):
    one, other = example(number=1).to_html(), example(number=2).to_html()
    body = finish(f"<p>before</p>{one}<p>between</p>{other}<p>after</p>")
    soup = BeautifulSoup(body, "html.parser")
    digests = [part["data-lenet-part"] for part in soup.select("[data-lenet-part]")]
    assert len(digests) == len(set(digests)) == 4  # host, two modules, style
    assert len(soup.select(".lenet-figure")) == 2
    assert re.search(r"after</p>\s*<style", body)
    assert finish("<p>text</p>") == "<p>text</p>"


def test_modules_are_files_that_import_each_other(example, finish, tmp_path):
    figure = example(weights={"a": b"\x00\xff"})
    soup = BeautifulSoup(finish(figure.to_html()), "html.parser")
    module = soup.select_one(".lenet-figure")["data-lenet-module"]
    folder = tmp_path / "_static" / "lenet"
    source = (folder / f"{module}.js").read_text()
    (other,) = re.findall(r'from "\./(\w+\.js)"', source)
    assert (folder / other).read_text() == DOUBLE
    (host,) = soup.select("script[src]")
    assert (tmp_path / "page" / host["src"]).resolve().is_relative_to(folder)
    assert len(list(folder.iterdir())) == 3  # not the bytes


# The digit pad and the wide input


def test_the_image_of_a_pad_is_what_was_drawn(mnist):
    pad = DigitPad(mnist)
    assert pad.image.shape == (28, 28) and not pad.image.any()
    pad.strokes = [[0.5, 0.2, 0.5, 0.8]]
    assert (pad.image == drawing.center_ink(drawing.draw_ink(pad.strokes))).all()
    assert pad.image.max() == 255


def test_the_image_of_an_example_is_the_digit_itself(mnist):
    pad = DigitPad(mnist)
    pad.example = 3
    three = mnist.test_images[mnist.test_labels == 3][0, 0].numpy()
    assert (pad.image == three).all()
    pad.strokes = [[0.5, 0.2, 0.5, 0.8]]
    assert (pad.image != three).any()


def test_examples_are_ten_digits_and_some_that_1998_misread(mnist):
    pad = DigitPad(mnist)
    digits = np.frombuffer(pad.digits, np.uint8).reshape(-1, 28, 28)
    assert len(digits) == len(pad.examples)
    assert [example["name"] for example in pad.examples[:10]] == [
        f"a {digit}" for digit in range(10)
    ]
    if mnist.is_sample:
        assert len(digits) == 10
        return
    answers = {(label, answer): i for i, label, answer in paper.FIGURE_8}
    for digit, example in zip(digits[10:], pad.examples[10:], strict=True):
        label, answer = map(int, re.findall(r"a (\d) .* as (\d)", example["name"])[0])
        assert (label, answer) in answers
        found = (mnist.test_images[:, 0] == torch.tensor(digit)).all((1, 2)).nonzero()
        assert mnist.test_labels[found.item()] == label
        assert found.item() in {index for index, *_ in paper.FIGURE_8}


def test_the_sample_has_examples_of_its_own():
    assert len(DigitPad(load_mnist(source="sample")).examples) == 10


def test_thresholds_come_from_the_experiment(mnist):
    for network in DigitPad(mnist).networks:
        assert 0 < network["threshold"] < 100


def test_the_strip_of_a_line_is_20_pixels_high():
    strip = WideInput().strip
    assert strip.shape[0] == 28 and strip.shape[1] % 4 == 0
    assert np.ptp(np.flatnonzero(strip.any(1))) == 19


@pytest.mark.parametrize("figure", [DigitPad, WideInput])
def test_a_still_picture_is_small_and_described(figure, mnist):
    built = figure(mnist) if figure is DigitPad else figure()
    image = parse(built).select_one(".lenet-still img")
    assert len(image["src"]) < 40_000 and len(image["alt"]) > 100
