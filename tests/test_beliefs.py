"""What others believe of LeNet-5: each number by arithmetic, each with a page."""

import math
import re
import urllib.parse

import pytest
import torch
from test_chapters import ROOT, read

from lenet_helpers import LeNet5, Net1989, count_parameters, paper, prepare_images
from lenet_helpers.model.layers import ScaledTanh, Subsampling
from lenet_helpers.model.networks import LeNet1, LeNet4
from lenet_helpers.model.rbf import RBFOutput

PAGE = ROOT / "chapters" / "appendix-beliefs.md"
CELL = re.compile(r"^```\{code-cell\}.*?^```$", re.S | re.M)


@pytest.fixture(scope="module")
def text():
    return read(PAGE)


def read_beliefs(text):
    """Split the page into its beliefs: heading and body."""
    parts = re.split(r"^## (\".+?)$", text, flags=re.M)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def check_beliefs(text):
    """List the beliefs without a page of the paper, an example or a cell that decides.

    In the table at the top there is a row for each.
    """
    beliefs, complaints = read_beliefs(text), []
    for heading, body in beliefs:
        prose = CELL.sub("", body)
        if not re.search(r"\bp\. \d+", prose):
            complaints.append(f"{heading}: no page of the paper")
        links = re.findall(r"\]\((\S+)\)", prose)
        if not any(urllib.parse.urlsplit(link).scheme == "https" for link in links):
            complaints.append(f"{heading}: no example")
        if not any("assert " in cell for cell in CELL.findall(body)):
            complaints.append(f"{heading}: no cell decides")
    rows = re.findall(r"^\| [^|]+ \| [^|]+ \| [\d, ]+ \|$", text, re.M)
    if len(rows) != len(beliefs):
        complaints.append(f"{len(rows)} rows at the top, {len(beliefs)} beliefs")
    return complaints


def test_every_belief_has_an_example_a_page_and_a_cell_that_decides(text):
    assert len(read_beliefs(text)) == 13
    assert "Here are thirteen beliefs" in text
    assert check_beliefs(text) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("| 61,706 parameters | 60,000 | 7 |\n", ""),
        ("The paper prints 60,000 (p. 7).", "The paper prints 60,000."),
        ("[MMPretrain](https", "[MMPretrain](http"),
        ("assert count(caffe) == 431_080\nassert", "print"),
        ("## \"It ends in a softmax\"", "## \"It ends in a softmax\"\n## \"And\""),
    ],
)  # fmt: skip
def test_a_belief_that_lacks_something_is_found(text, old, new):
    assert text.count(old) == 1
    changed = text.replace(old, new)
    assert check_beliefs(changed)


def test_a_logistic_unit_cannot_show_a_white_pixel():
    code = LeNet5().output.weight
    assert (code == -1).any()
    sums = torch.linspace(-50, 50, 101)
    assert (torch.sigmoid(sums) >= 0).all()
    assert ScaledTanh()(torch.tensor(-1.0)).item() == pytest.approx(-1, abs=1e-4)


def test_subsampling_is_an_average_only_for_one_coefficient():
    layer, maps = Subsampling(1), torch.randn(2, 1, 4, 4)
    with torch.no_grad():
        layer.weight.fill_(0.25)
        layer.bias.zero_()
        averages = torch.nn.functional.avg_pool2d(maps, 2)
        assert torch.allclose(layer(maps), ScaledTanh()(averages), atol=1e-6)
        layer.weight.fill_(0.5)
        assert not torch.allclose(layer(maps), ScaledTanh()(averages), atol=0.01)
    assert (count_parameters(Subsampling(6)), count_parameters(Subsampling(16))) == (
        12,
        32,
    )


def count_by_hand(*layers):
    """Count (kernel, inputs, outputs) of full convolutions and layers, with biases."""
    return sum((kernel**2 * inputs + 1) * outputs for kernel, inputs, outputs in layers)


def test_the_copy_has_61_706_parameters_and_the_papers_60_000(text):
    convolutions = (5, 1, 6), (5, 6, 16), (5, 16, 120)
    copy = count_by_hand(*convolutions, (1, 120, 84), (1, 84, 10))
    assert copy == 61_706 and "61,706" in text
    own = copy - 36 * 25 - 850 + 2 * 6 + 2 * 16  # links, output, S2 and S4
    assert own == 60_000 == count_parameters(LeNet5())


def test_the_network_of_caffe_has_431_080_parameters(text):
    assert count_by_hand((5, 1, 20), (5, 20, 50), (1, 800, 500), (1, 500, 10)) == (
        431_080
    )
    assert 400_500 / 431_080 > 0.9 and "431 thousand" in text


def test_all_sixteen_maps_are_connected_and_one_to_all_six():
    sizes = [len(maps) for maps in paper.C3_TABLE]
    assert sizes == [3] * 6 + [4] * 9 + [6]
    assert 6 * 16 - sum(sizes) == 36


def test_the_output_is_a_distance_and_a_gaussian_would_vanish():
    output = RBFOutput()
    half = output(0.5 * output.weight)[0, 0].item()
    assert output(torch.zeros(1, 84)).tolist() == [[84.0] * 10]
    assert half == 84 / 4 and math.exp(-half) < 1e-8


def test_a_border_keeps_a_digit_at_20_pixels_and_resizing_does_not():
    image = torch.zeros(1, 1, 28, 28, dtype=torch.uint8)
    image[0, 0, 4:24, 10:14] = 255
    padded = prepare_images(image, size=32)
    resized = torch.nn.functional.interpolate(
        prepare_images(image), (32, 32), mode="bilinear", antialias=True
    )
    tall = [(one[0, 0].amax(1) > -0.09).sum().item() for one in (padded, resized)]
    assert tall[0] == 20 and tall[1] >= 22
    assert (padded[0, 0, :2] == paper.BACKGROUND).all()


def test_seven_layers_six_of_which_learn_and_the_number_counts_networks():
    depths = [len(list(kind().children())) for kind in (LeNet1, LeNet4, LeNet5)]
    assert depths == [5, 6, 7]
    learning = [layer for layer in LeNet5().children() if count_parameters(layer)]
    assert len(learning) == 6


def test_rates_and_error_rates_are_those_of_the_paper():
    assert len(set(paper.LEARNING_RATES)) == 5 and len(paper.LEARNING_RATES) == 20
    least, most = paper.EFFECTIVE_RATES
    assert most / least == pytest.approx(228.6, abs=0.1)
    assert round(100 * (1 - paper.LENET5_ERROR_RATE), 2) == 99.05
    assert len(paper.FIGURE_8) == 82


def test_the_network_of_1989_had_more_parameters_than_that_of_1990():
    assert count_parameters(Net1989()) == 9_760 > count_parameters(LeNet1()) == 2_578
