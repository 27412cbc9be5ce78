// Write an amount of money: cuts, pieces, penalties, a grammar, and the best readings.

import { shrinkField } from "../engine/drawing.mjs";
import { createHistory } from "../engine/history.mjs";
import { clamp, range, write } from "../engine/numbers.mjs";
import { buildGraph, HEIGHT, segment } from "../engine/strings/cuts.mjs";
import { compose } from "../engine/strings/graphs.mjs";
import { parsePattern } from "../engine/strings/patterns.mjs";
import { bendGraph, listReadings } from "../engine/strings/readings.mjs";
import { createRecognition } from "../engine/strings/recognition.mjs";
import { readBytes, readTensors } from "../engine/tensors.mjs";
import { createVoice, keepKeys } from "../parts/controls.mjs";
import { create, createButton, createFrame, listen, save } from "../parts/dom.mjs";
import { createInkPad } from "../parts/ink-pad.mjs";
import { createLineGraph } from "../parts/line-graph.mjs";
import { createPiecePanel } from "../parts/piece-panel.mjs";

/** @import { Model } from "../parts/dom.mjs" */

const COUNT = 5; // of the readings that are listed
const MOST_MARGIN = 100; // that can be asked for

/** @param {{model: Model, el: HTMLElement}} place */
function render({ model, el }) {
  const characters = model.get("characters");
  const numClasses = characters.length;
  const recognize = createRecognition(readTensors(model.get("weights")));
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
    change: frame.ask,
    commit: history.store,
    say: voice.say,
  });
  const undo = createButton("Undo", history.goBack);
  const clear = createButton("Clear", () => history.store([]));
  const example = createButton("Write $34.50", () => put(model.get("writing")));
  const choice = createAmounts(lines, (amount) => save(model, { amount, bends: [] }));
  const grammar = createGrammar(model, frame.ask);
  const answer = createAnswer(model);
  /** @type {number[] | null} */
  let selected = null; // the columns of a piece's cuts
  const view = createLineGraph({
    select: (piece) => choose(state.pieces, piece),
    toggle: (cut) => toggleBend([cut]),
  });
  const panel = createPiecePanel({
    characters,
    select: (piece) => choose(state.pieces, piece),
    toggle: toggleBend,
    add: addPenalty,
    reset: () => save(model, { bends: [] }),
  });
  let state = readInk(new Uint8Array(0));

  el.classList.add("lenet-ui", "lenet-amount-pad");
  keepKeys(el);
  el.append(
    pad.element,
    create("div", { class: "lenet-row" }, undo, clear, example, choice.element),
    grammar.element,
    answer.element,
    view.element,
    panel.element,
    voice.element,
  );

  function readInk(pixels) {
    const pieces = segment(pixels);
    const penalties = recognize(pieces.images);
    return {
      pixels,
      pieces,
      penalties,
      graph: buildGraph(pieces, penalties, numClasses),
    };
  }

  function choose(pieces, piece) {
    const { sources, destinations, cuts } = pieces;
    selected = piece < 0 ? null : [cuts[sources[piece]], cuts[destinations[piece]]];
    frame.ask();
  }

  function toggleBend(bend) {
    const bends = model.get("bends");
    const isOther = (one) => `${one}` !== `${bend}`;
    const others = bends.filter(isOther);
    save(model, { bends: others.length < bends.length ? others : [...bends, bend] });
  }

  function addPenalty(ends, more) {
    const [left, right] = ends;
    const isSame = (one) => one.length === 3 && one[0] === left && one[1] === right;
    const bends = model.get("bends");
    const before = bends.find(isSame)?.[2] ?? 0;
    const rest = bends.filter((one) => !isSame(one));
    const sum = before + more;
    save(model, { bends: sum ? [...rest, [left, right, sum]] : rest });
  }

  function look() {
    const ink = lines[model.get("amount")]?.pixels ?? shrinkField(pad.ink());
    state = readInk(ink);
    const { pieces, penalties, graph } = state;
    const bends = model.get("bends");
    const bent = bendGraph(graph, pieces, bends);
    const readings = grammar.rules
      ? listReadings(compose(bent, grammar.rules), COUNT, numClasses)
      : [];
    const [best] = readings;
    const chosen = (best?.payload ?? []).map((piece, i) => ({
      piece,
      text: characters[best.labels[i]],
    }));
    const hasInk = pieces.cuts.length > 0;
    clear.disabled = !hasInk;
    view.element.hidden = panel.element.hidden = !hasInk;
    if (hasInk) {
      const piece = findPiece(pieces, selected);
      const forbidden = new Set(bends.filter((one) => one.length === 1).flat());
      view.show(ink, pieces, { chosen, selected: piece, forbidden });
      panel.show(pieces, penalties, { piece, bends });
    }
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
    listen(model, ["change:pattern"], grammar.read),
  ];
  grammar.read();
  showDrawing();
  return () => {
    for (const stop of [...stops, frame.stop, voice.stop, pad.stop]) stop();
  };
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

/** Finds the piece between two columns, or -1. */
function findPiece({ sources, destinations, cuts }, selected) {
  if (!selected) return -1;
  const [left, right] = selected;
  return range(sources.length).findIndex(
    (piece) => cuts[sources[piece]] === left && cuts[destinations[piece]] === right,
  );
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

/** The best readings, and whether the first is answered. @param {Model} model */
function createAnswer(model) {
  const reading = create("b", {});
  const verdict = create("span", {});
  const body = create("tbody", {});
  const text = create("span", {});
  const slider = create("input", {
    type: "range",
    min: "0",
    max: `${MOST_MARGIN}`,
    step: "1",
    oninput: () => save(model, { threshold: Number(slider.value) }),
  });
  const heads = ["reading", "penalty", "posterior"].map((name) =>
    create("th", { scope: "col" }, name),
  );
  const table = create(
    "table",
    {},
    create("thead", {}, create("tr", {}, ...heads)),
    body,
  );
  const element = create(
    "div",
    { class: "lenet-answer" },
    create("p", { class: "lenet-reading" }, reading, " ", verdict),
    create("label", {}, text, slider),
    table,
  );

  /** @returns {string} for a screen reader */
  const show = (readings) => {
    const threshold = clamp(model.get("threshold"), 0, MOST_MARGIN);
    slider.value = `${threshold}`;
    text.textContent = `Refuse, where the next reading is less than ${threshold} dearer`;
    const [best, next] = readings;
    const margin = next ? next.penalty - best.penalty : Infinity;
    const isSure = best && margin >= threshold;
    reading.textContent = best ? best.text || "(no character)" : "Nothing";
    reading.classList.toggle("lenet-refused", !isSure);
    verdict.textContent = describe(best, next, margin, isSure);
    body.replaceChildren(
      ...readings.map((one) =>
        create(
          "tr",
          {},
          create("td", {}, one.text),
          create("td", {}, write(one.penalty, 1)),
          create("td", {}, writeShare(one.share)),
        ),
      ),
    );
    table.hidden = readings.length === 0;
    return `${reading.textContent} ${verdict.textContent}`;
  };
  return { element, show };
}

function describe(best, next, margin, isSure) {
  if (!best) return "can be read by this grammar.";
  if (!next) return "is the only reading that the grammar takes.";
  const gap = `the next reading, ${next.text || "(no character)"}, is ${write(margin, 1)} dearer.`;
  return isSure ? `is the answer: ${gap}` : `is refused: ${gap}`;
}

function writeShare(share) {
  if (share > 0.999999) return "above 0.999999";
  return share < 0.000001 ? "below 0.000001" : write(share, 6);
}

export default { render };
