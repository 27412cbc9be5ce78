// Parts of LeNet-5 are switched off: what becomes of a digit, and of 500.

import { createHistory } from "../engine/history.mjs";
import { createLesions, findAnswer, keepParts, LAYERS } from "../engine/lesions.mjs";
import { clamp, range } from "../engine/numbers.mjs";
import { readBytes, readTensors } from "../engine/tensors.mjs";
import { createChoice, createVoice, keepKeys } from "../parts/controls.mjs";
import { create, createButton, createPart, listen, save } from "../parts/dom.mjs";
import { createLesionCount } from "../parts/lesion-count.mjs";
import { createLesionParts } from "../parts/lesion-parts.mjs";
import { colorInk, createPicture } from "../parts/pictures.mjs";
import { createScorePairs } from "../parts/score-pairs.mjs";

/** @import { Model } from "../parts/dom.mjs" */
/** @import { Part } from "../engine/lesions.mjs" */

const [, , LINKS, C3, C5, F6] = range(LAYERS.length);
const FARTHEST = 200; // the distance with the longest bar

/** @param {{model: Model, el: HTMLElement}} place */
function render({ model, el }) {
  const tensors = readTensors(model.get("network").weights);
  const lesions = createLesions(tensors, readTensors(model.get("means")));
  const pixels = readBytes(model.get("digits"));
  /** @type {number[]} */
  const labels = model.get("labels");
  const digitOf = (i) => pixels.subarray(784 * i, 784 * (i + 1));
  const readDigit = () => clamp(Math.round(model.get("digit")), 0, labels.length - 1);
  /** @type {() => Part[]} */
  const readOff = () => keepParts(model.get("off"));
  /** @type {ReturnType<typeof createHistory<Part[]>>} */
  const history = createHistory([], readOff, (off) => save(model, { off }));
  const voice = createVoice();

  const parts = createLesionParts(tensors, (part) =>
    history.store(toggle(readOff(), part)),
  );
  const choose = (digit) => save(model, { digit });
  const choice = createChoice("Digit", listDigits(labels, digitOf), choose);
  const reading = create("p", { class: "lenet-reading" });
  const bar = createBar();
  const scores = createScorePairs("Distance of F6 from each code", FARTHEST);
  const undo = createButton("Undo", history.goBack);
  const restore = createButton("Restore all", () => history.store([]));
  const list = create("p", { class: "lenet-off" });
  const count = createLesionCount({ lesions, digitOf, labels, choose, tell });
  let hasActed = false; // else there is nothing to say

  el.classList.add("lenet-ui", "lenet-lesion");
  keepKeys(el);
  el.append(
    choice.element,
    createPart(
      "Click what is to be switched off",
      parts.wiring,
      create("div", { class: "lenet-units" }, ...parts.units),
    ),
    create("div", { class: "lenet-row" }, ...createPresets(tensors, history.store)),
    list,
    create("div", { class: "lenet-strip" }, bar.element, undo, restore),
    create(
      "div",
      { class: "lenet-findings" },
      create("div", {}, reading, scores.element),
      count.element,
    ),
    voice.element,
  );

  function tell(found) {
    bar.showCount(found);
    if (hasActed) voice.say(`${list.textContent} ${reading.textContent} ${found}`);
  }

  function showDigit() {
    const [digit, off] = [readDigit(), readOff()];
    const whole = lesions.run(digitOf(digit), []).output.data;
    const states = lesions.run(digitOf(digit), off);
    choice.show(digit);
    parts.show(states, off);
    /** @type {[number, number]} */
    const answers = [findAnswer(whole), findAnswer(states.output.data)];
    reading.textContent = describeReading(labels[digit], answers, off);
    bar.showAnswers(labels[digit], answers);
    scores.show(whole, states.output.data, answers);
    undo.disabled = history.isEmpty();
    restore.disabled = !off.length;
    list.textContent = describeOff(off, tensors["c3.links"].data);
    count.markDigit(digit);
  }

  function showAll() {
    showDigit();
    count.start(readOff());
  }

  const act = (show) => () => {
    hasActed = true;
    show();
    voice.say(reading.textContent ?? "");
  };

  const stops = [
    listen(model, ["change:digit"], act(showDigit)),
    listen(model, ["change:off"], act(showAll)),
    count.stop,
    voice.stop,
  ];
  showAll();
  return () => stops.forEach((stop) => stop());
}

/** Switches a part off, or on again. @param {Part[]} off @param {Part} part */
function toggle(off, [layer, part]) {
  const left = off.filter((one) => one[0] !== layer || one[1] !== part);
  return left.length < off.length ? left : [...off, [layer, part]];
}

/** The first digit of each class, as options. */
function listDigits(labels, digitOf) {
  const firsts = range(10).map((label) => labels.indexOf(label));
  return firsts
    .filter((first) => first >= 0)
    .map((first) => ({
      value: first,
      name: `a ${labels[first]}`,
      label: createPicture(digitOf(first), 28, 28, { color: colorInk, limit: 255 }),
    }));
}

/** Makes buttons that switch off whole groups. */
function createPresets(tensors, store) {
  const { shape, data } = tensors["c3.links"];
  const fanIns = range(16).map(
    (map) => range(shape[1]).filter((link) => data[link] === map).length,
  );
  const mapsOf = (size) => range(16).filter((map) => fanIns[map] === size);
  const half = (layer) => range(LAYERS[layer].count / 2).map((i) => 2 * i);
  /** @type {[string, number, number[]][]} */
  const groups = [
    ["C3 maps that read three", C3, mapsOf(3)],
    ["C3 maps that read four", C3, mapsOf(4)],
    ["Every other unit of C5", C5, half(C5)],
    ["Every other unit of F6", F6, half(F6)],
  ];
  return groups.map(([text, layer, members]) =>
    createButton(text, () => store(members.map((member) => [layer, member]))),
  );
}

/** What has come of it, in one line that stays in view. */
function createBar() {
  const answer = create("b", {});
  const count = create("span", {}, "…");
  const element = create("p", { "aria-hidden": "true" }, answer, " ", count);
  return {
    element,
    showAnswers(label, [before, after]) {
      answer.textContent = `${label}: read as ${before} → ${after}.`;
    },
    showCount(text) {
      count.textContent = text;
    },
  };
}

/** Says what the digit is read as. */
function describeReading(label, [before, after], off) {
  if (!off.length) return `Written was ${label}; LeNet-5 reads ${before}.`;
  const now = after === before ? `still ${after}` : after;
  return `Written was ${label}; LeNet-5 reads ${before}, without these parts ${now}.`;
}

/** Says which parts are off, of a layer with many only how many. */
function describeOff(off, links) {
  if (!off.length) return "Nothing is switched off.";
  const texts = LAYERS.map(({ name, count }, layer) => {
    const found = off.filter(([one]) => one === layer).map(([, part]) => part);
    if (!found.length) return "";
    const numbers = found.sort((a, b) => a - b);
    if (layer === LINKS) {
      const ends = numbers.map(
        (link) => `S2 ${links[count + link]} to C3 ${links[link]}`,
      );
      if (found.length > 6) return `${found.length} of ${count} links`;
      return `${found.length > 1 ? "links" : "link"} ${ends.join(", ")}`;
    }
    if (found.length > 8) return `${found.length} of ${count} in ${name.toUpperCase()}`;
    return `${name.toUpperCase()} ${numbers.join(", ")}`;
  });
  return `Off: ${texts.filter(Boolean).join("; ")}.`;
}

export default { render };
