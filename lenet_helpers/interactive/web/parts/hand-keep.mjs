// Keeping the digits in this browser, taking them up again, and a file to carry away.

import { writeHand } from "../engine/hand/npz.mjs";
import { joinDigits } from "../engine/hand/teaching.mjs";
import { create, createButton } from "./dom.mjs";
import { forget, KEY, keep, readKept } from "./hand-store.mjs";

/** @import { Digit } from "../engine/hand/teaching.mjs" */
/** @import { Collection } from "./hand-collection.mjs" */

const count = (number) => (number === 1 ? "1 digit" : `${number} digits`);

/**
 * Makes the offer of what is kept, and the buttons that keep, forget and export.
 * @param {Collection} collection
 * @param {(text: string) => void} say  tells a screen reader
 * @returns {{offer: HTMLElement, element: HTMLElement, show: () => void,
 *   stop: () => void}}
 */
export function createKeeper(collection, say) {
  /** @type {?string} */
  let own = null; // the text that this tab has kept or taken up, which it may replace
  const status = create("p", { class: "lenet-state" });
  const offer = createOffer({
    takeUp: () => attempt(takeUp),
    replace: () => attempt(replace),
    forget: () => attempt(forgetAll),
  });
  const keepButton = createButton("Keep in this browser", () => attempt(keepAll));
  const forgetButton = createButton("Forget", () => attempt(forgetAll));
  const exportButton = createButton("Export hand.npz", exportAll);

  function tell(text) {
    status.textContent = text;
    say(text);
  }

  /** Does something with the storage; a fault becomes a sentence. */
  function attempt(act) {
    try {
      act();
    } catch (error) {
      tell(error instanceof Error ? error.message : `${error}`);
    }
    show();
  }

  /**
   * Offers what is kept and is not this tab's; says whether there is any.
   * @param {string} [before]  said first
   * @param {number} [number]  of digits that could be kept instead; 0: none
   */
  function offerKept(before = "", number = 0) {
    const kept = readKept();
    const isForeign = kept !== null && kept.text !== own;
    offer.show(isForeign ? kept : null, before, number);
    return isForeign;
  }

  function takeUp() {
    const kept = readKept();
    if (!kept?.images || !kept.labels) {
      offerKept("Another tab has changed that. ");
      return;
    }
    collection.add({ images: kept.images, labels: kept.labels });
    own = kept.text;
    offer.show(null);
    tell(`${count(kept.labels.length)} taken up.`);
  }

  function keepAll() {
    const isForeign = offerKept("These are other digits: ", collection.digits().length);
    if (isForeign) {
      tell("Nothing was kept yet: this browser keeps other digits already; see above.");
      offer.element.scrollIntoView({ block: "nearest" });
    } else replace();
  }

  function replace() {
    own = keep(collection.digits());
    offer.show(null);
    tell(
      `${count(collection.digits().length)} kept in this browser, on this device, ` +
        "until you forget them.",
    );
  }

  function forgetAll() {
    forget();
    own = null;
    offer.show(null);
    tell(
      "Forgotten: this browser keeps no digits. Those in the figure are still here.",
    );
  }

  function exportAll() {
    download(collection.digits());
    tell(`${count(collection.digits().length)} exported as hand.npz.`);
  }

  /** @param {StorageEvent} event  of another tab */
  function hear({ key, newValue }) {
    if (key !== KEY && key !== null) return;
    attempt(() => {
      if (offerKept("Another tab has kept other digits; here nothing has changed. "))
        say(offer.read());
      else if (newValue === null && own !== null) {
        own = null;
        tell(
          "Another tab has made this browser forget; the digits here are as before.",
        );
      }
    });
  }

  function show() {
    const number = collection.digits().length;
    keepButton.disabled = !number;
    exportButton.disabled = !number;
    forgetButton.hidden = own === null;
  }

  window.addEventListener("storage", hear);
  try {
    offerKept();
  } catch {
    // A browser that keeps nothing says so when it is asked to keep something.
  }
  const buttons = [keepButton, forgetButton, exportButton];
  const element = createPanel(buttons, status);
  const stop = () => window.removeEventListener("storage", hear);
  return { offer: offer.element, element, show, stop };
}

const createPanel = (buttons, status) =>
  create(
    "div",
    { class: "lenet-keep" },
    create(
      "p",
      {},
      "The digits are in this page alone, and go with it. Keep them in this browser, or ",
      "export a file that the figure and Python read.",
    ),
    create("div", { class: "lenet-buttons" }, ...buttons),
    status,
  );

/**
 * Makes the offer of what is kept.
 * @param {{takeUp: () => void, replace: () => void, forget: () => void}} on
 */
function createOffer(on) {
  const text = create("p", {});
  const takeUp = createButton("Take them up", on.takeUp);
  const replace = createButton("", on.replace);
  const forgetIt = createButton("", on.forget);
  const element = create(
    "div",
    { class: "lenet-offer", hidden: true },
    text,
    create("div", { class: "lenet-buttons" }, takeUp, replace, forgetIt),
  );
  /**
   * @param {?import("./hand-store.mjs").Kept} kept  null: there is nothing to offer
   * @param {string} [before]  said first
   * @param {number} [number]  of digits that could be kept instead
   */
  function show(kept, before = "", number = 0) {
    element.hidden = !kept;
    if (!kept) return;
    takeUp.hidden = !kept.labels;
    forgetIt.textContent = kept.labels ? "Forget them" : "Forget it";
    replace.hidden = !number;
    replace.textContent = `Keep these ${number} instead`;
    text.textContent =
      before + (kept.fault ?? `This browser keeps ${count(kept.labels?.length ?? 0)}.`);
  }
  return { element, show, read: () => text.textContent ?? "" };
}

/** Hands digits over as a file. @param {Digit[]} digits */
function download(digits) {
  const { images, labels } = joinDigits(digits);
  const none = labels.map(() => Array(8).fill(0)); // boxes, as for digits of a pad
  const file = writeHand({ images, labels, boxes: none });
  const url = URL.createObjectURL(new Blob([file]));
  create("a", { download: "hand.npz", href: url }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000); // once it is saved
}
