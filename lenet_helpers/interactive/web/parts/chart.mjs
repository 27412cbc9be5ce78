// Scales and curves of a chart: pure functions, no DOM.

import { clamp } from "../engine/numbers.mjs";

/**
 * Makes a logarithmic scale.
 * @param {number[]} values  lowest and highest; what lies beyond is put on the edge
 * @param {number[]} places  where they are drawn
 * @returns {(value: number) => number}
 */
export function makeLogScale([low, high], [from, to]) {
  return (value) => {
    const share = Math.log(value / low) / Math.log(high / low);
    return from + (to - from) * clamp(share, 0, 1);
  };
}

/**
 * Writes the path of a curve.
 * @param {number[][]} points  x and y of each
 * @returns {string}
 */
export function writePath(points) {
  return `M${points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join("L")}`;
}

/**
 * Makes a linear scale.
 * @param {number[]} values  lowest and highest
 * @param {number[]} places  where they are drawn
 * @returns {(value: number) => number}
 */
export function makeScale([low, high], [from, to]) {
  return (value) => from + ((to - from) * (value - low)) / (high - low);
}

/**
 * Chooses round numbers for an axis: steps of 1, 2 or 5 times a power of 10.
 * @param {number} low
 * @param {number} high
 * @param {number} most  how many steps there may be
 * @returns {number[]} ascending, from `low` to `high`
 */
export function findTicks(low, high, most) {
  const smallest = (high - low) / most;
  const decade = 10 ** Math.floor(Math.log10(smallest));
  const multiple = [1, 2, 5, 10].find((one) => one * decade >= smallest * (1 - 1e-9));
  const step = (multiple ?? 10) * decade;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => (first + i) * step);
}
