// Digits changed by the gradient until a network misreads them: no DOM.
// `lenet_helpers/looking/attacks.py` is the reference; tests hold the two together.
// Pixels are shares of the ink range, 0 to 1.

import { NETWORKS } from "./networks.mjs";
import { clamp } from "./numbers.mjs";
import { createNetwork, runBackward, runForward } from "./training/networks.mjs";

/** @import { Tensor } from "./tensors.mjs" */

/**
 * The digit's class, and the class that it is to be read as; null: any other.
 * @typedef {{label: number, target: number | null}} Goal
 */

/** @typedef {"linf" | "l2"} Norm */

/**
 * A network that can be attacked.
 * @typedef {object} Victim
 * @property {(pixels: Float32Array) => Float32Array} score  (784) to ten scores, the
 *   largest for the answer
 * @property {(pixels: Float32Array, goal: Goal) => Float32Array} differentiate  gives the
 *   gradient of `measureLead` in the pixels, (784)
 */

const SIDE = 28;
const NUM_STEPS = 20;
const NUM_DOUBLINGS = 6;
const NUM_HALVINGS = 5;

/**
 * Makes a network that can be attacked.
 * @param {"lenet5" | "modern"} name
 * @param {Object<string, Tensor>} tensors
 * @returns {Victim}
 */
export function createVictim(name, tensors) {
  const { border, low, high, sign } = NETWORKS[name];
  const network = createNetwork(name, {
    squash: name === "modern" ? "relu" : "scaled-tanh",
    outputSquash: "none",
    sendsToInput: true,
  });
  for (const [key, { data }] of Object.entries(network.tensors))
    data.set(tensors[key].data);
  const { input, output } = network;
  const size = input.width;
  const image = new Float32Array(size * size).fill(low);
  const gradient = new Float32Array(network.parameters.length); // of no use here
  const place = (i) => (border + Math.floor(i / SIDE)) * size + border + (i % SIDE);

  function score(pixels) {
    for (let i = 0; i < pixels.length; i += 1)
      image[place(i)] = low + (high - low) * pixels[i];
    runForward(network, image, 0);
    return output.states.map((state) => sign * state);
  }

  function differentiate(pixels, goal) {
    const { ahead, behind } = findRivals(score(pixels), goal);
    output.deltas.fill(0);
    output.deltas[ahead] = sign;
    output.deltas[behind] = -sign;
    runBackward(network, gradient);
    return pixels.map((_, i) => (high - low) * input.deltas[place(i)]);
  }
  return { score, differentiate };
}

/** Finds the largest of some scores, without one. */
function findBest(scores, without = -1) {
  let best = without === 0 ? 1 : 0;
  for (let i = 0; i < scores.length; i += 1)
    if (i !== without && scores[i] > scores[best]) best = i;
  return best;
}

/** Finds the class that is to lead, and the one that it is to lead. */
function findRivals(scores, { label, target }) {
  return target === null
    ? { ahead: findBest(scores, label), behind: label }
    : { ahead: target, behind: findBest(scores, target) };
}

/**
 * Measures by how much the goal leads: above 0 it is reached.
 * @param {Float32Array} scores
 * @param {Goal} goal
 */
export function measureLead(scores, goal) {
  const { ahead, behind } = findRivals(scores, goal);
  return scores[ahead] - scores[behind];
}

/** Names the answer. @param {Float32Array} scores */
export const findAnswer = (scores) => findBest(scores);

const measureLength = (change) => Math.hypot(...change);
const limit = (pixels) => pixels.map((pixel) => clamp(pixel, 0, 1));

/** Makes a step of one size along a direction: of all pixels, or of the whole digit. */
function point(direction, size, norm) {
  if (norm === "linf") return direction.map((one) => size * Math.sign(one));
  const length = Math.max(measureLength(direction), 1e-12);
  return direction.map((one) => (size * one) / length);
}

/** Brings a change back to what is allowed. */
function shorten(change, size, norm) {
  if (norm === "linf") return change.map((one) => clamp(one, -size, size));
  const scale = Math.min(1, size / Math.max(measureLength(change), 1e-12));
  return change.map((one) => scale * one);
}

const add = (one, other) => one.map((value, i) => value + other[i]);

/**
 * Adds noise that is as large as an attack.
 * @param {Float32Array} pixels
 * @param {Float32Array} noise  from the normal distribution
 * @param {{size: number, norm: Norm}} options
 * @returns {Float32Array}  in [0, 1]
 */
export const addNoise = (pixels, noise, { size, norm }) =>
  limit(add(pixels, point(noise, size, norm)));

/**
 * Goes once, and as far as allowed, where the lead rises fastest.
 * @param {Victim} victim
 * @param {Float32Array} pixels
 * @param {Goal} goal
 * @param {{size: number, norm: Norm}} options
 * @returns {Float32Array}  in [0, 1]
 *
 * Goodfellow et al. 2015, Sec. 4 (with "linf").
 */
export const stepOnce = (victim, pixels, goal, { size, norm }) =>
  limit(add(pixels, point(victim.differentiate(pixels, goal), size, norm)));

/**
 * Climbs the lead in steps from noise of half the size, and comes back after each step to
 * what is allowed.
 * @param {Victim} victim
 * @param {Float32Array} pixels
 * @param {Goal} goal
 * @param {{size: number, norm: Norm, noise: Float32Array}} options  noise: from the normal
 *   distribution
 * @returns {Float32Array}  in [0, 1], no farther from the pixels than size
 *
 * Madry et al. 2018, Sec. 2.1.
 */
export function climb(victim, pixels, goal, { size, norm, noise }) {
  let moved = addNoise(pixels, noise, { size: size / 2, norm });
  for (let step = 0; step < NUM_STEPS; step += 1) {
    const gradient = victim.differentiate(moved, goal);
    const far = add(moved, point(gradient, (2.5 * size) / NUM_STEPS, norm));
    const change = far.map((value, i) => value - pixels[i]);
    moved = limit(add(pixels, shorten(change, size, norm)));
  }
  return moved;
}

/**
 * Searches the smallest size that is enough: it doubles until one is, then halves between
 * that and the one before. What is enough is not always enough when doubled, so another,
 * smaller size may be missed.
 * @param {(size: number) => boolean} isEnough
 * @param {number} largest  size that is tried
 * @returns {number | null}  null where none is
 */
export function searchSmallest(isEnough, largest) {
  let low = 0;
  let high = largest / 2 ** NUM_DOUBLINGS;
  while (!isEnough(high)) {
    if (high >= largest) return null;
    [low, high] = [high, Math.min(largest, 2 * high)];
  }
  for (let i = 0; i < NUM_HALVINGS; i += 1) {
    const middle = (low + high) / 2;
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
