// A picture with a square on it, and the pointer that leads there.

import { writeShare } from "../engine/numbers.mjs";
import { create } from "./dom.mjs";

/**
 * Makes a picture with a square on it.
 * @param {Object<string, string>} attributes  of the frame around it
 * @returns {{frame: HTMLElement, canvas: HTMLCanvasElement,
 *   mark: (top: number, left: number, side: number, whole: number) => void}}  mark puts
 *   the square there, in pixels of the picture; whole: the picture's side
 */
export function createFramed(attributes) {
  const canvas = create("canvas", { class: "lenet-map" });
  const box = create("div", { class: "lenet-box" });
  const frame = create("div", { class: "lenet-frame", ...attributes }, canvas, box);
  const mark = (top, left, side, whole) =>
    Object.assign(box.style, {
      height: writeShare(side, whole),
      left: writeShare(left, whole),
      top: writeShare(top, whole),
      width: writeShare(side, whole),
    });
  return { frame, canvas, mark };
}

/**
 * Tells where a pointer is, as fractions of the picture's height and width.
 * @param {HTMLElement} frame  around the picture
 * @param {object} options
 * @param {(place: number[]) => void} options.hover  a mouse is there
 * @param {(place: number[]) => void} options.pin  a pointer is down there
 * @param {() => void} options.leave
 */
export function trackPointer(frame, { hover, pin, leave }) {
  /** @type {number | null} */
  let held = null;
  const locate = (event) => {
    const box = frame.getBoundingClientRect();
    return [
      (event.clientY - box.top) / box.height,
      (event.clientX - box.left) / box.width,
    ];
  };
  frame.addEventListener("pointerdown", (event) => {
    if (held !== null || event.button !== 0) return;
    held = event.pointerId;
    frame.setPointerCapture(event.pointerId);
    pin(locate(event));
  });
  frame.addEventListener("pointermove", (event) => {
    if (event.pointerId === held) pin(locate(event));
    else if (held === null && event.pointerType === "mouse") hover(locate(event));
  });
  const release = (event) => {
    if (event.pointerId === held) held = null;
  };
  for (const end of ["pointerup", "pointercancel"])
    frame.addEventListener(end, release);
  frame.addEventListener("pointerleave", leave);
}
