// A line of ink with its cuts, and below it the pieces as arcs from cut to cut.

import { HEIGHT } from "../engine/strings/cuts.mjs";
import { create, createDrawing } from "./dom.mjs";
import { colorInk, paintMap } from "./pictures.mjs";

/** @import { Pieces } from "../engine/strings/cuts.mjs" */

const NODES = 3; // how far below the line the nodes lie
const TEXT = 5.5; // the size of a label

/**
 * A piece on the best path.
 * @typedef {{piece: number, text: string}} Chosen
 */

/**
 * Makes the picture.
 * @param {object} options
 * @param {(piece: number) => void} options.select  called with a piece that was clicked
 * @param {(cut: number) => void} options.toggle  called with the column of a cut that was
 *   clicked; the first and the last are none
 * @returns {{element: HTMLElement, show: (pixels: Uint8Array, pieces: Pieces,
 *   state: {chosen: Chosen[], selected: number, forbidden: Set<number>}) => void}}
 *   selected: a piece, or -1; forbidden: columns of cuts
 */
export function createLineGraph({ select, toggle }) {
  const canvas = create("canvas", { class: "lenet-map" });
  const cuts = createDrawing("svg", { class: "lenet-cuts", "aria-hidden": "true" });
  const arcs = createDrawing("svg", { class: "lenet-arcs", "aria-hidden": "true" });
  const strip = create("div", { class: "lenet-strip" }, canvas, cuts);
  const line = create("div", { class: "lenet-line" }, strip, arcs);
  const element = create(
    "div",
    {
      class: "lenet-scroll",
      tabindex: "0",
      role: "region",
      "aria-label": "The line, its cuts, and its pieces as arcs",
    },
    line,
  );
  let columns = /** @type {number[]} */ ([]);

  strip.addEventListener("click", (event) => {
    const inner = columns.slice(1, -1);
    if (!inner.length) return;
    const box = strip.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * canvas.width;
    const away = (cut) => Math.abs(cut - at);
    toggle(inner.reduce((best, cut) => (away(cut) < away(best) ? cut : best)));
  });

  const show = (pixels, pieces, { chosen, selected, forbidden }) => {
    const width = pixels.length / HEIGHT;
    columns = pieces.cuts;
    line.style.setProperty("--columns", `${width}`);
    paintMap(canvas, pixels, HEIGHT, width, { color: colorInk, limit: 255 });
    cuts.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    cuts.replaceChildren(
      ...columns.map((x) =>
        createDrawing("line", {
          class: forbidden.has(x) ? "lenet-forbidden" : "",
          x1: x,
          x2: x,
          y1: 0,
          y2: HEIGHT,
        }),
      ),
    );
    const deepest = Math.max(...pieces.sources.map((_, i) => findDepth(pieces, i)));
    arcs.setAttribute("viewBox", `0 0 ${width} ${deepest + TEXT + 2}`);
    const texts = new Map(chosen.map(({ piece, text }) => [piece, text]));
    const drawn = pieces.sources.map((_, piece) =>
      drawArc(pieces, piece, {
        name: piece === selected ? "selected" : texts.has(piece) ? "chosen" : "",
        onclick: () => select(piece),
      }),
    );
    const first = (piece) => texts.has(piece) || piece === selected;
    const order = [...drawn.keys()].sort((a, b) => Number(first(a)) - Number(first(b)));
    arcs.replaceChildren(
      ...order.map((piece) => drawn[piece]),
      ...columns.map((x) => createDrawing("circle", { cx: x, cy: NODES, r: 0.9 })),
      ...chosen.map(({ piece, text }) => drawText(pieces, piece, text)),
    );
  };
  return { element, show };
}

const findEnds = ({ sources, destinations, cuts }, piece) => [
  cuts[sources[piece]],
  cuts[destinations[piece]],
];
const findDepth = ({ sources, destinations }, piece) =>
  NODES + 4 + 4 * (destinations[piece] - sources[piece]);

function drawArc(pieces, piece, { name, onclick }) {
  const [left, right] = findEnds(pieces, piece);
  const depth = NODES + (4 / 3) * (findDepth(pieces, piece) - NODES);
  const d = `M${left},${NODES}C${left},${depth} ${right},${depth} ${right},${NODES}`;
  const wide = createDrawing("path", { class: "lenet-hit", d });
  wide.addEventListener("click", onclick);
  return createDrawing(
    "g",
    { class: name && `lenet-${name}` },
    createDrawing("path", { d }),
    wide,
  );
}

function drawText(pieces, piece, text) {
  const [left, right] = findEnds(pieces, piece);
  const at = { x: (left + right) / 2, y: findDepth(pieces, piece) + TEXT };
  return createDrawing("text", { ...at, "font-size": TEXT }, text);
}
