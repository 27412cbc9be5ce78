// What is done to a drawing before a network sees it: pure functions, no DOM.
// `lenet_helpers/hand/drawing.py` is the reference; tests hold the two together.

import { clamp } from "./numbers.mjs";
import { resample, weighOverlaps } from "./resample.mjs";

export const SIDE = 140; // pixels of a drawing's field, five for each of MNIST's 28
export const RADIUS = 0.04; // of the pen, as a part of the field's height
const BOX = 20; // MNIST's box, and the pixel on which its digits' mass is centred
const CENTER = 14;
const MARGIN = 12; // columns before and after a line of digits
const LONGEST = 320; // columns of a line of digits, at most
const LINE = 32; // rows of a line that is cut, LeNet-5's field
export const TIE = 1e-9; // halves are rounded up, whatever the order of a sum

/**
 * Adds a stroke to a drawing: round pen, edges antialiased.
 * @param {Uint8Array} ink  (SIDE, width); 255 is ink; changed in place
 * @param {number[]} stroke  x and y of each point in turn, 0 to 1 over the field's
 *   height; a single point is a dot; what lies outside leaves no ink
 */
export function drawStroke(ink, stroke) {
  const width = ink.length / SIDE;
  const reach = RADIUS * SIDE + 0.5;
  for (let i = 0; i + 1 < stroke.length; i += 2) {
    const end = Math.min(i + 2, stroke.length - 2); // the last point is its own end
    if (end === i && i > 0) break;
    const [x, y, x2, y2] = [i, i + 1, end, end + 1].map((k) => stroke[k] * SIDE - 0.5);
    const square = (x2 - x) ** 2 + (y2 - y) ** 2;
    const top = clamp(Math.ceil(Math.min(y, y2) - reach), 0, SIDE);
    const bottom = clamp(Math.floor(Math.max(y, y2) + reach) + 1, 0, SIDE);
    const left = clamp(Math.ceil(Math.min(x, x2) - reach), 0, width);
    const right = clamp(Math.floor(Math.max(x, x2) + reach) + 1, 0, width);
    for (let v = top; v < bottom; v += 1) {
      for (let u = left; u < right; u += 1) {
        const along = square && ((u - x) * (x2 - x) + (v - y) * (y2 - y)) / square;
        const share = clamp(along, 0, 1);
        const gap = Math.hypot(u - x - share * (x2 - x), v - y - share * (y2 - y));
        const value = Math.floor(255 * clamp(reach - gap, 0, 1) + 0.5);
        if (value > ink[v * width + u]) ink[v * width + u] = value;
      }
    }
  }
}

/**
 * Draws strokes, over one of MNIST's digits or over nothing.
 * @param {number[][]} strokes  as `drawStroke` takes them
 * @param {Uint8Array | null} [digit]  (28, 28)
 * @param {number} [width]  of the field, in pixels
 * @returns {Uint8Array}  (SIDE, width)
 */
export function drawInk(strokes, digit = null, width = SIDE) {
  const ink = new Uint8Array(SIDE * width);
  const step = SIDE / 28;
  if (digit)
    for (let i = 0; i < ink.length; i += 1)
      ink[i] =
        digit[28 * Math.floor(i / width / step) + Math.floor((i % width) / step)];
  for (const stroke of strokes) drawStroke(ink, stroke);
  return ink;
}

/**
 * Does what MNIST's makers did: crops to the ink, scales it into a box of 20 x 20 pixels
 * without changing its proportions, and centres its mass in a field of 28 x 28.
 * @param {Uint8Array} ink  (height, width)
 * @param {number} [height]
 * @returns {Uint8Array | null}  (28, 28); null where there is no ink
 *
 * LeCun et al. 1998, Sec. III-A. `chapters/digits.md` measures that the mass is centred
 * on pixel 14.
 */
export function centerInk(ink, height = SIDE) {
  const crop = cropInk(ink, height);
  if (!crop) return null;
  const small = shrinkInk(crop, BOX / Math.max(...crop.shape));
  const pixels = new Uint8Array(28 * 28);
  placeInk(pixels, small, placeMass(small.columnMass, small.shape[2]));
  return pixels;
}

/**
 * Does the same to a line of digits: the whole line becomes 20 pixels high, and its mass
 * is centred in height.
 * @param {Uint8Array} ink  (SIDE, width)
 * @returns {Uint8Array | null}  28 rows of 28 + 4 k columns; null where there is no ink
 */
export function scaleLine(ink) {
  const crop = cropInk(ink, SIDE);
  if (!crop) return null;
  const [, height, width] = crop.shape;
  const small = shrinkInk(crop, Math.min(BOX / height, LONGEST / width));
  // The first window can have a thin 1 in its middle, and so can the last.
  const columns = Math.ceil((small.shape[2] + 2 * MARGIN - 28) / 4) * 4 + 28;
  const pixels = new Uint8Array(28 * columns);
  placeInk(pixels, small, MARGIN);
  return pixels;
}

/**
 * Makes a line of 32 rows of a whole field, wherever its ink lies.
 * @param {Uint8Array} ink  (SIDE, width)
 * @returns {Uint8Array}  (32, width / 4.375)
 */
export function shrinkField(ink) {
  const whole = { shape: [1, SIDE, ink.length / SIDE], data: ink };
  const { data } = shrinkInk(whole, LINE / SIDE);
  return Uint8Array.from(data, (value) => Math.floor(value + 0.5 + TIE));
}

/**
 * Cuts a picture to the box around its ink.
 * @param {Uint8Array} ink  (fieldHeight, width)
 * @param {number} fieldHeight
 * @returns {{shape: number[], data: Float64Array} | null}  (1, height, width)
 */
export function cropInk(ink, fieldHeight) {
  const width = ink.length / fieldHeight;
  let [top, bottom, left, right] = [fieldHeight, -1, width, -1];
  for (let y = 0; y < fieldHeight; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (!ink[y * width + x]) continue;
      top = Math.min(top, y);
      bottom = y;
      left = Math.min(left, x);
      right = Math.max(right, x);
    }
  }
  if (bottom < 0) return null;
  const shape = [1, bottom + 1 - top, right + 1 - left];
  const data = new Float64Array(shape[1] * shape[2]);
  for (let y = 0; y < shape[1]; y += 1)
    for (let x = 0; x < shape[2]; x += 1)
      data[y * shape[2] + x] = ink[(top + y) * width + left + x];
  return { shape, data };
}

/**
 * Scales a picture; each pixel is the mean of what it covers.
 * @param {{shape: number[], data: Float64Array | Uint8Array}} crop  (1, height, width)
 * @param {number} scale
 * @returns {{shape: number[], data: Float64Array, rowMass: number, columnMass: number}}
 *   the picture, and the row and column of its centre of mass
 */
export function shrinkInk(crop, scale) {
  const [height, width] = crop.shape
    .slice(1)
    .map((side) => Math.max(1, Math.floor(scale * side + 0.5 + TIE)));
  const small = resample(crop, height, width, weighOverlaps);
  let [mass, rows, columns] = [0, 0, 0];
  small.data.forEach((value, i) => {
    mass += value;
    rows += value * Math.floor(i / width);
    columns += value * (i % width);
  });
  return { ...small, rowMass: rows / mass, columnMass: columns / mass };
}

function placeMass(mass, extent) {
  return clamp(Math.floor(CENTER - mass + 0.5 + TIE), 0, 28 - extent);
}

function placeInk(pixels, { shape, data, rowMass }, column) {
  const [, height, width] = shape;
  const row = placeMass(rowMass, height);
  data.forEach((value, i) => {
    const y = row + Math.floor(i / width);
    pixels[(pixels.length / 28) * y + column + (i % width)] = Math.floor(
      value + 0.5 + TIE,
    );
  });
}
