// Write a line of digits: LeNet-5 reads it at every place, in one pass.

import { COLUMNS, ROWS } from "../engine/codes.mjs";
import { scaleLine } from "../engine/drawing.mjs";
import { judge, runNetwork } from "../engine/networks.mjs";
import { write } from "../engine/numbers.mjs";
import { AMPLITUDE, BACKGROUND, FOREGROUND } from "../engine/paper.mjs";
import { readTensors } from "../engine/tensors.mjs";
import { createVoice, keepKeys } from "../parts/controls.mjs";
import { create } from "../parts/dom.mjs";
import { createInkPad } from "../parts/ink-pad.mjs";
import { colorInk, paintMap } from "../parts/pictures.mjs";

const NAME = "lenet5";
const NEARBY = 3; // windows; twelve pixels, less than most digits are wide
const FARTHEST = 150; // the distance with the longest bar

/**
 * Reads a line: an accepted answer counts where none nearby has a smaller distance.
 * @param {{answer: number, distance: number, isSure: boolean}[]} places
 * @returns {number[]}
 */
export function readLine(places) {
  const counts = (place, i) =>
    place.isSure &&
    places.every((other, k) => {
      if (!other.isSure || k === i || Math.abs(k - i) > NEARBY) return true;
      return (
        place.distance < other.distance || (place.distance === other.distance && i < k)
      );
    });
  return places.filter(counts).map(({ answer }) => answer);
}

function render({ model, el }) {
  const spec = model.get("network");
  const tensors = readTensors(spec.weights);
  const past = model.get("strokes").map((_, i, strokes) => strokes.slice(0, i));
  let frame = 0;
  let places = []; // of the line that is on the screen
  let states = null;

  const voice = createVoice();
  const pad = createInkPad({
    label: "Strip to write digits on, side by side",
    columns: model.get("columns"),
    change: schedule,
    commit: store,
    say: voice.say,
  });
  const undo = create("button", { type: "button", onclick: goBack }, "Undo");
  const clear = create("button", { type: "button", onclick: () => store([]) }, "Clear");
  const example = create(
    "button",
    {
      type: "button",
      onclick: () => store(model.get("example")),
    },
    "Write 1998",
  );
  const reading = create("b", {});
  const strip = create("canvas", { class: "lenet-map" });
  const frameMark = create("div", { class: "lenet-window" });
  const pictures = create("canvas", { class: "lenet-map" });
  const answers = create("div", { class: "lenet-places" });
  const slider = create("input", {
    type: "range",
    min: "0",
    step: "1",
    "aria-label": "window",
    oninput: showWindow,
  });
  const f6 = create("canvas", { class: "lenet-map" });
  const detail = create("p", {});
  const line = create(
    "div",
    { class: "lenet-line" },
    create(
      "div",
      { class: "lenet-strip", role: "img", "aria-label": "The input, 32 rows high" },
      strip,
      frameMark,
    ),
    create(
      "div",
      { class: "lenet-f6", role: "img", "aria-label": "F6 at every place" },
      pictures,
    ),
    answers,
    slider,
  );
  const result = create(
    "div",
    { class: "lenet-result" },
    create(
      "div",
      {
        class: "lenet-scroll",
        tabindex: "0",
        role: "region",
        "aria-label": "The line as LeNet-5 sees it",
      },
      line,
    ),
    create(
      "div",
      { class: "lenet-detail" },
      create("div", { role: "img", "aria-label": "F6 of the window" }, f6),
      detail,
    ),
  );

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
    result,
    voice.element,
  );

  function store(strokes) {
    past.push(model.get("strokes"));
    put(strokes);
  }

  function goBack() {
    if (past.length) put(past.pop());
  }

  function put(strokes) {
    model.set("strokes", strokes);
    model.save_changes();
  }

  function showDrawing() {
    if (!pad.isDrawing()) pad.show(model.get("strokes"));
    undo.disabled = past.length === 0;
  }

  function schedule() {
    if (!frame) frame = requestAnimationFrame(look);
  }

  function look() {
    frame = 0;
    const pixels = scaleLine(pad.ink());
    clear.disabled = pixels === null;
    result.hidden = pixels === null;
    places = [];
    states = null;
    if (pixels) {
      states = runNetwork(NAME, tensors, pixels);
      places = Array.from({ length: states.output.shape[2] }, (_, place) => {
        const judged = judge(NAME, states.output, place);
        const distance =
          judged && states.output.data[judged.answer * states.output.shape[2] + place];
        return { ...judged, distance, isSure: judged?.difference >= spec.threshold };
      });
      showLine();
    }
    const digits = readLine(places);
    reading.textContent = digits.join(" ") || "nothing";
    voice.say(`LeNet-5 reads ${digits.join(" ") || "nothing"}.`);
  }

  function showLine() {
    const [, height, width] = states.input.shape;
    const shifted = states.input.data.map((value) => value - BACKGROUND);
    paintMap(strip, shifted, height, width, {
      color: colorInk,
      limit: FOREGROUND - BACKGROUND,
    });
    line.style.setProperty("--columns", width);
    line.style.setProperty("--places", places.length);
    paintPictures();
    if (answers.children.length !== places.length)
      answers.replaceChildren(
        ...places.map(() => create("div", {}, create("span", {}), create("b", {}))),
      );
    places.forEach(({ answer, distance, isSure }, i) => {
      const cell = answers.children[i];
      cell.classList.toggle("lenet-sure", isSure);
      cell.style.setProperty("--length", Math.min(1, (distance ?? 0) / FARTHEST));
      cell.lastChild.textContent = answer ?? "–";
    });
    slider.max = places.length - 1;
    showWindow();
  }

  /** Paints F6 of every place side by side, with a gap between. */
  function paintPictures() {
    const wide = (COLUMNS + 1) * places.length;
    const values = new Float32Array(ROWS * wide);
    for (let place = 0; place < places.length; place += 1)
      for (let unit = 0; unit < ROWS * COLUMNS; unit += 1) {
        const x = (COLUMNS + 1) * place + (unit % COLUMNS);
        const value = states.f6.data[unit * places.length + place];
        values[Math.floor(unit / COLUMNS) * wide + x] = value;
      }
    paintMap(pictures, values, ROWS, wide, { limit: AMPLITUDE });
  }

  function showWindow() {
    if (!states) return;
    const place = Math.min(Number(slider.value), places.length - 1);
    const { answer, second, difference, distance, isSure } = places[place];
    frameMark.style.setProperty("--place", place);
    [...answers.children].forEach((cell, i) =>
      cell.classList.toggle("lenet-chosen", i === place),
    );
    const values = Float32Array.from(
      { length: 84 },
      (_, unit) => states.f6.data[unit * places.length + place],
    );
    paintMap(f6, values, ROWS, COLUMNS, { limit: AMPLITUDE });
    const where = `Window ${place + 1} of ${places.length}`;
    const text =
      answer === undefined
        ? "no numbers"
        : isSure
          ? `${answer}, at a distance of ${write(distance, 0)}; next ${second}, ` +
            `${write(difference, 0)} farther away`
          : `no digit; ${answer} and ${second} are ${write(difference, 0)} apart, ` +
            `${write(spec.threshold, 0)} is asked`;
    detail.textContent = `${where}: ${text}.`;
    slider.setAttribute("aria-valuetext", `${where}: ${text}`);
  }

  model.on("change:strokes", showDrawing);
  showDrawing();
  slider.value = 0;
  return () => {
    model.off("change:strokes", showDrawing);
    cancelAnimationFrame(frame);
    voice.stop();
    pad.stop();
  };
}

export default { render };
