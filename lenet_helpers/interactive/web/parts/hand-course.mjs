// A course in which LeNet-5 learns from a hand, in a Worker.

import { chooseSome, joinDigits, splitHand } from "../engine/hand/teaching.mjs";
import { fetchDigits } from "./digits.mjs";
import { startWorker } from "./worker.mjs";

/** @import { Digit } from "../engine/hand/teaching.mjs" */
/** @import { Tensor } from "../engine/tensors.mjs" */
/** @import { Digits } from "../engine/training/options.mjs" */
/** @import { Progress } from "../engine/training/worker.mjs" */
/** @import { Model } from "./dom.mjs" */

const MIXED = 100; // digits of MNIST's a pass, where some are mixed in
const TESTS = 10; // of a course, about

/**
 * What the reader chooses.
 * @typedef {object} Choices
 * @property {number} number  digits of the teaching half to learn from; Infinity: all
 * @property {boolean} isMixed  with some of MNIST's digits
 * @property {?string[]} trains  the layers that learn; null: all
 * @property {number} rate
 * @property {number} passes
 * @property {number} seed
 */

/**
 * What has come of it. own, mnist: the numbers of misread digits; mnist is null where
 * they could not be fetched.
 * @typedef {object} Course
 * @property {"idle" | "fetching" | "running" | "done" | "failed"} phase
 * @property {string} fault  a sentence; empty while all is well
 * @property {string} note  a sentence about digits that could not be fetched
 * @property {{passes: number, own: number, mnist: ?number}[]} points
 * @property {number} passes  that there are to be
 * @property {number} numTaught  digits of the hand that it learns from
 * @property {number} numOwn  digits of the hand that it is tested on
 * @property {number} numMnist
 * @property {?Object<string, Tensor>} taught  the parameters at the end
 * @property {number} megabytes  of MNIST's digits that it fetches
 */

/** @type {Course} */
const BEGINNING = {
  phase: "idle",
  fault: "",
  note: "",
  points: [],
  passes: 1,
  numTaught: 0,
  numOwn: 0,
  numMnist: 0,
  taught: null,
  megabytes: 0,
};

/**
 * Makes the control of courses; each begins with the network as it was stored.
 * @param {object} options
 * @param {Model} options.model
 * @param {Uint8Array} options.worker  source of the Worker that trains
 * @param {Object<string, Tensor>} options.tensors  of the stored network
 * @param {() => void} options.update  called after each change
 */
export function createCourse({ model, worker: source, tensors, update }) {
  /** @type {?ReturnType<typeof startWorker>} */
  let worker = null;
  /** @type {?Digits} */
  let mnist = null;
  let turn = 0; // what comes of an earlier course does not count
  const course = { ...BEGINNING, megabytes: model.get("megabytes") };
  const change = (values) => {
    Object.assign(course, values);
    update();
  };
  const fail = ({ message }) => change({ phase: "failed", fault: message });

  async function fetchMnist() {
    try {
      mnist ??= await fetchDigits(model, model.get("counts"));
      return "";
    } catch (error) {
      return error instanceof Error ? error.message : `${error}`;
    }
  }

  /** @param {Progress} report */
  function addPoint({ passes, test }) {
    if (!test) return;
    const own = test.missed.filter((index) => index < course.numOwn).length;
    const others = course.numMnist ? test.missed.length - own : null;
    change({ points: [...course.points, { passes, own, mnist: others }] });
  }

  const RECEIVE = {
    progress: addPoint,
    paused: () => worker?.post({ type: "read" }),
    parameters: ({ parameters }) =>
      change({ phase: "done", taught: { ...tensors, ...parameters } }),
    diverged: fail,
    error: fail,
  };

  /**
   * Teaches a hand.
   * @param {Digit[]} digits
   * @param {Choices} choices
   */
  async function teach(digits, choices) {
    stop();
    const own = turn;
    const { teaching, testing } = splitHand(digits, choices.seed);
    const learnt = teaching.slice(0, choices.number);
    if (!testing.length) {
      fail({
        message:
          "Half of each digit's examples teach, and the rest test, so write at least two " +
          "of one digit, with their labels; better four of each.",
      });
      return;
    }
    change({ phase: "fetching", fault: "", note: "", points: [], taught: null });
    const note = await fetchMnist();
    if (own !== turn) return; // stopped while it waited
    if (note && choices.isMixed) {
      fail({ message: `${note} Teach without MNIST's digits.` });
      return;
    }
    const others = mnist;
    const { task, patterns } = makeTask({
      ...{ choices, learnt, testing, tensors },
      mnist: others,
    });
    change({
      note: note && `${note} So it is not measured what the network forgets.`,
      passes: choices.passes,
      numTaught: learnt.length,
      numOwn: testing.length,
      numMnist: others?.testLabels.length ?? 0,
      phase: "running",
    });
    worker = startWorker(source, (message) => RECEIVE[message.type](message));
    worker.post(task);
    worker.post({ type: "step", patterns });
  }

  /** Ends a course, as far as it has come. */
  function pause() {
    if (course.phase === "running") worker?.post({ type: "pause" });
  }

  function stop() {
    turn += 1;
    worker?.stop();
    worker = null;
  }

  return { course, teach, pause, stop };
}

/** Makes what the Worker is told, and counts the patterns of all passes. */
function makeTask({ choices, learnt, testing, mnist, tensors }) {
  const { rate, trains, seed, passes, isMixed } = choices;
  const some = mnist && isMixed ? chooseSome(mnist, MIXED, seed) : [];
  const data = joinData([...learnt, ...some], testing, mnist);
  const options = {
    ...{ network: "lenet5", loss: "equation-9", optimizer: "sgd" },
    ...{ rate, trains, seed, data, parameters: tensors },
  };
  return {
    task: { type: "create", testEvery: Math.ceil(passes / TESTS), options },
    patterns: passes * data.labels.length,
  };
}

/** Joins the digits to learn from, and those of the hand and of MNIST to be tested on. */
function joinData(learnt, testing, mnist) {
  const { images, labels } = joinDigits(learnt);
  const own = joinDigits(testing);
  const testImages = new Uint8Array(
    own.images.length + (mnist?.testImages.length ?? 0),
  );
  testImages.set(own.images);
  if (mnist) testImages.set(mnist.testImages, own.images.length);
  return {
    images,
    labels: Uint8Array.from(labels),
    testImages,
    testLabels: Uint8Array.from([...own.labels, ...(mnist?.testLabels ?? [])]),
  };
}
