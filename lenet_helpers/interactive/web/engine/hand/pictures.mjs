// A picture of handwriting as it should be seen: grey, not too large, as
// `lenet_helpers/hand/pictures.py` opens it. The page decodes it, upright.

import { readSize } from "./formats.mjs";

export const LONGEST = 2048; // pixels of a picture's longer side, after reduction
export const LARGEST = 64_000_000; // pixels; the largest of today's telephones have 50
export const SMALLEST = 16;
const HEIC = ["ftypheic", "ftypheix", "ftypmif1", "ftypmsf1"];

/** @typedef {import("./ink.mjs").Grey} Grey */
/**
 * How many of the file's pixels, in height and in width, became one.
 * @typedef {{reduction: number}} Reduction
 */

/**
 * Refuses a file that is no picture, moves, or is too small or too large, before its
 * pixels are decoded.
 * @param {Uint8Array} bytes  of the file
 * @param {string} name  of the file
 * @returns {{kind: string, width: number, height: number}}  "PNG", "JPEG", "GIF", "WebP"
 *   or "BMP", and its pixels before it is turned upright
 * @throws a sentence that says why not
 */
export function checkFile(bytes, name) {
  const found = readSize(bytes);
  if (!found) throw new Error(explain(bytes, name));
  const { kind, width, height, frames } = found;
  if (width === null || height === null)
    throw new Error(
      `${name} cannot be read to its end (its ${kind} header is not whole): the file is cut ` +
        "off or damaged. Copy or save the picture again.",
    );
  if (width * height > LARGEST)
    throw new Error(
      `${name} has ${width} x ${height} pixels, more than ${LARGEST / 1e6} million. ` +
        `Save it smaller: ${LONGEST} pixels on the longer side are enough.`,
    );
  if (Math.min(width, height) < SMALLEST)
    throw new Error(
      `${name} has ${width} x ${height} pixels; a digit needs at least ${SMALLEST} in ` +
        "height and width.",
    );
  if (frames > 1)
    throw new Error(
      `${name} holds ${frames} pictures, as an animation or a document of several ` +
        "pages does. Save the one that shows the digits, as PNG or JPEG.",
    );
  return { kind, width, height };
}

function explain(bytes, name) {
  if (HEIC.includes(String.fromCharCode(...bytes.subarray(4, 12))))
    return (
      `${name} is in HEIC, the format of some telephones, which cannot be read here. ` +
      "Save or send it as JPEG."
    );
  const seen = bytes.length
    ? `its first bytes are ${writeBytes(bytes.subarray(0, 8))}`
    : "it is empty";
  return `${name} is no picture that can be read: ${seen}. Give a PNG or a JPEG.`;
}

/** Writes bytes as Python does. */
function writeBytes(bytes) {
  const text = String.fromCharCode(...bytes);
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = [...text].map((letter) => {
    const known = { "\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\" }[letter];
    if (known) return known;
    if (letter === mark) return `\\${mark}`;
    const code = letter.charCodeAt(0);
    if (code >= 32 && code < 127) return letter;
    return `\\x${code.toString(16).padStart(2, "0")}`;
  });
  return `b${mark}${escaped.join("")}${mark}`;
}

/**
 * Makes a picture grey; what is transparent is white.
 * @param {{data: ArrayLike<number>, width: number, height: number}} picture  red, green,
 *   blue and opacity of each pixel, as a canvas gives them
 * @returns {Grey}
 */
export function makeGrey({ data, width, height }) {
  const grey = new Uint8Array(width * height);
  for (let i = 0; i < grey.length; i += 1) {
    const alpha = data[4 * i + 3];
    const red = cover(data[4 * i], alpha);
    const green = cover(data[4 * i + 1], alpha);
    const blue = cover(data[4 * i + 2], alpha);
    // ITU-R 601-2, rounded as Pillow does.
    grey[i] = (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
  }
  return { grey, width, height };
}

/** Puts a colour on white: value * alpha + 255 * (1 - alpha), rounded as Pillow does. */
function cover(value, alpha) {
  if (alpha === 255) return value;
  const sum = 128 * (value * alpha + 255 * (255 - alpha) + 128);
  return (((sum >> 8) + sum) >> 8) >> 7;
}

/**
 * Averages squares of pixels until no side is longer than `LONGEST`.
 * @param {Grey} picture
 * @returns {Grey & Reduction}
 */
export function reduceGrey({ grey, width, height }) {
  const { reduction, addGrey, finish } = createAverage(width, height);
  if (reduction === 1) return { grey, width, height, reduction };
  addGrey(grey);
  return finish();
}

/**
 * Makes a large picture grey and reduces it, some rows at a time, so that it need not be
 * held as a whole.
 * @param {number} width  of the whole picture
 * @param {number} height
 */
export function createReducer(width, height) {
  const { addGrey, finish } = createAverage(width, height);
  return {
    /**
     * Takes the next rows.
     * @param {ArrayLike<number>} rows  as `makeGrey` takes them
     */
    add(rows) {
      const some = rows.length / 4 / width;
      addGrey(makeGrey({ data: rows, width, height: some }).grey);
    },
    finish,
  };
}

function createAverage(width, height) {
  const reduction = Math.ceil(Math.max(width, height) / LONGEST);
  const columns = Math.ceil(width / reduction);
  const rows = Math.ceil(height / reduction);
  const reduced = new Uint8Array(columns * rows);
  const sums = new Uint32Array(columns);
  let row = 0; // of the whole picture
  function close() {
    const high = ((row - 1) % reduction) + 1;
    const out = Math.ceil(row / reduction) - 1;
    for (let x = 0; x < columns; x += 1) {
      const wide = Math.min(reduction, width - x * reduction);
      reduced[out * columns + x] = divide(sums[x], wide * high);
    }
    sums.fill(0);
  }
  return {
    reduction,
    /** @param {Uint8Array} grey  whole rows */
    addGrey(grey) {
      for (let start = 0; start < grey.length; start += width) {
        for (let x = 0; x < width; x += 1)
          sums[Math.floor(x / reduction)] += grey[start + x];
        row += 1;
        if (row % reduction === 0 || row === height) close();
      }
    },
    /** @returns {Grey & Reduction} */
    finish() {
      if (row !== height)
        throw new Error(`The picture has ${height} rows, and ${row} were given.`);
      return { grey: reduced, width: columns, height: rows, reduction };
    },
  };
}

/** Divides a sum of pixels by their number and rounds, as Pillow's `reduce` does. */
function divide(sum, area) {
  const factor = Math.floor(2 ** 24 / area);
  return Math.floor(((sum + Math.floor(area / 2)) * factor) / 2 ** 24);
}
