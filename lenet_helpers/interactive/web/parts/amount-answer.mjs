// The best readings of a line, and whether the first of them is answered or refused.

import { clamp, write } from "../engine/numbers.mjs";
import { create, save } from "./dom.mjs";

/** @import { Model } from "./dom.mjs" */

const MOST_MARGIN = 100; // that can be asked for

/**
 * A reading as text.
 * @typedef {{text: string, penalty: number, share: number}} NamedReading
 */

/**
 * Makes the table of the best readings, and what says whether the first is answered.
 * @param {Model} model
 * @returns {{element: HTMLElement, show: (readings: NamedReading[]) => string}}  show
 *   gives what a screen reader is to say
 */
export function createAnswer(model) {
  const reading = create("b", {});
  const verdict = create("span", {});
  const body = create("tbody", {});
  const text = create("span", {});
  const slider = create("input", {
    type: "range",
    min: "0",
    max: `${MOST_MARGIN}`,
    step: "1",
    oninput: () => save(model, { threshold: Number(slider.value) }),
  });
  const heads = ["reading", "penalty", "posterior"].map((name) =>
    create("th", { scope: "col" }, name),
  );
  const table = create(
    "table",
    {},
    create("thead", {}, create("tr", {}, ...heads)),
    body,
  );
  const element = create(
    "div",
    { class: "lenet-answer" },
    create("p", { class: "lenet-reading" }, reading, " ", verdict),
    create("label", {}, text, slider),
    table,
  );

  /** @returns {string} for a screen reader */
  const show = (readings) => {
    const threshold = clamp(model.get("threshold"), 0, MOST_MARGIN);
    slider.value = `${threshold}`;
    text.textContent = `Refuse, where the next reading is less than ${threshold} dearer`;
    const [best, next] = readings;
    const margin = next ? next.penalty - best.penalty : Infinity;
    const isSure = best && margin >= threshold;
    reading.textContent = best ? best.text || "(no character)" : "Nothing";
    reading.classList.toggle("lenet-refused", !isSure);
    verdict.textContent = describe(best, next, margin, isSure);
    body.replaceChildren(
      ...readings.map((one) =>
        create(
          "tr",
          {},
          create("td", {}, one.text),
          create("td", {}, write(one.penalty, 1)),
          create("td", {}, writeShare(one.share)),
        ),
      ),
    );
    table.hidden = readings.length === 0;
    return `${reading.textContent} ${verdict.textContent}`;
  };
  return { element, show };
}

function describe(best, next, margin, isSure) {
  if (!best) return "can be read by this grammar.";
  if (!next) return "is the only reading that the grammar takes.";
  const gap = `the next reading, ${next.text || "(no character)"}, is ${write(margin, 1)} dearer.`;
  return isSure ? `is the answer: ${gap}` : `is refused: ${gap}`;
}

function writeShare(share) {
  if (share > 0.999999) return "above 0.999999";
  return share < 0.000001 ? "below 0.000001" : write(share, 6);
}
