// One unit of a convolution: which it is, what it sees, what it adds up. Pure functions,
// no DOM; `convolve` in layers.mjs computes the whole map.

import { clamp } from "./numbers.mjs";

const KERNEL = 5; // kernels are KERNEL x KERNEL

/**
 * Finds the unit whose patch has a pixel nearest to its middle.
 * @param {number} pixel  row or column in the image, with its border
 * @param {number} stride
 * @param {number} side  of the map, in units
 * @returns {number} row or column of the unit
 */
export function findUnit(pixel, stride, side) {
  const unit = Math.round((pixel - (KERNEL - 1) / 2) / stride);
  return clamp(unit, 0, side - 1);
}

/**
 * Computes one unit, without bias and squashing.
 * @param {ArrayLike<number>} image  (size * size), with its border
 * @param {number} size  with the border
 * @param {ArrayLike<number>} kernel  (25), row by row
 * @param {number} top  the first row that the unit sees
 * @param {number} left  the first column
 * @returns {{pixels: number[], products: number[], sum: number}} pixels and products (25)
 */
export function computeUnit(image, size, kernel, top, left) {
  const pixels = Array.from(
    { length: KERNEL ** 2 },
    (_, k) => image[(top + Math.floor(k / KERNEL)) * size + left + (k % KERNEL)],
  );
  const products = pixels.map((pixel, k) => pixel * kernel[k]);
  return {
    pixels,
    products,
    sum: products.reduce((total, product) => total + product, 0),
  };
}
