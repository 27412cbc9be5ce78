"""LeNet-5 with parts switched off: in Python, under Node, and in a browser."""

import copy
import json
import re

import pytest
import safetensors.torch
import torch
from browser import FIND_OVERFLOW
from programs import run_web_tests
from test_links import copy_link, open_link

from lenet_helpers import trained
from lenet_helpers.interactive import Lesion
from lenet_helpers.interactive.lesion import choose_digits, find_means, run_without
from lenet_helpers.judging import bound_rate

NUM_DIGITS = 60
C1, S2, LINKS, C3, C5, F6 = range(6)
CASES = [
    [],
    [[C1, 0]],
    [[S2, 2], [C1, 2]],
    [[LINKS, 0], [LINKS, 59], [LINKS, 17]],
    [[C3, 6], [LINKS, 9]],
    [[C3, i] for i in range(16)],
    [[C5, i] for i in range(0, 120, 2)],
    [[F6, 0], [F6, 83]],
    [[C1, 5], [S2, 1], [LINKS, 30], [C3, 3], [C5, 7], [F6, 40]],
]


@pytest.fixture(scope="module")
def network():
    """Load LeNet-5, its weights of 16 bits as in the page."""
    network = trained.load_network("lenet5")
    halved = {name: one.half() for name, one in network.state_dict().items()}
    network.load_state_dict(halved)
    return network


@pytest.fixture(scope="module")
def means(network, sample):
    found = find_means(network, sample.train_images[:500])
    return {name: mean.half().float() for name, mean in found.items()}


@pytest.fixture(scope="module")
def images(network, sample):
    return network.prepare(sample.test_images[:8])


@pytest.fixture(scope="module")
def figure(sample):
    return Lesion(sample, number=NUM_DIGITS)


@pytest.fixture(autouse=True)
def whole(figure):
    """Begin with nothing switched off, at the first three."""
    figure.off = []
    figure.digit = figure.labels.index(3)


def test_with_nothing_off_the_network_is_itself(network, images, means):
    with torch.no_grad():
        expected = network(images)
    assert torch.equal(run_without(network, images, means=means, off=[]), expected)


def test_the_mean_is_that_of_each_unit(network, sample):
    pixels = sample.train_images[:40]
    with torch.no_grad():
        c1 = network.c1(network.prepare(pixels))
    found = find_means(network, pixels)
    assert torch.allclose(found["c1"][3, 10, 12], c1[:, 3, 10, 12].mean())
    shapes = {name: tuple(mean.shape) for name, mean in found.items()}
    assert shapes == {
        "c1": (6, 28, 28),
        "s2": (6, 14, 14),
        "c3": (16, 10, 10),
        "c5": (120, 1, 1),
        "f6": (84,),
    }


def test_a_link_is_off_when_its_contribution_is_the_mean_contribution(
    network, sample, images, means
):
    """By another way: the sums of one map, minus what a kernel adds, plus its mean."""
    link = 9  # C3 map 3 reads S2 map 3
    assert network.c3.links[:, link].tolist() == [3, 3]
    exact = copy.deepcopy(network).double()  # so that a sum is found from its state
    pixels = sample.train_images[:200]
    with torch.no_grad():
        several = exact.s2(exact.c1(network.prepare(pixels).double()))
        kernel = exact.c3.weight[link][None, None]
        mean = torch.conv2d(several[:, 3:4], kernel).mean(0)[0]
        states = exact.s2(exact.c1(images.double()))
        sums = torch.atanh(exact.c3(states) / 1.7159) / (2 / 3)
        sums[:, 3] += mean - torch.conv2d(states[:, 3:4], kernel)[:, 0]
        c3 = exact.c3.squash(sums)
        expected = exact.output(exact.f6(exact.c5(exact.s4(c3)))).float()
    found = run_without(
        network, images, means=find_means(network, pixels), off=[[LINKS, link]]
    )
    assert torch.allclose(found, expected, rtol=1e-4, atol=1e-4)
    whole = run_without(network, images, means=means, off=[])
    assert (found - whole).abs().max() > 1


def test_without_all_its_links_a_map_of_s2_is_off(network, images, means):
    links = [[LINKS, i] for i in range(60) if network.c3.links[1, i] == 2]
    one, other = (
        run_without(network, images, means=means, off=off) for off in (links, [[S2, 2]])
    )
    assert torch.allclose(one, other, rtol=1e-5)


def test_without_everything_in_a_layer_every_digit_is_read_alike(
    network, images, means
):
    for layer, count in ((C1, 6), (S2, 6), (LINKS, 60), (C3, 16), (C5, 120), (F6, 84)):
        off = [[layer, i] for i in range(count)]
        penalties = run_without(network, images, means=means, off=off)
        assert torch.allclose(penalties, penalties[:1].expand_as(penalties), rtol=1e-5)


@pytest.mark.parametrize("part", [[0, 6], [2, 60], [6, 0], [-1, 0], [3], [5, -1]])
def test_a_part_that_is_not_there_is_refused(figure, part):
    with pytest.raises(ValueError, match=re.escape(f"got {part}")):
        figure.off = [[0, 0], part]


def test_a_digit_that_is_not_there_is_refused(figure, sample):
    with pytest.raises(ValueError, match=f"from 0 to {NUM_DIGITS - 1}, got"):
        figure.digit = NUM_DIGITS
    with pytest.raises(ValueError, match="`number` must be 1 or more, got 0"):
        Lesion(sample, number=0)


def test_python_knows_what_the_reader_sees(figure, network, sample):
    chosen = choose_digits(len(sample.test_labels), NUM_DIGITS)
    assert len(set(chosen.tolist())) == NUM_DIGITS
    digits = sample.test_images[chosen]
    assert figure.digits == digits.numpy().tobytes()
    whole = trained.load_network("lenet5")
    answers = whole.classify(whole.prepare(digits))
    labels = torch.tensor(figure.labels)
    assert figure.missed == (answers != labels).nonzero().flatten().tolist()
    figure.off = [[C3, i] for i in range(6, 15)]
    assert len(figure.missed) > NUM_DIGITS / 4
    assert figure.penalties.shape == (10,)


# Under Node


@pytest.mark.processes
def test_the_engine_switches_off_as_pytorch_does(
    network, sample, images, means, tmp_path
):
    (tmp_path / "network").write_bytes(trained.pack_network(network))
    safetensors.torch.save_file(means, tmp_path / "means")
    (tmp_path / "digits").write_bytes(sample.test_images[:8].numpy().tobytes())
    cases = [
        {
            "off": off,
            "penalties": run_without(network, images, means=means, off=off).tolist(),
        }
        for off in CASES
    ]
    (tmp_path / "cases.json").write_text(json.dumps(cases))
    run_web_tests("lesion", fixtures=tmp_path)


# In a browser


def find(page, name):
    return page.get_by_role("button", name=f"Switch off {name}", exact=True)


def read_distances(page, column):
    cells = page.locator(f".lenet-score-pairs tbody td:nth-of-type({column})")
    return [int(text) for text in cells.all_inner_texts()]


def read_count(page, row):
    """Read how many are misread, the rate, the interval's ends."""
    page.get_by_text("Counting:").wait_for(state="detached")
    cells = page.locator(f".lenet-counted tbody tr:nth-child({row}) td")
    return cells.all_inner_texts()


def write_count(number):
    low, high = bound_rate(number, NUM_DIGITS)
    rate = number / NUM_DIGITS
    return [str(number), f"{100 * rate:.1f}", f"{100 * low:.1f} to {100 * high:.1f}"]


def assert_shows(page, figure, off):
    """Hold distances, reading and count against Python's."""
    figure.off = []
    before, num_before = figure.penalties, len(figure.missed)
    figure.off = off
    after, num_after = figure.penalties, len(figure.missed)
    # The page has weights of 16 bits.
    assert read_distances(page, 2) == pytest.approx(before.tolist(), abs=1.5)
    assert read_distances(page, 3) == pytest.approx(after.tolist(), abs=1.5)
    assert read_count(page, 1) == write_count(num_before)
    assert read_count(page, 2) == write_count(num_after)
    # Once all are counted the bar says how many.
    bar = page.locator(".lenet-strip p").inner_text()
    label = figure.labels[figure.digit]
    assert f"{label}: read as {before.argmin()} → {after.argmin()}." in bar
    assert f"{num_before} misread before, {num_after} after." in bar


@pytest.mark.browser
def test_a_click_switches_off_and_another_on_again(show, figure):
    page = show(figure.to_html())
    assert_shows(page, figure, [])
    find(page, "C3 map 6").click()
    assert_shows(page, figure, [[C3, 6]])
    find(page, "the link from S2 map 2 to C3 map 1").click()
    assert page.get_by_text("Off: link S2 2 to C3 1; C3 6.", exact=True).is_visible()
    assert_shows(page, figure, [[C3, 6], [LINKS, 4]])
    assert find(page, "C3 map 6").get_attribute("aria-pressed") == "true"
    find(page, "C3 map 6").click()
    assert find(page, "C3 map 6").get_attribute("aria-pressed") == "false"
    assert_shows(page, figure, [[LINKS, 4]])
    page.get_by_role("button", name="Undo").click()
    assert_shows(page, figure, [[C3, 6], [LINKS, 4]])
    page.get_by_role("button", name="Restore all").click()
    assert_shows(page, figure, [])
    assert page.get_by_role("button", name="Restore all").is_disabled()


@pytest.mark.browser
def test_a_group_is_switched_off_and_what_is_misread_can_be_looked_at(show, figure):
    page = show(figure.to_html())
    page.get_by_role("button", name="C3 maps that read four").click()
    off = [[C3, i] for i in range(6, 15)]
    assert_shows(page, figure, off)
    missed = figure.missed
    assert page.get_by_text("Off: 9 of 16 in C3.", exact=True).is_visible()
    items = page.locator(".lenet-missed button")
    assert items.count() == min(40, len(missed))
    items.nth(1).click()
    figure.digit = missed[1]
    assert_shows(page, figure, off)
    assert items.nth(1).get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="Every other unit of C5").click()
    assert_shows(page, figure, [[C5, i] for i in range(0, 120, 2)])


@pytest.mark.browser
def test_keys_reach_every_part_and_a_voice_tells(show, figure):
    page = show(figure.to_html())
    voice = page.locator(".lenet-live [role=status]")
    page.wait_for_timeout(900)
    assert voice.inner_text() == ""  # nobody has asked
    find(page, "C1 map 0").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert find(page, "S2 map 1").get_attribute("aria-pressed") == "true"
    page.get_by_text("Off: S2 1. Written was 3; LeNet-5 reads").wait_for()
    assert "misread before" in voice.inner_text()
    page.keyboard.press("End")
    page.keyboard.press("ArrowDown")
    focused = "document.activeElement.getAttribute('aria-label')"
    assert page.evaluate(focused).startswith("Switch off the link from S2 map 2")
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "Switch off C5 unit 0"
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert find(page, "F6 unit 7").get_attribute("aria-pressed") == "true"


@pytest.mark.browser
def test_a_tap_is_enough_on_a_narrow_page(show, figure):
    page = show(figure.to_html(), width=360, has_touch=True)
    find(page, "the link from S2 map 5 to C3 map 15").tap()
    assert_shows(page, figure, [[LINKS, 59]])
    boxes = [one.bounding_box() for one in page.locator(".lenet-part").all()]
    assert min(box["width"] for box in boxes) >= 24
    assert page.evaluate(FIND_OVERFLOW) == []


@pytest.mark.browser
def test_a_link_brings_what_is_off(show, figure):
    page = show(figure.to_html())
    find(page, "F6 unit 40").click()
    find(page, "C1 map 3").click()
    page.get_by_role("group", name="Digit").get_by_label("a 7").check()
    open_link(page, copy_link(page))
    figure.digit = figure.labels.index(7)
    assert_shows(page, figure, [[F6, 40], [C1, 3]])
    address = page.evaluate("location.href").split("#")[0]
    open_link(page, f"{address}#figure=lesion&off=[[9,9],[3,1]]&digit=1e9")
    figure.digit = NUM_DIGITS - 1
    assert_shows(page, figure, [[C3, 1]])
