// Trains a network in JavaScript: no DOM, so that it runs in a Worker and under Node.
// `lenet_helpers/training/online.py` is its like in Python.

import { NUM_CURVATURE_PATTERNS } from "../paper.mjs";
import { createLoss } from "./losses.mjs";
import { copyMaps } from "./maps.mjs";
import {
  createNetwork,
  findAnswer,
  initialize,
  prepareInputs,
  runBackward,
  runBackwardCurvature,
  runForward,
} from "./networks.mjs";
import { createOptimizer } from "./optimizers.mjs";
import { checkBeginning, checkOptions } from "./options.mjs";
import { createRandom, shuffle } from "./random.mjs";

/** @import { Tensor } from "../tensors.mjs" */
/** @import { Loss } from "./losses.mjs" */
/** @import { Network } from "./networks.mjs" */
/** @import { TrainerOptions } from "./options.mjs" */

/** A loss or a parameter is no finite number any more; the message is a sentence. */
export class DivergedError extends Error {
  name = "DivergedError";
}

/**
 * Trains one network.
 * @typedef {object} Trainer
 * @property {number} patterns  learnt so far
 * @property {number} passes  over the training digits, with a fraction
 * @property {(patterns?: number) => number} step  learns the next patterns, by default
 *   one, rounded up to a whole batch; returns how many; throws a DivergedError
 * @property {() => ?{loss: number, error: number}} recent  averages over the patterns since
 *   it was last asked, each judged before it was learnt from; null if there were none
 * @property {() => {loss: number, error: number, missed: number[]}} evaluate  over the test
 *   digits; missed: which are read wrongly
 * @property {() => Object<string, number>} gradientSizes  by layer: the root mean square of
 *   the last update's gradient
 * @property {(pixels: Uint8Array) => {answer: number, [layer: string]: any}} look  the
 *   maps of every layer for a digit (784), from `input` to `output`, and the answer
 * @property {() => Object<string, Tensor>} parameters  live, by the names and in the shapes
 *   of the PyTorch network's state_dict
 */

/**
 * Makes a trainer, its network with initial parameters.
 * @param {TrainerOptions} given
 * @returns {Trainer}
 * @throws {Error} where options do not fit
 */
export function createTrainer(given) {
  const options = checkOptions(given);
  const random = createRandom(options.seed);
  const { network, loss } = prepareNetwork(options);
  checkBeginning(options, network);
  if (options.parameters) setParameters(network, options.parameters);
  else initialize(network, options.initial, random);
  const still = findStill(network, options.trains);
  const { parameters, output } = network;
  const { labels, testLabels } = options.data;
  const inputs = prepareInputs(network, options.data.images);
  const testInputs = prepareInputs(network, options.data.testImages);
  const size = inputs.length / labels.length;
  const order = new Uint32Array(labels.length).map((_, i) => i);
  const gradient = new Float32Array(parameters.length);
  const curvature = new Float32Array(parameters.length);
  const update = createOptimizer(options.optimizer, { ...options, curvature });
  const sums = { patterns: 0, loss: 0, missed: 0 }; // since `recent` was asked
  let patterns = 0;

  function learnFrom(digit) {
    runForward(network, inputs, digit * size);
    if (findAnswer(network) !== labels[digit]) sums.missed += 1;
    const itsLoss = loss.differentiate(output.states, labels[digit], output.deltas);
    if (!Number.isFinite(itsLoss)) throw describeDivergence(options, patterns);
    sums.loss += itsLoss;
    sums.patterns += 1;
    runBackward(network, gradient);
  }

  function measureCurvature() {
    const slopes = new Float32Array(output.states.length);
    const some = order.subarray(0, NUM_CURVATURE_PATTERNS);
    curvature.fill(0);
    for (const digit of some) {
      runForward(network, inputs, digit * size);
      loss.differentiateTwice(output.states, labels[digit], slopes, output.deltas);
      runBackwardCurvature(network, curvature, slopes);
    }
    for (let i = 0; i < curvature.length; i += 1) curvature[i] /= some.length;
  }

  function learnBatch() {
    const at = patterns % order.length;
    if (at === 0) {
      if (options.order === "shuffled") shuffle(order, random);
      if (options.optimizer === "sdlm") measureCurvature();
    }
    const end = Math.min(at + options.batchSize, order.length);
    gradient.fill(0);
    for (let i = at; i < end; i += 1) learnFrom(order[i]);
    const number = end - at;
    if (number > 1) for (let i = 0; i < gradient.length; i += 1) gradient[i] /= number;
    for (const { from, to } of still) gradient.fill(0, from, to);
    const left = Math.max(0, 1 - patterns / options.fallsOver);
    update(parameters, gradient, options.rate * left);
    patterns += number;
    return number;
  }

  function step(wanted = 1) {
    let learnt = 0;
    while (learnt < wanted) learnt += learnBatch();
    if (!areFinite(parameters)) throw describeDivergence(options, patterns);
    return learnt;
  }

  function recent() {
    const { patterns: number, loss: total, missed } = sums;
    Object.assign(sums, { patterns: 0, loss: 0, missed: 0 });
    return number ? { loss: total / number, error: missed / number } : null;
  }

  function evaluate() {
    const missed = [];
    const slopes = new Float32Array(output.states.length);
    let total = 0;
    testLabels.forEach((label, digit) => {
      runForward(network, testInputs, digit * size);
      if (findAnswer(network) !== label) missed.push(digit);
      total += loss.differentiate(output.states, label, slopes);
    });
    const number = testLabels.length;
    return { loss: total / number, error: missed.length / number, missed };
  }

  return {
    get patterns() {
      return patterns;
    },
    get passes() {
      return patterns / order.length;
    },
    step,
    recent,
    evaluate,
    gradientSizes: () => measureSizes(network, gradient),
    look: (pixels) => look(network, pixels),
    parameters: () => network.tensors,
  };
}

/** Measures a gradient: by layer, the root mean square. */
function measureSizes({ ranges }, gradient) {
  const sizes = {};
  for (const [name, { from, to }] of Object.entries(ranges)) {
    let total = 0;
    for (let i = from; i < to; i += 1) total += gradient[i] ** 2;
    sizes[name] = Math.sqrt(total / (to - from));
  }
  return sizes;
}

/**
 * Makes the network and the loss of a trainer, the parameters all 0.
 * @param {Pick<Required<TrainerOptions>, "network" | "loss" | "squash" | "j">} options
 * @returns {{network: Network, loss: Loss}}
 */
export function prepareNetwork(options) {
  const { loss, squash } = options;
  // max(a, 0) cannot reach a target of -1.
  const takesSums =
    loss === "cross-entropy" || options.network === "linear" || squash === "relu";
  const outputSquash = takesSums ? "none" : squash;
  const network = createNetwork(options.network, { squash, outputSquash });
  const [, numUnits] = network.tensors["output.weight"].shape;
  const numCodeUnits = network.smallestWins ? numUnits : undefined;
  return { network, loss: createLoss(loss, { numCodeUnits, j: options.j }) };
}

/** Puts parameters into a network, the output's fixed codes among them. */
function setParameters({ tensors }, parameters) {
  for (const [name, { data }] of Object.entries(tensors))
    data.set(parameters[name].data);
}

/**
 * Finds where the parameters of the layers lie that do not learn. Their gradient is made
 * 0, by which every optimiser leaves them as they are.
 */
const findStill = ({ ranges }, trains) =>
  Object.keys(ranges)
    .filter((name) => trains && !trains.includes(name))
    .map((name) => ranges[name]);

function look(network, pixels) {
  if (!(pixels instanceof Uint8Array) || pixels.length !== 784)
    throw new Error(
      `look needs a Uint8Array of 784 pixels; it got ${pixels?.length ?? "none"}.`,
    );
  runForward(network, prepareInputs(network, pixels), 0);
  const maps = { input: copyMaps(network.input) };
  for (const [name, { out }] of Object.entries(network.layers))
    maps[name] = copyMaps(out);
  return { ...maps, answer: findAnswer(network) };
}

const areFinite = (numbers) => numbers.every(Number.isFinite);

function describeDivergence({ rate, optimizer }, patterns) {
  const digits = patterns === 1 ? "1 digit" : `${patterns.toLocaleString("en")} digits`;
  const smaller = Number((rate / 10).toPrecision(2));
  return new DivergedError(
    `After ${digits} the loss or a parameter is no longer a number: at a rate of ${rate} ` +
      `the steps of ${optimizer} overshot, and each made the next one larger. Start ` +
      `again with a smaller rate, for instance ${smaller}.`,
  );
}
