// What is kept of a training, and what is said of it: pure functions, no DOM.

import { findLargest } from "./numbers.mjs";

/** @import { Progress } from "./training/worker.mjs" */

const MOST = 300; // points of a training curve; more are merged, two into one

/**
 * What a run is told: the settings of the Training room; see `presets.py`.
 * @typedef {Object<string, any>} Settings
 */

/**
 * A run. A point is [patterns learnt from, loss, error]; of the training digits it is the
 * average since the point before.
 * @typedef {object} Run
 * @property {Settings} settings
 * @property {number[][]} training
 * @property {number[][]} test
 * @property {number} patterns
 * @property {number} seconds  of training
 * @property {string} fault  why it ended; empty while all is well
 */

/**
 * Begins a run.
 * @param {Settings} settings
 * @returns {Run}
 */
export const createRun = (settings) => ({
  settings,
  training: [],
  test: [],
  patterns: 0,
  seconds: 0,
  fault: "",
});

/**
 * Adds a report of the Worker to a run.
 * @param {Run} run
 * @param {Progress} report
 */
export function addReport(run, { patterns, seconds, recent, test }) {
  run.patterns = patterns;
  run.seconds = seconds;
  if (recent) run.training.push([patterns, recent.loss, recent.error]);
  if (test) run.test.push([patterns, test.loss, test.error]);
  if (run.training.length > MOST) run.training = mergePairs(run.training);
}

/**
 * Merges each two neighbours of a curve into one point, their average.
 * @param {number[][]} points
 * @returns {number[][]}
 */
export function mergePairs(points) {
  const merged = [];
  for (let i = 0; i < points.length; i += 2) {
    const [one, other] = [points[i], points[i + 1]];
    if (!other) {
      merged.push(one);
      continue;
    }
    const before = points[i - 1]?.[0] ?? 0;
    const share = (one[0] - before) / (other[0] - before || 1);
    const average = (k) => share * one[k] + (1 - share) * other[k];
    merged.push([other[0], average(1), average(2)]);
  }
  return merged;
}

/** Counts the patterns that a run is to learn from. @param {Settings} settings */
export const countAll = ({ digits, passes }) => digits * passes;

/**
 * Measures how fast a run goes, and how long its pass still takes.
 * @param {Run} run
 * @returns {?{speed: number, left: number}}  patterns per second; seconds
 */
export function measureSpeed({ settings, patterns, seconds }) {
  if (!seconds) return null;
  const speed = patterns / seconds;
  const left = (settings.digits - (patterns % settings.digits)) / speed;
  return { speed, left };
}

const NAMES = {
  linear: "linear classifier",
  hidden: "one hidden layer",
  net1989: "network of 1989",
  lenet1: "LeNet-1",
  lenet4: "LeNet-4",
  lenet5: "LeNet-5",
  squared: "squared error",
  "cross-entropy": "cross-entropy",
  "equation-8": "penalty (equation 8)",
  "equation-9": "penalty and rivals (equation 9)",
  sgd: "SGD",
  momentum: "SGD with momentum 0.9",
  adam: "Adam",
  sdlm: "SDLM, as in 1998",
  "scaled-tanh": "1.7159 tanh(2/3 a)",
  tanh: "tanh",
  relu: "ReLU",
  none: "none",
  root: "wide enough (√(3/F))",
  printed: "as printed (2.4/F)",
  right: "right",
  shuffled: "dealt out at random",
};

/** Names a choice for readers. @param {string} choice */
export const nameChoice = (choice) => NAMES[choice] ?? choice;

/**
 * Says in a line what a run was told, the ordinary left out.
 * @param {Settings} settings
 * @param {Settings} ordinary
 * @returns {string}
 */
export function describeSettings(settings, ordinary) {
  const { network, optimizer, rate, batch_size: batch } = settings;
  const differs = (name) => settings[name] !== ordinary[name];
  const method = { sgd: "SGD", momentum: "momentum", adam: "Adam", sdlm: "SDLM" };
  const parts = [nameChoice(network), `${method[optimizer]} at ${rate}`];
  if (batch > 1) parts.push(`batches of ${batch}`);
  if (differs("squash"))
    parts.push(
      settings.squash === "none" ? "no squashing" : nameChoice(settings.squash),
    );
  if (settings.initial === "printed") parts.push("printed weights");
  if (settings.labels === "shuffled") parts.push("shuffled labels");
  if (settings.loss === "squared" || settings.loss === "equation-8")
    parts.push(nameChoice(settings.loss));
  if (differs("digits")) parts.push(`${settings.digits.toLocaleString("en")} digits`);
  if (differs("seed")) parts.push(`seed ${settings.seed}`);
  return parts.join(", ");
}

/**
 * Chooses the end of an axis from 0, and where its ticks are.
 * @param {number} most  that must fit
 * @returns {{end: number, ticks: number[]}}
 */
export function chooseTicks(most) {
  const rough = Math.max(most, 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * power).find((k) => k >= rough) ?? rough;
  const count = Math.max(1, Math.ceil(most / step - 1e-9));
  return {
    end: count * step,
    ticks: Array.from({ length: count + 1 }, (_, k) => k * step),
  };
}

/**
 * Chooses the decades of a logarithmic axis.
 * @param {number[]} values
 * @param {number} most  decades, the highest of them
 * @returns {number[]}  lowest and highest
 */
export function chooseDecades(values, most) {
  const sizes = values.filter((value) => value > 0 && Number.isFinite(value));
  if (!sizes.length) return [0.1, 10];
  const high = Math.ceil(Math.log10(findLargest(sizes)) - 1e-9);
  const low = Math.floor(Math.log10(Math.min(...sizes)) + 1e-9);
  const first = Math.max(low, high - most);
  return [10 ** Math.min(first, high - 1), 10 ** high];
}
