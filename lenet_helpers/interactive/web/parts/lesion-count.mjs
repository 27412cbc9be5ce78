// How many test digits are misread, before and after; counted in slices of time, so that
// the page answers meanwhile.

import { boundRate } from "../engine/judging.mjs";
import { findAnswer } from "../engine/lesions.mjs";
import { range, write } from "../engine/numbers.mjs";
import { addArrowKeys, findLines } from "./controls.mjs";
import { create, createButton, createPart, press } from "./dom.mjs";
import { colorInk, createPicture } from "./pictures.mjs";

/** @import { Part } from "../engine/lesions.mjs" */

const SLICE = 12; // milliseconds
const MOST = 40; // misread digits that are shown

/**
 * Makes the count.
 * @param {object} place
 * @param {ReturnType<typeof import("../engine/lesions.mjs").createLesions>} place.lesions
 * @param {(i: number) => Uint8Array} place.digitOf
 * @param {number[]} place.labels
 * @param {(i: number) => void} place.choose  takes the digit to be looked at
 * @param {(text: string) => void} place.tell  takes what was counted
 */
export function createLesionCount({ lesions, digitOf, labels, choose, tell }) {
  const counter = createCounter({ lesions, digitOf, labels });
  const table = createTable(labels.length);
  const list = create("div", {
    class: "lenet-missed",
    role: "group",
    "aria-label": "Digits that are misread now",
  });
  const reset = addArrowKeys(list, () => findLines(list));
  const note = create("p", { class: "lenet-hint" });
  const element = createPart(
    `Of ${labels.length} test digits`,
    table.element,
    note,
    list,
  );
  let digit = 0;

  const markDigit = (i) => {
    digit = i;
    for (const button of /** @type {HTMLCollectionOf<HTMLElement>} */ (list.children))
      press(button, Number(button.dataset.digit) === digit);
  };

  const createItem = (i, answer) => {
    const text = `a ${labels[i]}, read as ${answer}`;
    const button = createButton("", () => choose(i));
    button.dataset.digit = `${i}`;
    button.title = text;
    button.setAttribute("aria-label", text);
    button.append(
      createPicture(digitOf(i), 28, 28, { color: colorInk, limit: 255 }),
      create("span", { "aria-hidden": "true" }, `${labels[i]} → ${answer}`),
    );
    return button;
  };

  const report = ({ before, after }) => {
    const number = after.length;
    if (number < labels.length) {
      note.textContent = `Counting: ${number} of ${labels.length} …`;
      return;
    }
    const missed = range(number).filter((i) => after[i] !== labels[i]);
    const wrong = (answers) => labels.filter((label, i) => answers[i] !== label).length;
    table.show(wrong(before), missed.length);
    note.textContent = describeMissed(missed.length);
    list.replaceChildren(...missed.slice(0, MOST).map((i) => createItem(i, after[i])));
    reset();
    markDigit(digit);
    tell(`Of ${number}, ${wrong(before)} misread before, ${missed.length} after.`);
  };

  return {
    element,
    markDigit,
    /** @param {Part[]} off */
    start: (off) => counter.start(off, report),
    stop: counter.stop,
  };
}

function describeMissed(number) {
  if (!number) return "None is misread now.";
  const some = number > MOST ? ` (the first ${MOST})` : "";
  return `Misread now${some}, written → read; click one to look at it:`;
}

/** Lets all digits be read, a slice of time after the other. */
function createCounter({ lesions, digitOf, labels }) {
  const known = []; // of each digit, S2 of the whole network
  const before = []; // and the whole network's answer
  let timer;

  const answer = (i, off) => findAnswer(lesions.judge(known[i], off));

  function start(off, report) {
    const after = [];
    const work = () => {
      const end = performance.now() + SLICE;
      while (after.length < labels.length && performance.now() < end) {
        const i = after.length;
        known[i] ??= lesions.runS2(digitOf(i));
        before[i] ??= answer(i, []);
        after.push(off.length ? answer(i, off) : before[i]);
      }
      if (after.length < labels.length) timer = setTimeout(work);
      report({ before, after });
    };
    clearTimeout(timer);
    work();
  }
  return { start, stop: () => clearTimeout(timer) };
}

/** Two rows: how many were misread, the rate, the interval of 95 %. */
function createTable(number) {
  const heads = ["", "misread", "%", "95 % interval"].map((name) =>
    name ? create("th", { scope: "col" }, name) : create("td"),
  );
  const names = ["before", "after"];
  const cells = names.map(() => range(3).map(() => create("td", {}, "–")));
  const rows = names.map((name, i) =>
    create("tr", {}, create("th", { scope: "row" }, name), ...cells[i]),
  );
  const element = create(
    "table",
    { class: "lenet-counted" },
    create("thead", {}, create("tr", {}, ...heads)),
    create("tbody", {}, ...rows),
  );
  const show = (...counts) =>
    counts.forEach((count, i) => {
      const percent = (rate) => write(100 * rate, 1);
      const [low, high] = boundRate(count, number);
      const texts = [
        `${count}`,
        percent(count / number),
        `${percent(low)} to ${percent(high)}`,
      ];
      texts.forEach((text, k) => (cells[i][k].textContent = text));
    });
  return { element, show };
}
