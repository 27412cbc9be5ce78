// The convolution of the papers, one image and one kernel: pure functions, no DOM.

const KERNEL = 5; // kernels are KERNEL x KERNEL

/**
 * Counts the places of a kernel along one side of an image.
 * @param {number} size  of the image, in pixels
 * @param {number} stride  pixels from one place to the next
 * @param {number} padding  pixels added on each side
 * @returns {number}
 */
export function findMapSize(size, stride, padding) {
  return Math.floor((size + 2 * padding - KERNEL) / stride) + 1;
}

/**
 * Puts a border around an image.
 * @param {ArrayLike<number>} image  (size * size), row by row
 * @param {number} size
 * @param {number} padding  pixels on each side
 * @param {number} border  the value of the new pixels
 * @returns {Float64Array} ((size + 2 * padding) ** 2)
 */
export function padImage(image, size, padding, border) {
  const wide = size + 2 * padding;
  const padded = new Float64Array(wide * wide).fill(border);
  for (let row = 0; row < size; row += 1)
    for (let column = 0; column < size; column += 1)
      padded[(row + padding) * wide + column + padding] = image[row * size + column];
  return padded;
}

/**
 * Cuts out what one unit sees.
 * @param {ArrayLike<number>} image  (size * size), with its border
 * @param {number} size  with the border
 * @param {number} top  the patch's first row
 * @param {number} left  its first column
 * @returns {number[]} (25), row by row
 */
export function cutPatch(image, size, top, left) {
  return Array.from({ length: KERNEL * KERNEL }, (_, k) => {
    const row = top + Math.floor(k / KERNEL);
    return image[row * size + left + (k % KERNEL)];
  });
}

/**
 * Multiplies pixels by weights, each at its place.
 * @param {number[]} patch  (25)
 * @param {number[]} kernel  (25)
 * @returns {number[]} (25)
 */
export function multiply(patch, kernel) {
  return patch.map((pixel, k) => pixel * kernel[k]);
}

/** Adds up numbers. */
export const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/**
 * Computes the whole map, before squashing; the kernel is not flipped.
 * @param {ArrayLike<number>} image  (size * size), with its border
 * @param {number} size  with the border
 * @param {number[]} kernel  (25)
 * @param {{stride: number, bias: number}} options
 * @returns {Float64Array} (n * n), n as `findMapSize` without padding
 */
export function computeMap(image, size, kernel, { stride, bias }) {
  const side = findMapSize(size, stride, 0);
  return Float64Array.from({ length: side * side }, (_, unit) => {
    const top = stride * Math.floor(unit / side);
    return bias + sum(multiply(cutPatch(image, size, top, stride * (unit % side)), kernel));
  });
}

/**
 * Finds the unit whose patch has a pixel closest to its middle.
 * @param {number} pixel  row or column in the image with its border
 * @param {number} stride
 * @param {number} side  of the map, in units
 * @returns {number} row or column of the unit
 */
export function findUnit(pixel, stride, side) {
  const unit = Math.round((pixel - (KERNEL - 1) / 2) / stride);
  return Math.max(0, Math.min(side - 1, unit));
}
