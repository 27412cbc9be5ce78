// The output codes: choose a character, change its pixels, see which codes come close.

import {
  COLUMNS,
  comparePairs,
  countConstant,
  ROWS,
  rankRivals,
  readCode,
  writeCode,
} from "../engine/codes.mjs";
import { writeCount } from "../engine/numbers.mjs";
import {
  addArrowKeys,
  addStrokes,
  createChoice,
  createVoice,
  findLines,
  keepKeys,
} from "../parts/controls.mjs";
import { create } from "../parts/dom.mjs";
import { colorInk, paintMap } from "../parts/pictures.mjs";

const LISTED = 6; // rivals, and pairs
const LONGEST = 50; // pixels of the longest bar: the most between two digits of 1998
const NAMES = { " ": "space" };

const describe = (character) => NAMES[character] ?? character;
const isDigit = (character) => /[0-9]/.test(character);
const isCapital = (character) => /[A-Z]/.test(character);
const SETS = [
  { value: "digits", label: "ten digits", has: isDigit },
  {
    value: "capitals",
    label: "digits and capitals",
    has: (c) => isDigit(c) || isCapital(c),
  },
  { value: "all", label: "all 95", has: () => true },
];

function render({ model, el }) {
  const characters = Object.keys(model.get("original"));
  let codes; // pixels by character, as they are now
  let members; // the characters of the chosen set
  let rival = null; // the character to compare with, where one was chosen
  let ink = 1; // what a stroke over the pixels paints

  const picture = (character) => {
    const canvas = create("canvas", { class: "lenet-map", "aria-hidden": "true" });
    paintMap(canvas, codes.get(character), ROWS, COLUMNS, {
      color: colorInk,
      limit: 1,
    });
    return canvas;
  };

  const sets = createChoice("Characters", SETS, (value) => {
    model.set("characters", value);
    model.save_changes();
  });
  const picker = create("div", {
    class: "lenet-picker",
    role: "group",
    "aria-label": "Character to look at",
  });
  const cells = Array.from({ length: ROWS * COLUMNS }, (_, pixel) =>
    create("button", {
      type: "button",
      onclick: ({ detail }) => detail === 0 && paint(pixel, true), // by keyboard
    }),
  );
  const lines = Array.from({ length: ROWS }, (_, row) =>
    cells.slice(COLUMNS * row, COLUMNS * (row + 1)),
  );
  const pixels = create(
    "table",
    { class: "lenet-pixels", role: "grid" },
    create(
      "tbody",
      {},
      ...lines.map((line) =>
        create("tr", {}, ...line.map((cell) => create("td", {}, cell))),
      ),
    ),
  );
  const title = create("div", { class: "lenet-label" });
  const reset = create("button", { type: "button", onclick: restore }, "Restore");
  const resetAll = create(
    "button",
    { type: "button", onclick: restoreAll },
    "Restore all",
  );
  const difference = create("p");
  const createList = () => {
    const buttons = Array.from({ length: LISTED }, () =>
      create("button", { type: "button" }),
    );
    return {
      buttons,
      element: create("ol", {}, ...buttons.map((b) => create("li", {}, b))),
    };
  };
  const rivals = createList();
  const pairs = createList();
  const summary = create("p");
  const voice = createVoice();

  el.classList.add("lenet-ui", "lenet-codebook");
  keepKeys(el);
  el.append(
    sets.element,
    picker,
    create(
      "div",
      { class: "lenet-desk" },
      create(
        "div",
        { class: "lenet-editor" },
        title,
        pixels,
        create("div", { class: "lenet-row" }, reset, resetAll),
      ),
      create(
        "div",
        {},
        create("div", { class: "lenet-label" }, "Closest to it"),
        rivals.element,
        difference,
      ),
      create(
        "div",
        {},
        create("div", { class: "lenet-label" }, "Closest pairs"),
        pairs.element,
        summary,
      ),
    ),
    voice.element,
  );

  const resetPicker = addArrowKeys(picker, () => findLines(picker));
  addArrowKeys(pixels, () => lines);
  addStrokes(pixels, cells, paint);

  function look(character, other = null) {
    rival = other;
    if (character === model.get("character")) update();
    model.set("character", character);
    model.save_changes();
  }

  function paint(pixel, isFirst) {
    const character = model.get("character");
    const code = [...codes.get(character)];
    if (isFirst) ink = 1 - code[pixel];
    if (code[pixel] === ink) return;
    code[pixel] = ink;
    store({ ...model.get("codes"), [character]: writeCode(code) });
    const [{ other, pixels: count }] = rankRivals(codes, members, character);
    voice.say(`Closest: ${describe(other)}, ${count} pixels`);
  }

  function store(all) {
    model.set("codes", all);
    model.save_changes();
  }

  function restore() {
    const character = model.get("character");
    store({ ...model.get("codes"), [character]: model.get("original")[character] });
  }

  function restoreAll() {
    store(model.get("original"));
  }

  /** Fills a line of a list: characters, their pictures, the pixels between them. */
  function fillLine(button, shown, count, choose) {
    button.onclick = choose;
    button.replaceChildren(
      ...shown.flatMap((character) => [
        picture(character),
        create("b", {}, describe(character)),
      ]),
      create(
        "span",
        { class: "lenet-track", "aria-hidden": "true" },
        create("span", { style: `width: ${Math.min(100, (100 * count) / LONGEST)}%` }),
      ),
      create("span", { class: "lenet-count" }, `${count}`),
    );
  }

  function showPicker(character) {
    const isSame = picker.children.length === members.length;
    if (!isSame)
      picker.replaceChildren(
        ...members.map(() => create("button", { type: "button" })),
      );
    const buttons = [...picker.children];
    buttons.forEach((button, i) => {
      const name = describe(members[i]);
      button.onclick = () => look(members[i]);
      button.title = name;
      button.setAttribute("aria-label", name);
      button.setAttribute("aria-pressed", members[i] === character);
      button.replaceChildren(picture(members[i]));
    });
    if (!isSame) resetPicker();
  }

  function update() {
    codes = new Map(
      characters.map((character) => [
        character,
        readCode(model.get("codes")[character] ?? ""),
      ]),
    );
    const set = SETS.find(({ value }) => value === model.get("characters")) ?? SETS[0];
    members = characters.filter(set.has);
    const character = members.includes(model.get("character"))
      ? model.get("character")
      : members[0];
    const ranked = rankRivals(codes, members, character);
    const { other, pixels: apart } =
      ranked.find((one) => one.other === rival) ?? ranked[0];
    const isChanged = (one) => model.get("codes")[one] !== model.get("original")[one];

    sets.show(set.value);
    showPicker(character);
    title.textContent = `Code of ${describe(character)}${isChanged(character) ? ", changed" : ""}`;
    reset.disabled = !isChanged(character);
    resetAll.disabled = !characters.some(isChanged);
    codes.get(character).forEach((pixel, i) => {
      const row = Math.floor(i / COLUMNS);
      cells[i].setAttribute("aria-pressed", pixel === 1);
      cells[i].setAttribute("aria-label", `row ${row}, column ${i % COLUMNS}`);
      cells[i].classList.toggle("lenet-differs", pixel !== codes.get(other)[i]);
    });
    pixels.setAttribute(
      "aria-label",
      `Pixels of ${describe(character)}; pressed is black`,
    );
    difference.textContent =
      `Dots mark the ${apart} pixels in which ${describe(character)} differs from ` +
      `${describe(other)}; the squared distance is 4 × ${apart} = ${4 * apart}.`;
    rivals.buttons.forEach((button, i) => {
      const one = ranked[i];
      fillLine(button, [one.other], one.pixels, () => look(character, one.other));
      button.setAttribute("aria-pressed", one.other === other);
    });
    const all = comparePairs(codes, members);
    pairs.buttons.forEach((button, i) => {
      const { one, other: second, pixels: count } = all[i];
      fillLine(button, [one, second], count, () => look(one, second));
    });
    const mean = all.reduce((total, pair) => total + pair.pixels, 0) / all.length;
    summary.textContent =
      `Mean over all ${writeCount(all.length)} pairs: ${mean.toFixed(1)} pixels. ` +
      `${countConstant(codes, members)} of 84 pixels never differ.`;
  }

  update();
  const events = ["change:codes", "change:characters", "change:character"];
  events.forEach((event) => model.on(event, update));
  return () => {
    voice.stop();
    events.forEach((event) => model.off(event, update));
  };
}

export default { render };
