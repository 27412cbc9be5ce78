// The deterministic grammar of a pattern that patterns.mjs has read. No DOM.

import { fromRules } from "./grammars.mjs";
import { quote } from "./quote.mjs";

/** @import { Grammar } from "./grammars.mjs" */
/** @import { Tree } from "./patterns.mjs" */

export const MAX_STATES = 5000;

/**
 * Glushkov's construction: a position wherever a label stands in the pattern.
 * @typedef {object} Positions
 * @property {string} pattern
 * @property {number[][]} labels  of each position
 * @property {Set<number>[]} follow  the positions that may come behind each
 * @property {number} numParts
 */

/**
 * Whether nothing will do, and the positions that may come first and last, in
 * order.
 * @typedef {{isEmpty: boolean, first: number[], last: number[]}} Built
 */

/**
 * Makes a state of what has been reached: may it end here, and what may follow.
 * @param {Tree} tree
 * @param {string} pattern  for messages
 * @returns {Grammar}
 * @throws {Error} the counts are too large
 */
export function buildGrammar(tree, pattern) {
  const positions = { pattern, labels: [], follow: [], numParts: 0 };
  const { isEmpty, first, last } = build(positions, tree);
  const mayEnd = new Set(last);
  const states = [{ isFinal: isEmpty, following: first }];
  const numbers = new Map([[nameState(states[0]), 0]]);
  const waiting = [0];
  /** @type {number[][]} */
  const rules = [];
  for (let here = waiting.pop(); here !== undefined; here = waiting.pop()) {
    const taken = groupByLabel(positions, states[here].following);
    for (const [label, some] of taken) {
      const following = unite(some.map((position) => positions.follow[position]));
      const isFinal = some.some((position) => mayEnd.has(position));
      const there = { isFinal, following };
      const name = nameState(there);
      if (!numbers.has(name)) {
        numbers.set(name, states.length);
        waiting.push(states.length);
        states.push(there);
      }
      rules.push([here, Number(numbers.get(name)), label]);
    }
    if (states.length > MAX_STATES)
      throw new Error(
        `\`pattern\` needs more than ${MAX_STATES} states: ${shorten(pattern)}.`,
      );
  }
  const finals = [...states.keys()].filter((number) => states[number].isFinal);
  return fromRules(rules, finals);
}

const nameState = ({ isFinal, following }) => `${isFinal}:${following.join(",")}`;

const shorten = (pattern) => quote([...pattern].slice(0, 40).join(""));

/** Unites sets of positions, in order. @param {Iterable<number>[]} sets */
function unite(sets) {
  const all = new Set();
  for (const set of sets) for (const position of set) all.add(position);
  return [...all].sort((a, b) => a - b);
}

/** Lists what may be taken, by label. @returns {[number, number[]][]} */
function groupByLabel(positions, following) {
  const taken = new Map();
  for (const position of following)
    for (const label of positions.labels[position]) {
      if (!taken.has(label)) taken.set(label, []);
      taken.get(label).push(position);
    }
  return [...taken].sort(([a], [b]) => a - b);
}

/** @param {Positions} positions @param {Tree} tree @returns {Built} */
function build(positions, tree) {
  positions.numParts += 1;
  if (positions.numParts > 4 * MAX_STATES)
    throw new Error(
      "`pattern` is too long when its counts are written out:" +
        ` ${shorten(positions.pattern)}.`,
    );
  if (tree.kind === "one") {
    positions.labels.push(tree.labels);
    positions.follow.push(new Set());
    const position = [positions.labels.length - 1];
    return { isEmpty: false, first: position, last: position };
  }
  if (tree.kind === "repeated") return repeat(positions, tree);
  const parts = tree.parts.map((part) => build(positions, part));
  if (tree.kind === "row") return join(positions, parts);
  return {
    isEmpty: parts.some(({ isEmpty }) => isEmpty),
    first: parts.flatMap(({ first }) => first),
    last: parts.flatMap(({ last }) => last),
  };
}

/** @param {Positions} positions @param {Built[]} parts @returns {Built} */
function join(positions, parts) {
  let all = /** @type {Built} */ ({ isEmpty: true, first: [], last: [] });
  for (const { isEmpty, first, last } of parts) {
    for (const position of all.last)
      for (const next of first) positions.follow[position].add(next);
    all = {
      isEmpty: all.isEmpty && isEmpty,
      first: all.isEmpty ? [...all.first, ...first] : all.first,
      last: isEmpty ? [...all.last, ...last] : last,
    };
  }
  return all;
}

function repeat(positions, { part, least, most }) {
  const copies = [];
  for (let copy = 0; copy < least; copy += 1) copies.push(build(positions, part));
  const optional = most === null ? 1 : most - least;
  for (let copy = 0; copy < optional; copy += 1) {
    const { first, last } = build(positions, part);
    if (most === null)
      for (const position of last)
        for (const next of first) positions.follow[position].add(next);
    copies.push({ isEmpty: true, first, last });
  }
  return join(positions, copies);
}
