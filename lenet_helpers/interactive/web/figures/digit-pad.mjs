// Draw a digit, and see what each network makes of it, layer by layer.

import { centerInk, SIDE } from "../engine/drawing.mjs";
import { areEqual, createHistory } from "../engine/history.mjs";
import { clamp } from "../engine/numbers.mjs";
import { encodePng } from "../engine/png.mjs";
import { readBytes } from "../engine/tensors.mjs";
import { addArrowKeys, createVoice, findLines, keepKeys } from "../parts/controls.mjs";
import { create, createButton, createFrame, listen, save } from "../parts/dom.mjs";
import { createInkPad } from "../parts/ink-pad.mjs";
import { createNetworkView } from "../parts/network-view.mjs";
import { colorInk, createPicture } from "../parts/pictures.mjs";

/**
 * What is kept of a drawing: strokes, and which of the examples lies below them.
 * @typedef {{strokes: number[][], example: number | null}} Drawing
 */

/** @param {{model: import("../parts/dom.mjs").Model, el: HTMLElement}} place */
function render({ model, el }) {
  const examples = model.get("examples");
  const digits = readBytes(model.get("digits"));
  const digitOf = (i) => (i === null ? null : digits.subarray(784 * i, 784 * (i + 1)));
  const state = createDrawingState(model);
  let seen; // the pixels that the networks saw last, if all who are shown saw them

  const voice = createVoice();
  const frame = createFrame(look);
  const pad = createInkPad({
    label: "Field to draw a digit on",
    begin: () => state.leaveOpening() && showDrawing(),
    change: frame.ask,
    commit: (strokes) => state.store({ strokes, example: model.get("example") }),
    say: voice.say,
  });
  const undo = createButton("Undo", state.goBack);
  const clear = createButton("Clear", () => {
    if (state.leaveOpening()) showDrawing();
    else state.store({ strokes: [], example: null });
  });
  const download = createButton("Download", () => saveInk(pad.ink()));
  const networks = createNetworks(model.get("networks"), (shown) =>
    save(model, { shown }),
  );
  const chooseExample = (example) => state.store({ strokes: [], example });

  el.classList.add("lenet-ui", "lenet-digit-pad");
  keepKeys(el);
  el.append(
    create(
      "div",
      { class: "lenet-desk" },
      pad.element,
      create(
        "div",
        { class: "lenet-tools" },
        networks.chips,
        create("div", { class: "lenet-row" }, undo, clear, download),
        createExamples(examples, digitOf, chooseExample),
        networks.choice,
      ),
    ),
    networks.element,
    voice.element,
  );

  function showDrawing() {
    if (!pad.isDrawing()) pad.show(model.get("strokes"), digitOf(state.findBelow()));
    undo.disabled = state.isEmpty();
  }

  function showNetworks() {
    networks.show(model.get("shown"));
    seen = undefined; // those who come in see the drawing, too
    frame.ask();
  }

  function look() {
    const below = digitOf(state.findBelow());
    const isUntouched = below && !model.get("strokes").length && !pad.isDrawing();
    const pixels = isUntouched ? below : centerInk(pad.ink());
    if (seen !== undefined && areEqual(pixels, seen)) return;
    seen = pixels;
    voice.say(networks.read(pixels));
    clear.disabled = pixels === null;
    download.disabled = pixels === null;
  }

  const stops = [
    listen(model, ["change:strokes", "change:example"], showDrawing),
    listen(model, ["change:shown"], showNetworks),
    frame.stop,
    voice.stop,
    pad.stop,
  ];
  showDrawing();
  showNetworks();
  return () => stops.forEach((stop) => stop());
}

/**
 * Keeps the drawing here and in Python, what was there before for Undo, and the digit
 * that the figure opens with, until something is drawn or chosen; Python knows none of it.
 * @param {import("../parts/dom.mjs").Model} model
 */
function createDrawingState(model) {
  let opening = model.get("opening");
  /** @type {() => Drawing} */
  const read = () => ({
    strokes: model.get("strokes"),
    example: model.get("example"),
  });
  const now = read();
  const past = now.strokes.map((_, i) => ({
    ...now,
    strokes: now.strokes.slice(0, i),
  }));
  const history = createHistory(past, read, ({ strokes, example }) =>
    save(model, { example, strokes }),
  );
  return {
    ...history,
    /** Finds the digit that lies below the strokes. */
    findBelow: () => {
      const { strokes, example } = read();
      if (strokes.length || example !== null) opening = null; // it has given way
      return example ?? opening;
    },
    /** Clears the digit that the figure opened with; says whether there was one. */
    leaveOpening: () => {
      const isThere = opening !== null;
      opening = null;
      return isThere;
    },
  };
}

/** Makes the buttons of the examples, a row a group. */
function createExamples(examples, digitOf, choose) {
  const groups = [...new Set(examples.map(({ group }) => group))];
  const makeButton = ({ name }, i) => {
    const button = createButton("", () => choose(i));
    button.setAttribute("aria-label", name);
    button.title = name;
    button.append(createPicture(digitOf(i), 28, 28, { color: colorInk, limit: 255 }));
    return button;
  };
  const buttons = examples.map(makeButton);
  const rows = groups.map((group) => {
    const row = create(
      "div",
      { class: "lenet-examples", role: "group", "aria-label": group },
      ...buttons.filter((_, i) => examples[i].group === group),
    );
    addArrowKeys(row, () => findLines(row));
    return create("div", {}, create("div", { class: "lenet-label" }, group), row);
  });
  return create("div", { class: "lenet-groups" }, ...rows);
}

/**
 * Makes the networks: what to choose them by, their answers as chips below the field, and
 * their views.
 * @param {import("../parts/network-view.mjs").NetworkSpec[]} specs
 * @param {(names: string[]) => void} choose  takes the names of those to be shown
 */
function createNetworks(specs, choose) {
  const views = specs.map((spec) => {
    const box = create("input", { type: "checkbox", onchange: chooseChecked });
    const sign = create("b", {});
    const chip = create("div", { "aria-hidden": "true" }, `${spec.title} `, sign);
    const label = create("label", {}, box, ` ${spec.title}`);
    return { spec, box, label, sign, chip, ...createNetworkView(spec) };
  });
  const legend = create("legend", {}, "Networks");
  const labels = views.map(({ label }) => label);
  const chips = views.map(({ chip }) => chip);
  const elements = views.map(({ element }) => element);
  const element = create("div", { class: "lenet-answers" }, ...elements);

  function chooseChecked() {
    choose(views.filter(({ box }) => box.checked).map(({ spec }) => spec.name));
  }

  const show = (names) => {
    for (const { spec, box, element, chip } of views) {
      box.checked = names.includes(spec.name);
      element.hidden = !box.checked;
      chip.hidden = !box.checked;
    }
    element.style.setProperty("--networks", `${clamp(names.length, 1, 3)}`);
  };
  /** Lets those who are shown see an image, or none; returns what they say of it. */
  const read = (pixels) => {
    const shown = views.filter(({ element }) => !element.hidden);
    const answers = shown.map(({ show, sign: chip }) => {
      const { sign, spoken } = show(pixels);
      chip.textContent = sign;
      return spoken;
    });
    return answers.join(" ");
  };
  return {
    element,
    chips: create("div", { class: "lenet-chips" }, ...chips),
    choice: create("fieldset", { class: "lenet-networks" }, legend, ...labels),
    show,
    read,
  };
}

/** Hands the drawing over as a file, black on white, as the pen drew it. */
async function saveInk(ink) {
  const grey = ink.map((value) => 255 - value);
  const file = await encodePng(grey, SIDE);
  const link = create("a", { download: "digit.png" });
  link.href = `data:image/png;base64,${btoa(String.fromCharCode(...file))}`;
  link.click();
}

export default { render };
