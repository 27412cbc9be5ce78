// The output codes, 12 rows of 7 pixels, and their distances: pure functions, no DOM.
// In text a code is 24 hexadecimal digits, two a row, the leftmost pixel in bit 6.

export const ROWS = 12;
export const COLUMNS = 7;

/**
 * The pixels of each character.
 * @typedef {Object<string, number[]>} Codes
 */

/**
 * Reads a code.
 * @param {string} text  24 hexadecimal digits
 * @returns {number[]} (84), row by row; 1 is black, 0 is white
 */
export function readCode(text) {
  return Array.from({ length: ROWS * COLUMNS }, (_, pixel) => {
    const row = parseInt(text.slice(2 * Math.floor(pixel / COLUMNS)).slice(0, 2), 16);
    return (row >> (COLUMNS - 1 - (pixel % COLUMNS))) & 1;
  });
}

/**
 * Writes a code, the inverse of `readCode`.
 * @param {number[]} pixels  (84)
 * @returns {string}
 */
export function writeCode(pixels) {
  let text = "";
  for (let row = 0; row < ROWS; row += 1) {
    const bits = pixels.slice(COLUMNS * row, COLUMNS * (row + 1)).join("");
    text += parseInt(bits, 2).toString(16).padStart(2, "0");
  }
  return text;
}

/**
 * Counts the pixels in which two codes differ; their squared distance is 4 times that.
 * @param {number[]} one  (84)
 * @param {number[]} other  (84)
 * @returns {number}
 */
export function countPixels(one, other) {
  return one.filter((pixel, i) => pixel !== other[i]).length;
}

/**
 * Compares each pair of some characters.
 * @param {Codes} codes
 * @param {string[]} characters
 * @returns {{one: string, other: string, pixels: number}[]} the closest pairs first
 */
export function comparePairs(codes, characters) {
  const pairs = [];
  characters.forEach((one, i) => {
    for (const other of characters.slice(i + 1)) {
      const pixels = countPixels(codes[one], codes[other]);
      pairs.push({ one, other, pixels });
    }
  });
  return pairs.sort((a, b) => a.pixels - b.pixels);
}

/**
 * Orders characters by their distance from one of them.
 * @param {Codes} codes
 * @param {string[]} characters
 * @param {string} one
 * @returns {{other: string, pixels: number}[]} without `one`, the closest first
 */
export function rankRivals(codes, characters, one) {
  return characters
    .filter((other) => other !== one)
    .map((other) => ({ other, pixels: countPixels(codes[one], codes[other]) }))
    .sort((a, b) => a.pixels - b.pixels);
}

/**
 * Counts the pixels that are the same in all codes of some characters.
 * @param {Codes} codes
 * @param {string[]} characters
 * @returns {number}
 */
export function countConstant(codes, characters) {
  const [first, ...others] = characters.map((character) => codes[character]);
  return first.filter((pixel, i) => others.every((code) => code[i] === pixel)).length;
}
