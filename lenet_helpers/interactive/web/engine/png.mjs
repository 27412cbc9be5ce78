// Writes a grey picture as a PNG file, from its pixels. A browser that resists
// fingerprinting changes what is read back from a canvas; the file must not show that.

import { computeCrc } from "./crc.mjs";

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const GREY = [8, 0, 0, 0, 0]; // bits a pixel, colour type, and the usual methods

/**
 * Encodes a picture.
 * @param {ArrayLike<number>} pixels  (height * width), 0 is black, 255 is white
 * @param {number} width
 * @returns {Promise<Uint8Array>}  the file
 */
export async function encodePng(pixels, width) {
  const height = pixels.length / width;
  const lines = new Uint8Array(height * (width + 1)); // each begins with its filter, none
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      lines[y * (width + 1) + 1 + x] = pixels[y * width + x];
  return Uint8Array.from([
    ...SIGNATURE,
    ...makeChunk("IHDR", [...writeNumber(width), ...writeNumber(height), ...GREY]),
    ...makeChunk("IDAT", await compress(lines)),
    ...makeChunk("IEND", []),
  ]);
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function compress(bytes) {
  const stream = new Blob([bytes]).stream();
  const packed = stream.pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

function makeChunk(name, content) {
  const bytes = [...new TextEncoder().encode(name), ...content];
  return [...writeNumber(content.length), ...bytes, ...writeNumber(computeCrc(bytes))];
}

/** Writes a number in four bytes, the highest first. */
const writeNumber = (number) => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255);
