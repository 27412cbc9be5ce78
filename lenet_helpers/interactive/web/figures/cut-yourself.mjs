// The reader cuts lines of touching digits; LeNet-5 reads the pieces, as systems had to.

import { areEqual, createHistory } from "../engine/history.mjs";
import { clamp, range, write } from "../engine/numbers.mjs";
import { cutAt, HEIGHT } from "../engine/strings/cuts.mjs";
import { createRecognition } from "../engine/strings/recognition.mjs";
import { readBytes, readTensors } from "../engine/tensors.mjs";
import { createChoice, createVoice, keepKeys } from "../parts/controls.mjs";
import { createCutStrip } from "../parts/cut-strip.mjs";
import { create, createButton, createPart, listen, save } from "../parts/dom.mjs";
import { colorInk, createPicture } from "../parts/pictures.mjs";

/** @import { Model } from "../parts/dom.mjs" */
/** @import { Line } from "../parts/cut-strip.mjs" */

/** @typedef {{name: string, readings: number[][]}} System */

/**
 * What LeNet-5 says of a piece.
 * @typedef {{image: Uint8Array, isWhole: boolean, answer: number, penalty: number}} Piece
 */

/** @param {{model: Model, el: HTMLElement}} place */
function render({ model, el }) {
  const lines = readLines(model);
  /** @type {System[]} */
  const systems = model.get("systems");
  const reader = createReader(model, lines);
  const numbers = lines.map((_, i) => ({ value: i, label: `${i + 1}` }));
  const choice = createChoice("Line", numbers, act(reader.goTo));
  const strip = createCutStrip(act(reader.toggle));
  const undo = createButton("Undo", act(reader.goBack));
  const clear = createButton("Clear", act(reader.clear));
  const check = createButton("Check", act(reader.check));
  const next = createButton(
    "Next line",
    act(() => reader.goTo(reader.read().line + 1)),
  );
  const pieces = createPieces();
  const verdict = create("p", { class: "lenet-verdict" });
  const score = createScore(lines, systems);
  const voice = createVoice();

  el.classList.add("lenet-ui", "lenet-cut-yourself");
  keepKeys(el);
  el.append(
    choice.element,
    strip.element,
    create("div", { class: "lenet-row" }, undo, clear, check, next),
    pieces.element,
    verdict,
    score.element,
    voice.element,
  );

  /** Lets an action of the reader be heard, too. */
  function act(action) {
    return (given) => {
      action(given);
      const { name } = lines[reader.read().line];
      voice.say(`${name}. ${pieces.describe()} ${verdict.textContent}`);
    };
  }

  function update() {
    const { line, cuts, answers } = reader.read();
    const [own, answer] = [cuts[line], answers[line]];
    const isChecked = answer.length > 0;
    choice.show(line);
    strip.show(lines[line], own, isChecked);
    pieces.show(reader.look(), own.length + 1);
    undo.disabled = reader.isNew();
    clear.disabled = !own.length;
    check.disabled = isChecked || !own.length;
    next.disabled = line === lines.length - 1;
    verdict.textContent = isChecked
      ? judge(lines[line], answer, systems, line)
      : "Cut the line, then check.";
    score.show(answers, line);
  }

  update();
  const events = ["change:line", "change:cuts", "change:answers"];
  const stopListening = listen(model, events, update);
  return () => {
    voice.stop();
    stopListening();
  };
}

/**
 * Makes what changes the model: the reader's cuts, which line is shown, what was checked.
 * @param {Model} model
 * @param {Line[]} lines
 */
function createReader(model, lines) {
  const recognize = createRecognition(readTensors(model.get("network")));
  const read = () => readState(model, lines);
  const replace = (list, value) =>
    list.map((one, i) => (i === read().line ? value : one));
  const history = createHistory(
    [],
    () => ({ line: read().line, cuts: read().cuts }),
    (value) => save(model, value),
  );
  const store = (columns) => {
    const { line, cuts } = read();
    history.store({ line, cuts: replace(cuts, columns) });
  };
  const look = () => {
    const { line, cuts } = read();
    return readPieces(lines[line], cuts[line], recognize);
  };
  return {
    read,
    look,
    goTo: (line) => save(model, { line }),
    toggle: (column) => {
      const { line, cuts } = read();
      store(toggle(cuts[line], column));
    },
    clear: () => store([]),
    check: () => {
      const found = look().map(({ answer }) => answer);
      save(model, { answers: replace(read().answers, found) });
    },
    goBack: history.goBack,
    isNew: history.isEmpty,
  };
}

/**
 * @param {Model} model
 * @returns {Line[]}
 */
function readLines(model) {
  const pixels = readBytes(model.get("pixels"));
  /** @type {number[]} */
  const widths = model.get("widths");
  let end = 0;
  return widths.map((width, i) => {
    const begin = end;
    end += HEIGHT * width;
    /** @type {number[][]} */
    const places = model.get("places")[i];
    const meetings = places.slice(1).map(([left], k) => {
      const right = places[k][1];
      return [Math.min(left, right), Math.max(left, right)];
    });
    return {
      name: `Line ${i + 1} of ${widths.length}`,
      pixels: pixels.slice(begin, end),
      width,
      labels: model.get("labels")[i],
      meetings,
    };
  });
}

/**
 * Reads the state, which may come from a link: what no line has is put right.
 * @param {Model} model
 * @param {Line[]} lines
 * @returns {{line: number, cuts: number[][], answers: number[][]}}
 */
function readState(model, lines) {
  const cuts = lines.map(({ width }, i) => {
    const columns = (model.get("cuts")[i] ?? []).map(Math.round);
    const inside = columns.filter((column) => column >= 1 && column < width);
    return [...new Set(inside)].sort((a, b) => a - b);
  });
  return {
    line: clamp(Math.round(model.get("line")), 0, lines.length - 1),
    cuts,
    answers: lines.map((_, i) => model.get("answers")[i] ?? []),
  };
}

/** Puts a cut, or takes it away. @param {number[]} cuts @param {number} column */
const toggle = (cuts, column) =>
  cuts.includes(column)
    ? cuts.filter((cut) => cut !== column)
    : [...cuts, column].sort((a, b) => a - b);

/**
 * @param {Line} line
 * @param {number[]} cuts
 * @param {(images: Uint8Array) => Float32Array} recognize
 * @returns {Piece[]}
 */
function readPieces({ pixels }, cuts, recognize) {
  const { strips, images } = cutAt(pixels, cuts);
  const penalties = recognize(images);
  const numClasses = penalties.length / strips.length;
  return strips.map((strip, i) => {
    const own = penalties.subarray(i * numClasses, (i + 1) * numClasses);
    const penalty = Math.min(...own);
    return { ...strip, answer: own.indexOf(penalty), penalty };
  });
}

/** Writes labels as "3 4 1". @param {number[]} labels */
const spell = (labels) => labels.join(" ") || "nothing";

/** Says how a line was read, and by whom. */
function judge({ labels }, answer, systems, line) {
  const others = systems.map(
    ({ name, readings }) => `${spell(readings[line])} (${name})`,
  );
  return [
    `Your cuts read ${spell(answer)}; written was ${spell(labels)}.`,
    others.length ? `The systems read ${others.join(" and ")}.` : "",
    "The stripes are where the digits meet; the table keeps this answer.",
  ].join(" ");
}

/** The pieces between the cuts, each with LeNet-5's answer. */
function createPieces() {
  const list = create("ol", { class: "lenet-pieces", "aria-label": "Pieces" });
  const note = create("p", { class: "lenet-hint" });
  const label = "What LeNet-5 gets, what it answers, and the penalty";
  const element = createPart(label, list, note);
  let text = "";

  const createItem = ({ image, answer, penalty }) =>
    create(
      "li",
      {},
      createPicture(image, HEIGHT, HEIGHT, { color: colorInk, limit: 255 }),
      create("b", {}, `${answer}`),
      create("span", {}, write(penalty, 1)),
    );

  /** @type {(pieces: Piece[], numStrips: number) => void} */
  const show = (pieces, numStrips) => {
    list.replaceChildren(...pieces.map(createItem));
    const numEmpty = numStrips - pieces.length;
    const numLarge = pieces.filter(({ isWhole }) => !isWhole).length;
    const notes = [
      numEmpty && `Without ink, left out: ${numEmpty}.`,
      numLarge && `Larger than the field, its ends lost: ${numLarge}.`,
    ];
    note.textContent = notes.filter(Boolean).join(" ");
    const reading = spell(pieces.map(({ answer }) => answer));
    text = `The pieces read ${reading}. ${note.textContent}`.trim();
  };
  return { element, show, describe: () => text };
}

/**
 * The table over all lines, filled where the reader has checked.
 * @param {Line[]} lines
 * @param {System[]} systems
 */
function createScore(lines, systems) {
  const names = ["line", "written", "you", ...systems.map(({ name }) => name)];
  const body = create("tbody");
  const foot = create("tr");
  const heads = names.map((name) => create("th", { scope: "col" }, name));
  const element = create(
    "table",
    { class: "lenet-score" },
    create("thead", {}, create("tr", {}, ...heads)),
    body,
    create("tfoot", {}, foot),
  );

  /** @param {boolean} isRight */
  const createMark = (isRight) =>
    create(
      "span",
      { role: "img", "aria-label": isRight ? "right" : "wrong" },
      isRight ? "✓" : "✗",
    );

  /** @type {(answers: number[][], current: number) => void} */
  const show = (answers, current) => {
    const readings = [answers, ...systems.map((system) => system.readings)];
    const isChecked = (i) => answers[i].length > 0;
    const isRight = (reading, i) => areEqual(reading[i], lines[i].labels);
    const rows = lines.map(({ labels }, i) => {
      const cells = isChecked(i)
        ? [
            create("td", {}, spell(labels)),
            ...readings.map((one) =>
              create("td", {}, `${spell(one[i])}\u00a0`, createMark(isRight(one, i))),
            ),
          ]
        : names.slice(1).map(() => create("td", {}, "–"));
      const head = create("th", { scope: "row" }, `${i + 1}`);
      return create("tr", { "aria-current": i === current && "true" }, head, ...cells);
    });
    body.replaceChildren(...rows);
    const checked = range(lines.length).filter(isChecked);
    const counts = readings.map((one) => checked.filter((i) => isRight(one, i)).length);
    foot.replaceChildren(
      create("th", { scope: "row", colspan: 2 }, `right of ${checked.length} checked`),
      ...counts.map((count) => create("td", {}, `${count}`)),
    );
  };
  return { element, show };
}

export default { render };
