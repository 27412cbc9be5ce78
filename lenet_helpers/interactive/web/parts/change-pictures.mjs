// A digit, what is added to it, and their sum.

import { findLargest, write } from "../engine/numbers.mjs";
import { create } from "./dom.mjs";
import { colorInk, paintMap } from "./pictures.mjs";

/**
 * Makes the pictures of a digit, of its change, and of the digit after it.
 * @param {number} side  of the digit, in pixels
 * @returns {{element: HTMLElement,
 *   show: (before: Float32Array, after: Float32Array, norm: "linf" | "l2") => void}}
 *   show takes pixels in [0, 1], and in which norm the change was limited
 */
export function createChangePictures(side) {
  const frames = ["Digit", "Change", "Changed digit"].map((name) => {
    const canvas = create("canvas", { class: "lenet-map" });
    const picture = create("div", { role: "img", "aria-label": name }, canvas);
    const label = create("div", { class: "lenet-label" }, name);
    return { canvas, label, element: create("div", {}, picture, label) };
  });
  const signs = ["+", "="].map((sign) =>
    create("span", { "aria-hidden": "true" }, sign),
  );
  const [one, two, three] = frames.map(({ element }) => element);
  const element = create(
    "div",
    { class: "lenet-sum" },
    one,
    signs[0],
    two,
    signs[1],
    three,
  );
  const ink = { color: colorInk, limit: 1 };
  const show = (before, after, norm) => {
    const change = after.map((value, i) => value - before[i]);
    const limit = findLargest(change);
    paintMap(frames[0].canvas, before, side, side, ink);
    paintMap(frames[1].canvas, change, side, side, { limit });
    paintMap(frames[2].canvas, after, side, side, ink);
    const length = norm === "l2" ? `, L2 ${write(Math.hypot(...change))}` : "";
    frames[1].label.textContent = `Change, ±${write(limit, 3)}${length}`;
  };
  return { element, show };
}
