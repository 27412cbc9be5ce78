// A slider over the places of a recording, and a button that plays it.

import { create, createButton } from "./dom.mjs";

const STEP = 700; // milliseconds a place, while it plays

/**
 * Makes the player. Where the reader wants no motion, its button goes on by one place.
 * @param {object} options
 * @param {string} options.name  of a place: "pass"
 * @param {number} options.last
 * @param {() => number} options.read  tells where it is
 * @param {(place: number) => void} options.go
 * @returns {{element: HTMLElement, show: (place: number, text: string) => void,
 *   stop: () => void}}  show takes a place, and what is true of it
 */
export function createPlayer({ name, last, read, go }) {
  let timer = 0; // while it plays
  const reduced = window.matchMedia("(prefers-reduced-motion: reduce)");
  const slider = create("input", {
    type: "range",
    min: "0",
    max: `${last}`,
    step: "1",
    "aria-label": `${name[0].toUpperCase()}${name.slice(1)}`,
    oninput: () => {
      pause();
      go(Number(slider.value));
    },
  });
  const button = createButton("", play);
  const state = create("p");
  const element = create("div", { class: "lenet-bar" }, button, slider, state);

  function nameButton() {
    const action = timer ? "❚❚ Pause" : "▶ Play";
    button.textContent = reduced.matches ? `Next ${name}` : action;
  }

  function pause() {
    window.clearInterval(timer);
    timer = 0;
    nameButton();
  }

  function advance() {
    const place = read();
    go(place < last ? place + 1 : 0);
    if (read() === last) pause();
  }

  function play() {
    if (timer) {
      pause();
      return;
    }
    if (!reduced.matches) timer = window.setInterval(advance, STEP);
    advance();
    nameButton();
  }

  nameButton();
  reduced.addEventListener("change", pause);
  const show = (place, text) => {
    slider.value = `${place}`;
    slider.setAttribute("aria-valuetext", text);
    state.textContent = text;
  };
  const stop = () => {
    pause();
    reduced.removeEventListener("change", pause);
  };
  return { element, show, stop };
}
