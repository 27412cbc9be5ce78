// The Worker that reads digits in a picture, because that takes seconds.
//
// It takes {kind: "sheet" | "photo", picture}, a grey picture, and posts {type: "hand",
// hand} or {type: "refused", message}, a sentence.

import { readSheet } from "./boxes.mjs";
import { readPhoto } from "./photo.mjs";

globalThis.onmessage = ({ data: { kind, picture } }) => {
  try {
    const hand = kind === "sheet" ? readSheet(picture) : readPhoto(picture);
    globalThis.postMessage({ type: "hand", hand });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    globalThis.postMessage({ type: "refused", message });
  }
};
