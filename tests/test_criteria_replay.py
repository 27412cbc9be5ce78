"""The replay of the criteria: what was recorded, in Python, and in a browser."""

import json
import re
import urllib.parse

import numpy as np
import pytest
import safetensors.torch
import torch
from browser import read_numbers
from figures import make_criteria_replay, make_recorded_criteria, make_recorded_lines
from ink import draw
from test_links import copy_link, open_link

from lenet_helpers.experiments import store
from lenet_helpers.experiments.for_figures import criteria_replay
from lenet_helpers.experiments.strings import protocol
from lenet_helpers.interactive import CriteriaReplay
from lenet_helpers.strings.graphs import select_path, viterbi
from lenet_helpers.strings.reading import CRITERIA, OverSegmentation, read
from lenet_helpers.trained import load_network

STEPS = [0, 10, 750]  # of the recording to test


def load(name):
    """Load what is stored of a criterion."""
    file = f"criteria_replay-{name.replace(' ', '-')}.safetensors"
    return safetensors.torch.load_file(store.RESULTS / file)


# What was recorded


@pytest.fixture(scope="module")
def reader():
    return OverSegmentation(load_network("lenet5"))


@pytest.fixture(scope="module")
def many_lines(sample):
    return draw(sample, 80, seed=7)


def test_the_lines_are_the_first_that_fit_the_rule(reader, many_lines):
    chosen = criteria_replay.choose_lines(reader, many_lines)
    with torch.no_grad():
        graphs = [reader.build_graph([line.pixels]) for line in many_lines]
    is_right = [
        read(graph)[0].labels == line.labels
        for graph, line in zip(graphs, many_lines, strict=True)
    ]
    fits = [
        len(line.labels) <= 4
        and len(graph.labels) <= 320
        and viterbi(select_path(graph, [line.labels]))[0].isfinite().item()
        for graph, line in zip(graphs, many_lines, strict=True)
    ]
    for is_wanted, some in ((False, chosen[:2]), (True, chosen[2:])):
        places = np.flatnonzero(np.array(fits) & (np.array(is_right) == is_wanted))
        assert some == places[:2].tolist() and len(some) == 2


def test_a_recorder_looks_at_its_steps_and_at_no_others(
    reader, many_lines, monkeypatch
):
    monkeypatch.setattr(criteria_replay, "STEPS", (0, 2, 3))
    recorder = criteria_replay.Recorder(reader, many_lines)
    for _ in range(3):
        recorder()
    kept = recorder.finish()
    assert kept["steps"].tolist() == [0, 2, 3]
    assert len(kept["right_penalty"]) == 3
    for i, number in enumerate(kept["numbers"].tolist()):
        with torch.no_grad():
            graph = reader.build_graph([many_lines[number].pixels])
        expected = graph.penalties.half().view(-1, 10)
        assert torch.equal(kept[f"{i}.penalties"], torch.stack(3 * [expected]))
        assert np.array_equal(kept[f"{i}.sources"].repeat_interleave(10), graph.sources)
        assert tuple(kept[f"{i}.labels"].tolist()) == many_lines[number].labels


def test_the_recordings_begin_alike_and_end_where_the_rows_say():
    rows = store.read_results("criteria_replay").set_index("criterion")
    assert sorted(rows.index) == sorted(CRITERIA)
    first = load("Viterbi")
    for name in CRITERIA:
        kept = load(name)
        assert kept["steps"].tolist() == list(criteria_replay.STEPS)
        for key, values in kept.items():
            if key.endswith("penalties") or key in rows:
                assert torch.equal(values[0], first[key][0]), key
            else:
                assert torch.equal(values, first[key]), key
        for column in ("string_error_rate", "right_penalty", "best_penalty"):
            assert kept[column][-1].item() == pytest.approx(rows[column][name])


def test_the_recordings_begin_with_the_network_of_isolated_digits(mnist):
    kept = load("forward")
    reader = OverSegmentation(protocol.load_start("isolated", 0))
    lines = protocol.draw_validation_lines(criteria_replay.NUM_HELD_OUT_LINES)
    assert criteria_replay.choose_lines(reader, lines) == kept["numbers"].tolist()
    for i, number in enumerate(kept["numbers"].tolist()):
        with torch.no_grad():
            graph = reader.build_graph([lines[number].pixels])
        stored = kept[f"{i}.penalties"][0].flatten().float()
        assert torch.allclose(stored, graph.penalties, rtol=2e-3, atol=1e-3)


# In Python


def test_what_is_not_there_is_refused():
    figure = make_criteria_replay()
    for name, value in (
        *(("criterion", value) for value in ("", "viterbi")),
        *(("step", value) for value in (-1, 3)),
        *(("line", value) for value in (-1, 2)),
    ):
        with pytest.raises(ValueError, match=f"`{name}` must be"):
            setattr(figure, name, value)
    with pytest.raises(ValueError, match=r"of Viterbi, .* got Bayes"):
        CriteriaReplay({"Bayes": make_recorded_criteria()["Viterbi"]})
    with pytest.raises(ValueError, match="got none"):
        CriteriaReplay({})
    with pytest.raises(ValueError, match="must be the lines that were recorded"):
        CriteriaReplay(make_recorded_criteria(), make_recorded_lines()[::-1])


def test_the_graph_is_that_of_the_look_the_line_and_the_criterion():
    recorded, figure = make_recorded_criteria(), make_criteria_replay()
    figure.criterion, figure.line = "forward", 1
    graph = figure.build_graph(2)
    expected = recorded["forward"]["1.penalties"][2].flatten()
    assert torch.equal(graph.penalties, expected.double())
    assert graph.read(np.arange(10)) == tuple(range(10))


def test_the_still_picture_is_told_with_what_is_read_at_the_end():
    figure = make_criteria_replay()
    (reading,) = read(figure.build_graph(2))
    said = " ".join(map(str, make_recorded_lines()[0].labels))
    found = " ".join(map(str, reading.labels))
    assert f"says {said} and is read as {found} after Viterbi" in figure.alt
    assert len(figure.draw_still().axes) == 3


# In a browser


def find_expected(criterion, step, line):
    """Find by PyTorch what the page should show."""
    figure = make_criteria_replay()
    figure.criterion, figure.line = criterion, line
    graph = figure.build_graph(step)
    labels = make_recorded_lines()[line].labels
    right = viterbi(select_path(graph, [labels]))[0].item()
    (best,), (path,) = viterbi(graph)
    graph.penalties.requires_grad_()
    (loss,) = CRITERIA[criterion](graph, [labels])
    (slopes,) = torch.autograd.grad(loss, graph.penalties)
    counts = [(slopes >= 0.01).sum().item(), (slopes <= -0.01).sum().item()]
    return labels, graph.read(path), right, best.item(), loss.item(), counts


def assert_shows(page, criterion, step, line):
    """Assert that the page shows a state: its text, its arcs, its charts."""
    labels, found, right, best, loss, counts = find_expected(criterion, step, line)
    assert page.get_by_role("radio", name=criterion, exact=True).is_checked()
    lines = page.get_by_role("group", name="Held-out line").get_by_role("radio")
    assert lines.nth(line).is_checked()
    text = page.locator(".lenet-verdict").inner_text()
    assert found != labels  # of random penalties
    expected = (
        f"The best right path costs {right:.1f}; the best path costs {best:.1f} and "
        f"says {' '.join(map(str, found))}, which is wrong. The loss is {loss:.2f}; "
        f"arcs made cheaper: {counts[0] or 'none'}, dearer: {counts[1] or 'none'}."
    )
    assert text == expected
    for kind, count in zip(("cheaper", "dearer"), counts, strict=True):
        arcs = page.locator(f".lenet-slope-graph path.lenet-{kind}")
        assert arcs.count() == count
    names = page.locator(".lenet-says").all_text_contents()
    assert "".join(names[: len(labels)]) == "".join(map(str, labels))
    state = page.locator(".lenet-bar p").inner_text()
    assert state.startswith(f"Update {STEPS[step]} of 750: ")
    kept = make_recorded_criteria()[criterion]
    means = [kept[name][step].item() for name in ("right_penalty", "best_penalty")]
    error = 100 * kept["string_error_rate"][step].item()
    assert read_numbers(state)[2:] == pytest.approx([error, *means], abs=0.051)
    assert page.get_by_role("slider").get_attribute("aria-valuetext") == state


@pytest.mark.browser
def test_every_state_is_what_pytorch_finds(show):
    page = show(make_criteria_replay().to_html())
    assert_shows(page, "Viterbi", 0, 0)
    for criterion in CRITERIA:
        page.get_by_role("radio", name=criterion, exact=True).check()
        page.get_by_role("slider").focus()
        page.keyboard.press("Home")
        for step in range(3):
            for line in (0, 1):
                lines = page.get_by_role("group", name="Held-out line")
                lines.get_by_role("radio").nth(line).check()
                assert_shows(page, criterion, step, line)
            page.get_by_role("slider").focus()
            page.keyboard.press("ArrowRight")


@pytest.mark.browser
def test_the_chosen_curve_is_strong_and_its_dots_lie_on_it(show):
    page = show(make_criteria_replay().to_html())
    page.get_by_role("radio", name="discriminative forward").check()
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    charts = page.locator(".lenet-halves svg")
    for chart, number in ((charts.nth(0), 2), (charts.nth(1), 1)):
        assert chart.locator(".lenet-chosen text").text_content() == "d. forward"
        assert chart.locator(".lenet-chosen path").count() == number
        assert chart.locator("path").count() == 3 + number
        for dot in chart.locator("circle").all():
            place = f"{float(dot.get_attribute('cx')):.1f},"
            paths = chart.locator(".lenet-chosen path")
            ways = paths.evaluate_all("(all) => all.map((p) => p.getAttribute('d'))")
            assert any(place in way for way in ways)


@pytest.mark.browser
def test_a_line_that_is_read_rightly_is_silent_by_discriminative_viterbi_alone(show):
    recorded = make_recorded_criteria()
    for kept in recorded.values():
        labels, sources, destinations = (
            kept[f"0.{name}"].tolist() for name in ("labels", "sources", "destinations")
        )
        pairs = list(zip(sources, destinations, strict=True))
        kept["0.penalties"][:] = 9
        for piece, label in zip(
            find_way(pairs, max(destinations), len(labels)), labels, strict=True
        ):
            kept["0.penalties"][:, piece, label] = 0.5
    page = show(CriteriaReplay(recorded).to_html())
    verdict = page.locator(".lenet-verdict")
    right = f"The best path costs {len(labels) / 2:.1f} and is right. "
    texts = {}
    for name in CRITERIA:
        page.get_by_role("radio", name=name, exact=True).check()
        texts[name] = verdict.inner_text()
        assert texts[name].startswith(right)
    silent = "The loss is 0.00; all slopes are 0, so the line teaches nothing."
    assert texts["discriminative Viterbi"] == right + silent
    assert "no slope reaches 0.01" in texts["discriminative forward"]
    assert "arcs made cheaper: 3, dearer: none" in texts["Viterbi"]
    assert page.locator(".lenet-slope-graph canvas").count() == 0  # no ink is given


def find_way(pairs, last, length, node=0):
    """Find pieces, as many as digits, from the first node to the last."""
    if length == 0:
        return [] if node == last else None
    for piece, (source, destination) in enumerate(pairs):
        if source == node:
            rest = find_way(pairs, last, length - 1, destination)
            if rest is not None:
                return [piece, *rest]
    return None


@pytest.mark.browser
def test_it_plays_and_a_screen_reader_hears_where_it_is(show):
    page = show(make_criteria_replay().to_html())
    status = page.locator(".lenet-criteria-replay [role=status]")
    page.wait_for_timeout(900)
    assert status.inner_text() == ""
    page.get_by_role("button", name="Play").click()
    page.locator(".lenet-bar p", has_text="Update 750").wait_for()
    assert "Play" in page.locator(".lenet-bar button").inner_text()
    status.filter(has_text=re.compile("^Viterbi. Update 750 .* The loss is")).wait_for(
        state="attached"
    )


@pytest.mark.browser
def test_a_link_brings_the_criterion_the_step_and_the_line(show):
    page = show(make_criteria_replay().to_html())
    page.get_by_role("radio", name="forward", exact=True).check()
    page.get_by_role("slider").focus()
    page.keyboard.press("End")
    lines = page.get_by_role("group", name="Held-out line").get_by_role("radio")
    lines.nth(1).check()
    open_link(page, copy_link(page))
    assert_shows(page, "forward", 2, 1)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("state", "criterion", "step", "line"),
    [
        ({"step": 99, "line": -4}, "Viterbi", 2, 0),
        ({"step": -1, "line": 99}, "Viterbi", 0, 1),
        ({"step": 0.9, "line": 1.2}, "Viterbi", 1, 1),
        ({"criterion": "__proto__", "step": 1}, "Viterbi", 1, 0),
        ({"criterion": 3, "step": "1", "line": None}, "Viterbi", 0, 0),
        ({"criterion": "forward", "step": [1]}, "forward", 0, 0),
    ],
)
def test_a_link_that_makes_no_sense_is_put_right(show, state, criterion, step, line):
    page = show(make_criteria_replay().to_html())
    values = {name: json.dumps(value) for name, value in state.items()}
    fragment = urllib.parse.urlencode({"figure": "criteria-replay"} | values)
    open_link(page, f"{page.evaluate('location.href')}#{fragment}")
    assert_shows(page, criterion, step, line)
    page.get_by_role("slider").focus()
    page.keyboard.press("End")
    assert_shows(page, criterion, 2, line)


@pytest.mark.browser
def test_the_picture_lies_below_the_ink_on_a_narrow_window(show):
    page = show(make_criteria_replay().to_html(), has_touch=True, width=360)
    page.get_by_role("group", name="Held-out line").locator("label").nth(1).tap()
    assert_shows(page, "Viterbi", 0, 1)
    ink = page.locator(".lenet-slope-graph canvas").bounding_box()
    graph = page.locator(".lenet-slope-graph svg").bounding_box()
    assert ink["width"] == pytest.approx(graph["width"], abs=0.5)
    assert graph["y"] >= ink["y"] + ink["height"] - 0.5
    places = page.locator(".lenet-slope-graph circle").evaluate_all(
        "(all) => all.map((c) => Number(c.getAttribute('cx')))"
    )
    (width,) = {line.pixels.shape[1] for line in make_recorded_lines()[1:]}
    columns = make_recorded_criteria()["Viterbi"]["1.columns"].tolist()
    assert places == pytest.approx([360 * column / width for column in columns])
