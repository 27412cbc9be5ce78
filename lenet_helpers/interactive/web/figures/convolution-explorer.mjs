// A kernel over a digit: choose a unit of the map, see the 25 products behind it.

import { computeUnit, findUnit } from "../engine/convolution.mjs";
import { convolve, keep, pad } from "../engine/layers.mjs";
import { prepareInput } from "../engine/networks.mjs";
import { clamp, findLargest, range, write, writeShare } from "../engine/numbers.mjs";
import { BACKGROUND, FOREGROUND } from "../engine/paper.mjs";
import { readBytes } from "../engine/tensors.mjs";
import {
  createChoice,
  createNumber,
  createVoice,
  keepKeys,
  movePlace,
} from "../parts/controls.mjs";
import { create, createPart, listen, save } from "../parts/dom.mjs";
import { createFramed, trackPointer } from "../parts/framed-picture.mjs";
import { createGrid, createKernelGrid, fillCell } from "../parts/kernel-grid.mjs";
import { colorInk, colorSigned, createPicture, paintMap } from "../parts/pictures.mjs";

/** @import { Model } from "../parts/dom.mjs" */

const SIZE = 32; // of the image
const MAX_PADDING = 2;
const WIDEST = SIZE + 2 * MAX_PADDING;
const MAX_BIAS = 10;

const colorPixel = (value) => colorInk(value - BACKGROUND, FOREGROUND - BACKGROUND);
const toNumber = (value) => value ?? NaN; // JSON has no NaN

/** Finds the limit of the colours; the largest value stays short of the darkest. */
const findLimit = (values) => 1.3 * findLargest(values);

/**
 * @typedef {object} Shown  what is on the screen
 * @property {number} index  of the image
 * @property {Float32Array} image  with its border, `size` by `size`
 * @property {number} size
 * @property {number[]} kernel  its 25 weights
 * @property {?Object<string, *>} known  the kernel of the list, where it is one of these
 * @property {number} bias
 * @property {number} stride
 * @property {number} padding
 * @property {number} border  the value of the padding
 * @property {Float32Array} sums  the map, `side` by `side`
 * @property {number} side
 */

/** @param {{model: Model, el: HTMLElement}} place */
function render({ model, el }) {
  const images = readImages(model.get("digits"));
  let hovered = null; // a unit under the mouse, for as long as it is there
  /** @type {Shown} */
  let shown;

  const choices = createChoices(model, images, changeStride);
  const pictures = createPictures({ hover, pin, findCurrent });
  const products = createProducts(model);
  const voice = createVoice();
  el.classList.add("lenet-ui", "lenet-explorer");
  keepKeys(el);
  el.append(
    ...choices.elements,
    pictures.element,
    pictures.size,
    products.element,
    voice.element,
  );

  function findCurrent() {
    return (hovered ?? model.get("unit")).map((place) =>
      clamp(place, 0, shown.side - 1),
    );
  }

  function changeStride(stride) {
    // and stay at the same place of the image
    const unit = findCurrent().map((place) =>
      Math.round((place * shown.stride) / stride),
    );
    save(model, { stride, unit });
  }

  /** Shows a unit for as long as the mouse is over it; null: the one that is kept. */
  function hover(unit) {
    hovered = unit;
    showUnit();
  }

  function pin(unit) {
    hovered = null;
    save(model, { unit });
    showUnit();
    voice.say(`Row ${unit[0]}, column ${unit[1]}: ${products.readResult()}`);
  }

  function showUnit() {
    const unit = findCurrent();
    pictures.mark(unit);
    products.showUnit(shown, unit);
  }

  function update() {
    shown = compute(model, images);
    choices.show(shown);
    pictures.show(shown);
    products.show(shown);
    showUnit();
  }

  update();
  const stopListening = listen(model, ["change"], update);
  return () => {
    voice.stop();
    stopListening();
  };
}

/** Prepares each digit as LeNet-5's input. */
function readImages(view) {
  const bytes = readBytes(view);
  const area = (SIZE - 4) ** 2;
  return range(Math.floor(bytes.length / area)).map((i) =>
    prepareInput("lenet5", bytes.subarray(i * area, (i + 1) * area)),
  );
}

/**
 * Computes the map of what is chosen.
 * @param {Model} model
 * @param {import("../engine/tensors.mjs").Tensor[]} images
 * @returns {Shown}
 */
function compute(model, images) {
  const stride = model.get("stride");
  const padding = model.get("padding");
  const border = model.get("border");
  const kernel = model.get("kernel").map(toNumber);
  const bias = toNumber(model.get("bias"));
  const index = clamp(model.get("digit"), 0, images.length - 1);
  const image = pad(images[index], [padding, padding], border);
  const sums = convolve(
    image,
    { shape: [1, 5, 5], data: kernel },
    { shape: [1], data: [bias] },
    { stride, squash: keep },
  );
  const isSame = ({ weights }) => weights.every((weight, k) => weight === kernel[k]);
  const known = model.get("kernels").find(isSame) ?? null;
  return {
    index,
    image: image.data,
    size: SIZE + 2 * padding,
    kernel,
    known,
    bias,
    stride,
    padding,
    border,
    sums: sums.data,
    side: sums.shape[1],
  };
}

/**
 * Makes the choices above the pictures: digit, kernel, stride, padding, bias.
 * @param {Model} model
 * @param {import("../engine/tensors.mjs").Tensor[]} images
 * @param {(stride: number) => void} changeStride
 */
function createChoices(model, images, changeStride) {
  const digits = images.map(({ data }, i) => {
    const label = createPicture(data, SIZE, SIZE, { color: colorPixel });
    return { value: i, name: `image ${i}`, label };
  });
  const digit = createChoice("Digit", digits, (value) => save(model, { digit: value }));
  const groups = createKernelChoices(model);
  const number = (value) => ({ value, label: `${value}` });
  const stride = createChoice("Stride", [1, 2, 3].map(number), changeStride);
  const padding = createChoice("Padding, each side", [0, 1, 2].map(number), (value) =>
    save(model, { padding: value }),
  );
  const borders = [{ value: BACKGROUND, label: `paper, ${write(BACKGROUND, 1)}` }];
  const border = createChoice("Padded with", [...borders, number(0)], (value) =>
    save(model, { border: value }),
  );
  const bias = createNumber("Bias", { step: 0.1, limit: MAX_BIAS }, (value) =>
    save(model, { bias: value }),
  );
  const rows = [
    groups.map(({ element }) => element),
    [stride.element, padding.element, border.element, bias.element],
  ].map((elements) => create("div", { class: "lenet-row" }, ...elements));

  /** @param {Shown} shown */
  const show = (shown) => {
    digit.show(shown.index);
    stride.show(shown.stride);
    padding.show(shown.padding);
    border.show(shown.border);
    border.element.disabled = shown.padding === 0;
    groups.forEach((group) => group.show(shown.known));
    bias.show(shown.bias);
  };
  return { elements: [digit.element, ...rows], show };
}

/** Makes a choice for each group of kernels. */
function createKernelChoices(model) {
  const kernels = model.get("kernels");
  const describe = (kernel) => {
    const options = { color: colorSigned, limit: findLimit(kernel.weights) };
    const label = createPicture(kernel.weights, 5, 5, options);
    return { value: kernel, name: kernel.name, label };
  };
  return [...new Set(kernels.map(({ group }) => group))].map((group) => {
    const options = kernels.filter((kernel) => kernel.group === group).map(describe);
    return createChoice(`Kernel ${group}`, options, ({ weights, bias }) =>
      save(model, { kernel: weights, bias }),
    );
  });
}

/**
 * Makes the image and its map; both lead to a unit.
 * @param {object} options  a unit is its row and column
 * @param {(unit: number[] | null) => void} options.hover
 * @param {(unit: number[]) => void} options.pin
 * @param {() => number[]} options.findCurrent
 */
function createPictures({ hover, pin, findCurrent }) {
  /** @type {Shown} */
  let shown;
  const image = createFramed({});
  const edge = create("div", { class: "lenet-edge" });
  image.canvas.setAttribute("role", "img");
  image.canvas.after(edge);
  const map = createFramed({ role: "application", tabindex: "0" });
  const size = create("p", { class: "lenet-size" });
  const element = create(
    "div",
    { class: "lenet-pair" },
    createPart("image", image.frame),
    createPart("map", map.frame),
  );

  const follow = ({ frame }, find) => {
    const unit = (place) => place.map(find);
    trackPointer(frame, {
      hover: (place) => hover(unit(place)),
      pin: (place) => pin(unit(place)),
      leave: () => hover(null),
    });
  };
  follow(image, (share) =>
    findUnit(Math.floor(share * shown.size), shown.stride, shown.side),
  );
  follow(map, (share) => clamp(Math.floor(share * shown.side), 0, shown.side - 1));
  map.frame.addEventListener("keydown", (event) => {
    const next = movePlace(event.key, findCurrent(), [shown.side, shown.side]);
    if (!next || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    pin(next);
  });

  /** @param {Shown} now */
  const show = (now) => {
    shown = now;
    const { size: wide, side, padding, stride } = now;
    image.frame.style.width = writeShare(wide, WIDEST);
    map.frame.style.width = writeShare(side, WIDEST);
    paintMap(image.canvas, now.image, wide, wide, { color: colorPixel });
    paintMap(map.canvas, now.sums, side, side, { limit: findLimit(now.sums) });
    const name = `Image ${now.index}, ${wide} by ${wide} pixels`;
    image.canvas.setAttribute("aria-label", name);
    const keys = `Map of ${side} by ${side} units; arrow keys choose a unit`;
    map.frame.setAttribute("aria-label", keys);
    edge.style.inset = writeShare(padding, wide);
    edge.hidden = padding === 0;
    const inner = `${SIZE} + 2 × ${padding} − 5`;
    const rule = stride === 1 ? inner : `⌊(${inner}) / ${stride}⌋`;
    size.textContent = `Size of the map: ${rule} + 1 = ${side}.`;
  };
  const mark = ([row, column]) => {
    const { stride, size: wide, side } = shown;
    image.mark(row * stride, column * stride, 5, wide);
    map.mark(row, column, 1, side);
  };
  return { element, size, show, mark };
}

/** Makes the patch, the kernel to paint on, their products and the sum. */
function createProducts(model) {
  const patch = createGrid("patch", false, () => create("div"));
  const products = createGrid("= products", false, () => create("div"));
  const kernel = createKernelGrid({
    read: () => model.get("kernel").map(toNumber),
    change: (weights) => save(model, { kernel: weights }),
  });
  const total = create("p");
  const result = create("em");
  const sum = create("div", { class: "lenet-sum" }, total, kernel.tools);
  const element = create(
    "div",
    { class: "lenet-grids" },
    patch.table,
    kernel.table,
    products.table,
    sum,
  );

  /** @param {Shown} shown */
  const show = ({ kernel: weights, known }) => {
    kernel.show(weights, known?.name ?? "yours", findLimit(weights));
  };
  /**
   * @param {Shown} shown
   * @param {number[]} unit  row, column
   */
  const showUnit = (shown, [row, column]) => {
    const { image, size, kernel: weights, stride, bias } = shown;
    const unit = computeUnit(image, size, weights, row * stride, column * stride);
    const limit = FOREGROUND * findLimit(weights);
    unit.pixels.forEach((value, k) =>
      fillCell(patch.cells[k], value, colorPixel(value)),
    );
    unit.products.forEach((value, k) =>
      fillCell(products.cells[k], value, colorSigned(value, limit)),
    );
    const strong = (number) => create("strong", {}, write(number));
    result.textContent = write(unit.sum + bias);
    total.replaceChildren(
      "sum of 25 products ",
      strong(unit.sum),
      " + bias ",
      strong(bias),
      " = ",
      result,
      `, the unit in row ${row}, column ${column}`,
    );
  };
  return { element, show, showUnit, readResult: () => result.textContent };
}

export default { render };
