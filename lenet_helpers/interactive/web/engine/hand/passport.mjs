// What a network makes of a hand: how often it errs, where, and why, as
// `lenet_helpers/hand/passport.py` says it.

import { boundRate } from "../judging.mjs";
import { MISTAKES } from "./mistakes.mjs";

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
