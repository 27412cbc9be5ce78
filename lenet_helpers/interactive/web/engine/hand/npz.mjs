// A hand as a file that Python's `lenet_helpers.hand.load` reads, and the reverse: a zip
// of NumPy's arrays.

import { readArray, writeArray } from "./npy.mjs";
import { readZip, writeZip } from "./zip.mjs";

/** @typedef {import("./digits.mjs").Hand} Hand */

/** The arrays of a hand of some digits: their shapes, and NumPy's names of their types. */
const listWanted = (number) => ({
  images: { shape: [number, 28, 28], type: "uint8" },
  labels: { shape: [number], type: "int64" },
  boxes: { shape: [number, 4, 2], type: "float64" },
});

/**
 * Writes a hand's images, labels and boxes.
 * @param {{images: Uint8Array, labels: number[], boxes: number[][]}} hand
 * @returns {Uint8Array<ArrayBuffer>}  an .npz file
 */
export function writeHand({ images, labels, boxes }) {
  const wanted = listWanted(labels.length);
  const values = { images, labels, boxes: boxes.flat() };
  return writeZip(
    Object.entries(wanted).map(([key, { shape, type }]) => ({
      name: `${key}.npy`,
      bytes: writeArray({ type, shape, values: values[key] }),
    })),
  );
}

/**
 * Reads a hand that `writeHand` or Python's `Hand.save` wrote.
 * @param {Uint8Array<ArrayBuffer>} bytes  of an .npz file
 * @param {string} [name]  of the file
 * @returns {Promise<Hand>}
 * @throws the file is of another kind, or what it holds is no hand
 */
export async function readHand(bytes, name = "The file") {
  /** @type {Record<string, import("./npy.mjs").NumPyArray>} */
  const arrays = {};
  try {
    for (const key of Object.keys(listWanted(0)))
      arrays[key] = readArray(await readZip(bytes, `${key}.npy`));
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    const what = error instanceof RangeError ? "it stops too soon" : message;
    throw new Error(
      `${name} holds no hand (${what}): it is cut off, or of another kind. Export it ` +
        "again.",
      { cause: error },
    );
  }
  const wanted = listWanted(arrays.images.shape[0] ?? 0);
  for (const [key, { shape, type }] of Object.entries(wanted)) {
    const { shape: seen, type: seenType } = arrays[key];
    if (seen.join() !== shape.join() || seenType !== type)
      throw new Error(
        `${name} holds no hand: \`${key}\` needs shape ${writeShape(shape)} and dtype ` +
          `${type}, got ${writeShape(seen)} of ${seenType}.`,
      );
  }
  const labels = arrays.labels.values;
  const [least, most] = [Math.min(...labels), Math.max(...labels)];
  if (labels.length && (least < -1 || most > 9))
    throw new Error(
      `${name} holds no hand: labels are digits, or -1; got ${least} to ${most}.`,
    );
  const corners = arrays.boxes.values;
  return {
    images: Uint8Array.from(arrays.images.values),
    labels,
    boxes: labels.map((_, i) => corners.slice(8 * i, 8 * i + 8)),
    leftOut: [],
    steps: {},
  };
}

/** Writes a shape as Python does. @param {number[]} shape */
const writeShape = (shape) => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
