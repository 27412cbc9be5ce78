// The inner loops of graphs.mjs, as `lenet_helpers/strings/_kernels.py` has them: the
// order of arcs, and tokens that pass through a graph and a grammar. No DOM.

import { NULL } from "./grammars.mjs";

/** @import { Grammar } from "./grammars.mjs" */
/** @import { Graph } from "./graphs.mjs" */

/**
 * Steps of tokens: of each step the token that it starts from, the token that it reaches,
 * the arc and the rule, -1 where one stands still.
 * @typedef {object} Moves
 * @property {number[]} sources
 * @property {number[]} destinations
 * @property {number[]} arcs
 * @property {number[]} rules
 */

/**
 * Sorts arcs by a node.
 * @param {ArrayLike<number>} nodes  of each arc
 * @param {number} numNodes
 * @returns {number[][]}  the arcs of each node
 */
export function group(nodes, numNodes) {
  const groups = Array.from({ length: numNodes }, () => /** @type {number[]} */ ([]));
  for (let arc = 0; arc < nodes.length; arc += 1) groups[nodes[arc]].push(arc);
  return groups;
}

/**
 * Orders arcs by their destination's place in a topological order: all arcs into a node
 * lie together, before all arcs that leave it.
 * @param {ArrayLike<number>} sources
 * @param {ArrayLike<number>} destinations
 * @param {number} numNodes
 * @returns {{order: number[], onCycle: number}}  onCycle: a node on or behind a cycle,
 *   or -1
 */
export function sortArcs(sources, destinations, numNodes) {
  const leaving = group(sources, numNodes);
  const entering = group(destinations, numNodes);
  const waiting = entering.map((arcs) => arcs.length);
  const ready = [...waiting.keys()].filter((node) => waiting[node] === 0);
  const order = [];
  for (let done = 0; done < ready.length; done += 1) {
    for (const arc of entering[ready[done]]) order.push(arc);
    for (const arc of leaving[ready[done]]) {
      const node = destinations[arc];
      waiting[node] -= 1;
      if (waiting[node] === 0) ready.push(node);
    }
  }
  return { order, onCycle: waiting.findIndex((count) => count > 0) };
}

/**
 * Composes a graph with a grammar, by the paper's Figure 29 without recursion. A token
 * stands on a node of the graph and on a state of the grammar at once. It moves along an
 * arc and a rule that agree, or along a null of either alone.
 * @param {Graph} graph
 * @param {Grammar} grammar
 * @returns {{moves: Moves, numTokens: number}}  token 0 is the start; token 1 is the end,
 *   where all tokens at the graph's end in a final state meet
 */
export function passTokens(graph, grammar) {
  const numStates = grammar.isFinal.length;
  const arcsOut = group(graph.sources, graph.numNodes);
  const rulesOut = group(grammar.sources, numStates);
  const number = new Int32Array(graph.numNodes * numStates).fill(-1);
  const tokens = [
    { node: graph.start, state: grammar.start },
    { node: -1, state: -1 },
  ];
  number[graph.start * numStates + grammar.start] = 0;
  /** @type {Moves} */
  const moves = { sources: [], destinations: [], arcs: [], rules: [] };

  const reach = (node, state) => {
    if (node === graph.end && grammar.isFinal[state]) return 1;
    const key = node * numStates + state;
    if (number[key] < 0) {
      number[key] = tokens.length;
      tokens.push({ node, state });
    }
    return number[key];
  };
  const move = (token, arc, rule) => {
    const node = arc < 0 ? tokens[token].node : graph.destinations[arc];
    const state = rule < 0 ? tokens[token].state : grammar.destinations[rule];
    moves.sources.push(token);
    moves.destinations.push(reach(node, state));
    moves.arcs.push(arc);
    moves.rules.push(rule);
  };

  for (let token = 0; token < tokens.length; token += 1) {
    if (token === 1) continue; // the end has no moves
    const { node, state } = tokens[token];
    for (const arc of arcsOut[node]) {
      const label = graph.labels[arc];
      if (label === NULL) move(token, arc, -1);
      else
        for (const rule of rulesOut[state])
          if (grammar.inputs[rule] === label) move(token, arc, rule);
    }
    for (const rule of rulesOut[state])
      if (grammar.inputs[rule] === NULL) move(token, -1, rule);
  }
  return { moves, numTokens: tokens.length };
}

/**
 * Keeps what lies on a way to the end, and numbers the tokens anew.
 * @param {Moves} moves
 * @param {number} numTokens
 * @returns {{moves: Moves, numTokens: number}}  start and end stay tokens 0 and 1
 */
export function dropDeadEnds(moves, numTokens) {
  const entering = group(moves.destinations, numTokens);
  const isAlive = new Uint8Array(numTokens);
  isAlive[1] = 1;
  const waiting = [1];
  for (let token = waiting.pop(); token !== undefined; token = waiting.pop()) {
    for (const move of entering[token]) {
      const other = moves.sources[move];
      if (isAlive[other]) continue;
      isAlive[other] = 1;
      waiting.push(other);
    }
  }
  const renumbered = new Int32Array(numTokens);
  let count = 0;
  for (let token = 0; token < numTokens; token += 1) {
    renumbered[token] = count;
    if (isAlive[token] || token === 0) count += 1;
  }
  const kept = [...moves.sources.keys()].filter(
    (move) => isAlive[moves.sources[move]] && isAlive[moves.destinations[move]],
  );
  return {
    moves: {
      sources: kept.map((move) => renumbered[moves.sources[move]]),
      destinations: kept.map((move) => renumbered[moves.destinations[move]]),
      arcs: kept.map((move) => moves.arcs[move]),
      rules: kept.map((move) => moves.rules[move]),
    },
    numTokens: count,
  };
}
