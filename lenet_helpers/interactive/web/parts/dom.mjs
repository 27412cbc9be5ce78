// Makes elements, of pages and of drawings.

/**
 * The part of anywidget's model that figures use; `host.mjs` has one for pages.
 * @typedef {object} Model
 * @property {(name: string) => any} get
 * @property {(name: string, value: any) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, callback: () => void) => void} on
 * @property {(event: string, callback: () => void) => void} off
 */

/**
 * Makes an element.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Object<string, *>} attributes  "class", "aria-label", ...; a function is a
 *   listener ("onclick"); false leaves an attribute out, true leaves it empty
 * @param {...(Node|string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function create(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/**
 * Makes a button.
 * @param {string} text
 * @param {(event: MouseEvent) => void} onclick
 * @returns {HTMLButtonElement}
 */
export const createButton = (text, onclick) =>
  create("button", { type: "button", onclick }, text);

/**
 * Makes a box with a small heading.
 * @param {string} label
 * @param {...Node} content
 * @returns {HTMLElement}
 */
export const createPart = (label, ...content) =>
  create("div", {}, create("div", { class: "lenet-label" }, label), ...content);

/**
 * Makes an element of a drawing.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Object<string, *>} attributes
 * @param {...(Node|string)} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function createDrawing(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/**
 * Sets several attributes of an element.
 * @param {Element} element
 * @param {Object<string, *>} attributes
 */
export function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes))
    element.setAttribute(name, value);
}

/**
 * Says of a button whether it is pressed.
 * @param {Element} button
 * @param {boolean} isPressed
 */
export const press = (button, isPressed) =>
  button.setAttribute("aria-pressed", String(isPressed));

/**
 * Sets several values of a model, and tells Python once.
 * @param {Model} model
 * @param {Object<string, *>} values
 */
export function save(model, values) {
  for (const [name, value] of Object.entries(values)) model.set(name, value);
  model.save_changes();
}

/**
 * Calls a function at several events of a model.
 * @param {Model} model
 * @param {string[]} events
 * @param {() => void} update
 * @returns {() => void} ends that
 */
export function listen(model, events, update) {
  for (const event of events) model.on(event, update);
  return () => {
    for (const event of events) model.off(event, update);
  };
}

/**
 * Runs something before the next frame, once, however often it is asked for.
 * @param {() => void} run
 * @returns {{ask: () => void, stop: () => void}}
 */
export function createFrame(run) {
  let frame = 0;
  const ask = () => {
    if (frame) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      run();
    });
  };
  return { ask, stop: () => cancelAnimationFrame(frame) };
}
