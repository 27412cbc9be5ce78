// Tells ink from paper under any light, and takes the ink apart, as
// `lenet_helpers/hand/ink.py` does.

import { clamp } from "../numbers.mjs";
import { connect } from "./connected.mjs";

const FAINT = 0.1; // darkness below which nothing is ink
export const BETWEEN = [0.15, 0.5]; // where ink can begin
const BLOCKS = 5; // along a picture's longer side, to tell ink on paper from chalk
const BINS = 256; // of the darkness that Otsu's rule looks at
const TOP = 9 * 255; // the sum of nine white pixels

/**
 * A picture in grey; 0 is black.
 * @typedef {{grey: Uint8Array, width: number, height: number}} Grey
 */
/**
 * The connected parts of some ink: the part that each pixel belongs to, (height * width),
 * from 1, where 0 is paper; of each part its pixels, its box, four numbers (top, left,
 * bottom and right, of which the last two lie outside), and the row and column of its
 * centre of mass.
 * @typedef {object} Parts
 * @property {Int32Array} numbers
 * @property {number} width
 * @property {number} height
 * @property {number[]} areas
 * @property {number[][]} boxes
 * @property {number[][]} centers
 */

/**
 * Inverts a picture whose writing is lighter than what it is written on: in each block
 * the median is the page, and the writing lies on the side which reaches farther.
 * @param {Grey} picture
 * @returns {Grey}
 */
export function makeDarkOnLight(picture) {
  const { grey, width, height } = picture;
  const side = Math.ceil(Math.max(width, height) / BLOCKS);
  let balance = 0;
  for (let top = 0; top < height; top += side)
    for (let left = 0; left < width; left += side) {
      const counts = countGreys(picture, left, top, side);
      const size = Math.min(side, width - left) * Math.min(side, height - top);
      const least = counts.findIndex((count) => count > 0);
      const most = counts.findLastIndex((count) => count > 0);
      let middle = 0;
      for (
        let below = counts[0];
        below <= Math.floor(size / 2);
        below += counts[middle]
      )
        middle += 1;
      balance += most - middle - (middle - least);
    }
  return balance > 0
    ? { grey: grey.map((value) => 255 - value), width, height }
    : picture;
}

function countGreys({ grey, width, height }, left, top, side) {
  const counts = new Uint32Array(256);
  const right = Math.min(width, left + side);
  for (let y = top; y < Math.min(height, top + side); y += 1)
    for (let i = y * width + left; i < y * width + right; i += 1) counts[grey[i]] += 1;
  return counts;
}

/**
 * Measures how much darker each pixel is than the paper around it, which is what is left
 * when everything dark and narrower than `reach` is filled.
 * @param {Grey} picture
 * @param {number} reach  odd, in pixels, more than the width of a stroke
 * @returns {Float64Array}  (height * width); 0 is as bright as the paper, 1 is black
 */
export function measureDarkness({ grey, width, height }, reach) {
  const paper = close(sumNine(grey, width, height), width, height, reach);
  const darkness = new Float64Array(grey.length);
  for (let i = 0; i < darkness.length; i += 1)
    darkness[i] = clamp(1 - (9 * grey[i]) / Math.max(paper[i], 9), 0, 1);
  return darkness;
}

/** Sums each pixel and its eight neighbours; beyond a border stands the nearest pixel. */
function sumNine(grey, width, height) {
  const sums = new Uint16Array(grey.length);
  const columns = new Uint16Array(width);
  for (let y = 0; y < height; y += 1) {
    const [above, below] = [Math.max(y - 1, 0), Math.min(y + 1, height - 1)];
    for (let x = 0; x < width; x += 1)
      columns[x] =
        grey[above * width + x] + grey[y * width + x] + grey[below * width + x];
    for (let x = 0; x < width; x += 1)
      sums[y * width + x] =
        columns[x > 0 ? x - 1 : 0] + columns[x] + columns[x < width - 1 ? x + 1 : x];
  }
  return sums;
}

/** Takes the largest value around each, then the smallest of these: a closing. */
function close(values, width, height, reach) {
  const flip = (some) => some.map((value) => TOP - value);
  const grow = (some) => slide(slide(some, width, height, reach), height, width, reach);
  return flip(grow(flip(grow(values))));
}

/**
 * Takes the largest value among `reach` neighbours in each row, and turns rows into
 * columns. Three steps a value, however far it reaches: running maxima from each block's
 * start and from its end (van Herk 1992, Pattern Recognition Letters 13, p. 517).
 */
function slide(values, width, height, reach) {
  const half = (reach - 1) / 2;
  const length = Math.ceil((width + 2 * half) / reach) * reach;
  const [padded, ahead, behind] = [0, 1, 2].map(() => new Uint16Array(length));
  const turned = new Uint16Array(values.length);
  for (let y = 0; y < height; y += 1) {
    padded.set(values.subarray(y * width, (y + 1) * width), half);
    for (let i = 0; i < length; i += 1)
      ahead[i] = i % reach === 0 || padded[i] > ahead[i - 1] ? padded[i] : ahead[i - 1];
    for (let i = length - 1; i >= 0; i -= 1)
      behind[i] =
        (i + 1) % reach === 0 || padded[i] > behind[i + 1] ? padded[i] : behind[i + 1];
    for (let x = 0; x < width; x += 1) {
      const end = ahead[x + reach - 1];
      turned[x * height + y] = Math.max(end, behind[x]);
    }
  }
  return turned;
}

/**
 * Chooses the darkness from which on a pixel is ink, by Otsu's rule.
 * @param {Iterable<number>} darkness
 * @returns {number | null}  null where nothing is darker than paper
 */
export function chooseThreshold(darkness) {
  const counts = new Float64Array(BINS);
  for (const value of darkness)
    if (value > FAINT) counts[Math.min(Math.floor(BINS * value), BINS - 1)] += 1;
  const first = counts.findIndex((count) => count > 0);
  if (first < 0) return null;
  const end = counts.findLastIndex((count) => count > 0) + 1;
  const middles = Float64Array.from(counts, (_, bin) => (bin + 0.5) / BINS);
  const bin =
    first + separate(counts.subarray(first, end), middles.subarray(first, end));
  return clamp(middles[bin], BETWEEN[0], BETWEEN[1]);
}

/**
 * Finds the last bin of the lower class where the two classes lie farthest apart.
 * Weights are of single precision, as in scikit-image's `threshold_otsu`.
 */
function separate(counts, middles) {
  let [above, massAbove] = [0, 0];
  const upper = new Float64Array(counts.length);
  const uppers = new Float64Array(counts.length);
  for (let bin = counts.length - 1; bin >= 0; bin -= 1) {
    above = Math.fround(above + counts[bin]);
    massAbove += counts[bin] * middles[bin];
    [upper[bin], uppers[bin]] = [above, massAbove / above];
  }
  let [below, massBelow, best, most] = [0, 0, 0, -1];
  for (let bin = 0; bin < counts.length - 1; bin += 1) {
    below = Math.fround(below + counts[bin]);
    massBelow += counts[bin] * middles[bin];
    const gap = massBelow / below - uppers[bin + 1];
    const variance = Math.fround(below * upper[bin + 1]) * (gap * gap);
    if (variance > most) [best, most] = [bin, variance];
  }
  return best;
}

/**
 * Finds the connected parts of a mask, in the order of their first pixels; pixels that
 * touch at a corner are connected.
 * @param {ArrayLike<number>} mask  (height * width), 0 or 1
 * @param {number} width
 * @param {number} height
 * @returns {Parts}
 */
export function findParts(mask, width, height) {
  const numbers = connect(mask, width, height);
  /** @type {number[]} */
  const areas = [];
  /** @type {number[][][]} */
  const [boxes, sums] = [[], []];
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const part = numbers[y * width + x] - 1;
      if (part < 0) continue;
      if (part === areas.length) {
        areas.push(0);
        boxes.push([y, x, 0, 0]);
        sums.push([0, 0]);
      }
      const [box, sum] = [boxes[part], sums[part]];
      areas[part] += 1;
      if (x < box[1]) box[1] = x;
      if (x >= box[3]) box[3] = x + 1;
      box[2] = y + 1;
      sum[0] += y;
      sum[1] += x;
    }
  const centers = sums.map((sum, part) => sum.map((value) => value / areas[part]));
  return { numbers, width, height, areas, boxes, centers };
}

/**
 * Marks what is darker than a threshold.
 * @param {Float64Array} darkness
 * @param {number} threshold
 * @returns {Uint8Array}  0 or 1
 */
export function findDark(darkness, threshold) {
  const mask = new Uint8Array(darkness.length);
  for (let i = 0; i < mask.length; i += 1) mask[i] = Number(darkness[i] > threshold);
  return mask;
}

/**
 * Finds the box around some parts.
 * @param {Parts} parts
 * @param {number[]} chosen  which, from 0; at least one
 * @returns {number[]}  top, left, bottom and right; the last two lie outside
 */
export function findBox({ boxes }, chosen) {
  const some = chosen.map((part) => boxes[part]);
  return [Math.min, Math.min, Math.max, Math.max].map((choose, side) =>
    some.reduce((best, box) => choose(best, box[side]), some[0][side]),
  );
}

/**
 * Cuts some parts out of the picture, without the others.
 * @param {Parts} parts
 * @param {number[]} chosen  which, from 0; at least one
 * @returns {{mask: Uint8Array, width: number, height: number}}  0 or 1
 */
export function cutOut(parts, chosen) {
  const [top, left, bottom, right] = findBox(parts, chosen);
  const [width, height] = [right - left, bottom - top];
  const own = new Set(chosen.map((part) => part + 1));
  const mask = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const number = parts.numbers[(top + y) * parts.width + left + x];
      mask[y * width + x] = Number(own.has(number));
    }
  return { mask, width, height };
}

/**
 * Draws the parts, to be looked at.
 * @param {Parts} parts
 * @returns {Grey}  255 is ink
 */
export function drawParts({ numbers, width, height }) {
  return { grey: Uint8Array.from(numbers, (part) => (part ? 255 : 0)), width, height };
}
