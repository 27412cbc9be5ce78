// Puts together the parts of each digit on a picture without boxes, and says what else
// was seen, as `lenet_helpers/hand/photo.py` does.

import { group } from "./connected.mjs";
import { findBox } from "./ink.mjs";

const RULED = 0.5; // of the picture's height or width: so long is a ruled line, no digit
const DUST = 0.12; // of the digits' height: what is smaller in both directions is none
const PIECE = 0.5; // of it: a part that is smaller belongs to a digit beside it
const NEAR = 0.35; // of it: so near, at most
const CLOSE = 0.15; // of it: small pieces so near to each other are of one digit
const SAME_COLUMNS = 0.6; // parts that share so much are of one digit
const SAME_ROWS = 0.5;
const MOST = 1000; // digits
const WIDE = 2.2; // times the digits' height: so wide is no digit
const SPECK = 4; // pixels: a part so small at the picture's edge is not worth a word

/**
 * A part of the ink, with its box.
 * @typedef {{part: number, area: number, box: number[], high: number, wide: number}} Piece
 */

/**
 * Puts together the parts of each digit.
 * @param {import("./ink.mjs").Parts} parts
 * @returns {{groups: number[][], leftOut: string[]}}  numbers of parts, from 0
 * @throws more than `MOST` digits
 */
export function groupParts(parts) {
  const pieces = parts.boxes.map((box, part) => {
    const [top, left, bottom, right] = box;
    return {
      part,
      area: parts.areas[part],
      box,
      high: bottom - top,
      wide: right - left,
    };
  });
  const ruled = pieces.filter((piece) => isRuled(piece, parts));
  const cut = pieces.filter(({ box }) => isCut(box, parts));
  const others = new Set([...ruled, ...cut]);
  const usable = pieces.filter((piece) => !others.has(piece));
  if (!usable.length) return { groups: [], leftOut: nameRest(ruled, cut, 0, 0) };
  const size = judgeSize(usable);
  const large = usable.filter(({ high }) => high >= PIECE * size);
  const small = usable.filter(
    ({ high, wide }) => high < PIECE * size && Math.max(high, wide) >= DUST * size,
  );
  const digits = large.filter(({ high, wide }) => wide <= WIDE * Math.max(high, size));
  if (digits.length > MOST)
    throw new Error(
      `The picture shows ${digits.length} marks that could be digits, more than ` +
        `${MOST}: photograph fewer, larger, and nothing but the paper.`,
    );
  const groups = joinLarge(digits);
  const lost = giveAway(small, groups, size, parts);
  const seen = cut.filter(({ area }) => area > SPECK);
  return {
    groups: groups.map((some) => some.map(({ part }) => part)),
    leftOut: nameRest(ruled, seen, lost, large.length - digits.length),
  };
}

const isRuled = ({ high, wide }, { width, height }) =>
  (high > RULED * height && wide < 0.1 * high) ||
  (wide > RULED * width && high < 0.1 * wide);

/**
 * Whether the picture's edge cuts a part off.
 * @param {number[]} box
 * @param {{width: number, height: number}} picture
 */
const isCut = ([top, left, bottom, right], { width, height }) =>
  top === 0 || left === 0 || bottom === height || right === width;

/**
 * Judges how high the digits are: as high as half of all ink stands.
 * @param {Piece[]} pieces
 */
function judgeSize(pieces) {
  const ordered = pieces.toSorted((one, other) => one.high - other.high);
  const all = ordered.reduce((sum, { area }) => sum + area, 0);
  let ink = 0;
  const found = ordered.find(({ area }) => {
    ink += area;
    return ink >= all / 2;
  });
  return Number(found?.high);
}

/**
 * Joins the large parts that lie above or within each other.
 * @param {Piece[]} large
 * @returns {Piece[][]}
 */
function joinLarge(large) {
  /** @type {Piece[][]} */
  const groups = [];
  for (const piece of large.toSorted((one, other) => one.box[1] - other.box[1])) {
    const own = groups.find((some) =>
      some.some((other) => overlaps(piece.box, other.box)),
    );
    if (own) own.push(piece);
    else groups.push([piece]);
  }
  return groups;
}

/** Whether two boxes share so much that they hold one digit. */
function overlaps(one, other) {
  return [SAME_ROWS, SAME_COLUMNS].every((share, axis) => {
    const shared =
      Math.min(one[2 + axis], other[2 + axis]) - Math.max(one[axis], other[axis]);
    const size = Math.min(one[2 + axis] - one[axis], other[2 + axis] - other[axis]);
    return shared > size * share;
  });
}

/**
 * Gives small parts that are close to each other to a digit near them, or makes one of
 * them; the groups are changed in place.
 * @param {Piece[]} small
 * @param {Piece[][]} groups
 * @param {number} size  of the digits
 * @param {import("./ink.mjs").Parts} parts
 * @returns {number}  how many are lost
 */
function giveAway(small, groups, size, parts) {
  const isClose = (one, other) =>
    measureGap(small[one].box, small[other].box) < CLOSE * size;
  let lost = 0;
  for (const numbers of group(small.length, isClose)) {
    const some = numbers.map((number) => small[number]);
    const gaps = groups.map((own) => measureLeast(some, own));
    const nearest = gaps.indexOf(Math.min(...gaps));
    const [top, , bottom] = findBox(
      parts,
      some.map(({ part }) => part),
    );
    if (bottom - top >= PIECE * size) groups.push(some);
    else if (gaps[nearest] < NEAR * size) groups[nearest].push(...some);
    else lost += some.length;
  }
  return lost;
}

/** Measures the pixels between two boxes. */
function measureGap(one, other) {
  const down = Math.max(other[0] - one[2], one[0] - other[2], 0);
  const across = Math.max(other[1] - one[3], one[1] - other[3], 0);
  return Math.sqrt(down * down + across * across);
}

/** Measures the least gap between some parts and others. */
function measureLeast(some, others) {
  let least = Infinity;
  for (const { box } of some)
    for (const other of others) least = Math.min(least, measureGap(box, other.box));
  return least;
}

/** Says what was seen and is no digit; each thing is counted once. */
function nameRest(ruled, cut, lost, wide) {
  const whole = ruled.filter((piece) => !cut.includes(piece));
  const counted = [
    [whole.length, "long thin lines, as on ruled paper"],
    [cut.length, "parts that the picture's edge cuts off"],
    [lost, "small pieces with no digit near them"],
    [wide, "strokes wider than any digit"],
  ];
  return counted
    .filter(([number]) => number)
    .map(([number, what]) => `${number} ${what}`);
}

/**
 * Says that there is no digit, and what else was seen.
 * @param {string[]} leftOut
 */
export function explain(leftOut) {
  const seen = leftOut.length ? ` Seen and left out: ${leftOut.join("; ")}.` : "";
  return (
    `The picture shows no digit that stands apart.${seen} Leave paper around the ` +
    "digits, and gaps between them."
  );
}
