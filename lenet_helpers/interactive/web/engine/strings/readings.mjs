// What a graph can say, the cheapest first, and graphs that the reader has bent. No DOM.

import { clamp } from "../numbers.mjs";
import { allBut, NULL } from "./grammars.mjs";
import { compose, forward, readPath, selectPath, viterbi } from "./graphs.mjs";

/** @import { Graph } from "./graphs.mjs" */
/** @import { Pieces } from "./cuts.mjs" */

const FORBIDDEN = -2; // a label that no grammar takes
const MOST = 1000; // that a piece can be made dearer by

/**
 * What a reader has changed about a line, by columns, so that it stays when ink is added
 * elsewhere: [cut] forbids a cut, [left, right] the piece between two cuts, and
 * [left, right, more] makes it dearer.
 * @typedef {number[]} Bend
 */

/**
 * One of the things that a graph can say.
 * @typedef {object} Candidate
 * @property {number[]} labels
 * @property {number} penalty  of its cheapest path
 * @property {number} share  of e^-penalty of all paths that say this, from 0 to 1
 * @property {number[]} payload  of the arcs of the cheapest path
 * @property {number[]} places  of each label the payload of the arc that says it
 */

/**
 * Lists what a graph can say, each string once, the cheapest first.
 * @param {Graph} graph
 * @param {number} count  how many strings, at most
 * @param {number} numLabels
 * @returns {Candidate[]}
 */
export function listReadings(graph, count, numLabels) {
  const all = forward(graph).penalty;
  const found = /** @type {Candidate[]} */ ([]);
  for (let rest = graph; found.length < count; ) {
    const { penalty, path } = viterbi(rest);
    if (penalty === Infinity) break;
    const labels = readPath(rest, path);
    const own = forward(selectPath(graph, labels)).penalty;
    const payload = path.map((arc) => rest.payload[arc]);
    const places = payload.filter((_, i) => rest.labels[path[i]] !== NULL);
    found.push({ labels, penalty, share: Math.exp(all - own), payload, places });
    rest = compose(rest, allBut(labels, numLabels));
  }
  return found;
}

/**
 * Bends a recognition graph.
 * @param {Graph} graph  of `buildGraph`
 * @param {Pieces} pieces
 * @param {Bend[]} bends  those that name no cut and no piece of the line change nothing
 * @returns {Graph}  compose it with a grammar, which leaves out what is forbidden
 */
export function bendGraph(graph, { sources, destinations, cuts }, bends) {
  const forbidden = new Set();
  const more = new Float64Array(sources.length);
  for (const [left, right, extra] of bends)
    for (let piece = 0; piece < sources.length; piece += 1) {
      const [from, to] = [cuts[sources[piece]], cuts[destinations[piece]]];
      if (
        right === undefined
          ? from === left || to === left
          : from === left && to === right
      )
        if (extra === undefined) forbidden.add(piece);
        else more[piece] += clamp(extra, -MOST, MOST);
    }
  const pieces = Array.from(graph.payload);
  return {
    ...graph,
    labels: pieces.map((piece, arc) =>
      forbidden.has(piece) ? FORBIDDEN : graph.labels[arc],
    ),
    penalties: pieces.map((piece, arc) => graph.penalties[arc] + more[piece]),
  };
}
