// A field to draw on: with mouse, touch or pen, many pointers at once, or the keyboard.

import { drawInk, drawStroke, RADIUS, SIDE } from "../engine/drawing.mjs";
import { clamp } from "../engine/numbers.mjs";
import { ARROWS } from "./controls.mjs";
import { create } from "./dom.mjs";

const STEP = 0.025; // of the keyboard's pen, as a part of the field's height
const APART = 0.004; // points closer than this are one
const MARGIN = 0.5; // how far outside the field points are kept
let pads = 0;

/**
 * Makes a field. Its drawing is a list of strokes, each x and y of its points in turn, in
 * units of the field's height; it is kept whatever becomes of the size of the window.
 * @param {object} options
 * @param {string} options.label  what to draw
 * @param {number} [options.columns]  the width of the field, in pixels of its ink
 * @param {function()} [options.begin]  called before each stroke; may `show` another drawing
 * @param {function()} options.change  called after each change of the ink
 * @param {function(number[][])} options.commit  called with the strokes when one ends
 * @param {function(string)} options.say  tells a screen reader
 * @returns {{element: HTMLElement, ink: function(): Uint8Array,
 *   show: function(number[][], ?Uint8Array), isDrawing: function(): boolean,
 *   stop: function()}}  show replaces the drawing: strokes, and a digit below them
 */
export function createInkPad({ label, columns = SIDE, begin, change, commit, say }) {
  const width = columns / SIDE;
  let strokes = [];
  let digit = null;
  let ink = new Uint8Array(SIDE * columns);
  const active = new Map(); // pointer -> its stroke
  const pen = { x: width / 2, y: 0.5, stroke: null, held: new Set(), isShown: false };
  let frame = 0;

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
  const element = create("div", { class: "lenet-ink" }, canvas, hint);

  const schedule = () => {
    if (!frame) frame = requestAnimationFrame(paint);
  };

  function paint() {
    frame = 0;
    const height = Math.round((canvas.clientWidth / width) * devicePixelRatio);
    if (!height) return; // not in sight
    if (canvas.height !== height) {
      canvas.height = height;
      canvas.width = Math.round(height * width);
    }
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, height);
    if (digit) paintDigit(context, digit, height / 28);
    context.strokeStyle = "#000";
    context.fillStyle = "#000";
    context.lineCap = "round";
    context.lineJoin = "round";
    context.lineWidth = 2 * RADIUS * height;
    for (const stroke of strokes) {
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
    if (pen.isShown) paintPen(context, height);
  }

  function paintPen(context, height) {
    context.lineWidth = Math.max(2, 0.012 * height);
    for (const [color, radius] of [
      ["#fff", 1.5],
      ["#c2410c", 1.25],
    ]) {
      context.strokeStyle = color;
      context.beginPath();
      context.arc(pen.x * height, pen.y * height, radius * RADIUS * height, 0, 7);
      if (pen.stroke) {
        context.fillStyle = color;
        context.fill();
      } else {
        context.stroke();
      }
    }
  }

  const start = (x, y) => {
    begin?.();
    const stroke = [];
    strokes.push(stroke);
    extend(stroke, x, y);
    return stroke;
  };

  const extend = (stroke, x, y) => {
    const last = stroke.slice(-2);
    if (last.length && Math.hypot(x - last[0], y - last[1]) < APART) return;
    const point = [
      clamp(x, -MARGIN, width + MARGIN),
      clamp(y, -MARGIN, 1 + MARGIN),
    ].map((value) => Math.round(1000 * value) / 1000);
    stroke.push(...point);
    drawStroke(ink, [...last, ...point]);
    schedule();
    change();
  };

  const finish = () => commit(strokes.map((stroke) => [...stroke]));

  // Pointers
  const place = ({ clientX, clientY }) => {
    const box = canvas.getBoundingClientRect(); // anew: the window may have changed
    const border = canvas.clientLeft;
    const scale = box.height - 2 * border;
    return [
      (clientX - box.left - border) / scale,
      (clientY - box.top - border) / scale,
    ];
  };
  const press = (event) => {
    if (event.button !== 0) return;
    try {
      canvas.setPointerCapture(event.pointerId);
    } catch {
      // it has been lifted already
    }
    pen.isShown = false;
    active.set(event.pointerId, start(...place(event)));
  };
  const move = (event) => {
    const stroke = active.get(event.pointerId);
    if (!stroke) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const one of passed.length ? passed : [event]) extend(stroke, ...place(one));
  };
  const lift = (event) => {
    if (!active.delete(event.pointerId)) return;
    finish();
  };

  // Keyboard
  const togglePen = () => {
    pen.stroke = pen.stroke ? null : start(pen.x, pen.y);
    if (!pen.stroke) finish();
    say(pen.stroke ? "Pen down" : "Pen up");
    schedule();
  };
  const hold = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " ") {
      if (!event.repeat) togglePen();
    } else if (event.key in ARROWS) {
      pen.held.add(event.key);
      for (const key of pen.held) {
        const [down, right] = ARROWS[key];
        pen.x = clamp(pen.x + STEP * right, 0, width);
        pen.y = clamp(pen.y + STEP * down, 0, 1);
      }
      if (pen.stroke) extend(pen.stroke, pen.x, pen.y);
    } else {
      return;
    }
    event.preventDefault();
    pen.isShown = true;
    schedule();
  };
  const leave = () => {
    pen.held.clear();
    pen.isShown = false;
    if (pen.stroke) togglePen();
    schedule();
  };

  canvas.addEventListener("pointerdown", press);
  canvas.addEventListener("pointermove", move);
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"])
    canvas.addEventListener(end, lift);
  canvas.addEventListener("keydown", hold);
  canvas.addEventListener("keyup", ({ key }) => pen.held.delete(key));
  canvas.addEventListener("focus", () => {
    pen.isShown = canvas.matches(":focus-visible");
    schedule();
  });
  canvas.addEventListener("blur", leave);
  const observer = new ResizeObserver(schedule);
  observer.observe(canvas);
  window.addEventListener("resize", schedule); // the zoom may change and the size not

  return {
    element,
    ink: () => ink,
    isDrawing: () => active.size > 0 || pen.stroke !== null,
    show(newStrokes, newDigit = null) {
      strokes = newStrokes.map((stroke) => [...stroke]);
      digit = newDigit;
      ink = drawInk(strokes, digit, columns);
      schedule();
      change();
    },
    stop() {
      observer.disconnect();
      window.removeEventListener("resize", schedule);
      cancelAnimationFrame(frame);
    },
  };
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
