// A line's graph with the slopes of a criterion. Above the nodes is the best right path,
// below them the best path where it is another; colour and thickness tell the slopes.

import { range, write } from "../engine/numbers.mjs";
import { HEIGHT } from "../engine/strings/cuts.mjs";
import { create, createDrawing } from "./dom.mjs";
import { colorInk, paintMap } from "./pictures.mjs";

/** @import { Graph } from "../engine/strings/graphs.mjs" */
/** @import { Path } from "../engine/strings/criteria.mjs" */

const WIDTH = 360; // of the drawing
const LOWEST = 6; // of the heights of arcs
const STEEPNESS = 0.4; // of an arc: how its height grows with its width
const NEXT = 6; // by how much a piece's next arc is higher
const LINE = 13; // of text
const NAMES = 2 * LINE + 4; // a row of labels and penalties
const APART = 30; // of names, at least
const MARGIN = 5;
const THIN = 0.8; // strokes, as `pictures.draw_graph` has them
const THICK = 3;
export const SMALLEST = 0.01; // slopes below it are not drawn

/**
 * What is drawn of a line.
 * @typedef {object} Drawn
 * @property {number[]} columns  of the nodes
 * @property {number} width  of the line, in columns
 * @property {Uint8Array} pixels  (32, width); empty where the ink is not there
 * @property {Graph} graph
 * @property {Path} right
 * @property {Path} best
 * @property {ArrayLike<number>} slopes  of the graph's arcs
 */

/**
 * An arc's curve: a place above or below the nodes, and what the slope does to it.
 * @typedef {object} Curve
 * @property {number[]} ends  where it begins and ends
 * @property {number} height
 * @property {boolean} isAbove
 * @property {string} kind  "piece", "cheaper", "dearer" or "left"
 * @property {number} slope
 */

/** Makes the picture. @returns {{element: HTMLElement, show: (drawn: Drawn) => void}} */
export function createSlopeGraph() {
  const canvas = create("canvas", { class: "lenet-map" });
  const drawing = createDrawing("svg", { "aria-hidden": "true" });
  const element = create("div", { class: "lenet-slope-graph" });

  const show = (drawn) => {
    const { columns, width, pixels, graph, right } = drawn;
    if (pixels.length)
      paintMap(canvas, pixels, HEIGHT, width, { color: colorInk, limit: 255 });
    element.replaceChildren(...(pixels.length ? [canvas] : []), drawing);
    const x = (node) => (WIDTH * columns[node]) / width;
    const ends = (arc) => [x(graph.sources[arc]), x(graph.destinations[arc])];
    const curves = [...drawPieces(graph, ends), ...placeArcs(drawn, ends)];
    const [high, deep] = [true, false].map((side) =>
      curves
        .filter(({ isAbove }) => isAbove === side)
        .reduce((most, { height }) => Math.max(most, height), 0),
    );
    const middle = NAMES + high + MARGIN;
    const height = middle + deep + MARGIN + NAMES;
    const below = nameBelow(drawn, ends);
    drawing.setAttribute("viewBox", `0 0 ${WIDTH} ${height}`);
    drawing.replaceChildren(
      ...curves.map((curve) => drawCurve(curve, middle)),
      ...columns.map((_, node) =>
        createDrawing("circle", { cx: x(node), cy: middle, r: 3.5 }),
      ),
      ...right.arcs.flatMap((arc) => drawNames(graph, arc, ends, LINE)),
      ...below.flatMap((arc) => drawNames(graph, arc, ends, height - NAMES + LINE)),
    );
  };
  return { element, show };
}

/** Draws each piece once, as the ground of the picture. @returns {Curve[]} */
function drawPieces({ sources, payload }, ends) {
  const isFirst = (arc) => arc === 0 || payload[arc] !== payload[arc - 1];
  return range(sources.length)
    .filter(isFirst)
    .map((arc) => ({
      ends: ends(arc),
      height: findHeight(ends(arc)),
      isAbove: true,
      kind: "piece",
      slope: 0,
    }));
}

/**
 * Places the arcs of the two paths, whatever their slopes, and all others with a slope:
 * those of the best path below, where it leaves the best right one, of which no arc is
 * below; others by their slope. The heaviest is drawn last.
 * @param {Drawn} drawn
 * @param {(arc: number) => number[]} ends
 * @returns {Curve[]}
 */
function placeArcs({ graph, right, best, slopes }, ends) {
  const rank = (arc) =>
    Number(right.arcs.includes(arc) || best.arcs.includes(arc)) + Math.abs(slopes[arc]);
  const counts = new Map(); // of arcs so far, by piece and side
  return range(graph.sources.length)
    .filter((arc) => rank(arc) >= SMALLEST)
    .sort((a, b) => rank(b) - rank(a))
    .map((arc) => {
      const isOther = best.arcs.includes(arc) ? false : slopes[arc] > 0;
      const isAbove = right.arcs.includes(arc) || isOther;
      const key = `${graph.payload[arc]} ${isAbove}`;
      const before = counts.get(key) ?? 0;
      counts.set(key, before + 1);
      return {
        ends: ends(arc),
        height: findHeight(ends(arc)) + NEXT * before,
        isAbove,
        kind: nameSlope(slopes[arc]),
        slope: slopes[arc],
      };
    })
    .reverse();
}

/**
 * Chooses the arcs whose names stand below: those of the best path that are not above, and
 * of others that are made dearer the heaviest, none on another.
 * @param {Drawn} drawn
 * @param {(arc: number) => number[]} ends
 */
function nameBelow({ graph, right, best, slopes }, ends) {
  const middle = (arc) => (ends(arc)[0] + ends(arc)[1]) / 2;
  const named = best.arcs.filter((arc) => !right.arcs.includes(arc));
  const others = range(graph.sources.length)
    .filter((arc) => nameSlope(slopes[arc]) === "dearer" && !right.arcs.includes(arc))
    .sort((a, b) => slopes[a] - slopes[b]);
  for (const arc of others)
    if (named.every((other) => Math.abs(middle(other) - middle(arc)) >= APART))
      named.push(arc);
  return named;
}

/** Says what training does to an arc. @param {number} slope */
export function nameSlope(slope) {
  if (Math.abs(slope) < SMALLEST) return "left";
  return slope > 0 ? "cheaper" : "dearer";
}

/** @param {number[]} ends */
const findHeight = ([left, right]) => LOWEST + STEEPNESS * (right - left);

/** @param {Curve} curve @param {number} middle  where the nodes are */
function drawCurve({ ends: [left, right], height, isAbove, kind, slope }, middle) {
  const y = middle + (isAbove ? -1 : 1) * (4 / 3) * height;
  return createDrawing("path", {
    class: `lenet-${kind}`,
    d: `M${left},${middle}C${left},${y} ${right},${y} ${right},${middle}`,
    "stroke-width": kind === "piece" ? THIN : 2 * THIN + THICK * Math.abs(slope),
  });
}

/** Writes an arc's label, and its penalty below it. */
function drawNames(graph, arc, ends, y) {
  const [left, right] = ends(arc);
  const place = { x: (left + right) / 2, "text-anchor": "middle" };
  return [
    createDrawing("text", { ...place, y, class: "lenet-says" }, `${graph.labels[arc]}`),
    createDrawing("text", { ...place, y: y + LINE }, write(graph.penalties[arc], 1)),
  ];
}
