// The layers of the networks, forward and backward: no DOM, nothing allocated in training.
// `lenet_helpers/model/layers.py` and `rbf.py` are the reference; tests hold the two
// together.

import {
  addConvolution,
  addKernelGradient,
  addScaled,
  KERNEL,
  MARGIN,
  multiply,
  sendBack,
  spreadFours,
  squashRow,
  sumFours,
  unsquash,
} from "./loops.mjs";

/** @import { Squash } from "./loops.mjs" */
/** @import { Maps } from "./maps.mjs" */

/**
 * Computes the states of its maps from those below, and derivatives the other way.
 * @typedef {object} Layer
 * @property {Maps} out  its maps
 * @property {() => void} forward
 * @property {(gradient: Float32Array) => void} backward  takes dE/dx of its states from
 *   `out.deltas`; adds dE/dw to the gradient of the network's parameters, and leaves dE/dx
 *   of the states below in their `deltas`
 * @property {(curvature: Float32Array, slopes: ArrayLike<number>) => void}
 *   backwardCurvature  the same with d2E/dx2 and d2E/dw2, diagonal and without f'' (LeCun
 *   et al. 1998, eqs. 23, 25 and 27); slopes: dE/dy of the outputs, for the last layer
 */

/**
 * Where a layer is.
 * @typedef {object} Place
 * @property {Maps} below  what it reads
 * @property {Maps} out  its maps
 * @property {Squash} squash
 * @property {Float32Array} parameters  of the whole network
 * @property {number} weight  where the layer's weights begin in them
 * @property {number} bias  where its biases begin
 * @property {boolean} isFirst  it reads the image, whose derivatives nobody needs
 */

/**
 * Makes a layer whose units are squashed weighted sums. Its second derivatives follow the
 * rules of the first, with f', weights and inputs squared.
 * @param {Place} place
 * @param {object} sum
 * @param {number} sum.numWeights
 * @param {Float32Array} sum.inputs  what the weights multiply
 * @param {() => void} sum.forward
 * @param {(gradient: Float32Array, inputs: Float32Array, weights: Float32Array,
 *   weight: number) => void} sum.propagate  takes dE/da from `out.deltas`; the weights
 *   begin at `weight`
 * @returns {Layer}
 */
function createWeightedSum(place, { numWeights, inputs, forward, propagate }) {
  const { below, out, squash, parameters, weight } = place;
  const squaredWeights = new Float32Array(numWeights);
  const squaredInputs = new Float32Array(inputs.length);
  const backward = (gradient) => {
    unsquash(out.deltas, out.states, squash);
    below.deltas.fill(0);
    propagate(gradient, inputs, parameters, weight);
  };
  const backwardCurvature = (curvature) => {
    unsquash(out.deltas, out.states, squash);
    unsquash(out.deltas, out.states, squash); // by f' squared
    below.deltas.fill(0);
    square(squaredWeights, parameters, weight);
    square(squaredInputs, inputs, 0);
    propagate(curvature, squaredInputs, squaredWeights, 0);
  };
  return { out, forward, backward, backwardCurvature };
}

function square(squares, numbers, from) {
  for (let i = 0; i < squares.length; i += 1)
    squares[i] = numbers[from + i] * numbers[from + i];
}

/**
 * Convolves by kernels of 5 x 5, where each map reads only the maps that a table names.
 * @param {Place & {table: number[][], stride: number, hasOwnBiases: boolean}} place
 *   hasOwnBiases: each unit has a bias, else each map
 * @returns {Layer}
 */
export function createConvolution(place) {
  const { below, out, squash, parameters, stride, hasOwnBiases } = place;
  const { maps, height, width, row, plane, first } = out;
  const links = place.table.flatMap((inputs, map) =>
    inputs.map((input) => ({ map, from: input * below.plane })),
  );
  const size = KERNEL ** 2;
  const deltaRow = stride * (width - 1) + 2 * KERNEL - 1;
  const deltas = new Float32Array(maps * height * deltaRow); // dE/da, rows in zeros
  const shape = { height, width, stride, row: below.row, outRow: row, deltaRow };

  function forward() {
    const { states } = out;
    for (let map = 0; map < maps; map += 1) {
      for (let y = 0; y < height; y += 1) {
        const at = map * plane + first + y * row;
        const unit = (map * height + y) * width;
        for (let x = 0; x < width; x += 1)
          states[at + x] = parameters[place.bias + (hasOwnBiases ? unit + x : map)];
      }
    }
    for (let link = 0; link < links.length; link += 1) {
      const { map, from } = links[link];
      const to = map * plane + first;
      const kernel = place.weight + size * link;
      addConvolution(states, to, below.states, from, parameters, kernel, shape);
    }
    for (let map = 0; map < maps; map += 1)
      for (let y = 0; y < height; y += 1)
        squashRow(states, map * plane + first + y * row, width, squash);
  }

  function propagate(gradient, inputs, weights, weight) {
    for (let map = 0; map < maps; map += 1) {
      let total = 0;
      for (let y = 0; y < height; y += 1) {
        const at = map * plane + first + y * row;
        const unit = (map * height + y) * width;
        const to = (map * height + y) * deltaRow + MARGIN;
        for (let x = 0; x < width; x += 1) {
          const delta = out.deltas[at + x];
          deltas[to + stride * x] = delta;
          total += delta;
          if (hasOwnBiases) gradient[place.bias + unit + x] += delta;
        }
      }
      if (!hasOwnBiases) gradient[place.bias + map] += total;
    }
    for (let link = 0; link < links.length; link += 1) {
      const { map, from } = links[link];
      const at = map * height * deltaRow;
      const kernel = size * link;
      addKernelGradient(
        gradient,
        place.weight + kernel,
        deltas,
        at,
        inputs,
        from,
        shape,
      );
      if (!place.isFirst)
        sendBack(below.deltas, from, deltas, at, weights, weight + kernel, shape);
    }
  }

  const numWeights = size * links.length;
  return createWeightedSum(place, {
    numWeights,
    inputs: below.states,
    forward,
    propagate,
  });
}

/**
 * Halves each map: sums every 2 x 2 patch, scales, shifts, squashes.
 * @param {Place & {sources: number[]}} place  sources: the map below that each map reads
 * @returns {Layer}
 */
export function createSubsampling(place) {
  const { below, out, squash, parameters, sources } = place;
  const { maps, height, width, row, plane, first } = out;
  const units = height * width;
  const fours = new Float32Array(maps * units); // sums of four

  function forward() {
    const { states } = out;
    for (let map = 0; map < maps; map += 1) {
      const coefficient = parameters[place.weight + map];
      const bias = parameters[place.bias + map];
      for (let y = 0; y < height; y += 1) {
        const at = map * plane + first + y * row;
        const unit = map * units + y * width;
        const from = sources[map] * below.plane + below.first + 2 * y * below.row;
        sumFours(fours, unit, below.states, from, below.row, width);
        for (let x = 0; x < width; x += 1)
          states[at + x] = coefficient * fours[unit + x] + bias;
        squashRow(states, at, width, squash);
      }
    }
  }

  function propagate(gradient, inputs, weights, weight) {
    for (let map = 0; map < maps; map += 1) {
      let weightGradient = 0;
      let biasGradient = 0;
      for (let y = 0; y < height; y += 1) {
        const at = map * plane + first + y * row;
        const unit = map * units + y * width;
        for (let x = 0; x < width; x += 1) {
          weightGradient += out.deltas[at + x] * inputs[unit + x];
          biasGradient += out.deltas[at + x];
        }
        const from = sources[map] * below.plane + below.first + 2 * y * below.row;
        const coefficient = weights[weight + map];
        spreadFours(below.deltas, from, below.row, out.deltas, at, width, coefficient);
      }
      gradient[place.weight + map] += weightGradient;
      gradient[place.bias + map] += biasGradient;
    }
  }

  return createWeightedSum(place, {
    numWeights: maps,
    inputs: fours,
    forward,
    propagate,
  });
}

/**
 * Connects every unit to every unit of the layer below.
 * @param {Place} place  `out` has a unit a map, and no border is below
 * @returns {Layer}
 */
export function createFull(place) {
  const { below, out, squash, parameters } = place;
  const numUnits = out.maps;
  const numInputs = below.states.length;

  function forward() {
    for (let unit = 0; unit < numUnits; unit += 1) {
      const at = place.weight + unit * numInputs;
      out.states[unit] =
        multiply(parameters, at, below.states, numInputs) +
        parameters[place.bias + unit];
    }
    squashRow(out.states, 0, numUnits, squash);
  }

  function propagate(gradient, inputs, weights, weight) {
    for (let unit = 0; unit < numUnits; unit += 1) {
      const delta = out.deltas[unit];
      const at = unit * numInputs;
      gradient[place.bias + unit] += delta;
      addScaled(gradient, place.weight + at, delta, inputs, 0, numInputs);
      if (!place.isFirst)
        addScaled(below.deltas, 0, delta, weights, weight + at, numInputs);
    }
  }

  const numWeights = numUnits * numInputs;
  return createWeightedSum(place, {
    numWeights,
    inputs: below.states,
    forward,
    propagate,
  });
}

/**
 * Gives each class a penalty: the squared distance of the states below from its code.
 * The codes are fixed.
 * @param {{below: Maps, out: Maps, codes: Float32Array}} place  codes: (classes, units)
 * @returns {Layer}
 */
export function createRbf({ below, out, codes }) {
  const numInputs = below.states.length;

  function forward() {
    for (let label = 0; label < out.maps; label += 1) {
      let sum = 0;
      for (let i = 0; i < numInputs; i += 1) {
        const gap = below.states[i] - codes[label * numInputs + i];
        sum += gap * gap;
      }
      out.states[label] = sum;
    }
  }

  function backward() {
    below.deltas.fill(0);
    for (let label = 0; label < out.maps; label += 1) {
      const delta = 2 * out.deltas[label];
      for (let i = 0; i < numInputs; i += 1)
        below.deltas[i] += delta * (below.states[i] - codes[label * numInputs + i]);
    }
  }

  // dy/dx is 2 (x - w), its own derivative 2. The paper prints no rule.
  function backwardCurvature(_curvature, slopes) {
    below.deltas.fill(0);
    for (let label = 0; label < out.maps; label += 1) {
      const [curvature, slope] = [out.deltas[label], slopes[label]];
      for (let i = 0; i < numInputs; i += 1) {
        const gap = 2 * (below.states[i] - codes[label * numInputs + i]);
        below.deltas[i] += curvature * gap * gap + 2 * slope;
      }
    }
  }

  return { out, forward, backward, backwardCurvature };
}
