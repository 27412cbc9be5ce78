// One weight that learns two examples: its loss, the slope, steps downhill. Pure
// functions, no DOM; `interactive/descent.py` computes the same.

import { clamp } from "./numbers.mjs";

export const START = 0; // the weight before any step
export const MINIMUM = 1.6; // the weight with the smallest loss
export const CURVATURE = 2.5; // what the slope gains when the weight grows by 1
export const LIMIT = 1000; // a weight of a larger size is lost: no step follows
const CENTER = 1.5; // of the picture
const REACH = 2.5; // how far the picture shows weights on either side, at first

/**
 * Computes the loss over the examples (1, 2) and (2, 3): half of the mean squared error.
 * @param {number} weight
 * @returns {number}
 */
export const computeLoss = (weight) => ((weight - 2) ** 2 + (2 * weight - 3) ** 2) / 4;

/**
 * Computes the slope of the loss.
 * @param {number} weight
 * @returns {number}
 */
export const computeSlope = (weight) => (5 * weight - 8) / 2;

/**
 * Finds where the next step leads.
 * @param {number} weight
 * @param {number} rate  the learning rate
 * @returns {number}
 */
export const findNext = (weight, rate) => weight - rate * computeSlope(weight);

/**
 * Finds by what a step multiplies the distance to the minimum.
 * @param {number} rate
 * @returns {number} below 0 where the step ends on the other side
 */
export const findFactor = (rate) => Number((1 - rate * CURVATURE).toFixed(6));

/** Says whether a weight is too far away to go on. @param {number} weight */
export const isLost = (weight) => Math.abs(weight) > LIMIT;

/**
 * Takes some steps more, fewer where the weight gets lost.
 * @param {number[]} weights  the first one, and the one after each step
 * @param {number} rate
 * @param {number} count  of steps
 * @returns {number[]} all weights
 */
export function takeSteps(weights, rate, count) {
  const all = [...weights];
  for (let step = 0; step < count; step += 1) {
    const weight = all[all.length - 1];
    if (isLost(weight)) break;
    all.push(findNext(weight, rate));
  }
  return all;
}

/**
 * Chooses what a picture shows: it is doubled in width until all weights are in it.
 * @param {number[]} weights
 * @returns {{low: number, high: number, top: number}} the weights at its edges, and a loss
 *   a little above the curve there
 */
export function findView(weights) {
  const farthest = Math.max(...weights.map((weight) => Math.abs(weight - CENTER)));
  const doublings = Math.max(0, Math.ceil(Math.log2(farthest / REACH)));
  const reach = REACH * 2 ** doublings;
  const [low, high] = [CENTER - reach, CENTER + reach];
  return { low, high, top: 1.06 * computeLoss(low) };
}

/**
 * Finds decades around losses, at least from 0.01 to 10.
 * @param {number[]} losses
 * @returns {number[]} powers of 10, ascending
 */
export function findDecades(losses) {
  const highest = Math.ceil(Math.log10(Math.max(...losses)));
  const last = clamp(highest, 1, 9);
  return Array.from({ length: last + 3 }, (_, i) => 10 ** (i - 2));
}
