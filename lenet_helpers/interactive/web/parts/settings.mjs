// Fields for settings: a choice from a list, a number.

import { create } from "./dom.mjs";

const field = (label, input) =>
  create("label", {}, create("span", { class: "lenet-label" }, label), input);

/**
 * Makes a choice from a list.
 * @param {string} label
 * @param {{value: string, name: string}[]} options
 * @param {(value: string) => void} choose
 * @returns {{element: HTMLElement, show: (value: string, forbidden?: string[]) => void}}
 *   forbidden: what cannot be chosen now
 */
export function createSelect(label, options, choose) {
  const items = options.map(({ value, name }) => create("option", { value }, name));
  const select = create("select", { onchange: () => choose(select.value) }, ...items);
  const show = (value, forbidden = []) => {
    for (const item of items) item.disabled = forbidden.includes(item.value);
    select.value = value;
  };
  return { element: field(label, select), show };
}

/**
 * Makes a field for a number. What does not fit gives way to what was there.
 * @param {string} label
 * @param {{low: number, high: number, isWhole: boolean}} options  low: for a number with a
 *   fraction, the number must be larger
 * @param {(value: number) => void} change
 * @returns {{element: HTMLElement, show: (value: number) => void}}
 */
export function createEntry(label, { low, high, isWhole }, change) {
  let now = low;
  const fits = (value) =>
    isWhole
      ? Number.isInteger(value) && value >= low && value <= high
      : value > low && value <= high;
  const input = create("input", {
    type: "number",
    step: isWhole ? "1" : "any",
    min: `${low}`,
    max: `${high}`,
    onchange: () => {
      const value = Number(input.value);
      if (input.value !== "" && fits(value)) change(value);
      else input.value = `${now}`;
    },
  });
  const show = (value) => {
    now = value;
    if (document.activeElement !== input) input.value = `${value}`;
  };
  return { element: field(label, input), show };
}
