// Write an amount of money: one system cuts it, another slides over it, and a grammar
// leaves the best readings.

import { shrinkField } from "../engine/drawing.mjs";
import { createHistory } from "../engine/history.mjs";
import { HEIGHT } from "../engine/strings/cuts.mjs";
import { compose } from "../engine/strings/graphs.mjs";
import { parsePattern } from "../engine/strings/patterns.mjs";
import { listReadings } from "../engine/strings/readings.mjs";
import { readBytes } from "../engine/tensors.mjs";
import { createAnswer } from "../parts/amount-answer.mjs";
import { createChoice, createVoice, keepKeys } from "../parts/controls.mjs";
import { createCutting } from "../parts/cutting-view.mjs";
import { create, createButton, createFrame, listen, save } from "../parts/dom.mjs";
import { createInkPad } from "../parts/ink-pad.mjs";
import { createSliding } from "../parts/sliding-view.mjs";

/** @import { Model } from "../parts/dom.mjs" */

const COUNT = 5; // of the readings that are listed
const SYSTEMS = [
  { value: "cuts", label: "cuts (over-segmentation)" },
  { value: "slides", label: "slides (space displacement)" },
];

/** @param {{model: Model, el: HTMLElement}} place */
function render({ model, el }) {
  const characters = model.get("characters");
  const lines = readLines(model);
  const spell = (labels) => labels.map((label) => characters[label]).join("");
  const put = (strokes) => save(model, { strokes, amount: null, bends: [] });
  const history = createHistory([], () => model.get("strokes"), put);

  const voice = createVoice();
  const frame = createFrame(look);
  const pad = createInkPad({
    label: "Strip to write an amount on, between the two lines",
    columns: model.get("columns"),
    begin: () => {
      if (model.get("amount") in lines) put([]);
    },
    change: () => {
      // To slide takes a tenth of a second, too long for each move of the pen.
      if (system.read() === "cuts") frame.ask();
    },
    commit: history.store,
    say: voice.say,
  });
  const undo = createButton("Undo", history.goBack);
  const clear = createButton("Clear", () => history.store([]));
  const example = createButton("Write $34.50", () => put(model.get("writing")));
  const choice = createAmounts(lines, (amount) => save(model, { amount, bends: [] }));
  const grammar = createGrammar(model, frame.ask);
  const answer = createAnswer(model);
  const systems = {
    cuts: createCutting(model, frame.ask),
    slides: createSliding(model, frame.ask),
  };
  const system = createSystems(model);

  el.classList.add("lenet-ui", "lenet-amount-pad");
  keepKeys(el);
  el.append(
    pad.element,
    create("div", { class: "lenet-row" }, undo, clear, example, choice.element),
    system.element,
    grammar.element,
    answer.element,
    systems.cuts.element,
    systems.slides.element,
    voice.element,
  );

  function look() {
    const ink = lines[model.get("amount")]?.pixels ?? shrinkField(pad.ink());
    const hasInk = ink.some(Boolean);
    clear.disabled = !hasInk;
    const chosen = system.read();
    for (const [name, { element }] of Object.entries(systems))
      element.hidden = name !== chosen;
    const graph = systems[chosen].read(ink);
    answer.element.hidden = graph === null;
    const readings =
      graph && grammar.rules
        ? listReadings(compose(graph, grammar.rules), COUNT, characters.length)
        : [];
    systems[chosen].show(ink, hasInk, readings[0]);
    if (!graph) return;
    voice.say(
      answer.show(readings.map((one) => ({ ...one, text: spell(one.labels) }))),
    );
  }

  function showDrawing() {
    const amount = model.get("amount");
    if (!pad.isDrawing()) pad.show(amount in lines ? [] : model.get("strokes"));
    undo.disabled = history.isEmpty();
    choice.show(amount);
    frame.ask();
  }

  const stops = [
    listen(model, ["change:strokes", "change:amount"], showDrawing),
    listen(model, ["change:bends", "change:threshold"], frame.ask),
    listen(model, ["change:system"], changeSystem),
    listen(model, ["change:pattern"], grammar.read),
  ];
  function changeSystem() {
    systems.slides.begin();
    frame.ask();
  }
  grammar.read();
  showDrawing();
  return () => {
    for (const stop of [...stops, frame.stop, voice.stop, pad.stop]) stop();
  };
}

/** The choice of what reads. @param {Model} model */
function createSystems(model) {
  const offered = model.get("systems");
  const choice = createChoice(
    "What reads",
    SYSTEMS.filter(({ value }) => offered.includes(value)),
    (system) => save(model, { system }),
  );
  choice.element.hidden = offered.length < 2;
  const read = () => {
    const system = model.get("system");
    const chosen = offered.includes(system) ? system : "cuts";
    choice.show(chosen);
    return chosen;
  };
  return { element: choice.element, read };
}

/** Takes the stored lines apart. @param {Model} model */
function readLines(model) {
  const bytes = readBytes(model.get("pixels"));
  let from = 0;
  return model.get("amounts").map(({ text, width }) => {
    from += HEIGHT * width;
    return { text, pixels: bytes.slice(from - HEIGHT * width, from) };
  });
}

/** The choice of a stored amount. */
function createAmounts(lines, choose) {
  const select = create(
    "select",
    {
      "aria-label": "An amount of test digits",
      onchange: () => choose(select.value === "" ? null : Number(select.value)),
    },
    create("option", { value: "" }, "or an amount of test digits"),
    ...lines.map(({ text }, i) => create("option", { value: i }, text)),
  );
  const show = (amount) => (select.value = amount === null ? "" : `${amount}`);
  return { element: select, show };
}

/** The grammar as a line of text. @param {Model} model @param {() => void} change */
function createGrammar(model, change) {
  const fault = create("p", { class: "lenet-wrong", id: `lenet-grammar-${grammars}` });
  grammars += 1;
  const input = create("input", {
    type: "text",
    spellcheck: "false",
    autocapitalize: "off",
    "aria-describedby": fault.id,
    oninput: () => save(model, { pattern: input.value }),
  });
  const presets = Object.entries(model.get("patterns")).map(([name, pattern]) =>
    createButton(name, () => save(model, { pattern })),
  );
  const element = create(
    "div",
    {},
    create(
      "label",
      {},
      create("div", { class: "lenet-label" }, "Grammar: what may be read"),
      input,
    ),
    create("div", { class: "lenet-row" }, ...presets),
    fault,
  );
  /** @type {{element: HTMLElement, rules: any, read: () => void}} */
  const part = { element, rules: null, read };
  function read() {
    const pattern = model.get("pattern");
    if (input.value !== pattern) input.value = pattern;
    try {
      part.rules = parsePattern(pattern, model.get("characters"));
      fault.textContent = "";
    } catch (error) {
      part.rules = null;
      fault.textContent = error instanceof Error ? error.message : `${error}`;
    }
    fault.hidden = part.rules !== null;
    input.setAttribute("aria-invalid", `${part.rules === null}`);
    change();
  }
  return part;
}
let grammars = 0;

export default { render };
