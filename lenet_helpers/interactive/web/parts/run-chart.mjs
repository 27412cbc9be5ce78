// A chart of runs that grow: one measure over the digits learnt from. The run at work has
// two curves, of the training and of the test digits; those before it the second alone.

import { range } from "../engine/numbers.mjs";
import { chooseDecades, chooseTicks, countAll } from "../engine/runs.mjs";
import { makeLogScale, writePath } from "./chart.mjs";
import { createDrawing } from "./dom.mjs";

/** @import { Run } from "../engine/runs.mjs" */

const WIDTH = 340; // of the drawing
const HEIGHT = 175;
const LEFT = 38; // of its axes
const RIGHT = 22;
const TOP = 8;
const BOTTOM = 34;
const DECADES = 4; // at most
const APART = 12; // of the numbers at the ends of curves

const text = (x, y, content, options = {}) =>
  createDrawing("text", { x, y, "text-anchor": "middle", ...options }, content);

const line = (x1, y1, x2, y2) =>
  createDrawing("line", { class: "lenet-tick", x1, y1, x2, y2 });

/** Writes a number of digits briefly: 20,000 as 20k. */
const writeBriefly = (count) =>
  count >= 1000 ? `${Number((count / 1000).toFixed(1))}k` : `${count}`;

/** Writes a power of ten as a reader would. */
const writePower = (value) =>
  value >= 0.001 && value < 1e5
    ? `${Number(value.toPrecision(3))}`
    : value.toExponential(0).replace("e+", "e");

/**
 * Makes a chart.
 * @param {object} options
 * @param {1 | 2} options.column  of a run's points: 1 the loss, 2 the error
 * @param {number} [options.factor]  100 for per cent
 * @param {number[]} options.empty  ends of the axis while nothing has been measured
 * @returns {{element: SVGElement, show: (runs: Run[], first: number) => void}}  show takes
 *   the runs, the last the one at work, and the number of the first
 */
export function createRunChart({ column, factor = 1, empty }) {
  const element = createDrawing("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    "aria-hidden": "true",
  });
  const measure = (points) =>
    points
      .map((point) => [point[0], factor * point[column]])
      .filter(([, value]) => Number.isFinite(value));

  function show(runs, first) {
    const curves = runs.map(({ training, test }, i) => ({
      number: first + i,
      isNow: i === runs.length - 1,
      training: i === runs.length - 1 ? measure(training) : [],
      test: measure(test),
    }));
    const all = curves.flatMap(({ training, test }) => [...training, ...test]);
    const planned = runs.length ? countAll(runs[runs.length - 1].settings) : 1000;
    const end = Math.max(planned, ...all.map(([x]) => x));
    const ticks = chooseTicks(end);
    const decades = chooseDecades(
      all.map(([, value]) => value),
      DECADES,
      empty,
    );
    const x = (value) => LEFT + ((WIDTH - LEFT - RIGHT) * value) / end;
    const y = makeLogScale(decades, [HEIGHT - BOTTOM, TOP]);
    const place = (points) => points.map(([at, value]) => [x(at), y(value)]);
    element.replaceChildren(
      ...drawAxes({ x, y, ticks, decades }),
      ...curves.flatMap((curve) => drawCurves(curve, place)),
      ...drawNumbers(curves, place),
    );
  }

  show([], 1);
  return { element, show };
}

function drawAxes({ x, y, ticks, decades }) {
  const [low, high] = decades;
  const count = Math.round(Math.log10(high / low));
  const powers = range(count + 1).map((k) => low * 10 ** k);
  // Between two powers of ten a reader wants some help.
  const between = count > 2 ? [] : powers.slice(0, -1).flatMap((p) => [2 * p, 5 * p]);
  const rows = [...powers, ...between].flatMap((value) => [
    line(LEFT, y(value), WIDTH - RIGHT, y(value)),
    text(LEFT - 5, y(value) + 4, writePower(value), { "text-anchor": "end" }),
  ]);
  const columns = ticks.flatMap((tick) => [
    line(x(tick), HEIGHT - BOTTOM, x(tick), HEIGHT - BOTTOM + 4),
    text(x(tick), HEIGHT - BOTTOM + 15, writeBriefly(tick)),
  ]);
  const name = text((WIDTH + LEFT - RIGHT) / 2, HEIGHT - 3, "digits learnt from");
  return [...rows, ...columns, name];
}

function drawCurves({ isNow, training, test }, place) {
  const curves = [];
  const add = (points, kind) => {
    if (points.length > 1)
      curves.push(
        createDrawing("path", { d: writePath(place(points)), class: `lenet-${kind}` }),
      );
  };
  add(training, "training");
  add(test, isNow ? "now" : "earlier");
  return curves;
}

/** Draws the number of each run at the end of its curve, none on another. */
function drawNumbers(curves, place) {
  const ends = curves
    .filter(({ test }) => test.length)
    .map(({ test, number, isNow }) => {
      const [x, y] = place(test.slice(-1))[0];
      return { x, y, number, isNow };
    })
    .sort((a, b) => a.y - b.y);
  ends.forEach((end, i) => {
    const before = ends.slice(0, i).filter(({ x }) => Math.abs(x - end.x) < APART);
    for (const other of before) end.y = Math.max(end.y, other.y + APART);
  });
  return ends.map(({ x, y, number, isNow }) =>
    text(x + 10, y + 4, `${number}`, { class: isNow ? "lenet-here" : "" }),
  );
}
