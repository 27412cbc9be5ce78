// What was found in a picture: each step's picture, boxes around digits, what was left out.

import { createChoice } from "./controls.mjs";
import { create } from "./dom.mjs";

const FIRST = "photograph"; // the step that boxes belong to

/**
 * A hand as it was read in a picture.
 * @typedef {object} Found
 * @property {number[]} labels
 * @property {number[][]} boxes  x and y of four corners, in pixels of the file
 * @property {string[]} leftOut  sentences
 * @property {Object<string, {grey: Uint8Array, width: number, height: number}>} steps
 */

/**
 * Makes the view.
 * @returns {{element: HTMLElement, show: (hand: ?Found, reduction?: number) => void}}
 *   reduction: the file's pixels that became one, in height and in width
 */
export function createFound() {
  const element = create("div", { class: "lenet-found", hidden: true });
  const show = (hand, reduction = 1) => {
    element.hidden = !hand;
    element.replaceChildren(...(hand ? createViews(hand, reduction) : []));
  };
  return { element, show };
}

function createViews(hand, reduction) {
  const canvas = create("canvas", {});
  const frame = create("div", { role: "img", class: "lenet-photo" }, canvas);
  const names = Object.keys(hand.steps);
  const show = (name) => {
    paintGrey(canvas, hand.steps[name]);
    if (name === FIRST) paintBoxes(canvas, hand.boxes, reduction);
    frame.setAttribute(
      "aria-label",
      name === FIRST
        ? `The photograph, a box around each of ${hand.labels.length} digits`
        : `The step "${name}" of the photograph`,
    );
    choice.show(name);
  };
  const options = names.map((name) => ({ value: name, label: name }));
  const choice = createChoice("What was seen", options, show);
  show(FIRST);
  return [choice.element, frame, ...listLeftOut(hand.leftOut)];
}

function listLeftOut(leftOut) {
  if (!leftOut.length) return [];
  const items = leftOut.map((sentence) => create("li", {}, sentence));
  const count = leftOut.length === 1 ? "1 thing" : `${leftOut.length} things`;
  return [
    create(
      "details",
      { open: leftOut.length <= 6 },
      create("summary", {}, `Left out: ${count}`),
      create("ul", {}, ...items),
    ),
  ];
}

function paintGrey(canvas, { grey, width, height }) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (!context) return; // the browser has no more memory for pictures
  const picture = context.createImageData(width, height);
  const pixels = new Uint32Array(picture.data.buffer); // alpha, then three times grey
  for (let i = 0; i < grey.length; i += 1) pixels[i] = 0xff000000 | (0x10101 * grey[i]);
  context.putImageData(picture, 0, 0);
}

function paintBoxes(canvas, boxes, reduction) {
  const context = canvas.getContext("2d");
  if (!context) return;
  context.lineWidth = Math.max(2, canvas.width / 300);
  context.lineJoin = "round";
  context.strokeStyle = "#c2410c";
  for (const corners of boxes) {
    context.beginPath();
    for (let i = 0; i < corners.length; i += 2)
      context.lineTo(corners[i] / reduction, corners[i + 1] / reduction);
    context.closePath();
    context.stroke();
  }
}
