// A look into a network that learns: a digit, chosen or drawn, and what becomes of it.

import { centerInk } from "../engine/drawing.mjs";
import { findLargest, range } from "../engine/numbers.mjs";
import { AMPLITUDE } from "../engine/paper.mjs";
import { createChoice } from "./controls.mjs";
import { create, createButton, createPart, save } from "./dom.mjs";
import { createInkPad } from "./ink-pad.mjs";
import { createLayerMaps } from "./layer-maps.mjs";
import { colorInk, createPicture } from "./pictures.mjs";
import {
  createFirstKernels,
  createGradients,
  createMissed,
  createOutputs,
} from "./training-views.mjs";

/** @import { Model } from "./dom.mjs" */
/** @import { Control } from "./training-control.mjs" */

/**
 * Makes the look into the network.
 * @param {Model} model  its `digit`: which of the test digits, or null for a drawing
 * @param {Control} control
 * @param {(text: string) => void} say  tells a screen reader
 * @returns {{element: HTMLElement, show: () => void, lookAgain: () => void,
 *   stop: () => void}}
 */
export function createInside(model, control, say) {
  const choose = (digit) => save(model, { digit });
  const gradients = createGradients();
  const kernels = createFirstKernels();
  const missed = createMissed(choose);
  const reading = createReading();
  const source = createSource(model, control, say);
  const element = create(
    "div",
    { class: "lenet-inside", hidden: true },
    create(
      "div",
      { class: "lenet-halves" },
      kernels.element,
      createPart("Size of the last gradient, by layer", gradients.element),
    ),
    create(
      "div",
      { class: "lenet-desk" },
      source.element,
      create(
        "div",
        { class: "lenet-sees" },
        reading.verdict,
        reading.maps,
        missed.element,
      ),
    ),
  );

  const show = () => {
    const { report, digits, runs } = control;
    element.hidden = !report;
    source.show();
    if (!report) return;
    if (report.kernels)
      kernels.show(report.kernels, Object.keys(report.gradientSizes)[0]);
    gradients.show(report.gradientSizes);
    missed.show(control.missed, digits);
    const digit = model.get("digit");
    const label = digit === null ? null : digits?.testLabels[digit];
    const settings = runs.at(-1)?.settings;
    if (report.look && settings) reading.show(report.look, settings, label);
  };
  return { element, show, lookAgain: source.lookAgain, stop: source.stop };
}

/** Makes the maps of a digit, and what the network takes it for. */
function createReading() {
  const answer = create("div", { class: "lenet-answer" });
  const text = create("p", {});
  const outputs = createOutputs();
  const maps = create("div", {});
  /** @type {?ReturnType<typeof createLayerMaps>} */
  let layers = null;
  let shown = ""; // the layers that there are pictures of

  const show = (look, settings, label) => {
    const { network, squash } = settings;
    const { answer: found, input: _, output, ...states } = look;
    outputs.show(output.data, found, network);
    /** @type {[string, number[]][]} */
    const shapes = Object.entries(states).map(([name, { shape }]) => [name, shape]);
    if (!layers || JSON.stringify(shapes) !== shown) {
      shown = JSON.stringify(shapes);
      layers = createLayerMaps(shapes);
      maps.replaceChildren(layers.element);
    }
    const isBounded = squash === "scaled-tanh" || squash === "tanh";
    layers.show(states, isBounded ? () => AMPLITUDE : findLargest);
    answer.textContent = `${found}`;
    if (label === null) text.textContent = "is what it reads in your drawing.";
    else if (label === found) text.textContent = "is what it reads, and it is right.";
    else text.textContent = `is what it reads, but it is a ${label}.`;
  };
  const said = create("div", { class: "lenet-said" }, answer, text);
  const verdict = create("div", { class: "lenet-verdict" }, said, outputs.element);
  return { verdict, maps, show };
}

/** Makes the digits to choose from, and the field to draw one on. */
function createSource(model, control, say) {
  const pixelsOf = (i) => control.digits.testImages.slice(784 * i, 784 * (i + 1));
  /** @type {?ReturnType<typeof createChoice>} */
  let choice = null; // of ten digits, once they are there
  /** @type {?number} */
  let below = null; // the digit that lies in the field
  const pad = createInkPad({
    label: "Field to draw a digit on",
    begin: () => below !== null && empty(),
    change: () => below === null && look(),
    commit: () => {},
    say,
  });
  const row = create("div", {});
  const clear = createButton("Clear", empty);
  const element = create("div", { class: "lenet-reads" }, row, pad.element, clear);

  function empty() {
    below = null;
    save(model, { digit: null });
    pad.show([]);
  }

  function look() {
    if (!control.digits) return;
    const pixels = below === null ? centerInk(pad.ink()) : pixelsOf(below);
    control.look(pixels ?? new Uint8Array(784));
  }

  /** Looks at what the model says. */
  function lookAgain() {
    const digit = model.get("digit");
    if (!control.digits || digit === below) return;
    const count = control.digits.testLabels.length;
    below = digit === null ? null : Math.max(0, Math.min(count - 1, digit));
    pad.show([], below === null ? null : pixelsOf(below));
    look();
  }

  function createTen() {
    const options = range(10).map((label) => {
      const value = control.digits.testLabels.indexOf(label);
      const style = { color: colorInk, limit: 255 };
      const picture = createPicture(pixelsOf(value), 28, 28, style);
      return { value, name: `a ${label}`, label: picture };
    });
    const choose = (digit) => save(model, { digit });
    choice = createChoice("A test digit; or draw one", options, choose);
    row.append(choice.element);
  }

  const show = () => {
    if (control.digits && !choice) {
      createTen();
      lookAgain();
    }
    choice?.show(model.get("digit"));
  };
  return { element, show, lookAgain, stop: pad.stop };
}
