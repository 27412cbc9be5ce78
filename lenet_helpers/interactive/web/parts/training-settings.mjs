// The settings of the Training room, under their fold.

import { MOST_PASSES, nameChoice } from "../engine/runs.mjs";
import { create, save } from "./dom.mjs";
import { createEntry, createSelect } from "./settings.mjs";

/** @import { Model } from "./dom.mjs" */
/** @import { Settings } from "../engine/runs.mjs" */

/** @type {[string, string, string[]][]} */
const SELECTS = [
  ["network", "network", ["linear", "hidden", "net1989", "lenet1", "lenet4", "lenet5"]],
  ["loss", "loss", ["squared", "cross-entropy", "equation-8", "equation-9"]],
  ["optimizer", "optimiser", ["sgd", "momentum", "adam", "sdlm"]],
  ["schedule", "over the run the rate", ["constant", "falling"]],
  ["squash", "squashing function", ["scaled-tanh", "tanh", "relu", "none"]],
  ["initial", "initial weights", ["root", "printed"]],
  ["labels", "labels", ["right", "shuffled"]],
];

/** Lists the losses that a network cannot have. @param {string} network */
const findMisfits = (network) =>
  network === "lenet5" ? ["cross-entropy"] : ["equation-8", "equation-9"];

/**
 * Makes fields for all settings.
 * @param {Model} model
 * @returns {{element: HTMLElement, show: () => void}}
 */
export function createSettings(model) {
  const [numTraining] = model.get("counts");
  /** @type {[string, string, {low: number, high: number, isWhole: boolean}][]} */
  const numbers = [
    ["rate", "rate", { low: 0, high: 1000, isWhole: false }],
    ["mu", "μ of SDLM", { low: 0, high: 1000, isWhole: false }],
    ["batch_size", "digits an update", { low: 1, high: numTraining, isWhole: true }],
    ["digits", "training digits", { low: 1, high: numTraining, isWhole: true }],
    ["passes", "passes", { low: 1, high: MOST_PASSES, isWhole: true }],
    ["seed", "seed", { low: 0, high: 1_000_000, isWhole: true }],
  ];

  const change = (values) => {
    /** @type {Settings} */
    const settings = { ...model.get("settings"), ...values };
    if (findMisfits(settings.network).includes(settings.loss))
      settings.loss = settings.network === "lenet5" ? "equation-9" : "cross-entropy";
    save(model, { settings });
  };

  const selects = SELECTS.map(([name, label, choices]) => {
    const options = choices.map((value) => ({ value, name: nameChoice(value) }));
    const field = createSelect(label, options, (value) => change({ [name]: value }));
    return { name, ...field };
  });
  const entries = numbers.map(([name, label, limits]) => ({
    name,
    ...createEntry(label, limits, (value) => change({ [name]: value })),
  }));
  const element = create(
    "div",
    { class: "lenet-fields" },
    ...[...selects, ...entries].map((field) => field.element),
  );
  const show = () => {
    const settings = model.get("settings");
    for (const { name, show } of selects)
      show(settings[name], name === "loss" ? findMisfits(settings.network) : []);
    for (const { name, element, show } of entries) {
      show(settings[name]);
      if (name === "mu") element.hidden = settings.optimizer !== "sdlm";
    }
  };
  return { element, show };
}
