"""The diagonal of the Hessian, against the paper's recursion in plain loops."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from lenet_helpers import load_mnist, paper, prepare_images
from lenet_helpers.model.layers import FullyConnected, MapConvolution, Subsampling
from lenet_helpers.model.losses import MaximumLikelihood, MaximumPosterior, SquaredError
from lenet_helpers.model.networks import LeNet5
from lenet_helpers.model.rbf import RBFOutput
from lenet_helpers.training.curvature import (
    DiagonalLevenbergMarquardt,
    estimate_curvature,
)

A, S = 1.7159, 2 / 3


class Net(nn.Sequential):
    """Layers in a row, with random parameters in float64."""

    def __init__(self, *layers, seed=0):
        super().__init__(*layers)
        self.double()
        generator = torch.Generator().manual_seed(seed)
        for parameter in self.parameters():
            random = torch.randn(parameter.shape, generator=generator).double()
            parameter.data = 0.4 * random


def list_connections(layer, shape):
    """Give (unit, input or None, parameter key) of every connection of a layer.

    An input of None is the constant 1 of a bias; the string "border" the background.
    """
    if isinstance(layer, FullyConnected):
        for o in range(len(layer.weight)):
            yield o, None, ("bias", o)
            for i in range(layer.weight.shape[1]):
                yield o, i, ("weight", o * layer.weight.shape[1] + i)
        return
    (before, after), size, stride = layer.padding, layer.kernel_size, layer.stride
    side = (shape[1] + before + after - size) // stride + 1
    link = 0
    for o, inputs in enumerate(layer.table):
        for y, x in itertools.product(range(side), range(side)):
            unit = (o * side + y) * side + x
            yield unit, None, ("bias", o if layer.bias.ndim == 1 else unit)
            for k, i in enumerate(inputs):
                for u, v in itertools.product(range(size), range(size)):
                    row, column = y * stride + u - before, x * stride + v - before
                    inside = 0 <= row < shape[1] and 0 <= column < shape[2]
                    cell = (i * shape[1] + row) * shape[2] + column
                    weight = ((link + k) * size + u) * size + v
                    yield unit, cell if inside else "border", ("weight", weight)
        link += len(inputs)


def propagate_slowly(layer, x, f, curvature):
    """One layer and pattern of eqs. 23, 25 and 27; flat arrays but for x."""
    if isinstance(layer, RBFOutput):
        raise TypeError
    slopes = A * S * (1 - (f.reshape(-1) / A) ** 2)
    d2a = slopes**2 * curvature  # d2E/da2
    below = np.zeros(x.size)
    h = {name: np.zeros(p.numel()) for name, p in layer.named_parameters()}
    flat = x.reshape(-1)
    if isinstance(layer, Subsampling):
        maps, height, width = f.shape
        units = itertools.product(range(maps), range(height), range(width))
        for unit, (o, y, k) in enumerate(units):
            source = layer.sources[o]
            four = x[source, 2 * y : 2 * y + 2, 2 * k : 2 * k + 2]
            h["weight"][o] += d2a[unit] * four.sum() ** 2
            h["bias"][o] += d2a[unit]
            for u, v in itertools.product(range(2), range(2)):
                cell = (source * x.shape[1] + 2 * y + u) * x.shape[2] + 2 * k + v
                below[cell] += layer.weight[o].item() ** 2 * d2a[unit]
        return below, h
    values = {n: p.detach().numpy().reshape(-1) for n, p in layer.named_parameters()}
    for unit, cell, (name, k) in list_connections(layer, x.shape):
        if cell is None:
            h[name][k] += d2a[unit]
        elif cell == "border":
            h[name][k] += d2a[unit] * layer.background**2
        else:
            h[name][k] += d2a[unit] * flat[cell] ** 2
            below[cell] += values[name][k] ** 2 * d2a[unit]
    return below, h


def estimate_slowly(net, images, labels, loss):
    """Follow `estimate_curvature`, pattern by pattern."""
    totals = {}
    for n in range(len(labels)):
        states = [images[n : n + 1]]
        with torch.no_grad():
            for layer in net:
                states.append(layer(states[-1]))
        states = [state[0].numpy() for state in states]
        label, y = labels[n].item(), states[-1]
        layers = list(net)
        if isinstance(layers[-1], RBFOutput):
            x, w = states[-2], layers[-1].weight.detach().numpy()
            first, second = differentiate_slowly(y, label)
            curvature = np.zeros(84)
            for k, i in itertools.product(range(84), range(len(y))):
                curvature[k] += second[i] * (2 * (x[k] - w[i, k])) ** 2 + 2 * first[i]
            layers = layers[:-1]
        else:
            curvature = np.full(len(y), 2 / len(y))
        for depth in reversed(range(len(layers))):
            curvature, h = propagate_slowly(
                layers[depth], states[depth], states[depth + 1], curvature
            )
            for name, values in h.items():
                key = f"{depth}.{name}"
                totals[key] = totals.get(key, 0) + values / len(labels)
    return totals


def differentiate_slowly(y, label):
    first, second = np.zeros(len(y)), np.zeros(len(y))
    first[label] = 1
    return first, second


def small_nets():
    table = ((0,), (0, 1), (1,), (1, 2))
    conv = {"num_inputs": 3}
    return {
        "1989": (
            Net(
                MapConvolution(
                    ((0,),) * 3,
                    num_inputs=1,
                    stride=2,
                    padding=(2, 1),
                    background=-1.0,
                    bias_shape=(6, 6),
                ),
                MapConvolution(
                    table,
                    stride=2,
                    padding=(2, 1),
                    background=-1.0,
                    bias_shape=(3, 3),
                    **conv,
                ),
                FullyConnected(36, 5),
                FullyConnected(5, 3),
            ),
            SquaredError(),
        ),
        "1990": (
            Net(
                MapConvolution(((0,),) * 3, num_inputs=1),
                Subsampling(3),
                FullyConnected(48, 3),
            ),
            SquaredError(),
        ),
        "pairs": (
            Net(
                MapConvolution(((0,),) * 2, num_inputs=1),
                Subsampling(3, sources=(0, 0, 1)),
                FullyConnected(48, 3),
            ),
            SquaredError(),
        ),
    } | {
        f"1998 {name}": (
            Net(
                MapConvolution(((0,),) * 3, num_inputs=1),
                MapConvolution(table, **conv),
                Subsampling(4),
                FullyConnected(16, 84),
                RBFOutput("012"),
            ),
            loss,
        )
        for name, loss in {
            "eq. 8": MaximumLikelihood(),
            "eq. 9": MaximumPosterior(j=50.0),
        }.items()
    }


@pytest.mark.parametrize("name", small_nets())
def test_curvature_follows_the_recursion_of_the_paper(name):
    net, loss = small_nets()[name]
    generator = torch.Generator().manual_seed(1)
    images = torch.randn(2, 1, 12, 12, generator=generator, dtype=torch.float64)
    labels = torch.tensor([2, 0])
    expected = estimate_slowly(net, images, labels, loss)
    found = estimate_curvature(net, images, labels, loss)
    names = dict(net.named_parameters())
    assert set(expected) == set(names)
    for key, parameter in names.items():
        h = found[parameter].numpy().reshape(-1)
        np.testing.assert_allclose(h, expected[key], rtol=1e-9, atol=1e-15)


def test_curvature_is_the_exact_diagonal_where_the_recursion_is_exact():
    """A chain of one-unit layers, its error 0 at the target: no terms are dropped."""
    net = Net(FullyConnected(1, 1), FullyConnected(1, 1), FullyConnected(1, 1))
    image = torch.full((1, 1, 1, 1), 0.7, dtype=torch.float64)
    target = net(image).item()  # dE/dy is 0 here, so the f'' term of eq. 26 is too
    loss = SquaredError(low=0.0, high=target)
    label = torch.tensor([0])
    names = [name for name, _ in net.named_parameters()]

    def energy(*parameters):
        values = dict(zip(names, parameters, strict=True))
        return loss(torch.func.functional_call(net, values, (image,)), label)

    parameters = tuple(p.detach() for p in net.parameters())
    exact = torch.autograd.functional.hessian(energy, parameters)
    found = estimate_curvature(net, image, label, loss)
    for i, parameter in enumerate(net.parameters()):
        assert found[parameter].item() == pytest.approx(exact[i][i].item(), rel=1e-9)


def test_curvature_of_adaptable_codes_is_that_of_autograd():
    """Eq. 8 is quadratic in a code, so its diagonal is exact: 2 where it is right."""
    output = RBFOutput("01", trainable=True).double()
    inputs = torch.randn(3, 84, dtype=torch.float64)
    found = estimate_curvature(
        nn.Sequential(output), inputs, torch.tensor([0, 0, 1]), MaximumLikelihood()
    )
    expected = torch.tensor([[4 / 3], [2 / 3]], dtype=torch.float64).expand(2, 84)
    torch.testing.assert_close(found[output.weight], expected)


def test_a_step_is_eta_over_mu_plus_h_times_the_gradient():
    net = Net(FullyConnected(1, 1))
    image = torch.full((1, 1, 1, 1), 2.0, dtype=torch.float64)
    label, loss = torch.tensor([0]), SquaredError()
    optimizer = DiagonalLevenbergMarquardt(net, learning_rate=0.1, mu=0.5)
    optimizer.estimate_curvature(image, label, loss)
    loss(net(image), label).backward()
    weight = net[0].weight
    before, gradient = weight.item(), weight.grad.item()
    slope = A * S * (1 - (net(image).item() / A) ** 2)
    h = 2 * slope**2 * 2.0**2
    optimizer.step()
    assert weight.item() == pytest.approx(before - 0.1 / (0.5 + h) * gradient)
    assert optimizer.effective_rates()[0].item() == pytest.approx(0.1 / (0.5 + h))


def test_without_an_estimate_every_rate_is_at_its_ceiling():
    optimizer = DiagonalLevenbergMarquardt(LeNet5(), learning_rate=0.0005)
    rates = torch.cat([rate.flatten() for rate in optimizer.effective_rates()])
    assert rates.tolist() == pytest.approx([0.025] * 60_000)


@pytest.mark.parametrize("name", ["learning_rate", "mu"])
def test_rates_must_be_positive(name):
    arguments = {"learning_rate": 0.1, "mu": 0.1} | {name: 0.0}
    with pytest.raises(ValueError, match=name):
        DiagonalLevenbergMarquardt(LeNet5(), **arguments)


def test_lenet5_has_the_printed_effective_rates_in_its_first_pass():
    """With 1 / sqrt(F) weights and a quarter of the printed loss; see the chapter."""
    mnist = load_mnist()
    images = prepare_images(mnist.train_images[:500], size=32)
    network = LeNet5(initial="root")
    optimizer = DiagonalLevenbergMarquardt(
        network, learning_rate=paper.LEARNING_RATES[0], mu=4 * paper.MU
    )
    loss = MaximumLikelihood()
    optimizer.estimate_curvature(images, mnist.train_labels[:500], loss)
    rates = torch.cat([rate.flatten() for rate in optimizer.effective_rates()])
    rates *= 4  # eta / (4 mu + h) of the whole loss, of a quarter four times as much
    smallest, largest = paper.EFFECTIVE_RATES
    assert rates.min().item() == pytest.approx(smallest, rel=0.3)
    assert rates.max().item() == pytest.approx(largest, rel=0.3)
