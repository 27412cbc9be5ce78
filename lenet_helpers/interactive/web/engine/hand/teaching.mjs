// Which of a hand's digits a network learns from, and on which it is tested: no DOM.

import { range } from "../numbers.mjs";
import { createRandom, shuffle } from "../training/random.mjs";

/**
 * A digit in MNIST's form.
 * @typedef {object} Digit
 * @property {Uint8Array} pixels  (784); 0 is background, 255 is ink; never changed
 * @property {number} label  0 to 9; -1 where that is unknown
 */

/**
 * Splits a hand at random: of each label's digits half teach, the rest test. Where the
 * number is odd, there is one more that teaches. What has no label does neither.
 * @param {Digit[]} digits
 * @param {number} seed
 * @returns {{teaching: Digit[], testing: Digit[]}}  teaching: in rounds of one of each
 *   label, so that the first of them are of all labels
 */
export function splitHand(digits, seed) {
  const random = createRandom(seed);
  const halves = range(10).map((label) => {
    const own = digits.filter((digit) => digit.label === label);
    const order = Uint32Array.from(own, (_, i) => i);
    shuffle(order, random);
    const mixed = [...order].map((i) => own[i]);
    const half = Math.ceil(own.length / 2);
    return { teaching: mixed.slice(0, half), testing: mixed.slice(half) };
  });
  const rounds = Math.max(...halves.map(({ teaching }) => teaching.length));
  return {
    teaching: range(rounds).flatMap((round) =>
      halves.flatMap(({ teaching }) => teaching.slice(round, round + 1)),
    ),
    testing: halves.flatMap(({ testing }) => testing),
  };
}

/**
 * Chooses some digits of MNIST's at random.
 * @param {{images: Uint8Array, labels: Uint8Array}} digits
 * @param {number} number
 * @param {number} seed
 * @returns {Digit[]}
 */
export function chooseSome({ images, labels }, number, seed) {
  const order = Uint32Array.from(labels, (_, i) => i);
  shuffle(order, createRandom(seed));
  return [...order.subarray(0, number)].map((i) => ({
    pixels: images.subarray(784 * i, 784 * (i + 1)),
    label: labels[i],
  }));
}

/**
 * Lays digits one behind the other.
 * @param {Digit[]} digits
 * @returns {{images: Uint8Array<ArrayBuffer>, labels: number[]}}  (N * 784), (N)
 */
export function joinDigits(digits) {
  const images = new Uint8Array(784 * digits.length);
  digits.forEach(({ pixels }, i) => images.set(pixels, 784 * i));
  return { images, labels: digits.map(({ label }) => label) };
}

/**
 * Takes digits apart that lie one behind the other.
 * @param {Uint8Array} images  (N * 784)
 * @param {ArrayLike<number>} labels  (N)
 * @returns {Digit[]}
 */
export const takeApart = (images, labels) =>
  Array.from(labels, (label, i) => ({
    pixels: images.slice(784 * i, 784 * (i + 1)),
    label,
  }));
