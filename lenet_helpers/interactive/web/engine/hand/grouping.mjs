// Puts together the parts of each digit on a picture without boxes, and says what else
// was seen, as `lenet_helpers/hand/photo.py` does.

import { group } from "./connected.mjs";

const RULED = 0.5; // of the picture's height or width: so long is a ruled line, no digit
const DUST = 0.12; // of the digits' height: what is smaller in both directions is none
const PIECE = 0.5; // of it: a part that is smaller belongs to a digit beside it
const NEAR = 0.35; // of it: so near, at most
const CLOSE = 0.15; // of it: small pieces so near to each other are of one digit
const SAME_COLUMNS = 0.6; // parts that share so much are of one digit
const SAME_ROWS = 0.5;
const MOST = 1000; // digits
const TOGETHER = 1.3; // times the digits' height: so high are two halves, at most
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
  const inked = usable.filter(({ high, wide }) => Math.max(high, wide) >= DUST * size);
  const small = inked.filter(({ high }) => high < PIECE * size);
  const units = [
    ...inked.filter(({ high }) => high >= PIECE * size).map((piece) => [piece]),
    ...link(small, CLOSE * size),
  ];
  /** @type {Piece[][]} */
  const tall = [];
  /** @type {Piece[][]} */
  const low = [];
  let numWide = 0;
  for (const unit of units) {
    const [top, left, bottom, right] = frame(unit);
    if (bottom - top < PIECE * size) low.push(unit);
    else if (right - left > WIDE * Math.max(bottom - top, size)) numWide += 1;
    else tall.push(unit);
  }
  if (tall.length > MOST)
    throw new Error(
      `The picture shows ${tall.length} marks that could be digits, more than ` +
        `${MOST}: photograph fewer, larger, and nothing but the paper.`,
    );
  const groups = join(tall, size);
  const lost = giveAway(low, groups, NEAR * size);
  const seen = cut.filter(({ area }) => area > SPECK);
  return {
    groups: groups.map((some) => some.map(({ part }) => part)),
    leftOut: nameRest(ruled, seen, lost, numWide),
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
 * Judges how high the digits are: three quarters of all ink stand no higher.
 * @param {Piece[]} pieces
 */
function judgeSize(pieces) {
  const ordered = pieces.toSorted((one, other) => one.high - other.high);
  const all = ordered.reduce((sum, { area }) => sum + area, 0);
  let ink = 0;
  const found = ordered.find(({ area }) => {
    ink += area;
    return ink >= 0.75 * all;
  });
  return Number(found?.high);
}

/**
 * Groups pieces from which one comes to the others by steps below `reach`.
 * @param {Piece[]} pieces
 * @param {number} reach
 * @returns {Piece[][]}
 */
function link(pieces, reach) {
  const isClose = (one, other) =>
    measureGap(pieces[one].box, pieces[other].box) < reach;
  return group(pieces.length, isClose).map((numbers) =>
    numbers.map((number) => pieces[number]),
  );
}

/**
 * Gives the box around some pieces.
 * @param {Piece[]} pieces
 */
function frame(pieces) {
  const [tops, lefts, bottoms, rights] = [0, 1, 2, 3].map((side) =>
    pieces.map(({ box }) => box[side]),
  );
  const ends = [Math.max(...bottoms), Math.max(...rights)];
  return [Math.min(...tops), Math.min(...lefts), ...ends];
}

/**
 * Joins what lies above or within each other.
 * @param {Piece[][]} units
 * @param {number} size  of the digits
 * @returns {Piece[][]}
 */
function join(units, size) {
  /** @type {Piece[][]} */
  const groups = [];
  for (const unit of units.toSorted((one, other) => frame(one)[1] - frame(other)[1])) {
    const box = frame(unit);
    const own = groups.find((some) => belong(box, frame(some), size));
    if (own) own.push(...unit);
    else groups.push([...unit]);
  }
  return groups;
}

/** Whether two boxes hold one digit: one lies within the other, or half a digit. */
function belong(one, other, size) {
  const [rows, columns] = [0, 1].map((axis) => {
    const shared =
      Math.min(one[2 + axis], other[2 + axis]) - Math.max(one[axis], other[axis]);
    const least = Math.min(one[2 + axis] - one[axis], other[2 + axis] - other[axis]);
    return { shared, least };
  });
  const height = Math.max(one[2], other[2]) - Math.min(one[0], other[0]);
  const within = rows.shared > SAME_ROWS * rows.least || height <= TOGETHER * size;
  return within && columns.shared > SAME_COLUMNS * columns.least;
}

/**
 * Gives pieces to a digit near them; the groups are changed in place.
 * @param {Piece[][]} pieces
 * @param {Piece[][]} groups
 * @param {number} reach
 * @returns {number}  how many are lost
 */
function giveAway(pieces, groups, reach) {
  let lost = 0;
  for (const some of pieces) {
    const gaps = groups.map((own) => measureLeast(some, own));
    const nearest = gaps.indexOf(Math.min(...gaps));
    if (gaps[nearest] < reach) groups[nearest].push(...some);
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
