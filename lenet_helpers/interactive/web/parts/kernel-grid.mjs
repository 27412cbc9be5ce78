// Tables of 5 x 5 numbers on their colours, and a kernel to be painted in one.

import { range, write } from "../engine/numbers.mjs";
import { addArrowKeys, addStrokes, createChoice } from "./controls.mjs";
import { create, createButton } from "./dom.mjs";
import { colorSigned, colorText } from "./pictures.mjs";

const SIDE = 5;
const BRUSHES = [-1, -0.5, 0, 0.5, 1];
const STEP = 0.1; // of the keys + and -
const STEPS = { "+": STEP, "=": STEP, "-": -STEP, "−": -STEP };

/**
 * Makes a table of 5 x 5 cells.
 * @template {HTMLElement} Cell
 * @param {string} caption
 * @param {string|false} role  of the table
 * @param {(k: number) => Cell} makeCell  takes the place of the cell, row by row
 * @returns {{table: HTMLElement, caption: HTMLElement, cells: Cell[], lines: Cell[][]}}
 */
export function createGrid(caption, role, makeCell) {
  const cells = range(SIDE ** 2).map(makeCell);
  const lines = range(SIDE).map((row) => cells.slice(SIDE * row, SIDE * (row + 1)));
  const rows = lines.map((line) =>
    create("tr", {}, ...line.map((cell) => create("td", {}, cell))),
  );
  const title = create("caption", {}, caption);
  const table = create(
    "table",
    { class: "lenet-25", role },
    title,
    create("tbody", {}, ...rows),
  );
  return { table, caption: title, cells, lines };
}

/**
 * Writes a number into a cell, on its colour.
 * @param {HTMLElement} cell
 * @param {number} value
 * @param {number[]} color  red, green, blue
 */
export function fillCell(cell, value, color) {
  cell.textContent = write(value);
  cell.style.background = `rgb(${color.join()})`;
  cell.style.color = colorText(color);
}

/**
 * Makes a kernel to be painted: with a brush, a finger, or the keys of numbers.
 * @param {object} options
 * @param {() => number[]} options.read  the 25 weights
 * @param {(weights: number[]) => void} options.change
 * @returns {{table: HTMLElement, tools: HTMLElement,
 *   show: (weights: number[], name: string, limit: number) => void}}  limit: the value of
 *   the darkest colour
 */
export function createKernelGrid({ read, change }) {
  let brush = 1;
  const { table, caption, cells, lines } = createGrid("", "grid", (k) =>
    createButton("", () => paint(k)),
  );
  const options = BRUSHES.map((value) => {
    return { value, label: write(value, value % 1 ? 1 : 0) };
  });
  const brushes = createChoice("Brush for the kernel", options, (value) => {
    brush = value;
  });
  const clear = createButton("All weights 0", () => change(cells.map(() => 0)));
  const tools = create("div", { class: "lenet-row" }, brushes.element, clear);

  const set = (k, weight) => change(read().map((old, i) => (i === k ? weight : old)));
  function paint(k) {
    if (read()[k] !== brush) set(k, brush);
  }

  brushes.show(brush);
  addArrowKeys(table, () => lines);
  addStrokes(table, cells, paint);
  table.addEventListener("keydown", ({ key, target }) => {
    const k = cells.indexOf(/** @type {HTMLButtonElement} */ (target));
    if (k < 0) return;
    if (key === "0") set(k, 0);
    else if (key in STEPS) set(k, Math.round(100 * (read()[k] + STEPS[key])) / 100);
  });

  const show = (weights, name, limit) => {
    caption.textContent = `× kernel: ${name}`;
    weights.forEach((weight, k) => {
      fillCell(cells[k], weight, colorSigned(weight, limit));
      const place = `row ${Math.floor(k / SIDE)}, column ${k % SIDE}`;
      cells[k].setAttribute("aria-label", `${place}: ${write(weight)}`);
    });
  };
  return { table, tools, show };
}
