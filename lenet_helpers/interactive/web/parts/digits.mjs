// The digits to train on: asked for by the reader's click, of Python or of the site.

import { askFile } from "./files.mjs";

/** @import { Model } from "./dom.mjs" */
/** @import { Digits } from "../engine/training/options.mjs" */

const FILE = "digits";

/**
 * Asks for the digits.
 * @param {Model} model
 * @param {number[]} counts  how many there are to train on, and to test on
 * @returns {Promise<Digits>}
 * @throws {Error} a sentence
 */
export async function fetchDigits(model, [numTraining, numTest]) {
  const bytes = await askFile(model, FILE, "The digits");
  let from = 0;
  const take = (length) => {
    from += length;
    return bytes.slice(from - length, from);
  };
  const images = take(784 * numTraining);
  const labels = take(numTraining);
  const testImages = take(784 * numTest);
  const testLabels = take(numTest);
  if (bytes.length !== from)
    throw new Error(
      "The digits that came are not those of this page: build the book again.",
    );
  return { images, labels, testImages, testLabels };
}
