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
