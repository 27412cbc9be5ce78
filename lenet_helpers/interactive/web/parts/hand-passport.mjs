// The passport of a hand: how often LeNet-5 errs on it, where, and after which mistakes.

import { writePassport } from "../engine/hand/passport.mjs";
import { joinDigits } from "../engine/hand/teaching.mjs";
import { range, write, writeCount, writeShare } from "../engine/numbers.mjs";
import { create, createPart } from "./dom.mjs";

/** @import { Digit } from "../engine/hand/teaching.mjs" */

const percent = (rate, digits = 1) => `${write(100 * rate, digits)} %`;

/**
 * Makes the passport.
 * @param {object} options
 * @param {number} options.mnistError  the network's error rate on MNIST's test digits
 * @param {(images: Uint8Array) => number[]} options.classify
 * @param {() => number} options.countLeft  digits that are not yet read after each mistake
 * @returns {{element: HTMLElement, show: (digits: Digit[]) => void}}
 */
export function createPassport({ mnistError, classify, countLeft }) {
  const summary = create("p", { class: "lenet-summary" });
  const note = create("p", { class: "lenet-hint" });
  const byDigit = createByDigit();
  const mistakes = createMistakes();
  const tables = create(
    "div",
    { class: "lenet-halves" },
    createPart("Misread, of each digit", byDigit.element),
    createPart("Error after a mistake in preparation", mistakes.element),
  );
  const element = create("div", { class: "lenet-passport" }, summary, note, tables);

  function show(digits) {
    const labelled = digits.filter(({ label }) => label >= 0);
    const without = digits.length - labelled.length;
    const left = countLeft();
    const isReady = labelled.length > 0 && !left;
    tables.hidden = !isReady;
    note.hidden = !without && labelled.length > 0;
    note.textContent = describeRest(without, labelled.length);
    if (left)
      summary.textContent = `LeNet-5 reads … ${digits.length - left} of ${digits.length} digits.`;
    else if (!labelled.length) summary.textContent = "No digit has a label yet.";
    else {
      const passport = writePassport(joinDigits(labelled), classify);
      summary.textContent = summarize(passport, labelled.length, mnistError);
      byDigit.show(passport.byDigit);
      mistakes.show(passport);
    }
  }
  return { element, show };
}

function describeRest(without, labelled) {
  if (!labelled) return "Give labels in step 2: only they say what is misread.";
  return without === 1
    ? "1 digit has no label and does not count here."
    : `${without} digits have no label and do not count here.`;
}

/**
 * @param {import("../engine/hand/passport.mjs").Passport} passport
 * @param {number} number  digits
 * @param {number} mnistError
 */
function summarize({ missed, errorRate, bounds }, number, mnistError) {
  const [low, high] = bounds;
  const digits = number === 1 ? "1 digit" : `${writeCount(number)} digits`;
  return (
    `LeNet-5 misreads ${missed.length} of ${digits}: ${percent(errorRate)}. If you wrote ` +
    `more of them, the rate would lie between ${write(100 * low, 1)} and ` +
    `${percent(high)} (interval of 95 %). Of MNIST's test digits the same network ` +
    `misreads ${percent(mnistError, 2)}.`
  );
}

/** Makes the table of each digit's misreadings. */
function createByDigit() {
  const wrong = range(10).map(() => create("td", {}));
  const all = range(10).map(() => create("td", {}));
  const head = range(10).map((digit) => create("th", { scope: "col" }, `${digit}`));
  const row = (name, cells) =>
    create("tr", {}, create("th", { scope: "row" }, name), ...cells);
  const element = create(
    "table",
    { class: "lenet-by-digit" },
    create("thead", {}, row("digit", head)),
    create("tbody", {}, row("misread", wrong), row("of", all)),
  );
  /** @param {number[][]} counts  misread and all, by digit */
  const show = (counts) =>
    counts.forEach(([some, number], digit) => {
      wrong[digit].textContent = number ? `${some}` : "–";
      wrong[digit].classList.toggle("lenet-some", some > 0);
      all[digit].textContent = `${number}`;
    });
  return { element, show };
}

/** Makes the table of the error after each mistake, with bars. */
function createMistakes() {
  const body = create("tbody", {});
  const element = create("table", { class: "lenet-mistakes" }, body);
  /** @param {string} name @param {number} rate */
  const makeRow = (name, rate) => {
    const bar = create("span", { style: `width: ${writeShare(rate, 1)}` });
    return create(
      "tr",
      {},
      create("th", { scope: "row" }, name),
      create("td", { class: "lenet-track", "aria-hidden": "true" }, bar),
      create("td", { class: "lenet-number" }, percent(rate)),
    );
  };
  const show = ({ errorRate, withMistakes }) => {
    const rates = { "as they are": errorRate, ...withMistakes };
    const rows = Object.entries(rates).map(([name, rate]) => makeRow(name, rate));
    body.replaceChildren(...rows);
  };
  return { element, show };
}
