// One weight that learns by gradient descent: the reader sets the rate, and steps.

import {
  computeLoss,
  computeSlope,
  findFactor,
  findNext,
  isLost,
  LIMIT,
  START,
  takeSteps,
} from "../engine/descent.mjs";
import { createHistory } from "../engine/history.mjs";
import { write, writeCount, writeShort } from "../engine/numbers.mjs";
import { createChoice, createVoice, keepKeys } from "../parts/controls.mjs";
import { createBowl, createLosses } from "../parts/descent-charts.mjs";
import { create, createButton, createPart, listen, save } from "../parts/dom.mjs";

/** @import { Model } from "../parts/dom.mjs" */

const PRESETS = [
  { value: 0.1, label: "0.1 small" },
  { value: 0.4, label: "0.4 right" },
  { value: 0.7, label: "0.7 large" },
  { value: 0.9, label: "0.9 too large" },
];
const FLAT = 5e-4; // a smaller slope is written as 0

/**
 * @typedef {object} Shown  what is on the screen
 * @property {number[]} weights  the first one, and the one after each step
 * @property {number} weight  the last of them
 * @property {number} rate
 * @property {number | null} next  where the next step leads, if one may follow
 */

/** @param {{model: Model, el: HTMLElement}} place */
function render({ model, el }) {
  const history = createHistory(
    [],
    () => model.get("history"),
    (weights) => save(model, { history: weights }),
  );
  const step = (count) =>
    change(takeSteps(model.get("history"), model.get("rate"), count));
  const rate = createRate((value) => save(model, { rate: value }));
  const one = createButton("Step", () => step(1));
  const ten = createButton("Ten steps", () => step(10));
  const undo = createButton("Undo", () => {
    history.goBack();
    announce();
  });
  const restart = createButton("Start again", () => change([START]));
  const bowl = createBowl();
  const losses = createLosses();
  const now = create("p");
  const following = create("p");
  const reading = create("div", { class: "lenet-reading" }, now, following);
  const verdict = create("p", { class: "lenet-verdict" });
  const voice = createVoice();
  const hint = create(
    "p",
    { class: "lenet-hint" },
    "Full dot: the weight. Dashed: the slope there. Arrow, hollow dot: the next step. " +
      "Pale dots: earlier steps.",
  );
  const picture = createPart("Loss at each weight", bowl.element, hint);
  const course = createPart("Loss after each step", losses.element);
  const side = create("div", { class: "lenet-side" }, reading, verdict, course);

  el.classList.add("lenet-ui", "lenet-descent");
  keepKeys(el);
  el.append(
    rate.element,
    create("div", { class: "lenet-row" }, one, ten, undo, restart),
    create("div", { class: "lenet-desk" }, picture, side),
    voice.element,
  );

  function change(weights) {
    history.store(weights);
    announce();
  }

  const announce = () =>
    voice.say([now, following, verdict].map((part) => part.textContent).join("; "));

  function update() {
    const shown = readShown(model);
    const { weights, next } = shown;
    rate.show(shown.rate);
    one.disabled = next === null;
    ten.disabled = next === null;
    undo.disabled = history.isEmpty();
    restart.disabled = weights.length === 1 && weights[0] === START;
    now.textContent = describeWeight(shown);
    following.textContent = describeNext(shown);
    verdict.textContent = explain(shown);
    verdict.classList.toggle("lenet-stopped", next === null);
    bowl.show(weights, next);
    losses.show(weights);
  }

  update();
  const stopListening = listen(model, ["change:history", "change:rate"], update);
  return () => {
    voice.stop();
    stopListening();
  };
}

/**
 * @param {Model} model
 * @returns {Shown}
 */
function readShown(model) {
  const weights = model.get("history");
  const rate = model.get("rate");
  const weight = weights[weights.length - 1];
  return {
    weights,
    weight,
    rate,
    next: isLost(weight) ? null : findNext(weight, rate),
  };
}

/** Writes a weight, a loss or a slope: three digits, none where it is large. */
const writeValue = (value) =>
  Math.abs(value) < 1000
    ? write(value, 3)
    : writeCount(Math.round(value)).replace("-", "−");

/** Says where the weight is. */
const describeWeight = ({ weights, weight }) =>
  `step ${weights.length - 1}: w = ${writeValue(weight)}, ` +
  `loss ${writeValue(computeLoss(weight))}, slope ${writeValue(computeSlope(weight))}`;

/** Says where the next step leads. */
function describeNext({ weight, rate, next }) {
  if (next === null) return "no next step";
  const slope = writeValue(computeSlope(weight));
  const factor = slope.startsWith("−") ? `(${slope})` : slope;
  return `next: w − ${writeShort(rate)} × ${factor} = ${writeValue(next)}`;
}

/** Says in a sentence what the steps at this rate do. */
function explain({ weights, weight, rate, next }) {
  const factor = findFactor(rate);
  const product = `1 − ${writeShort(rate)} × 2.5 = ${writeShort(factor)}`;
  const sentence = `Each step multiplies w − 1.6 by ${product}: ${judge(factor)}`;
  if (next === null) {
    const stopped = `Stopped: w is beyond ${writeCount(LIMIT)} or −${writeCount(LIMIT)}.`;
    const advice = `Start again to try the rate ${writeShort(rate)}.`;
    return `${stopped} ${factor < -1 ? sentence : advice}`;
  }
  if (weights.length === 1) return "Choose a rate, then step.";
  if (Math.abs(computeSlope(weight)) < FLAT && factor > -1)
    return "The slope is 0 to the digits shown: the weight is at the minimum, and stays.";
  return sentence;
}

/** Says what a step does that multiplies the distance to the minimum. */
function judge(factor) {
  if (factor > 0) return "it comes closer to the minimum.";
  if (factor === 0) return "one step leads to the minimum.";
  if (factor > -1) return "it overshoots the minimum, and ends closer to it.";
  if (factor === -1) return "it overshoots the minimum by as much as it was away.";
  return "it overshoots the minimum by more than it was away.";
}

/** Makes the presets of the rate and its slider. */
function createRate(choose) {
  const presets = createChoice("Rate", PRESETS, choose);
  const value = create("b");
  const name = create("span", { class: "lenet-label" }, "or any other: ", value);
  const slider = create("input", {
    type: "range",
    "aria-label": "Learning rate",
    min: "0.02",
    max: "1",
    step: "0.02",
    oninput: () => choose(Number(slider.value)),
  });
  const label = create("label", {}, name, slider);
  const element = create("div", { class: "lenet-row" }, presets.element, label);
  const show = (rate) => {
    presets.show(rate);
    value.textContent = writeShort(rate);
    slider.value = `${rate}`;
  };
  return { element, show };
}

export default { render };
