// What charts share: scales, curves, ticks.

import { clamp } from "../engine/numbers.mjs";
import { createDrawing } from "./dom.mjs";

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

/**
 * Makes a text of a chart.
 * @param {number} x
 * @param {number} y  of its foot
 * @param {string} content
 * @param {"start" | "middle" | "end"} [anchor]  what of it stands at x
 */
export const createText = (x, y, content, anchor = "middle") =>
  createDrawing("text", { x, y, "text-anchor": anchor }, content);

/**
 * Makes the ticks of the upright axis: a line across the chart and its number for each.
 * @param {number[]} ticks
 * @param {(tick: number) => number} place  their heights
 * @param {number[]} ends  left and right of the lines
 */
export const createTicks = (ticks, place, [x1, x2]) =>
  ticks.flatMap((tick) => [
    createDrawing("line", {
      class: "lenet-tick",
      ...{ x1, x2, y1: place(tick), y2: place(tick) },
    }),
    createText(x1 - 5, place(tick) + 4, `${Number(tick.toPrecision(3))}`, "end"),
  ]);
