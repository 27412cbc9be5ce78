// A training to watch again: a slider over the passes of LeNet-5.

import { judge } from "../engine/networks.mjs";
import { findLargest, range, write } from "../engine/numbers.mjs";
import { readTensors, take } from "../engine/tensors.mjs";
import { makeLogScale, writePath } from "../parts/chart.mjs";
import { createChoice, keepKeys } from "../parts/controls.mjs";
import { create, createDrawing } from "../parts/dom.mjs";
import { colorInk, paintMap } from "../parts/pictures.mjs";

const LAYERS = ["C1", "S2", "C3", "S4", "C5", "F6"];
const STEP = 700; // milliseconds a pass, while it plays
const WIDTH = 340; // of a drawing
const HEIGHT = 190;
const LEFT = 34; // of its axes
const RIGHT = 8;
const TOP = 10;
const BOTTOM = 34;
const ERRORS = [0.2, 10]; // per cent, the ends of the axis
const ERROR_TICKS = [0.2, 0.5, 1, 2, 5, 10];
const RATES = [1e-6, 1e-1];
const RATE_TICKS = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1];
const RATE_NAMES = ["10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "0.01", "0.1"];

const draw = (children) =>
  createDrawing(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" },
    ...children,
  );
const text = (x, y, content, anchor = "middle") =>
  createDrawing("text", { x, y, "text-anchor": anchor }, content);

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

/** Finds room for a curve's name: at two thirds, above the upper curve, below the lower. */
function findLabel(points, values, errors) {
  const i = Math.floor((2 * points.length) / 3);
  const isUpper = Object.values(errors).every((others) => others[i] <= values[i]);
  return [points[i][0], points[i][1] + (isUpper ? -8 : 16)];
}

/** Makes the curves of the errors, with a mark at a pass. */
function createCurves(errors, last) {
  const x = (epoch) => LEFT + ((WIDTH - LEFT - RIGHT) * epoch) / last;
  const y = makeLogScale(ERRORS, [HEIGHT - BOTTOM, TOP]);
  const line = createDrawing("line", {
    class: "lenet-now",
    y1: TOP,
    y2: HEIGHT - BOTTOM,
  });
  const series = Object.entries(errors).map(([name, values]) => {
    const points = values.map((value, i) => [x(i + 1), y(value)]);
    const dot = createDrawing("circle", { r: 5, class: `lenet-${name}` });
    return {
      dot,
      points,
      values,
      path: createDrawing("path", { d: writePath(points), class: `lenet-${name}` }),
      name: text(...findLabel(points, values, errors), name),
    };
  });
  const element = draw([
    ...ERROR_TICKS.flatMap((tick) => [
      createDrawing("line", {
        class: "lenet-tick",
        x1: LEFT,
        x2: WIDTH - RIGHT,
        y1: y(tick),
        y2: y(tick),
      }),
      text(LEFT - 5, y(tick) + 4, `${tick}`, "end"),
    ]),
    ...range(last + 1)
      .filter((epoch) => epoch % 5 === 0)
      .map((epoch) => text(x(epoch), HEIGHT - BOTTOM + 15, `${epoch}`)),
    text((WIDTH + LEFT) / 2, HEIGHT - 3, "pass"),
    line,
    ...series.flatMap(({ path, name, dot }) => [path, name, dot]),
  ]);
  const show = (epoch) => {
    line.setAttribute("x1", x(epoch));
    line.setAttribute("x2", x(epoch));
    series.forEach(({ dot, points }) => {
      dot.style.display = epoch ? "" : "none"; // before training, nothing was counted
      const [cx, cy] = points[Math.max(0, epoch - 1)];
      dot.setAttribute("cx", cx);
      dot.setAttribute("cy", cy);
    });
  };
  return { element, show };
}

/** Makes the spans of the effective rates, a row a layer. */
function createRates(rates) {
  const x = makeLogScale(RATES, [LEFT, WIDTH - RIGHT]);
  const step = (HEIGHT - TOP - BOTTOM) / LAYERS.length;
  const rows = LAYERS.map((name, i) => {
    const y = TOP + step * i;
    return {
      name: text(LEFT - 6, y + step / 2 + 4, name, "end"),
      span: createDrawing("rect", { y: y + 5, height: step - 10, class: "lenet-span" }),
      median: createDrawing("line", {
        y1: y + 2,
        y2: y + step - 2,
        class: "lenet-median",
      }),
    };
  });
  const element = draw([
    ...RATE_TICKS.flatMap((tick, i) => [
      createDrawing("line", {
        class: "lenet-tick",
        x1: x(tick),
        x2: x(tick),
        y1: TOP,
        y2: HEIGHT - BOTTOM,
      }),
      text(x(tick), HEIGHT - BOTTOM + 15, RATE_NAMES[i]),
    ]),
    text((WIDTH + LEFT) / 2, HEIGHT - 3, "effective rate"),
    ...rows.flatMap(({ name, span, median }) => [name, span, median]),
  ]);
  const show = (epoch) =>
    rows.forEach(({ span, median }, i) => {
      const [low, middle, high] = [...take(take(rates, epoch), i).data].map(x);
      span.setAttribute("x", low);
      span.setAttribute("width", Math.max(2, high - low));
      median.setAttribute("x1", middle);
      median.setAttribute("x2", middle);
    });
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
    const best = judge("lenet5", { shape: [10, 1, 1], data: values.data }).answer;
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

function render({ model, el }) {
  const tensors = readTensors(model.get("tensors"));
  const last = tensors.c1.shape[0] - 1;
  const percent = ({ data }) => [...data].map((rate) => 100 * rate);
  const errors = {
    training: percent(tensors.training_error),
    test: percent(tensors.test_error),
  };
  const links = model
    .get("table")
    .flatMap((inputs, map) => inputs.map((input) => [input, map]));
  let timer = null; // while it plays
  const reduced = window.matchMedia("(prefers-reduced-motion: reduce)");

  const c1 = createKernels(
    tensors.c1,
    "C1",
    range(6).map((map) => [0, map]),
  );
  const c3 = createKernels(tensors.c3, "C3", links);
  const curves = createCurves(errors, last);
  const rates = createRates(tensors.rates);
  const penalties = createPenalties(tensors.penalties, tensors.labels);
  const save = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };
  const digits = createChoice(
    "A digit of the test set",
    range(tensors.digits.shape[0]).map((i) => {
      const canvas = create("canvas", { class: "lenet-map", "aria-hidden": "true" });
      paintMap(canvas, take(tensors.digits, i).data, 28, 28, {
        color: colorInk,
        limit: 255,
      });
      return {
        value: i,
        name: `digit ${i}, a ${tensors.labels.data[i]}`,
        label: canvas,
      };
    }),
    (value) => save("digit", value),
  );
  const slider = create("input", {
    type: "range",
    min: "0",
    max: `${last}`,
    step: "1",
    "aria-label": "Pass",
    oninput: () => {
      stop();
      save("epoch", Number(slider.value));
    },
  });
  const button = create("button", { type: "button", onclick: press });
  const state = create("p");
  const part = (label, ...content) =>
    create("div", {}, create("div", { class: "lenet-label" }, label), ...content);

  el.classList.add("lenet-ui", "lenet-replay");
  keepKeys(el);
  el.append(
    create(
      "div",
      { class: "lenet-halves" },
      part("Error (%), counted while it trains, and on the test set", curves.element),
      part("Rates in the pass to come: smallest to largest, median", rates.element),
    ),
    part("C1: six kernels", c1.element),
    part(
      "C3: a kernel for each link; rows are maps of S2, columns maps of C3",
      c3.element,
    ),
    create(
      "div",
      { class: "lenet-halves" },
      digits.element,
      part("Its ten penalties", penalties.element),
    ),
    create("div", { class: "lenet-bar" }, button, slider, state),
  );

  function describe(epoch) {
    if (epoch === 0) return "before training";
    const [training, test] = [errors.training, errors.test].map((rates_) =>
      write(rates_[epoch - 1]),
    );
    return `pass ${epoch}: training ${training} %, test ${test} %`;
  }

  function nameButton() {
    button.textContent = reduced.matches
      ? "Next pass"
      : timer === null
        ? "▶ Play"
        : "❚❚ Pause";
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    nameButton();
  }

  function advance() {
    const epoch = model.get("epoch");
    save("epoch", epoch < last ? epoch + 1 : 0);
    if (model.get("epoch") === last) stop();
  }

  function press() {
    if (timer !== null) {
      stop();
      return;
    }
    if (!reduced.matches) timer = setInterval(advance, STEP);
    advance();
    nameButton();
  }

  function update() {
    const epoch = Math.max(0, Math.min(last, model.get("epoch")));
    const digit = Math.max(
      0,
      Math.min(tensors.digits.shape[0] - 1, model.get("digit")),
    );
    [c1, c3, curves, rates].forEach((view) => view.show(epoch));
    penalties.show(epoch, digit);
    digits.show(digit);
    slider.value = epoch;
    slider.setAttribute("aria-valuetext", describe(epoch));
    state.textContent = describe(epoch);
  }

  stop();
  update();
  const events = ["change:epoch", "change:digit"];
  events.forEach((event) => model.on(event, update));
  reduced.addEventListener("change", stop);
  return () => {
    stop();
    events.forEach((event) => model.off(event, update));
    reduced.removeEventListener("change", stop);
  };
}

export default { render };
