// What the views of all figures need of the DOM: elements, and pictures of maps.

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

// Red above 0, blue below, white at 0: ColorBrewer's RdBu, as in the book's plots.
const SIGNED = [
  [5, 48, 97], [33, 102, 172], [67, 147, 195], [146, 197, 222], [209, 229, 240],
  [247, 247, 247],
  [253, 219, 199], [244, 165, 130], [214, 96, 77], [178, 24, 43], [103, 0, 31],
];
const BROKEN = [255, 0, 255]; // NaN and infinity must not look like a value

/**
 * Finds the colour of a weight or a state.
 * @param {number} value
 * @param {number} limit  the value of the darkest red; -limit is the darkest blue
 * @returns {number[]} red, green, blue: 0 to 255
 */
export function colorSigned(value, limit) {
  if (!Number.isFinite(value)) return BROKEN;
  const place = 5 + 5 * Math.max(-1, Math.min(1, value / limit));
  const below = Math.min(9, Math.floor(place));
  const share = place - below;
  return SIGNED[below].map((c, i) => Math.round(c + share * (SIGNED[below + 1][i] - c)));
}

/**
 * Finds the colour of a pixel of a digit: dark ink on white.
 * @param {number} value  0 (background) to `limit` (ink)
 * @param {number} limit
 * @returns {number[]} red, green, blue: 0 to 255
 */
export function colorInk(value, limit) {
  if (!Number.isFinite(value)) return BROKEN;
  const grey = 255 - Math.round(255 * Math.max(0, Math.min(1, value / limit)));
  return [grey, grey, grey];
}

/**
 * Paints a map into a canvas, a canvas pixel a unit; CSS scales it up, in crisp pixels.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values  (height * width), row by row
 * @param {number} height
 * @param {number} width
 * @param {{color?: function(number, number): number[], limit?: number}} options
 */
export function paintMap(
  canvas, values, height, width, { color = colorSigned, limit = 1.7159 } = {},
) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  const picture = context.createImageData(width, height);
  for (let i = 0; i < height * width; i += 1) {
    const [red, green, blue] = color(values[i], limit);
    picture.data[4 * i] = red;
    picture.data[4 * i + 1] = green;
    picture.data[4 * i + 2] = blue;
    picture.data[4 * i + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
}
