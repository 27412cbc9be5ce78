// The layers of the networks, forward: pure functions, no DOM.
// `lenet_helpers/model/layers.py` is the reference; tests hold the two together.

import { AMPLITUDE, SLOPE } from "./paper.mjs";

/** @import { Numbers, Tensor } from "./tensors.mjs" */

/** f(a) = A tanh(S a). */
export const squash = (sum) => AMPLITUDE * Math.tanh(SLOPE * sum);

/** max(a, 0), for the network of today. */
export const rectify = (sum) => Math.max(sum, 0);

/** Leaves a sum as it is. */
export const keep = (sum) => sum;

/**
 * Convolves, where each map reads only the maps that links name.
 * @param {Tensor} input  (maps, height, width)
 * @param {Numbers} weight  (links, kernel, kernel)
 * @param {Numbers} bias  (maps') or, a bias a unit, (maps', height', width')
 * @param {object} options
 * @param {Tensor} [options.links]  (2, links): the map and what it reads; else each map
 *   reads every map
 * @param {number} [options.stride]
 * @param {number[]} [options.padding]  rows and columns before, and after
 * @param {number} [options.background]  the value of the padding
 * @param {(sum: number) => number} [options.squash]
 * @returns {Tensor}  (maps', height', width')
 */
export function convolve(input, weight, bias, options = {}) {
  const { links, stride = 1, padding = [0, 0], background = 0 } = options;
  const { shape, data } = pad(input, padding, background);
  const [maps, height, width] = shape;
  const [numLinks, size] = weight.shape;
  const numMaps = bias.shape[0];
  const rows = Math.floor((height - size) / stride) + 1;
  const columns = Math.floor((width - size) / stride) + 1;
  const units = rows * columns;
  const sums = new Float64Array(numMaps * units);
  const ownBias = bias.shape.length > 1;
  const kernels = weight.data;
  for (let i = 0; i < sums.length; i += 1)
    sums[i] = bias.data[ownBias ? i : Math.floor(i / units)];
  for (let link = 0; link < numLinks; link += 1) {
    const to = (links ? links.data[link] : Math.floor(link / maps)) * units;
    const source = links ? links.data[numLinks + link] : link % maps;
    const from = source * height * width;
    const kernel = link * size * size;
    for (let y = 0; y < rows; y += 1) {
      for (let x = 0; x < columns; x += 1) {
        let sum = 0;
        for (let v = 0; v < size; v += 1) {
          const row = from + (stride * y + v) * width + stride * x;
          const taps = kernel + v * size;
          for (let u = 0; u < size; u += 1) sum += kernels[taps + u] * data[row + u];
        }
        sums[to + y * columns + x] += sum;
      }
    }
  }
  const activate = options.squash ?? squash;
  const states = new Float32Array(sums.length); // `from` takes five times as long
  for (let i = 0; i < sums.length; i += 1) states[i] = activate(sums[i]);
  return { shape: [numMaps, rows, columns], data: states };
}

/**
 * Puts a border around each map.
 * @param {Tensor} input  (maps, height, width)
 * @param {number[]} padding  rows and columns before, and after
 * @param {number} background
 * @returns {Tensor}
 */
export function pad(input, [before, after], background) {
  if (!before && !after) return input;
  const [maps, height, width] = input.shape;
  const wide = width + before + after;
  const high = height + before + after;
  const data = new Float32Array(maps * high * wide).fill(background);
  for (let map = 0; map < maps; map += 1) {
    for (let y = 0; y < height; y += 1) {
      const row = input.data.subarray((map * height + y) * width).subarray(0, width);
      data.set(row, (map * high + before + y) * wide + before);
    }
  }
  return { shape: [maps, high, wide], data };
}

/**
 * Halves each map: sums every 2 x 2 patch, scales, shifts, squashes.
 * @param {Tensor} input  (maps, height, width), both even
 * @param {Tensor} coefficient  (maps)
 * @param {Tensor} bias  (maps)
 * @returns {Tensor}  (maps, height / 2, width / 2)
 */
export function subsample(input, coefficient, bias) {
  return mergePatches(input, (map, a, b, c, d) =>
    squash(coefficient.data[map] * (a + b + c + d) + bias.data[map]),
  );
}

/**
 * Halves each map: keeps the largest of every 2 x 2 patch.
 * @param {Tensor} input  (maps, height, width), both even
 * @returns {Tensor}  (maps, height / 2, width / 2)
 */
export function keepLargest(input) {
  return mergePatches(input, (_map, a, b, c, d) => Math.max(a, b, c, d));
}

function mergePatches({ shape, data }, merge) {
  const [maps, height, width] = shape;
  const rows = height / 2;
  const columns = width / 2;
  const states = new Float32Array(maps * rows * columns);
  for (let i = 0; i < states.length; i += 1) {
    const x = i % columns;
    const row = (i - x) / columns; // over all maps
    const first = 2 * row * width + 2 * x;
    const map = Math.floor(row / rows);
    const below = first + width;
    states[i] = merge(map, data[first], data[first + 1], data[below], data[below + 1]);
  }
  return { shape: [maps, rows, columns], data: states };
}

/**
 * Connects every unit to every unit below, at every place.
 * @param {Tensor} input  (units, height, width); read as (units, places)
 * @param {Tensor} weight  (units', units)
 * @param {Tensor} bias  (units')
 * @param {(sum: number) => number} [activate]
 * @returns {Tensor}  (units', 1, places)
 */
export function connect(input, weight, bias, activate = squash) {
  const [numUnits, numInputs] = weight.shape;
  const places = input.data.length / numInputs;
  const states = new Float32Array(numUnits * places);
  const [weights, below] = [weight.data, input.data];
  for (let unit = 0; unit < numUnits; unit += 1) {
    for (let place = 0; place < places; place += 1) {
      let sum = bias.data[unit];
      for (let i = 0; i < numInputs; i += 1)
        sum += weights[unit * numInputs + i] * below[i * places + place];
      states[unit * places + place] = activate(sum);
    }
  }
  return { shape: [numUnits, 1, places], data: states };
}

/**
 * Gives each class a penalty at every place: the squared distance from its code.
 * @param {Tensor} input  (84, 1, places)
 * @param {Tensor} codes  (classes, 84)
 * @returns {Tensor}  (classes, 1, places)
 */
export function measureDistances(input, codes) {
  const [classes, numInputs] = codes.shape;
  const places = input.data.length / numInputs;
  const penalties = new Float32Array(classes * places);
  for (let label = 0; label < classes; label += 1) {
    for (let place = 0; place < places; place += 1) {
      let sum = 0;
      for (let i = 0; i < numInputs; i += 1) {
        const gap = input.data[i * places + place] - codes.data[label * numInputs + i];
        sum += gap * gap;
      }
      penalties[label * places + place] = sum;
    }
  }
  return { shape: [classes, 1, places], data: penalties };
}
