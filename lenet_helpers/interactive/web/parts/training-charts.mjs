// The two charts of a training: errors over the passes, rates of the layers.

import { range } from "../engine/numbers.mjs";
import { take } from "../engine/tensors.mjs";
import { createText, createTicks, makeLogScale, writePath } from "./chart.mjs";
import { createDrawing, setAttributes } from "./dom.mjs";

const LAYERS = ["C1", "S2", "C3", "S4", "C5", "F6"];
const WIDTH = 340; // of a drawing
const HEIGHT = 190;
const LEFT = 34; // of its axes
const RIGHT = 8;
const TOP = 10;
const BOTTOM = 34;
const ERRORS = [0.2, 10]; // per cent, the ends of the axis
const ERROR_TICKS = [0.2, 0.5, 1, 2, 5, 10];
const RATES = [1e-6, 1e-1];
const RATE_TICKS = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1];
const RATE_NAMES = ["10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "0.01", "0.1"];

const draw = (children) =>
  createDrawing(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" },
    ...children,
  );

/** Finds room for a curve's name: at two thirds, above the upper curve, below the lower. */
function findLabel(points, values, errors) {
  const i = Math.floor((2 * points.length) / 3);
  const isUpper = Object.values(errors).every((others) => others[i] <= values[i]);
  return [points[i][0], points[i][1] + (isUpper ? -8 : 16)];
}

/**
 * Makes the curves of the errors, with a mark at a pass.
 * @param {Object<string, number[]>} errors  per cent, after each pass, by name
 * @param {number} last  the number of passes
 * @returns {{element: SVGElement, show: (epoch: number) => void}}
 */
export function createCurves(errors, last) {
  const x = (epoch) => LEFT + ((WIDTH - LEFT - RIGHT) * epoch) / last;
  const y = makeLogScale(ERRORS, [HEIGHT - BOTTOM, TOP]);
  const line = createDrawing("line", {
    class: "lenet-now",
    y1: TOP,
    y2: HEIGHT - BOTTOM,
  });
  const series = Object.entries(errors).map(([name, values]) => {
    const points = values.map((value, i) => [x(i + 1), y(value)]);
    const dot = createDrawing("circle", { r: 5, class: `lenet-${name}` });
    const [left, top] = findLabel(points, values, errors);
    return {
      dot,
      points,
      values,
      path: createDrawing("path", { d: writePath(points), class: `lenet-${name}` }),
      name: createText(left, top, name),
    };
  });
  const element = draw([
    ...createTicks(ERROR_TICKS, y, [LEFT, WIDTH - RIGHT]),
    ...range(last + 1)
      .filter((epoch) => epoch % 5 === 0)
      .map((epoch) => createText(x(epoch), HEIGHT - BOTTOM + 15, `${epoch}`)),
    createText((WIDTH + LEFT) / 2, HEIGHT - 3, "pass"),
    line,
    ...series.flatMap(({ path, name, dot }) => [path, name, dot]),
  ]);
  const show = (epoch) => {
    setAttributes(line, { x1: x(epoch), x2: x(epoch) });
    series.forEach(({ dot, points }) => {
      dot.style.display = epoch ? "" : "none"; // before training, nothing was counted
      const [cx, cy] = points[Math.max(0, epoch - 1)];
      setAttributes(dot, { cx, cy });
    });
  };
  return { element, show };
}

/**
 * Makes the spans of the effective rates, a row a layer.
 * @param {import("../engine/tensors.mjs").Tensor} rates  (passes + 1, layers, 3): the
 *   smallest, the median, the largest
 * @returns {{element: SVGElement, show: (epoch: number) => void}}
 */
export function createRates(rates) {
  const x = makeLogScale(RATES, [LEFT, WIDTH - RIGHT]);
  const step = (HEIGHT - TOP - BOTTOM) / LAYERS.length;
  const rows = LAYERS.map((name, i) => {
    const y = TOP + step * i;
    return {
      name: createText(LEFT - 6, y + step / 2 + 4, name, "end"),
      span: createDrawing("rect", { y: y + 5, height: step - 10, class: "lenet-span" }),
      median: createDrawing("line", {
        y1: y + 2,
        y2: y + step - 2,
        class: "lenet-median",
      }),
    };
  });
  const element = draw([
    ...RATE_TICKS.flatMap((tick, i) => [
      createDrawing("line", {
        class: "lenet-tick",
        x1: x(tick),
        x2: x(tick),
        y1: TOP,
        y2: HEIGHT - BOTTOM,
      }),
      createText(x(tick), HEIGHT - BOTTOM + 15, RATE_NAMES[i]),
    ]),
    createText((WIDTH + LEFT) / 2, HEIGHT - 3, "effective rate"),
    ...rows.flatMap(({ name, span, median }) => [name, span, median]),
  ]);
  const show = (epoch) =>
    rows.forEach(({ span, median }, i) => {
      const [low, middle, high] = [...take(take(rates, epoch), i).data].map(x);
      setAttributes(span, { x: low, width: Math.max(2, high - low) });
      setAttributes(median, { x1: middle, x2: middle });
    });
  return { element, show };
}
