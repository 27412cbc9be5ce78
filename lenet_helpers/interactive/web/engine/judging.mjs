// What an error rate says that was measured on few digits, as `lenet_helpers/judging` says
// it: pure functions, no DOM.

const Z = 1.959963984540054; // the normal distribution's point of 97.5 %

/**
 * Bounds the error rate of which so many errors are a sample.
 * @param {number} numWrong
 * @param {number} number  of digits
 * @returns {number[]}  in [0, 1]; they hold the truth 95 times in 100
 *
 * Wilson 1927, J. Am. Stat. Assoc. 22, p. 209.
 */
export function boundRate(numWrong, number) {
  const square = Z * Z;
  const middle = 2 * numWrong + square;
  const spread = Z * Math.sqrt(square + 4 * numWrong * (1 - numWrong / number));
  const [low, high] = [-1, 1].map(
    (side) => (middle + side * spread) / (2 * (number + square)),
  );
  return [low, numWrong === number ? 1 : high]; // whatever the rounding
}
