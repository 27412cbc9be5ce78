// The parts of LeNet-5 as buttons: maps, the kernels of Table I between them, units.

import { COLUMNS } from "../engine/codes.mjs";
import { LAYERS } from "../engine/lesions.mjs";
import { findLargest, range } from "../engine/numbers.mjs";
import { AMPLITUDE } from "../engine/paper.mjs";
import { addArrowKeys } from "./controls.mjs";
import { create, press } from "./dom.mjs";
import { colorSigned, paintMap } from "./pictures.mjs";

/** @import { Tensor } from "../engine/tensors.mjs" */
/** @import { Part } from "../engine/lesions.mjs" */

const [C1, S2, LINKS, C3, C5, F6] = range(LAYERS.length);
const KERNEL = 5;

/**
 * Makes the buttons.
 * @param {Object<string, Tensor>} tensors  of LeNet-5
 * @param {(part: Part) => void} toggle
 * @returns {{wiring: HTMLElement, units: HTMLElement[],
 *   show: (states: Object<string, Tensor>, off: Part[]) => void}}  wiring: maps and links;
 *   units: those of C5, and of F6
 */
export function createLesionParts(tensors, toggle) {
  /** @type {{layer: number, part: number, button: HTMLButtonElement}[]} */
  const buttons = [];

  /** Makes a button; style says where it lies. */
  function add(layer, part, name, style = "", ...content) {
    const button = create(
      "button",
      {
        type: "button",
        class: "lenet-part",
        style,
        title: name,
        "aria-label": `Switch off ${name}`,
        onclick: () => toggle([layer, part]),
      },
      ...content,
    );
    buttons.push({ layer, part, button });
    return button;
  }

  const wiring = createWiring(tensors, add);
  const units = [createUnits("C5", C5, 12, add), createUnits("F6", F6, COLUMNS, add)];

  const show = (states, off) => {
    const isOff = new Set(off.map(String));
    for (const { layer, part, button } of buttons) {
      press(button, isOff.has(`${layer},${part}`));
      if (layer === LINKS) continue;
      const { shape, data } = states[LAYERS[layer].name];
      if (layer === C5 || layer === F6) {
        const color = colorSigned(data[part], AMPLITUDE);
        button.style.background = `rgb(${color.join(", ")})`;
        continue;
      }
      const [, height, width] = shape;
      const canvas = /** @type {HTMLCanvasElement} */ (button.firstChild);
      const map = data.subarray(part * height * width);
      paintMap(canvas, map, height, width, { limit: AMPLITUDE });
    }
  };
  return { wiring, units, show };
}

const createCanvas = () =>
  create("canvas", { class: "lenet-map", "aria-hidden": "true" });

/** Maps of C1 and S2 in a line each, C3 across, and where they cross the kernels. */
function createWiring(tensors, add) {
  const { shape, data } = tensors["c3.links"];
  const numLinks = shape[1];
  const weights = tensors["c3.weight"].data;
  const limit = findLargest(weights);
  const label = (text, kind, style = "") =>
    create("span", { class: `lenet-${kind}`, style, "aria-hidden": "true" }, text);
  const from = (map) => `--from: ${map}`;
  const to = (map) => `--to: ${map}`;

  const labels = [
    label("C1", "at-c1"),
    label("S2", "at-s2"),
    label("C3", "at-c3"),
    ...range(6).map((map) => label(`${map}`, "from", from(map))),
    ...range(16).map((map) => label(`${map}`, "to", to(map))),
  ];
  const below = range(6).flatMap((map) => [
    add(C1, map, `C1 map ${map}`, from(map), createCanvas()),
    add(S2, map, `S2 map ${map}`, from(map), createCanvas()),
  ]);
  const links = range(numLinks).map((link) => {
    const canvas = createCanvas();
    const kernel = weights.subarray(KERNEL ** 2 * link);
    paintMap(canvas, kernel, KERNEL, KERNEL, { limit });
    const [map, source] = [data[link], data[numLinks + link]];
    const name = `the link from S2 map ${source} to C3 map ${map}`;
    return add(LINKS, link, name, `${from(source)}; ${to(map)}`, canvas);
  });
  const above = range(16).map((map) =>
    add(C3, map, `C3 map ${map}`, to(map), createCanvas()),
  );
  below.forEach((button, i) => button.classList.add(i % 2 ? "lenet-s2" : "lenet-c1"));
  links.forEach((button) => button.classList.add("lenet-link-part"));
  above.forEach((button) => button.classList.add("lenet-c3"));
  const all = [...below, ...links, ...above];
  const element = create(
    "div",
    {
      class: "lenet-wiring",
      role: "group",
      "aria-label": "Maps of C1, S2 and C3, and the links of Table I",
    },
    ...labels,
    ...all,
  );
  addArrowKeys(element, () => findRows(all));
  return element;
}

/** Finds the rows that buttons lie in on the screen, each from the left. */
function findRows(buttons) {
  const rows = new Map();
  for (const button of buttons) {
    const row = rows.get(button.offsetTop) ?? [];
    rows.set(button.offsetTop, [...row, button]);
  }
  return [...rows.keys()]
    .sort((a, b) => a - b)
    .map((top) => rows.get(top).sort((a, b) => a.offsetLeft - b.offsetLeft));
}

/** Units in rows. */
function createUnits(name, layer, columns, add) {
  const { count } = LAYERS[layer];
  const buttons = range(count).map((unit) => add(layer, unit, `${name} unit ${unit}`));
  const grid = create(
    "div",
    {
      class: "lenet-unit-grid",
      role: "group",
      "aria-label": `Units of ${name}`,
      style: `--columns: ${columns}`,
    },
    ...buttons,
  );
  const rows = range(count / columns).map((row) =>
    buttons.slice(columns * row, columns * (row + 1)),
  );
  addArrowKeys(grid, () => rows);
  const label = create("div", { class: "lenet-label" });
  label.append(create("b", {}, name), ` ${count} units`);
  return create("div", {}, label, grid);
}
