// The layers of the networks before they are made, in the order in which they compute: no
// DOM. `lenet_helpers/model/networks.py` and `today.py` are the reference.

import { range } from "../numbers.mjs";
import { C3_TABLE, H3_TABLE } from "../paper.mjs";
import { KERNEL } from "./loops.mjs";

/** @import { Border } from "./maps.mjs" */

const readsAll = (maps, inputs) => range(maps).map(() => range(inputs));

// Not published, so a choice; see `networks.py`, which has the same.
const H2_TABLE = range(12).map((map) =>
  range(12).filter((input) => Math.floor(input / 4) !== [2, 0, 1][Math.floor(map / 4)]),
);
const cycle = (first, count) =>
  range(count)
    .map((k) => (first + k) % 8)
    .sort((a, b) => a - b);
const LENET4_C3_TABLE = [
  ...range(8).map((first) => cycle(first, 3)),
  ...range(7).map((first) => cycle(first, 4)),
  range(8),
];

/**
 * A layer before it is made.
 * @typedef {object} Plan
 * @property {"convolution" | "subsampling" | "largest" | "full" | "rbf"} kind
 * @property {number[][]} [table]  of a convolution: the maps that each map reads
 * @property {number} [stride]
 * @property {Border} [border]  that it wants around the maps below
 * @property {boolean} [hasOwnBiases]  each unit has a bias, else each map
 * @property {number[]} [sources]  of a subsampling: the map that each map reads
 * @property {number} [units]  of a full layer
 * @property {number} [kernel]  of a full layer that the paper calls a convolution
 */

/** @returns {Plan} */
const convolution = (table) => ({ kind: "convolution", table });
/** @returns {Plan} */
const convolution1989 = (table) => ({
  ...convolution(table),
  stride: 2,
  border: { padding: [2, 1], background: -1 },
  hasOwnBiases: true,
});
/** @returns {Plan} */
const subsampling = (maps, sources = range(maps)) => ({ kind: "subsampling", sources });
/** @type {Plan} */
const largest = { kind: "largest" };
/** @returns {Plan} */
const full = (units) => ({ kind: "full", units });

// prepareAs: the network of `../networks.mjs` whose input this one takes.
export const PLANS = {
  linear: { prepareAs: "modern", layers: { output: full(10) } },
  hidden: { prepareAs: "modern", layers: { hidden: full(30), output: full(10) } },
  net1989: {
    prepareAs: "net1989",
    layers: {
      h1: convolution1989(readsAll(12, 1)),
      h2: convolution1989(H2_TABLE),
      h3: full(30),
      output: full(10),
    },
  },
  lenet1: {
    prepareAs: "lenet1",
    layers: {
      h1: convolution(readsAll(4, 1)),
      h2: subsampling(4),
      h3: convolution(H3_TABLE),
      h4: subsampling(12),
      output: full(10),
    },
  },
  lenet4: {
    prepareAs: "lenet5",
    layers: {
      c1: convolution(readsAll(4, 1)),
      s2: subsampling(8, [0, 0, 1, 1, 2, 2, 3, 3]),
      c3: convolution(LENET4_C3_TABLE),
      s4: subsampling(16),
      f5: full(37),
      output: full(10),
    },
  },
  lenet5: {
    prepareAs: "lenet5",
    layers: {
      c1: convolution(readsAll(6, 1)),
      s2: subsampling(6),
      c3: convolution(C3_TABLE),
      s4: subsampling(16),
      c5: { ...full(120), kernel: KERNEL },
      f6: full(84),
      output: { kind: /** @type {const} */ ("rbf"), units: 10 },
    },
  },
  modern: {
    prepareAs: "modern",
    layers: {
      c1: convolution(readsAll(16, 1)),
      s2: largest,
      c3: convolution(readsAll(32, 16)),
      s4: largest,
      f5: full(84),
      output: full(10),
    },
  },
};

// The modern network's normalisations are folded into its layers, so it can be read and
// attacked, but not trained, here.
export const NETWORK_NAMES = Object.keys(PLANS).filter((name) => name !== "modern");
