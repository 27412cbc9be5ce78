// The digits of the figure "Your hand": kept here and in the model, with what was there
// before for Undo.

import { joinDigits, takeApart } from "../engine/hand/teaching.mjs";
import { readBytes } from "../engine/tensors.mjs";
import { listen, save } from "./dom.mjs";

/** @import { Digit } from "../engine/hand/teaching.mjs" */
/** @import { Model } from "./dom.mjs" */

export const MOST = 1000; // digits, which a browser keeps and shows without trouble

/**
 * The digits, and what can be done to them.
 * @typedef {object} Collection
 * @property {() => Digit[]} digits
 * @property {(digits: {images: Uint8Array, labels: ArrayLike<number>}) => void} add
 *   throws an Error, a sentence, where they would be too many
 * @property {(index: number, label: number) => void} relabel
 * @property {(index: number) => void} remove
 * @property {() => void} clear
 * @property {() => void} undo
 * @property {() => boolean} canUndo
 * @property {() => void} stop
 */

/**
 * Makes the collection.
 * @param {Model} model
 * @param {() => void} update  called after each change, also one that Python makes
 * @returns {Collection}
 */
export function createCollection(model, update) {
  /** @type {Digit[][]} */
  const past = [];
  let digits = readModel(model);
  let isSaving = false;

  function put(next) {
    digits = next;
    const { images, labels } = joinDigits(next);
    isSaving = true; // and needs not be told
    save(model, { images: new DataView(images.buffer), labels });
    isSaving = false;
    update();
  }

  function change(next) {
    past.push(digits);
    put(next);
  }

  function add({ images, labels }) {
    const number = digits.length + labels.length;
    if (number > MOST)
      throw new Error(
        `That would be ${number.toLocaleString("en")} digits; this figure holds ` +
          `${MOST.toLocaleString("en")}, and nothing was added. Remove some, or take fewer.`,
      );
    change([...digits, ...takeApart(images, labels)]);
  }

  const relabel = (index, label) => {
    if (digits[index].label === label) return;
    change(digits.map((digit, i) => (i === index ? { ...digit, label } : digit)));
  };
  const undo = () => {
    const before = past.pop();
    if (before) put(before);
  };
  const stop = listen(model, ["change:images", "change:labels"], () => {
    if (isSaving || !isWhole(model)) return; // of two values, one has come
    digits = readModel(model);
    update();
  });
  return {
    digits: () => digits,
    add,
    relabel,
    remove: (index) => change(digits.filter((_, i) => i !== index)),
    clear: () => change([]),
    undo,
    canUndo: () => past.length > 0,
    stop,
  };
}

const isWhole = (model) =>
  model.get("images").byteLength === 784 * model.get("labels").length;

const readModel = (model) =>
  isWhole(model) ? takeApart(readBytes(model.get("images")), model.get("labels")) : [];
