// The two charts of a descent: the loss at each weight, and after each step.

import {
  computeLoss,
  computeSlope,
  findDecades,
  findView,
  MINIMUM,
} from "../engine/descent.mjs";
import { range, writeShort } from "../engine/numbers.mjs";
import { findTicks, makeLogScale, makeScale, writePath } from "./chart.mjs";
import { createDrawing } from "./dom.mjs";

const WIDTH = 340; // of a drawing
const LEFT = 34; // of its axes
const RIGHT = 12;
const TOP = 10;
const FLOOR = 206; // the loss 0 of the bowl
const LANE = FLOOR + 12; // the arrow of the next step, below the bowl
const LOW = 136; // the smallest loss of the other chart
const NAMES = 37; // height of what is written below an axis
const TRAIL = 30; // earlier weights in the picture
const FADING = 0.8; // of each against the one after it
const PALEST = 0.3;
const TANGENT = 60; // half of its length
const HEAD = 8; // length of an arrow's head

const createText = (x, y, content, anchor = "middle") =>
  createDrawing("text", { x, y, "text-anchor": anchor }, content);

const createLine = (name, x1, y1, x2, y2) =>
  createDrawing("line", { class: `lenet-${name}`, x1, y1, x2, y2 });

const createDot = (name, cx, cy, r, opacity = 1) =>
  createDrawing("circle", { class: `lenet-${name}`, cx, cy, r, opacity });

/** Makes a drawing that is drawn anew each time. */
const createChart = (height) =>
  createDrawing("svg", { viewBox: `0 0 ${WIDTH} ${height}`, "aria-hidden": "true" });

/** Writes a number beside an axis. */
function writeTick(value) {
  const size = Math.abs(value);
  if (size >= 1e6) return `${writeShort(value / 1e6)}M`;
  if (size >= 1e4) return `${writeShort(value / 1e3)}k`;
  return writeShort(value);
}

/** Draws an axis upwards, with a line across the chart at each number. */
const drawLevels = (levels, y) =>
  levels.flatMap((level) => [
    createLine("tick", LEFT, y(level), WIDTH - RIGHT, y(level)),
    createText(LEFT - 5, y(level) + 4, writeTick(level), "end"),
  ]);

/** Draws an axis to the right, with its name below it. */
const drawFoot = (ticks, x, bottom, name) => [
  ...ticks.flatMap((tick) => [
    createLine("tick", x(tick), bottom, x(tick), bottom + 4),
    createText(x(tick), bottom + 16, writeTick(tick)),
  ]),
  createText((WIDTH + LEFT - RIGHT) / 2, bottom + NAMES - 5, name),
];

/**
 * Makes the curve of the loss, with the weight, its slope and its next step.
 * @returns {{element: SVGElement,
 *   show: (weights: number[], next: number | null) => void}}  show takes the first weight
 *   and the one after each step; where the next step leads, if one may follow
 */
export function createBowl() {
  const bottom = LANE + 8;
  const element = createChart(bottom + NAMES);
  const show = (weights, next) => {
    const weight = weights[weights.length - 1];
    const { low, high, top } = findView(next === null ? [weight] : [weight, next]);
    const x = makeScale([low, high], [LEFT, WIDTH - RIGHT]);
    const level = makeScale([0, top], [FLOOR, TOP]);
    const y = (w) => level(computeLoss(w));
    const curve = range(101).map((i) => low + ((high - low) * i) / 100);
    const steepness = (computeSlope(weight) * (level(1) - level(0))) / (x(1) - x(0));
    element.replaceChildren(
      ...drawLevels(findTicks(0, top, 5), level),
      ...drawFoot(findTicks(low, high, 6), x, bottom, "weight w"),
      createLine("least", x(MINIMUM), TOP + 12, x(MINIMUM), FLOOR),
      createText(x(MINIMUM), TOP + 8, "minimum at 1.6"),
      createDrawing("path", {
        class: "lenet-curve",
        d: writePath(curve.map((w) => [x(w), y(w)])),
      }),
      ...weights
        .slice(-TRAIL - 1, -1)
        .reverse()
        .map((w, i) => ({ w, opacity: Math.max(PALEST, FADING ** (i + 1)) }))
        .filter(({ w }) => w >= low && w <= high)
        .map(({ w, opacity }) => createDot("past", x(w), y(w), 4, opacity)),
      drawTangent(x(weight), y(weight), steepness),
      ...(next === null
        ? []
        : [
            createLine("drop", x(weight), y(weight), x(weight), LANE),
            createLine("drop", x(next), y(next), x(next), LANE),
            ...drawArrow(x(weight), x(next)),
            createDot("next", x(next), y(next), 4.5),
          ]),
      createDot("now", x(weight), y(weight), 5.5),
    );
  };
  return { element, show };
}

/** Draws the tangent at a point, cut off at the edges of the picture. */
function drawTangent(x, y, steepness) {
  const across = TANGENT / Math.hypot(1, steepness);
  const up = across * steepness;
  const [width, height] = [WIDTH - LEFT - RIGHT, FLOOR - TOP];
  return createDrawing(
    "svg",
    { x: LEFT, y: TOP, width, height, viewBox: `${LEFT} ${TOP} ${width} ${height}` },
    createLine("tangent", x - across, y - up, x + across, y + up),
  );
}

/** Draws the arrow of a step; its head is no longer than the step. */
function drawArrow(x0, x1) {
  const length = Math.min(HEAD, Math.abs(x1 - x0));
  const back = x1 - Math.sign(x1 - x0) * length;
  const d = `M${x1},${LANE}L${back},${LANE - length / 2}v${length}Z`;
  return [
    createLine("arrow", x0, LANE, back, LANE),
    createDrawing("path", { class: "lenet-head", d }),
  ];
}

/**
 * Makes the curve of the loss after each step.
 * @returns {{element: SVGElement, show: (weights: number[]) => void}}
 */
export function createLosses() {
  const element = createChart(LOW + NAMES);
  const show = (weights) => {
    const losses = weights.map(computeLoss);
    const decades = findDecades(losses);
    const isWide = decades.length > 6;
    const ends = [decades[0], decades[decades.length - 1]];
    const last = Math.max(10, weights.length - 1);
    const x = makeScale([0, last], [LEFT + 4, WIDTH - RIGHT]);
    const y = makeLogScale(ends, [LOW, TOP]);
    const points = losses.map((loss, step) => [x(step), y(loss)]);
    const [nowX, nowY] = points[points.length - 1];
    const least = y(computeLoss(MINIMUM));
    element.replaceChildren(
      ...drawLevels(
        decades.filter((_, i) => i % (isWide ? 2 : 1) === 0),
        y,
      ),
      ...drawFoot(findTicks(0, last, 5), x, LOW, "step"),
      createLine("least", LEFT, least, WIDTH - RIGHT, least),
      createText(
        WIDTH - RIGHT,
        least + (isWide ? -4 : 14),
        "smallest loss: 0.05",
        "end",
      ),
      createDrawing("path", { class: "lenet-course", d: writePath(points) }),
      ...points.slice(0, -1).map(([cx, cy]) => createDot("past", cx, cy, 2.5)),
      createDot("now", nowX, nowY, 4.5),
    );
  };
  return { element, show };
}
