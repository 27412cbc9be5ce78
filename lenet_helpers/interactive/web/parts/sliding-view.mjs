// The system that slides: its network, fetched when the reader chooses it, and a line with
// what each window answers.

import { HEIGHT } from "../engine/strings/cuts.mjs";
import {
  findAnswers,
  MARGIN,
  readWindows,
  STEP,
  slide,
} from "../engine/strings/sliding.mjs";
import { readTensors } from "../engine/tensors.mjs";
import { create, createDrawing } from "./dom.mjs";
import { askFile } from "./files.mjs";
import { colorInk, paintMap } from "./pictures.mjs";

/** @import { Model } from "./dom.mjs" */
/** @import { Graph } from "../engine/strings/graphs.mjs" */
/** @import { Candidate } from "../engine/strings/readings.mjs" */
/** @import { Windows } from "../engine/strings/sliding.mjs" */
/** @import { Tensor } from "../engine/tensors.mjs" */

const FILE = "sliding_amounts";
const ROW = 7; // the height of a row of characters
const BASE = 5.2; // where they stand in it
const TEXT = 5; // their size; windows are four columns apart

/**
 * Makes the system and its view.
 * @param {Model} model
 * @param {() => void} ask  asks for a new look at the line
 * @returns {{element: HTMLElement, begin: () => void,
 *   read: (pixels: Uint8Array) => Graph | null,
 *   show: (pixels: Uint8Array, hasInk: boolean, best?: Candidate) => void}}  begin: for
 *   when the reader changes the system; read: the graph of what the character model makes
 *   of the windows of (32, W), null while the network is not there; show: that line, and
 *   the best reading by the grammar
 */
export function createSliding(model, ask) {
  const characters = model.get("characters");
  const status = create("p", { class: "lenet-hint", role: "status" });
  const fault = create("p", { class: "lenet-fault", role: "alert", hidden: true });
  const view = createWindowRow(characters);
  const element = create("div", { class: "lenet-system" }, status, fault, view.element);
  /** @type {?Object<string, Tensor>} */
  let tensors = null;
  let isWaiting = false;
  /** @type {?{key: string, windows: Windows, graph: Graph}} */
  let known = null; // the line of the call before, which a new grammar does not change

  async function fetchNetwork() {
    isWaiting = true;
    try {
      const bytes = await askFile(model, FILE, "The network that slides");
      tensors = readTensors(new DataView(bytes.buffer));
    } catch (error) {
      fault.textContent = error instanceof Error ? error.message : `${error}`;
    }
    isWaiting = false;
    ask();
  }

  function begin() {
    fault.textContent = "";
  }

  function read(pixels) {
    if (!tensors) {
      if (!isWaiting && !fault.textContent) fetchNetwork();
      return null;
    }
    const key = String.fromCharCode(...pixels);
    if (known?.key !== key) {
      const windows = slide(tensors, pixels);
      known = { key, windows, graph: readWindows(windows) };
    }
    return known.graph;
  }

  function show(pixels, hasInk, best) {
    status.textContent = isWaiting
      ? `The network that slides is being fetched (${model.get("megabytes")} MB).`
      : "";
    status.hidden = !isWaiting;
    fault.hidden = !fault.textContent;
    view.element.hidden = !hasInk || !tensors;
    if (hasInk && known) view.show(pixels, known.windows, best);
  }
  return { element, begin, read, show };
}

/**
 * The line between two rows of characters: above, what each window answers, and below, the
 * best reading.
 * @param {string} characters  a label's character
 */
function createWindowRow(characters) {
  const canvas = create("canvas", { class: "lenet-map" });
  const marks = createDrawing("svg", { class: "lenet-marks", "aria-hidden": "true" });
  const answers = createDrawing("svg", { class: "lenet-windows", role: "img" });
  const reading = createDrawing("svg", { class: "lenet-said", "aria-hidden": "true" });
  const strip = create("div", { class: "lenet-slid" }, canvas, marks);
  const line = create("div", { class: "lenet-line" }, answers, strip, reading);
  const scroll = {
    class: "lenet-scroll",
    tabindex: "0",
    role: "region",
    "aria-label": "The line, and what each window answers",
  };
  const element = create(
    "div",
    {},
    create("div", scroll, line),
    create(
      "p",
      { class: "lenet-hint" },
      "Above the line stands the best answer of each window, over the window’s middle; " +
        "a raised dot is the blank. Below it stands the best reading, each character at the " +
        "window that says it.",
    ),
  );
  const name = (label) => characters[label] ?? "blank";
  const find = (window) => MARGIN + STEP * window;

  /** @param {Uint8Array} pixels @param {Windows} windows @param {Candidate} [best] */
  const show = (pixels, windows, best) => {
    const width = pixels.length / HEIGHT;
    line.style.setProperty("--columns", `${width}`);
    paintMap(canvas, pixels, HEIGHT, width, { color: colorInk, limit: 255 });
    const found = findAnswers(windows);
    for (const row of [answers, reading])
      row.setAttribute("viewBox", `0 0 ${width} ${ROW}`);
    answers.setAttribute("aria-label", `Windows: ${found.map(name).join(", ")}`);
    answers.replaceChildren(
      ...found.map((label, window) =>
        drawText(find(window), characters[label] ?? "·", label >= characters.length),
      ),
    );
    const places = best?.places ?? [];
    reading.replaceChildren(
      ...places.map((window, i) => drawText(find(window), name(best?.labels[i]))),
    );
    marks.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    marks.replaceChildren(
      ...places.map((window) => {
        const x = find(window);
        return createDrawing("line", { x1: x, x2: x, y1: 0, y2: HEIGHT });
      }),
    );
  };
  return { element, show };
}

function drawText(x, text, isBlank = false) {
  const attributes = {
    x,
    y: BASE,
    "font-size": TEXT,
    class: isBlank ? "lenet-blank" : "",
  };
  return createDrawing("text", attributes, text);
}
