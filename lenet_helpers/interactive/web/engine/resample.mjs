// Resizing a picture, antialiased: pure functions, no DOM.

/**
 * Which old pixels make a new one: from the first on, each with its weight.
 * @typedef {{first: number, weights: number[]}} Weights
 */

/**
 * Resizes a map, antialiased: each new pixel is a weighted mean.
 * @param {{shape: number[], data: ArrayLike<number>}} input  (1, height, width)
 * @param {number} height
 * @param {number} width
 * @param {(from: number, to: number) => Weights[]} weigh  how, in one direction
 * @returns {{shape: number[], data: Float64Array}}  (1, height, width)
 */
export function resample(
  { shape: [, oldHeight, oldWidth], data },
  height,
  width,
  weigh,
) {
  const across = weigh(oldWidth, width);
  const narrow = new Float64Array(oldHeight * width);
  for (let y = 0; y < oldHeight; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const { first, weights } = across[x];
      let sum = 0;
      for (let i = 0; i < weights.length; i += 1)
        sum += weights[i] * data[y * oldWidth + first + i];
      narrow[y * width + x] = sum;
    }
  }
  const down = weigh(oldHeight, height);
  const small = new Float64Array(height * width);
  for (let y = 0; y < height; y += 1) {
    const { first, weights } = down[y];
    for (let x = 0; x < width; x += 1) {
      let sum = 0;
      for (let i = 0; i < weights.length; i += 1)
        sum += weights[i] * narrow[(first + i) * width + x];
      small[y * width + x] = sum;
    }
  }
  return { shape: [1, height, width], data: small };
}

/**
 * Weighs old pixels by how much of the new one they cover.
 * @param {number} from  old pixels in a row
 * @param {number} to  new ones
 * @returns {Weights[]}  for each new pixel
 */
export function weighOverlaps(from, to) {
  const scale = from / to;
  return weighPixels(
    from,
    to,
    scale / 2,
    (k, middle) =>
      Math.min(k + 1, middle + scale / 2) - Math.max(k, middle - scale / 2),
  );
}

/**
 * Weighs old pixels by a triangle around the middle of the new one, as PyTorch's
 * `interpolate(..., mode="bilinear", antialias=True)` does.
 * @param {number} from  old pixels in a row
 * @param {number} to  new ones
 * @returns {Weights[]}  for each new pixel
 */
export function weighTriangles(from, to) {
  const reach = Math.max(from / to, 1);
  return weighPixels(
    from,
    to,
    reach,
    (k, middle) => 1 - Math.abs(k + 0.5 - middle) / reach,
  );
}

function weighPixels(from, to, reach, weigh) {
  return Array.from({ length: to }, (_, i) => {
    const middle = (from / to) * (i + 0.5);
    const first = Math.max(0, Math.floor(middle - reach));
    const end = Math.min(from, Math.ceil(middle + reach));
    const weights = [];
    for (let k = first; k < end; k += 1) weights.push(Math.max(0, weigh(k, middle)));
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}
