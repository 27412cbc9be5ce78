// A training to watch again: a slider over the passes of LeNet-5.

import { judge } from "../engine/networks.mjs";
import { clamp, findLargest, range, write } from "../engine/numbers.mjs";
import { readTensors, take } from "../engine/tensors.mjs";
import { createChoice, keepKeys } from "../parts/controls.mjs";
import { create, createPart, listen, save } from "../parts/dom.mjs";
import { colorInk, createPicture, paintMap } from "../parts/pictures.mjs";
import { createPlayer } from "../parts/player.mjs";
import { createCurves, createRates } from "../parts/training-charts.mjs";

/** @import { Model } from "../parts/dom.mjs" */
/** @import { Tensor } from "../engine/tensors.mjs" */

/** @param {{model: Model, el: HTMLElement}} place */
function render({ model, el }) {
  const tensors = readTensors(model.get("tensors"));
  const last = tensors.c1.shape[0] - 1;
  const errors = {
    training: readPercents(tensors.training_error),
    test: readPercents(tensors.test_error),
  };
  const links = model
    .get("table")
    .flatMap((inputs, map) => inputs.map((input) => [input, map]));
  const row = range(6).map((map) => [0, map]);
  const c1 = createKernels(tensors.c1, "C1", row);
  const c3 = createKernels(tensors.c3, "C3", links);
  const curves = createCurves(errors, last);
  const rates = createRates(tensors.rates);
  const penalties = createPenalties(tensors.penalties, tensors.labels);
  const digits = createDigits(tensors.digits, tensors.labels, (digit) =>
    save(model, { digit }),
  );
  const player = createPlayer({
    name: "pass",
    last,
    read: () => model.get("epoch"),
    go: (epoch) => save(model, { epoch }),
  });
  const halves = (...parts) => create("div", { class: "lenet-halves" }, ...parts);

  el.classList.add("lenet-ui", "lenet-replay");
  keepKeys(el);
  el.append(
    halves(
      createPart(
        "Error (%), counted while it trains, and on the test set",
        curves.element,
      ),
      createPart(
        "Rates in the pass to come: smallest to largest, median",
        rates.element,
      ),
    ),
    createPart("C1: six kernels", c1.element),
    createPart(
      "C3: a kernel for each link; rows are maps of S2, columns maps of C3",
      c3.element,
    ),
    halves(digits.element, createPart("Its ten penalties", penalties.element)),
    player.element,
  );

  function update() {
    const epoch = clamp(model.get("epoch"), 0, last);
    const digit = clamp(model.get("digit"), 0, tensors.digits.shape[0] - 1);
    for (const view of [c1, c3, curves, rates]) view.show(epoch);
    penalties.show(epoch, digit);
    digits.show(digit);
    player.show(epoch, describePass(errors, epoch));
  }

  update();
  const stopListening = listen(model, ["change:epoch", "change:digit"], update);
  return () => {
    player.stop();
    stopListening();
  };
}

/** @param {Tensor} rates  as parts of 1 */
const readPercents = ({ data }) => [...data].map((rate) => 100 * rate);

function describePass(errors, epoch) {
  if (epoch === 0) return "before training";
  const training = write(errors.training[epoch - 1]);
  const test = write(errors.test[epoch - 1]);
  return `pass ${epoch}: training ${training} %, test ${test} %`;
}

/** Makes the choice of a digit of the test set. */
function createDigits(digits, labels, choose) {
  const options = range(digits.shape[0]).map((i) => ({
    value: i,
    name: `digit ${i}, a ${labels.data[i]}`,
    label: createPicture(take(digits, i).data, 28, 28, { color: colorInk, limit: 255 }),
  }));
  return createChoice("A digit of the test set", options, choose);
}

/** Makes the kernels of a layer, each at its place, and what paints them. */
function createKernels(kernels, name, places) {
  const limit = findLargest(kernels.data);
  const canvases = places.map(([row, column]) =>
    create("canvas", {
      class: "lenet-map",
      style: `grid-area: ${row + 1} / ${column + 1}`,
    }),
  );
  const element = create(
    "div",
    { class: `lenet-kernels lenet-${name}`, role: "img" },
    ...canvases,
  );
  const show = (epoch) => {
    const now = take(kernels, epoch);
    canvases.forEach((canvas, i) =>
      paintMap(canvas, take(now, i).data, 5, 5, { limit }),
    );
    element.setAttribute("aria-label", `Kernels of ${name} after pass ${epoch}`);
  };
  return { element, show };
}

/** Makes the ten penalties of a digit as bars; the shortest is the answer. */
function createPenalties(penalties, labels) {
  const longest = findLargest(penalties.data);
  const rows = range(10).map((label) => {
    const bar = create("span");
    const number = create("span", { class: "lenet-count" });
    const row = create(
      "li",
      {},
      create("b", {}, `${label}`),
      create("span", { class: "lenet-track", "aria-hidden": "true" }, bar),
      number,
    );
    return { bar, number, row };
  });
  const answer = create("p");
  const element = create(
    "div",
    {},
    create("ul", {}, ...rows.map(({ row }) => row)),
    answer,
  );
  const show = (epoch, digit) => {
    const values = take(take(penalties, epoch), digit);
    const best = judge("lenet5", { shape: [10, 1, 1], data: values.data })?.answer;
    rows.forEach(({ bar, number, row }, label) => {
      bar.style.width = `${(100 * values.data[label]) / longest}%`;
      number.textContent = write(values.data[label], 1);
      row.classList.toggle("lenet-best", label === best);
    });
    const label = labels.data[digit];
    answer.textContent =
      `The smallest penalty: ${best}. ` +
      (best === label ? "That is right." : `Wrong: it is a ${label}.`);
  };
  return { element, show };
}

export default { render };
