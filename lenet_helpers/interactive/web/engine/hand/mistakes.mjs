// What goes wrong when digits are prepared for a network, done on purpose, as
// `lenet_helpers/hand/mistakes.py` does it. Each function takes digits in MNIST's form,
// (N * 784), and returns what a preparation without that step would have made of them.

import { cropInk, shrinkInk, TIE } from "../drawing.mjs";
import { PIXELS } from "./digits.mjs";

const SIDE = 28;

/** Leaves them dark on light, as they stood on the paper. @param {Uint8Array} images */
export const invert = (images) => images.map((value) => 255 - value);

/**
 * Scales each to all 28 pixels instead of 20, so that no border is left.
 * @param {Uint8Array} images
 */
export const fillField = (images) =>
  place(
    images,
    (crop) => shrinkInk(crop, SIDE / Math.max(...crop.shape)),
    (extent) => Math.floor((SIDE - extent) / 2),
  );

/**
 * Centres none: each stands where it was cut out, at the top left.
 * @param {Uint8Array} images
 */
export const putInCorner = (images) =>
  place(
    images,
    (crop) => crop,
    () => 0,
  );

/**
 * Centres the boxes around the ink, instead of its mass.
 * @param {Uint8Array} images
 */
export const centerBoxes = (images) =>
  place(
    images,
    (crop) => crop,
    (extent) => Math.floor((SIDE - extent) / 2),
  );

/**
 * Leaves black and white alone, without the grey of edges.
 * @param {Uint8Array} images
 */
export const harden = (images) => images.map((value) => (value >= 128 ? 255 : 0));

/**
 * Writes with too thin a pen: each pixel becomes the least of it and its four.
 * @param {Uint8Array} images
 */
export const thin = (images) => compare(images, Math.min);

/**
 * Writes with too thick a pen: each pixel becomes the largest of it and its four.
 * @param {Uint8Array} images
 */
export const thicken = (images) => compare(images, Math.max);

export const MISTAKES = {
  "dark on light": invert,
  "no border": fillField,
  "not centred": putInCorner,
  "box centred, not mass": centerBoxes,
  "no grey": harden,
  "pen too thin": thin,
  "pen too thick": thicken,
};

/** Cuts each digit out, scales it, and puts it to the row and column chosen for it. */
function place(images, scale, choose) {
  const placed = new Uint8Array(images.length);
  for (let start = 0; start < images.length; start += PIXELS) {
    const crop = cropInk(images.subarray(start, start + PIXELS), SIDE);
    if (!crop) continue;
    const { shape, data } = scale(crop);
    const [, height, width] = shape;
    const [top, left] = [choose(height), choose(width)];
    for (let y = 0; y < height; y += 1)
      for (let x = 0; x < width; x += 1)
        placed[start + SIDE * (top + y) + left + x] = Math.floor(
          data[y * width + x] + 0.5 + TIE,
        );
  }
  return placed;
}

/** Compares each pixel with its four neighbours; beyond the field there is paper. */
function compare(images, choose) {
  return images.map((value, i) => {
    const [y, x] = [Math.floor((i % PIXELS) / SIDE), i % SIDE];
    const above = y > 0 ? images[i - SIDE] : 0;
    const below = y < SIDE - 1 ? images[i + SIDE] : 0;
    const left = x > 0 ? images[i - 1] : 0;
    const right = x < SIDE - 1 ? images[i + 1] : 0;
    return choose(value, above, below, left, right);
  });
}
