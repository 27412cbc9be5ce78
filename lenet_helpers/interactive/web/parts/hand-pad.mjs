// Digits written on prompt, one after the other.

import { centerInk } from "../engine/drawing.mjs";
import { create, createButton } from "./dom.mjs";
import { createInkPad } from "./ink-pad.mjs";

const START = 40; // digits, four of each

/**
 * Makes the field with its prompt.
 * @param {object} on
 * @param {(pixels: Uint8Array, label: number) => boolean} on.keep  takes a digit; says
 *   whether there was room
 * @param {(text: string) => void} on.say  tells a screen reader
 * @returns {{element: HTMLElement, show: (number: number) => void, stop: () => void}}
 *   show takes how many digits there are
 */
export function createPrompts({ keep, say }) {
  let wanted = 0;
  const task = create("p", { class: "lenet-task" });
  const count = create("p", { class: "lenet-hint" });
  const pad = createInkPad({
    label: "Field to write a digit on",
    change: () => {},
    commit: () => {},
    say,
  });

  function ask() {
    task.textContent = `Write a ${wanted}`;
    pad.show([]);
  }

  function take() {
    const pixels = centerInk(pad.ink());
    if (!pixels) {
      say(`Nothing is written yet. Write a ${wanted}.`);
      return;
    }
    if (!keep(pixels, wanted)) return;
    const before = wanted;
    wanted = (wanted + 1) % 10;
    ask();
    say(`The ${before} is kept. Write a ${wanted}.`);
  }

  pad.element.addEventListener("keydown", (event) => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key !== "Enter" || event.repeat || !isPlain) return;
    event.preventDefault();
    take();
  });
  ask();
  const element = create(
    "div",
    { class: "lenet-prompts" },
    task,
    pad.element,
    create(
      "div",
      { class: "lenet-buttons" },
      createButton("Keep it (Enter)", take),
      createButton("Again", () => pad.show([])),
    ),
    count,
  );
  const show = (number) => {
    const digits = number === 1 ? "1 digit" : `${number.toLocaleString("en")} digits`;
    const advice = number < START ? "; four of each are a good start" : "";
    count.textContent = `${digits}${advice}.`;
  };
  return { element, show, stop: pad.stop };
}
