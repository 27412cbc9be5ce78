// Charts of a training by several criteria: a curve each, the chosen one strong.

import { range } from "../engine/numbers.mjs";
import {
  createText,
  createTicks,
  findTicks,
  makeLogScale,
  makeScale,
  writePath,
} from "./chart.mjs";
import { createDrawing, setAttributes } from "./dom.mjs";

const WIDTH = 340; // of the drawing
const HEIGHT = 190;
const LEFT = 30; // of its axes
const RIGHT = 64; // where the names stand
const TOP = 10;
const BOTTOM = 34;
const APART = 13; // of the names at the ends of curves
const MOST_TICKS = 5;

/** Writes a criterion's name briefly. @param {string} name */
const abbreviate = (name) => name.replace("discriminative", "d.");

/**
 * One criterion's values at each look.
 * @typedef {object} Curve
 * @property {string} name
 * @property {number[]} values
 * @property {number[]} [others]  drawn dashed while it is chosen
 */

/**
 * Makes a chart.
 * @param {number[]} steps  at which was looked
 * @param {Curve[]} curves
 * @param {{isLogarithmic?: boolean}} [options]  else the axis begins at 0
 * @returns {{element: SVGElement, show: (name: string, look: number) => void}}  show takes
 *   the chosen curve, and which look to mark
 */
export function createCriteriaChart(steps, curves, { isLogarithmic = false } = {}) {
  const all = curves.flatMap(({ values, others = [] }) => [...values, ...others]);
  const [last] = steps.slice(-1);
  const x = makeScale([0, last], [LEFT, WIDTH - RIGHT]);
  const highest = Math.max(...all);
  const low = isLogarithmic ? Math.min(...all) / 1.2 : 0;
  const make = isLogarithmic ? makeLogScale : makeScale;
  const y = make([low, highest], [HEIGHT - BOTTOM, TOP]);
  const ticks = isLogarithmic
    ? chooseTicks(low, highest)
    : findTicks(0, highest, MOST_TICKS);
  const place = (values) => values.map((value, i) => [x(steps[i]), y(value)]);
  const draw = (values) => createDrawing("path", { d: writePath(place(values)) });
  const now = createDrawing("line", {
    class: "lenet-now",
    y1: TOP,
    y2: HEIGHT - BOTTOM,
  });
  const series = curves.map(({ name, values, others }) => ({
    name,
    points: [values, others ?? []].map(place),
    path: draw(values),
    dashed: others && draw(others),
    label: createText(WIDTH - RIGHT + 5, 0, abbreviate(name), "start"),
  }));
  separate(series);
  const dots = [0, 1].map(() => createDrawing("circle", { r: 4 }));
  const chosen = createDrawing("g", { class: "lenet-chosen" });
  const rest = createDrawing("g");
  const element = createDrawing(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" },
    ...drawAxes({ x, y, last, ticks }),
    ...[now, rest, chosen],
  );

  const show = (name, look) => {
    setAttributes(now, { x1: x(steps[look]), x2: x(steps[look]) });
    const others = series.filter((one) => one.name !== name);
    rest.replaceChildren(...others.flatMap(({ path, label }) => [path, label]));
    const own = series.filter((one) => one.name === name);
    const marks = own.flatMap(({ points, path, dashed, label }) => {
      dashed?.setAttribute("class", "lenet-dashed");
      const shown = dots.filter((_, i) => points[i].length);
      shown.forEach((dot, i) => {
        const [cx, cy] = points[i][look];
        setAttributes(dot, { cx, cy });
      });
      return [...(dashed ? [dashed] : []), path, label, ...shown];
    });
    chosen.replaceChildren(...marks);
  };
  return { element, show };
}

/** Puts each name beside the end of its curve, none on another. */
function separate(series) {
  const ends = series
    .map(({ points: [points], label }) => ({ label, y: points[points.length - 1][1] }))
    .sort((a, b) => a.y - b.y);
  ends.forEach((end, i) => {
    if (i) end.y = Math.max(end.y, ends[i - 1].y + APART);
  });
  const over = Math.max(0, ends[ends.length - 1].y - (HEIGHT - BOTTOM));
  for (const { label, y } of ends) label.setAttribute("y", `${y + 4 - over}`);
}

/** Chooses ticks of a logarithmic axis: 1, 2 and 5 times powers of ten. */
function chooseTicks(low, high) {
  const first = Math.floor(Math.log10(low));
  const powers = range(1 + Math.ceil(Math.log10(high)) - first).map(
    (k) => 10 ** (first + k),
  );
  const ticks = powers.flatMap((power) => [power, 2 * power, 5 * power]);
  return ticks.filter((tick) => tick >= low && tick <= high);
}

function drawAxes({ x, y, last, ticks }) {
  const rows = createTicks(ticks, y, [LEFT, WIDTH - RIGHT]);
  const columns = findTicks(0, last, MOST_TICKS).map((tick) =>
    createText(x(tick), HEIGHT - BOTTOM + 15, `${tick}`),
  );
  const name = createText((WIDTH + LEFT - RIGHT) / 2, HEIGHT - 3, "update");
  return [...rows, ...columns, name];
}
