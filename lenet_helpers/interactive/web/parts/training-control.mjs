// Runs of a training, one after the other, each in a Worker of its own.

import { areEqual } from "../engine/history.mjs";
import { addReport, countAll, createRun } from "../engine/runs.mjs";
import { readBytes } from "../engine/tensors.mjs";
import { createRandom } from "../engine/training/random.mjs";
import { fetchDigits } from "./digits.mjs";
import { save } from "./dom.mjs";
import { startWorker } from "./worker.mjs";

/** @import { Model } from "./dom.mjs" */
/** @import { Run, Settings } from "../engine/runs.mjs" */
/** @import { Digits } from "../engine/training/options.mjs" */
/** @import { Progress } from "../engine/training/worker.mjs" */

/**
 * What is going on.
 * @typedef {object} Control
 * @property {Run[]} runs  the last is the one at work
 * @property {"idle" | "fetching" | "running" | "paused" | "done" | "failed"} phase
 * @property {string} fault  a sentence; empty while all is well
 * @property {?Progress} report  the last of the run at work
 * @property {?number[]} missed  test digits that it read wrongly when it was last tested
 * @property {?Digits} digits
 * @property {(count: "all" | "pass" | "batch") => Promise<void>} learn  fetches digits
 *   and begins a run, where that is needed
 * @property {() => void} pause
 * @property {number} numForgotten  runs
 * @property {() => void} forget  the runs before the one at work
 * @property {() => Promise<void>} reset  begins a run that has learnt nothing
 * @property {(pixels: ?Uint8Array) => void} look  shows a digit to the network
 * @property {() => void} stop  ends the Worker
 */

/** Copies a run: a model that finds the old lists in a new one sees no change. */
function copyRun({ settings, training, test }) {
  return { settings, training: [...training], test: [...test] };
}

/** Counts patterns that a run may learn next: of all passes, of this one; a batch. */
function countLeft({ settings, patterns }) {
  const { digits, batch_size: batch } = settings;
  return {
    all: countAll(settings) - patterns,
    pass: digits - (patterns % digits),
    batch,
  };
}

/**
 * Makes the control of the runs.
 * @param {Model} model
 * @param {object} on
 * @param {() => void} on.update  called after each change
 * @param {(run: Run) => void} on.finish  called when a run has made all its passes
 * @returns {Control}
 */
export function createControl(model, { update, finish }) {
  const source = readBytes(model.get("worker"));
  /** @type {?ReturnType<typeof startWorker>} */
  let worker = null;
  const post = (message) => worker?.post(message);
  let pixels = null;
  /** @type {Control} */
  const control = {
    runs: [],
    phase: "idle",
    fault: "",
    report: null,
    missed: null,
    digits: null,
    numForgotten: 0,
    forget,
    learn,
    pause,
    reset: begin,
    look,
    stop: () => worker?.stop(),
  };
  const change = (values) => {
    Object.assign(control, values);
    update();
  };
  const saveRuns = () => save(model, { runs: control.runs.map(copyRun) });

  const RECEIVE = {
    progress(run, report) {
      addReport(run, report);
      if (report.test) {
        control.missed = report.test.missed;
        saveRuns();
      }
      change({ report });
    },
    paused: () => post({ type: "read" }),
    // Only then has it paused: in JupyterLab, Python has the weights.
    parameters(run, { parameters }) {
      const isDone = run.patterns >= countAll(run.settings);
      save(model, {
        weights: { settings: run.settings, tensors: packTensors(parameters) },
      });
      if (control.phase !== "running") return;
      change({ phase: isDone ? "done" : "paused" });
      if (isDone) finish(run);
    },
    diverged(run, { message }) {
      run.fault = message;
      saveRuns();
      change({ phase: "failed", fault: message });
    },
    error: (_run, { message }) => change({ phase: "failed", fault: message }),
  };

  async function begin() {
    worker?.stop();
    change({ phase: "fetching", fault: "" });
    try {
      control.digits ??= await fetchDigits(model, model.get("counts"));
    } catch (error) {
      change({ phase: "failed", fault: error instanceof Error ? error.message : "" });
      return;
    }
    const settings = model.get("settings");
    const run = createRun(settings);
    const kept = control.runs.filter(({ patterns }) => patterns > 0);
    control.runs = [...kept, run];
    worker = startWorker(source, (message) => RECEIVE[message.type](run, message));
    post({ type: "create", options: readOptions(settings, control.digits) });
    if (pixels) post({ type: "look", pixels });
    change({ phase: "paused", report: null, missed: null });
  }

  async function learn(count) {
    if (control.phase === "fetching") return;
    const before = control.runs.at(-1);
    const isOver = control.phase === "done" || control.phase === "failed";
    const isSame = before && areEqual(before.settings, model.get("settings"));
    if (isOver || !isSame) await begin();
    const run = control.runs.at(-1);
    if (!run || control.phase !== "paused") return;
    change({ phase: "running" });
    post({ type: "step", patterns: countLeft(run)[count] });
  }

  function pause() {
    if (control.phase === "running") post({ type: "pause" });
  }

  function forget() {
    control.numForgotten += control.runs.length - 1;
    control.runs = control.runs.slice(-1);
    saveRuns();
  }

  function look(chosen) {
    pixels = chosen;
    if (pixels && control.phase !== "failed") post({ type: "look", pixels });
  }

  return control;
}

/**
 * Makes what the engine's trainer is told.
 * @param {Settings} settings
 * @param {Digits} digits  all that there are
 */
function readOptions(settings, { images, labels, testImages, testLabels }) {
  const { batch_size: batchSize, digits, labels: kind, schedule } = settings;
  const { network, loss, optimizer, rate, mu, squash, initial, seed } = settings;
  const fallsOver = schedule === "falling" ? countAll(settings) : Infinity;
  const some = labels.slice(0, digits);
  if (kind === "shuffled") shuffleLabels(some, settings.seed);
  const data = {
    images: images.slice(0, 784 * digits),
    labels: some,
    testImages,
    testLabels,
  };
  return {
    ...{ network, loss, optimizer, rate, mu, squash, initial, seed },
    ...{ batchSize, fallsOver, data },
  };
}

function shuffleLabels(labels, seed) {
  const random = createRandom(seed + 1);
  for (let i = labels.length - 1; i > 0; i -= 1) {
    const k = Math.floor((i + 1) * random());
    [labels[i], labels[k]] = [labels[k], labels[i]];
  }
}

/** Makes what JupyterLab carries to Python of tensors. */
function packTensors(parameters) {
  const pack = ([name, { shape, data }]) => [
    name,
    { shape, data: new DataView(data.slice().buffer) },
  ];
  return Object.fromEntries(Object.entries(parameters).map(pack));
}
