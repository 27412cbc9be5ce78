// What a trainer is told, checked: no DOM.

import { MU } from "../paper.mjs";
import { NETWORK_NAMES } from "./plans.mjs";

/** @import { Tensor } from "../tensors.mjs" */
/** @import { Squash } from "./loops.mjs" */
/** @import { Network } from "./networks.mjs" */

/**
 * Digits to learn from and to be tested on.
 * @typedef {object} Digits
 * @property {Uint8Array} images  (N * 784); 0 is background, 255 is ink
 * @property {Uint8Array} labels  (N)
 * @property {Uint8Array} testImages  (M * 784)
 * @property {Uint8Array} testLabels  (M)
 */

/**
 * What a trainer is told.
 * @typedef {object} TrainerOptions
 * @property {"linear" | "hidden" | "net1989" | "lenet1" | "lenet4" | "lenet5"} network
 *   "hidden": 784-30-10
 * @property {"squared" | "cross-entropy" | "equation-8" | "equation-9"} loss  "squared":
 *   targets 1 and -1, or the codes of LeNet-5; the last two are of LeNet-5 alone
 * @property {"sgd" | "momentum" | "adam" | "sdlm"} optimizer
 * @property {number} rate
 * @property {Digits} data
 * @property {number} [batchSize]  patterns an update; the last of a pass may have fewer
 * @property {Squash} [squash]  of the hidden units, and of the output units under the
 *   squared error, except "relu"; the linear network and the cross-entropy take the sums
 * @property {"root" | "printed"} [initial]  as in `initialize`
 * @property {"shuffled" | "given"} [order]  of the patterns: anew each pass, or as they are
 * @property {number} [fallsOver]  patterns over which the rate falls, along a line, to 0
 * @property {number} [mu]  of "sdlm": keeps the rate of a flat direction below rate / mu
 * @property {number} [j]  of "equation-9": penalty of the rubbish class
 * @property {number} [seed]  of the initial parameters and of the order
 * @property {?Object<string, Tensor>} [parameters]  to begin with, by the names and in the
 *   shapes of the PyTorch network's state_dict, instead of random ones; others are ignored
 * @property {?string[]} [trains]  the layers that learn, by their names; null: all
 */

const CHOICES = {
  network: NETWORK_NAMES,
  loss: ["squared", "cross-entropy", "equation-8", "equation-9"],
  optimizer: ["sgd", "momentum", "adam", "sdlm"],
  squash: ["scaled-tanh", "tanh", "relu", "none"],
  initial: ["root", "printed"],
  order: ["shuffled", "given"],
};
const DEFAULTS = {
  batchSize: 1,
  squash: /** @type {const} */ ("scaled-tanh"),
  initial: /** @type {const} */ ("root"),
  order: /** @type {const} */ ("shuffled"),
  fallsOver: Infinity,
  mu: MU,
  j: 1,
  seed: 0,
  parameters: null,
  trains: null,
};

/**
 * Checks what a trainer is told, and completes it.
 * @param {TrainerOptions} given
 * @returns {Required<TrainerOptions>}
 * @throws {Error} whose message says what is wrong, and what would do
 */
export function checkOptions(given) {
  const options = { ...DEFAULTS, ...given };
  for (const [name, allowed] of Object.entries(CHOICES))
    if (!allowed.includes(options[name]))
      throw new Error(
        `${name} must be one of ${allowed.join(", ")}; it is ${options[name]}.`,
      );
  for (const name of ["rate", "mu", "j"])
    if (!(options[name] > 0 && options[name] < Infinity))
      throw new Error(`${name} must be a number above 0; it is ${options[name]}.`);
  const { batchSize, seed, fallsOver } = options;
  if (!(fallsOver > 0))
    throw new Error(`fallsOver must be a number of patterns; it is ${fallsOver}.`);
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new Error(`batchSize must be a whole number from 1; it is ${batchSize}.`);
  if (!Number.isInteger(seed))
    throw new Error(`seed must be a whole number; it is ${seed}.`);
  checkLoss(options);
  checkDigits(options.data?.images, options.data?.labels, "images", "labels");
  checkDigits(
    options.data.testImages,
    options.data.testLabels,
    "testImages",
    "testLabels",
  );
  return options;
}

function checkLoss({ network, loss }) {
  if (network !== "lenet5" && loss.startsWith("equation"))
    throw new Error(
      `${loss} needs penalties, distances from a code for each class, which only lenet5 ` +
        `has; for ${network}, use squared or cross-entropy.`,
    );
  if (network === "lenet5" && loss === "cross-entropy")
    throw new Error(
      "cross-entropy needs scores, which are large for the right class, but lenet5 gives " +
        "penalties, which are small for it; use equation-9, equation-8 or squared.",
    );
}

function checkDigits(images, labels, imagesName, labelsName) {
  if (!(images instanceof Uint8Array) || !images.length || images.length % 784)
    throw new Error(
      `data.${imagesName} must be a Uint8Array of 784 pixels for each digit, of one digit ` +
        `or more; it has ${images?.length ?? "no"} pixels.`,
    );
  const count = images.length / 784;
  if (!(labels instanceof Uint8Array) || labels.length !== count)
    throw new Error(
      `data.${labelsName} must be a Uint8Array of ${count}, one for each digit; it has ` +
        `${labels?.length ?? "none"}.`,
    );
  const wrong = labels.findIndex((label) => label > 9);
  if (wrong >= 0)
    throw new Error(
      `data.${labelsName} must be the classes 0 to 9; digit ${wrong} has ${labels[wrong]}.`,
    );
}

/**
 * Checks the parameters to begin with, and the layers that learn, against the network.
 * @param {Required<TrainerOptions>} options
 * @param {Network} network
 * @throws {Error} whose message says what is wrong
 */
export function checkBeginning({ parameters, trains }, { tensors, ranges }) {
  for (const [name, { shape }] of Object.entries(parameters ? tensors : {})) {
    const given = parameters?.[name];
    if (!given) throw new Error(`parameters must hold ${name}; it is not among them.`);
    if (given.shape.join() !== shape.join())
      throw new Error(
        `parameters.${name} must have the shape ${shape.join(" x ")}; it has ` +
          `${given.shape.join(" x ")}.`,
      );
  }
  const layers = Object.keys(ranges);
  const unknown = trains?.find((name) => !layers.includes(name));
  if (unknown !== undefined || trains?.length === 0)
    throw new Error(
      `trains must name some of the layers ${layers.join(", ")}; it names ` +
        `${unknown ?? "none"}.`,
    );
}
