"""Layers against loops written from the equations, in float64."""

import itertools
import math

import numpy as np
import pytest
import torch

from lenet_helpers import paper
from lenet_helpers.model.layers import (
    FullyConnected,
    MapConvolution,
    ScaledTanh,
    Subsampling,
)
from lenet_helpers.model.rbf import RBFOutput


def squash(a):
    return 1.7159 * math.tanh(2 / 3 * a)


def convolve_slowly(layer, image):
    """One unit at a time, one connection at a time; (C, H, W) to (maps, H', W')."""
    before, after = layer.padding
    size, stride = layer.kernel_size, layer.stride
    height = (image.shape[1] + before + after - size) // stride + 1
    width = (image.shape[2] + before + after - size) // stride + 1
    weight = layer.weight.detach().numpy()
    bias = layer.bias.detach().numpy()
    states = np.zeros((len(layer.table), height, width))
    link = 0
    for o, inputs in enumerate(layer.table):
        for y, x in itertools.product(range(height), range(width)):
            total = bias[o] if bias.ndim == 1 else bias[o, y, x]
            for k, i in enumerate(inputs):
                for u, v in itertools.product(range(size), range(size)):
                    row, column = y * stride + u - before, x * stride + v - before
                    inside = 0 <= row < image.shape[1] and 0 <= column < image.shape[2]
                    value = image[i, row, column] if inside else layer.background
                    total += weight[link + k, u, v] * value
            states[o, y, x] = squash(total)
        link += len(inputs)
    return states


def fill(layer, seed=0):
    """Random parameters in float64."""
    generator = torch.Generator().manual_seed(seed)
    layer = layer.double()
    for parameter in layer.parameters():
        random = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
        parameter.data = 0.3 * random
    return layer


CONVOLUTIONS = {
    "table": lambda: MapConvolution(((0,), (0, 2), (1,)), num_inputs=3),
    "full": lambda: MapConvolution((range(3),) * 2, num_inputs=3),
    "1989": lambda: MapConvolution(
        ((0, 1), (1, 2)),
        num_inputs=3,
        stride=2,
        padding=(2, 1),
        background=-1.0,
        bias_shape=(4, 4),
    ),
}


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_map_convolution_is_the_sum_over_its_connections(name):
    layer = fill(CONVOLUTIONS[name]())
    images = torch.randn(2, 3, 8, 8, dtype=torch.float64)
    states = layer(images).detach().numpy()
    expected = np.stack([convolve_slowly(layer, image) for image in images.numpy()])
    np.testing.assert_allclose(states, expected, rtol=1e-12)


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_map_convolution_has_the_gradient_of_finite_differences(name):
    layer = fill(CONVOLUTIONS[name]())
    images = torch.randn(1, 3, 8, 8, dtype=torch.float64, requires_grad=True)
    names = ["weight", "bias"]

    def run(images, *parameters):
        values = dict(zip(names, parameters, strict=True))
        return torch.func.functional_call(layer, values, (images,))

    inputs = (images, layer.weight, layer.bias)
    assert torch.autograd.gradcheck(run, inputs, fast_mode=True)


def test_map_convolution_has_parameters_for_real_connections_only():
    layer = MapConvolution(paper.C3_TABLE, num_inputs=6)
    assert layer.weight.shape == (60, 5, 5)
    assert sum(p.numel() for p in layer.parameters()) == paper.LENET5["c3"][1]


def test_map_convolution_rejects_a_map_that_does_not_exist():
    with pytest.raises(ValueError, match="maps 0 to 2, got 3"):
        MapConvolution(((0, 3),), num_inputs=3)


def test_the_background_of_minus_one_reaches_the_border_only():
    layer = fill(CONVOLUTIONS["1989"]())
    images = torch.zeros(1, 3, 8, 8, dtype=torch.float64)
    border = layer(images)
    layer.background = 0.0
    changed = (border != layer(images))[0, 0]
    assert changed.tolist() == [[True] * 4] + [[True, False, False, True]] * 2 + [
        [True] * 4
    ]


def test_subsampling_by_hand():
    layer = Subsampling(2, sources=(1, 1))
    layer.weight.data = torch.tensor([0.5, -1.0])
    layer.bias.data = torch.tensor([0.0, 1.0])
    images = torch.tensor([[[9.0, 9], [9, 9]], [[1, 2], [3, -4]]])[None]
    expected = [squash(0.5 * 2), squash(-1.0 * 2 + 1)]
    assert layer(images).flatten().tolist() == pytest.approx(expected, rel=1e-6)


def test_subsampling_rejects_odd_height():
    with pytest.raises(ValueError, match="even height"):
        Subsampling(1)(torch.zeros(1, 1, 3, 4))


def test_scaled_tanh_passes_through_the_targets():
    states = ScaledTanh()(torch.tensor([-1.0, 0.0, 1.0], dtype=torch.float64))
    assert states.tolist() == pytest.approx([-1, 0, 1], abs=1e-5)


def test_scaled_tanh_knows_its_derivative_from_its_state():
    sums = torch.linspace(-4, 4, 33, dtype=torch.float64, requires_grad=True)
    states = ScaledTanh()(sums)
    (expected,) = torch.autograd.grad(states.sum(), sums)
    torch.testing.assert_close(ScaledTanh().derivative(states), expected)


def test_fully_connected_by_hand():
    layer = FullyConnected(4, 1)
    layer.weight.data = torch.tensor([[1.0, 2, 3, 4]])
    layer.bias.data = torch.tensor([-5.0])
    states = layer(torch.tensor([0.5, 0.25, 1, 0.25]).view(1, 1, 2, 2))
    assert states.item() == pytest.approx(squash(0.5 + 0.5 + 3 + 1 - 5))


def test_rbf_penalties_are_squared_distances():
    layer = RBFOutput("01").double()
    inputs = torch.randn(3, 84, dtype=torch.float64)
    for n, c in itertools.product(range(3), range(2)):
        expected = sum((inputs[n, k] - layer.weight[c, k]) ** 2 for k in range(84))
        assert layer(inputs)[n, c].item() == pytest.approx(expected.item())


def test_codes_of_the_digits_have_the_published_distances():
    codes = RBFOutput().weight
    distances = (codes[:, None] != codes).sum(-1)
    assert codes.abs().eq(1).all()
    assert distances[6, 8] == 12
    assert distances[0, 4] == distances[8, 9] == 18
    assert distances.max() == 50
    assert (codes == 1).sum(1).tolist() == [35, 27, 33, 32, 41, 35, 39, 25, 43, 39]
    rows = ["".join(".#"[int(p > 0)] for p in row) for row in codes[4].view(12, 7)]
    assert rows[:4] == [".#####.", ".......", ".......", ".##..##"]


def test_rbf_codes_train_only_when_asked():
    assert not list(RBFOutput().parameters())
    assert len(list(RBFOutput(trainable=True).parameters())) == 1


def test_a_batch_of_one_row_of_maps_passes_every_layer():
    """The good case, beside which the next test's faults are faults."""
    for layer, shape in GOOD_INPUTS:
        assert len(layer(torch.zeros(shape))) == shape[0]


GOOD_INPUTS = [
    (MapConvolution(((0, 1), (2,)), num_inputs=3), (2, 3, 8, 8)),
    (Subsampling(3), (2, 3, 8, 8)),
    (Subsampling(4, sources=(0, 0, 1, 2)), (2, 3, 8, 8)),
    (FullyConnected(192, 4), (2, 3, 8, 8)),
    (FullyConnected(192, 4), (2, 192)),
    (RBFOutput("01"), (2, 84)),
]
FAULTY_INPUTS = [
    (layer, wrong, message)
    for layer in (
        MapConvolution(((0, 1), (2,)), num_inputs=3),
        Subsampling(3),
        Subsampling(4, sources=(0, 0, 1, 2)),
    )
    for wrong, message in (
        ((3, 8, 8), r"\(N, 3, H, W\), got \(3, 8, 8\). One image"),
        ((2, 8, 8, 3), r"got \(2, 8, 8, 3\). Maps come before"),
        ((2, 6, 8, 8), r"\(N, 3, H, W\), got \(2, 6, 8, 8\)"),
        ((2, 2, 8, 8), r"\(N, 3, H, W\), got \(2, 2, 8, 8\)"),
        ((2, 192), r"\(N, 3, H, W\), got \(2, 192\)"),
    )
] + [
    (FullyConnected(192, 4), (192,), "a batch of 192 numbers"),
    (FullyConnected(192, 4), (2, 3, 8, 9), r"got \(2, 3, 8, 9\)"),
    (FullyConnected(192, 4), (2, 1), r"got \(2, 1\)"),
    (RBFOutput("01"), (84,), r"\(N, 84\), got \(84,\)"),
    (RBFOutput("01"), (2, 1), r"\(N, 84\), got \(2, 1\)"),
    (RBFOutput("01"), (2, 7, 12), r"\(N, 84\), got \(2, 7, 12\)"),
]


@pytest.mark.parametrize(("layer", "shape", "message"), FAULTY_INPUTS)
def test_inputs_of_another_shape_are_refused_in_words(layer, shape, message):
    name = type(layer).__name__
    with pytest.raises(ValueError, match=f"`inputs` of {name} .*{message}"):
        layer(torch.zeros(shape))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (((0,), (1, 1)), r"once each and in rising order, got \[1, 1\] in row 1"),
        (((0, 2, 1),), r"rising order, got \[0, 2, 1\] in row 0"),
        (((0, 1), ()), "a map in each row, got none in row 1"),
        ((), "a row for each map, got none"),
        (((0, -1),), "maps 0 to 2, got -1 in row 0"),
    ],
)
def test_a_table_that_is_no_table_is_refused(table, message):
    with pytest.raises(ValueError, match=f"`table` .*{message}"):
        MapConvolution(table, num_inputs=3)


def test_maps_that_do_not_fit_the_biases_are_not_stretched():
    layer = CONVOLUTIONS["1989"]()
    with pytest.raises(ValueError, match=r"biases' \(4, 4\), got \(1, 1\)"):
        layer(torch.zeros(1, 3, 2, 2))


@pytest.mark.parametrize("sources", [(0,), (0, -1)])
def test_subsampling_needs_a_source_for_each_map(sources):
    with pytest.raises(ValueError, match="`sources` must be 2 maps"):
        Subsampling(2, sources=sources)


@pytest.mark.parametrize("characters", ["", "0é"])
def test_a_character_without_a_code_is_named(characters):
    with pytest.raises(ValueError, match=f"`characters` .*got '{characters}'"):
        RBFOutput(characters)
