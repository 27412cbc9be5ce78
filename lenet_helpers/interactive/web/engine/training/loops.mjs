// The inner loops of training, over flat arrays: no DOM, nothing allocated.
// A map's rows may lie further apart than they are wide, because a border is around it.

import { AMPLITUDE, SLOPE } from "../paper.mjs";

// tanh as the quotient of an odd and an even polynomial, exact to 1e-7: several times
// faster than Math.tanh. The coefficients are Eigen's, as in `training/_kernels.py`.
const LARGEST = 7.905311107635498;

/**
 * Computes tanh.
 * @param {number} x
 * @returns {number}
 */
export function tanh(x) {
  if (x > LARGEST) return 1;
  if (x < -LARGEST) return -1;
  const s = x * x;
  let odd = 2.00018790482477e-13 + s * -2.76076847742355e-16;
  odd = 5.12229709037114e-8 + s * (-8.60467152213735e-11 + s * odd);
  odd = 6.37261928875436e-4 + s * (1.48572235717979e-5 + s * odd);
  odd = 4.89352455891786e-3 + s * odd;
  let even = 1.18534705686654e-4 + s * 1.19825839466702e-6;
  even = 4.89352518554385e-3 + s * (2.268434632439e-3 + s * even);
  return (x * odd) / even;
}

/**
 * A squashing function, of hidden units and where the loss wants it of output units.
 * @typedef {"scaled-tanh" | "tanh" | "relu" | "none"} Squash
 */

/**
 * Squashes sums, in place.
 * @param {Float32Array} states
 * @param {number} at  where they begin
 * @param {number} length
 * @param {Squash} squash
 */
export function squashRow(states, at, length, squash) {
  const end = at + length;
  if (squash === "scaled-tanh")
    for (let i = at; i < end; i += 1) states[i] = AMPLITUDE * tanh(SLOPE * states[i]);
  else if (squash === "tanh")
    for (let i = at; i < end; i += 1) states[i] = tanh(states[i]);
  else if (squash === "relu")
    for (let i = at; i < end; i += 1) states[i] = Math.max(states[i], 0);
}

/**
 * Multiplies derivatives by f'(a), found from the states f(a), in place: dE/dx becomes
 * dE/da.
 * @param {Float32Array} deltas
 * @param {Float32Array} states
 * @param {Squash} squash
 */
export function unsquash(deltas, states, squash) {
  const n = deltas.length;
  const [slope, scale] = [AMPLITUDE * SLOPE, SLOPE / AMPLITUDE];
  if (squash === "scaled-tanh")
    for (let i = 0; i < n; i += 1) deltas[i] *= slope - scale * states[i] * states[i];
  else if (squash === "tanh")
    for (let i = 0; i < n; i += 1) deltas[i] *= 1 - states[i] * states[i];
  else if (squash === "relu")
    for (let i = 0; i < n; i += 1) if (!(states[i] > 0)) deltas[i] = 0;
}

/**
 * Where a 5 x 5 convolution lies in flat arrays.
 * @typedef {object} Shape
 * @property {number} height  of the map that it makes
 * @property {number} width
 * @property {number} stride
 * @property {number} row  from one row below to the next
 * @property {number} outRow  from one row of the map's states to the next
 * @property {number} deltaRow  from one row of the map's derivatives to the next
 */

export const KERNEL = 5; // kernels are KERNEL x KERNEL
export const MARGIN = KERNEL - 1; // zeros before and after each row of derivatives

/**
 * Adds to a map the convolution of a map below with a kernel.
 * @param {Float32Array} sums
 * @param {number} to  where the map begins
 * @param {Float32Array} below
 * @param {number} from  where the map below begins
 * @param {Float32Array} weights
 * @param {number} kernel  where the kernel begins
 * @param {Shape} shape
 */
export function addConvolution(sums, to, below, from, weights, kernel, shape) {
  const { height, width, stride, row, outRow } = shape;
  for (let v = 0; v < KERNEL; v += 1) {
    const w0 = weights[kernel + KERNEL * v];
    const w1 = weights[kernel + KERNEL * v + 1];
    const w2 = weights[kernel + KERNEL * v + 2];
    const w3 = weights[kernel + KERNEL * v + 3];
    const w4 = weights[kernel + KERNEL * v + 4];
    for (let y = 0; y < height; y += 1) {
      let i = from + (stride * y + v) * row;
      let o = to + y * outRow;
      const end = o + width;
      if (stride === 1) {
        let x0 = below[i]; // each is read once and handed on
        let x1 = below[i + 1];
        let x2 = below[i + 2];
        let x3 = below[i + 3];
        for (; o < end; o += 1) {
          const x4 = below[i + 4];
          sums[o] += w0 * x0 + w1 * x1 + w2 * x2 + w3 * x3 + w4 * x4;
          x0 = x1;
          x1 = x2;
          x2 = x3;
          x3 = x4;
          i += 1;
        }
      } else {
        for (; o < end; o += 1) {
          sums[o] +=
            w0 * below[i] +
            w1 * below[i + 1] +
            w2 * below[i + 2] +
            w3 * below[i + 3] +
            w4 * below[i + 4];
          i += stride;
        }
      }
    }
  }
}

/**
 * Adds to the gradient of a kernel: of each weight, the derivatives times what it read.
 * @param {Float32Array} gradient
 * @param {number} kernel  where the kernel begins
 * @param {Float32Array} deltas  dE/da of the map, each row behind MARGIN zeros
 * @param {number} at  where they begin
 * @param {Float32Array} below
 * @param {number} from  where the map below begins
 * @param {Shape} shape
 */
export function addKernelGradient(gradient, kernel, deltas, at, below, from, shape) {
  const { height, width, stride, row, deltaRow } = shape;
  for (let v = 0; v < KERNEL; v += 1) {
    let g0 = 0;
    let g1 = 0;
    let g2 = 0;
    let g3 = 0;
    let g4 = 0;
    for (let y = 0; y < height; y += 1) {
      let i = from + (stride * y + v) * row;
      let d = at + y * deltaRow + MARGIN;
      const end = d + stride * width;
      if (stride === 1) {
        let x0 = below[i];
        let x1 = below[i + 1];
        let x2 = below[i + 2];
        let x3 = below[i + 3];
        for (; d < end; d += 1) {
          const delta = deltas[d];
          const x4 = below[i + 4];
          g0 += delta * x0;
          g1 += delta * x1;
          g2 += delta * x2;
          g3 += delta * x3;
          g4 += delta * x4;
          x0 = x1;
          x1 = x2;
          x2 = x3;
          x3 = x4;
          i += 1;
        }
      } else {
        for (; d < end; d += stride) {
          const delta = deltas[d];
          g0 += delta * below[i];
          g1 += delta * below[i + 1];
          g2 += delta * below[i + 2];
          g3 += delta * below[i + 3];
          g4 += delta * below[i + 4];
          i += stride;
        }
      }
    }
    gradient[kernel + KERNEL * v] += g0;
    gradient[kernel + KERNEL * v + 1] += g1;
    gradient[kernel + KERNEL * v + 2] += g2;
    gradient[kernel + KERNEL * v + 3] += g3;
    gradient[kernel + KERNEL * v + 4] += g4;
  }
}

/**
 * Adds to the derivatives of a map below what a kernel sends back: a convolution with the
 * kernel turned round.
 * @param {Float32Array} belowDeltas
 * @param {number} from  where the map below begins
 * @param {Float32Array} deltas  as in `addKernelGradient`
 * @param {number} at
 * @param {Float32Array} weights
 * @param {number} kernel  where the kernel begins
 * @param {Shape} shape
 */
export function sendBack(belowDeltas, from, deltas, at, weights, kernel, shape) {
  const { height, width, stride, row, deltaRow } = shape;
  const span = stride * (width - 1) + KERNEL; // columns that the map reads
  for (let v = 0; v < KERNEL; v += 1) {
    const w0 = weights[kernel + KERNEL * v];
    const w1 = weights[kernel + KERNEL * v + 1];
    const w2 = weights[kernel + KERNEL * v + 2];
    const w3 = weights[kernel + KERNEL * v + 3];
    const w4 = weights[kernel + KERNEL * v + 4];
    for (let y = 0; y < height; y += 1) {
      let d = at + y * deltaRow;
      let d0 = deltas[d];
      let d1 = deltas[d + 1];
      let d2 = deltas[d + 2];
      let d3 = deltas[d + 3];
      const first = from + (stride * y + v) * row;
      for (let i = first; i < first + span; i += 1) {
        const d4 = deltas[d + 4];
        belowDeltas[i] += w4 * d0 + w3 * d1 + w2 * d2 + w1 * d3 + w0 * d4;
        d += 1;
        d0 = d1;
        d1 = d2;
        d2 = d3;
        d3 = d4;
      }
    }
  }
}

/**
 * Adds up products: of a unit's weights and what it reads.
 * @param {Float32Array} weights
 * @param {number} at  where the unit's weights begin
 * @param {Float32Array} below
 * @param {number} length
 * @returns {number}
 */
export function multiply(weights, at, below, length) {
  let s0 = 0; // four sums, so that none waits for another
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = length - (length % 4);
  for (let i = 0; i < whole; i += 4) {
    s0 += weights[at + i] * below[i];
    s1 += weights[at + i + 1] * below[i + 1];
    s2 += weights[at + i + 2] * below[i + 2];
    s3 += weights[at + i + 3] * below[i + 3];
  }
  for (let i = whole; i < length; i += 1) s0 += weights[at + i] * below[i];
  return s0 + s1 + (s2 + s3);
}

/**
 * Adds a multiple of numbers to others.
 * @param {Float32Array} sums
 * @param {number} to  where the sums begin
 * @param {number} factor
 * @param {Float32Array} numbers
 * @param {number} from  where the numbers begin
 * @param {number} length
 */
export function addScaled(sums, to, factor, numbers, from, length) {
  for (let i = 0; i < length; i += 1) sums[to + i] += factor * numbers[from + i];
}

/**
 * Sums the 2 x 2 patches of two rows.
 * @param {Float32Array} sums
 * @param {number} to
 * @param {Float32Array} below
 * @param {number} from  where the upper row begins
 * @param {number} row  from it to the lower row
 * @param {number} width  patches
 */
export function sumFours(sums, to, below, from, row, width) {
  for (let x = 0; x < width; x += 1) {
    const i = from + 2 * x;
    sums[to + x] = below[i] + below[i + 1] + below[i + row] + below[i + row + 1];
  }
}

/**
 * Adds to the derivatives of the 2 x 2 patches of two rows a multiple of those of the sums.
 * @param {Float32Array} belowDeltas
 * @param {number} from  where the upper row begins
 * @param {number} row  from it to the lower row
 * @param {Float32Array} deltas
 * @param {number} at
 * @param {number} width  patches
 * @param {number} coefficient
 */
export function spreadFours(belowDeltas, from, row, deltas, at, width, coefficient) {
  for (let x = 0; x < width; x += 1) {
    const i = from + 2 * x;
    const delta = coefficient * deltas[at + x];
    belowDeltas[i] += delta;
    belowDeltas[i + 1] += delta;
    belowDeltas[i + row] += delta;
    belowDeltas[i + row + 1] += delta;
  }
}
