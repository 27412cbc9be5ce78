// The states of a network's layers as pictures: maps, or units in rows.

import { ROWS } from "../engine/codes.mjs";
import { create } from "./dom.mjs";
import { paintMap } from "./pictures.mjs";

// In the picture of a layer without maps; F6 is laid out as the codes are.
const UNIT_ROWS = { 120: 8, 84: ROWS, 30: 3 };

/**
 * Makes the pictures of some layers, one below the other.
 * @param {[string, number[]][]} layers  the name of each, and (maps, height, width)
 * @returns {{element: HTMLElement,
 *   show: (states: ?Object<string, {data: Float32Array}>,
 *     findLimit: (data: Float32Array) => number) => void}}  show takes the states by layer,
 *   or null where there are none, and what finds the value of the darkest colour
 */
export function createLayerMaps(layers) {
  const views = layers.map(([name, shape]) => {
    const [count, height, width] = shape;
    const isMaps = height * width > 1;
    const canvases = Array.from({ length: isMaps ? count : 1 }, () =>
      create("canvas", { class: "lenet-map" }),
    );
    const text = isMaps ? `${count} maps of ${height} × ${width}` : `${count} units`;
    const columns = isMaps ? (count % 6 ? Math.min(count, 8) : 6) : 1;
    const side = isMaps
      ? Math.max(40, 3 * width)
      : (12 * count) / (UNIT_ROWS[count] ?? 1);
    const picture = create(
      "div",
      {
        class: "lenet-maps",
        role: "img",
        "aria-label": `${name.toUpperCase()}, ${text}`,
        style: `--columns: ${columns}; --side: ${side}px`,
      },
      ...canvases,
    );
    const label = create("div", { class: "lenet-label" });
    label.append(create("b", {}, name.toUpperCase()), ` ${text}`);
    return {
      name,
      shape,
      canvases,
      isMaps,
      element: create("div", {}, label, picture),
    };
  });
  const element = create(
    "div",
    { class: "lenet-layers" },
    ...views.map((view) => view.element),
  );

  const show = (states, findLimit) => {
    for (const { name, shape, canvases, isMaps } of views) {
      const [count, height, width] = shape;
      const data = states?.[name].data ?? new Float32Array(count * height * width);
      const limit = findLimit(data);
      if (isMaps) {
        const size = height * width;
        canvases.forEach((canvas, i) =>
          paintMap(canvas, data.subarray(i * size), height, width, { limit }),
        );
      } else {
        const rows = UNIT_ROWS[count] ?? 1;
        paintMap(canvases[0], data, rows, count / rows, { limit });
      }
    }
  };
  return { element, show };
}
