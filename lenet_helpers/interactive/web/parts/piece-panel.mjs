// One piece of a line: its picture, what it costs to be each character, and its bends.

import { range, write } from "../engine/numbers.mjs";
import { HEIGHT } from "../engine/strings/cuts.mjs";
import { create, createButton } from "./dom.mjs";
import { colorInk, paintMap } from "./pictures.mjs";

/** @import { Pieces } from "../engine/strings/cuts.mjs" */
/** @import { Bend } from "../engine/strings/readings.mjs" */

const SIZE = HEIGHT * HEIGHT;
const CHEAPEST = 4; // characters that are shown
const MORE = 10; // what a piece is made dearer by

/**
 * Makes the panel.
 * @param {object} options
 * @param {string} options.characters  a label's character
 * @param {(piece: number) => void} options.select
 * @param {(bend: Bend) => void} options.toggle
 * @param {(ends: number[], more: number) => void} options.add
 * @param {() => void} options.reset  takes all bends back
 * @returns {{element: HTMLElement, show: (pieces: Pieces, penalties: Float32Array,
 *   state: {piece: number, bends: Bend[]}) => void}}
 */
export function createPiecePanel({ characters, select, toggle, add, reset }) {
  let ends = /** @type {number[]} */ ([]);
  const canvas = create("canvas", { class: "lenet-map" });
  const costs = create("p", {});
  const choice = create("select", {
    onchange: () => select(Number(choice.value)),
  });
  const forbid = createButton("Forbid this piece", () => toggle(ends));
  const dearer = createButton(`Make it ${MORE} dearer`, () => add(ends, MORE));
  const sides = [0, 1].map((side) =>
    createButton(`Forbid the cut ${side ? "right" : "left"} of it`, () =>
      toggle([ends[side]]),
    ),
  );
  const buttons = create("div", { class: "lenet-row" }, forbid, dearer, ...sides);
  const back = createButton("Take all changes back", reset);
  const changes = create("p", { class: "lenet-hint" });
  const picture = create("div", { class: "lenet-piece" }, canvas, costs);
  const element = create(
    "div",
    { class: "lenet-panel" },
    create(
      "label",
      {},
      create(
        "div",
        { class: "lenet-label" },
        "A piece of ink (or click an arc; a click on the ink forbids a cut)",
      ),
      choice,
    ),
    picture,
    buttons,
    create("div", { class: "lenet-row" }, back, changes),
  );

  const show = (pieces, penalties, { piece, bends }) => {
    const { sources, destinations, cuts, images } = pieces;
    const find = (one) => [cuts[sources[one]], cuts[destinations[one]]];
    const rank = (one) => rankCharacters(characters, penalties, one);
    choice.replaceChildren(
      create("option", { value: -1 }, "none"),
      ...range(sources.length).map((one) => {
        const [left, right] = find(one);
        const [[character, cost]] = rank(one);
        const text = `columns ${left} to ${right - 1}: ${character} for ${write(cost, 1)}`;
        return create("option", { value: one }, text);
      }),
    );
    choice.value = `${piece}`;
    picture.hidden = buttons.hidden = piece < 0;
    back.disabled = bends.length === 0;
    changes.textContent = bends.map(describeBend).join("; ");
    if (piece < 0) return;
    ends = find(piece);
    const pixels = images.subarray(piece * SIZE, (piece + 1) * SIZE);
    paintMap(canvas, pixels, HEIGHT, HEIGHT, { color: colorInk, limit: 255 });
    const cheapest = rank(piece).slice(0, CHEAPEST);
    costs.textContent = `costs ${cheapest
      .map(([character, cost]) => `${write(cost, 1)} as ${character}`)
      .join(", ")}, and more as others`;
    const has = (bend) => bends.some((one) => `${one}` === `${bend}`);
    forbid.textContent = has(ends) ? "Allow this piece" : "Forbid this piece";
    for (const [side, button] of sides.entries()) {
      const end = ends[side];
      const place = side ? "right" : "left";
      button.textContent = `${has([end]) ? "Allow" : "Forbid"} the cut ${place} of it`;
      button.disabled = end === cuts[0] || end === cuts[cuts.length - 1];
    }
  };
  return { element, show };
}

/** Lists characters and their penalties, the cheapest first. */
function rankCharacters(characters, penalties, piece) {
  const count = characters.length;
  const own = penalties.subarray(piece * count, (piece + 1) * count);
  return range(count)
    .map((label) => /** @type {[string, number]} */ ([characters[label], own[label]]))
    .sort(([, a], [, b]) => a - b);
}

function describeBend([left, right, more]) {
  if (right === undefined) return `cut ${left} is forbidden`;
  const piece = `columns ${left} to ${right - 1}`;
  return more === undefined ? `${piece} are forbidden` : `${piece} cost ${more} more`;
}
