// Reading a line by its graph, as `lenet_helpers/strings/reading.py`. No DOM.

import { forward, readPath, selectPath, viterbi } from "./graphs.mjs";

/** @import { Graph } from "./graphs.mjs" */

/**
 * What a graph says.
 * @typedef {object} Reading
 * @property {number[]} labels  empty without a path, as in a line without ink
 * @property {number} penalty  of the best path; infinite without one
 * @property {number} confidence  the share of e^-penalty of all paths that say this, from
 *   0 to 1
 */

/**
 * Reads the best path of a graph.
 * @param {Graph} graph
 * @returns {Reading}
 *
 * LeCun et al. 1998, p. 39, whose exponent lacks its minus.
 */
export function read(graph) {
  const { penalty, path } = viterbi(graph);
  const labels = readPath(graph, path);
  if (penalty === Infinity) return { labels, penalty, confidence: 0 };
  const right = forward(selectPath(graph, labels)).penalty;
  return { labels, penalty, confidence: Math.exp(forward(graph).penalty - right) };
}
