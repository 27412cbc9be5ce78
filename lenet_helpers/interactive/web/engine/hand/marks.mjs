// Finds the five marks of a sheet in a photograph, and sees the sheet straight on, as
// `lenet_helpers/hand/marks.py` does.

import { clamp } from "../numbers.mjs";
import { findDark, findParts, measureDarkness } from "./ink.mjs";
import { apply, invert, multiply, takeTo } from "./projective.mjs";
import { FRAME, MARKS } from "./sheet.mjs";

/** @typedef {import("./ink.mjs").Grey} Grey */

const BLACK = 0.4; // darkness of a mark's print, at least
const SMALLEST = 20; // pixels of a mark's dot
const MOST = 9; // marks at most: more is no sheet
const RATIO = [1.5, 4.5]; // of a ring's area to its dot's: 24 modules to 9
const CENTERED = 0.12; // how far their centres may be apart, by the ring's size
const TOLERANCE = 3; // mm, how far the fifth mark may lie from where four put it
const SLIM = 0.1; // sine of an angle at a corner of the sheet, as it is seen, at least
export const SCALE = 6; // pixels per mm of the sheet seen straight on
const TIE = 1e-6; // halves are rounded up, whatever the noise of a transform
const ADVICE =
  "Photograph the whole page, flat and sharp, with nothing on its corners.";

/**
 * Finds where the sheet lies in a photograph, whichever way it was turned.
 * @param {Grey} picture
 * @returns {number[]}  a transform (projective.mjs) from millimetres of the sheet to
 *   columns and rows of the picture
 * @throws fewer than five marks are seen, or they do not lie as on a sheet
 */
export function findSheet(picture) {
  const marks = findMarks(picture);
  if (marks.length < MARKS.length) {
    const seen = marks.length === 0 ? "none" : `only ${marks.length}`;
    throw new Error(
      `The picture shows ${seen} of the sheet's five square marks. ${ADVICE}`,
    );
  }
  const found = marks.length <= MOST ? match(marks) : null;
  if (!found)
    throw new Error(
      `The picture shows ${marks.length} square marks, but no five of them lie as on ` +
        `one sheet. ${ADVICE}`,
    );
  return found;
}

/**
 * Finds all rings with a dot in their middle.
 * @param {Grey} picture
 * @returns {number[][]}  column and row of each dot's centre
 */
export function findMarks(picture) {
  const { width, height } = picture;
  const reach = 2 * Math.floor(Math.max(width, height) / 20) + 1;
  const dark = findDark(measureDarkness(picture, reach), BLACK);
  const { areas, boxes, centers } = findParts(dark, width, height);
  const parts = areas
    .map((area, part) => ({ area, box: boxes[part], center: centers[part] }))
    .filter(({ area }) => area >= SMALLEST);
  return parts
    .filter((dot) => parts.some((ring) => isMark(ring, dot)))
    .map(({ center: [row, column] }) => [column, row]);
}

function isMark(ring, dot) {
  const [top, left, bottom, right] = ring.box;
  const apart = Math.sqrt(
    (ring.center[0] - dot.center[0]) ** 2 + (ring.center[1] - dot.center[1]) ** 2,
  );
  const ratio = ring.area / dot.area;
  return (
    apart < CENTERED * Math.max(bottom - top, right - left) &&
    ratio > RATIO[0] &&
    ratio < RATIO[1] &&
    top < dot.box[0] &&
    left < dot.box[1] &&
    bottom > dot.box[2] &&
    right > dot.box[3]
  );
}

/**
 * Chooses the four corners so that another mark lies where the fifth should.
 * @param {number[][]} marks
 * @returns {number[] | null}  the transform
 */
function match(marks) {
  const [corners, [x, y]] = [MARKS.slice(0, 4), MARKS[4]];
  /** @type {number[] | null} */
  let best = null;
  let least = TOLERANCE;
  for (const four of choose(marks, 4)) {
    if (!isSeen(four)) continue;
    const there = takeTo(corners, four);
    const back = invert(there);
    for (const other of marks) {
      if (four.includes(other)) continue;
      const [u, v] = apply(back, other);
      const gap = Math.hypot(u - x, v - y);
      if (gap < least) [best, least] = [there, gap];
    }
  }
  return best;
}

/** Lists every choice of some things, in every order. */
function* choose(things, number) {
  if (number === 0) yield [];
  else
    for (const thing of things) {
      const others = things.filter((other) => other !== thing);
      for (const rest of choose(others, number - 1)) yield [thing, ...rest];
    }
}

/**
 * Whether a camera before a sheet can see its corners at these places. It can if they
 * make a convex field, and not too slim a one.
 */
function isSeen(corners) {
  const sides = corners.map(([x, y], i) => {
    const [x2, y2] = corners[(i + 1) % 4];
    return [x2 - x, y2 - y];
  });
  const sines = sides.map(([x, y], i) => {
    const [x2, y2] = sides[(i + 1) % 4];
    return (x * y2 - y * x2) / (Math.hypot(x, y) * Math.hypot(x2, y2));
  });
  return sines.every((sine) => sine > SLIM) || sines.every((sine) => sine < -SLIM);
}

/**
 * Sees the sheet straight on, from mark to mark; between the photograph's pixels, linear.
 * @param {Grey} picture
 * @param {number[]} transform  as `findSheet` returns it
 * @returns {Grey}  `SCALE` pixels per mm
 */
export function straighten(picture, transform) {
  const [width, height] = FRAME.map((size) => SCALE * size);
  const [a, b, c, d, e, f, g, h, i] = multiply(
    transform,
    [1, 0, 0.5, 0, 1, 0.5, 0, 0, SCALE].map((value) => value / SCALE),
  );
  const grey = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const depth = g * x + h * y + i;
      const column = (a * x + b * y + c) / depth;
      const row = (d * x + e * y + f) / depth;
      grey[y * width + x] = Math.floor(interpolate(picture, row, column) + 0.5 + TIE);
    }
  return { grey, width, height };
}

/** Interpolates between four pixels; beyond a border stands the nearest. */
function interpolate({ grey, width, height }, row, column) {
  const [y, x] = [Math.floor(row), Math.floor(column)];
  const [down, across] = [row - y, column - x];
  const top = clamp(y, 0, height - 1) * width;
  const bottom = clamp(y + 1, 0, height - 1) * width;
  const left = clamp(x, 0, width - 1);
  const right = clamp(x + 1, 0, width - 1);
  const above = (1 - across) * grey[top + left] + across * grey[top + right];
  const below = (1 - across) * grey[bottom + left] + across * grey[bottom + right];
  return (1 - down) * above + down * below;
}
