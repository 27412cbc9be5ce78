// The layer that keeps the largest of four, forward and backward: no DOM. PyTorch's
// `MaxPool2d` is the reference; a test holds the two together.

/** @import { Layer } from "./layers.mjs" */
/** @import { Maps } from "./maps.mjs" */

/**
 * Halves each map: keeps the largest of every 2 x 2 patch. It has no parameters.
 * @param {{below: Maps, out: Maps}} place
 * @returns {Layer}
 */
export function createLargest({ below, out }) {
  const { maps, height, width, row, plane, first, states, deltas } = out;
  const sources = new Uint32Array(states.length); // of each unit, which it kept

  function forward() {
    for (let map = 0; map < maps; map += 1) {
      for (let y = 0; y < height; y += 1) {
        const from = map * below.plane + below.first + 2 * y * below.row;
        const to = map * plane + first + y * row;
        for (let x = 0; x < width; x += 1) {
          let best = from + 2 * x;
          const next = [best + 1, best + below.row, best + below.row + 1];
          for (const i of next) if (below.states[i] > below.states[best]) best = i;
          sources[to + x] = best;
          states[to + x] = below.states[best];
        }
      }
    }
  }

  function backward() {
    below.deltas.fill(0);
    for (let map = 0; map < maps; map += 1) {
      for (let y = 0; y < height; y += 1) {
        const at = map * plane + first + y * row;
        for (let i = at; i < at + width; i += 1) below.deltas[sources[i]] = deltas[i];
      }
    }
  }

  return { out, forward, backward, backwardCurvature: backward };
}
