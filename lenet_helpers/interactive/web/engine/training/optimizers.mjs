// The optimisers: how parameters follow a gradient. No DOM.
// PyTorch's SGD and Adam and `lenet_helpers/training/curvature.py` are the reference.

const MOMENTUM = 0.9;
// Adam's, as PyTorch has them.
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

/**
 * Changes parameters by their gradient, in place, at a rate.
 * @typedef {(parameters: Float32Array, gradient: Float32Array, rate: number) => void} Update
 */

/**
 * Makes gradient descent: each step is the rate times the gradient.
 * @returns {Update}
 */
function createDescent() {
  return (parameters, gradient, rate) => {
    for (let i = 0; i < parameters.length; i += 1) parameters[i] -= rate * gradient[i];
  };
}

/**
 * Makes gradient descent with momentum: a step is the rate times the gradient plus 0.9 of
 * what was before it.
 * @param {number} length
 * @returns {Update}
 */
function createMomentum(length) {
  const velocity = new Float32Array(length);
  return (parameters, gradient, rate) => {
    for (let i = 0; i < length; i += 1) {
      velocity[i] = MOMENTUM * velocity[i] + gradient[i];
      parameters[i] -= rate * velocity[i];
    }
  };
}

/**
 * Makes Adam: each step is the running mean of the gradient over the root of that of its
 * square (Kingma and Ba 2015).
 * @param {number} length
 * @returns {Update}
 */
function createAdam(length) {
  const mean = new Float32Array(length);
  const meanSquare = new Float32Array(length);
  let steps = 0;
  return (parameters, gradient, rate) => {
    steps += 1;
    const root = Math.sqrt(1 - BETA2 ** steps);
    const size = (rate * root) / (1 - BETA1 ** steps);
    const least = EPSILON * root;
    for (let i = 0; i < length; i += 1) {
      const g = gradient[i];
      mean[i] += (1 - BETA1) * (g - mean[i]);
      meanSquare[i] = BETA2 * meanSquare[i] + (1 - BETA2) * g * g;
      parameters[i] -= (size * mean[i]) / (Math.sqrt(meanSquare[i]) + least);
    }
  };
}

/**
 * Makes the stochastic diagonal Levenberg-Marquardt method: the rate of each parameter is
 * eta / (mu + h), eta the rate that is given, h its curvature (LeCun et al. 1998, Appendix C, eqs. 18 and 21).
 * @param {number} mu
 * @param {Float32Array} curvature  h, which changes from pass to pass
 * @returns {Update}
 */
function createLevenbergMarquardt(mu, curvature) {
  return (parameters, gradient, rate) => {
    for (let i = 0; i < parameters.length; i += 1)
      parameters[i] -= (rate / (mu + curvature[i])) * gradient[i];
  };
}

/**
 * Makes an optimiser.
 * @param {"sgd" | "momentum" | "adam" | "sdlm"} name
 * @param {{mu: number, curvature: Float32Array}} options  curvature: of each parameter
 * @returns {Update}
 */
export function createOptimizer(name, { mu, curvature }) {
  if (name === "momentum") return createMomentum(curvature.length);
  if (name === "adam") return createAdam(curvature.length);
  if (name === "sdlm") return createLevenbergMarquardt(mu, curvature);
  return createDescent();
}
