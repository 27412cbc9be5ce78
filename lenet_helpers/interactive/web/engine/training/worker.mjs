// The Worker that trains: it is told what to do by messages, works in slices so that they
// get in, and reports after each slice.
//
// It takes {type: "create", options, testEvery}, {type: "start"}, {type: "pause"},
// {type: "step", patterns}, {type: "look", pixels} (shown in every report from then on),
// {type: "read"} and {type: "close"}. It posts a Progress, {type: "paused"}, {type:
// "parameters", parameters}, {type: "diverged", message} and {type: "error", message}.

import { createTrainer, DivergedError } from "./trainer.mjs";

/** @import { Tensor } from "../tensors.mjs" */
/** @import { TrainerOptions } from "./options.mjs" */

/**
 * A report.
 * @typedef {object} Progress
 * @property {"progress"} type
 * @property {number} patterns  learnt so far
 * @property {number} passes  over the training digits
 * @property {number} seconds  of training, without tests
 * @property {?{loss: number, error: number}} recent  of the patterns since the last report
 * @property {?{loss: number, error: number, missed: number[]}} test  at the end of each
 *   `testEvery` passes and now and then between, else null
 * @property {Object<string, number>} gradientSizes  by layer
 * @property {?Tensor} kernels  the weights of the first layer
 * @property {?object} look  the maps of the digit that is looked at, and the answer
 */

const SLICE = 100; // milliseconds of training between two looks at messages
const BETWEEN_TESTS = 250; // milliseconds, at least
const TEST_SHARE = 0.1; // of the time, at most, goes into tests between the passes' ends

const post = (message) => globalThis.postMessage(message);

/** Does something, and reports what goes wrong. */
function guard(act) {
  try {
    act();
  } catch (error) {
    const type = error instanceof DivergedError ? "diverged" : "error";
    post({ type, message: error instanceof Error ? error.message : String(error) });
  }
}

/**
 * Trains a network from its first report on.
 * @param {TrainerOptions} options
 * @param {number} testEvery  passes
 */
function createSession(options, testEvery) {
  const trainer = createTrainer(options);
  const numTrained = options.data.labels.length; // patterns a pass
  let pixels = null; // of the digit that is looked at
  let until = 0; // so many patterns are to be learnt
  let isScheduled = false;
  let seconds = 0; // of training
  let speed = 1; // patterns a slice
  let [testedAt, testTook] = [-Infinity, 0]; // milliseconds

  /** Tests if it must, or if it may again; else gives null. */
  function test(must) {
    const start = performance.now();
    const pause = Math.max(BETWEEN_TESTS, testTook / TEST_SHARE);
    if (!must && start - testedAt < pause) return null;
    const result = trainer.evaluate();
    testedAt = performance.now();
    testTook = testedAt - start;
    return result;
  }

  function report(mustTest) {
    const { patterns, passes } = trainer;
    const [{ shape, data }] = Object.values(trainer.parameters());
    post({
      type: "progress",
      patterns,
      passes,
      seconds,
      recent: trainer.recent(),
      test: test(mustTest),
      gradientSizes: trainer.gradientSizes(),
      kernels: { shape, data: data.slice() },
      look: pixels && trainer.look(pixels),
    });
  }

  /** Learns for a slice of time, at most to the end of a pass. */
  function learn() {
    isScheduled = false;
    const { patterns } = trainer;
    if (patterns >= until) return;
    const left = numTrained - (patterns % numTrained);
    const start = performance.now();
    const learnt = trainer.step(Math.min(speed, left, until - patterns));
    const took = performance.now() - start;
    seconds += took / 1000;
    speed = Math.max(1, Math.round((learnt * SLICE) / Math.max(took, 1)));
    report(trainer.patterns % (testEvery * numTrained) === 0);
    if (trainer.patterns < until) schedule();
    else post({ type: "paused" });
  }

  function schedule() {
    if (isScheduled) return;
    isScheduled = true;
    setTimeout(() => guard(learn)); // not at once: messages get in before
  }

  function pause() {
    until = 0;
    post({ type: "paused" });
  }

  function learnUntil(patterns) {
    until = patterns;
    schedule();
  }

  report(true);
  return {
    start: () => learnUntil(Infinity),
    step: ({ patterns }) => learnUntil(trainer.patterns + patterns),
    pause,
    look({ pixels: chosen }) {
      trainer.look(chosen); // refuses what is no digit
      pixels = chosen;
      report(false);
    },
    read() {
      const copies = Object.entries(trainer.parameters()).map(
        ([name, { shape, data }]) => [name, { shape, data: data.slice() }],
      );
      post({ type: "parameters", parameters: Object.fromEntries(copies) });
    },
    stop() {
      until = 0; // in silence, because another session begins
    },
  };
}

/** @type {?ReturnType<typeof createSession>} */
let session = null;

/** Does what a message says. */
function obey(message) {
  const { type } = message;
  if (type === "close") globalThis.close();
  else if (type === "create") {
    session?.stop();
    session = null;
    session = createSession(message.options, message.testEvery ?? 1);
  } else if (!["start", "pause", "step", "look", "read"].includes(type))
    throw new Error(`The Worker does not know the message ${type}.`);
  else if (!session) throw new Error(`The message create must come before ${type}.`);
  else session[type](message);
}

globalThis.onmessage = ({ data }) => guard(() => obey(data));
