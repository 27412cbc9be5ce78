// From a photograph of digits on any paper to the digits, in reading order, as
// `lenet_helpers/hand/photo.py` reads it.

import { centerMask, stack } from "./digits.mjs";
import { explain, groupParts } from "./grouping.mjs";
import {
  BETWEEN,
  chooseThreshold,
  cutOut,
  drawParts,
  findBox,
  findDark,
  findParts,
  makeDarkOnLight,
  measureDarkness,
} from "./ink.mjs";

/**
 * @typedef {import("./ink.mjs").Parts} Parts
 * @typedef {import("./ink.mjs").Grey} Grey
 */

const WIDEST = 6; // a stroke is narrower than this part of the picture's longer side
const RULED = 0.5; // of the picture's height or width: so long is a ruled line, no digit
const SHARED = 0.5; // of a digit's height: what shares so much of it stands in its row

/**
 * Reads the digits on plain, ruled or squared paper, or chalk on a board, in reading
 * order; every label is -1. What was seen and is no digit is left out.
 * @param {Grey & {reduction: number}} picture  as pictures.mjs makes it; the digits stand
 *   upright and apart from each other, all of about one size
 * @returns {import("./digits.mjs").Hand}
 * @throws the picture shows no digits apart from each other
 */
export function readPhoto(picture) {
  const photograph = makeDarkOnLight(picture);
  const { width, height } = photograph;
  const reach = 2 * Math.floor(Math.floor(Math.max(width, height) / WIDEST) / 2) + 1;
  const darkness = measureDarkness(photograph, reach);
  const parts = findWriting(darkness, width, height);
  const { groups, leftOut } = groupParts(parts);
  if (!groups.length) throw new Error(explain(leftOut));
  const ordered = order(parts, groups);
  return {
    images: stack(ordered.map((some) => centerMask(cutOut(parts, some)))),
    labels: ordered.map(() => -1),
    boxes: ordered.map((some) => {
      const [top, left, bottom, right] = findBox(parts, some);
      const corners = [left, top, right, top, right, bottom, left, bottom];
      return corners.map((place) => picture.reduction * place);
    }),
    leftOut,
    steps: {
      photograph,
      darkness: { grey: drawDarkness(darkness), width, height },
      ink: drawParts(parts),
    },
  };
}

const drawDarkness = (darkness) =>
  Uint8Array.from(darkness, (value) => Math.floor(255 * value + 0.5));

/**
 * Finds the parts that are darker than the lines of ruled or squared paper.
 * @returns {Parts}
 * @throws nothing is dark, or lines are as dark as the writing
 */
function findWriting(darkness, width, height) {
  let threshold = chooseThreshold(darkness);
  if (threshold === null)
    throw new Error(
      "The picture shows no writing: nothing on it is darker than what is around.",
    );
  for (;;) {
    const parts = findParts(findDark(darkness, threshold), width, height);
    const isSquared = parts.boxes.some(
      ([top, left, bottom, right]) =>
        bottom - top > RULED * height && right - left > RULED * width,
    );
    if (!isSquared) return parts;
    const least = threshold;
    const higher = chooseThreshold(darkness.filter((value) => value > least));
    if (higher === null || higher <= threshold || threshold >= BETWEEN[1])
      throw new Error(
        "Dark lines run through the whole picture, so no digit stands apart: the " +
          "paper's squares, or the table around it. Write with a darker pen, and " +
          "photograph nothing but the paper.",
      );
    threshold = higher;
  }
}

/**
 * Orders digits as one reads: rows from above, each from the left. A row may run aslant,
 * so each digit is put behind the one to its left whose height it shares.
 * @param {Parts} parts
 * @param {number[][]} groups
 */
function order(parts, groups) {
  const digits = groups.map((some) => {
    const [top, left, bottom] = findBox(parts, some);
    return { some, top, left, bottom };
  });
  digits.sort((one, other) => one.left - other.left);
  /** @type {(typeof digits)[]} */
  const rows = [];
  for (const digit of digits) {
    let [best, most] = [-1, SHARED];
    for (const [number, row] of rows.entries()) {
      const shared = measureShare(digit, row[row.length - 1]);
      if (shared > most) [best, most] = [number, shared];
    }
    if (best < 0) rows.push([digit]);
    else rows[best].push(digit);
  }
  const middles = new Map(
    rows.map((row) => [
      row,
      row.reduce((sum, { top, bottom }) => sum + top + bottom, 0) / row.length,
    ]),
  );
  rows.sort((one, other) => Number(middles.get(one)) - Number(middles.get(other)));
  return rows.flat().map(({ some }) => some);
}

/** Measures how much of the lower one's height two digits share. */
const measureShare = (one, other) =>
  (Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top)) /
  Math.min(one.bottom - one.top, other.bottom - other.top);
