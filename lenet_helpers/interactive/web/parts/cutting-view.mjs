// The system that cuts: a line's cuts and pieces, and what the reader bends about them.

import { range } from "../engine/numbers.mjs";
import { buildGraph, segment } from "../engine/strings/cuts.mjs";
import { bendGraph } from "../engine/strings/readings.mjs";
import { createRecognition } from "../engine/strings/recognition.mjs";
import { readTensors } from "../engine/tensors.mjs";
import { create, save } from "./dom.mjs";
import { createLineGraph } from "./line-graph.mjs";
import { createPiecePanel } from "./piece-panel.mjs";

/** @import { Model } from "./dom.mjs" */
/** @import { Graph } from "../engine/strings/graphs.mjs" */
/** @import { Candidate } from "../engine/strings/readings.mjs" */

/**
 * Makes the system and its view.
 * @param {Model} model
 * @param {() => void} ask  asks for a new look at the line
 * @returns {{element: HTMLElement, read: (pixels: Uint8Array) => Graph,
 *   show: (pixels: Uint8Array, hasInk: boolean, best?: Candidate) => void}}  read: the
 *   graph of the pieces as the reader has bent it, of (32, W); show: that line, and the
 *   best reading by the grammar
 */
export function createCutting(model, ask) {
  const characters = model.get("characters");
  const recognize = createRecognition(readTensors(model.get("weights")));
  let pieces = segment(new Uint8Array(0));
  let penalties = recognize(pieces.images);
  /** @type {number[] | null} */
  let selected = null; // the columns of a piece's cuts
  const view = createLineGraph({ select, toggle: (cut) => toggleBend([cut]) });
  const panel = createPiecePanel({
    characters,
    select,
    toggle: toggleBend,
    add: addPenalty,
    reset: () => save(model, { bends: [] }),
  });
  const element = create("div", { class: "lenet-system" }, view.element, panel.element);

  function select(piece) {
    const { sources, destinations, cuts } = pieces;
    selected = piece < 0 ? null : [cuts[sources[piece]], cuts[destinations[piece]]];
    ask();
  }

  function toggleBend(bend) {
    const bends = model.get("bends");
    const isOther = (one) => `${one}` !== `${bend}`;
    const others = bends.filter(isOther);
    save(model, { bends: others.length < bends.length ? others : [...bends, bend] });
  }

  function addPenalty(ends, more) {
    const [left, right] = ends;
    const isSame = (one) => one.length === 3 && one[0] === left && one[1] === right;
    const bends = model.get("bends");
    const before = bends.find(isSame)?.[2] ?? 0;
    const rest = bends.filter((one) => !isSame(one));
    const sum = before + more;
    save(model, { bends: sum ? [...rest, [left, right, sum]] : rest });
  }

  function read(pixels) {
    pieces = segment(pixels);
    penalties = recognize(pieces.images);
    const graph = buildGraph(pieces, penalties, characters.length);
    return bendGraph(graph, pieces, model.get("bends"));
  }

  function show(pixels, hasInk, best) {
    view.element.hidden = panel.element.hidden = !hasInk;
    if (!hasInk) return;
    const bends = model.get("bends");
    const chosen = (best?.payload ?? []).map((piece, i) => ({
      piece,
      text: characters[best.labels[i]],
    }));
    const piece = findPiece(pieces, selected);
    const forbidden = new Set(bends.filter((one) => one.length === 1).flat());
    view.show(pixels, pieces, { chosen, selected: piece, forbidden });
    panel.show(pieces, penalties, { piece, bends });
  }
  return { element, read, show };
}

/** Finds the piece between two columns, or -1. */
function findPiece({ sources, destinations, cuts }, selected) {
  if (!selected) return -1;
  const [left, right] = selected;
  return range(sources.length).findIndex(
    (piece) => cuts[sources[piece]] === left && cuts[destinations[piece]] === right,
  );
}
