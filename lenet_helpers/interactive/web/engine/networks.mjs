// The networks of the course, forward: pure functions, no DOM.
// `lenet_helpers/model/networks.py` and `today.py` are the reference; tests hold the two
// together.

import {
  connect,
  convolve,
  keep,
  keepLargest,
  measureDistances,
  pad,
  rectify,
  subsample,
} from "./layers.mjs";
import { BACKGROUND, FOREGROUND } from "./paper.mjs";
import { resample, weighTriangles } from "./resample.mjs";

/** @import { Tensor } from "./tensors.mjs" */

// Each takes an input (1, height, width), made by `prepareInput`, and the
// tensors of `lenet_helpers.trained.pack_network`; it returns every layer's maps.

function runNet1989(input, t) {
  const options = { stride: 2, padding: [2, 1], background: -1 };
  const h1 = convolve(input, t["h1.weight"], t["h1.bias"], options);
  const links = t["h2.links"];
  const h2 = convolve(h1, t["h2.weight"], t["h2.bias"], { ...options, links });
  const h3 = connect(h2, t["h3.weight"], t["h3.bias"]);
  const output = connect(h3, t["output.weight"], t["output.bias"]);
  return { input, h1, h2, h3, output };
}

function runLeNet1(input, t) {
  const h1 = convolve(input, t["h1.weight"], t["h1.bias"]);
  const h2 = subsample(h1, t["h2.weight"], t["h2.bias"]);
  const links = t["h3.links"];
  const h3 = convolve(h2, t["h3.weight"], t["h3.bias"], { links });
  const h4 = subsample(h3, t["h4.weight"], t["h4.bias"]);
  const output = connect(h4, t["output.weight"], t["output.bias"]);
  return { input, h1, h2, h3, h4, output };
}

// Also over a wider input: the penalties are then those of windows four pixels apart.
function runLeNet5(input, t) {
  const c1 = convolve(input, t["c1.weight"], t["c1.bias"]);
  const s2 = subsample(c1, t["s2.weight"], t["s2.bias"]);
  const links = t["c3.links"];
  const c3 = convolve(s2, t["c3.weight"], t["c3.bias"], { links });
  const s4 = subsample(c3, t["s4.weight"], t["s4.bias"]);
  const c5 = convolve(s4, t["c5.weight"], t["c5.bias"]);
  const f6 = connect(c5, t["f6.weight"], t["f6.bias"]);
  const output = measureDistances(f6, t["output.weight"]);
  return { input, c1, s2, c3, s4, c5, f6, output };
}

function runModern(input, t) {
  const options = { squash: rectify };
  const c1 = convolve(input, t["c1.weight"], t["c1.bias"], options);
  const s2 = keepLargest(c1);
  const c3 = convolve(s2, t["c3.weight"], t["c3.bias"], options);
  const s4 = keepLargest(c3);
  const f5 = connect(s4, t["f5.weight"], t["f5.bias"], rectify);
  const output = connect(f5, t["output.weight"], t["output.bias"], keep);
  return { input, c1, s2, c3, s4, f5, output };
}

// size: of the digits' 28 x 28 field within the input; border: around it; low, high:
// the values of background and ink; sign: of the outputs, -1 where small is good.
const OLD = { low: -1, high: 1, sign: 1 };
const NEW = { size: 28, low: BACKGROUND, high: FOREGROUND };
export const NETWORKS = {
  net1989: { ...OLD, size: 16, border: 0, run: runNet1989 },
  lenet1: { ...OLD, size: 22, border: 3, run: runLeNet1 },
  lenet5: { ...NEW, border: 2, sign: -1, run: runLeNet5 },
  modern: { ...NEW, border: 0, sign: 1, run: runModern },
};

/**
 * Turns stored pixels into a network's input.
 * @param {string} name  of `NETWORKS`
 * @param {Uint8Array} pixels  28 rows; 0 is background, 255 is ink
 * @returns {Tensor}  (1, height, width)
 */
export function prepareInput(name, pixels) {
  const { size, border, low, high } = NETWORKS[name];
  const width = pixels.length / 28;
  const whole = { shape: [1, 28, width], data: pixels };
  const field = size === 28 ? whole : resample(whole, size, size, weighTriangles);
  const scale = (high - low) / 255;
  const data = Float32Array.from(field.data, (value) => low + scale * value);
  return pad({ shape: field.shape, data }, [border, border], low);
}

/**
 * Computes every layer's maps.
 * @param {string} name  of `NETWORKS`
 * @param {Object<string, Tensor>} tensors
 * @param {Uint8Array} pixels  28 rows, of 28 columns or, for LeNet-5, 28 + 4 k
 * @returns {Object<string, Tensor>}  by layer, from `input` to `output`
 */
export function runNetwork(name, tensors, pixels) {
  return NETWORKS[name].run(prepareInput(name, pixels), tensors);
}

/**
 * Finds the answer, the runner-up, and how far apart they are.
 * @param {string} name  of `NETWORKS`
 * @param {Tensor} output  (10, 1, places)
 * @param {number} [place]
 * @returns {?{answer: number, second: number, difference: number}}  null where an
 *   output is no number
 */
export function judge(name, output, place = 0) {
  const places = output.shape[2];
  const { sign } = NETWORKS[name];
  const scores = [...Array(10).keys()].map(
    (i) => sign * output.data[i * places + place],
  );
  if (!scores.every(Number.isFinite)) return null;
  const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a]);
  const difference = scores[order[0]] - scores[order[1]];
  return { answer: order[0], second: order[1], difference };
}
