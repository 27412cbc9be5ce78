// The Worker that reads digits in a picture, because that takes seconds.
//
// It takes, in this order, {type: "check", bytes, name} of a file, {type: "begin", width,
// height} of the upright picture, {type: "rows", data} of its pixels, from the top, and
// {type: "read", kind}, "sheet" or "photo". It posts {type: "checked"}, then {type: "hand",
// hand, reduction}; at any time {type: "refused", message}, a sentence.

import { readSheet } from "./boxes.mjs";
import { readPhoto } from "./photo.mjs";
import { checkFile, createReducer } from "./pictures.mjs";

const READERS = { sheet: readSheet, photo: readPhoto };
/** @type {?ReturnType<typeof createReducer>} */
let reducer = null;

const OBEY = {
  check({ bytes, name }) {
    checkFile(bytes, name);
    globalThis.postMessage({ type: "checked" });
  },
  begin({ width, height }) {
    reducer = createReducer(width, height);
  },
  rows({ data }) {
    reducer?.add(data);
  },
  read({ kind }) {
    if (!reducer) throw new Error("The message begin must come before read.");
    const picture = reducer.finish();
    const hand = READERS[kind](picture);
    globalThis.postMessage({ type: "hand", hand, reduction: picture.reduction });
  },
};

globalThis.onmessage = ({ data }) => {
  try {
    OBEY[data.type](data);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    globalThis.postMessage({ type: "refused", message });
  }
};
