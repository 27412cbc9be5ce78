// LeNet-5 on the pieces of a line. Pure functions, no DOM.

import { NETWORKS } from "../networks.mjs";
import { BACKGROUND, FOREGROUND } from "../paper.mjs";
import { HEIGHT } from "./cuts.mjs";

/** @import { Tensor } from "../tensors.mjs" */

const SIZE = HEIGHT * HEIGHT; // of a piece's image

/**
 * Makes what recognises pieces. It remembers those of the call before, so that a line that
 * has changed in one place costs no more than what is new there.
 * @param {Object<string, Tensor>} tensors  of LeNet-5, with K codes
 * @returns {(images: Uint8Array) => Float32Array}  takes the images of S pieces,
 *   (S, 32, 32), as `segment` makes them; gives (S, K) penalties, small is good
 */
export function createRecognition(tensors) {
  const [numClasses] = tensors["output.weight"].shape;
  /** @type {Map<string, Float32Array>} */
  let known = new Map();
  return (images) => {
    const seen = new Map();
    const penalties = new Float32Array((images.length / SIZE) * numClasses);
    for (let at = 0, to = 0; at < images.length; at += SIZE, to += numClasses) {
      const image = images.subarray(at, at + SIZE);
      const key = String.fromCharCode(...image);
      const found = known.get(key) ?? seen.get(key) ?? recognize(tensors, image);
      seen.set(key, found);
      penalties.set(found, to);
    }
    known = seen;
    return penalties;
  };
}

/** @param {Object<string, Tensor>} tensors @param {Uint8Array} image */
function recognize(tensors, image) {
  const data = new Float32Array(SIZE);
  const scale = (FOREGROUND - BACKGROUND) / 255;
  for (let i = 0; i < SIZE; i += 1) data[i] = BACKGROUND + scale * image[i];
  return NETWORKS.lenet5.run({ shape: [1, HEIGHT, HEIGHT], data }, tensors).output.data;
}
