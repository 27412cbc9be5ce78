// What the Training room shows of a network that learns: its first kernels, how large the
// gradients are, the digits that it misses, the runs so far.

import { clamp, findLargest, range, write, writeCount } from "../engine/numbers.mjs";
import { describeSettings } from "../engine/runs.mjs";
import { take } from "../engine/tensors.mjs";
import { addArrowKeys, findLines } from "./controls.mjs";
import { create, createButton } from "./dom.mjs";
import { colorInk, createPicture, paintMap } from "./pictures.mjs";

/** @import { Run, Settings } from "../engine/runs.mjs" */
/** @import { Digits } from "../engine/training/options.mjs" */
/** @import { Tensor } from "../engine/tensors.mjs" */

const SMALLEST = 1e-6; // gradient with a bar
const LARGEST = 10;
const SHOWN = 30; // missed digits

/** Makes the kernels of the first layer; of a layer without maps, the weights of a unit. */
export function createFirstKernels() {
  const label = create("div", { class: "lenet-label" });
  const grid = create("div", { class: "lenet-first", role: "img" });
  const element = create("div", {}, label, grid);

  /** @param {Tensor} kernels @param {string} layer */
  const show = ({ shape, data }, layer) => {
    const [count, ...rest] = shape;
    const side = Math.round(Math.sqrt(rest.reduce((product, n) => product * n, 1)));
    if (grid.childElementCount !== count) {
      const canvases = range(count).map(() =>
        create("canvas", { class: "lenet-map", "aria-hidden": "true" }),
      );
      grid.replaceChildren(...canvases);
      label.textContent =
        side > 5
          ? `The weights of ${count} units, one for each pixel`
          : `The ${count} kernels of ${layer.toUpperCase()}`;
      grid.setAttribute("aria-label", label.textContent);
    }
    const limit = findLargest(data);
    [...grid.children].forEach((canvas, i) =>
      paintMap(
        /** @type {HTMLCanvasElement} */ (canvas),
        take({ shape, data }, i).data,
        side,
        side,
        { limit },
      ),
    );
  };
  return { element, show };
}

/**
 * A row of a list of bars.
 * @typedef {{name: string, share: number, text: string, isBest?: boolean}} Bar
 *   share: of the whole width
 */

/** Makes a list of bars, each with its name and its number. */
function createBars() {
  const element = create("ul", { class: "lenet-bars" });
  /** @param {Bar[]} bars */
  const show = (bars) =>
    element.replaceChildren(
      ...bars.map(({ name, share, text, isBest = false }) => {
        const width = Number.isFinite(share) ? 100 * clamp(share, 0, 1) : 0;
        return create(
          "li",
          { class: isBest && "lenet-best" },
          create("b", {}, name),
          create(
            "span",
            { class: "lenet-track", "aria-hidden": "true" },
            create("span", { style: `width: ${width}%` }),
          ),
          create("span", { class: "lenet-count" }, text),
        );
      }),
    );
  return { element, show };
}

/** Makes the size of the last gradient by layer, as bars on a logarithmic scale. */
export function createGradients() {
  const { element, show } = createBars();
  const span = Math.log(LARGEST / SMALLEST);
  return {
    element,
    /** @param {Object<string, number>} sizes */
    show: (sizes) =>
      show(
        Object.entries(sizes).map(([layer, size]) => ({
          name: layer.length > 2 ? layer : layer.toUpperCase(),
          share: Math.log(size / SMALLEST) / span,
          text: writeSmall(size),
        })),
      ),
  };
}

/** Makes the ten outputs for a digit as bars. */
export function createOutputs() {
  const label = create("div", { class: "lenet-label" });
  const bars = createBars();
  const element = create("div", { class: "lenet-outputs" }, label, bars.element);
  /** @param {ArrayLike<number>} outputs @param {number} answer @param {string} network */
  const show = (outputs, answer, network) => {
    const isPenalty = network === "lenet5";
    label.textContent = isPenalty
      ? "Its ten penalties: the smallest is the answer"
      : "Its ten outputs: the largest is the answer";
    const values = Array.from(outputs);
    const low = isPenalty ? 0 : Math.min(-1, ...values);
    const high = Math.max(1, ...values);
    bars.show(
      values.map((value, i) => ({
        name: `${i}`,
        share: (value - low) / (high - low),
        text: Number.isFinite(value) ? write(value, isPenalty ? 0 : 2) : "–",
        isBest: i === answer,
      })),
    );
  };
  return { element, show };
}

/** Writes a small number: 0.0123, or 3.1 × 10⁻⁷. */
function writeSmall(size) {
  if (size === 0 || size >= 0.001) return write(size, 3);
  const [digits, power] = size.toExponential(0).split("e-");
  const raised = [...power].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("");
  return `${digits} × 10⁻${raised}`;
}

/**
 * Makes the test digits that are read wrongly, as buttons.
 * @param {(digit: number) => void} choose
 */
export function createMissed(choose) {
  const label = create("div", { class: "lenet-label" });
  const row = create("div", {
    class: "lenet-missed",
    role: "group",
    "aria-label": "Test digits that it misses",
  });
  const element = create("div", {}, label, row);
  const reset = addArrowKeys(row, () => findLines(row));
  let shown = "";

  /** @param {?number[]} missed @param {?Digits} digits */
  const show = (missed, digits) => {
    const key = JSON.stringify(missed);
    if (key === shown || row.contains(document.activeElement)) return;
    shown = key;
    const count = digits?.testLabels.length ?? 0;
    const some = (missed ?? []).slice(0, SHOWN);
    label.textContent =
      `Misses ${missed?.length ?? 0} of ${writeCount(count)} test digits` +
      (some.length < (missed?.length ?? 0) ? `; the first ${SHOWN}` : "");
    row.replaceChildren(
      ...some.map((i) => {
        const name = `test digit ${i}, a ${digits?.testLabels[i]}`;
        const button = createButton("", () => choose(i));
        button.setAttribute("aria-label", name);
        button.title = name;
        const pixels = digits?.testImages.subarray(784 * i, 784 * (i + 1)) ?? [];
        button.append(createPicture(pixels, 28, 28, { color: colorInk, limit: 255 }));
        return button;
      }),
    );
    reset();
  };
  return { element, show };
}

/**
 * Makes the table of runs.
 * @param {Settings} ordinary
 * @param {() => void} forget  called where the reader wants the earlier ones gone
 */
export function createRunTable(ordinary, forget) {
  const body = create("tbody", {});
  const head = create(
    "tr",
    {},
    ...["run", "what", "digits learnt from", "test error"].map((name) =>
      create("th", { scope: "col" }, name),
    ),
  );
  const table = create(
    "table",
    { class: "lenet-runs" },
    create("thead", {}, head),
    body,
  );
  const button = createButton("Forget earlier runs", forget);
  const element = create("div", {}, table, button);

  /** @param {Run[]} runs @param {number} first  the number of the first */
  const show = (runs, first) => {
    body.replaceChildren(
      ...runs.map(({ settings, patterns, test, fault }, i) => {
        const error = test.at(-1)?.[2];
        const last = error === undefined ? "" : `${write(100 * error, 1)} %`;
        const cells = [
          create("th", { scope: "row" }, `${first + i}`),
          create("td", {}, describeSettings(settings, ordinary)),
          create("td", {}, writeCount(patterns)),
          create("td", {}, fault ? "diverged" : last),
        ];
        const isNow = i === runs.length - 1;
        return create("tr", { class: isNow ? "lenet-now" : false }, ...cells);
      }),
    );
    element.hidden = !runs.length;
    button.hidden = runs.length < 2;
  };
  return { element, show };
}
