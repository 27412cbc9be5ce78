// Graphs whose paths are readings: shortest path, sum over paths, composition. As
// `lenet_helpers/strings/graphs.py`, one graph at a time. Pure functions, no DOM.
//
// LeCun et al. 1998, p. 18-33: penalties on arcs, small is good.

import { NULL, spell } from "./grammars.mjs";
import { dropDeadEnds, group, passTokens, sortArcs } from "./kernels.mjs";

/** @import { Grammar } from "./grammars.mjs" */

/**
 * Arcs, in arrays with an entry an arc.
 * @typedef {object} Arcs
 * @property {ArrayLike<number>} sources  (A): the nodes that the arcs leave, from 0
 * @property {ArrayLike<number>} destinations  (A)
 * @property {ArrayLike<number>} labels  (A): what each arc says; NULL says nothing
 * @property {ArrayLike<number>} penalties  (A): small is good; finite, since an arc that
 *   is forbidden is left out
 * @property {ArrayLike<number>} [payload]  (A): what each arc stands for, such as the
 *   number of a piece; by default its own number
 * @property {number} [numNodes]
 */

/**
 * An acyclic graph with one start and one end.
 * @typedef {object} Graph
 * @property {ArrayLike<number>} sources  (A), as in Arcs
 * @property {ArrayLike<number>} destinations  (A)
 * @property {ArrayLike<number>} labels  (A)
 * @property {ArrayLike<number>} penalties  (A)
 * @property {ArrayLike<number>} payload  (A)
 * @property {number} numNodes
 * @property {number} start
 * @property {number} end
 * @property {number[]} order  (A): arcs, by the place of their destination
 */

/**
 * Checks that arcs form a graph, and finds its start, its end and an order.
 * @param {Arcs} arcs
 * @returns {Graph}  two nodes without arcs are a graph without a path
 * @throws {Error} arrays of different lengths, a cycle, not one start and one end, a
 *   penalty that is not finite
 *
 * LeCun et al. 1998, p. 18-26.
 */
export function checkGraph(arcs) {
  const { sources, destinations, labels, penalties } = arcs;
  const payload = arcs.payload ?? [...Array(sources.length).keys()];
  const arrays = [sources, destinations, labels, penalties, payload];
  const lengths = arrays.map((array) => array.length);
  if (new Set(lengths).size > 1)
    throw new Error(
      "`sources`, `destinations`, `labels`, `penalties` and `payload` must have one" +
        ` entry per arc, got [${lengths.join(", ")}] entries.`,
    );
  checkPenalties(penalties);
  const numNodes = arcs.numNodes ?? countNodes(sources, destinations);
  checkNodes(sources, destinations, numNodes);
  const { order, onCycle } = sortArcs(sources, destinations, numNodes);
  if (onCycle >= 0)
    throw new Error(
      `The arcs must form no cycle: node ${onCycle} lies on or behind one.`,
    );
  const { start, end } = findEnds(sources, destinations, numNodes);
  return { ...arcs, payload, numNodes, start, end, order };
}

/**
 * Finds the path with the least penalty.
 * @param {Graph} graph
 * @returns {{penalty: number, path: number[]}}  the arcs of the path in order; of arcs
 *   that reach a node equally well the first is taken. Without a path the penalty is
 *   infinite and the path empty.
 *
 * LeCun et al. 1998, eq. 10.
 */
export function viterbi({ sources, destinations, penalties, ...graph }) {
  const least = new Float64Array(graph.numNodes).fill(Infinity);
  const best = new Int32Array(graph.numNodes).fill(-1);
  least[graph.start] = 0;
  for (const arc of graph.order) {
    const penalty = penalties[arc] + least[sources[arc]];
    const node = destinations[arc];
    if (penalty < least[node]) {
      least[node] = penalty;
      best[node] = arc;
    }
  }
  const path = [];
  for (let arc = best[graph.end]; arc >= 0; arc = best[sources[arc]]) path.push(arc);
  return { penalty: least[graph.end], path: path.reverse() };
}

/**
 * Adds up all paths: -log of the sum of e^-penalty over the paths.
 * @param {Graph} graph
 * @returns {{penalty: number, shares: Float64Array}}  penalty: at most that of `viterbi`,
 *   infinite without a path; shares (A): its gradient, the share of e^-penalty of the
 *   paths through each arc
 *
 * LeCun et al. 1998, eqs. 13 to 16.
 */
export function forward(graph) {
  const sums = addPaths(graph);
  return { penalty: sums[graph.end], shares: shareGradient(graph, sums) };
}

/**
 * Keeps the paths that a grammar accepts, translated by it.
 * @param {Graph} graph
 * @param {Grammar} grammar
 * @returns {Graph}  a path for each pair of a path and a way through the grammar that
 *   agree: label, what the grammar puts out; penalty, both added; payload, the arc's (-1
 *   where only the grammar moved). Dead ends are gone. Without such a path it has no arcs.
 * @throws {Error} the grammar goes round a cycle of nulls
 *
 * LeCun et al. 1998, p. 31-33, Fig. 29.
 */
export function compose(graph, grammar) {
  const passed = passTokens(graph, grammar);
  const { moves, numTokens } = dropDeadEnds(passed.moves, passed.numTokens);
  const { sources, destinations, arcs, rules } = moves;
  return checkGraph({
    sources,
    destinations,
    labels: rules.map((rule) => (rule < 0 ? NULL : grammar.outputs[rule])),
    penalties: arcs.map(
      (arc, i) => (graph.penalties[arc] ?? 0) + (grammar.penalties[rules[i]] ?? 0),
    ),
    payload: arcs.map((arc) => (arc < 0 ? -1 : graph.payload[arc])),
    numNodes: numTokens,
  });
}

/**
 * Keeps the paths that say a wanted string: the constrained graph.
 * @param {Graph} graph
 * @param {number[]} labels  what it is to say
 * @returns {Graph}  as `compose`
 *
 * LeCun et al. 1998, p. 21-22, Fig. 19.
 */
export const selectPath = (graph, labels) => compose(graph, spell(labels));

/**
 * Gives the labels of the arcs of a path, without nulls.
 * @param {Graph} graph
 * @param {number[]} path
 * @returns {number[]}
 */
export const readPath = (graph, path) =>
  path.map((arc) => graph.labels[arc]).filter((label) => label !== NULL);

function addPaths({ sources, destinations, penalties, ...graph }) {
  const { order } = graph;
  const sums = new Float64Array(graph.numNodes).fill(Infinity);
  sums[graph.start] = 0;
  for (let begin = 0, end = 0; begin < order.length; begin = end) {
    const node = destinations[order[begin]];
    let least = Infinity;
    for (; end < order.length && destinations[order[end]] === node; end += 1) {
      const arc = order[end];
      least = Math.min(least, penalties[arc] + sums[sources[arc]]);
    }
    if (least === Infinity) continue;
    let total = 0;
    for (let place = begin; place < end; place += 1) {
      const arc = order[place];
      total += Math.exp(least - penalties[arc] - sums[sources[arc]]);
    }
    sums[node] = least - Math.log(total);
  }
  return sums;
}

function shareGradient({ sources, destinations, penalties, ...graph }, sums) {
  const ofNodes = new Float64Array(graph.numNodes);
  const shares = new Float64Array(sources.length);
  ofNodes[graph.end] = 1;
  for (let place = graph.order.length - 1; place >= 0; place -= 1) {
    const arc = graph.order[place];
    const [source, node] = [sources[arc], destinations[arc]];
    if (ofNodes[node] === 0 || sums[source] === Infinity) continue;
    shares[arc] = ofNodes[node] * Math.exp(sums[node] - penalties[arc] - sums[source]);
    ofNodes[source] += shares[arc];
  }
  return shares;
}

function checkPenalties(penalties) {
  for (let arc = 0; arc < penalties.length; arc += 1)
    if (!Number.isFinite(penalties[arc]))
      throw new Error(
        "Penalties must be finite (leave an arc out to forbid it), but that of arc" +
          ` ${arc} is ${penalties[arc]}.`,
      );
}

function countNodes(sources, destinations) {
  if (!sources.length) return 2;
  return 1 + [...sources, ...destinations].reduce((a, b) => Math.max(a, b));
}

function checkNodes(sources, destinations, numNodes) {
  const nodes = [...sources, ...destinations];
  if (nodes.every((node) => Number.isInteger(node) && 0 <= node && node < numNodes))
    return;
  const [least, most] = [Math.min, Math.max].map((f) =>
    nodes.reduce((a, b) => f(a, b)),
  );
  throw new Error(
    `Nodes must be numbered from 0 to ${numNodes - 1}, got ${least} to ${most}.`,
  );
}

/** Finds the one start and the one end. */
function findEnds(sources, destinations, numNodes) {
  const [starts, ends] = [destinations, sources].map((some) =>
    group(some, numNodes).flatMap((arcs, node) => (arcs.length ? [] : [node])),
  );
  if (numNodes === 2 && !sources.length) return { start: 0, end: 1 };
  if (starts.length !== 1 || ends.length !== 1)
    throw new Error(
      "A graph must have one node that no arc enters, its start, and one that no arc" +
        ` leaves, its end; got starts [${starts.join(", ")}] and ends` +
        ` [${ends.join(", ")}].`,
    );
  return { start: starts[0], end: ends[0] };
}
