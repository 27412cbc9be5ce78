// Pictures of maps, kernels and digits, each canvas pixel a unit; CSS scales them up.

import { clamp } from "../engine/numbers.mjs";
import { AMPLITUDE } from "../engine/paper.mjs";
import { create } from "./dom.mjs";

// Red above 0, blue below, white at 0: ColorBrewer's RdBu, as in the book's plots.
const SIGNED = [
  [5, 48, 97],
  [33, 102, 172],
  [67, 147, 195],
  [146, 197, 222],
  [209, 229, 240],
  [247, 247, 247],
  [253, 219, 199],
  [244, 165, 130],
  [214, 96, 77],
  [178, 24, 43],
  [103, 0, 31],
];
const BROKEN = [255, 0, 255]; // NaN and infinity must not look like a value

/**
 * Finds the colour of a weight or a state.
 * @param {number} value
 * @param {number} limit  the value of the darkest red; -limit is the darkest blue
 * @returns {number[]} red, green, blue: 0 to 255
 */
export function colorSigned(value, limit) {
  if (!Number.isFinite(value)) return BROKEN;
  const place = 5 + 5 * clamp(value / limit, -1, 1);
  const below = Math.min(9, Math.floor(place));
  const share = place - below;
  return SIGNED[below].map((c, i) =>
    Math.round(c + share * (SIGNED[below + 1][i] - c)),
  );
}

/**
 * Finds the colour of a pixel of a digit: dark ink on white.
 * @param {number} value  0 (background) to `limit` (ink)
 * @param {number} limit
 * @returns {number[]} red, green, blue: 0 to 255
 */
export function colorInk(value, limit) {
  if (!Number.isFinite(value)) return BROKEN;
  const grey = 255 - Math.round(255 * clamp(value / limit, 0, 1));
  return [grey, grey, grey];
}

/**
 * Paints a map into a canvas, a canvas pixel a unit; CSS scales it up, in crisp pixels.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values  (height * width), row by row
 * @param {number} height
 * @param {number} width
 * @param {{color?: (value: number, limit: number) => number[], limit?: number}} options
 */
export function paintMap(
  canvas,
  values,
  height,
  width,
  { color = colorSigned, limit = AMPLITUDE } = {},
) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  if (!context) return; // the browser has no more memory for pictures
  const picture = context.createImageData(width, height);
  for (let i = 0; i < height * width; i += 1) {
    const [red, green, blue] = color(values[i], limit);
    picture.data[4 * i] = red;
    picture.data[4 * i + 1] = green;
    picture.data[4 * i + 2] = blue;
    picture.data[4 * i + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
}

/**
 * Chooses the colour of a text on a coloured ground: contrast is 4.5 or more.
 * @param {number[]} ground  red, green, blue: 0 to 255
 * @returns {string}
 */
export function colorText(ground) {
  const [red, green, blue] = ground.map((c) =>
    c <= 10 ? c / 3295 : ((c / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff";
}

/**
 * Makes a small picture of a kernel or a digit, beside words that say what it is.
 * @param {ArrayLike<number>} values  (height * width), row by row
 * @param {number} height
 * @param {number} width
 * @param {{color?: (value: number, limit: number) => number[], limit?: number}} options
 * @returns {HTMLCanvasElement}
 */
export function createPicture(values, height, width, options) {
  const canvas = create("canvas", { class: "lenet-map", "aria-hidden": "true" });
  paintMap(canvas, values, height, width, options);
  return canvas;
}

/**
 * Paints a network's input, dark ink on white.
 * @param {HTMLCanvasElement} canvas
 * @param {{shape: number[], data: Float32Array}} input  (1, height, width)
 * @param {{low: number, high: number}} values  of background and ink
 */
export function paintInput(canvas, { shape: [, height, width], data }, { low, high }) {
  const shifted = data.map((value) => value - low);
  paintMap(canvas, shifted, height, width, { color: colorInk, limit: high - low });
}
