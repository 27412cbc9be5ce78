// What the replay of a training computes: pure functions, no DOM.

/**
 * Takes one part of a tensor, as tensor[index] does.
 * @param {{shape: number[], data: Float32Array}} tensor
 * @param {number} index  along the first axis
 * @returns {{shape: number[], data: Float32Array}}
 */
export function take({ shape: [, ...shape], data }, index) {
  const size = shape.reduce((product, n) => product * n, 1);
  return { shape, data: data.subarray(index * size, (index + 1) * size) };
}

/**
 * Makes a logarithmic scale.
 * @param {number[]} values  lowest and highest; what lies beyond is put on the edge
 * @param {number[]} places  where they are drawn
 * @returns {function(number): number}
 */
export function makeLogScale([low, high], [from, to]) {
  return (value) => {
    const share = Math.log(value / low) / Math.log(high / low);
    return from + (to - from) * Math.max(0, Math.min(1, share));
  };
}

/**
 * Writes the path of a curve.
 * @param {number[][]} points  x and y of each
 * @returns {string}
 */
export function writePath(points) {
  return `M${points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join("L")}`;
}
