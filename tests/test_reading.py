"""The two systems that read a line, and training through their decision."""

import copy

import numpy as np
import pytest
import torch
from ink import blocks, draw

from lenet_helpers.data import prepare_images
from lenet_helpers.experiments.strings.criteria import classify_right_pieces
from lenet_helpers.model.networks import LeNet5
from lenet_helpers.model.rbf import RBFOutput
from lenet_helpers.strings.amounts import CHARACTERS
from lenet_helpers.strings.cuts import segment
from lenet_helpers.strings.graphs import Graph
from lenet_helpers.strings.lines import HEIGHT, Line
from lenet_helpers.strings.reading import (
    CRITERIA,
    OverSegmentation,
    discriminative_forward,
    read,
)
from lenet_helpers.strings.sliding import (
    BLANK_PENALTY,
    UNSURE,
    SlidingNetwork,
    classify_windows,
    label_windows,
    place_windows,
    slide,
)
from lenet_helpers.strings.training import train_on_lines
from lenet_helpers.trained import load_network


@pytest.fixture(scope="module")
def network():
    return load_network("lenet5")


def pixels_of(lines):
    return [line.pixels for line in lines]


def test_a_line_without_ink_reads_as_nothing_without_confidence(network):
    blank = np.zeros((HEIGHT, 60), np.uint8)
    for system in (OverSegmentation(network), SlidingNetwork(network)):
        with torch.no_grad():
            reading, other = read(system.build_graph([blank, blocks(4)[0]]))
        assert reading.labels == ()
        assert len(other.labels) == 1
    with torch.no_grad():
        alone = read(OverSegmentation(network).build_graph([blank]))[0]
    assert (alone.penalty, alone.confidence) == (float("inf"), 0.0)


@pytest.mark.parametrize("kind", ["dot", "noise", "border", "long", "stacked"])
def test_odd_lines_are_read_without_fault(kind, sample, network):
    generator = np.random.default_rng(0)
    pixels = np.zeros((HEIGHT, 80), np.uint8)
    if kind == "dot":
        pixels[16, 40] = 255
    elif kind == "noise":
        pixels = generator.integers(256, size=(HEIGHT, 80)).astype(np.uint8)
    elif kind == "border":
        pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1] = 255, 255, 255, 255
    elif kind == "long":
        pixels = draw(sample, 1, length=(30, 30))[0].pixels
    else:
        digit = sample.test_images[0, 0, ::2, ::2].numpy()
        pixels[:14, 30:44], pixels[17:31, 30:44] = digit, digit
    for system in (OverSegmentation(network), SlidingNetwork(network)):
        with torch.no_grad():
            (reading,) = read(system.build_graph([pixels]))
        assert 0 <= reading.confidence <= 1
        assert np.isfinite(reading.penalty)


def test_lines_with_wide_gaps_are_read_by_cutting(sample, network):
    lines = draw(sample, 60, gap=(4, 6))
    with torch.no_grad():
        readings = read(OverSegmentation(network).build_graph(pixels_of(lines)))
    right = [r.labels == line.labels for r, line in zip(readings, lines, strict=True)]
    assert np.mean(right) > 0.85
    confidences = np.array([reading.confidence for reading in readings])
    assert ((confidences >= 0) & (confidences <= 1 + 1e-6)).all()


def test_sliding_as_one_convolution_gives_what_each_window_gives_alone(sample, network):
    images, num_windows = place_windows(pixels_of(draw(sample, 4)))
    with torch.no_grad():
        together = slide(network, images)
        apart = torch.stack(
            [
                network(images[..., 4 * t : 4 * t + 32])
                for t in range(together.shape[1])
            ],
            1,
        )
    assert torch.allclose(together, apart, rtol=1e-4, atol=1e-3)
    assert int(num_windows.max()) == together.shape[1]


def test_the_windows_middles_reach_from_the_first_to_the_last_ink(sample):
    (line,) = draw(sample, 1)
    images, num_windows = place_windows([line.pixels])
    ink = (images[0, 0] > 0).any(0).nonzero()
    assert ink[0] == 16
    last_middle = 16 + 4 * (int(num_windows) - 1)
    assert last_middle - 4 < ink[-1] <= last_middle
    assert torch.equal(
        images[0, 0, :, 16 : 16 + 40],
        prepare_images(torch.from_numpy(line.pixels)[None, None], size=32)[
            0, 0, :, 6:46
        ],
    )


@pytest.mark.parametrize("name", CRITERIA)
def test_every_criterion_trains_through_both_systems(name, sample):
    lines = draw(sample, 16, gap=(-3, -1))
    for make in (OverSegmentation, SlidingNetwork):
        network = load_network("lenet5")
        before = network.c1.weight.detach().clone()
        history = train_on_lines(
            make(network), lines, CRITERIA[name], num_epochs=2, batch_size=8
        )
        assert len(history) == 4 and history["loss"].notna().all()
        assert not torch.equal(network.c1.weight, before)


def test_looks_between_updates_change_nothing(sample):
    lines = draw(sample, 20)
    weights, looks = [], []
    for is_watched in (False, True):
        network = copy.deepcopy(load_network("lenet5"))
        system = OverSegmentation(network)

        def look(system=system):
            with torch.no_grad():
                looks.append(read(system.build_graph(pixels_of(lines))))

        train_on_lines(
            system,
            lines,
            discriminative_forward,
            num_epochs=2,
            batch_size=8,
            on_step=look if is_watched else None,
        )
        weights.append(network.c1.weight)
    assert len(looks) == 6
    assert torch.equal(*weights)


def test_training_through_the_decision_lowers_its_loss(sample):
    lines = draw(sample, 60, length=(2, 4), gap=(-1, 1))
    network = LeNet5()
    network.load_state_dict(load_network("lenet5").state_dict())
    system = OverSegmentation(network)

    def measure():
        with torch.no_grad():
            graph = system.build_graph(pixels_of(lines))
            losses = discriminative_forward(graph, [line.labels for line in lines])
        return losses[losses.isfinite()].mean().item()

    before = measure()
    train_on_lines(system, lines, discriminative_forward, num_epochs=5)
    assert measure() < 0.5 * before


def test_the_gradient_of_the_cascade_agrees_with_differences(sample):
    network = load_network("lenet5").double()
    (line,) = draw(sample, 1, length=(3, 3), gap=(0, 0))
    images = prepare_images(segment([line.pixels]).images, size=32).double()

    def measure():
        graph = segment([line.pixels]).build_graph(network(images))
        return discriminative_forward(graph, [line.labels]).sum()

    measure().backward()
    weight = network.f6.weight
    place = divmod(int(weight.grad.abs().argmax()), weight.shape[1])
    slope, step = weight.grad[place].item(), 1e-5
    with torch.no_grad():
        weight[place] += step
        above = measure().item()
        weight[place] -= 2 * step
        below = measure().item()
    assert slope == pytest.approx((above - below) / (2 * step), rel=1e-5, abs=1e-9)
    assert abs(slope) > 1e-6


def test_a_network_that_has_diverged_is_refused(sample):
    network = load_network("lenet5")
    with torch.no_grad():
        network.f6.bias[0] = torch.nan
    with pytest.raises(ValueError, match="arc 0 is nan"):
        train_on_lines(
            OverSegmentation(network), draw(sample, 2), discriminative_forward
        )


def test_a_line_without_a_right_path_is_counted_and_left_out(sample):
    lines = draw(sample, 4)
    impossible = [Line(line.pixels, (1,) * 40, line.places) for line in lines[:2]]
    history = train_on_lines(
        OverSegmentation(load_network("lenet5")),
        [*impossible, *lines[2:]],
        discriminative_forward,
        batch_size=4,
    )
    assert history["lost"].tolist() == [0.5]
    assert np.isfinite(history["loss"]).all()


def test_a_graph_of_pieces_says_which_piece_an_arc_reads(sample, network):
    (line,) = draw(sample, 1, gap=(4, 4))
    pieces = segment([line.pixels])
    graph: Graph = pieces.build_graph(torch.rand(len(pieces.sources), 10))
    assert np.array_equal(graph.payload, np.repeat(np.arange(len(pieces.sources)), 10))
    assert np.array_equal(graph.sources, pieces.sources[graph.payload])


def test_windows_are_labelled_by_the_digit_in_their_middle():
    pixels, places = blocks(9, 9, gap=7)  # middles 16 px apart
    line = Line(pixels, (3, 8), places)
    # Windows' middles at 0, 4, 8... px from the first ink; digits' at 4 and 20.
    assert label_windows(line).tolist() == [10, 3, 10, 10, 10, 8, 10]
    near = blocks(7, 7, gap=-1)
    assert label_windows(Line(near[0], (3, 8), near[1])).tolist() == [
        UNSURE,
        3,
        8,
        UNSURE,
    ]


def test_the_windows_loss_is_equation_9_with_the_blank_as_rubbish(network):
    pixels, places = blocks(9, 9, gap=7)
    line = Line(pixels, (3, 8), places)
    with torch.no_grad():
        graph = SlidingNetwork(network).build_row([line.pixels, line.pixels])
        losses = classify_windows(graph, [line, line])
        penalties = slide(network, place_windows([pixels])[0])[0]  # (7, 10)
    terms = torch.cat([penalties, torch.full((7, 1), 10.0)], 1)
    wanted = torch.tensor([10, 3, 10, 10, 10, 8, 10])
    expected = terms[range(7), wanted] + torch.logsumexp(-terms, 1)
    assert losses.tolist() == pytest.approx([expected.mean().item()] * 2, rel=1e-5)


def test_with_thirteen_codes_the_blank_is_the_fourteenth_label(network):
    pixels, places = blocks(9, 9, gap=7)
    line = Line(pixels, (3, 12), places)
    wide = copy.deepcopy(network)
    wide.output = RBFOutput(CHARACTERS)
    system = SlidingNetwork(wide)
    with torch.no_grad():
        row, ten = (
            one.build_row([pixels]) for one in (system, SlidingNetwork(network))
        )
        (loss,) = classify_windows(row, [line])
        (reading,) = read(system.build_graph([pixels]))
    penalties = row.penalties.unflatten(0, (7, 14))
    assert (penalties[:, 13] == BLANK_PENALTY).all() and row.labels.max() == 13
    assert torch.equal(penalties[:, :10], ten.penalties.unflatten(0, (7, 11))[:, :10])
    wanted = label_windows(line, blank=13)
    assert wanted.tolist() == [13, 3, 13, 13, 13, 12, 13]
    expected = penalties[range(7), wanted] + torch.logsumexp(-penalties, 1)
    assert loss.item() == pytest.approx(expected.mean().item(), rel=1e-5)
    assert set(reading.labels) <= set(range(13))


def test_lines_that_are_read_rightly_are_silent_for_discriminative_viterbi(
    sample, network
):
    lines = draw(sample, 32, gap=(0, 4), seed=5)
    system = OverSegmentation(copy.deepcopy(network))
    with torch.no_grad():
        found = read(system.build_graph(pixels_of(lines)))
    right = [r.labels == line.labels for r, line in zip(found, lines, strict=True)]
    history = train_on_lines(
        system,
        lines,
        CRITERIA["discriminative Viterbi"],
        batch_size=32,
        learning_rate=1e-9,
    )
    assert 0 < sum(right) < 32
    assert history["silent"].tolist() == [pytest.approx(sum(right) / 32)]


def test_codes_move_at_their_own_rate_and_only_if_they_are_free(sample):
    lines = draw(sample, 16, seed=6)
    moved = {}
    for factor in (1.0, 30.0):
        network = LeNet5(initial="root", trainable_codes=True)
        before = network.output.weight.detach().clone()
        train_on_lines(
            OverSegmentation(network),
            lines,
            CRITERIA["Viterbi"],
            batch_size=4,
            code_factor=factor,
        )
        moved[factor] = (network.output.weight - before).abs().mean().item()
    assert moved[30.0] > 10 * moved[1.0] > 0


def test_labelled_pieces_are_those_of_the_best_right_path_alone(network):
    pixels, _ = blocks(8, 6, gap=3)
    pieces = segment([pixels], limit=0)
    generator = torch.Generator().manual_seed(0)
    penalties = 10 * torch.rand(len(pieces.sources), 10, generator=generator)
    penalties.requires_grad_()
    loss = classify_right_pieces(pieces.build_graph(penalties), [(3, 7)])
    loss.sum().backward()
    pairs = list(zip(pieces.sources, pieces.destinations, strict=True))
    used = [pairs.index((0, 1)), pairs.index((1, 2))]
    shares = torch.cat([-penalties, torch.full((len(penalties), 1), -10.0)], 1)
    expected = -shares.log_softmax(1)[used, [3, 7]].mean()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    assert penalties.grad[used].abs().min() > 0
    others = [i for i in range(len(pairs)) if i not in used]
    assert others and penalties.grad[others].abs().max() == 0
    lost = classify_right_pieces(pieces.build_graph(penalties), [(3, 7, 1)])
    assert lost.tolist() == [torch.inf]
