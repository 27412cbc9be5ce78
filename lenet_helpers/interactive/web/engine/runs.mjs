// What is kept of a training, and what is said of it: pure functions, no DOM.

import { clamp, findLargest, range } from "./numbers.mjs";

/** @import { Progress } from "./training/worker.mjs" */

const POINTS = 100; // of a training curve, about
const FEWEST = 100; // digits that a point is the average of
export const MOST_PASSES = 1000;

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
 * Adds a report of the Worker to a run. Points of the training curve that are close to
 * each other become one, because an average of few digits says little.
 * @param {Run} run
 * @param {Progress} report
 */
export function addReport(run, { patterns, seconds, recent, test }) {
  const { training, settings } = run;
  run.patterns = patterns;
  run.seconds = seconds;
  if (test) run.test.push([patterns, test.loss, test.error]);
  if (!recent) return;
  const [last, before] = [training.at(-1)?.[0] ?? 0, training.at(-2)?.[0] ?? 0];
  const point = [patterns, recent.loss, recent.error];
  const isClose = last - before < Math.max(FEWEST, countAll(settings) / POINTS);
  if (training.length && isClose) {
    const share = (last - before) / (patterns - before);
    const old = training.pop() ?? point;
    for (const k of [1, 2]) point[k] = share * old[k] + (1 - share) * point[k];
  }
  training.push(point);
}

/**
 * Makes settings fit: from a link, or a preset for more digits than there are.
 * @param {Settings} settings
 * @param {number} numTraining  digits that there are to train on
 * @returns {Settings}
 */
export function fitSettings(settings, numTraining) {
  const whole = (value, high) => clamp(Math.round(value), 1, high);
  const digits = whole(settings.digits, numTraining);
  return {
    ...settings,
    digits,
    batch_size: whole(settings.batch_size, digits),
    passes: whole(settings.passes, MOST_PASSES),
    seed: Math.round(settings.seed),
  };
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
  constant: "stays",
  falling: "falls to 0",
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
  if (settings.schedule === "falling") parts.push("falling");
  if (batch > 1) parts.push(`batches of ${batch}`);
  if (differs("squash"))
    parts.push(
      settings.squash === "none" ? "no squashing" : nameChoice(settings.squash),
    );
  if (settings.initial === "printed") parts.push("printed weights");
  if (settings.labels === "shuffled") parts.push("shuffled labels");
  if (["squared", "equation-8"].includes(settings.loss))
    parts.push(nameChoice(settings.loss));
  if (differs("digits")) parts.push(`${settings.digits.toLocaleString("en")} digits`);
  if (differs("seed")) parts.push(`seed ${settings.seed}`);
  return parts.join(", ");
}

/**
 * Chooses the ticks of an axis from 0.
 * @param {number} end
 * @returns {number[]}  round numbers, four to eight steps apart
 */
export function chooseTicks(end) {
  const rough = end / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * power).find((k) => k >= rough) ?? rough;
  return range(Math.floor(end / step + 1e-9) + 1).map((k) => k * step);
}

/**
 * Chooses the decades of a logarithmic axis.
 * @param {number[]} values
 * @param {number} most  decades, the highest of them
 * @param {number[]} empty  what to take where there are no values
 * @returns {number[]}  lowest and highest
 */
export function chooseDecades(values, most, empty) {
  const sizes = values.filter((value) => value > 0 && Number.isFinite(value));
  if (!sizes.length) return empty;
  const high = Math.ceil(Math.log10(findLargest(sizes)) - 1e-9);
  const low = Math.floor(Math.log10(Math.min(...sizes)) + 1e-9);
  const first = Math.max(low, high - most);
  return [10 ** Math.min(first, high - 1), 10 ** high];
}
