// Controls that several figures share: radio buttons, grids for arrow keys, quiet live
// regions.

import { clamp } from "../engine/numbers.mjs";
import { create } from "./dom.mjs";

const QUIET = 700; // milliseconds without a change before a screen reader hears of it
export const ARROWS = {
  // how far down and right each key leads
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};
let groups = 0; // radio buttons of one group share a name that no other group has

/**
 * Makes a group of radio buttons that looks like one row of buttons.
 * @param {string} legend
 * @param {{value: *, label: (string|Node), name?: string}[]} options  name: what to read
 *   out where the label is a picture
 * @param {(value: any) => void} choose  takes the value of the chosen option
 * @returns {{element: HTMLFieldSetElement, show: (value: any) => void}} show marks the
 *   option of a value, or none
 */
export function createChoice(legend, options, choose) {
  groups += 1;
  const group = `lenet-choice-${groups}`;
  const inputs = options.map(({ value, name = false }) =>
    create("input", {
      type: "radio",
      name: group,
      "aria-label": name,
      onchange: () => choose(value),
    }),
  );
  const labels = options.map(({ label, name = false }, i) =>
    create("label", { title: name }, inputs[i], create("span", {}, label)),
  );
  const element = create(
    "fieldset",
    { class: "lenet-choice" },
    create("legend", {}, legend),
    create("div", {}, ...labels),
  );
  const show = (value) =>
    inputs.forEach((input, i) => (input.checked = options[i].value === value));
  return { element, show };
}

/**
 * Makes a field for a number.
 * @param {string} label
 * @param {{step: number, limit: number}} options  limit: the largest size
 * @param {(value: number) => void} change  called when a number stands there
 * @returns {{element: HTMLElement, show: (value: number) => void}}  show does not disturb
 *   who is typing
 */
export function createNumber(label, { step, limit }, change) {
  const input = create("input", {
    type: "number",
    step,
    min: -limit,
    max: limit,
    oninput: () => {
      const value = Number(input.value);
      if (input.value === "" || !Number.isFinite(value)) return; // still being typed
      change(clamp(value, -limit, limit));
    },
  });
  const name = create("div", { class: "lenet-label" }, label);
  const show = (value) => {
    if (document.activeElement !== input) input.value = `${Number(value.toFixed(3))}`;
  };
  return { element: create("label", {}, name, input), show };
}

/**
 * Finds where an arrow key, Home or End leads in a grid.
 * @param {string} key  of a keyboard event
 * @param {number[]} place  row, column
 * @param {number[]} size  rows, columns
 * @returns {number[] | null} row, column; null for another key
 */
export function movePlace(key, [row, column], [rows, columns]) {
  if (key === "Home") return [row, 0];
  if (key === "End") return [row, columns - 1];
  if (!(key in ARROWS)) return null;
  const [down, right] = ARROWS[key];
  return [clamp(row + down, 0, rows - 1), clamp(column + right, 0, columns - 1)];
}

/**
 * Makes a grid of buttons one stop of the Tab key; arrow keys move within it.
 * @param {HTMLElement} element  around the grid
 * @param {() => HTMLButtonElement[][]} findRows
 * @returns {() => void} makes the first button the stop; for when the buttons are new
 */
export function addArrowKeys(element, findRows) {
  const enter = (cell) =>
    findRows()
      .flat()
      .forEach((other) => (other.tabIndex = other === cell ? 0 : -1));
  const reset = () => enter(findRows()[0]?.[0]);
  element.addEventListener("focusin", (event) => {
    const target = /** @type {HTMLButtonElement} */ (event.target);
    if (findRows().flat().includes(target)) enter(target);
  });
  element.addEventListener("keydown", (event) => {
    const rows = findRows();
    const target = /** @type {HTMLButtonElement} */ (event.target);
    const row = rows.findIndex((buttons) => buttons.includes(target));
    if (row < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const place = [row, rows[row].indexOf(target)];
    const next = movePlace(event.key, place, [rows.length, rows[row].length]);
    if (!next) return;
    event.preventDefault();
    const buttons = rows[next[0]];
    buttons[Math.min(next[1], buttons.length - 1)].focus();
  });
  reset();
  return reset;
}

/**
 * Finds the rows that buttons lie in on the screen, where their number depends on it.
 * @param {HTMLElement} element  their parent
 * @returns {HTMLButtonElement[][]}
 */
export function findLines(element) {
  const lines = new Map();
  const buttons = /** @type {HTMLButtonElement[]} */ ([...element.children]);
  for (const button of buttons) {
    const line = lines.get(button.offsetTop) ?? [];
    lines.set(button.offsetTop, [...line, button]);
  }
  return [...lines.values()];
}

/**
 * Lets a pointer that is held down run over the buttons of a grid.
 * @param {HTMLElement} element  around the grid
 * @param {HTMLButtonElement[]} cells
 * @param {(index: number, isFirst: boolean) => void} reach  takes a cell, and whether the
 *   pointer has just been put down
 */
export function addStrokes(element, cells, reach) {
  /** @type {number | null} */
  let pointer = null;
  let last = -1;
  const touch = (event, isFirst) => {
    const target = document.elementFromPoint(event.clientX, event.clientY);
    const index = cells.findIndex((cell) => cell.contains(target));
    if (index < 0 || (index === last && !isFirst)) return;
    last = index;
    reach(index, isFirst);
  };
  const release = (event) => {
    if (event.pointerId === pointer) pointer = null;
  };
  element.addEventListener("pointerdown", (event) => {
    if (pointer !== null || event.button !== 0) return;
    pointer = event.pointerId;
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.hasPointerCapture(pointer)) target.releasePointerCapture(pointer);
    touch(event, true);
  });
  element.addEventListener("pointermove", (event) => {
    if (event.pointerId === pointer) touch(event, false);
  });
  for (const end of ["pointerup", "pointercancel", "pointerleave"])
    element.addEventListener(end, release);
}

/**
 * Keeps JupyterLab from taking keys for shortcuts of its own while a figure has the focus:
 * it looks for this mark, and some of its shortcuts look no further than the focus.
 * @param {HTMLElement} element  of the figure
 */
export function keepKeys(element) {
  element.addEventListener("focusin", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    target.dataset.lmSuppressShortcuts = "true";
  });
}

/**
 * Makes a region that a screen reader reads out once its text has stood for a moment.
 * @returns {{element: HTMLElement, say: (text: string) => void, stop: () => void}}
 */
export function createVoice() {
  const element = create("div", { class: "lenet-hidden", role: "status" });
  let timer;
  const stop = () => clearTimeout(timer);
  const say = (text) => {
    stop();
    timer = setTimeout(() => (element.textContent = text), QUIET);
  };
  return { element, say, stop };
}
