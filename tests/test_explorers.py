"""The explorers: their mathematics under Node, their behaviour in a browser."""

import itertools
import json
import random
import re
from pathlib import Path

import interactive  # of _sphinx/
import numpy as np
import pytest
import safetensors.torch
import torch
from browser import FIND_OVERFLOW, drag, list_violations, read_numbers, touch_drag
from figures import FIGURES, NUM_EPOCHS, make_convolution, make_recorded, make_replay
from programs import run_web_tests
from torch.nn import functional

from lenet_helpers import (
    LeNet1,
    LeNet5,
    count_connections,
    count_parameters,
    paper,
    summarize,
)
from lenet_helpers.interactive import (
    Codebook,
    ConnectionTable,
)
from lenet_helpers.model.rbf import RBFOutput

TESTS = Path(__file__).parent


# Under Node


def list_convolutions():
    generator = torch.Generator().manual_seed(0)
    cases = itertools.product((1, 2, 3), (0, 1, 2), (0.0, -0.1))
    for stride, padding, border in cases:
        image = torch.randn(13, 13, generator=generator)
        kernel = torch.randn(5, 5, generator=generator)
        padded = functional.pad(image, (padding,) * 4, value=border)
        result = functional.conv2d(
            padded[None, None], kernel[None, None], torch.tensor([0.3]), stride
        )
        yield {
            "image": image.flatten().tolist(),
            "kernel": kernel.flatten().tolist(),
            "map": result.flatten().tolist(),
            **{"bias": 0.3, "stride": stride, "padding": padding, "border": border},
        }


def list_tables():
    generator = random.Random(0)
    some = [sorted(generator.sample(range(6), 1 + i % 6)) for i in range(16)]
    for table in (paper.C3_TABLE, [range(6)] * 16, some):
        network = LeNet5(c3_table=table)
        yield describe_layer(network, network.c3, "c3", table, side=10)
    network = LeNet1()
    yield describe_layer(network, network.h3, "h3", paper.H3_TABLE, side=8)


def describe_layer(network, layer, name, table, *, side):
    return {
        "table": [list(inputs) for inputs in table],
        "kernelSize": 5,
        "side": side,
        "parameters": count_parameters(layer),
        "connections": int(summarize(network)["connections"][name]),
        "different": len({tuple(inputs) for inputs in table}),
    }


def describe_codes():
    characters = "".join(paper.CODES)
    codes = RBFOutput(characters).weight
    distances = (codes[:, None] != codes).sum(2)
    digits = codes[[characters.index(digit) for digit in "0123456789"]]
    return {
        "texts": paper.CODES,
        "pixels": dict(zip(characters, (codes > 0).int().tolist(), strict=True)),
        "distances": {
            one: dict(zip(characters, row, strict=True))
            for one, row in zip(characters, distances.tolist(), strict=True)
        },
        "constant": int((digits == digits[0]).all(0).sum()),
    }


def test_the_mathematics_is_that_of_python(tmp_path):
    tensor = torch.arange(24.0).view(2, 3, 4)
    fixtures = {
        "convolutions": list(list_convolutions()),
        "tables": list(list_tables()),
        "codes": describe_codes(),
        "tensor": {
            "shape": [2, 3, 4],
            "data": tensor.flatten().tolist(),
            "index": [1, 2],
            "part": tensor[1, 2].tolist(),
        },
    }
    path = tmp_path / "fixtures.json"
    path.write_text(json.dumps(fixtures))
    names = ("explorers", "parts")
    run_web_tests(*names, fixtures=path)


# The figures


@pytest.mark.parametrize("name", FIGURES)
def test_a_still_picture_stands_in_and_is_small(name):
    html = FIGURES[name]().to_html()
    image = re.search(r'<img src="data:image/png;base64,([^"]*)" alt="(.*?)">', html)
    assert len(image[1]) < 4 / 3 * 25_000 and len(image[2]) > 60


def test_the_convolution_begins_where_the_map_is_largest():
    figure = make_convolution()
    row, column = figure.unit
    assert figure.map[row, column] == figure.map.max()
    assert figure.image.shape == (32, 32)


def test_the_convolution_offers_the_kernels_of_the_network():
    kernels = make_convolution().kernels
    c1 = LeNet5(initial="root", seed=0).c1
    assert np.allclose(kernels[-1]["weights"], c1.weight[-1].flatten().tolist())
    assert [kernel["bias"] for kernel in kernels[-6:]] == [0, 0.25, 0.5, 0.75, 1, 1.25]
    for kernel in kernels[:-6]:
        total = sum(kernel["weights"])
        assert len(kernel["weights"]) == 25 and kernel["bias"] == 0
        assert abs(total - (kernel["name"] in ("blur", "copy"))) < 1e-6


@pytest.mark.parametrize("table", [[[0]] * 15, [[0]] * 15 + [[6]]])
def test_a_table_that_does_not_fit_is_refused(table):
    figure = ConnectionTable()
    with pytest.raises(ValueError, match="each of 16 maps, of numbers from 0 to 5"):
        figure.table = table
    figure.table = [[0]] * 16


def test_the_replay_gives_rates_for_the_loss_as_divided():
    tensors = safetensors.torch.load(make_replay().tensors)
    assert torch.equal(tensors["rates"], 4 * make_recorded()["rates"])


# In a browser


@pytest.mark.browser
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_accessible_and_fits(show, name):
    page = show(FIGURES[name]().to_html())
    for width, scheme in ((1000, "light"), (360, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("(s) => (document.documentElement.dataset.theme = s)", scheme)
        assert page.evaluate(FIND_OVERFLOW) == []
        assert list_violations(page) == []


@pytest.mark.browser
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_a_picture_in_print(show, name):
    page = show(FIGURES[name]().to_html())
    picture = page.locator(".lenet-still img")
    assert not picture.is_visible()
    page.emulate_media(media="print")
    assert picture.is_visible()
    assert not page.locator(".lenet-live").is_visible()


@pytest.mark.browser
@pytest.mark.parametrize("name", FIGURES)
def test_nobody_can_break_a_figure(show, tmp_path, name):
    """Press anything, click anywhere, on a window of any width."""
    interactive.write_slider(tmp_path / "sliding_amounts.js")  # the pad may ask for it
    page, generator = show(FIGURES[name]().to_html(), has_touch=True), random.Random(0)
    keys = ["Tab", "Tab", "Tab", "Shift+Tab", "Enter", "Space", "Home", "End"]
    keys += [f"Arrow{way}" for way in ("Up", "Down", "Left", "Right")] * 2
    keys += ["PageUp", "+", "-", "0", "9", "e", "Delete", "Escape"]
    for i in range(150):
        if i % 30 == 29:
            page.set_viewport_size(
                {"width": generator.choice([360, 700, 1000]), "height": 900}
            )
        x, y = generator.randrange(340), generator.randrange(890)
        if i % 3 == 0:
            page.mouse.move(x, y)
            page.mouse.down() if generator.random() < 0.5 else page.mouse.up()
        elif i % 3 == 1:
            page.keyboard.press(generator.choice(keys))
        else:
            page.touchscreen.tap(x, y)
    assert page.locator(".lenet-live").is_visible()


@pytest.mark.browser
def test_figures_of_a_page_leave_each_other_as_they_are(show):
    """The styles that they share come with each kind, so also after the kind's own."""

    def measure(page):
        boxes = [one.bounding_box() for one in page.locator(".lenet-live").all()]
        return [(box["width"], box["height"]) for box in boxes]

    together = measure(show(*(make().to_html() for make in FIGURES.values())))
    assert together == [measure(show(make().to_html()))[0] for make in FIGURES.values()]


@pytest.mark.browser
def test_shortcuts_of_jupyterlab_find_their_mark_on_what_has_the_focus(show):
    page = show(make_replay().to_html())
    for _ in range(3):
        page.keyboard.press("Tab")
        focused = "document.activeElement.dataset.lmSuppressShortcuts"
        assert page.evaluate(focused) == "true"


# The convolution


def read_unit(page):
    """Read sum, bias, unit, row and column below the 25 products."""
    _, *numbers = read_numbers(page.locator(".lenet-sum p").inner_text())
    return numbers


def assert_unit_is_right(page, figure):
    total, bias, unit, row, column = read_unit(page)
    assert unit == pytest.approx(figure.map[int(row), int(column)].item(), abs=0.0051)
    assert total + bias == pytest.approx(unit, abs=0.011)
    cells = page.locator(".lenet-25").last.locator("td").all_inner_texts()
    assert len(cells) == 25
    assert sum(read_numbers(" ".join(cells))) == pytest.approx(total, abs=0.13)


@pytest.mark.browser
def test_the_mouse_shows_a_unit_and_a_click_keeps_it(show):
    figure = make_convolution()
    page = show(figure.to_html())
    first = read_unit(page)
    assert first[3:] == figure.unit
    box = page.get_by_role("application").bounding_box()
    step = box["width"] / 28
    page.mouse.move(box["x"] + 20.5 * step, box["y"] + 3.5 * step)
    assert read_unit(page)[3:] == [3, 20] != figure.unit
    assert_unit_is_right(page, figure)
    page.mouse.move(5, 5)
    assert read_unit(page) == first
    page.mouse.click(box["x"] + 12.5 * step, box["y"] + 11.5 * step)
    page.mouse.move(5, 5)
    assert read_unit(page)[3:] == [11, 12]
    assert_unit_is_right(page, figure)


@pytest.mark.browser
def test_the_image_leads_to_the_unit_that_sees_the_pixel(show):
    page = show(make_convolution().to_html())
    box = page.locator(".lenet-frame").first.bounding_box()
    step = box["width"] / 32
    page.mouse.move(box["x"] + 12.5 * step, box["y"] + 9.5 * step)
    assert read_unit(page)[3:] == [7, 10]


@pytest.mark.browser
def test_arrow_keys_run_through_the_map_and_a_screen_reader_hears_where(show):
    figure = make_convolution()
    page = show(figure.to_html())
    page.get_by_role("application").focus()
    for key in ("Home", "ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    assert read_unit(page)[3:] == [figure.unit[0] + 1, 2]
    assert_unit_is_right(page, figure)
    for _ in range(40):
        page.keyboard.press("ArrowUp")
    assert read_unit(page)[3:] == [0, 2]
    page.get_by_role("status").filter(has_text="Row 0, column 2").wait_for(
        state="attached"
    )


@pytest.mark.browser
@pytest.mark.parametrize(("stride", "padding"), [(1, 2), (2, 0), (2, 1), (3, 2)])
def test_stride_and_padding_give_the_map_of_conv2d(show, stride, padding):
    figure = make_convolution()
    page = show(figure.to_html())
    page.get_by_role("group", name="Stride").get_by_label(f"{stride}").check()
    padded = page.get_by_role("group", name="Padding")
    padded.get_by_label(f"{padding}").check()
    border = page.get_by_role("group", name="Padded with")
    assert border.get_by_role("radio").first.is_disabled() == (padding == 0)
    if padding:
        border.get_by_label("0", exact=True).check()
    page.get_by_label("Bias").fill("0.7")
    figure.set_trait("stride", stride)
    figure.set_trait("padding", padding)
    figure.border, figure.bias = 0.0, 0.7
    side = figure.map.shape[0]
    assert page.get_by_text("Size of the map").inner_text().endswith(f"= {side}.")
    page.get_by_role("application").focus()
    for key in ["Home", *["ArrowUp"] * 30, *["ArrowRight"] * 3, *["ArrowDown"] * 2]:
        page.keyboard.press(key)
    assert_unit_is_right(page, figure)
    page.keyboard.press("End")
    assert read_unit(page)[4] == side - 1
    assert_unit_is_right(page, figure)


@pytest.mark.browser
def test_another_stride_stays_at_the_same_place(show):
    page = show(make_convolution().to_html())
    page.get_by_role("application").focus()
    for key in ["Home", *["ArrowUp"] * 30, *["ArrowRight"] * 18, *["ArrowDown"] * 12]:
        page.keyboard.press(key)
    for stride, place in ((2, [6, 9]), (3, [4, 6]), (1, [12, 18])):
        page.get_by_role("group", name="Stride").get_by_label(f"{stride}").check()
        assert read_unit(page)[3:] == place


@pytest.mark.browser
def test_a_trained_kernel_comes_with_its_bias(show):
    figure = make_convolution()
    page = show(figure.to_html())
    page.get_by_label("map 5 of C1").check()
    assert page.get_by_label("Bias").input_value() == "1.25"
    figure.kernel, figure.bias = figure.kernels[-1]["weights"], 1.25
    assert_unit_is_right(page, figure)
    assert page.locator("caption").nth(1).inner_text() == "× kernel: map 5 of C1"


def read_kernel(page):
    return read_numbers(
        " ".join(page.get_by_role("grid").locator("td").all_inner_texts())
    )


@pytest.mark.browser
def test_a_kernel_is_painted_by_mouse_and_by_finger(show):
    for options in ({}, {"has_touch": True, "width": 360}):
        page = show(make_convolution().to_html(), **options)
        page.get_by_role("button", name="All weights 0").click()
        assert read_kernel(page) == [0] * 25
        page.get_by_role("group", name="Brush").get_by_label("−0.5").check()
        cells = page.get_by_role("grid").get_by_role("button")
        page.get_by_role("grid").scroll_into_view_if_needed()
        scrolled = page.evaluate("scrollY")
        stroke = touch_drag if options else drag
        stroke(page, cells.nth(1), cells.nth(21))  # down the second column
        assert read_kernel(page) == [0, -0.5, 0, 0, 0] * 5
        assert page.evaluate("scrollY") == scrolled
        assert page.locator("caption").nth(1).inner_text() == "× kernel: yours"


@pytest.mark.browser
def test_a_kernel_is_edited_by_keyboard(show):
    figure = make_convolution()
    page = show(figure.to_html())
    cells = page.get_by_role("grid").get_by_role("button")
    cells.first.focus()
    for key in ("ArrowDown", "ArrowRight", "Enter", "ArrowRight", "+", "+", "-", "+"):
        page.keyboard.press(key)
    for key in ("ArrowRight", "0"):
        page.keyboard.press(key)
    weights = list(figure.kernel)
    weights[6], weights[7], weights[8] = 1, -1 + 0.2, 0
    assert read_kernel(page) == pytest.approx(weights)
    figure.kernel = weights
    assert_unit_is_right(page, figure)
    assert cells.evaluate_all("all => all.filter((b) => b.tabIndex === 0).length") == 1


@pytest.mark.browser
def test_what_is_no_bias_changes_nothing(show):
    page = show(make_convolution().to_html())
    bias = page.get_by_label("Bias")
    bias.fill("")
    assert read_unit(page)[1] == 0
    bias.press_sequentially("-e")
    assert read_unit(page)[1] == 0
    bias.fill("99999")
    assert read_unit(page)[1] == 10


# The connection table


def read_counts(page):
    texts = page.locator("dd").all_inner_texts()
    return {
        "links": read_numbers(texts[0])[0],
        "parameters": read_numbers(texts[1])[-1],
        "connections": read_numbers(texts[2])[-1],
        "network": read_numbers(texts[3]),
        "different": read_numbers(texts[4])[0],
    }


@pytest.mark.browser
def test_the_presets_count_as_the_papers_do(show):
    page = show(ConnectionTable().to_html())
    c3, total = paper.LENET5["c3"], paper.LENET5["total"]
    assert read_counts(page) == {
        **{"links": 60, "connections": c3[0], "parameters": c3[1], "different": 16},
        "network": [total[1], total[0]],
    }
    page.get_by_role("button", name="dense").click()
    network = LeNet5(c3_table=[range(6)] * 16)
    counts = read_counts(page)
    assert counts["network"] == [count_parameters(network), count_connections(network)]
    assert counts["different"] == 1
    page.get_by_role("button", name="1990").click()
    h3, total = paper.LENET1["h3"], paper.LENET1["total"]
    counts = read_counts(page)
    assert [counts["connections"], counts["parameters"]] == [*h3]
    assert counts["network"] == [total[1], total[0]]
    assert page.get_by_role("grid").locator("tbody tr").count() == 4


@pytest.mark.browser
def test_a_link_is_toggled_by_pointer_and_keyboard(show):
    page = show(ConnectionTable().to_html())
    table = [list(inputs) for inputs in paper.C3_TABLE]
    link = page.get_by_role("button", name="S2 3 to C3 0", exact=True)
    assert link.get_attribute("aria-pressed") == "false"
    link.click()
    table[0].append(3)
    assert link.get_attribute("aria-pressed") == "true"
    preset = page.get_by_role("button", name="1998")
    assert preset.get_attribute("aria-pressed") == "false"
    for key in ("ArrowRight", "ArrowUp", "Space"):  # S2 2 to C3 1
        page.keyboard.press(key)
    table[1].remove(2)
    network = LeNet5(c3_table=table)
    assert read_counts(page)["network"] == [
        count_parameters(network),
        count_connections(network),
    ]
    assert read_counts(page)["links"] == 60
    sentence = page.get_by_text("Map 1 of C3 reads")
    assert "maps 1 and 3 of S2: 2 × 25 + 1 = 51 parameters" in sentence.inner_text()
    preset.click()
    assert preset.get_attribute("aria-pressed") == "true"
    assert read_counts(page)["network"][0] == 60_000


@pytest.mark.browser
def test_the_mouse_shows_what_a_map_reads_and_a_click_on_its_number_keeps_it(show):
    page = show(ConnectionTable().to_html())
    sentence = page.locator(".lenet-findings p")
    page.get_by_role("button", name="S2 0 to C3 9", exact=True).hover()
    assert sentence.inner_text().startswith("Map 9 of C3 reads maps 0, 3, 4 and 5")
    lines = page.locator("svg line.lenet-seen")
    assert lines.count() == 4
    page.mouse.move(2, 2)
    assert sentence.inner_text().startswith("Map 0 of C3 reads maps 0, 1 and 2")
    page.get_by_role("button", name="C3 15", exact=True).click()
    page.mouse.move(2, 2)
    assert lines.count() == 6


@pytest.mark.browser
def test_a_map_may_read_nothing(show):
    page = show(ConnectionTable().to_html())
    for i in range(3):
        page.get_by_role("button", name=f"S2 {i} to C3 0", exact=True).click()
    assert "reads nothing" in page.locator(".lenet-findings p").inner_text()
    assert read_counts(page)["parameters"] == 57 * 25 + 16


@pytest.mark.browser
def test_the_table_turns_on_a_phone_and_the_page_scrolls_under_a_finger(show):
    page = show(ConnectionTable().to_html(), width=360, has_touch=True)
    rows = page.get_by_role("grid").locator("tbody tr")
    assert rows.count() == 16
    links = page.get_by_role("grid").get_by_role("button")
    width = page.get_by_role("button", name="S2 0 to C3 0", exact=True).bounding_box()
    assert width["width"] >= 40 and width["height"] >= 30
    page.evaluate("document.body.style.paddingBottom = '2000px'")
    touch_drag(page, links.nth(66), links.nth(10))
    page.wait_for_function("scrollY > 100")
    assert read_counts(page)["links"] == 60
    page.get_by_role("button", name="S2 5 to C3 0", exact=True).tap()
    assert read_counts(page)["links"] == 61
    page.set_viewport_size({"width": 1000, "height": 900})
    rows.nth(6).wait_for(state="detached")
    assert rows.count() == 6 and read_counts(page)["links"] == 61


# The codebook


def read_list(page, name):
    lines = page.locator(f".lenet-desk > div:has-text('{name}') li").all()
    return [line.inner_text().split() for line in lines]


def count_pixels(codes, one, other):
    a, b = (int(codes[character], 16) for character in (one, other))
    return (a ^ b).bit_count()


def assert_lists_are_right(page, codes, character, members):
    ranked = sorted(
        count_pixels(codes, character, m) for m in members if m != character
    )
    shown = read_list(page, "Closest to it")
    assert [int(count) for _, count in shown] == ranked[:6]
    for rival, count in shown:
        assert count_pixels(codes, character, rival) == int(count)
    pairs = sorted(
        count_pixels(codes, *pair) for pair in itertools.combinations(members, 2)
    )
    shown = read_list(page, "Closest pairs")
    assert [int(count) for *_, count in shown] == pairs[:6]
    mean, total = sum(pairs) / len(pairs), len(pairs)
    text = page.get_by_text("Mean over all").inner_text()
    assert read_numbers(text)[:2] == [total, pytest.approx(mean, abs=0.051)]


@pytest.mark.browser
def test_the_codebook_lists_what_is_close(show):
    page = show(Codebook().to_html())
    assert_lists_are_right(page, paper.CODES, "8", "0123456789")
    page.get_by_label("digits and capitals").check()
    capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    page.get_by_role("button", name="Q", exact=True).click()
    assert_lists_are_right(page, paper.CODES, "Q", "0123456789" + capitals)
    page.get_by_label("all 95").check()
    assert page.locator(".lenet-picker button").count() == 95
    page.get_by_role("button", name="B", exact=True).click()
    assert_lists_are_right(page, paper.CODES, "B", list(paper.CODES))


@pytest.mark.browser
def test_pixels_are_painted_by_mouse_and_by_finger(show):
    for options in ({}, {"has_touch": True, "width": 360}):
        page = show(Codebook().to_html(), **options)
        cells = page.get_by_role("grid").get_by_role("button")
        cells.first.scroll_into_view_if_needed()
        stroke = touch_drag if options else drag
        stroke(page, cells.nth(70), cells.nth(76))  # the white row below the 8
        codes = dict(paper.CODES)
        codes["8"] = codes["8"][:20] + "7f00"
        assert_lists_are_right(page, codes, "8", "0123456789")
        assert page.get_by_text("Code of 8, changed").is_visible()
        cells.nth(70).tap() if options else cells.nth(70).click()
        codes["8"] = codes["8"][:20] + "3f00"
        assert_lists_are_right(page, codes, "8", "0123456789")
        page.get_by_role("button", name="Restore", exact=True).click()
        assert_lists_are_right(page, paper.CODES, "8", "0123456789")
        assert page.get_by_role("button", name="Restore all").is_disabled()


@pytest.mark.browser
def test_the_codebook_works_by_keyboard(show):
    page = show(Codebook().to_html())
    page.get_by_role("button", name="8", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")  # the 7
    assert_lists_are_right(page, paper.CODES, "7", "0123456789")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")  # row 1, column 0
    codes = dict(paper.CODES)
    codes["7"] = "7f43" + codes["7"][4:]
    assert_lists_are_right(page, codes, "7", "0123456789")
    first = page.locator("ol").first.get_by_role("button")
    first.nth(3).focus()
    page.keyboard.press("Enter")
    assert first.nth(3).get_attribute("aria-pressed") == "true"
    assert first.nth(3).evaluate("(b) => b === document.activeElement")
    page.get_by_label("all 95").check()
    page.get_by_role("button", name="0", exact=True).focus()
    page.keyboard.press("ArrowDown")
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    columns = page.locator(".lenet-picker").evaluate(
        "(e) => getComputedStyle(e).gridTemplateColumns.split(' ').length"
    )
    names = page.locator(".lenet-picker button").evaluate_all(
        "(all) => all.map((b) => b.getAttribute('aria-label'))"
    )
    assert focused == names[columns]


@pytest.mark.browser
def test_a_pair_is_laid_over_each_other(show):
    page = show(Codebook().to_html())
    page.locator("ol").nth(1).get_by_role("button").nth(1).click()
    assert page.get_by_text("Code of 0", exact=True).is_visible()
    apart = count_pixels(paper.CODES, "0", "4")
    assert page.locator(".lenet-differs").count() == apart
    text = page.get_by_text("Dots mark").inner_text()
    assert f"{apart} pixels in which 0 differs from 4" in text
    assert text.endswith(f"= {4 * apart}.")


# The replay


@pytest.mark.browser
def test_the_slider_shows_each_pass(show):
    recorded = make_recorded()
    page = show(make_replay().to_html())
    slider = page.get_by_role("slider")
    slider.focus()
    page.keyboard.press("Home")
    assert page.locator(".lenet-bar p").inner_text() == "before training"
    assert not page.locator("svg circle").first.is_visible()
    for epoch in range(1, NUM_EPOCHS + 1):
        page.keyboard.press("ArrowRight")
        errors = [recorded[f"{name}_error"][epoch - 1] for name in ("training", "test")]
        text = "pass {}: training {:.2f} %, test {:.2f} %".format(
            epoch, *(100 * error for error in errors)
        )
        assert page.locator(".lenet-bar p").inner_text() == text
        assert slider.get_attribute("aria-valuetext") == text
        lines = page.locator(".lenet-replay ul li .lenet-count").all_inner_texts()
        penalties = recorded["penalties"][epoch, 0]
        shown = [float(line) for line in lines]
        assert shown == pytest.approx(penalties.tolist(), abs=0.12)
        answer = penalties.half().argmin().item()
        best = page.locator("li.lenet-best b").inner_text()
        assert best == str(answer)


@pytest.mark.browser
def test_the_kernels_are_those_of_the_pass(show):
    recorded = make_recorded()
    page = show(make_replay().to_html())
    page.get_by_role("slider").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    for name in ("c1", "c3"):
        weights = recorded[name][1].float().flatten()
        canvases = page.locator(f".lenet-{name.upper()} canvas")
        colors = torch.tensor(
            canvases.evaluate_all(
                """(all) => all.flatMap((c) =>
                  [...c.getContext("2d").getImageData(0, 0, 5, 5).data])"""
            )
        ).view(-1, 4)
        redness = (colors[:, 0] - colors[:, 2]).float()
        assert len(redness) == len(weights)
        clear = weights.abs() > 0.05
        assert (redness[clear].sign() == weights[clear].sign()).all()
    areas = page.locator(".lenet-C3 canvas").evaluate_all(
        "(all) => all.map((c) => [c.style.gridRowStart, c.style.gridColumnStart])"
    )
    links = [(i, o) for o, inputs in enumerate(paper.C3_TABLE) for i in inputs]
    assert [(int(r) - 1, int(c) - 1) for r, c in areas] == links


@pytest.mark.browser
def test_another_digit_has_other_penalties(show):
    recorded = make_recorded()
    page = show(make_replay().to_html())
    page.get_by_label("digit 0, a 0").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    penalties = recorded["penalties"][NUM_EPOCHS, 3].half()
    answer = penalties.argmin().item()
    verdict = "That is right." if answer == 3 else "Wrong: it is a 3."
    text = page.get_by_text("The smallest penalty").inner_text()
    assert text == f"The smallest penalty: {answer}. {verdict}"


@pytest.mark.browser
def test_it_plays_to_the_end_and_pauses(show):
    page = show(make_replay().to_html())
    state = page.locator(".lenet-bar p")
    button = page.locator(".lenet-bar button")
    assert "Play" in button.inner_text()
    button.click()  # from the end, so from the start
    assert state.inner_text() == "before training"
    assert "Pause" in button.inner_text()
    state.filter(has_text="pass 1").wait_for()
    button.click()
    assert "Play" in button.inner_text()
    page.wait_for_timeout(1500)
    assert "pass 1:" in state.inner_text()
    button.focus()
    page.keyboard.press("Space")
    state.filter(has_text=f"pass {NUM_EPOCHS}").wait_for()
    assert "Play" in button.inner_text()


@pytest.mark.browser
def test_without_motion_a_press_is_one_pass(show):
    page = show(make_replay().to_html(), reduced_motion="reduce")
    button = page.get_by_role("button", name="Next pass")
    button.click()
    button.click()
    assert "pass 1:" in page.locator(".lenet-bar p").inner_text()
    page.wait_for_timeout(1500)
    assert "pass 1:" in page.locator(".lenet-bar p").inner_text()
    style = page.locator(".lenet-track span").first
    assert style.evaluate("(e) => getComputedStyle(e).transitionDuration") == "0s"


@pytest.mark.browser
def test_a_recording_that_is_cut_off_leaves_the_picture(browser, monkeypatch):
    figure = make_replay()
    still = figure.draw_still()
    monkeypatch.setattr(figure, "draw_still", lambda: still)
    figure.tensors = figure.tensors[:-1000]
    html = figure.to_html()
    page = browser.new_page()
    page.set_content(f"<main>{html}</main>")
    fault = page.locator(".lenet-fault")
    fault.wait_for()
    assert "cut off" in fault.inner_text()
    assert page.locator(".lenet-still img").is_visible()
    page.close()
