// Write a line of digits: LeNet-5 reads it at every place, in one pass.

import { COLUMNS, ROWS } from "../engine/codes.mjs";
import { scaleLine } from "../engine/drawing.mjs";
import { createHistory } from "../engine/history.mjs";
import { readLine, readPlaces } from "../engine/lines.mjs";
import { NETWORKS, runNetwork } from "../engine/networks.mjs";
import { range, write } from "../engine/numbers.mjs";
import { AMPLITUDE } from "../engine/paper.mjs";
import { readTensors } from "../engine/tensors.mjs";
import { createVoice, keepKeys } from "../parts/controls.mjs";
import { create, createButton, createFrame, listen, save } from "../parts/dom.mjs";
import { createInkPad } from "../parts/ink-pad.mjs";
import { paintInput, paintMap } from "../parts/pictures.mjs";

/** @import { Place } from "../engine/lines.mjs" */
/** @import { Tensor } from "../engine/tensors.mjs" */

const NAME = "lenet5";
const FARTHEST = 150; // the distance with the longest bar
const UNITS = ROWS * COLUMNS; // of F6

/** @param {{model: import("../parts/dom.mjs").Model, el: HTMLElement}} place */
function render({ model, el }) {
  const spec = model.get("network");
  const tensors = readTensors(spec.weights);
  const read = () => model.get("strokes");
  const past = read().map((_, i, strokes) => strokes.slice(0, i));
  const history = createHistory(past, read, (strokes) => save(model, { strokes }));

  const voice = createVoice();
  const frame = createFrame(look);
  const pad = createInkPad({
    label: "Strip to write digits on, side by side",
    columns: model.get("columns"),
    change: frame.ask,
    commit: history.store,
    say: voice.say,
  });
  const undo = createButton("Undo", history.goBack);
  const clear = createButton("Clear", () => history.store([]));
  const example = createButton("Write 1998", () => history.store(model.get("example")));
  const reading = create("b", {});
  const result = createResult(spec.threshold);

  el.classList.add("lenet-ui", "lenet-wide-input");
  keepKeys(el);
  el.append(
    pad.element,
    create(
      "div",
      { class: "lenet-row" },
      undo,
      clear,
      example,
      create("p", { class: "lenet-reading" }, "Reads: ", reading),
    ),
    result.element,
    voice.element,
  );

  function showDrawing() {
    if (!pad.isDrawing()) pad.show(read());
    undo.disabled = history.isEmpty();
  }

  function look() {
    const pixels = scaleLine(pad.ink());
    const states = pixels && runNetwork(NAME, tensors, pixels);
    const places = states ? readPlaces(states.output, spec.threshold) : [];
    clear.disabled = pixels === null;
    result.element.hidden = pixels === null;
    if (states) result.show(states, places);
    const text = readLine(places).join(" ") || "nothing";
    reading.textContent = text;
    voice.say(`LeNet-5 reads ${text}.`);
  }

  const stopListening = listen(model, ["change:strokes"], showDrawing);
  showDrawing();
  return () => {
    stopListening();
    frame.stop();
    voice.stop();
    pad.stop();
  };
}

/** The line as LeNet-5 sees it, and the window that the slider is at. */
function createResult(threshold) {
  /** @type {Object<string, Tensor> | null} */
  let states = null;
  /** @type {Place[]} */
  let places = [];
  const input = createStrip();
  const pictures = create("canvas", { class: "lenet-map" });
  const answers = createAnswers();
  const window = createWindow(threshold);
  const slider = create("input", {
    type: "range",
    min: "0",
    step: "1",
    value: "0",
    "aria-label": "window",
    oninput: showWindow,
  });
  const f6 = { class: "lenet-f6", role: "img", "aria-label": "F6 at every place" };
  const line = create(
    "div",
    { class: "lenet-line" },
    input.element,
    create("div", f6, pictures),
    answers.element,
    slider,
  );
  const scroll = {
    class: "lenet-scroll",
    tabindex: "0",
    role: "region",
    "aria-label": "The line as LeNet-5 sees it",
  };
  const element = create(
    "div",
    { class: "lenet-result" },
    create("div", scroll, line),
    window.element,
  );

  function showWindow() {
    if (!states) return;
    const place = Math.min(Number(slider.value), places.length - 1);
    input.mark(place);
    answers.mark(place);
    slider.setAttribute("aria-valuetext", window.show(states.f6, places, place));
  }

  /**
   * @param {Object<string, Tensor>} newStates  every layer of LeNet-5
   * @param {Place[]} newPlaces
   */
  const show = (newStates, newPlaces) => {
    states = newStates;
    places = newPlaces;
    line.style.setProperty("--columns", `${states.input.shape[2]}`);
    line.style.setProperty("--places", `${places.length}`);
    input.show(states.input);
    paintPictures(pictures, states.f6, places.length);
    answers.show(places);
    slider.max = `${places.length - 1}`;
    showWindow();
  };
  return { element, show };
}

/** The input, with a frame around a window. */
function createStrip() {
  const strip = create("canvas", { class: "lenet-map" });
  const frame = create("div", { class: "lenet-window" });
  const element = create(
    "div",
    { class: "lenet-strip", role: "img", "aria-label": "The input, 32 rows high" },
    strip,
    frame,
  );
  const show = (input) => paintInput(strip, input, NETWORKS[NAME]);
  const mark = (place) => frame.style.setProperty("--place", place);
  return { element, show, mark };
}

/** Paints F6 of every place side by side, with a gap between. */
function paintPictures(canvas, f6, count) {
  const width = (COLUMNS + 1) * count;
  const values = new Float32Array(ROWS * width);
  for (let place = 0; place < count; place += 1)
    for (let unit = 0; unit < UNITS; unit += 1) {
      const x = (COLUMNS + 1) * place + (unit % COLUMNS);
      const y = Math.floor(unit / COLUMNS);
      values[y * width + x] = f6.data[unit * count + place];
    }
  paintMap(canvas, values, ROWS, width, { limit: AMPLITUDE });
}

/** The answer at each place, with a bar as long as its distance. */
function createAnswers() {
  const element = create("div", { class: "lenet-places" });
  const createCell = () => {
    const answer = create("b", {});
    return { answer, box: create("div", {}, create("span", {}), answer) };
  };
  let cells = [];
  /** @param {Place[]} places */
  const show = (places) => {
    if (cells.length !== places.length) {
      cells = places.map(createCell);
      element.replaceChildren(...cells.map(({ box }) => box));
    }
    places.forEach(({ answer, distance, isSure }, i) => {
      const { box, answer: text } = cells[i];
      box.classList.toggle("lenet-sure", isSure);
      const length = Math.min(1, distance / FARTHEST);
      box.style.setProperty("--length", `${length}`);
      text.textContent = `${answer ?? "–"}`;
    });
  };
  const mark = (place) =>
    cells.forEach(({ box }, i) => box.classList.toggle("lenet-chosen", i === place));
  return { element, show, mark };
}

/** One window: its F6 as a picture, and its answer in words. */
function createWindow(threshold) {
  const canvas = create("canvas", { class: "lenet-map" });
  const detail = create("p", {});
  const element = create(
    "div",
    { class: "lenet-detail" },
    create("div", { role: "img", "aria-label": "F6 of the window" }, canvas),
    detail,
  );

  /** @param {Place} place */
  const describe = ({ answer, second, difference, distance, isSure }) => {
    if (answer === null) return "no numbers";
    const gap = write(difference, 0);
    if (!isSure)
      return (
        `no digit; ${answer} and ${second} are ${gap} apart, ` +
        `${write(threshold, 0)} is asked`
      );
    return (
      `${answer}, at a distance of ${write(distance, 0)}; next ${second}, ` +
      `${gap} farther away`
    );
  };

  /**
   * @param {Tensor} f6  of all places
   * @param {Place[]} places
   * @param {number} place
   * @returns {string} the answer in words
   */
  const show = (f6, places, place) => {
    const units = range(UNITS).map((unit) => f6.data[unit * places.length + place]);
    paintMap(canvas, units, ROWS, COLUMNS, { limit: AMPLITUDE });
    const where = `Window ${place + 1} of ${places.length}`;
    const text = `${where}: ${describe(places[place])}`;
    detail.textContent = `${text}.`;
    return text;
  };
  return { element, show };
}

export default { render };
