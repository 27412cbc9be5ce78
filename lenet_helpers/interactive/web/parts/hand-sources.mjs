// Where digits come from beside the pad: a photograph, a file, the sample hand.

import { readHand } from "../engine/hand/npz.mjs";
import { createChoice } from "./controls.mjs";
import { create, createButton, createPart } from "./dom.mjs";
import { createFound } from "./hand-found.mjs";
import { readPicture } from "./hand-picture.mjs";

const KINDS = [
  { value: "sheet", label: "the sheet, filled" },
  { value: "photo", label: "digits on any paper" },
];

const FILE = "Or from a file that you exported, hand.npz";
const SAMPLE = "Or from a sample hand, whose strokes code has made; nobody wrote them";

/**
 * Makes the ways to bring digits.
 * @param {object} options
 * @param {Uint8Array} options.worker  source of the Worker that reads pictures
 * @param {{images: Uint8Array, labels: number[]}} options.sample
 * @param {(hand: {images: Uint8Array, labels: ArrayLike<number>}) => void} options.add
 *   throws an Error, a sentence, where there is no room
 * @param {(text: string) => void} options.say  tells a screen reader
 * @returns {{element: HTMLElement, stop: () => void}}
 */
export function createSources({ worker: source, sample, add, say }) {
  let kind = "sheet";
  let turn = 0; // a picture that was chosen later makes an earlier one out of date
  let stopReading = () => {};
  const status = create("p", { class: "lenet-state", hidden: true });
  const fault = create("p", { class: "lenet-fault", role: "alert", hidden: true });
  const found = createFound();
  const choice = createChoice("Or from a photograph of", KINDS, (value) => {
    kind = value;
  });
  choice.show(kind);

  /** Shows what goes on, what went wrong, or neither. */
  function tell(text, wrong = "") {
    status.hidden = !text;
    status.textContent = text;
    fault.hidden = !wrong;
    fault.textContent = wrong;
    if (text) say(text);
  }

  /** Does something with what was chosen last; a fault becomes a sentence. */
  async function attempt(task) {
    turn += 1;
    const own = turn;
    stopReading();
    try {
      await task(() => own === turn);
    } catch (error) {
      if (own === turn) tell("", error instanceof Error ? error.message : `${error}`);
    }
  }

  /** @param {File} file */
  const takePicture = (file) =>
    attempt(async (isLast) => {
      found.show(null);
      tell(`Reading ${file.name} …`);
      const wanted = kind;
      const reading = readPicture(source, file, wanted);
      stopReading = reading.stop;
      const { hand, reduction } = await reading.result;
      if (!isLast()) return;
      found.show(hand, reduction);
      add(hand);
      tell(describeFound(hand, wanted));
    });

  /** @param {File} file */
  const takeFile = (file) =>
    attempt(async () => {
      tell(`Opening ${file.name} …`);
      const hand = await readHand(new Uint8Array(await file.arrayBuffer()), file.name);
      if (!hand.labels.length) throw new Error(`${file.name} holds no digit.`);
      add(hand);
      tell(`${countDigits(hand.labels.length)} of ${file.name} added.`);
    });

  const takeSample = () =>
    attempt(async () => {
      add(sample);
      tell(`${countDigits(sample.labels.length)} of the sample hand added.`);
    });

  const element = create(
    "div",
    { class: "lenet-sources" },
    create(
      "div",
      {},
      choice.element,
      createDrop("Choose a picture", "image/*", takePicture),
    ),
    createPart(FILE, createDrop("Choose a file", ".npz", takeFile)),
    createPart(
      SAMPLE,
      createButton(`Take its ${sample.labels.length} digits`, takeSample),
    ),
    ...[status, fault, found.element],
  );
  const stop = () => {
    turn += 1;
    stopReading();
  };
  return { element, stop };
}

const countDigits = (number) => (number === 1 ? "1 digit" : `${number} digits`);

function describeFound({ labels, leftOut }, kind) {
  const rest = leftOut.length ? " What was left out is listed below." : "";
  const next =
    kind === "photo" ? " They have no label yet: give them one in step 2." : "";
  return `${countDigits(labels.length)} found and added.${next}${rest}`;
}

/**
 * Makes a field to choose a file with, which takes one that is dropped on it, too.
 * @param {string} label
 * @param {string} accept
 * @param {(file: File) => void} take
 * @returns {HTMLElement}
 */
function createDrop(label, accept, take) {
  const input = create("input", { type: "file", accept, "aria-label": label });
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file) take(file);
    input.value = ""; // so that the same file can be chosen again
  });
  const element = create("div", { class: "lenet-drop" }, input);
  const mark = (isOver) => element.classList.toggle("lenet-over", isOver);
  element.addEventListener("dragover", (event) => {
    event.preventDefault();
    mark(true);
  });
  element.addEventListener("dragleave", () => mark(false));
  element.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    const file = event.dataTransfer?.files[0];
    if (file) take(file);
  });
  return element;
}
