// A picture that the reader chose: decoded by the browser, read in a Worker, never sent.

import { startWorker } from "./worker.mjs";

/** @import { Found } from "./hand-found.mjs" */
/** @typedef {Found & {images: Uint8Array}} Hand */

const ROWS = 256; // of a strip: a telephone's picture is not held twice
const LARGEST = 200; // megabytes of a file

/**
 * Reads the digits in a picture.
 * @param {Uint8Array} source  of the Worker
 * @param {File} file
 * @param {string} kind  "sheet" or "photo"
 * @returns {{result: Promise<{hand: Hand, reduction: number}>, stop: () => void}}
 *   result: rejects with a sentence; stop ends the Worker
 */
export function readPicture(source, file, kind) {
  /** @type {(message: any) => void} */
  let receive = () => {};
  let fault = null; // of a Worker that does not start: it may come before a question
  const hear = (answer) => {
    if (answer.type === "error") fault = answer;
    receive(answer);
  };
  const worker = startWorker(source, hear, "No picture can be read");
  /** Tells the Worker something, and waits for what it answers. */
  const ask = (message) =>
    new Promise((resolve, reject) => {
      receive = (answer) => {
        if (answer.type === "checked" || answer.type === "hand") resolve(answer);
        else reject(new Error(answer.message));
      };
      if (fault) receive(fault);
      else worker.post(message);
    });
  const run = async () => {
    if (file.size > 1e6 * LARGEST)
      throw new Error(
        `${file.name} has ${Math.round(file.size / 1e6)} megabytes; no photograph of a ` +
          `page needs more than ${LARGEST}.`,
      );
    const bytes = new Uint8Array(await file.arrayBuffer());
    await ask({ type: "check", bytes, name: file.name });
    const bitmap = await decode(file);
    try {
      await postRows(bitmap, worker.post);
    } finally {
      bitmap.close();
    }
    return ask({ type: "read", kind });
  };
  return { result: run().finally(worker.stop), stop: worker.stop };
}

async function decode(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new Error(
      `${file.name} cannot be read to its end: the file is cut off or damaged, or this ` +
        "browser cannot show it. Copy or save the picture again, as PNG or JPEG.",
    );
  }
}

/** Hands the pixels over, strip by strip; between them the page answers. */
async function postRows(bitmap, post) {
  const { width, height } = bitmap;
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = Math.min(ROWS, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context)
    throw new Error(
      `The browser has no memory left for a picture of ${width} x ${height} pixels. ` +
        "Save it smaller.",
    );
  checkCanvas(context);
  post({ type: "begin", width, height });
  for (let top = 0; top < height; top += ROWS) {
    const rows = Math.min(ROWS, height - top);
    context.clearRect(0, 0, width, rows);
    context.drawImage(bitmap, 0, -top);
    post({ type: "rows", data: context.getImageData(0, 0, width, rows).data });
    await new Promise((done) => setTimeout(done));
  }
}

/**
 * Refuses a canvas that gives back other pixels than were put there, as browsers do that
 * resist fingerprinting: digits would be read from noise.
 * @param {CanvasRenderingContext2D} context
 */
function checkCanvas(context) {
  const { data } = new ImageData(4, 4);
  const sample = new ImageData(
    data.map((_, i) => (i % 4 === 3 ? 255 : (53 * i) % 256)),
    4,
  );
  context.putImageData(sample, 0, 0);
  const found = context.getImageData(0, 0, 4, 4).data;
  if (found.some((value, i) => value !== sample.data[i]))
    throw new Error(
      "This browser changes the pixels that a page reads from a picture, against being " +
        "recognised. Allow this page to read canvases, or use another browser.",
    );
}
