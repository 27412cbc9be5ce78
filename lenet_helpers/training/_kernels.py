"""The compiled inner loops of `lenet_helpers.training.online`: one pattern, one update.

A network is a table, a `LAYER` a layer, that says where in flat arrays its parameters
and states lie. A map's sums are kept in rows as wide as the layer below's (the cells
between are junk): then one kernel weight is one contiguous loop. Where a convolution
has stride 2, the states below are split by odd and even coordinates, which makes it
contiguous too.

All of it is in one file, and every helper is forced inline, for one reason: numba's
cache knows the two functions that it keeps, `train_patterns` and `answer_patterns`, and
their file. A helper in another file could change unseen; one that is called and not
inlined would be one code in the process that compiles it, and another, optimised twice,
in those that load it.
"""

import math

import numpy as np
from numba import njit, types, uint64
from numba.extending import overload

from lenet_helpers.paper import AMPLITUDE, SLOPE

CONVOLUTION, SUBSAMPLING, FULL, RBF = range(4)
SQUARED_ERROR, MAXIMUM_LIKELIHOOD, MAXIMUM_POSTERIOR = range(3)
# A row of a network's table. `plane` is the length of a map's states, `place` says
# where in it each unit lies; `row` and `span` are a row's and a map's length in the
# sums; is_compact: the states of a map lie row by row without gaps.
FIELDS = (
    "kind", "maps_in", "plane_in", "states_in", "maps", "height", "width", "row",
    "span", "pad", "sums", "plane", "states", "place", "offsets", "links",
    "first_links", "weight", "bias", "bias_is_shared", "stride", "is_trained",
    "is_compact",
)  # fmt: skip
LAYER = np.dtype([(name, np.int64) for name in FIELDS])
# Sums may be reordered, but a run that diverges must end in honest NaNs.
FAST = {"reassoc", "contract", "nsz", "arcp", "afn"}
INLINE = {"nogil": True, "fastmath": FAST, "error_model": "numpy", "forceinline": True}
OPTIONS = {"nogil": True, "fastmath": FAST, "error_model": "numpy", "cache": True}
# tanh as the quotient of an odd and an even polynomial, to 1e-7 in float32: unlike
# math.tanh it becomes vector instructions. The coefficients are Eigen's.
ODD = (4.89352455891786e-03, 6.37261928875436e-04, 1.48572235717979e-05,
       5.12229709037114e-08, -8.60467152213735e-11, 2.00018790482477e-13,
       -2.76076847742355e-16)  # fmt: skip
EVEN = (4.89352518554385e-03, 2.26843463243900e-03, 1.18534705686654e-04,
        1.19825839466702e-06)  # fmt: skip
LARGEST = 7.90531110763549805


def _tanh(x):
    """Compute tanh, by the polynomials in float32 and exactly in float64."""
    return math.tanh(x)


@overload(_tanh, jit_options={"forceinline": True})
def _overload_tanh(x):
    if x is not types.float32:
        return lambda x: math.tanh(x)
    o1, o3, o5, o7, o9, o11, o13 = (np.float32(c) for c in ODD)
    e0, e2, e4, e6 = (np.float32(c) for c in EVEN)
    largest = np.float32(LARGEST)

    def rational(x):
        x = min(max(x, -largest), largest)
        s = x * x
        odd = o1 + s * (o3 + s * (o5 + s * (o7 + s * (o9 + s * (o11 + s * o13)))))
        return x * odd / (e0 + s * (e2 + s * (e4 + s * e6)))

    return rational


@njit(**INLINE)
def _squash(sums):
    amplitude, slope = sums.dtype.type(AMPLITUDE), sums.dtype.type(SLOPE)
    for i in range(len(sums)):
        sums[i] = amplitude * _tanh(slope * sums[i])


@njit(**INLINE, inline="always")
def _convolve(n, sums, to, x, start, row, phase, step, weights, kernel, is_flipped):
    """Add to `n` sums, from `to`, those of 25 inputs, from `start`, times a kernel.

    Unsigned indices into whole arrays: a signed one may be negative, which Python
    counts from the end, and a slice costs more than the loop over a small map. The
    compiler unrolls the inner loops if `step` and `is_flipped` are constants.
    """
    to, start, kernel = uint64(to), uint64(start), uint64(kernel)
    row, phase, step, five = uint64(row), uint64(phase), uint64(step), uint64(5)
    for i in range(uint64(n)):
        total = sums[to + i]
        for u in range(five):
            for v in range(five):
                k = uint64(24) - five * u - v if is_flipped else five * u + v
                place = (u % step * step + v % step) * phase + u // step * row
                total += weights[kernel + k] * x[start + place + v // step + i]
        sums[to + i] = total


@njit(**INLINE)
def _descend_five(n, deltas, at, x, start, offsets, weights, rates, k):
    """Update the five weights from `k`, which a map's `n` sums share."""
    s0, s1 = uint64(start + offsets[0]), uint64(start + offsets[1])
    s2, s3 = uint64(start + offsets[2]), uint64(start + offsets[3])
    s4, at = uint64(start + offsets[4]), uint64(at)
    g0 = g1 = g2 = g3 = g4 = deltas.dtype.type(0)
    for i in range(uint64(n)):
        delta = deltas[at + i]
        g0 += delta * x[s0 + i]
        g1 += delta * x[s1 + i]
        g2 += delta * x[s2 + i]
        g3 += delta * x[s3 + i]
        g4 += delta * x[s4 + i]
    weights[k] -= rates[k] * g0
    weights[k + 1] -= rates[k + 1] * g1
    weights[k + 2] -= rates[k + 2] * g2
    weights[k + 3] -= rates[k + 3] * g3
    weights[k + 4] -= rates[k + 4] * g4


@njit(**INLINE)
def _scatter(sums, layer, o, pool, states):
    """Put the units of map `o` where the next layer reads them."""
    height, width, row = layer.height, layer.width, layer.row
    place = pool[layer.place :][: height * width]
    states = states[layer.states + o * layer.plane :][: layer.plane]
    for y in range(height):
        line = sums[y * row :][:width]
        if layer.is_compact:
            target = states[y * width :][:width]
            for x in range(width):
                target[x] = line[x]
        else:
            places = place[y * width :][:width]
            for x in range(width):
                states[places[x]] = line[x]


@njit(**INLINE)
def _gather(deltas, layer, o, pool, states, state_deltas):
    """Turn dE/dx of the units of map `o` into dE/da; the junk cells stay 0."""
    kind = deltas.dtype.type
    slope, scale = kind(AMPLITUDE * SLOPE), kind(SLOPE / AMPLITUDE)
    height, width, row = layer.height, layer.width, layer.row
    place = pool[layer.place :][: height * width]
    states = states[layer.states + o * layer.plane :][: layer.plane]
    state_deltas = state_deltas[layer.states + o * layer.plane :][: layer.plane]
    for y in range(height):
        line = deltas[y * row :][:width]
        if layer.is_compact:
            x, dx = states[y * width :][:width], state_deltas[y * width :][:width]
            for i in range(width):
                line[i] = dx[i] * (slope - scale * x[i] * x[i])
        else:
            places = place[y * width :][:width]
            for i in range(width):
                k = places[i]
                line[i] = state_deltas[k] * (slope - scale * states[k] * states[k])


@njit(**INLINE)
def _forward_convolution(layer, pool, parameters, states, sums):
    height, width, row, span = layer.height, layer.width, layer.row, layer.span
    stride = span + 2 * layer.pad
    for o in range(layer.maps):
        to = layer.sums + o * stride + layer.pad
        out = sums[to:][:span]
        if layer.bias_is_shared:
            out[:] = parameters[layer.bias + o]
        else:
            out[:] = 0
            biases = parameters[layer.bias + o * height * width :][: height * width]
            for y in range(height):
                for x in range(width):
                    out[y * row + x] = biases[y * width + x]
        for link in range(pool[layer.first_links + o], pool[layer.first_links + o + 1]):
            start = layer.states_in + pool[layer.links + link] * layer.plane_in
            kernel = layer.weight + 25 * link
            if layer.stride == 1:
                _convolve(
                    span, sums, to, states, start, row, 0, 1, parameters, kernel, False
                )
            else:
                phase = layer.plane_in // 4
                _convolve(
                    span, sums, to, states, start, row, phase, 2, parameters, kernel,
                    False,
                )  # fmt: skip
        _squash(out)
        _scatter(out, layer, o, pool, states)


@njit(**INLINE)
def _backward_convolution(
    layer, pool, parameters, rates, states, state_deltas, deltas, is_first
):
    height, width, row, span = layer.height, layer.width, layer.row, layer.span
    units = height * width
    for o in range(layer.maps):
        inner = deltas[layer.sums + o * (span + 2 * layer.pad) + layer.pad :][:span]
        _gather(inner, layer, o, pool, states, state_deltas)
        if layer.bias_is_shared:
            gradient = inner.dtype.type(0)
            for i in range(span):
                gradient += inner[i]
            k = layer.bias + o
            parameters[k] -= rates[k] * gradient
        else:
            for y in range(height):
                for x in range(width):
                    k = layer.bias + o * units + y * width + x
                    parameters[k] -= rates[k] * inner[y * row + x]
    if not is_first:
        _propagate_back(layer, pool, parameters, state_deltas, deltas)
    _descend(layer, pool, parameters, rates, states, deltas)


@njit(**INLINE)
def _propagate_back(layer, pool, parameters, state_deltas, deltas):
    """Add dE/dx of the states below; call before `_descend` changes the kernels."""
    row, span, pad = layer.row, layer.span, layer.pad
    offsets = pool[layer.offsets :][:25]
    for o in range(layer.maps):
        first = layer.sums + o * (span + 2 * pad)
        for link in range(pool[layer.first_links + o], pool[layer.first_links + o + 1]):
            to = layer.states_in + pool[layer.links + link] * layer.plane_in
            n, kernel = layer.plane_in, layer.weight + 25 * link
            if layer.stride == 1:
                _convolve(
                    n, state_deltas, to, deltas, first, row, 0, 1, parameters, kernel,
                    True,
                )  # fmt: skip
            else:
                for u in range(25):
                    weight, at = parameters[kernel + u], uint64(to + offsets[u])
                    for i in range(uint64(span)):
                        state_deltas[at + i] += weight * deltas[uint64(first) + i]


@njit(**INLINE)
def _descend(layer, pool, parameters, rates, states, deltas):
    """Update the kernels."""
    span, pad = layer.span, layer.pad
    offsets = pool[layer.offsets :][:25]
    for o in range(layer.maps):
        at = layer.sums + o * (span + 2 * pad) + pad
        for link in range(pool[layer.first_links + o], pool[layer.first_links + o + 1]):
            start = layer.states_in + pool[layer.links + link] * layer.plane_in
            kernel = layer.weight + 25 * link
            for u in range(0, 25, 5):
                _descend_five(
                    span, deltas, at, states, start, offsets[u:], parameters, rates,
                    kernel + u,
                )  # fmt: skip


@njit(**INLINE)
def _forward_subsampling(layer, pool, parameters, states, sums, fours):
    height, width, span = layer.height, layer.width, layer.span
    for o in range(layer.maps):
        start = layer.states_in + pool[layer.links + o] * layer.plane_in
        below = states[start:][: layer.plane_in]
        four = fours[layer.sums + o * span :][:span]
        out = sums[layer.sums + o * span :][:span]
        for y in range(height):
            above = below[4 * y * width :][: 2 * width]
            under = below[(4 * y + 2) * width :][: 2 * width]
            for x in range(width):
                four[y * width + x] = (
                    above[2 * x] + above[2 * x + 1] + under[2 * x] + under[2 * x + 1]
                )
        coefficient, bias = parameters[layer.weight + o], parameters[layer.bias + o]
        for i in range(span):
            out[i] = coefficient * four[i] + bias
        _squash(out)
        _scatter(out, layer, o, pool, states)


@njit(**INLINE)
def _backward_subsampling(
    layer, pool, parameters, rates, states, state_deltas, deltas, fours
):
    height, width, span = layer.height, layer.width, layer.span
    for o in range(layer.maps):
        start = layer.states_in + pool[layer.links + o] * layer.plane_in
        below_deltas = state_deltas[start:][: layer.plane_in]
        four = fours[layer.sums + o * span :][:span]
        inner = deltas[layer.sums + o * span :][:span]
        _gather(inner, layer, o, pool, states, state_deltas)
        weight, bias = layer.weight + o, layer.bias + o
        coefficient = parameters[weight]
        weight_gradient, bias_gradient = inner.dtype.type(0), inner.dtype.type(0)
        for i in range(span):
            weight_gradient += inner[i] * four[i]
            bias_gradient += inner[i]
        parameters[weight] -= rates[weight] * weight_gradient
        parameters[bias] -= rates[bias] * bias_gradient
        for y in range(height):
            above = below_deltas[4 * y * width :][: 2 * width]
            under = below_deltas[(4 * y + 2) * width :][: 2 * width]
            for x in range(width):
                delta = coefficient * inner[y * width + x]
                above[2 * x] += delta
                above[2 * x + 1] += delta
                under[2 * x] += delta
                under[2 * x + 1] += delta


@njit(**INLINE)
def _forward_full(layer, parameters, states):
    n = layer.maps_in * layer.plane_in
    below = states[layer.states_in :][:n]
    out = states[layer.states :][: layer.maps]
    for o in range(layer.maps):
        weights = parameters[layer.weight + o * n :][:n]
        total = below.dtype.type(0)
        for i in range(n):
            total += weights[i] * below[i]
        out[o] = total + parameters[layer.bias + o]
    _squash(out)


@njit(**INLINE)
def _backward_full(layer, parameters, rates, states, state_deltas):
    kind = states.dtype.type
    slope, scale = kind(AMPLITUDE * SLOPE), kind(SLOPE / AMPLITUDE)
    n = layer.maps_in * layer.plane_in
    below = states[layer.states_in :][:n]
    below_deltas = state_deltas[layer.states_in :][:n]
    out = states[layer.states :][: layer.maps]
    out_deltas = state_deltas[layer.states :][: layer.maps]
    for o in range(layer.maps):
        delta = out_deltas[o] * (slope - scale * out[o] * out[o])
        weights = parameters[layer.weight + o * n :][:n]
        weight_rates = rates[layer.weight + o * n :][:n]
        for i in range(n):
            weight = weights[i]
            below_deltas[i] += delta * weight
            weights[i] = weight - weight_rates[i] * (delta * below[i])
        k = layer.bias + o
        parameters[k] -= rates[k] * delta


@njit(**INLINE)
def _forward_rbf(layer, parameters, states):
    n = layer.maps_in * layer.plane_in
    below = states[layer.states_in :][:n]
    for o in range(layer.maps):
        centre = parameters[layer.weight + o * n :][:n]
        total = below.dtype.type(0)
        for i in range(n):
            total += (below[i] - centre[i]) ** 2
        states[layer.states + o] = total


@njit(**INLINE)
def _backward_rbf(layer, parameters, rates, states, state_deltas):
    n = layer.maps_in * layer.plane_in
    below = states[layer.states_in :][:n]
    below_deltas = state_deltas[layer.states_in :][:n]
    for o in range(layer.maps):
        delta = 2 * state_deltas[layer.states + o]
        if delta == 0:
            continue
        centre = parameters[layer.weight + o * n :][:n]
        for i in range(n):
            below_deltas[i] += delta * (below[i] - centre[i])
        if layer.is_trained:
            centre_rates = rates[layer.weight + o * n :][:n]
            for i in range(n):
                centre[i] += centre_rates[i] * (delta * (below[i] - centre[i]))


@njit(**INLINE)
def _differentiate_loss(loss, options, outputs, label, gradients):
    """Write dE/dy of one pattern; return its loss. Options: `_program.read_loss`."""
    n = len(outputs)
    if loss == SQUARED_ERROR:
        low, high = options[0], options[1]
        total = outputs.dtype.type(0)
        for i in range(n):
            error = outputs[i] - (high if i == label else low)
            gradients[i] = 2 * error / n
            total += error * error
        return total / n
    if loss == MAXIMUM_LIKELIHOOD:
        for i in range(n):
            gradients[i] = 0
        gradients[label] = 1
        return outputs[label]
    j = options[0]
    largest = -j
    for i in range(n):
        largest = max(largest, -outputs[i])
    total = math.exp(-j - largest)
    for i in range(n):
        gradients[i] = math.exp(-outputs[i] - largest)
        total += gradients[i]
    for i in range(n):
        gradients[i] *= -1 / total
    gradients[label] += 1
    return outputs[label] + largest + math.log(total)


@njit(**INLINE)
def _forward(table, pool, parameters, states, sums, fours):
    for i in range(len(table)):
        layer = table[i]
        if layer.kind == CONVOLUTION:
            _forward_convolution(layer, pool, parameters, states, sums)
        elif layer.kind == SUBSAMPLING:
            _forward_subsampling(layer, pool, parameters, states, sums, fours)
        elif layer.kind == FULL:
            _forward_full(layer, parameters, states)
        else:
            _forward_rbf(layer, parameters, states)


@njit(**INLINE)
def _answer(outputs, smallest_wins):
    best = 0
    for i in range(1, len(outputs)):
        differs = outputs[i] != outputs[best]
        if differs and (outputs[i] < outputs[best]) == smallest_wins:
            best = i
    return best


@njit(**OPTIONS)
def train_patterns(
    table, pool, parameters, rates, buffers, images, labels, order, loss, options
):
    """Show the patterns of `order` one by one, and update after each.

    Parameters
    ----------
    table, pool : array, (layers,) of `LAYER` and (K,) int64
    parameters, rates : array, (P,); the parameters are changed
    buffers : tuple of five arrays, states, their derivatives, sums, their derivatives,
        and sums of four
    images : array, (N, M), laid out as the first layer reads them
    labels, order : array, (N,) and (n,) int64
    loss : int
    options : array, (2,)

    Returns
    -------
    loss_sum : float
    num_errors : int; each pattern is judged before it is learnt from
    """
    states, state_deltas, sums, deltas, fours = buffers
    last = table[len(table) - 1]
    outputs = states[last.states :][: last.maps]
    gradients = state_deltas[last.states :][: last.maps]
    loss_sum, num_errors = 0.0, 0
    for k in order:
        states[: images.shape[1]] = images[k]
        _forward(table, pool, parameters, states, sums, fours)
        num_errors += _answer(outputs, last.kind == RBF) != labels[k]
        state_deltas[:] = 0
        loss_sum += _differentiate_loss(loss, options, outputs, labels[k], gradients)
        for i in range(len(table) - 1, -1, -1):
            layer = table[i]
            if layer.kind == CONVOLUTION:
                _backward_convolution(
                    layer, pool, parameters, rates, states, state_deltas, deltas, i == 0
                )
            elif layer.kind == SUBSAMPLING:
                _backward_subsampling(
                    layer, pool, parameters, rates, states, state_deltas, deltas, fours
                )
            elif layer.kind == FULL:
                _backward_full(layer, parameters, rates, states, state_deltas)
            else:
                _backward_rbf(layer, parameters, rates, states, state_deltas)
    return loss_sum, num_errors


@njit(**OPTIONS)
def answer_patterns(table, pool, parameters, buffers, images):
    """Classify, with parameters as they are.

    Parameters
    ----------
    As in `train_patterns`.

    Returns
    -------
    array, (N,) int64
    """
    states, _, sums, _, fours = buffers
    last = table[len(table) - 1]
    outputs = states[last.states :][: last.maps]
    answers = np.empty(len(images), np.int64)
    for k in range(len(images)):
        states[: images.shape[1]] = images[k]
        _forward(table, pool, parameters, states, sums, fours)
        answers[k] = _answer(outputs, last.kind == RBF)
    return answers
