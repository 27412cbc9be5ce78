"""Digits changed until they are misread: Python, Node, and the figure in a browser."""

import json
import re

import pytest
import safetensors.torch
import torch
from browser import FIND_OVERFLOW, read_numbers
from programs import run_web_tests
from test_links import copy_link, open_link

from lenet_helpers import trained
from lenet_helpers.interactive import FoolIt
from lenet_helpers.looking import attacks
from lenet_helpers.model.networks import LeNet5

METHODS = {"step": attacks.step_once, "steps": attacks.climb}
DEFAULTS = {
    "network": "lenet5",
    "digit": 7,
    "target": None,
    "method": "steps",
    "sizes": [0.1, 1.5],
    "is_noise": False,
}


@pytest.fixture(scope="module")
def built(sample):
    return FoolIt(sample)


@pytest.fixture
def figure(built):
    for name, value in DEFAULTS.items():
        setattr(built, name, value)
    return built


def find_loss(target):
    if target is None:
        return attacks.measure_lead
    return lambda scores, labels: (
        -attacks.measure_lead(scores, torch.full_like(labels, target))
    )


def test_the_digits_are_of_all_classes_and_read_rightly(figure):
    for digit in range(10):
        figure.digit = digit
        answers = {n: s.argmax().item() for n, s in figure.read(figure.pixels).items()}
        assert answers == {"lenet5": digit, "modern": digit}
    assert len(figure.digits) == 7840


@pytest.mark.parametrize(
    ("method", "index"), [("step", 0), ("steps", 0), ("steps-l2", 1)]
)
def test_no_change_is_larger_than_it_may_be(figure, method, index):
    figure.method = method
    for is_noise in (False, True):
        figure.is_noise = is_noise
        change = figure.changed - figure.pixels
        size = change.norm() if index else change.abs().max()
        assert 0 < size <= figure.sizes[index] * (1 + 1e-5)
        assert figure.changed.min() >= 0 and figure.changed.max() <= 1


def test_a_network_is_fooled_and_noise_of_the_size_fools_none(figure):
    figure.sizes = [0.3, 1.5]
    for network in ("lenet5", "modern"):
        figure.network = network
        figure.is_noise = False
        assert figure.read(figure.changed)[network].argmax() != 7
        figure.sizes = [0.05, 1.5]
        figure.is_noise = True
        assert figure.read(figure.changed)[network].argmax() == 7
        figure.sizes = [0.3, 1.5]


def test_a_target_is_led_to(figure):
    figure.sizes = [0.3, 1.5]
    figure.network = "modern"
    for target in (3, 8):
        figure.target = target
        assert figure.read(figure.changed)["modern"].argmax() == target


@pytest.mark.parametrize(
    "wrong",
    [
        {"network": "lenet1"},
        {"digit": 10},
        {"target": -1},
        {"method": "many"},
        {"sizes": [0.6, 1.0]},
        {"sizes": [0.1]},
    ],
)
def test_a_setting_that_is_not_there_is_refused(figure, wrong):
    ((name, value),) = wrong.items()
    with pytest.raises(
        ValueError, match=f"`{name}` must be .* got {re.escape(repr(value))}"
    ):
        setattr(figure, name, value)


# Under Node


def compute_case(name, network, pixels, noise, *, digit, target):
    score = attacks.read_pixels(network)
    one, labels, loss = pixels[digit, None], torch.tensor([digit]), find_loss(target)
    gradient = attacks.find_gradient(score, one, labels, loss=loss)
    with torch.no_grad():
        scores = score(one)
    case = {"network": name, "digit": digit, "target": target}
    case |= {"scores": scores[0].tolist(), "gradient": gradient.flatten().tolist()}
    case |= {"lead": loss(scores, labels).item(), "attacks": []}
    for method, norm, size in (
        ("step", "linf", 0.1),
        ("steps", "l2", 1.0),
        ("noise", "linf", 0.1),
        ("noise", "l2", 2.0),
    ):
        if method == "noise":
            added = attacks.draw_noise(one, size=size, norm=norm, seed=0)
            changed = (one + added).clamp(0, 1)
        else:
            options = {"size": size, "norm": norm, "loss": loss}
            changed = METHODS[method](score, one, labels, **options)
        made = {"method": method, "norm": norm, "size": size}
        case["attacks"].append(made | {"changed": changed.flatten().tolist()})
    return case


@pytest.mark.processes
def test_the_engine_attacks_as_pytorch_does(figure, tmp_path):
    """To 1e-5, where units are not saturated, as those of a trained LeNet-5 are.

    What is left of such a unit's slope is a difference of nearly equal numbers.
    """
    pixels = figure._images.float() / 255
    noise = torch.frombuffer(bytearray(figure.noise), dtype=torch.float32)
    tensors = {"pixels": pixels.flatten(1), "noise": noise}
    safetensors.torch.save_file(tensors, tmp_path / "pixels")
    networks = {
        "untrained": (LeNet5(initial="root", seed=1), 1e-5),
        "modern": (trained.load_network("modern"), 1e-5),
        "lenet5": (trained.load_network("lenet5"), 2e-3),
    }
    cases = []
    for name, (network, limit) in networks.items():
        safetensors.torch.save_file(pack_whole(network), tmp_path / name)
        for digit, target in ((0, None), (4, 9), (5, None), (7, 2), (8, 0)):
            case = compute_case(
                name, network, pixels, noise, digit=digit, target=target
            )
            cases.append(case | {"limit": limit})
    (tmp_path / "cases.json").write_text(json.dumps(cases))
    run_web_tests("attacks", fixtures=tmp_path)


def pack_whole(network):
    """Pack a network as the page has it, but in floats of 32 bits."""
    if isinstance(network, LeNet5):
        return dict(network.state_dict())
    return {name: one.contiguous() for name, one in trained._fold(network).items()}


# In a browser


def choose(page, group, label):
    page.get_by_role("group", name=group).get_by_label(label, exact=True).check()


def read_answers(page):
    """Read before and after of LeNet-5, then of the modern network."""
    return [
        [int(number) for number in text.split(" → ")]
        for text in page.locator(".lenet-panels .lenet-title b").all_inner_texts()
    ]


def read_scores(page, panel, column):
    table = page.locator(".lenet-score-pairs").nth(panel)
    return read_numbers(
        " ".join(table.locator(f"tbody td:nth-of-type({column})").all_inner_texts())
    )


def assert_shows(page, figure):
    """Hold answers and scores against Python's; the page has weights of 16 bits."""
    page.wait_for_timeout(300)
    before, after = figure.read(figure.pixels), figure.read(figure.changed)
    found = read_answers(page)
    for panel, (name, sign) in enumerate((("lenet5", -1), ("modern", 1))):
        shown = read_scores(page, panel, 2), read_scores(page, panel, 3)
        for numbers, scores in zip(shown, (before[name], after[name]), strict=True):
            expected = (sign * scores).tolist()
            largest = max(map(abs, expected))
            assert numbers == pytest.approx(expected, abs=0.06 * largest + 0.6)
        assert found[panel][0] == before[name].argmax()
        assert found[panel][1] == after[name].argmax()


@pytest.mark.browser
def test_what_is_chosen_is_done(show, figure):
    page = show(figure.to_html())
    assert_shows(page, figure)
    choose(page, "Method", "one step")
    figure.method = "step"
    assert_shows(page, figure)
    choose(page, "Digit", "a 4")
    figure.digit = 4
    assert_shows(page, figure)
    choose(page, "To be read as", "9")
    figure.target = 9
    assert_shows(page, figure)
    choose(page, "Network whose gradient is used", "A LeNet of today")
    figure.network = "modern"
    assert_shows(page, figure)
    choose(page, "Method", "20 steps, L2")
    figure.method = "steps-l2"
    assert_shows(page, figure)
    assert page.get_by_text("1.50 (L2)").is_visible()
    noise = page.get_by_role("button", name="Noise of the same size instead")
    noise.click()
    figure.is_noise = True
    assert_shows(page, figure)
    assert noise.get_attribute("aria-pressed") == "true"


def find_foolable(figure):
    """Find a digit for which one step is enough, by the network of today."""
    figure.network, figure.method, figure.sizes = "modern", "step", [0.3, 1.5]
    for digit in range(10):
        figure.digit = digit
        if figure.read(figure.changed)["modern"].argmax() != digit:
            return digit
    raise AssertionError("It withstands.")


@pytest.mark.browser
def test_the_smallest_change_is_found_and_less_is_not_enough(show, figure):
    digit = find_foolable(figure)
    page = show(figure.to_html())
    page.get_by_role("button", name="Find the smallest change").click()
    found = page.locator(".lenet-found")
    found.get_by_text("The smallest that is found is").wait_for()
    (size,) = read_numbers(found.inner_text())
    assert 0 < size < 0.3
    assert read_answers(page)[1][1] != digit
    figure.sizes = [size + 0.01, 1.5]
    assert figure.read(figure.changed)["modern"].argmax() != digit
    figure.sizes = [size - 0.01, 1.5]
    assert figure.read(figure.changed)["modern"].argmax() == digit
    text = page.locator(".lenet-live [role=status]")
    text.get_by_text("The smallest that is found is").wait_for()
    page.wait_for_timeout(300)
    assert found.inner_text() != ""
    choose(page, "Digit", f"a {(digit + 1) % 10}")
    page.wait_for_timeout(200)
    assert found.inner_text() == ""


@pytest.mark.browser
def test_the_slider_goes_by_keys_to_nothing_at_all(show, figure):
    page = show(figure.to_html())
    slider = page.get_by_label("Strength")
    slider.focus()
    page.keyboard.press("ArrowRight")
    figure.sizes = [0.105, 1.5]
    assert_shows(page, figure)
    assert slider.get_attribute("aria-valuetext") == "0.105 of the ink range"
    page.keyboard.press("Home")
    figure.sizes = [0.0, 1.5]
    assert_shows(page, figure)
    text = page.locator(".lenet-reading")
    assert text.inner_text() == "Nothing is changed; LeNet-5, 1998 reads 7."


@pytest.mark.browser
def test_a_link_brings_everything(show, figure):
    page = show(figure.to_html(), width=360)
    choose(page, "To be read as", "2")
    choose(page, "Digit", "a 5")
    choose(page, "Method", "20 steps, L2")
    assert page.evaluate(FIND_OVERFLOW) == []
    open_link(page, copy_link(page))
    figure.digit, figure.target, figure.method = 5, 2, "steps-l2"
    assert_shows(page, figure)
    address = page.evaluate("location.href").split("#")[0]
    strange = "network=%22x%22&digit=99&target=-4&method=%22%22&sizes=[9,-9]"
    open_link(page, f"{address}#figure=fool-it&{strange}")
    figure.digit, figure.target, figure.method = 9, 0, "steps"
    figure.sizes = [0.5, 0.0]
    assert_shows(page, figure)
