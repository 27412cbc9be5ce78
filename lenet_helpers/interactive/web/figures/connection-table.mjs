// A connection table to change: which maps of the layer below each map reads.

import {
  areEqual,
  countDifferent,
  countLayer,
  toggleLink,
} from "../engine/connection-tables.mjs";
import { range, writeCount } from "../engine/numbers.mjs";
import { addArrowKeys, createVoice, keepKeys } from "../parts/controls.mjs";
import { create, createDrawing } from "../parts/dom.mjs";

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

function render({ model, el }) {
  const presets = model.get("presets");
  let current = 0; // the map that is looked at
  let hovered = null; // the map under the mouse, for as long as it is there
  let built = ""; // what the table on the screen was built for
  let cells = []; // [map][input]: the buttons of the links
  let heads = []; // [map]: the buttons that choose a map
  let grid = []; // the same buttons, in the rows that are on the screen
  let shapes; // of the drawing

  const buttons = presets.map(({ name }, i) =>
    create("button", { type: "button", onclick: () => load(i) }, name),
  );
  const table = create("table", { role: "grid", class: "lenet-links" });
  const drawing = createDrawing("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    "aria-hidden": "true",
  });
  const counts = create("dl");
  const sentence = create("p");
  const voice = createVoice();
  el.classList.add("lenet-ui", "lenet-connections");
  keepKeys(el);
  el.append(
    create("div", { class: "lenet-row" }, ...buttons),
    table,
    create(
      "div",
      { class: "lenet-findings" },
      create("div", {}, sentence, drawing),
      counts,
    ),
    voice.element,
  );

  const resetKeys = addArrowKeys(table, () => grid);
  table.addEventListener("focusin", ({ target }) => look(target));
  table.addEventListener("pointerover", ({ target, pointerType }) => {
    if (pointerType !== "mouse") return;
    hovered = findMap(target);
    mark();
  });
  table.addEventListener("pointerleave", () => {
    hovered = null;
    mark();
  });

  const layer = () => presets[model.get("preset")];
  const label = (index) => `${index + layer().first}`; // as the paper numbers maps

  function load(i) {
    model.set("preset", i);
    model.set("table", presets[i].table);
    model.save_changes();
  }

  function toggle(map, input) {
    model.set("table", toggleLink(model.get("table"), map, input));
    model.save_changes();
    const { links, parameters, connections } = countLayer(model.get("table"), layer());
    voice.say(
      `${links} links, ${writeCount(parameters)} parameters, ` +
        `${writeCount(connections)} connections`,
    );
  }

  function findMap(target) {
    const isOf = (map) => heads[map] === target || cells[map].includes(target);
    return range(heads.length).find(isOf) ?? null;
  }

  function look(target) {
    current = findMap(target) ?? current;
    hovered = null; // the keyboard may have moved on from where the mouse rests
    mark();
  }

  function build() {
    const {
      inputs,
      maps,
      numInputs,
      table: { length },
    } = layer();
    const isNarrow = el.clientWidth < NARROW;
    const wanted = [maps, isNarrow].join();
    if (wanted === built) return;
    built = wanted;
    current = Math.min(current, length - 1);
    hovered = null;
    heads = range(length).map((map) =>
      create(
        "button",
        {
          type: "button",
          "aria-label": `${maps} ${label(map)}`,
          onclick: (e) => look(e.target),
        },
        label(map),
      ),
    );
    cells = heads.map((_, map) =>
      range(numInputs).map((input) =>
        create("button", {
          type: "button",
          "aria-label": `${inputs} ${label(input)} to ${maps} ${label(map)}`,
          onclick: () => toggle(map, input),
        }),
      ),
    );
    const wrap = (button) => create("td", {}, button);
    const head = (scope, content) => create("th", { scope }, content);
    const [across, down] = isNarrow ? [inputs, maps] : [maps, inputs];
    const corner = create("td", {}, `${down} \\ ${across}`);
    const names = range(numInputs).map(label);
    let rows, first;
    if (isNarrow) {
      first = [corner, ...names.map((name) => head("col", name))];
      grid = heads.map((button, map) => [button, ...cells[map]]);
      rows = grid.map(([button, ...others]) =>
        create("tr", {}, head("row", button), ...others.map(wrap)),
      );
    } else {
      first = [corner, ...heads.map((button) => head("col", button))];
      const lines = names.map((_, input) => cells.map((column) => column[input]));
      grid = [heads, ...lines];
      rows = lines.map((line, input) =>
        create("tr", {}, head("row", names[input]), ...line.map(wrap)),
      );
    }
    table.replaceChildren(
      create("caption", {}, `Maps of ${down} are rows, maps of ${across} are columns.`),
      create("thead", {}, create("tr", {}, ...first)),
      create("tbody", {}, ...rows),
    );
    table.setAttribute(
      "aria-label",
      `Which maps of ${inputs} each map of ${maps} reads`,
    );
    resetKeys();
  }

  /** Shows what the map under the mouse, or else the chosen one, reads. */
  function mark() {
    const { inputs, maps, kernelSize } = layer();
    const map = hovered ?? current;
    const reads = model.get("table")[map];
    cells.forEach((column, i) =>
      [heads[i], ...column].forEach((button) =>
        button.classList.toggle("lenet-seen", i === map),
      ),
    );
    const { lines, mapNodes, inputNodes } = shapes;
    const show = (shape, isSeen) => shape.classList.toggle("lenet-seen", isSeen);
    lines.forEach(({ shape, of }) => show(shape, of === map));
    mapNodes.forEach((shape, i) => show(shape, i === map));
    inputNodes.forEach((shape, i) => show(shape, reads.includes(i)));
    const what = reads.length
      ? `reads ${reads.length === 1 ? "map" : "maps"} ${join(reads.map(label))} of ${inputs}`
      : `reads nothing`;
    const number = reads.length * kernelSize ** 2 + 1;
    sentence.textContent =
      `Map ${label(map)} of ${maps} ${what}: ` +
      `${reads.length} × ${kernelSize ** 2} + 1 = ${number} parameters.`;
  }

  function draw(links) {
    const {
      inputs,
      maps,
      numInputs,
      table: { length },
    } = layer();
    const place = (i, count) => EDGE + ((i + 0.5) * (WIDTH - 2 * EDGE)) / count;
    const [top, bottom] = [EDGE, HEIGHT - EDGE];
    const node = (i, count, y) =>
      createDrawing(
        "g",
        {},
        createDrawing("circle", { cx: place(i, count), cy: y, r: RADIUS }),
        createDrawing("text", { x: place(i, count), y: y + 4 }, label(i)),
      );
    const name = (text, y) =>
      createDrawing("text", { x: 2, y, class: "lenet-side" }, text);
    shapes = {
      lines: links.flatMap((reads, map) =>
        reads.map((input) => ({
          of: map,
          shape: createDrawing("line", {
            x1: place(input, numInputs),
            y1: top + RADIUS,
            x2: place(map, length),
            y2: bottom - RADIUS,
          }),
        })),
      ),
      inputNodes: range(numInputs).map((i) => node(i, numInputs, top)),
      mapNodes: range(length).map((i) => node(i, length, bottom)),
    };
    drawing.replaceChildren(
      ...shapes.lines.map(({ shape }) => shape),
      ...shapes.inputNodes,
      ...shapes.mapNodes,
      name(inputs, top + 4),
      name(maps, bottom - 18),
    );
  }

  function update() {
    build();
    const {
      maps,
      network,
      numInputs,
      kernelSize,
      side,
      rest,
      table: { length },
    } = layer();
    const links = model.get("table");
    const own = countLayer(links, layer());
    buttons.forEach((button, i) =>
      button.setAttribute(
        "aria-pressed",
        presets[i].network === network && areEqual(presets[i].table, links),
      ),
    );
    cells.forEach((column, map) =>
      column.forEach((button, input) =>
        button.setAttribute("aria-pressed", links[map].includes(input)),
      ),
    );
    draw(links);
    mark();
    const rows = [
      ["Links", `${own.links} of ${numInputs * length}`],
      [
        `Trainable parameters of ${maps}`,
        `${own.links} × ${kernelSize ** 2} + ${length} = ${writeCount(own.parameters)}`,
      ],
      [
        `Connections of ${maps}`,
        `${side} × ${side} × ${writeCount(own.parameters)} = ${writeCount(own.connections)}`,
      ],
      [
        `All of ${network}`,
        `${writeCount(rest.parameters + own.parameters)} parameters, ` +
          `${writeCount(rest.connections + own.connections)} connections`,
      ],
      ["Different sets of inputs", `${countDifferent(links)} among ${length} maps`],
    ];
    counts.replaceChildren(
      ...rows.flatMap(([term, text]) => [
        create("dt", {}, term),
        create("dd", {}, text),
      ]),
    );
  }

  update();
  const observer = new ResizeObserver(update);
  observer.observe(el);
  model.on("change:table", update);
  return () => {
    voice.stop();
    observer.disconnect();
    model.off("change:table", update);
  };
}

export default { render };
