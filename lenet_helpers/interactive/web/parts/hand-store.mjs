// A hand that this browser keeps: in the page's own storage, sent nowhere.

import { joinDigits } from "../engine/hand/teaching.mjs";

/** @import { Digit } from "../engine/hand/teaching.mjs" */

export const KEY = "lenet-your-hand";
const VERSION = 1;
const CHUNK = 8192; // arguments of a call

/**
 * What is kept: the text, and the digits in it, or why they cannot be read.
 * @typedef {{text: string, images?: Uint8Array, labels?: number[], fault?: string}} Kept
 */

/**
 * Reads what is kept.
 * @returns {?Kept}  null where there is nothing
 * @throws {Error} a sentence, where the browser keeps nothing for pages
 */
export function readKept() {
  const text = reach((storage) => storage.getItem(KEY));
  return text === null ? null : parse(text);
}

/**
 * Keeps digits; where that fails, what was kept before stays.
 * @param {Digit[]} digits
 * @returns {string}  the text that is kept now
 * @throws {Error} a sentence
 */
export function keep(digits) {
  const { images, labels } = joinDigits(digits);
  const parts = [];
  for (let i = 0; i < images.length; i += CHUNK)
    parts.push(String.fromCharCode(...images.subarray(i, i + CHUNK)));
  const text = JSON.stringify({
    version: VERSION,
    images: btoa(parts.join("")),
    labels,
  });
  reach((storage) => {
    try {
      storage.setItem(KEY, text);
    } catch (error) {
      throw new FullError(error instanceof Error ? error.message : "");
    }
  });
  return text;
}

/** Forgets what is kept. @throws {Error} a sentence */
export const forget = () => reach((storage) => storage.removeItem(KEY));

class FullError extends Error {}

/** Does something with the storage, whose mere mention throws in some browsers. */
function reach(act) {
  try {
    return act(globalThis.localStorage);
  } catch (error) {
    const isFull = error instanceof FullError;
    throw new Error(
      isFull
        ? "This browser has no room left to keep these digits; what it kept before, it " +
            "still keeps. Export them instead."
        : "This browser keeps nothing for this page: its settings forbid that, or the " +
            "window is a private one. Export the digits instead.",
      { cause: error },
    );
  }
}

/** @param {string} text  from anybody who can write to this page's storage */
function parse(text) {
  const fault = (reason) => ({
    text,
    fault: `What this browser keeps here cannot be read: ${reason}. Nothing was taken over.`,
  });
  try {
    const { version, images: packed, labels } = JSON.parse(text);
    if (version !== VERSION)
      return fault("another version of this figure has written it");
    const images = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
    const isLabel = (label) => Number.isInteger(label) && label >= -1 && label <= 9;
    if (!Array.isArray(labels) || !labels.length || !labels.every(isLabel))
      return fault("its labels are not digits");
    if (images.length !== 784 * labels.length)
      return fault(`it holds ${images.length} pixels for ${labels.length} digits`);
    return { text, images, labels };
  } catch {
    return fault("it is damaged, or something else has written it");
  }
}
