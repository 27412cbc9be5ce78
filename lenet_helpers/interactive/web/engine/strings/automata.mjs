// The deterministic grammar of a pattern that patterns.mjs has read. No DOM.
//
// A set of positions is a whole number without limit (BigInt): bit p says whether position
// p is in it. Sets of thousands of positions are united in a step, so that a pattern with
// large counts is ready, or refused, in seconds.

import { fromRules } from "./grammars.mjs";
import { quote } from "./quote.mjs";

/** @import { Grammar } from "./grammars.mjs" */
/** @import { Tree } from "./patterns.mjs" */

export const MAX_STATES = 5000;

/**
 * Glushkov's construction: a position wherever a label stands in the pattern.
 * @typedef {object} Positions
 * @property {string} pattern
 * @property {Map<number, bigint>} ofLabels  the positions of each label
 * @property {bigint[]} follow  the positions that may come behind each
 * @property {number} numParts
 */

/**
 * Whether nothing will do, and the positions that may come first and last.
 * @typedef {{isEmpty: boolean, first: bigint, last: bigint}} Built
 */

/**
 * Makes a state of what has been reached: may it end here, and what may follow.
 * @param {Tree} tree
 * @param {string} pattern  for messages
 * @returns {Grammar}
 * @throws {Error} the counts are too large
 */
export function buildGrammar(tree, pattern) {
  const positions = { pattern, ofLabels: new Map(), follow: [], numParts: 0 };
  const { isEmpty, first, last } = build(positions, tree);
  const labels = [...positions.ofLabels].sort(([a], [b]) => a - b);
  const states = [{ isFinal: isEmpty, following: first }];
  const numbers = new Map([[nameState(states[0]), 0]]);
  const waiting = [0];
  const reached = new Map();
  /** @type {number[][]} */
  const rules = [];

  const reach = (some) => {
    const following = list(some).reduce((all, p) => all | positions.follow[p], 0n);
    const state = { isFinal: (some & last) !== 0n, following };
    const name = nameState(state);
    if (!numbers.has(name)) {
      numbers.set(name, states.length);
      waiting.push(states.length);
      states.push(state);
    }
    return numbers.get(name);
  };
  for (let here = waiting.pop(); here !== undefined; here = waiting.pop()) {
    for (const [label, ofLabel] of labels) {
      const some = states[here].following & ofLabel;
      if (some === 0n) continue;
      const name = some.toString(16);
      if (!reached.has(name)) reached.set(name, reach(some));
      rules.push([here, reached.get(name), label]);
    }
    if (states.length > MAX_STATES)
      throw new Error(
        `\`pattern\` needs more than ${MAX_STATES} states: ${shorten(pattern)}.`,
      );
  }
  const finals = [...states.keys()].filter((number) => states[number].isFinal);
  return fromRules(rules, finals);
}

const nameState = ({ isFinal, following }) => `${isFinal}:${following.toString(16)}`;

const shorten = (pattern) => quote([...pattern].slice(0, 40).join(""));

/** Lists the positions of a set. @param {bigint} set */
function list(set) {
  const bits = set.toString(2);
  const positions = [];
  for (let at = bits.indexOf("1"); at >= 0; at = bits.indexOf("1", at + 1))
    positions.push(bits.length - 1 - at);
  return positions;
}

/** @param {Positions} positions @param {Tree} tree @returns {Built} */
function build(positions, tree) {
  positions.numParts += 1;
  if (positions.numParts > 4 * MAX_STATES)
    throw new Error(
      "`pattern` is too long when its counts are written out:" +
        ` ${shorten(positions.pattern)}.`,
    );
  if (tree.kind === "one") return buildOne(positions, tree.labels);
  if (tree.kind === "repeated") return repeat(positions, tree);
  const parts = tree.parts.map((part) => build(positions, part));
  if (tree.kind === "row") return join(positions, parts);
  return {
    isEmpty: parts.some(({ isEmpty }) => isEmpty),
    first: parts.reduce((all, { first }) => all | first, 0n),
    last: parts.reduce((all, { last }) => all | last, 0n),
  };
}

/** @param {Positions} positions @param {number[]} labels @returns {Built} */
function buildOne({ ofLabels, follow }, labels) {
  const position = 1n << BigInt(follow.length);
  follow.push(0n);
  for (const label of labels)
    ofLabels.set(label, (ofLabels.get(label) ?? 0n) | position);
  return { isEmpty: false, first: position, last: position };
}

/** @param {Positions} positions @param {Built[]} parts @returns {Built} */
function join({ follow }, parts) {
  let all = { isEmpty: true, first: 0n, last: 0n };
  for (const { isEmpty, first, last } of parts) {
    for (const position of list(all.last)) follow[position] |= first;
    all = {
      isEmpty: all.isEmpty && isEmpty,
      first: all.isEmpty ? all.first | first : all.first,
      last: isEmpty ? all.last | last : last,
    };
  }
  return all;
}

/** @param {Positions} positions @returns {Built} */
function repeat(positions, { part, least, most }) {
  const copies = [];
  while (copies.length < least) copies.push(build(positions, part));
  const number = most ?? least + 1;
  while (copies.length < number) {
    const { first, last } = build(positions, part);
    if (most === null)
      for (const position of list(last)) positions.follow[position] |= first;
    copies.push({ isEmpty: true, first, last });
  }
  return join(positions, copies);
}
