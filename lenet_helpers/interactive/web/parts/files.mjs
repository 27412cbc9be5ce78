// Files that a figure asks for by the reader's click, of Python or of the site.

/** @import { Model } from "./dom.mjs" */

/**
 * Asks for a file.
 * @param {Model} model
 * @param {string} name  of the file, as Python's `asks` has it
 * @param {string} what  for the sentence that says what is missing: "The digits"
 * @returns {Promise<Uint8Array>}
 * @throws {Error} a sentence
 */
export async function askFile(model, name, what) {
  const view = await ask(model, name, what);
  return inflate(view);
}

/** @returns {Promise<DataView>} */
function ask(model, name, what) {
  return new Promise((resolve, reject) => {
    const receive = ({ answer, fault }, buffers) => {
      if (answer !== name) return;
      model.off("msg:custom", receive);
      if (fault) reject(new Error(`${what} could not be fetched: ${fault}.`));
      else resolve(buffers[0]);
    };
    model.on("msg:custom", receive);
    model.send({ ask: name });
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
