// Grammars written as a line of text, as `lenet_helpers/strings/patterns.py`:
// "$[1-9][0-9]{0,2}(,[0-9]{3})*.[0-9]{2}". Pure functions, no DOM.

import { buildGrammar } from "./automata.mjs";
import { quote } from "./quote.mjs";

/** @import { Grammar } from "./grammars.mjs" */

export const MAX_DEPTH = 50; // of brackets
export const MAX_COUNT = 100; // in curly brackets
export const SPECIAL = "[](){}|?*+\\";
const SIGNS = "?*+{";
const COUNTS = { "?": [0, 1], "*": [0, null], "+": [1, null] };

/**
 * What a pattern describes: one of some labels, parts one after another, one of several
 * parts, or a part from `least` to `most` times (null: without end).
 * @typedef {{kind: "one", labels: number[]}
 *   | {kind: "row", parts: Tree[]}
 *   | {kind: "either", parts: Tree[]}
 *   | {kind: "repeated", part: Tree, least: number, most: number | null}} Tree
 */

/**
 * A pattern that is being read.
 * @typedef {object} Reader
 * @property {string[]} pattern  its characters
 * @property {string[]} characters  of each label
 * @property {number} place  in the pattern
 * @property {number} depth  of brackets
 */

/**
 * Makes the grammar of the strings that a pattern describes.
 *
 * A character stands for itself, the point and the dollar sign too. `[1-9]` is one of a
 * range, `(a|b)` one or the other, `?` at most one of what stands before, `*` any number,
 * `+` one or more, `{3}` three and `{0,2}` up to two. A backslash takes its meaning from
 * one of `[](){}|?*+\`. Spaces are left out.
 * @param {string} pattern
 * @param {string} characters  a label's character: that of label 0 first
 * @returns {Grammar}  deterministic: it accepts each string in one way, so that `forward`
 *   counts no string twice
 * @throws {Error} says at which character the pattern stops making sense, and why
 */
export function parsePattern(pattern, characters) {
  const reader = {
    pattern: [...pattern],
    characters: [...characters],
    place: 0,
    depth: 0,
  };
  const tree = readAlternatives(reader);
  if (reader.place < reader.pattern.length)
    fail(reader, "there is no bracket to close");
  return buildGrammar(tree, pattern);
}

/** @returns {never} */
function fail({ pattern, place }, reason) {
  const where =
    place < pattern.length
      ? `at character ${place + 1}, ${quote(pattern[place])}`
      : "at its end";
  throw new Error(`\`pattern\` cannot be read ${where}: ${reason}.`);
}

/** Gives the next character that is no space, "" at the end. @param {Reader} reader */
function peek(reader) {
  while (reader.pattern[reader.place] === " ") reader.place += 1;
  return reader.pattern[reader.place] ?? "";
}

/** @param {Reader} reader @returns {Tree} */
function readAlternatives(reader) {
  const parts = [readRow(reader)];
  while (peek(reader) === "|") {
    reader.place += 1;
    parts.push(readRow(reader));
  }
  return parts.length === 1 ? parts[0] : { kind: "either", parts };
}

/** @param {Reader} reader @returns {Tree} */
function readRow(reader) {
  const parts = [];
  while (!["", "|", ")"].includes(peek(reader))) parts.push(readRepeated(reader));
  return { kind: "row", parts };
}

/** @param {Reader} reader @returns {Tree} */
function readRepeated(reader) {
  const part = readOne(reader);
  const sign = peek(reader);
  if (!sign || !SIGNS.includes(sign)) {
    return part;
  }
  const begin = reader.place;
  reader.place += 1;
  const [least, most] = COUNTS[sign] ?? readCounts(reader, begin);
  const following = peek(reader);
  if (following && SIGNS.includes(following)) {
    fail(reader, "only one sign may stand here; use round brackets for another");
  }
  return { kind: "repeated", part, least, most };
}

/** @param {Reader} reader @param {number} begin */
function readCounts(reader, begin) {
  const end = reader.pattern.indexOf("}", reader.place);
  const counts =
    end < 0
      ? []
      : reader.pattern
          .slice(reader.place, end)
          .join("")
          .split(",")
          .map((count) => count.trim());
  const isRight = [1, 2].includes(counts.length) && counts.every(isWhole);
  const [least, most] = [counts[0], counts[counts.length - 1]].map(Number);
  if (isRight && (most > MAX_COUNT || least > 999)) {
    reader.place = begin;
    fail(reader, `a count is at most ${MAX_COUNT}`);
  }
  if (!isRight || least > most) {
    reader.place = begin;
    fail(reader, "a count is written {3} or {0,2}");
  }
  reader.place = end + 1;
  return [least, most];
}

const isWhole = (text) => /^[0-9]+$/.test(text);

/** @param {Reader} reader @returns {Tree} */
function readOne(reader) {
  const character = peek(reader);
  if (character === "(") return readBracket(reader);
  if (character === "[") return readRange(reader);
  if (character && character !== "\\" && SPECIAL.includes(character))
    fail(reader, "there is nothing before it that it could belong to");
  return { kind: "one", labels: [readLabel(reader)] };
}

/** @param {Reader} reader @returns {Tree} */
function readBracket(reader) {
  const begin = reader.place;
  reader.place += 1;
  reader.depth += 1;
  if (reader.depth > MAX_DEPTH)
    fail(reader, `more than ${MAX_DEPTH} brackets are open`);
  const part = readAlternatives(reader);
  reader.depth -= 1;
  if (peek(reader) !== ")") {
    reader.place = begin;
    fail(reader, "this bracket is not closed");
  }
  reader.place += 1;
  return part;
}

/** @param {Reader} reader */
function readLabel(reader) {
  if (peek(reader) === "\\") reader.place += 1;
  const label = reader.characters.indexOf(peek(reader));
  if (label < 0) fail(reader, `the characters are ${reader.characters.join("")}`);
  reader.place += 1;
  return label;
}

/** @param {Reader} reader @returns {Tree} */
function readRange(reader) {
  const begin = reader.place;
  const refuse = (reason) => {
    reader.place = begin;
    fail(reader, reason);
  };
  reader.place += 1;
  const labels = new Set();
  while (!["]", ""].includes(peek(reader))) {
    const first = readLabel(reader);
    let last = first;
    if (peek(reader) === "-") {
      reader.place += 1;
      last = readLabel(reader);
    }
    if (first > last) refuse("a range goes from the lower to the higher");
    for (let label = first; label <= last; label += 1) labels.add(label);
  }
  if (!labels.size || peek(reader) !== "]") refuse("this range is empty or not closed");
  reader.place += 1;
  return { kind: "one", labels: [...labels] };
}
