// A line of ink to cut: a click, or the space bar at a cursor, puts a cut and takes it.

import { clamp, write, writeShare } from "../engine/numbers.mjs";
import { HEIGHT, measureContact } from "../engine/strings/cuts.mjs";
import { create } from "./dom.mjs";
import { colorInk, paintMap } from "./pictures.mjs";

/**
 * A line as the reader sees it.
 * @typedef {object} Line
 * @property {string} name
 * @property {Uint8Array} pixels  (32, W)
 * @property {number} width  W
 * @property {number[]} labels  what it says
 * @property {number[][]} meetings  between which columns each two neighbours meet
 */

const REACH = 7; // pixels of the screen from a cut to a click that means it
const COLUMN = 8; // pixels of the screen, at most
const STEPS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
let strips = 0;

/**
 * Makes a strip. A cut is named by the first column on its right, from 1 to W - 1.
 * @param {(column: number) => void} toggle  puts a cut, or takes it away
 * @returns {{element: HTMLElement,
 *   show: (line: Line, cuts: number[], isSolved: boolean) => void}}  isSolved: whether to
 *   show where digits meet
 */
export function createCutStrip(toggle) {
  strips += 1;
  /** @type {Line} */
  let line = { name: "", pixels: new Uint8Array(), width: 2, labels: [], meetings: [] };
  /** @type {Float64Array} */
  let contact = new Float64Array();
  /** @type {number[]} */
  let cuts = [];
  let cursor = 1;
  const canvas = create("canvas", { class: "lenet-map" });
  const marks = create("div", {});
  const pointer = create("div", { class: "lenet-cursor" });
  const hint = create(
    "p",
    { class: "lenet-hint", id: `lenet-cut-hint-${strips}` },
    "Click or tap the ink to cut it there; click a cut to take it away. Or move with ",
    "the arrow keys, and press the space bar.",
  );
  const strip = create(
    "div",
    {
      class: "lenet-cut-strip",
      role: "slider",
      tabindex: "0",
      "aria-describedby": hint.id,
      "aria-valuemin": "1",
    },
    ...[canvas, marks, pointer],
  );

  const move = (column) => {
    cursor = clamp(column, 1, line.width - 1);
    pointer.style.left = writeShare(cursor, line.width);
    const isCut = cuts.includes(cursor) ? ", a cut" : "";
    const ink = write(contact[cursor] / 255, 1);
    const text = `column ${cursor} of ${line.width}, ${ink} pixels of contact${isCut}`;
    strip.setAttribute("aria-valuenow", `${cursor}`);
    strip.setAttribute("aria-valuetext", text);
  };
  const locate = (event) => move(findColumn(strip, event, line.width, cuts));
  strip.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse") locate(event);
  });
  strip.addEventListener("click", (event) => {
    locate(event);
    toggle(cursor);
  });
  strip.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isPress = event.key === " " || event.key === "Enter";
    if (!isPress && !(event.key in STEPS)) return;
    event.preventDefault();
    if (!isPress) move(cursor + STEPS[event.key]);
    else if (!event.repeat) toggle(cursor);
  });

  /** @type {(newLine: Line, newCuts: number[], isSolved: boolean) => void} */
  const show = (newLine, newCuts, isSolved) => {
    const isNew = newLine !== line;
    line = newLine;
    cuts = newCuts;
    if (isNew) {
      contact = measureContact(line.pixels);
      cursor = Math.round(line.width / 2);
      paintInk(canvas, line);
      strip.style.maxWidth = `${COLUMN * line.width}px`;
      strip.setAttribute("aria-label", `${line.name}: where to cut`);
      strip.setAttribute("aria-valuemax", `${line.width - 1}`);
    }
    marks.replaceChildren(...createMarks(line, cuts, isSolved));
    move(cursor);
  };
  return { element: create("div", {}, strip, hint), show };
}

/** Finds the column that a pointer means: that of a cut nearby, or where it is. */
function findColumn(strip, { clientX }, width, cuts) {
  const box = strip.getBoundingClientRect();
  const size = box.width / width; // of a column, on the screen
  const place = (clientX - box.left) / size;
  const measure = (cut) => Math.abs(cut - place) * size;
  const [nearest] = [...cuts].sort((a, b) => measure(a) - measure(b));
  return measure(nearest) <= REACH ? nearest : Math.round(place);
}

/** @param {HTMLCanvasElement} canvas @param {Line} line */
function paintInk(canvas, { pixels, width }) {
  paintMap(canvas, pixels, HEIGHT, width, { color: colorInk, limit: 255 });
}

/**
 * Makes the cuts, and below them stripes where digits meet.
 * @param {Line} line
 * @param {number[]} cuts
 * @param {boolean} isSolved
 */
function createMarks({ width, meetings }, cuts, isSolved) {
  const createMark = (name, from, to) => {
    const mark = create("div", { class: name });
    mark.style.left = writeShare(from, width);
    mark.style.width = writeShare(to - from, width);
    return mark;
  };
  const stripes = isSolved ? meetings : [];
  return [
    ...stripes.map(([from, to]) => createMark("lenet-meeting", from, to)),
    ...cuts.map((cut) => createMark("lenet-cut", cut, cut)),
  ];
}
