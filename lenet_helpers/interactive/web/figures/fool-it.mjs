// A digit is changed as little as it takes for a network to misread it.

import {
  addNoise,
  climb,
  createVictim,
  findAnswer,
  measureLead,
  searchSmallest,
  stepOnce,
} from "../engine/attacks.mjs";
import { NETWORKS } from "../engine/networks.mjs";
import { clamp, range, write } from "../engine/numbers.mjs";
import { readBytes, readTensors } from "../engine/tensors.mjs";
import { createChangePictures } from "../parts/change-pictures.mjs";
import { createChoice, createVoice, keepKeys } from "../parts/controls.mjs";
import {
  create,
  createButton,
  createFrame,
  listen,
  press,
  save,
} from "../parts/dom.mjs";
import { colorInk, createPicture } from "../parts/pictures.mjs";
import { createScorePairs } from "../parts/score-pairs.mjs";

/** @import { Model } from "../parts/dom.mjs" */
/** @import { Goal, Norm, Victim } from "../engine/attacks.mjs" */

const SIDE = 28;
const FARTHEST = 200; // the distance with the longest bar
const METHODS = [
  { value: "step", label: "one step", norm: /** @type {Norm} */ ("linf") },
  { value: "steps", label: "20 steps", norm: /** @type {Norm} */ ("linf") },
  { value: "steps-l2", label: "20 steps, L2", norm: /** @type {Norm} */ ("l2") },
];

/**
 * What the reader has set.
 * @typedef {object} State
 * @property {string} network
 * @property {number} digit
 * @property {number | null} target
 * @property {string} method
 * @property {Norm} norm
 * @property {number[]} sizes  by "linf", and by "l2"
 * @property {number} size  the one that counts
 * @property {boolean} isNoise
 */

/** @param {{model: Model, el: HTMLElement}} place */
function render({ model, el }) {
  const attack = createAttack(model);
  const read = () => readState(model, attack.names);
  const voice = createVoice();
  const controls = createControls(model, attack, read);
  const pictures = createChangePictures(SIDE);
  const verdict = create("p", { class: "lenet-reading" });
  const found = create("p", { class: "lenet-found" });
  const search = createButton("Find the smallest change", searchIt);
  const panels = attack.specs.map((spec) => createPanel(spec));
  const frame = createFrame(() => {
    show();
    voice.say(verdict.textContent ?? "");
  });

  el.classList.add("lenet-ui", "lenet-fool-it");
  keepKeys(el);
  el.append(
    controls.element,
    create("div", { class: "lenet-row" }, controls.noise, search, found),
    pictures.element,
    verdict,
    create("div", { class: "lenet-panels" }, ...panels.map(({ element }) => element)),
    voice.element,
  );

  function show() {
    const state = read();
    const before = attack.digitOf(state.digit);
    const after = attack.change(state, state.size);
    controls.show(state);
    search.disabled = state.isNoise;
    pictures.show(before, after, state.norm);
    const answers = panels.map((panel, i) =>
      panel.show(attack.read(i, before), attack.read(i, after), state.network),
    );
    verdict.textContent = describe(attack, state, answers);
  }

  function searchIt() {
    const state = read();
    const most = model.get("largest")[Number(state.norm === "l2")];
    const size = attack.search(state, most);
    if (size !== null) controls.storeSize(size);
    const text =
      size === null
        ? `No change up to ${writeSize(most, state.norm)} is enough.`
        : `The smallest that is found is ${writeSize(size, state.norm)}.`;
    found.textContent = text;
    show();
    frame.stop(); // it would say less
    voice.say(`${text} ${verdict.textContent}`);
  }

  const change = () => {
    found.textContent = "";
    frame.ask();
  };
  const names = ["network", "digit", "target", "method", "sizes", "is_noise"];
  const events = names.map((name) => `change:${name}`);
  const stops = [listen(model, events, change), frame.stop, voice.stop];
  show();
  return () => stops.forEach((stop) => stop());
}

/**
 * Reads the state, which may come from a link: what there is not becomes something else.
 * @param {Model} model
 * @param {string[]} names  of the networks
 * @returns {State}
 */
function readState(model, names) {
  const network = names.includes(model.get("network"))
    ? model.get("network")
    : names[0];
  const method =
    METHODS.find(({ value }) => value === model.get("method")) ?? METHODS[1];
  const toDigit = (value) => clamp(Math.round(value), 0, 9);
  const target = model.get("target");
  const sizes = model
    .get("largest")
    .map((most, i) => clamp(model.get("sizes")[i], 0, most));
  return {
    network,
    digit: toDigit(model.get("digit")),
    target: target === null ? null : toDigit(target),
    method: method.value,
    norm: method.norm,
    sizes,
    size: sizes[Number(method.norm === "l2")],
    isNoise: model.get("is_noise"),
  };
}

/** Makes what changes digits, and lets both networks read them. @param {Model} model */
function createAttack(model) {
  /** @type {{name: "lenet5" | "modern", title: string, weights: DataView}[]} */
  const specs = model.get("networks");
  /** @type {Victim[]} */
  const victims = specs.map(({ name, weights }) =>
    createVictim(name, readTensors(weights)),
  );
  const names = specs.map(({ name }) => name);
  const bytes = readBytes(model.get("digits"));
  const noise = new Float32Array(readBytes(model.get("noise")).slice().buffer);
  const digitOf = (digit) =>
    Float32Array.from(
      bytes.subarray(SIDE ** 2 * digit, SIDE ** 2 * (digit + 1)),
      (value) => value / 255,
    );
  /** @type {(state: State) => {victim: Victim, pixels: Float32Array, goal: Goal}} */
  const prepare = ({ network, digit, target }) => ({
    victim: victims[specs.findIndex(({ name }) => name === network)],
    pixels: digitOf(digit),
    goal: { label: digit, target },
  });
  /** @type {(state: State, size: number) => Float32Array} */
  const change = (state, size) => {
    const { victim, pixels, goal } = prepare(state);
    const { norm, method, isNoise } = state;
    if (isNoise) return addNoise(pixels, noise, { size, norm });
    if (method === "step") return stepOnce(victim, pixels, goal, { size, norm });
    return climb(victim, pixels, goal, { size, norm, noise });
  };
  /** @type {(state: State, most: number) => number | null} */
  const search = (state, most) => {
    const { victim, pixels, goal } = prepare(state);
    const leads = (picture) => measureLead(victim.score(picture), goal) > 0;
    if (leads(pixels)) return 0;
    return searchSmallest((size) => leads(change(state, size)), most);
  };
  return {
    specs,
    names,
    digitOf,
    change,
    search,
    read: (i, pixels) => victims[i].score(pixels),
  };
}

/** Writes a size. @param {number} size @param {Norm} norm */
const writeSize = (size, norm) =>
  norm === "l2" ? `${write(size)} (L2)` : `${write(size, 3)} of the ink range`;

/** What can be chosen and set. */
function createControls(model, attack, read) {
  const digits = createChoice(
    "Digit",
    range(10).map((digit) => ({
      value: digit,
      name: `a ${digit}`,
      label: createPicture(attack.digitOf(digit), SIDE, SIDE, {
        color: colorInk,
        limit: 1,
      }),
    })),
    (digit) => save(model, { digit }),
  );
  const networks = createChoice(
    "Network whose gradient is used",
    attack.specs.map(({ name, title }) => ({ value: name, label: title })),
    (network) => save(model, { network }),
  );
  const targets = createChoice(
    "To be read as",
    [null, ...range(10)].map((value) => ({
      value,
      label: value === null ? "any other" : `${value}`,
    })),
    (target) => save(model, { target }),
  );
  const methods = createChoice("Method", METHODS, (method) => save(model, { method }));
  const text = create("output", {});
  const slider = create("input", {
    type: "range",
    min: "0",
    step: "any",
    "aria-label": "Strength",
    oninput: () => storeSize(Number(slider.value)),
    onkeydown: (event) => moveByKey(event),
  });
  const strength = create(
    "div",
    { class: "lenet-strength" },
    create("div", { class: "lenet-label" }, "Strength: ", text),
    slider,
  );
  const noise = createButton("Noise of the same size instead", () =>
    save(model, { is_noise: !read().isNoise }),
  );

  /** @param {number} size */
  function storeSize(size) {
    const { sizes, norm } = read();
    save(model, { sizes: norm === "l2" ? [sizes[0], size] : [size, sizes[1]] });
  }

  /** A step of 1/100: with step "any", browsers have steps of their own. */
  function moveByKey(event) {
    const ways = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };
    const way = ways[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const most = Number(slider.max);
    storeSize(clamp(Number(slider.value) + (way * most) / 100, 0, most));
  }

  /** @param {State} state */
  const show = (state) => {
    digits.show(state.digit);
    networks.show(state.network);
    targets.show(state.target);
    methods.show(state.method);
    slider.max = `${model.get("largest")[Number(state.norm === "l2")]}`;
    slider.value = `${state.size}`;
    text.textContent = writeSize(state.size, state.norm);
    slider.setAttribute("aria-valuetext", writeSize(state.size, state.norm));
    press(noise, state.isNoise);
  };
  const rows = [digits.element, targets.element, networks.element, methods.element];
  const element = create("div", { class: "lenet-controls" }, ...rows, strength);
  return { element, noise, show, storeSize };
}

/** What one network says of the digit before and after. */
function createPanel({ name, title }) {
  const { sign } = NETWORKS[name];
  const isDistance = sign < 0;
  const answer = create("b", {});
  const part = create("span", {});
  const heading = create("p", { class: "lenet-title" }, title, ": ", answer, part);
  const caption = isDistance ? "Distance of F6 from each code" : "Outputs";
  const scores = createScorePairs(caption, isDistance ? FARTHEST : null, {
    digits: isDistance ? 0 : 1,
    isSigned: !isDistance,
  });
  const element = create("section", { "aria-label": title }, heading, scores.element);
  const show = (before, after, network) => {
    const answers = [before, after].map(findAnswer);
    answer.textContent = answers.join(" → ");
    part.textContent = name === network ? " (its gradient is used)" : "";
    scores.show(
      before.map((score) => sign * score),
      after.map((score) => sign * score),
      answers,
    );
    return answers;
  };
  return { element, show };
}

/** Says what has come of it. */
function describe({ specs }, { network, target, digit, size, isNoise }, answers) {
  const used = specs.findIndex(({ name }) => name === network);
  const tell = (i) => {
    const [before, after] = answers[i];
    return after === before
      ? `${specs[i].title} still reads ${after}`
      : `${specs[i].title} now reads ${after} instead of ${before}`;
  };
  if (!size)
    return `Nothing is changed; ${specs[used].title} reads ${answers[used][0]}.`;
  if (target === digit && !isNoise)
    return `The digit is a ${digit}: choose another goal.`;
  return `${tell(used)}. ${tell(1 - used)}.`;
}

export default { render };
