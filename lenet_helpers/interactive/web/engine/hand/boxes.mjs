// From a photograph of a filled sheet to its digits and their labels, as
// `lenet_helpers/hand/boxes.py` reads it.

import { centerMask, stack } from "./digits.mjs";
import {
  chooseThreshold,
  cutOut,
  drawParts,
  findParts,
  measureDarkness,
} from "./ink.mjs";
import { findSheet, SCALE, straighten } from "./marks.mjs";
import { apply } from "./projective.mjs";
import { BOX, COLUMNS, FIRST, listBoxes, PITCH, ROWS } from "./sheet.mjs";

/**
 * @typedef {import("./ink.mjs").Parts} Parts
 * @typedef {import("./ink.mjs").Grey} Grey
 */

const REACH = 8 * SCALE + 1; // pixels: 8 mm, wider than any pen's stroke
const DUST = 12; // pixels of a part of a box, 0.33 mm2: less is no ink
const EMPTY = 36; // pixels of a box, 1 mm2: less is no digit
const ON_LINE = 0.5; // mm from a box's line: what lies there is the line
const CROSSES = 0.25; // of a part's ink: so much outside its box is of two digits
const GAP = 5; // empty columns, 0.8 mm, between two digits in a box
const TALL = 0.45; // of a box's ink in height: so much has a digit at least
const MANY = 3; // boxes that one part of ink may reach into
const WIDE = 2.2; // times its height: so wide is no digit

/**
 * Reads the digits of a filled sheet in a photograph or a scan of it, row by row, with
 * labels. Boxes that are empty, or that hold no one digit, are left out.
 * @param {Grey & {reduction: number}} picture  as pictures.mjs makes it
 * @returns {import("./digits.mjs").Hand}
 * @throws the picture shows no whole sheet, or a sheet without digits
 */
export function readSheet(picture) {
  const { photograph, transform } = findInEither(picture);
  const straightened = straighten(photograph, transform);
  const { width, height } = straightened;
  const darkness = measureDarkness(straightened, REACH);
  const cells = findCells(width, height);
  const thresholds = chooseThresholds(darkness, width);
  const mask = new Uint8Array(darkness.length);
  for (let i = 0; i < mask.length; i += 1)
    mask[i] = Number(cells[i] >= 0 && darkness[i] > thresholds[cells[i]]);
  const parts = findParts(mask, width, height);
  const { owners, faults } = assign(parts, cells);
  /** @type {{images: Uint8Array[], labels: number[], boxes: number[][], leftOut: string[]}} */
  const found = { images: [], labels: [], boxes: [], leftOut: [] };
  for (const [box, [left, top, right, bottom]] of listBoxes().entries()) {
    const own = owners.flatMap((owner, part) => (owner === box ? [part] : []));
    const ink = own.length > 0 ? cutOut(parts, own) : null;
    const fault = faults.get(box) ?? findFault(ink);
    if (fault || !ink) {
      found.leftOut.push(`${nameBox(box)}: ${fault}`);
      continue;
    }
    found.images.push(centerMask(ink));
    found.labels.push(Math.floor(box / COLUMNS));
    const corners = [left, top, right, top, right, bottom, left, bottom];
    found.boxes.push(toFile(corners, transform, picture.reduction));
  }
  if (!found.images.length)
    throw new Error(
      "The sheet is there, but none of its boxes holds a digit: " +
        `${found.leftOut[0]}.`,
    );
  const steps = { photograph, straightened, ink: drawParts(parts) };
  return { ...found, images: stack(found.images), steps };
}

/**
 * Finds the sheet in a picture or in its negative, as the marks say; a shadow, or a dark
 * table around the paper, says nothing.
 * @param {Grey} picture
 */
function findInEither(picture) {
  try {
    return { photograph: picture, transform: findSheet(picture) };
  } catch (refused) {
    const photograph = { ...picture, grey: picture.grey.map((value) => 255 - value) };
    try {
      return { photograph, transform: findSheet(photograph) };
    } catch {
      throw refused;
    }
  }
}

const nameBox = (box) =>
  `the ${Math.floor(box / COLUMNS)}s, box ${(box % COLUMNS) + 1}`;

/** Takes corners in mm to pixels of the file. */
function toFile(corners, transform, reduction) {
  const places = [0, 2, 4, 6].flatMap((i) => apply(transform, corners.slice(i, i + 2)));
  return places.map((place) => (place + 0.5) * reduction);
}

/**
 * Chooses from which darkness on there is ink in each box: the sheet's own threshold, or
 * a box's where it is lower, for another pen.
 */
function chooseThresholds(darkness, width) {
  const insides = listInPixels(-1).map(([left, top, right, bottom]) => {
    const inside = new Float64Array((right - left) * (bottom - top));
    for (let y = top; y < bottom; y += 1)
      inside.set(
        darkness.subarray(y * width + left, y * width + right),
        (y - top) * (right - left),
      );
    return inside; // away from the box's lines
  });
  const common = chooseThreshold(concatenate(insides));
  return insides.map((inside) =>
    common === null ? 1 : Math.min(chooseThreshold(inside) ?? common, common),
  );
}

function* concatenate(lists) {
  for (const list of lists) yield* list;
}

/** Widens the boxes by a margin in mm, and gives them in whole pixels. */
const listInPixels = (margin) =>
  listBoxes().map(([left, top, right, bottom]) =>
    [left - margin, top - margin, right + margin, bottom + margin].map((place) =>
      Math.floor(place * SCALE + 0.5),
    ),
  );

/** Marks the pixels on or beside a box's line. */
function findLines(width, height) {
  const lines = new Uint8Array(width * height);
  for (const [margin, value] of [
    [ON_LINE, 1],
    [-ON_LINE, 0],
  ])
    for (const [left, top, right, bottom] of listInPixels(margin))
      for (let y = top; y < bottom; y += 1)
        lines.fill(value, y * width + left, y * width + right);
  return lines;
}

/** Gives each pixel the number of the nearest box; -1 outside. */
function findCells(width, height) {
  const [columns, rows] = [width, height].map((size, axis) =>
    Int32Array.from({ length: size }, (_, i) => {
      const gap = PITCH[axis] - BOX[axis];
      const place = (i + 0.5) / SCALE - FIRST[axis] + gap / 2;
      const number = Math.floor(place / PITCH[axis]);
      return number < [COLUMNS, ROWS][axis] ? number : -1;
    }),
  );
  const cells = new Int32Array(width * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      cells[y * width + x] =
        rows[y] < 0 || columns[x] < 0 ? -1 : COLUMNS * rows[y] + columns[x];
  return cells;
}

/**
 * Gives each part of the ink to the box that holds most of it; -1 is no writing.
 * @param {Parts} parts
 * @param {Int32Array} cells  (height * width)
 * @throws the boxes' lines are as dark as ink
 */
function assign(parts, cells) {
  const lines = findLines(parts.width, parts.height);
  /** @type {Map<number, string>} */
  const faults = new Map();
  const owners = parts.areas.map((area, part) => {
    const { counts, onLine } = countPixels(parts, part, cells, lines);
    const within = counts.reduce((sum, count) => sum + count, 0);
    if (area < DUST || 2 * within < area || onLine / area > 0.8) return -1;
    const reached = counts.flatMap((count, box) => (count >= DUST ? [box] : []));
    if (reached.length > MANY)
      throw new Error(
        `On the sheet, ink is connected through ${reached.length} boxes: their lines ` +
          "are as dark as the writing. Print the sheet as it is, with grey lines, and " +
          "write with a darker pen.",
      );
    const most = Math.max(...counts);
    for (const box of reached)
      if (counts[box] > CROSSES * area && most < (1 - CROSSES) * area)
        faults.set(box, "ink runs from one box into the next");
    return counts.indexOf(most);
  });
  return { owners, faults };
}

/** Counts a part's pixels in each box, and those on lines. */
function countPixels({ numbers, width, boxes }, part, cells, lines) {
  const [top, left, bottom, right] = boxes[part];
  const counts = Array(ROWS * COLUMNS).fill(0);
  let onLine = 0;
  for (let y = top; y < bottom; y += 1)
    for (let i = y * width + left; i < y * width + right; i += 1) {
      if (numbers[i] !== part + 1) continue;
      if (cells[i] >= 0) counts[cells[i]] += 1;
      onLine += lines[i];
    }
  return { counts, onLine };
}

/**
 * Says why a box's ink is not one digit.
 * @param {{mask: Uint8Array, width: number, height: number} | null} ink
 * @returns {string | null}  null where it is one
 */
function findFault(ink) {
  if (!ink || ink.mask.reduce((sum, value) => sum + value, 0) < EMPTY) return "empty";
  const { width, height } = ink;
  const tall = splitAtGaps(ink).filter(([start, end]) => {
    const rows = listRows(ink, start, end);
    return rows[rows.length - 1] - rows[0] + 1 > TALL * height;
  });
  if (tall.length > 1) return `${tall.length} digits`;
  return width > WIDE * height ? "a stroke wider than any digit" : null;
}

/** Finds the first and the last column of what stands apart. */
function splitAtGaps({ mask, width }) {
  const filled = new Uint8Array(width);
  for (let i = 0; i < mask.length; i += 1) filled[i % width] |= mask[i];
  /** @type {number[][]} */
  const pieces = [];
  for (let x = 0; x < width; x += 1) {
    if (!filled[x]) continue;
    const piece = pieces.at(-1);
    if (piece && x - piece[1] <= GAP) piece[1] = x;
    else pieces.push([x, x]);
  }
  return pieces;
}

/** Lists the rows with ink from one column to another. */
const listRows = ({ mask, width, height }, start, end) =>
  Array.from({ length: height }, (_, y) => y).filter((y) =>
    mask.subarray(y * width + start, y * width + end + 1).some((ink) => ink > 0),
  );
