// What a network makes of a hand: how often it errs, where, and why, as
// `lenet_helpers/hand/passport.py` says it.

import { MISTAKES } from "./mistakes.mjs";

const Z = 1.959963984540054; // the normal distribution's point of 97.5 %

/**
 * The network's answers; which digits are misread, by index; the error rate and its
 * interval of 95 %; of each digit, how many are misread and of how many; the error rate
 * after each of `MISTAKES`.
 * @typedef {object} Passport
 * @property {number[]} answers
 * @property {number[]} missed
 * @property {number} errorRate
 * @property {number[]} bounds
 * @property {number[][]} byDigit
 * @property {Record<string, number>} withMistakes
 */

/**
 * Lets a network read a hand's digits, as they are and after each mistake.
 * @param {{images: Uint8Array, labels: number[]}} hand
 * @param {(images: Uint8Array) => number[]} classify  (N * 784) to the N answers
 * @returns {Passport}
 * @throws the hand holds no digit, or one without a label
 */
export function writePassport({ images, labels }, classify) {
  const missing = labels.filter((label) => label < 0).length;
  if (!labels.length || missing)
    throw new Error(
      "`hand` needs digits with labels; " +
        (missing ? `${missing} of ${labels.length} have none.` : "it is empty."),
    );
  const answers = classify(images);
  const missed = findMissed(answers, labels);
  const byDigit = Array.from({ length: 10 }, (_, digit) => [
    missed.filter((i) => labels[i] === digit).length,
    labels.filter((label) => label === digit).length,
  ]);
  const withMistakes = Object.fromEntries(
    Object.entries(MISTAKES).map(([name, spoil]) => [
      name,
      findMissed(classify(spoil(images)), labels).length / labels.length,
    ]),
  );
  const errorRate = missed.length / labels.length;
  const bounds = boundRate(missed.length, labels.length);
  return { answers, missed, errorRate, bounds, byDigit, withMistakes };
}

const findMissed = (answers, labels) =>
  labels.flatMap((label, i) => (answers[i] === label ? [] : [i]));

/**
 * Bounds the error rate of which so many errors are a sample.
 * @param {number} numWrong
 * @param {number} number  of digits
 * @returns {number[]}  in [0, 1]; they hold the truth 95 times in 100
 *
 * Wilson 1927, J. Am. Stat. Assoc. 22, p. 209.
 */
export function boundRate(numWrong, number) {
  const square = Z * Z;
  const middle = 2 * numWrong + square;
  const spread = Z * Math.sqrt(square + 4 * numWrong * (1 - numWrong / number));
  const [low, high] = [-1, 1].map(
    (side) => (middle + side * spread) / (2 * (number + square)),
  );
  return [low, numWrong === number ? 1 : high]; // whatever the rounding
}
