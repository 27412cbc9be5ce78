// A kernel over a digit: choose a unit of the map, see the 25 products behind it.

import { computeUnit, findUnit } from "../engine/convolution.mjs";
import { convolve, keep, pad } from "../engine/layers.mjs";
import { prepareInput } from "../engine/networks.mjs";
import { findLargest, write } from "../engine/numbers.mjs";
import { BACKGROUND, FOREGROUND } from "../engine/paper.mjs";
import {
  addArrowKeys,
  addStrokes,
  createChoice,
  createVoice,
  keepKeys,
  movePlace,
} from "../parts/controls.mjs";
import { create } from "../parts/dom.mjs";
import { colorInk, colorSigned, colorText, paintMap } from "../parts/pictures.mjs";

const SIZE = 32; // of the image
const MAX_PADDING = 2;
const BRUSHES = [-1, -0.5, 0, 0.5, 1];
const STEP = 0.1; // of the keys + and -
const MAX_BIAS = 10;

const colorPixel = (value) => colorInk(value - BACKGROUND, FOREGROUND - BACKGROUND);
const toNumber = (value) => value ?? NaN; // JSON has no NaN
const toCSS = (color) => `rgb(${color.join()})`;

/** Finds the limit of the colours; the largest value stays short of the darkest. */
const findLimit = (values) => 1.3 * findLargest(values);

/** Makes a table of 5 x 5 cells. */
function createGrid(caption, role, makeCell) {
  const cells = Array.from({ length: 25 }, (_, k) =>
    makeCell(Math.floor(k / 5), k % 5),
  );
  const lines = [0, 1, 2, 3, 4].map((row) => cells.slice(5 * row, 5 * row + 5));
  const rows = lines.map((line) =>
    create("tr", {}, ...line.map((cell) => create("td", {}, cell))),
  );
  const table = create(
    "table",
    { class: "lenet-25", role },
    create("caption", {}, caption),
    create("tbody", {}, ...rows),
  );
  return { table, cells, lines };
}

/** Writes a number into a cell, on its colour. */
function fillCell(cell, value, color) {
  cell.textContent = write(value);
  cell.style.background = toCSS(color);
  cell.style.color = colorText(color);
}

/** Paints a small picture of a kernel or a digit. */
function createPicture(values, side, color, limit) {
  const canvas = create("canvas", { class: "lenet-map", "aria-hidden": "true" });
  paintMap(canvas, values, side, side, { color, limit });
  return canvas;
}

/** Follows a pointer over a picture: fractions of its height and width. */
function track(frame, { hover, pin, leave }) {
  let held = null;
  const locate = (event) => {
    const box = frame.getBoundingClientRect();
    return [
      (event.clientY - box.top) / box.height,
      (event.clientX - box.left) / box.width,
    ];
  };
  frame.addEventListener("pointerdown", (event) => {
    if (held !== null || event.button !== 0) return;
    held = event.pointerId;
    frame.setPointerCapture(held);
    pin(...locate(event));
  });
  frame.addEventListener("pointermove", (event) => {
    if (event.pointerId === held) pin(...locate(event));
    else if (held === null && event.pointerType === "mouse") hover(...locate(event));
  });
  for (const end of ["pointerup", "pointercancel"])
    frame.addEventListener(end, (event) => {
      if (event.pointerId === held) held = null;
    });
  frame.addEventListener("pointerleave", leave);
}

function render({ model, el }) {
  const bytes = model.get("digits");
  const kernels = model.get("kernels");
  const area = (SIZE - 4) ** 2;
  const images = Array.from({ length: Math.floor(bytes.byteLength / area) }, (_, i) =>
    prepareInput(
      "lenet5",
      new Uint8Array(bytes.buffer, bytes.byteOffset + i * area, area),
    ),
  );

  let hovered = null; // a unit under the mouse, for as long as it is there
  let brush = 1;
  let shown; // what is on the screen: the padded image, its map, their sizes
  const save = (values) => {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    model.save_changes();
  };

  // Choices
  const digit = createChoice(
    "Digit",
    images.map((image, i) => ({
      value: i,
      name: `image ${i}`,
      label: createPicture(image.data, SIZE, colorPixel),
    })),
    (value) => save({ digit: value }),
  );
  const groups = [...new Set(kernels.map(({ group }) => group))].map((group) =>
    createChoice(
      `Kernel ${group}`,
      kernels
        .filter((kernel) => kernel.group === group)
        .map((kernel) => ({
          value: kernel,
          name: kernel.name,
          label: createPicture(
            kernel.weights,
            5,
            colorSigned,
            findLimit(kernel.weights),
          ),
        })),
      ({ weights, bias }) => save({ kernel: weights, bias }),
    ),
  );
  const stride = createChoice(
    "Stride",
    [1, 2, 3].map((value) => ({ value, label: `${value}` })),
    changeStride,
  );
  const padding = createChoice(
    "Padding, each side",
    [0, 1, 2].map((value) => ({ value, label: `${value}` })),
    (value) => save({ padding: value }),
  );
  const border = createChoice(
    "Padded with",
    [
      { value: BACKGROUND, label: "paper, −0.1" },
      { value: 0, label: "0" },
    ],
    (value) => save({ border: value }),
  );
  const bias = create("input", {
    type: "number",
    step: "0.1",
    min: -MAX_BIAS,
    max: MAX_BIAS,
    oninput: changeBias,
  });

  // The image and its map
  const inputCanvas = create("canvas", { class: "lenet-map", role: "img" });
  const patchBox = create("div", { class: "lenet-box" });
  const imageEdge = create("div", { class: "lenet-edge" });
  const input = create(
    "div",
    { class: "lenet-frame" },
    inputCanvas,
    imageEdge,
    patchBox,
  );
  const mapCanvas = create("canvas", { class: "lenet-map" });
  const unitBox = create("div", { class: "lenet-box" });
  const map = create(
    "div",
    { class: "lenet-frame", role: "application", tabindex: "0" },
    mapCanvas,
    unitBox,
  );
  const size = create("p", { class: "lenet-size" });

  // The 25 products
  const patch = createGrid("patch", false, () => create("div"));
  const kernel = createGrid("× kernel", "grid", (row, column) =>
    create("button", { type: "button", onclick: () => paintCell(5 * row + column) }),
  );
  const products = createGrid("= products", false, () => create("div"));
  const brushes = createChoice(
    "Brush for the kernel",
    BRUSHES.map((value) => ({ value, label: write(value, value % 1 ? 1 : 0) })),
    (value) => (brush = value),
  );
  const clear = create(
    "button",
    { type: "button", onclick: () => save({ kernel: Array(25).fill(0) }) },
    "All weights 0",
  );
  const total = create("p");
  const voice = createVoice();

  el.classList.add("lenet-ui", "lenet-explorer");
  keepKeys(el);
  el.append(
    digit.element,
    create("div", { class: "lenet-row" }, ...groups.map(({ element }) => element)),
    create(
      "div",
      { class: "lenet-row" },
      stride.element,
      padding.element,
      border.element,
      create("label", {}, create("div", { class: "lenet-label" }, "Bias"), bias),
    ),
    create(
      "div",
      { class: "lenet-pair" },
      create("div", {}, create("div", { class: "lenet-label" }, "image"), input),
      create("div", {}, create("div", { class: "lenet-label" }, "map"), map),
    ),
    size,
    create(
      "div",
      { class: "lenet-grids" },
      patch.table,
      kernel.table,
      products.table,
      create(
        "div",
        { class: "lenet-sum" },
        total,
        create("div", { class: "lenet-row" }, brushes.element, clear),
      ),
    ),
    voice.element,
  );

  brushes.show(brush);
  addArrowKeys(kernel.table, () => kernel.lines);
  addStrokes(kernel.table, kernel.cells, paintCell);
  kernel.table.addEventListener("keydown", (event) => {
    const k = kernel.cells.indexOf(event.target);
    const step = { "+": STEP, "=": STEP, "-": -STEP, "−": -STEP }[event.key];
    if (k < 0 || (step === undefined && event.key !== "0")) return;
    const weight = toNumber(model.get("kernel")[k]);
    setWeight(k, step === undefined ? 0 : Math.round(100 * (weight + step)) / 100);
  });

  const follow = (frame, find) =>
    track(frame, {
      hover: (...place) => {
        hovered = find(...place);
        showUnit();
      },
      pin: (...place) => {
        hovered = null;
        pinUnit(find(...place));
      },
      leave: () => {
        hovered = null;
        showUnit();
      },
    });
  follow(input, (...place) =>
    place.map((fraction) =>
      findUnit(Math.floor(fraction * shown.size), shown.stride, shown.side),
    ),
  );
  follow(map, (...place) =>
    place.map((fraction) =>
      Math.max(0, Math.min(shown.side - 1, Math.floor(fraction * shown.side))),
    ),
  );
  map.addEventListener("keydown", (event) => {
    const next = movePlace(event.key, findCurrent(), [shown.side, shown.side]);
    if (!next || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    hovered = null;
    pinUnit(next);
  });

  function setWeight(k, weight) {
    const weights = [...model.get("kernel")];
    weights[k] = weight;
    save({ kernel: weights });
  }

  function paintCell(k) {
    if (model.get("kernel")[k] !== brush) setWeight(k, brush);
  }

  function changeBias() {
    const value = Number(bias.value);
    if (bias.value === "" || !Number.isFinite(value)) return; // still being typed
    save({ bias: Math.max(-MAX_BIAS, Math.min(MAX_BIAS, value)) });
  }

  function changeStride(value) {
    // and stay at the same place of the image
    const unit = findCurrent().map((place) =>
      Math.round((place * shown.stride) / value),
    );
    save({ stride: value, unit });
  }

  function pinUnit(unit) {
    save({ unit });
    showUnit();
    const [row, column] = unit;
    voice.say(`Row ${row}, column ${column}: ${total.querySelector("em").textContent}`);
  }

  function findCurrent() {
    return (hovered ?? model.get("unit")).map((place) =>
      Math.max(0, Math.min(shown.side - 1, place)),
    );
  }

  function showUnit() {
    const [row, column] = findCurrent();
    const place = (box, top, left, side, whole) => {
      Object.assign(box.style, {
        height: `${(100 * side) / whole}%`,
        left: `${(100 * left) / whole}%`,
        top: `${(100 * top) / whole}%`,
        width: `${(100 * side) / whole}%`,
      });
    };
    place(patchBox, row * shown.stride, column * shown.stride, 5, shown.size);
    place(unitBox, row, column, 1, shown.side);
    const unit = computeUnit(
      shown.image,
      shown.size,
      shown.kernel,
      row * shown.stride,
      column * shown.stride,
    );
    const limit = FOREGROUND * findLimit(shown.kernel);
    unit.pixels.forEach((value, k) =>
      fillCell(patch.cells[k], value, colorPixel(value)),
    );
    unit.products.forEach((value, k) =>
      fillCell(products.cells[k], value, colorSigned(value, limit)),
    );
    const strong = (text) => create("strong", {}, text);
    total.replaceChildren(
      "sum of 25 products ",
      strong(write(unit.sum)),
      " + bias ",
      strong(write(shown.bias)),
      " = ",
      create("em", {}, write(unit.sum + shown.bias)),
      `, the unit in row ${row}, column ${column}`,
    );
  }

  function update() {
    const choice = {
      stride: model.get("stride"),
      padding: model.get("padding"),
      border: model.get("border"),
    };
    const weights = model.get("kernel").map(toNumber);
    const wide = SIZE + 2 * choice.padding;
    const bothSides = [choice.padding, choice.padding];
    const index = Math.max(0, Math.min(images.length - 1, model.get("digit")));
    const image = pad(images[index], bothSides, choice.border);
    const added = toNumber(model.get("bias"));
    const sums = convolve(
      image,
      { shape: [1, 5, 5], data: weights },
      { shape: [1], data: [added] },
      { stride: choice.stride, squash: keep },
    );
    shown = {
      image: image.data,
      size: wide,
      kernel: weights,
      bias: added,
      stride: choice.stride,
      side: sums.shape[1],
    };

    digit.show(index);
    stride.show(choice.stride);
    padding.show(choice.padding);
    border.show(choice.border);
    border.element.disabled = choice.padding === 0;
    const same = ({ weights: others }) =>
      others.every((weight, k) => weight === weights[k]);
    const known = kernels.find((one) => same(one));
    groups.forEach((group) => group.show(known));
    kernel.table.caption.textContent = `× kernel: ${known ? known.name : "yours"}`;
    if (document.activeElement !== bias) bias.value = Number(added.toFixed(3));

    const widest = SIZE + 2 * MAX_PADDING;
    input.style.width = `${(100 * wide) / widest}%`;
    map.style.width = `${(100 * shown.side) / widest}%`;
    paintMap(inputCanvas, image.data, wide, wide, { color: colorPixel });
    paintMap(mapCanvas, sums.data, shown.side, shown.side, {
      limit: findLimit([...sums.data]),
    });
    inputCanvas.setAttribute("aria-label", `Image ${index}, ${wide} by ${wide} pixels`);
    map.setAttribute(
      "aria-label",
      `Map of ${shown.side} by ${shown.side} units; arrow keys choose a unit`,
    );
    imageEdge.style.inset = `${(100 * choice.padding) / wide}%`;
    imageEdge.hidden = choice.padding === 0;
    const inner = `${SIZE} + 2 × ${choice.padding} − 5`;
    const rule = choice.stride === 1 ? inner : `⌊(${inner}) / ${choice.stride}⌋`;
    size.textContent = `Size of the map: ${rule} + 1 = ${shown.side}.`;

    const limit = findLimit(weights);
    weights.forEach((weight, k) => {
      fillCell(kernel.cells[k], weight, colorSigned(weight, limit));
      kernel.cells[k].setAttribute(
        "aria-label",
        `row ${Math.floor(k / 5)}, column ${k % 5}: ${write(weight)}`,
      );
    });
    showUnit();
  }

  update();
  model.on("change", update);
  return () => {
    voice.stop();
    model.off("change", update);
  };
}

export default { render };
