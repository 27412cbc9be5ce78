// The losses, of one pattern: no DOM. `lenet_helpers/model/losses.py` is the reference, for
// the cross-entropy PyTorch's own.

/**
 * What is to become small.
 * @typedef {object} Loss
 * @property {(outputs: Float32Array, label: number, slopes: Float32Array) => number}
 *   differentiate  gives the loss of a pattern, and writes dE/dy of each output
 * @property {(outputs: Float32Array, label: number, slopes: Float32Array,
 *   curvatures: Float32Array) => void} differentiateTwice  writes dE/dy and d2E/dy2, from
 *   which curvature is propagated
 */

/**
 * The mean over the outputs of (output - target)^2, the target 1 for
 * the class of the digit and -1 for the others.
 * @type {Loss}
 */
const squaredError = {
  differentiate(outputs, label, slopes) {
    const n = outputs.length;
    let total = 0;
    for (let i = 0; i < n; i += 1) {
      const error = outputs[i] - (i === label ? 1 : -1);
      slopes[i] = (2 * error) / n;
      total += error * error;
    }
    return total / n;
  },
  differentiateTwice(outputs, label, slopes, curvatures) {
    squaredError.differentiate(outputs, label, slopes);
    curvatures.fill(2 / outputs.length);
  },
};

/**
 * The cross-entropy of the outputs' softmax: minus the logarithm of the probability of the
 * digit's class.
 * @type {Loss}
 */
const crossEntropy = {
  differentiate(outputs, label, slopes) {
    const n = outputs.length;
    let largest = -Infinity;
    for (let i = 0; i < n; i += 1) largest = Math.max(largest, outputs[i]);
    let total = 0;
    for (let i = 0; i < n; i += 1) total += Math.exp(outputs[i] - largest);
    for (let i = 0; i < n; i += 1) slopes[i] = Math.exp(outputs[i] - largest) / total;
    slopes[label] -= 1;
    return largest + Math.log(total) - outputs[label];
  },
  differentiateTwice(outputs, label, slopes, curvatures) {
    crossEntropy.differentiate(outputs, label, slopes);
    for (let i = 0; i < outputs.length; i += 1) {
      const probability = slopes[i] + (i === label ? 1 : 0);
      curvatures[i] = probability * (1 - probability);
    }
  },
};

/**
 * The penalty of the right class, a squared distance from its code, times a factor.
 * @param {number} factor  1: equation 8 of 1998
 * @returns {Loss}
 */
function createPenalty(factor) {
  const differentiate = (outputs, label, slopes) => {
    slopes.fill(0);
    slopes[label] = factor;
    return factor * outputs[label];
  };
  return {
    differentiate,
    differentiateTwice(outputs, label, slopes, curvatures) {
      differentiate(outputs, label, slopes);
      curvatures.fill(0);
    },
  };
}

/**
 * Equation 9 of 1998: the penalty of the right class, plus log(e^-j + sum_i e^-y_i).
 * @param {number} j  penalty of a rubbish class that fits everything equally
 * @returns {Loss}
 */
function createMaximumPosterior(j) {
  return {
    differentiate(outputs, label, slopes) {
      const n = outputs.length;
      let smallest = j;
      for (let i = 0; i < n; i += 1) smallest = Math.min(smallest, outputs[i]);
      let total = Math.exp(smallest - j);
      for (let i = 0; i < n; i += 1) total += Math.exp(smallest - outputs[i]);
      for (let i = 0; i < n; i += 1)
        slopes[i] = -Math.exp(smallest - outputs[i]) / total;
      slopes[label] += 1;
      return outputs[label] - smallest + Math.log(total);
    },
    // The paper prints nothing; these are the derivatives of the first term, equation 8.
    differentiateTwice: createPenalty(1).differentiateTwice,
  };
}

/**
 * Makes a loss.
 * @param {"squared" | "cross-entropy" | "equation-8" | "equation-9"} name
 * @param {{numCodeUnits?: number, j: number}} options  numCodeUnits: of a network whose
 *   outputs are squared distances from codes; its squared error is their mean over the units
 * @returns {Loss}
 */
export function createLoss(name, { numCodeUnits, j }) {
  if (name === "cross-entropy") return crossEntropy;
  if (name === "equation-8") return createPenalty(1);
  if (name === "equation-9") return createMaximumPosterior(j);
  return numCodeUnits ? createPenalty(1 / numCodeUnits) : squaredError;
}
