// The digits as a grid of pictures, to look at and to mend.

import { range } from "../engine/numbers.mjs";
import { addArrowKeys, createChoice, findLines } from "./controls.mjs";
import { create, createButton, press } from "./dom.mjs";
import { colorInk, createPicture } from "./pictures.mjs";

/** @import { Digit } from "../engine/hand/teaching.mjs" */
/** @import { Collection } from "./hand-collection.mjs" */

const INK = { color: colorInk, limit: 255 };
const UNKNOWN = -1; // no label

/** @param {number} label */
const nameLabel = (label) => (label === UNKNOWN ? "?" : `${label}`);

/**
 * Says what a digit is and what it is read as.
 * @param {number} label
 * @param {?number} answer  null: not yet read
 */
function describe(label, answer) {
  const what = label === UNKNOWN ? "without a label" : `a ${label}`;
  if (answer === null) return `${what}, not read yet`;
  if (label === UNKNOWN) return `${what}, read as ${answer}`;
  return label === answer ? `${what}, read rightly` : `${what}, misread as ${answer}`;
}

/**
 * Makes the grid, and what mends the digit that is selected.
 * @param {Collection} collection
 * @param {(pixels: Uint8Array) => ?number} read  tells LeNet-5's answer, if it is known
 * @param {(text: string) => void} say  tells a screen reader
 * @returns {{element: HTMLElement, show: () => void}}
 */
export function createGrid(collection, read, say) {
  /** @type {?Uint8Array} */
  let selected = null; // its pixels, which a new label leaves as they are
  const find = (pixels) =>
    collection.digits().findIndex((digit) => digit.pixels === pixels);
  const grid = create("div", {
    class: "lenet-hand-grid",
    role: "group",
    "aria-label": "Digits",
  });
  const resetStop = addArrowKeys(grid, () => findLines(grid));
  const cells = createCells(read, select);
  const editor = createEditor({ label: mendSelected, remove: removeSelected });
  const undo = createButton("Undo", () => {
    collection.undo();
    say(`Undone. ${collection.digits().length} digits.`);
  });
  const clear = createButton("Remove all", collection.clear);

  function mendSelected(label) {
    const index = selected ? find(selected) : -1;
    if (index < 0) return;
    collection.relabel(index, label);
    say(describeAt(index));
  }

  function removeSelected() {
    const index = selected ? find(selected) : -1;
    if (index < 0) return;
    const hadFocus = grid.contains(document.activeElement);
    collection.remove(index);
    const digits = collection.digits();
    selected = digits[Math.min(index, digits.length - 1)]?.pixels ?? null;
    show();
    if (selected && hadFocus) cells.find(selected).button.focus();
    say(`Removed. ${digits.length} digits are left.`);
  }

  function describeAt(index) {
    const { pixels, label } = collection.digits()[index];
    const number = collection.digits().length;
    return `Digit ${index + 1} of ${number}: ${describe(label, read(pixels))}.`;
  }

  function select(pixels) {
    selected = pixels;
    show();
  }

  grid.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isDigit = /^\d$/.test(event.key);
    if (isDigit) mendSelected(Number(event.key));
    else if (event.key === "?") mendSelected(UNKNOWN);
    else if (event.key === "Delete" || event.key === "Backspace") removeSelected();
    else return;
    event.preventDefault();
  });

  function show() {
    const digits = collection.digits();
    const buttons = digits.map(({ pixels }) => cells.find(pixels).button);
    const isSame =
      buttons.length === grid.children.length &&
      buttons.every((button, i) => button === grid.children[i]);
    if (!isSame) {
      grid.replaceChildren(...buttons);
      resetStop();
    }
    const index = selected ? find(selected) : -1;
    digits.forEach((digit, i) => cells.show(digit, i === index));
    editor.show(digits[index], index < 0 ? "" : describeAt(index));
    undo.disabled = !collection.canUndo();
    clear.disabled = !digits.length;
  }

  const element = create(
    "div",
    { class: "lenet-mend" },
    createKey(),
    grid,
    editor.element,
    create("div", { class: "lenet-buttons" }, undo, clear),
  );
  return { element, show };
}

const createKey = () =>
  create(
    "p",
    { class: "lenet-hint" },
    "Below each digit stands its label, and after ✗ what LeNet-5 reads instead. With ",
    "the keyboard: arrow keys move, a digit's key gives that label, ? takes the label ",
    "away, Delete removes.",
  );

/**
 * Makes the cells of the grid, one for each picture, and keeps them.
 * @param {(pixels: Uint8Array) => ?number} read
 * @param {(pixels: Uint8Array) => void} select
 */
function createCells(read, select) {
  const cells = new WeakMap(); // pixels -> cell

  function find(pixels) {
    const known = cells.get(pixels);
    if (known) return known;
    const note = create("span", {});
    const button = createButton("", () => select(pixels));
    button.addEventListener("focus", () => select(pixels));
    button.append(createPicture(pixels, 28, 28, INK), note);
    const cell = { button, note };
    cells.set(pixels, cell);
    return cell;
  }

  /** @param {Digit} digit @param {boolean} isSelected */
  function show({ pixels, label }, isSelected) {
    const { button, note } = find(pixels);
    const answer = read(pixels);
    const isRight = answer === null || answer === label;
    const isWrong = !isRight && label !== UNKNOWN;
    const sign = isWrong ? ` ✗ ${answer}` : ` ${answer}`;
    note.textContent = isRight ? nameLabel(label) : `${nameLabel(label)}${sign}`;
    const name = describe(label, answer);
    if (button.getAttribute("aria-label") !== name)
      button.setAttribute("aria-label", name);
    button.classList.toggle("lenet-misread", isWrong);
    press(button, isSelected);
  }
  return { find, show };
}

/** Makes the panel of the digit that is selected: its picture, its label, Remove. */
function createEditor({ label: choose, remove }) {
  const picture = create("div", { class: "lenet-large" });
  const text = create("p", {});
  const options = [...range(10), UNKNOWN].map((value) => ({
    value,
    label: nameLabel(value),
    name: value === UNKNOWN ? "no label" : nameLabel(value),
  }));
  const choice = createChoice("Label", options, choose);
  const element = create(
    "div",
    { class: "lenet-editor" },
    picture,
    create("div", {}, text, choice.element, createButton("Remove it", remove)),
  );
  /** @type {?Uint8Array} */
  let shown = null;
  /** @param {Digit | undefined} digit @param {string} words */
  const show = (digit, words) => {
    element.hidden = !digit;
    if (!digit) return;
    if (shown !== digit.pixels)
      picture.replaceChildren(createPicture(digit.pixels, 28, 28, INK));
    shown = digit.pixels;
    text.textContent = words;
    choice.show(digit.label);
  };
  return { element, show };
}
