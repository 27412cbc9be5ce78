// A picture that the reader chose, as grey pixels: decoded by the browser, never sent.

import { checkFile, createReducer } from "../engine/hand/pictures.mjs";

const ROWS = 256; // of a strip: a telephone's picture is not held twice
const LARGEST = 200; // megabytes of a file

/**
 * Opens a picture, upright as its camera says.
 * @param {File} file
 * @returns {Promise<{grey: Uint8Array, width: number, height: number, reduction: number}>}
 * @throws {Error} a sentence
 */
export async function openPicture(file) {
  if (file.size > 1e6 * LARGEST)
    throw new Error(
      `${file.name} has ${Math.round(file.size / 1e6)} megabytes; no photograph of a page ` +
        `needs more than ${LARGEST}.`,
    );
  checkFile(new Uint8Array(await file.arrayBuffer()), file.name);
  const bitmap = await decode(file);
  try {
    return await reduce(bitmap);
  } finally {
    bitmap.close();
  }
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

/** Makes the picture grey and smaller, strip by strip; between them the page answers. */
async function reduce(bitmap) {
  const { width, height } = bitmap;
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = Math.min(ROWS, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context)
    throw new Error(
      "The browser has no memory left for a picture of " +
        `${width} x ${height} pixels. Save it smaller.`,
    );
  checkCanvas(context);
  const reducer = createReducer(width, height);
  for (let top = 0; top < height; top += ROWS) {
    const rows = Math.min(ROWS, height - top);
    context.clearRect(0, 0, width, rows);
    context.drawImage(bitmap, 0, -top);
    reducer.add(context.getImageData(0, 0, width, rows).data);
    await new Promise((done) => setTimeout(done));
  }
  return reducer.finish();
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
