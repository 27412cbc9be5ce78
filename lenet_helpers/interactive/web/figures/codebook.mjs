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
import { range, writeCount } from "../engine/numbers.mjs";
import {
  addArrowKeys,
  addStrokes,
  createChoice,
  createVoice,
  findLines,
  keepKeys,
} from "../parts/controls.mjs";
import {
  create,
  createButton,
  createPart,
  listen,
  press,
  save,
} from "../parts/dom.mjs";
import { colorInk, createPicture } from "../parts/pictures.mjs";

/** @import { Codes } from "../engine/codes.mjs" */
/** @import { Model } from "../parts/dom.mjs" */

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

/**
 * @typedef {object} Shown  what is on the screen
 * @property {Codes} codes  as they are now
 * @property {typeof SETS[number]} set  the chosen characters
 * @property {string[]} members  of the set
 * @property {string} character  the one to look at
 * @property {{other: string, pixels: number}[]} ranked  the others, the closest first
 */

/** Draws a code. */
const draw = (codes, character) =>
  createPicture(codes[character], ROWS, COLUMNS, { color: colorInk, limit: 1 });

/** @param {{model: Model, el: HTMLElement}} place */
function render({ model, el }) {
  const characters = Object.keys(model.get("original"));
  let rival = null; // the character to compare with, where one was chosen
  /** @type {Shown} */
  let shown;

  const chooseSet = (value) => save(model, { characters: value });
  const sets = createChoice("Characters", SETS, chooseSet);
  const picker = createPicker((character) => look(character));
  const editor = createEditor({
    change: changeCode,
    restore: () => {
      const character = model.get("character");
      storeCode(character, model.get("original")[character]);
    },
    restoreAll: () => save(model, { codes: model.get("original") }),
  });
  const rivals = createRivals(look);
  const pairs = createPairs(look);
  const voice = createVoice();
  const columns = [editor.element, rivals.element, pairs.element];
  const desk = create("div", { class: "lenet-desk" }, ...columns);

  el.classList.add("lenet-ui", "lenet-codebook");
  keepKeys(el);
  el.append(sets.element, picker.element, desk, voice.element);

  function look(character, other = null) {
    rival = other;
    if (character === model.get("character")) update();
    save(model, { character });
  }

  function storeCode(character, text) {
    save(model, { codes: { ...model.get("codes"), [character]: text } });
  }

  /** @param {(code: number[]) => number[] | null} edit  null where nothing changes */
  function changeCode(edit) {
    const character = model.get("character");
    const code = edit([...shown.codes[character]]);
    if (!code) return;
    storeCode(character, writeCode(code));
    const [{ other, pixels }] = rankRivals(shown.codes, shown.members, character);
    voice.say(`Closest: ${describe(other)}, ${pixels} pixels`);
  }

  function update() {
    shown = readShown(model, characters);
    const { ranked, character, set } = shown;
    const chosen = ranked.find(({ other }) => other === rival) ?? ranked[0];
    const texts = model.get("codes");
    const isChanged = (one) => texts[one] !== model.get("original")[one];

    sets.show(set.value);
    picker.show(shown);
    editor.show(shown, chosen.other, {
      isChanged: isChanged(character),
      isAnyChanged: characters.some(isChanged),
    });
    rivals.show(shown, chosen);
    pairs.show(shown);
  }

  update();
  const events = ["change:codes", "change:characters", "change:character"];
  const stopListening = listen(model, events, update);
  return () => {
    voice.stop();
    stopListening();
  };
}

/**
 * Reads what is to be shown, whatever the model holds.
 * @param {Model} model
 * @param {string[]} characters  all of them
 * @returns {Shown}
 */
function readShown(model, characters) {
  const texts = model.get("codes");
  const codes = Object.fromEntries(
    characters.map((one) => [one, readCode(texts[one] ?? "")]),
  );
  const set = SETS.find(({ value }) => value === model.get("characters")) ?? SETS[0];
  const members = characters.filter(set.has);
  const wanted = model.get("character");
  const character = members.includes(wanted) ? wanted : members[0];
  return {
    codes,
    set,
    members,
    character,
    ranked: rankRivals(codes, members, character),
  };
}

/** Makes the buttons that choose a character, each with a picture of its code. */
function createPicker(choose) {
  const name = "Character to look at";
  const element = create("div", {
    class: "lenet-picker",
    role: "group",
    "aria-label": name,
  });
  const resetKeys = addArrowKeys(element, () => findLines(element));
  let members = [];
  /** @type {HTMLButtonElement[]} */
  let buttons = [];

  /** @param {Shown} shown */
  const show = ({ codes, members: now, character }) => {
    const isSame = now.length === members.length;
    members = now;
    if (!isSame) {
      buttons = members.map((_, i) => createButton("", () => choose(members[i])));
      element.replaceChildren(...buttons);
    }
    buttons.forEach((button, i) => {
      button.title = describe(members[i]);
      button.setAttribute("aria-label", describe(members[i]));
      press(button, members[i] === character);
      button.replaceChildren(draw(codes, members[i]));
    });
    if (!isSame) resetKeys();
  };
  return { element, show };
}

/**
 * Makes the pixels of a code, to be painted.
 * @param {object} options
 * @param {(edit: (code: number[]) => number[] | null) => void} options.change
 * @param {() => void} options.restore
 * @param {() => void} options.restoreAll
 */
function createEditor({ change, restore, restoreAll }) {
  let ink = 1; // what a stroke over the pixels paints
  const cells = range(ROWS * COLUMNS).map((pixel) => {
    const cell = createButton("", ({ detail }) => {
      if (detail === 0) paint(pixel, true); // by keyboard
    });
    const place = `row ${Math.floor(pixel / COLUMNS)}, column ${pixel % COLUMNS}`;
    cell.setAttribute("aria-label", place);
    return cell;
  });
  const lines = range(ROWS).map((row) =>
    cells.slice(COLUMNS * row, COLUMNS * (row + 1)),
  );
  const rows = lines.map((line) =>
    create("tr", {}, ...line.map((cell) => create("td", {}, cell))),
  );
  const pixels = create(
    "table",
    { class: "lenet-pixels", role: "grid" },
    create("tbody", {}, ...rows),
  );
  const title = create("div", { class: "lenet-label" });
  const reset = createButton("Restore", restore);
  const resetAll = createButton("Restore all", restoreAll);
  const tools = create("div", { class: "lenet-row" }, reset, resetAll);
  const element = create("div", { class: "lenet-editor" }, title, pixels, tools);
  addArrowKeys(pixels, () => lines);
  addStrokes(pixels, cells, paint);

  function paint(pixel, isFirst) {
    change((code) => {
      if (isFirst) ink = 1 - code[pixel];
      if (code[pixel] === ink) return null;
      return code.map((value, i) => (i === pixel ? ink : value));
    });
  }

  /**
   * @param {Shown} shown
   * @param {string} other  the character to compare with
   * @param {{isChanged: boolean, isAnyChanged: boolean}} state
   */
  const show = ({ codes, character }, other, { isChanged, isAnyChanged }) => {
    const name = describe(character);
    title.textContent = `Code of ${name}${isChanged ? ", changed" : ""}`;
    reset.disabled = !isChanged;
    resetAll.disabled = !isAnyChanged;
    codes[character].forEach((pixel, i) => {
      press(cells[i], pixel === 1);
      cells[i].classList.toggle("lenet-differs", pixel !== codes[other][i]);
    });
    pixels.setAttribute("aria-label", `Pixels of ${name}; pressed is black`);
  };
  return { element, show };
}

/** Makes a list of buttons: characters, their pictures, the pixels between them. */
function createList() {
  let choices = [];
  const buttons = range(LISTED).map((i) => createButton("", () => choices[i]()));
  const element = create("ol", {}, ...buttons.map((one) => create("li", {}, one)));
  const fill = (button, codes, { members, pixels }) => {
    const length = `width: ${Math.min(100, (100 * pixels) / LONGEST)}%`;
    const track = { class: "lenet-track", "aria-hidden": "true" };
    button.replaceChildren(
      ...members.flatMap((character) => [
        draw(codes, character),
        create("b", {}, describe(character)),
      ]),
      create("span", track, create("span", { style: length })),
      create("span", { class: "lenet-count" }, `${pixels}`),
    );
  };
  /**
   * @param {Codes} codes
   * @param {{members: string[], pixels: number, choose: () => void}[]} rows
   */
  const show = (codes, rows) => {
    choices = rows.map(({ choose }) => choose);
    buttons.forEach((button, i) => fill(button, codes, rows[i]));
  };
  return { element, buttons, show };
}

/** Makes the list of the characters closest to the one that is looked at. */
function createRivals(look) {
  const list = createList();
  const difference = create("p");
  const element = createPart("Closest to it", list.element, difference);
  /**
   * @param {Shown} shown
   * @param {{other: string, pixels: number}} chosen
   */
  const show = ({ codes, character, ranked }, { other, pixels }) => {
    const rows = ranked.map((one) => ({
      members: [one.other],
      pixels: one.pixels,
      choose: () => look(character, one.other),
    }));
    list.show(codes, rows);
    list.buttons.forEach((button, i) => press(button, ranked[i].other === other));
    difference.textContent =
      `Dots mark the ${pixels} pixels in which ${describe(character)} differs from ` +
      `${describe(other)}; the squared distance is 4 × ${pixels} = ${4 * pixels}.`;
  };
  return { element, show };
}

/** Makes the list of the closest pairs, and what is true of all of them. */
function createPairs(look) {
  const list = createList();
  const summary = create("p");
  const element = createPart("Closest pairs", list.element, summary);
  /** @param {Shown} shown */
  const show = ({ codes, members }) => {
    const all = comparePairs(codes, members);
    const rows = all.slice(0, LISTED).map(({ one, other, pixels }) => ({
      members: [one, other],
      pixels,
      choose: () => look(one, other),
    }));
    list.show(codes, rows);
    const mean = all.reduce((total, pair) => total + pair.pixels, 0) / all.length;
    summary.textContent =
      `Mean over all ${writeCount(all.length)} pairs: ${mean.toFixed(1)} pixels. ` +
      `${countConstant(codes, members)} of 84 pixels never differ.`;
  };
  return { element, show };
}

export default { render };
