// The states of a layer and their derivatives, allocated once: no DOM.

/** @import { Tensor } from "../tensors.mjs" */

/**
 * The border that the layer above wants around each map.
 * @typedef {{padding: number[], background: number}} Border
 *   rows and columns before, and after; their value
 */

/** @type {Border} */
const NO_BORDER = { padding: [0, 0], background: 0 };

/**
 * The maps of a layer, one behind the other, row by row, each within its border.
 * @typedef {object} Maps
 * @property {number} maps
 * @property {number} height  of a map, in units
 * @property {number} width
 * @property {number} row  from one row to the next
 * @property {number} plane  from one map to the next
 * @property {number} first  where the first unit of a map lies in it
 * @property {Float32Array} states
 * @property {Float32Array} deltas  dE/dx of each state, or d2E/dx2
 */

/**
 * Makes the maps of a layer.
 * @param {number[]} shape  (maps, height, width)
 * @param {Border} [border]
 * @returns {Maps}
 */
export function createMaps([maps, height, width], border = NO_BORDER) {
  const [before, after] = border.padding;
  const row = before + width + after;
  const plane = row * (before + height + after);
  const first = before * row + before;
  const states = new Float32Array(maps * plane).fill(border.background);
  const deltas = new Float32Array(maps * plane);
  return { maps, height, width, row, plane, first, states, deltas };
}

/**
 * Copies values into maps, inside their border.
 * @param {Maps} maps
 * @param {ArrayLike<number>} values  (maps, height, width)
 * @param {number} [at]  where the values begin
 */
export function fillMaps(
  { maps, height, width, row, plane, first, states },
  values,
  at = 0,
) {
  let from = at;
  for (let map = 0; map < maps; map += 1) {
    for (let y = 0; y < height; y += 1) {
      const to = map * plane + first + y * row;
      for (let x = 0; x < width; x += 1) states[to + x] = values[from + x];
      from += width;
    }
  }
}

/**
 * Copies maps, without their border.
 * @param {Maps} maps
 * @returns {Tensor}  (maps, height, width)
 */
export function copyMaps({ maps, height, width, row, plane, first, states }) {
  const data = new Float32Array(maps * height * width);
  for (let line = 0; line < maps * height; line += 1) {
    const map = Math.floor(line / height);
    const from = map * plane + first + (line % height) * row;
    data.set(states.subarray(from, from + width), line * width);
  }
  return { shape: [maps, height, width], data };
}
