// A connection table to change: which maps of the layer below each map reads.

import {
  countDifferent,
  countLayer,
  toggleLink,
} from "../engine/connection-tables.mjs";
import { areEqual } from "../engine/history.mjs";
import { range, writeCount } from "../engine/numbers.mjs";
import { addArrowKeys, createVoice, keepKeys } from "../parts/controls.mjs";
import {
  create,
  createButton,
  createDrawing,
  listen,
  press,
  save,
} from "../parts/dom.mjs";

/** @import { Model } from "../parts/dom.mjs" */

/**
 * @typedef {object} Layer  a layer with a table, as Python describes it
 * @property {string} name  of the preset
 * @property {string} network
 * @property {string} maps  the layer's name, as "C3"
 * @property {string} inputs  the name of the layer below
 * @property {number} numInputs
 * @property {number} first  the number that the paper gives the first map
 * @property {number} kernelSize
 * @property {number} side  of a map, in units
 * @property {{parameters: number, connections: number}} rest  of the network
 * @property {number[][]} table
 */

const NARROW = 520; // pixels; below, a map is a row of the table instead of a column
const WIDTH = 400; // of the drawing
const HEIGHT = 150;
const EDGE = 16; // from the drawing's edge to the middle of a node
const RADIUS = 11;

/** Joins words as in "1, 2 and 3". */
function join(words) {
  if (words.length < 2) return words.join();
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/**
 * Numbers a map as the paper does.
 * @param {Layer} layer
 * @param {number} index
 */
const label = ({ first }, index) => `${index + first}`;

/** @param {{model: Model, el: HTMLElement}} place */
function render({ model, el }) {
  /** @type {Layer[]} */
  const presets = model.get("presets");
  const layer = () => presets[model.get("preset")];
  const load = (i) => save(model, { preset: i, table: presets[i].table });
  const buttons = presets.map(({ name }, i) => createButton(name, () => load(i)));
  const table = createTable(toggle, mark);
  const links = createLinks();
  const sentence = create("p");
  const counts = create("dl");
  const voice = createVoice();
  el.classList.add("lenet-ui", "lenet-connections");
  keepKeys(el);
  el.append(
    create("div", { class: "lenet-row" }, ...buttons),
    table.element,
    create(
      "div",
      { class: "lenet-findings" },
      create("div", {}, sentence, links.element),
      counts,
    ),
    voice.element,
  );

  function toggle(map, input) {
    save(model, { table: toggleLink(model.get("table"), map, input) });
    const own = countLayer(model.get("table"), layer());
    voice.say(
      `${own.links} links, ${writeCount(own.parameters)} parameters, ` +
        `${writeCount(own.connections)} connections`,
    );
  }

  /** Shows what the map that is looked at reads. */
  function mark() {
    const map = table.findCurrent();
    const reads = model.get("table")[map];
    table.mark(map);
    links.mark(map, reads);
    sentence.textContent = describeMap(layer(), map, reads);
  }

  function update() {
    const now = model.get("table");
    table.build(layer(), el.clientWidth < NARROW);
    table.show(now);
    links.show(layer(), now);
    mark();
    buttons.forEach((button, i) => {
      const isNetwork = presets[i].network === layer().network;
      press(button, isNetwork && areEqual(presets[i].table, now));
    });
    showCounts(counts, layer(), now);
  }

  update();
  const observer = new ResizeObserver(update);
  observer.observe(el);
  const stopListening = listen(model, ["change:table"], update);
  return () => {
    voice.stop();
    observer.disconnect();
    stopListening();
  };
}

/**
 * Makes the table of buttons, a button a link.
 * @param {(map: number, input: number) => void} toggle
 * @param {() => void} mark  called when another map is looked at
 */
function createTable(toggle, mark) {
  let current = 0; // the map that is looked at
  let hovered = null; // the map under the mouse, for as long as it is there
  let built = ""; // what the table on the screen was built for
  /** @type {HTMLButtonElement[]} */
  let heads = []; // [map]: the buttons that choose a map
  /** @type {HTMLButtonElement[][]} */
  let cells = []; // [map][input]: the buttons of the links
  /** @type {HTMLButtonElement[][]} */
  let grid = []; // the same buttons, in the rows that are on the screen
  const element = create("table", { role: "grid", class: "lenet-links" });
  const resetKeys = addArrowKeys(element, () => grid);

  const findMap = (target) => {
    const isOf = (map) => heads[map] === target || cells[map].includes(target);
    return range(heads.length).find(isOf) ?? null;
  };
  const hover = (map) => {
    hovered = map;
    mark();
  };
  const look = (target) => {
    current = findMap(target) ?? current;
    hover(null); // the keyboard may have moved on from where the mouse rests
  };
  element.addEventListener("focusin", ({ target }) => look(target));
  element.addEventListener("pointerover", ({ target, pointerType }) => {
    if (pointerType === "mouse") hover(findMap(target));
  });
  element.addEventListener("pointerleave", () => hover(null));

  /**
   * Builds the table for a layer, where it is not the one on the screen.
   * @param {Layer} layer
   * @param {boolean} isNarrow
   */
  const build = (layer, isNarrow) => {
    const wanted = `${layer.maps} ${isNarrow}`;
    if (wanted === built) return;
    built = wanted;
    current = Math.min(current, layer.table.length - 1);
    hovered = null;
    heads = createHeads(layer, look);
    cells = createCells(layer, toggle);
    grid = fillTable(element, layer, { isNarrow, heads, cells });
    resetKeys();
  };
  const show = (table) =>
    cells.forEach((column, map) =>
      column.forEach((button, input) => press(button, table[map].includes(input))),
    );
  const markMap = (map) =>
    cells.forEach((column, i) =>
      [heads[i], ...column].forEach((button) =>
        button.classList.toggle("lenet-seen", i === map),
      ),
    );
  return { element, build, show, mark: markMap, findCurrent: () => hovered ?? current };
}

/** Makes the buttons that choose a map. */
const createHeads = (layer, look) =>
  layer.table.map((_, map) => {
    const button = createButton(label(layer, map), () => look(button));
    button.setAttribute("aria-label", `${layer.maps} ${label(layer, map)}`);
    return button;
  });

/** Makes the buttons of the links, [map][input]. */
const createCells = (layer, toggle) =>
  layer.table.map((_, map) =>
    range(layer.numInputs).map((input) => {
      const button = createButton("", () => toggle(map, input));
      const from = `${layer.inputs} ${label(layer, input)}`;
      button.setAttribute(
        "aria-label",
        `${from} to ${layer.maps} ${label(layer, map)}`,
      );
      return button;
    }),
  );

/**
 * Lays the buttons out, a map a column, or on a narrow screen a map a row.
 * @param {HTMLTableElement} element
 * @param {Layer} layer
 * @param {{isNarrow: boolean, heads: HTMLButtonElement[],
 *   cells: HTMLButtonElement[][]}} options
 * @returns {HTMLButtonElement[][]} the buttons in the rows on the screen
 */
function fillTable(element, layer, { isNarrow, heads, cells }) {
  const { inputs, maps, numInputs } = layer;
  const names = range(numInputs).map((input) => label(layer, input));
  const [across, down] = isNarrow ? [inputs, maps] : [maps, inputs];
  const [columns, rows] = isNarrow ? [names, heads] : [heads, names];
  const lines = isNarrow ? cells : names.map((_, input) => cells.map((c) => c[input]));
  const head = (scope, content) => create("th", { scope }, content);
  const body = lines.map((line, i) => {
    const links = line.map((button) => create("td", {}, button));
    return create("tr", {}, head("row", rows[i]), ...links);
  });
  const corner = create("td", {}, `${down} \\ ${across}`);
  const first = [corner, ...columns.map((content) => head("col", content))];
  element.replaceChildren(
    create("caption", {}, `Maps of ${down} are rows, maps of ${across} are columns.`),
    create("thead", {}, create("tr", {}, ...first)),
    create("tbody", {}, ...body),
  );
  element.setAttribute(
    "aria-label",
    `Which maps of ${inputs} each map of ${maps} reads`,
  );
  return isNarrow ? lines.map((line, map) => [heads[map], ...line]) : [heads, ...lines];
}

/** Makes the drawing: the maps of both layers as circles, and a line a link. */
function createLinks() {
  const element = createDrawing("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    "aria-hidden": "true",
  });
  const [top, bottom] = [EDGE, HEIGHT - EDGE];
  let lines = []; // {map, shape}
  let inputNodes = [];
  let mapNodes = [];

  const place = (i, count) => EDGE + ((i + 0.5) * (WIDTH - 2 * EDGE)) / count;
  const createNodes = (layer, count, y) =>
    range(count).map((i) => {
      const x = place(i, count);
      const circle = createDrawing("circle", { cx: x, cy: y, r: RADIUS });
      const text = createDrawing("text", { x, y: y + 4 }, label(layer, i));
      return createDrawing("g", {}, circle, text);
    });
  const createLine = (layer, input, map) =>
    createDrawing("line", {
      x1: place(input, layer.numInputs),
      y1: top + RADIUS,
      x2: place(map, layer.table.length),
      y2: bottom - RADIUS,
    });
  const name = (text, y) =>
    createDrawing("text", { x: 2, y, class: "lenet-side" }, text);

  /**
   * @param {Layer} layer
   * @param {number[][]} table
   */
  const show = (layer, table) => {
    lines = table.flatMap((reads, map) =>
      reads.map((input) => ({ map, shape: createLine(layer, input, map) })),
    );
    inputNodes = createNodes(layer, layer.numInputs, top);
    mapNodes = createNodes(layer, table.length, bottom);
    element.replaceChildren(
      ...lines.map(({ shape }) => shape),
      ...inputNodes,
      ...mapNodes,
      name(layer.inputs, top + 4),
      name(layer.maps, bottom - 18),
    );
  };
  /** Marks a map, and what it reads. */
  const mark = (map, reads) => {
    const set = (shape, isSeen) => shape.classList.toggle("lenet-seen", isSeen);
    lines.forEach((line) => set(line.shape, line.map === map));
    mapNodes.forEach((shape, i) => set(shape, i === map));
    inputNodes.forEach((shape, i) => set(shape, reads.includes(i)));
  };
  return { element, show, mark };
}

/**
 * Says what a map reads, and what that costs.
 * @param {Layer} layer
 * @param {number} map
 * @param {number[]} reads
 */
function describeMap(layer, map, reads) {
  const names = join(reads.map((input) => label(layer, input)));
  const what = reads.length
    ? `reads ${reads.length === 1 ? "map" : "maps"} ${names} of ${layer.inputs}`
    : "reads nothing";
  const area = layer.kernelSize ** 2;
  return (
    `Map ${label(layer, map)} of ${layer.maps} ${what}: ` +
    `${reads.length} × ${area} + 1 = ${reads.length * area + 1} parameters.`
  );
}

/**
 * Writes what the table costs.
 * @param {HTMLElement} list
 * @param {Layer} layer
 * @param {number[][]} table
 */
function showCounts(list, layer, table) {
  const { maps, network, numInputs, kernelSize, side, rest } = layer;
  const own = countLayer(table, layer);
  const parameters = writeCount(own.parameters);
  const connections = writeCount(own.connections);
  const all = {
    parameters: writeCount(rest.parameters + own.parameters),
    connections: writeCount(rest.connections + own.connections),
  };
  const rows = {
    Links: `${own.links} of ${numInputs * table.length}`,
    [`Trainable parameters of ${maps}`]: `${own.links} × ${kernelSize ** 2} + ${table.length} = ${parameters}`,
    [`Connections of ${maps}`]: `${side} × ${side} × ${parameters} = ${connections}`,
    [`All of ${network}`]: `${all.parameters} parameters, ${all.connections} connections`,
    "Different sets of inputs": `${countDifferent(table)} among ${table.length} maps`,
  };
  list.replaceChildren(
    ...Object.entries(rows).flatMap(([term, text]) => [
      create("dt", {}, term),
      create("dd", {}, text),
    ]),
  );
}

export default { render };
