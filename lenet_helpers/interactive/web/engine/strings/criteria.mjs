// The criteria that compare what a graph says with what it should say, and their slopes.
// As `CRITERIA` of `lenet_helpers/strings/reading.py`, one graph at a time. No DOM.

import { range } from "../numbers.mjs";
import { forward, readPath, selectPath, viterbi } from "./graphs.mjs";

/** @import { Graph } from "./graphs.mjs" */

/**
 * What a criterion finds.
 * @typedef {object} Measured
 * @property {number} loss  what training makes smaller; infinite without a right path
 * @property {Float64Array} slopes  (A): its gradient with respect to the graph's
 *   penalties; above 0 where training makes an arc cheaper
 */

/**
 * A criterion: takes a recognition graph and what it is to say.
 * @typedef {(graph: Graph, labels: number[]) => Measured} Criterion
 */

/** Gives the best path's penalty, whose slope is 1 on the path. @param {Graph} graph */
function takeBest(graph) {
  const { penalty, path } = viterbi(graph);
  const slopes = new Float64Array(graph.sources.length);
  for (const arc of path) slopes[arc] = 1;
  return { penalty, slopes };
}

/** Adds up all paths; the slopes are their shares. @param {Graph} graph */
function addAll(graph) {
  const { penalty, shares } = forward(graph);
  return { penalty, slopes: shares };
}

/**
 * Selects the right paths of a graph; each arc's payload is the graph's arc, of which it
 * may be one of several copies.
 * @param {Graph} graph
 * @param {number[]} labels
 * @returns {Graph}
 */
const selectNumbered = (graph, labels) =>
  selectPath({ ...graph, payload: range(graph.sources.length) }, labels);

/**
 * Makes a criterion.
 * @param {(graph: Graph) => {penalty: number, slopes: Float64Array}} add
 * @param {boolean} isDiscriminative  whether that of all paths is subtracted
 * @returns {Criterion}
 */
function makeCriterion(add, isDiscriminative) {
  return (graph, labels) => {
    const rightPaths = selectNumbered(graph, labels);
    const right = add(rightPaths);
    const slopes = new Float64Array(graph.sources.length);
    for (let copy = 0; copy < right.slopes.length; copy += 1)
      slopes[rightPaths.payload[copy]] += right.slopes[copy];
    if (!isDiscriminative) return { loss: right.penalty, slopes };
    const every = add(graph);
    const differences = slopes.map((slope, arc) => slope - every.slopes[arc]);
    return { loss: right.penalty - every.penalty, slopes: differences };
  };
}

/**
 * By name, as in Python.
 * @type {Object<string, Criterion>}
 *
 * LeCun et al. 1998, eqs. 11, 12, one without a number, and 17.
 */
export const CRITERIA = {
  Viterbi: makeCriterion(takeBest, false),
  "discriminative Viterbi": makeCriterion(takeBest, true),
  forward: makeCriterion(addAll, false),
  "discriminative forward": makeCriterion(addAll, true),
};

/**
 * Finds the two paths that are compared.
 * @param {Graph} graph
 * @param {number[]} labels  what it is to say
 * @returns {{right: Path, best: Path}}  the best right path, and the best path of all
 *
 * @typedef {{penalty: number, labels: number[], arcs: number[]}} Path
 */
export function findPaths(graph, labels) {
  const rightPaths = selectNumbered(graph, labels);
  const right = viterbi(rightPaths);
  const best = viterbi(graph);
  return {
    right: {
      penalty: right.penalty,
      labels: readPath(rightPaths, right.path),
      arcs: right.path.map((copy) => rightPaths.payload[copy]),
    },
    best: { ...best, labels: readPath(graph, best.path), arcs: best.path },
  };
}
