// Makes elements, of pages and of drawings.

/**
 * Makes an element.
 * @param {string} tag
 * @param {Object<string, *>} attributes  "class", "aria-label", ...; a function is a
 *   listener ("onclick"); false leaves an attribute out, true leaves it empty
 * @param {...(Node|string)} children
 * @returns {HTMLElement}
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
 * Makes an element of a drawing.
 * @param {string} tag
 * @param {Object<string, *>} attributes
 * @param {...(Node|string)} children
 * @returns {SVGElement}
 */
export function createDrawing(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes))
    element.setAttribute(name, value);
  element.append(...children);
  return element;
}
