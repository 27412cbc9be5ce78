// What one network makes of an image: its answer, its outputs, the maps of every layer.

import { COLUMNS, ROWS } from "../engine/codes.mjs";
import { judge, NETWORKS, runNetwork } from "../engine/networks.mjs";
import { range, write } from "../engine/numbers.mjs";
import { AMPLITUDE } from "../engine/paper.mjs";
import { readTensors } from "../engine/tensors.mjs";
import { create } from "./dom.mjs";
import { createLayerMaps } from "./layer-maps.mjs";
import { paintInput, paintMap } from "./pictures.mjs";

const FARTHEST = 200; // the distance with the longest bar

/**
 * @typedef {object} NetworkSpec  what Python tells about a network
 * @property {string} name  of `NETWORKS`
 * @property {string} title
 * @property {DataView} weights
 * @property {number} threshold  it refuses where the two best are closer than this
 */

/**
 * Makes the view of a network.
 * @param {NetworkSpec} spec
 * @returns {{element: HTMLElement,
 *   show: (pixels: Uint8Array | null) => {sign: string, spoken: string}}}  show takes an
 *   image of 28 x 28, or null where there is none, and returns the answer for the eye and
 *   the ear
 */
export function createNetworkView(spec) {
  const heading = create("p", { class: "lenet-title" }, spec.title);
  const element = create(
    "section",
    { class: "lenet-network", "aria-label": spec.title },
    heading,
  );
  let tensors;
  try {
    tensors = readTensors(spec.weights);
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    const text = `Its weights cannot be read: ${reason}.`;
    element.append(create("p", { class: "lenet-fault" }, text));
    return {
      element,
      show: () => ({ sign: "–", spoken: `${spec.title}: no weights.` }),
    };
  }
  const verdict = createVerdict(spec);
  const outputs = createOutputs(spec, tensors);
  const layers = createLayers(spec, tensors);
  element.append(verdict.element, outputs.element, layers.element);

  const show = (pixels) => {
    const states = pixels && runNetwork(spec.name, tensors, pixels);
    const judged = states && judge(spec.name, states.output);
    layers.show(states);
    outputs.show(states, judged);
    return verdict.show(states, judged);
  };
  return { element, show };
}

/** The input, F6 where there is one, the answer, and what is to be said about it. */
function createVerdict(spec) {
  const { low, high, sign } = NETWORKS[spec.name];
  const isDistance = sign < 0;
  const empty = { shape: [1, 1, 1], data: Float32Array.of(low) };
  const input = create("canvas", { class: "lenet-map" });
  const f6 = create("canvas", { class: "lenet-map" });
  const frame = (name, canvas) =>
    create(
      "div",
      { class: "lenet-picture" },
      create("div", { role: "img", "aria-label": `${name} as pixels` }, canvas),
      create("div", { class: "lenet-label" }, name),
    );
  const answer = create("div", { class: "lenet-answer" });
  const detail = create("p", {});
  const pictures = [frame("input", input), ...(isDistance ? [frame("F6", f6)] : [])];
  const element = create(
    "div",
    { class: "lenet-verdict" },
    create("div", { class: "lenet-pictures" }, ...pictures, answer),
    detail,
  );

  const describe = (states, judged) => {
    if (!states) return ["–", "Nothing is drawn.", "nothing is drawn"];
    if (!judged) return ["–", "It gives no numbers.", "gives no numbers"];
    const { answer: best, second, difference } = judged;
    const gap = write(difference, isDistance ? 0 : 1);
    if (difference < spec.threshold) {
      const asked = write(spec.threshold, isDistance ? 0 : 1);
      const text = `Not a digit: ${best} and ${second} are ${gap} apart, ${asked} is asked.`;
      return ["?", text, `not a digit; ${best} or ${second}`];
    }
    const text = `Next: ${second}, ${gap} ${isDistance ? "farther away" : "lower"}.`;
    return [String(best), text, `reads ${best}, then ${second}`];
  };

  const show = (states, judged) => {
    paintInput(input, states?.input ?? empty, { low, high });
    if (isDistance)
      paintMap(f6, states?.f6.data ?? new Float32Array(84), ROWS, COLUMNS, {
        limit: AMPLITUDE,
      });
    const [sign, text, spoken] = describe(states, judged);
    answer.textContent = sign;
    detail.textContent = text;
    element.classList.toggle("lenet-refused", sign === "?");
    return { sign, spoken: `${spec.title}: ${spoken}.` };
  };
  return { element, show };
}

/** Ten rows: the digit, its code in LeNet-5, a bar, the number. */
function createOutputs(spec, tensors) {
  const isDistance = NETWORKS[spec.name].sign < 0;
  const rows = range(10).map((label) => {
    const bar = create("span", {});
    const value = create("td", { class: "lenet-number" });
    const cells = [create("th", { scope: "row" }, String(label))];
    if (isDistance) {
      const code = create("canvas", { class: "lenet-map", "aria-hidden": "true" });
      const pixels = tensors["output.weight"].data.subarray(84 * label);
      paintMap(code, pixels, ROWS, COLUMNS, { limit: AMPLITUDE });
      cells.push(create("td", { class: "lenet-code" }, code));
    }
    cells.push(
      create("td", { class: "lenet-track", "aria-hidden": "true" }, bar),
      value,
    );
    return { row: create("tr", {}, ...cells), bar, value };
  });
  const name = isDistance ? "Distance of F6 from each code" : "Outputs";
  const element = create(
    "table",
    { class: isDistance ? "lenet-outputs" : "lenet-outputs lenet-scores" },
    create("caption", {}, name),
    create("tbody", {}, ...rows.map(({ row }) => row)),
  );

  const show = (states, judged) => {
    const largest = Math.max(AMPLITUDE, ...(states?.output.data ?? []).map(Math.abs));
    rows.forEach(({ row, bar, value }, label) => {
      const output = states ? states.output.data[label] : NaN;
      row.classList.toggle("lenet-best", judged?.answer === label);
      value.textContent = Number.isFinite(output)
        ? write(output, isDistance ? 0 : 1)
        : "";
      const length = Math.min(1, Math.abs(output) / (isDistance ? FARTHEST : largest));
      bar.style.setProperty("--length", `${Number.isFinite(length) ? length : 0}`);
      bar.classList.toggle("lenet-negative", output < 0);
    });
  };
  return { element, show };
}

/** The maps of each layer below the output. */
function createLayers(spec, tensors) {
  const blank = runNetwork(spec.name, tensors, new Uint8Array(784));
  const hidden = new Set(["input", "output", "f6"]);
  const { element, show } = createLayerMaps(
    Object.entries(blank)
      .filter(([name]) => !hidden.has(name))
      .map(([name, { shape }]) => [name, shape]),
  );
  const isRectified = spec.name === "modern";
  const findLimit = (data) =>
    isRectified ? Math.max(1, ...data.filter(Number.isFinite)) : AMPLITUDE;
  return { element, show: (states) => show(states, findLimit) };
}
