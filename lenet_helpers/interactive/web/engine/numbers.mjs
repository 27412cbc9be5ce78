// Small things that figures do with numbers: pure functions, no DOM.

/** Lists the numbers from 0 to length - 1. @param {number} length */
export const range = (length) => Array.from({ length }, (_, i) => i);

/**
 * Puts what lies beyond an interval on its edge.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

/**
 * Finds the largest size among numbers, of those that are numbers; at least 1e-6, so that
 * it can be divided by.
 * @param {ArrayLike<number>} values
 * @returns {number}
 */
export const findLargest = (values) =>
  Array.from(values).reduce(
    (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most),
    1e-6,
  );

/**
 * Writes a number with a true minus sign, and zero without a sign.
 * @param {number} number
 * @param {number} digits  after the point
 * @returns {string}
 */
export function write(number, digits = 2) {
  const text = number.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

/** Writes a whole number with commas between thousands. @param {number} number */
export const writeCount = (number) => number.toLocaleString("en");

/** Writes a part of a whole for a style sheet. @param {number} part @param {number} whole */
export const writeShare = (part, whole) => `${(100 * part) / whole}%`;

/** Writes a number with the digits that it has, three after the point at most. */
export const writeShort = (number) => `${Number(number.toFixed(3))}`.replace("-", "−");
