// A link to a figure as it stands: its model's named traits in the address's fragment,
// which no server sees. `host.mjs` calls this for each figure that says what to link.

import { create, createButton } from "./dom.mjs";

/** @import { Model } from "./dom.mjs" */

const LONGEST = 20_000; // characters of a fragment; a long drawing has some thousands

/**
 * Writes the fragment of an address.
 * @param {string} name  of the figure
 * @param {Object<string, any>} state
 * @returns {string}  without "#"
 */
export function writeFragment(name, state) {
  const values = Object.entries(state).map(([key, value]) => [
    key,
    JSON.stringify(value),
  ]);
  return new URLSearchParams([["figure", name], ...values]).toString();
}

/**
 * Reads the fragment of an address. It comes from anybody, so a value counts only where it
 * is of the kind that the figure has.
 * @param {string} fragment  without "#"
 * @param {string} name  of the figure
 * @param {Object<string, any>} state  what the figure has
 * @returns {Object<string, any>}  what it is to have instead; empty for another figure
 */
export function readFragment(fragment, name, state) {
  if (fragment.length > LONGEST) return {};
  const given = new URLSearchParams(fragment);
  if (given.get("figure") !== name) return {};
  const found = {};
  for (const [key, old] of Object.entries(state)) {
    const text = given.get(key);
    if (text === null) continue;
    try {
      const value = JSON.parse(text);
      if (isLike(value, old)) found[key] = value;
    } catch {
      // cut off on its way
    }
  }
  return found;
}

const isNumber = (value) => Number.isFinite(value);

/** Says whether a value is of the kind of another; null may become a number and back. */
function isLike(value, old) {
  if (old === null || value === null)
    return [value, old].every((one) => one === null || Number.isInteger(one));
  if (Array.isArray(old)) return Array.isArray(value) && isLikeList(value, old);
  if (typeof old !== "object") return typeof value === typeof old;
  if (typeof value !== "object" || Array.isArray(value)) return false;
  const keys = Object.keys(old);
  return (
    keys.length === Object.keys(value).length &&
    keys.every((key) => key in value && isLike(value[key], old[key]))
  );
}

/** Numbers, such as a kernel, stay as many; of strokes, rows and names there may be more. */
function isLikeList(value, old) {
  if (old.length && old.every(isNumber))
    return value.length === old.length && value.every(isNumber);
  return value.every((item) =>
    Array.isArray(item)
      ? item.every(isNumber)
      : typeof item === "string" && typeof old[0] === "string",
  );
}

const readNames = ({ dataset }) => dataset.lenetLinked.split(" ");
const readState = (figure, model) =>
  Object.fromEntries(readNames(figure).map((name) => [name, model.get(name)]));

/**
 * Puts a figure into the state that the address says, before it starts.
 * @param {HTMLElement} figure
 * @param {Model} model
 */
export function open(figure, model) {
  const state = readState(figure, model);
  const given = readFragment(
    location.hash.slice(1),
    figure.dataset.lenetName ?? "",
    state,
  );
  for (const [name, value] of Object.entries(given)) model.set(name, value);
}

/**
 * Adds a button that copies a link to the figure as it stands.
 * @param {HTMLElement} figure
 * @param {Model} model
 */
export function offer(figure, model) {
  const note = create("span", { role: "status" });
  const button = createButton("Copy link", async () => {
    const name = figure.dataset.lenetName ?? "";
    const fragment = writeFragment(name, readState(figure, model));
    history.replaceState(null, "", `#${fragment}`);
    try {
      await navigator.clipboard.writeText(location.href);
      note.textContent = "The link to the figure as it stands is copied.";
    } catch {
      note.textContent = "The link to the figure as it stands is in the address bar.";
    }
  });
  figure.append(create("div", { class: "lenet-ui lenet-link" }, button, note));
}
