// What LeNet-5 reads in the digits, as they are and after each mistake: computed in
// slices, so that the page answers, and once for each picture.

import { MISTAKES } from "../engine/hand/mistakes.mjs";
import { judge, runNetwork } from "../engine/networks.mjs";

/** @import { Digit } from "../engine/hand/teaching.mjs" */
/** @import { Tensor } from "../engine/tensors.mjs" */

const SLICE = 25; // milliseconds

/**
 * Makes the reader.
 * @param {Object<string, Tensor>} tensors  of LeNet-5
 * @param {() => void} update  called after each slice
 * @returns {{ask: (digits: Digit[]) => void, read: (pixels: Uint8Array) => ?number,
 *   countLeft: () => number, classify: (images: Uint8Array) => number[],
 *   stop: () => void}}  ask wants these digits to be read; read tells the answer, null
 *   before it is known; countLeft: the digits whose readings are not complete
 */
export function createReading(tensors, update) {
  const answers = new Map(); // picture, as text -> answer
  const complete = new WeakSet(); // pixels that have been read after each mistake
  /** @type {Uint8Array[]} */
  let plain = []; // still to be read as they are, which comes first
  /** @type {Uint8Array[]} */
  let spoilt = [];
  let timer;

  function readOne(pixels) {
    const key = String.fromCharCode(...pixels);
    const known = answers.get(key);
    if (known !== undefined) return known;
    const judged = judge("lenet5", runNetwork("lenet5", tensors, pixels).output);
    const answer = judged ? judged.answer : -1;
    answers.set(key, answer);
    return answer;
  }

  const classify = (images) =>
    Array.from({ length: images.length / 784 }, (_, i) =>
      readOne(images.subarray(784 * i, 784 * (i + 1))),
    );

  function work() {
    const end = performance.now() + SLICE;
    while ((plain.length || spoilt.length) && performance.now() < end) {
      const next = plain.shift();
      if (next) {
        readOne(next);
        continue;
      }
      const pixels = spoilt.shift();
      if (!pixels) break;
      for (const spoil of Object.values(MISTAKES)) readOne(spoil(pixels));
      complete.add(pixels);
    }
    if (plain.length || spoilt.length) timer = setTimeout(work);
    update();
  }

  function ask(digits) {
    spoilt = digits.map(({ pixels }) => pixels).filter((one) => !complete.has(one));
    plain = [...spoilt];
    clearTimeout(timer);
    if (spoilt.length) timer = setTimeout(work);
  }

  return {
    ask,
    read: (pixels) => answers.get(String.fromCharCode(...pixels)) ?? null,
    countLeft: () => spoilt.length,
    classify,
    stop: () => clearTimeout(timer),
  };
}
