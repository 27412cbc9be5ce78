// Ten outputs before and after something: a bar each, the numbers, which is the answer.

import { clamp, findLargest, range, write } from "../engine/numbers.mjs";
import { create } from "./dom.mjs";

/**
 * Makes the table.
 * @param {string} caption
 * @param {number | null} largest  the output with the longest bar; null: the largest shown
 * @param {{digits?: number, isSigned?: boolean}} [options]  digits: after the point;
 *   isSigned: bars go to both sides of the middle
 * @returns {{element: HTMLElement,
 *   show: (before: ArrayLike<number>, after: ArrayLike<number>, answers: number[]) => void}}
 */
export function createScorePairs(caption, largest, options = {}) {
  const { digits = 0, isSigned = false } = options;
  const names = ["", "", "before", "after"];
  const heads = names.map((name) =>
    name ? create("th", { scope: "col" }, name) : create("td"),
  );
  const rows = range(10).map((label) => {
    const bars = [create("span", {}), create("span", {})];
    const values = [create("td"), create("td")];
    const track = create(
      "td",
      { class: "lenet-track", "aria-hidden": "true" },
      ...bars,
    );
    const head = create("th", { scope: "row" }, `${label}`);
    return { row: create("tr", {}, head, track, ...values), bars, values };
  });
  const element = create(
    "table",
    { class: isSigned ? "lenet-score-pairs lenet-signed" : "lenet-score-pairs" },
    create("caption", {}, caption),
    create("thead", {}, create("tr", {}, ...heads)),
    create("tbody", {}, ...rows.map(({ row }) => row)),
  );
  const show = (before, after, answers) => {
    const longest =
      largest ?? findLargest([...Array.from(before), ...Array.from(after)]);
    rows.forEach(({ bars, values }, label) => {
      [before, after].forEach((outputs, i) => {
        const output = outputs[label];
        const length = clamp(Math.abs(output) / longest, 0, 1);
        bars[i].style.setProperty(
          "--length",
          `${Number.isFinite(length) ? length : 0}`,
        );
        bars[i].classList.toggle("lenet-negative", output < 0);
        values[i].textContent = Number.isFinite(output) ? write(output, digits) : "–";
        values[i].classList.toggle("lenet-best", answers[i] === label);
      });
    });
  };
  return { element, show };
}
