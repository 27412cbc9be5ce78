// The networks that can be trained: no DOM. `lenet_helpers/model/networks.py` is the
// reference; tests hold the two together.

import { readCode } from "../codes.mjs";
import { prepareInput } from "../networks.mjs";
import { DIGIT_CODES } from "../paper.mjs";
import { createLargest } from "./largest.mjs";
import {
  createConvolution,
  createFull,
  createRbf,
  createSubsampling,
} from "./layers.mjs";
import { KERNEL } from "./loops.mjs";
import { createMaps, fillMaps } from "./maps.mjs";
import { PLANS } from "./plans.mjs";

/** @import { Tensor } from "../tensors.mjs" */
/** @import { Layer } from "./layers.mjs" */
/** @import { Squash } from "./loops.mjs" */
/** @import { Maps } from "./maps.mjs" */
/** @import { Plan } from "./plans.mjs" */

/**
 * A network with its parameters.
 * @typedef {object} Network
 * @property {string} prepareAs  the network of `../networks.mjs` whose input it takes
 * @property {Maps} input
 * @property {Object<string, Layer>} layers  in the order in which they compute
 * @property {Layer[]} inOrder  the same
 * @property {Maps} output
 * @property {boolean} smallestWins  the outputs are penalties
 * @property {Float32Array} parameters  all that are trained, one behind the other
 * @property {Object<string, Tensor>} tensors  views of them, and the codes, by the names
 *   of PyTorch's state_dict
 * @property {Object<string, {from: number, to: number}>} ranges  where in them those of a
 *   layer lie
 * @property {Object<string, {weights: number[], biases: number[], isSubsampling: boolean}>}
 *   fanIns  by layer with parameters: the inputs of a unit, for each entry along the first
 *   axis of its weights and of its biases
 */

const count = (shape) => shape.reduce((product, n) => product * n, 1);

/** Measures a layer: its maps, its parameters, the inputs of its units. */
function measureLayer(plan, below) {
  if (plan.kind === "convolution") {
    const { table, stride = 1, hasOwnBiases } = plan;
    const [before, after] = plan.border?.padding ?? [0, 0];
    const side = Math.floor((below.height + before + after - KERNEL) / stride) + 1;
    const fans = table.map((inputs) => inputs.length * KERNEL ** 2);
    return {
      shape: [table.length, side, side],
      weightShape: [table.flat().length, KERNEL, KERNEL],
      biasShape: hasOwnBiases ? [table.length, side, side] : [table.length],
      weightFans: table.flatMap((inputs, map) => inputs.map(() => fans[map])),
      biasFans: fans,
    };
  }
  if (plan.kind === "subsampling") {
    const maps = plan.sources.length;
    const fans = Array(maps).fill(4);
    return {
      shape: [maps, below.height / 2, below.width / 2],
      weightShape: [maps],
      biasShape: [maps],
      weightFans: fans,
      biasFans: fans,
    };
  }
  if (plan.kind === "largest")
    return {
      shape: [below.maps, below.height / 2, below.width / 2],
      weightShape: [0],
      biasShape: [0],
    };
  const { units, kernel } = plan;
  const inputs = below.states.length;
  // As a quotient V8 would keep it, and every index that follows from it, as a float.
  const links = units * below.maps;
  const fans = Array(kernel ? links : units).fill(inputs);
  return {
    shape: [units, 1, 1],
    weightShape: kernel ? [links, kernel, kernel] : [units, inputs],
    biasShape: [units],
    weightFans: fans,
    biasFans: Array(units).fill(inputs),
  };
}

const MAKERS = {
  convolution: createConvolution,
  subsampling: createSubsampling,
  full: createFull,
};

/**
 * Makes a network, its parameters all 0.
 * @param {string} name  of `PLANS`
 * @param {{squash: Squash, outputSquash: Squash, sendsToInput?: boolean}} options
 *   sendsToInput: `runBackward` leaves dE/dx of the image, too, in `input.deltas`
 * @returns {Network}
 */
export function createNetwork(name, options) {
  const { squash, outputSquash, sendsToInput = false } = options;
  const { prepareAs } = PLANS[name];
  /** @type {[string, Plan][]} */
  const plans = Object.entries(PLANS[name].layers);
  const { shape } = prepareInput(prepareAs, new Uint8Array(784));
  const input = createMaps(shape, plans[0][1].border);
  const sizes = [];
  let [below, length] = [input, 0];
  for (const [i, [, plan]] of plans.entries()) {
    const size = measureLayer(plan, below);
    const out = createMaps(size.shape, plans[i + 1]?.[1].border);
    const bias = length + count(size.weightShape);
    sizes.push({ ...size, below, out, weight: length, bias });
    if (plan.kind !== "rbf") length = bias + count(size.biasShape);
    below = out;
  }
  const parameters = new Float32Array(length);
  const layers = {};
  const tensors = {};
  const ranges = {};
  const fanIns = {};
  for (const [i, [layer, plan]] of plans.entries()) {
    const size = sizes[i];
    if (plan.kind === "rbf") {
      const codes = Float32Array.from(
        DIGIT_CODES.flatMap(readCode),
        (bit) => 2 * bit - 1,
      );
      layers[layer] = createRbf({ ...size, codes });
      tensors[`${layer}.weight`] = { shape: size.weightShape, data: codes };
      continue;
    }
    if (plan.kind === "largest") {
      layers[layer] = createLargest(size);
      continue;
    }
    layers[layer] = MAKERS[plan.kind]({
      stride: 1,
      hasOwnBiases: false,
      ...plan,
      ...size,
      parameters,
      squash: i === plans.length - 1 ? outputSquash : squash,
      isFirst: i === 0 && !sendsToInput,
    });
    for (const part of ["weight", "bias"]) {
      const itsShape = size[`${part}Shape`];
      const data = parameters.subarray(size[part], size[part] + count(itsShape));
      tensors[`${layer}.${part}`] = { shape: itsShape, data };
    }
    ranges[layer] = { from: size.weight, to: size.bias + count(size.biasShape) };
    const isSubsampling = plan.kind === "subsampling";
    fanIns[layer] = { weights: size.weightFans, biases: size.biasFans, isSubsampling };
  }
  const smallestWins = plans.some(([, { kind }]) => kind === "rbf");
  const rest = { smallestWins, parameters, tensors, ranges, fanIns };
  const inOrder = Object.values(layers);
  return { prepareAs, input, layers, inOrder, output: below, ...rest };
}

/**
 * Draws a network's parameters at random.
 * @param {Network} network
 * @param {"root" | "printed"} initial  with F the inputs of a unit: "root", uniform within
 *   sqrt(3 / F), biases 0 and coefficients of subsampling 0.5; "printed", all uniform
 *   within 2.4 / F (LeCun et al. 1998, Appendix A)
 * @param {() => number} random  uniform, from 0 to 1
 */
export function initialize({ tensors, fanIns }, initial, random) {
  const isPrinted = initial === "printed";
  const findWidth = (fan) => (isPrinted ? 2.4 / fan : Math.sqrt(3 / fan));
  for (const [layer, { weights, biases, isSubsampling }] of Object.entries(fanIns)) {
    const { data: weight } = tensors[`${layer}.weight`];
    const { data: bias } = tensors[`${layer}.bias`];
    for (let i = 0; i < weight.length; i += 1) {
      const width = findWidth(
        weights[Math.floor((i * weights.length) / weight.length)],
      );
      weight[i] = isSubsampling && !isPrinted ? 0.5 : width * (2 * random() - 1);
    }
    for (let i = 0; i < bias.length; i += 1) {
      const width = findWidth(biases[Math.floor((i * biases.length) / bias.length)]);
      bias[i] = isPrinted ? width * (2 * random() - 1) : 0;
    }
  }
}

/**
 * Makes inputs of stored digits, as the network takes them.
 * @param {Network} network
 * @param {Uint8Array} images  (N * 784); 0 is background, 255 is ink
 * @returns {Float32Array}  (N * height * width)
 */
export function prepareInputs({ prepareAs, input }, images) {
  const size = input.height * input.width;
  const prepared = new Float32Array((images.length / 784) * size);
  for (let i = 0; i * 784 < images.length; i += 1) {
    const pixels = images.subarray(784 * i, 784 * (i + 1));
    prepared.set(prepareInput(prepareAs, pixels).data, i * size);
  }
  return prepared;
}

/**
 * Computes the outputs of an input.
 * @param {Network} network
 * @param {Float32Array} inputs
 * @param {number} at  where the input begins
 */
export function runForward({ input, inOrder }, inputs, at) {
  fillMaps(input, inputs, at);
  for (const layer of inOrder) layer.forward();
}

/**
 * Adds the gradient of the parameters, after `runForward`, to that of other patterns.
 * @param {Network} network  dE/dy lies in its `output.deltas`
 * @param {Float32Array} gradient  of each parameter
 */
export function runBackward({ inOrder }, gradient) {
  for (let i = inOrder.length - 1; i >= 0; i -= 1) inOrder[i].backward(gradient);
}

/**
 * Adds the curvature along each parameter, in the Gauss-Newton approximation, to that of
 * other patterns.
 * @param {Network} network  d2E/dy2 lies in its `output.deltas`
 * @param {Float32Array} curvature  of each parameter
 * @param {Float32Array} slopes  dE/dy
 */
export function runBackwardCurvature({ inOrder }, curvature, slopes) {
  for (let i = inOrder.length - 1; i >= 0; i -= 1)
    inOrder[i].backwardCurvature(curvature, slopes);
}

/**
 * Names the class of the outputs that were computed last.
 * @param {Network} network
 * @returns {number}
 */
export function findAnswer({ output: { states }, smallestWins }) {
  let best = 0;
  for (let i = 1; i < states.length; i += 1)
    if (smallestWins ? states[i] < states[best] : states[i] > states[best]) best = i;
  return best;
}
