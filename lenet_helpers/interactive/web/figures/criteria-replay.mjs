// Four trainings through the decision to watch again, a criterion each, and what each
// criterion does to the graph of a line.

import { clamp, write } from "../engine/numbers.mjs";
import { CRITERIA, findPaths } from "../engine/strings/criteria.mjs";
import { buildGraph, HEIGHT } from "../engine/strings/cuts.mjs";
import { readBytes, readTensors, take } from "../engine/tensors.mjs";
import { createChoice, createVoice, keepKeys } from "../parts/controls.mjs";
import { createCriteriaChart } from "../parts/criteria-charts.mjs";
import { create, createPart, listen, save } from "../parts/dom.mjs";
import { createPlayer } from "../parts/player.mjs";
import { createSlopeGraph, nameSlope, SMALLEST } from "../parts/slope-graph.mjs";

/** @import { Model } from "../parts/dom.mjs" */
/** @import { Drawn } from "../parts/slope-graph.mjs" */

/**
 * A line whose graph was recorded.
 * @typedef {object} Line
 * @property {number[]} labels  what it says
 * @property {number[]} columns  of its cuts, which are the nodes
 * @property {number[]} sources  of its pieces
 * @property {number[]} destinations
 * @property {number} width
 */

const NUM_CLASSES = 10;
const SERIES = ["string_error_rate", "right_penalty", "best_penalty"];

/** @param {{model: Model, el: HTMLElement}} place */
function render({ model, el }) {
  const tensors = readTensors(model.get("tensors"));
  /** @type {number[]} */
  const steps = model.get("steps");
  /** @type {Line[]} */
  const lines = model.get("lines");
  /** @type {string[]} */
  const names = model.get("criteria");
  const find = createFinder(model, tensors);
  const read = () => ({
    criterion: names.includes(model.get("criterion"))
      ? model.get("criterion")
      : names[0],
    step: clamp(Math.round(model.get("step")), 0, steps.length - 1),
    line: clamp(Math.round(model.get("line")), 0, lines.length - 1),
  });
  const curves = (value, other) =>
    names.map((name) => ({
      name,
      values: [...tensors[`${name}/${value}`].data],
      others: other && [...tensors[`${name}/${other}`].data],
    }));
  const penalties = createCriteriaChart(
    steps,
    curves("right_penalty", "best_penalty"),
    { isLogarithmic: true },
  );
  const errors = createCriteriaChart(steps, curves("string_error_rate"));
  const criterion = createChoice(
    "Criterion",
    names.map((name) => ({ value: name, label: name })),
    (value) => save(model, { criterion: value }),
  );
  const line = createChoice(
    "Held-out line",
    lines.map(({ labels }, value) => ({ value, label: labels.join(" ") })),
    (value) => save(model, { line: value }),
  );
  const graph = createSlopeGraph();
  const verdict = create("p", { class: "lenet-verdict" });
  const voice = createVoice();
  const player = createPlayer({
    name: "step",
    last: steps.length - 1,
    read: () => read().step,
    go: (step) => save(model, { step }),
  });

  el.classList.add("lenet-ui", "lenet-criteria-replay");
  keepKeys(el);
  el.append(
    criterion.element,
    create(
      "div",
      { class: "lenet-halves" },
      createPart("Mean penalty: best right path, dashed best path", penalties.element),
      createPart("Held-out lines read wrongly (%)", errors.element),
    ),
    line.element,
    createPart(
      "Above, the best right path; below, the best path where it is another, and rivals",
      graph.element,
    ),
    createLegend(),
    verdict,
    voice.element,
    player.element,
  );

  function update() {
    const state = read();
    criterion.show(state.criterion);
    line.show(state.line);
    for (const chart of [penalties, errors]) chart.show(state.criterion, state.step);
    const drawn = find(state);
    graph.show(drawn);
    verdict.textContent = describe(drawn, lines[state.line].labels);
    const text = describeStep(tensors, state, steps);
    player.show(state.step, text);
    voice.say(`${state.criterion}. ${text}. ${verdict.textContent}`);
  }

  update();
  voice.stop(); // a page that opens says nothing
  const events = ["change:criterion", "change:step", "change:line"];
  const stopListening = listen(model, events, update);
  return () => {
    player.stop();
    voice.stop();
    stopListening();
  };
}

/** Says how a criterion's training stands at a step. */
function describeStep(tensors, { criterion, step }, steps) {
  const [error, right, best] = SERIES.map(
    (name) => tensors[`${criterion}/${name}`].data[step],
  );
  return (
    `Update ${steps[step]} of ${steps[steps.length - 1]}: ` +
    `${write(error, 1)} % of the lines read wrongly; mean penalty of the best right ` +
    `path ${write(right, 1)}, of the best path ${write(best, 1)}`
  );
}

/**
 * Makes what finds the graph of a line, its paths and its slopes.
 * @param {Model} model
 * @returns {(state: {criterion: string, step: number, line: number}) =>
 *   Drawn & {loss: number}}
 */
function createFinder(model, tensors) {
  const pixels = readBytes(model.get("pixels"));
  /** @type {Line[]} */
  const lines = model.get("lines");
  return ({ criterion, step, line }) => {
    const { labels, columns, sources, destinations, width } = lines[line];
    const before = lines.slice(0, line).reduce((sum, one) => sum + one.width, 0);
    const penalties = take(tensors[`${criterion}/${line}`], step).data;
    const graph = buildGraph(
      { sources, destinations, cuts: columns, images: new Uint8Array() },
      penalties,
      NUM_CLASSES,
    );
    return {
      columns,
      width,
      pixels: pixels.slice(HEIGHT * before, HEIGHT * (before + width)),
      graph,
      ...findPaths(graph, labels),
      ...CRITERIA[criterion](graph, labels),
    };
  };
}

/** Says what the picture shows, in words. */
function describe({ right, best, loss, slopes }, labels) {
  const count = (kind) =>
    slopes.reduce((sum, slope) => sum + Number(nameSlope(slope) === kind), 0);
  const numbers = ["cheaper", "dearer"].map(count);
  const [cheaper, dearer] = numbers.map((number) => number || "none");
  const largest = slopes.reduce((most, slope) => Math.max(most, Math.abs(slope)), 0);
  const isRight = best.labels.join() === labels.join();
  const costs = isRight
    ? `The best path costs ${write(best.penalty, 1)} and is right.`
    : `The best right path costs ${write(right.penalty, 1)}; the best path costs ` +
      `${write(best.penalty, 1)} and says ${best.labels.join(" ")}, which is wrong.`;
  const silence = largest
    ? `no slope reaches ${SMALLEST}, so hardly anything is changed.`
    : "all slopes are 0, so the line teaches nothing.";
  const change = numbers.some(Boolean)
    ? `arcs made cheaper: ${cheaper}, dearer: ${dearer}.`
    : silence;
  return `${costs} The loss is ${write(loss, 2)}; ${change}`;
}

/** Explains the strokes. */
function createLegend() {
  const items = [
    ["cheaper", "made cheaper"],
    ["dearer", "made dearer"],
    ["left", "left alone"],
  ];
  return create(
    "p",
    { class: "lenet-hint lenet-legend" },
    ...items.map(([kind, text]) =>
      create(
        "span",
        {},
        create("span", { class: `lenet-key lenet-key-${kind}` }),
        text,
      ),
    ),
    "the thicker, the larger the slope",
  );
}

export default { render };
