// The digits to train on: asked for by the reader's click, of Python or of the site.

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
  const view = await ask(model);
  const bytes = await inflate(view);
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

/** @returns {Promise<DataView>} */
function ask(model) {
  return new Promise((resolve, reject) => {
    const receive = ({ answer, fault }, buffers) => {
      if (answer !== FILE) return;
      model.off("msg:custom", receive);
      if (fault) reject(new Error(`The digits could not be fetched: ${fault}.`));
      else resolve(buffers[0]);
    };
    model.on("msg:custom", receive);
    model.send({ ask: FILE });
  });
}

/** @param {DataView} view */
async function inflate({ buffer, byteOffset, byteLength }) {
  const packed = new Uint8Array(buffer, byteOffset, byteLength).slice();
  const stream = new Blob([packed])
    .stream()
    .pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
