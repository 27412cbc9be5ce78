// LeNet-5 with parts switched off: pure functions, no DOM. `../../lesion.py` is the
// reference; tests hold the two together.

import { connect, convolve, measureDistances, subsample } from "./layers.mjs";
import { prepareInput } from "./networks.mjs";

/** @import { Tensor } from "./tensors.mjs" */

/**
 * A layer, of `LAYERS`, and the map, link or unit in it.
 * @typedef {number[]} Part
 */

// In the order in which they compute, with how many parts each has.
export const LAYERS = [
  { name: "c1", count: 6 },
  { name: "s2", count: 6 },
  { name: "links", count: 60 },
  { name: "c3", count: 16 },
  { name: "c5", count: 120 },
  { name: "f6", count: 84 },
];

/**
 * Keeps of parts, which may come from a link to the figure, those that the network has,
 * each once.
 * @param {Part[]} parts
 * @returns {Part[]}
 */
export function keepParts(parts) {
  const known = parts.filter(
    (part) =>
      part.length === 2 &&
      part.every(Number.isInteger) &&
      part[1] >= 0 &&
      part[1] < (LAYERS[part[0]]?.count ?? 0),
  );
  return known.filter(
    ([layer, part], i) =>
      known.findIndex((one) => one[0] === layer && one[1] === part) === i,
  );
}

/** Names the answer, of the smallest penalty. @param {Float32Array} penalties */
export const findAnswer = (penalties) => penalties.indexOf(Math.min(...penalties));

/**
 * Makes what runs the network without some parts.
 * @param {Object<string, Tensor>} tensors  of LeNet-5
 * @param {Object<string, Tensor>} means  the mean state of every unit of c1, s2, c3, c5, f6
 * @returns {{runS2: (pixels: Uint8Array) => Tensor,
 *   run: (pixels: Uint8Array, off: Part[]) => Object<string, Tensor>,
 *   judge: (s2: Tensor, off: Part[]) => Float32Array}}  run computes the states of all
 *   layers for a digit (784); runS2 those of S2 alone, with nothing off, from which judge
 *   computes the ten penalties without these parts, sooner than from the digit
 */
export function createLesions(tensors, means) {
  const t = tensors;
  // A map of C1 feeds one map of S2. Without it, that one is the same for every digit.
  const blindS2 = subsample(means.c1, t["s2.weight"], t["s2.bias"]);
  const runC1 = (pixels) => {
    const input = prepareInput("lenet5", pixels);
    return { input, c1: convolve(input, t["c1.weight"], t["c1.bias"]) };
  };
  const runS2 = (pixels) => subsample(runC1(pixels).c1, t["s2.weight"], t["s2.bias"]);

  function runAbove(whole, off) {
    const blind = replace(whole, blindS2, find(off, "c1"));
    const s2 = replace(blind, means.s2, find(off, "s2"));
    const links = { shape: t["c3.links"].shape, data: t["c3.links"].data.slice() };
    const numLinks = links.shape[1];
    // A link that is off reads one of six more maps, the means.
    for (const link of find(off, "links")) links.data[numLinks + link] += s2.shape[0];
    const maps = join(s2, means.s2);
    const sums = convolve(maps, t["c3.weight"], t["c3.bias"], { links });
    const c3 = replace(sums, means.c3, find(off, "c3"));
    const s4 = subsample(c3, t["s4.weight"], t["s4.bias"]);
    const fives = convolve(s4, t["c5.weight"], t["c5.bias"]);
    const c5 = replace(fives, means.c5, find(off, "c5"));
    const sixes = connect(c5, t["f6.weight"], t["f6.bias"]);
    const f6 = replace(sixes, means.f6, find(off, "f6"));
    return { s2, c3, s4, c5, f6, output: measureDistances(f6, t["output.weight"]) };
  }

  return {
    runS2,
    run(pixels, off) {
      const { input, c1 } = runC1(pixels);
      const above = runAbove(subsample(c1, t["s2.weight"], t["s2.bias"]), off);
      return { input, c1: replace(c1, means.c1, find(off, "c1")), ...above };
    },
    judge: (s2, off) => runAbove(s2, off).output.data,
  };
}

/** Finds which parts of a layer are off. @param {Part[]} off @param {string} name */
const find = (off, name) =>
  off.filter(([layer]) => LAYERS[layer].name === name).map(([, part]) => part);

/**
 * Puts other maps in the place of some.
 * @param {Tensor} maps
 * @param {Tensor} others  as many
 * @param {number[]} which
 * @returns {Tensor}
 */
function replace(maps, others, which) {
  if (!which.length) return maps;
  const data = maps.data.slice();
  const size = data.length / maps.shape[0];
  for (const map of which)
    data.set(others.data.subarray(map * size, (map + 1) * size), map * size);
  return { shape: maps.shape, data };
}

/** Puts maps behind others. @param {Tensor} one @param {Tensor} other @returns {Tensor} */
function join(one, other) {
  const data = new Float32Array(one.data.length + other.data.length);
  data.set(one.data);
  data.set(other.data, one.data.length);
  return { shape: [one.shape[0] + other.shape[0], ...one.shape.slice(1)], data };
}
