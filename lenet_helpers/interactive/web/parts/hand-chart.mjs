// The error of two sets of digits over the passes of a course.

import { createText, createTicks, findTicks, makeScale, writePath } from "./chart.mjs";
import { createDrawing } from "./dom.mjs";

const WIDTH = 340; // of the drawing
const HEIGHT = 170;
const LEFT = 34; // of its axes
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 34;
const LOWEST = 5; // per cent at the top of the axis, at least

/**
 * Makes the chart.
 * @returns {{element: SVGElement, show: (points: {passes: number, own: number,
 *   mnist: ?number}[], last: number) => void}}  show takes error rates, and the number of
 *   passes that there are to be
 */
export function createHandChart() {
  const element = createDrawing("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    "aria-hidden": "true",
  });
  function show(points, last) {
    const errors = points.flatMap(({ own, mnist }) => [own, mnist ?? 0]);
    const [top] = findTicks(
      0,
      Math.max(LOWEST, 100 * Math.max(...errors)) * 1.25,
      4,
    ).slice(-1);
    const x = makeScale([0, last], [LEFT, WIDTH - RIGHT]);
    const y = makeScale([0, top], [HEIGHT - BOTTOM, TOP]);
    element.replaceChildren(
      ...createTicks(findTicks(0, top, 4), y, [LEFT, WIDTH - RIGHT]),
      ...findTicks(0, last, 5)
        .filter(Number.isInteger)
        .map((tick) => createText(x(tick), HEIGHT - BOTTOM + 15, `${tick}`)),
      createText((WIDTH + LEFT - RIGHT) / 2, HEIGHT - 3, "passes"),
      ...["mnist", "own"].flatMap((name) => drawCurve(points, name, x, y)),
    );
  }
  return { element, show };
}

function drawCurve(points, name, x, y) {
  const places = points
    .filter((point) => point[name] !== null)
    .map((point) => [x(point.passes), y(100 * point[name])]);
  if (!places.length) return [];
  const [cx, cy] = places[places.length - 1];
  return [
    createDrawing("path", { d: writePath(places), class: `lenet-${name}` }),
    createDrawing("circle", { cx, cy, r: 3.5, class: `lenet-${name}` }),
  ];
}
