// A field to draw on: with mouse, touch or pen, many pointers at once, or the keyboard.

import { drawInk, drawStroke, RADIUS, SIDE } from "../engine/drawing.mjs";
import { clamp } from "../engine/numbers.mjs";
import { ARROWS } from "./controls.mjs";
import { create, createFrame } from "./dom.mjs";

const STEP = 0.025; // of the keyboard's pen, as a part of the field's height
const APART = 0.004; // points closer than this are one
const MARGIN = 0.5; // how far outside the field points are kept
const PEN_COLORS = ["#fff", "#c2410c"]; // a ring in the first around one in the second
let pads = 0;

/**
 * The drawing: strokes, each x and y of its points in turn, in units of the field's
 * height; the digit below them; the ink that they make.
 * @typedef {{width: number, strokes: number[][], digit: Uint8Array | null, ink: Uint8Array}}
 *   Sheet
 */

/**
 * The keyboard's pen.
 * @typedef {{x: number, y: number, stroke: number[] | null, held: Set<string>,
 *   isShown: boolean}} Pen
 */

/**
 * What a hand does, whatever it holds.
 * @typedef {object} Hand
 * @property {(x: number, y: number) => number[]} start  begins a stroke
 * @property {(stroke: number[], x: number, y: number) => void} extend
 * @property {() => void} finish
 */

/**
 * Makes a field. Its drawing is kept whatever becomes of the size of the window.
 * @param {object} options
 * @param {string} options.label  what to draw
 * @param {number} [options.columns]  the width of the field, in pixels of its ink
 * @param {() => void} [options.begin]  called before each stroke; may `show`
 *   another drawing
 * @param {() => void} options.change  called after each change of the ink
 * @param {(strokes: number[][]) => void} options.commit  called with the strokes when one
 *   ends
 * @param {(text: string) => void} options.say  tells a screen reader
 * @returns {{element: HTMLElement, ink: () => Uint8Array, isDrawing: () => boolean,
 *   show: (strokes: number[][], digit?: Uint8Array | null) => void, stop: () => void}}
 *   show replaces the drawing: strokes, and a digit below them
 */
export function createInkPad({ label, columns = SIDE, begin, change, commit, say }) {
  /** @type {Sheet} */
  const sheet = {
    width: columns / SIDE,
    strokes: [],
    digit: null,
    ink: new Uint8Array(SIDE * columns),
  };
  const { element, canvas } = createField(label, columns);
  /** @type {Pen} */
  const pen = {
    x: sheet.width / 2,
    y: 0.5,
    stroke: null,
    held: new Set(),
    isShown: false,
  };
  const frame = createFrame(() => paint(canvas, sheet, pen));
  const copy = (strokes) => strokes.map((stroke) => [...stroke]);
  const update = () => {
    frame.ask();
    change();
  };
  const extend = (stroke, x, y) => {
    if (addPoint(sheet, stroke, x, y)) update();
  };
  const start = (x, y) => {
    begin?.();
    const stroke = [];
    sheet.strokes.push(stroke);
    extend(stroke, x, y);
    return stroke;
  };
  const hand = { start, extend, finish: () => commit(copy(sheet.strokes)) };
  const active = followPointers(canvas, hand, pen);
  followKeys(canvas, hand, { pen, width: sheet.width, say, repaint: frame.ask });
  const observer = new ResizeObserver(frame.ask);
  observer.observe(canvas);
  window.addEventListener("resize", frame.ask); // the zoom may change and the size not

  /** @type {(strokes: number[][], digit?: Uint8Array | null) => void} */
  const show = (strokes, digit = null) => {
    sheet.strokes = copy(strokes);
    sheet.digit = digit;
    sheet.ink = drawInk(strokes, digit, columns);
    update();
  };
  const stop = () => {
    observer.disconnect();
    window.removeEventListener("resize", frame.ask);
    frame.stop();
  };
  const isDrawing = () => active.size > 0 || pen.stroke !== null;
  return { element, ink: () => sheet.ink, isDrawing, show, stop };
}

function createField(label, columns) {
  pads += 1;
  const hint = create(
    "p",
    { class: "lenet-hint", id: `lenet-hint-${pads}` },
    "Draw with a finger, a pen or the mouse; or move with the arrow keys and put the ",
    "pen down, and lift it, with the space bar.",
  );
  const canvas = create("canvas", {
    class: "lenet-field",
    tabindex: "0",
    role: "application",
    "aria-label": label,
    "aria-describedby": hint.id,
    style: `aspect-ratio: ${columns} / ${SIDE}`,
  });
  return { element: create("div", { class: "lenet-ink" }, canvas, hint), canvas };
}

/** Adds a point to a stroke and its ink; says whether it is far enough from the last. */
function addPoint({ width, ink }, stroke, x, y) {
  const last = stroke.slice(-2);
  if (last.length && Math.hypot(x - last[0], y - last[1]) < APART) return false;
  const point = [clamp(x, -MARGIN, width + MARGIN), clamp(y, -MARGIN, 1 + MARGIN)].map(
    (value) => Math.round(1000 * value) / 1000,
  );
  stroke.push(...point);
  drawStroke(ink, [...last, ...point]);
  return true;
}

/**
 * Draws where pointers go.
 * @param {HTMLCanvasElement} canvas
 * @param {Hand} hand
 * @param {Pen} pen  of the keyboard; hidden while a pointer draws
 * @returns {Map<number, number[]>} the stroke of each pointer that is down
 */
function followPointers(canvas, hand, pen) {
  const active = new Map();
  const place = ({ clientX, clientY }) => {
    const box = canvas.getBoundingClientRect(); // anew: the window may have changed
    const border = canvas.clientLeft;
    const scale = box.height - 2 * border;
    return [
      (clientX - box.left - border) / scale,
      (clientY - box.top - border) / scale,
    ];
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    try {
      canvas.setPointerCapture(event.pointerId);
    } catch {
      // it has been lifted already
    }
    pen.isShown = false;
    const [x, y] = place(event);
    active.set(event.pointerId, hand.start(x, y));
  });
  canvas.addEventListener("pointermove", (event) => {
    const stroke = active.get(event.pointerId);
    if (!stroke) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const one of passed.length ? passed : [event]) {
      const [x, y] = place(one);
      hand.extend(stroke, x, y);
    }
  });
  const lift = (event) => {
    if (active.delete(event.pointerId)) hand.finish();
  };
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"])
    canvas.addEventListener(end, lift);
  return active;
}

/**
 * Draws with the arrow keys, the pen put down and lifted by the space bar.
 * @param {HTMLCanvasElement} canvas
 * @param {Hand} hand
 * @param {object} options
 * @param {Pen} options.pen
 * @param {number} options.width  of the field
 * @param {(text: string) => void} options.say
 * @param {() => void} options.repaint
 */
function followKeys(canvas, hand, { pen, width, say, repaint }) {
  const toggle = () => {
    pen.stroke = pen.stroke ? null : hand.start(pen.x, pen.y);
    if (!pen.stroke) hand.finish();
    say(pen.stroke ? "Pen down" : "Pen up");
    repaint();
  };
  const move = (key) => {
    pen.held.add(key);
    for (const other of pen.held) {
      const [down, right] = ARROWS[other];
      pen.x = clamp(pen.x + STEP * right, 0, width);
      pen.y = clamp(pen.y + STEP * down, 0, 1);
    }
    if (pen.stroke) hand.extend(pen.stroke, pen.x, pen.y);
  };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isArrow = event.key in ARROWS;
    if (event.key !== " " && !isArrow) return;
    if (isArrow) move(event.key);
    else if (!event.repeat) toggle();
    event.preventDefault();
    pen.isShown = true;
    repaint();
  });
  canvas.addEventListener("keyup", ({ key }) => pen.held.delete(key));
  canvas.addEventListener("focus", () => {
    pen.isShown = canvas.matches(":focus-visible");
    repaint();
  });
  canvas.addEventListener("blur", () => {
    pen.held.clear();
    pen.isShown = false;
    if (pen.stroke) toggle();
    repaint();
  });
}

/**
 * Paints the drawing, and the pen where it is in use.
 * @param {HTMLCanvasElement} canvas
 * @param {Sheet} sheet
 * @param {Pen} pen
 */
function paint(canvas, { width, strokes, digit }, pen) {
  const height = Math.round((canvas.clientWidth / width) * devicePixelRatio);
  const context = canvas.getContext("2d");
  if (!height || !context) return; // not in sight
  if (canvas.height !== height) {
    canvas.height = height;
    canvas.width = Math.round(height * width);
  }
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, height);
  if (digit) paintDigit(context, digit, height / 28);
  context.strokeStyle = "#000";
  context.fillStyle = "#000";
  context.lineCap = "round";
  context.lineJoin = "round";
  context.lineWidth = 2 * RADIUS * height;
  for (const stroke of strokes) paintStroke(context, stroke, height);
  if (pen.isShown) paintPen(context, pen, height);
}

function paintStroke(context, stroke, height) {
  context.beginPath();
  for (let i = 0; i < stroke.length; i += 2)
    context.lineTo(stroke[i] * height, stroke[i + 1] * height);
  if (stroke.length > 2) {
    context.stroke();
  } else if (stroke.length) {
    context.arc(stroke[0] * height, stroke[1] * height, RADIUS * height, 0, 7);
    context.fill();
  }
}

function paintPen(context, pen, height) {
  context.lineWidth = Math.max(2, 0.012 * height);
  PEN_COLORS.forEach((color, i) => {
    const radius = (1.5 - 0.25 * i) * RADIUS * height;
    context.strokeStyle = color;
    context.beginPath();
    context.arc(pen.x * height, pen.y * height, radius, 0, 7);
    if (pen.stroke) {
      context.fillStyle = color;
      context.fill();
    } else {
      context.stroke();
    }
  });
}

function paintDigit(context, digit, size) {
  for (let i = 0; i < digit.length; i += 1) {
    if (!digit[i]) continue;
    const [left, right] = [i % 28, (i % 28) + 1].map((k) => Math.round(k * size));
    const row = Math.floor(i / 28);
    const [top, bottom] = [row, row + 1].map((k) => Math.round(k * size));
    context.fillStyle = `rgb(0 0 0 / ${digit[i] / 255})`;
    context.fillRect(left, top, right - left, bottom - top);
  }
}
