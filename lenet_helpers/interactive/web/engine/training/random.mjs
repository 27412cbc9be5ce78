// Random numbers from a seed, the same everywhere: no DOM.

/**
 * Makes a source of random numbers (mulberry32).
 * @param {number} seed  a whole number
 * @returns {() => number}  uniform, from 0 to 1
 */
export function createRandom(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Shuffles numbers, in place.
 * @param {Uint32Array} numbers
 * @param {() => number} random
 */
export function shuffle(numbers, random) {
  for (let i = numbers.length - 1; i > 0; i -= 1) {
    const k = Math.floor((i + 1) * random());
    [numbers[i], numbers[k]] = [numbers[k], numbers[i]];
  }
}
