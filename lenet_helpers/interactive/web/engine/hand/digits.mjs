// Digits that somebody wrote, and those drawn on a pad, in MNIST's form, as
// `lenet_helpers/hand/digits.py` has them.

import { centerInk, drawInk } from "../drawing.mjs";

export const PIXELS = 28 * 28; // of a digit

/**
 * Digits that somebody wrote: their pixels, (N * 784), 255 is ink; the digits that were
 * to be written, -1 where that is unknown; the corners of each digit's box in the upright
 * picture, x and y of each in pixels of the file, clockwise from the digit's top left,
 * all 0 for digits of a pad; what was not taken as a digit, and why; a picture of each
 * step.
 * @typedef {object} Hand
 * @property {Uint8Array} images
 * @property {number[]} labels
 * @property {number[][]} boxes
 * @property {string[]} leftOut
 * @property {Record<string, import("./ink.mjs").Grey>} steps
 */

/**
 * Reads digits drawn on a pad, in order, without what is empty.
 * @param {number[][][]} drawings  of each digit its strokes, as in drawing.mjs
 * @param {number[]} [labels]
 * @returns {Hand}
 * @throws another number of labels than of drawings, or none holds ink
 */
export function readStrokes(drawings, labels = drawings.map(() => -1)) {
  if (labels.length !== drawings.length)
    throw new Error(
      `\`labels\` needs one for each of the ${drawings.length} drawings, got ` +
        `${labels.length}.`,
    );
  const images = drawings.map((drawing) => centerInk(drawInk(drawing)));
  const drawn = images.filter((image) => image !== null);
  if (!drawn.length)
    throw new Error(`None of the ${drawings.length} drawings holds ink.`);
  return {
    images: stack(drawn),
    labels: labels.filter((_, number) => images[number]),
    boxes: drawn.map(() => Array(8).fill(0)),
    leftOut: images.flatMap((image, number) =>
      image ? [] : [`drawing ${number + 1}: empty`],
    ),
    steps: {},
  };
}

/**
 * Brings a digit's pixels, of which some are ink, into MNIST's form.
 * @param {{mask: Uint8Array, height: number}} ink  (height * width), 0 or 1
 * @returns {Uint8Array}  (28 * 28)
 */
export function centerMask({ mask, height }) {
  const image = centerInk(
    mask.map((ink) => 255 * ink),
    height,
  );
  if (!image) throw new Error("A digit's pixels need ink among them.");
  return image;
}

/**
 * Puts digits one after the other.
 * @param {Uint8Array[]} images  each (28 * 28)
 * @returns {Uint8Array}  (N * 784)
 */
export function stack(images) {
  const all = new Uint8Array(PIXELS * images.length);
  for (const [number, image] of images.entries()) all.set(image, PIXELS * number);
  return all;
}
