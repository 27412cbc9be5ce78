// LeNet-5 slid over a line, and the model that reads its row of answers. As
// `lenet_helpers/strings/sliding.py`, one line at a time. Pure functions, no DOM.
//
// LeCun et al. 1998, p. 27-30.

import { NETWORKS } from "../networks.mjs";
import { BACKGROUND, FOREGROUND } from "../paper.mjs";
import { HEIGHT } from "./cuts.mjs";
import { characterModel } from "./grammars.mjs";
import { checkGraph, compose } from "./graphs.mjs";

/** @import { Tensor } from "../tensors.mjs" */
/** @import { Graph } from "./graphs.mjs" */

export const MARGIN = 6; // blank columns before the ink: the middle of the first window
export const STEP = 4; // columns from one window to the next
export const BLANK_PENALTY = 10; // of "no character in the middle of this window"

/**
 * What a network answers in each window of a line.
 * @typedef {object} Windows
 * @property {number} count  T
 * @property {number} numClasses  K; it is also the label of the blank
 * @property {Float32Array} penalties  (T, K + 1): of the characters, and of the blank
 */

/**
 * Pads a line so that a window's middle stands on each end of the ink.
 * @param {Uint8Array} pixels  (32, W)
 * @returns {{image: Tensor, count: number}}  image: (1, 32, 32 + 4 (T - 1)), the
 *   network's input; count: T, the windows that the line needs
 */
export function placeWindows(pixels) {
  const width = pixels.length / HEIGHT;
  const left = HEIGHT / 2 - MARGIN;
  const count = Math.ceil(Math.max(0, width - 2 * MARGIN - 1) / STEP) + 1;
  const wide = HEIGHT + STEP * (count - 1);
  const used = Math.min(width, wide - left);
  const scale = (FOREGROUND - BACKGROUND) / 255;
  const data = new Float32Array(HEIGHT * wide).fill(BACKGROUND);
  for (let row = 0; row < HEIGHT; row += 1)
    for (let x = 0; x < used; x += 1)
      data[row * wide + left + x] = BACKGROUND + scale * pixels[row * width + x];
  return { image: { shape: [1, HEIGHT, wide], data }, count };
}

/**
 * Slides LeNet-5 over a line, as one convolution.
 * @param {Object<string, Tensor>} tensors  of LeNet-5, with K codes
 * @param {Uint8Array} pixels  (32, W)
 * @param {number} [blank]  the penalty of the blank
 * @returns {Windows}  window t has its middle in column MARGIN + 4 t
 *
 * LeCun et al. 1998, p. 27, Fig. 23.
 */
export function slide(tensors, pixels, blank = BLANK_PENALTY) {
  const { image, count } = placeWindows(pixels);
  const { shape, data } = NETWORKS.lenet5.run(image, tensors).output; // (K, 1, T)
  const numClasses = shape[0];
  const numLabels = numClasses + 1;
  const penalties = new Float32Array(count * numLabels).fill(blank);
  for (let window = 0; window < count; window += 1)
    for (let label = 0; label < numClasses; label += 1)
      penalties[window * numLabels + label] = data[label * count + window];
  return { count, numClasses, penalties };
}

/**
 * Builds the graph of the answers: windows in a row, an arc a class and one of the blank.
 * @param {Windows} windows
 * @returns {Graph}  the payload is the window
 */
export function buildRow({ count, numClasses, penalties }) {
  const numLabels = numClasses + 1;
  const arcs = Array.from(penalties.keys());
  const windows = arcs.map((arc) => Math.floor(arc / numLabels));
  return checkGraph({
    sources: windows,
    destinations: windows.map((window) => window + 1),
    labels: arcs.map((arc) => arc % numLabels),
    penalties,
    payload: windows,
    numNodes: count + 1,
  });
}

/**
 * Builds the graph of what the character model makes of the answers.
 * @param {Windows} windows
 * @returns {Graph}  the payload is the window
 */
export const readWindows = (windows) =>
  compose(buildRow(windows), characterModel(windows.numClasses));

/**
 * Finds the best answer of each window by itself.
 * @param {Windows} windows
 * @returns {number[]}  (T): a class, or K for the blank
 */
export function findAnswers({ count, numClasses, penalties }) {
  const numLabels = numClasses + 1;
  return Array.from({ length: count }, (_, window) => {
    const own = penalties.subarray(window * numLabels, (window + 1) * numLabels);
    return own.indexOf(Math.min(...own));
  });
}
