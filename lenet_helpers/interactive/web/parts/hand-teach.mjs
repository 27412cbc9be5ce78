// What the reader chooses for a course, and what comes of it.

import { splitHand } from "../engine/hand/teaching.mjs";
import { write, writeCount } from "../engine/numbers.mjs";
import { createChoice } from "./controls.mjs";
import { create, createButton } from "./dom.mjs";
import { createHandChart } from "./hand-chart.mjs";
import { createEntry } from "./settings.mjs";

/** @import { Collection } from "./hand-collection.mjs" */
/** @import { Choices, Course } from "./hand-course.mjs" */

const ALL = Infinity;
const NUMBERS = [10, 20, 40, ALL];
// On the sample hand the last layer learns within two passes at 0.0005 and forgets little;
// at 0.002 it forgets three times as much, and all layers forget twice as much.
const DEFAULTS = { rate: 0.0005, passes: 10, seed: 0 };
const LAST = ["f6"];

/**
 * Makes the choices and the results.
 * @param {object} options
 * @param {Collection} options.collection
 * @param {{course: Course, teach: (digits: any[], choices: Choices) => Promise<void>,
 *   pause: () => void}} options.control
 * @param {(text: string) => void} options.say  tells a screen reader
 * @returns {{element: HTMLElement, show: () => void}}
 */
export function createTeaching({ collection, control, say }) {
  const { course } = control;
  /** @type {Choices} */
  const choices = { number: ALL, isMixed: false, trains: LAST, ...DEFAULTS };
  const change = (values) => {
    Object.assign(choices, values);
    show();
  };
  const fields = createFields(choices, change);
  const start = createButton("", () => {
    if (course.phase === "running") control.pause();
    else control.teach(collection.digits(), choices);
  });
  start.classList.add("lenet-start");
  const halves = create("p", {});
  const results = createResults(course, say);

  function show() {
    const { teaching, testing } = splitHand(collection.digits(), choices.seed);
    halves.textContent =
      `Half of each digit's examples, ${teaching.length}, can teach; the others, ` +
      `${testing.length}, are held out to test. Each course begins with LeNet-5 as it was.`;
    fields.show(teaching.length);
    const names = { running: "❚❚ Stop here", fetching: "Fetching digits …" };
    start.textContent = names[course.phase] ?? "▶ Teach";
    start.disabled = course.phase === "fetching";
    results.show();
  }
  const element = create(
    "div",
    { class: "lenet-teach" },
    halves,
    fields.element,
    create("div", { class: "lenet-buttons" }, start),
    results.element,
  );
  return { element, show };
}

/** Makes the fields of the choices. */
function createFields(choices, change) {
  const number = createChoice(
    "Digits to learn from",
    NUMBERS.map((value) => ({ value, label: value === ALL ? "all" : `${value}` })),
    (value) => change({ number: value }),
  );
  const layers = createChoice(
    "What learns",
    [
      { value: LAST, label: "the last layer, F6" },
      { value: null, label: "all layers" },
    ],
    (trains) => change({ trains }),
  );
  const mixture = createChoice(
    "Learnt from in a pass",
    [
      { value: false, label: "my digits" },
      { value: true, label: "my digits and 100 of MNIST's" },
    ],
    (isMixed) => change({ isMixed }),
  );
  const entries = [
    { name: "rate", low: 0, high: 1, isWhole: false },
    { name: "passes", low: 1, high: 200, isWhole: true },
    { name: "seed", low: 0, high: 1_000_000, isWhole: true },
  ].map(({ name, ...limits }) => ({
    name,
    ...createEntry(name, limits, (value) => change({ [name]: value })),
  }));
  const element = create(
    "div",
    { class: "lenet-fields" },
    number.element,
    layers.element,
    mixture.element,
    create(
      "details",
      {},
      create("summary", {}, "Rate, passes, seed"),
      create("div", { class: "lenet-row" }, ...entries.map((entry) => entry.element)),
    ),
  );
  const inputs = number.element.querySelectorAll("input");
  /** @param {number} most  digits that can teach */
  const show = (most) => {
    NUMBERS.forEach((value, i) => {
      inputs[i].disabled = value !== ALL && value > most;
    });
    if (choices.number !== ALL && choices.number > most) choices.number = ALL;
    number.show(choices.number);
    layers.show(choices.trains);
    mixture.show(choices.isMixed);
    for (const { name, show } of entries) show(choices[name]);
  };
  return { element, show };
}

const writeRate = (missed, number) =>
  `${write((100 * missed) / number, 1)} % (${missed} of ${writeCount(number)})`;

/** Makes the state, the table of before and after, and the chart. */
function createResults(course, say) {
  const state = create("p", { class: "lenet-state" });
  const fault = create("p", { class: "lenet-fault", role: "alert", hidden: true });
  const note = create("p", { class: "lenet-hint" });
  const table = createBeforeAfter();
  const chart = createHandChart();
  const key = create(
    "p",
    { class: "lenet-curves" },
    create("span", {}, create("i", {}), "your digits, held out"),
    create(
      "span",
      {},
      create("i", { class: "lenet-key-mnist" }),
      "MNIST's test digits",
    ),
  );
  const views = create(
    "div",
    { class: "lenet-halves" },
    table.element,
    create(
      "div",
      {},
      create("p", { class: "lenet-label" }, "Error (%)"),
      chart.element,
      key,
    ),
  );
  const element = create("div", { class: "lenet-results" }, state, fault, note, views);

  function show() {
    const { phase, points, passes, numOwn, numMnist } = course;
    fault.hidden = phase !== "failed";
    if (fault.textContent !== course.fault) fault.textContent = course.fault;
    note.hidden = !course.note;
    note.textContent = course.note;
    views.hidden = !points.length;
    const text = describe(course);
    state.hidden = !text;
    if (state.textContent !== text && phase === "done") say(text);
    state.textContent = text;
    if (!points.length) return;
    table.show(course);
    const toRates = ({ passes, own, mnist }) => ({
      passes,
      own: own / numOwn,
      mnist: mnist === null ? null : mnist / numMnist,
    });
    chart.show(points.map(toRates), passes);
  }
  return { element, show };
}

/** Makes the table of what is misread before and after. */
function createBeforeAfter() {
  const body = create("tbody", {});
  const after = create("th", { scope: "col" });
  const before = create("th", { scope: "col" }, "before");
  const element = create(
    "table",
    { class: "lenet-before-after" },
    create("thead", {}, create("tr", {}, create("td", {}), before, after)),
    body,
  );
  const makeRow = (name, missed, number) =>
    create(
      "tr",
      {},
      create("th", { scope: "row" }, name),
      ...missed.map((count) => create("td", {}, writeRate(count, number))),
    );
  /** @param {Course} course */
  function show({ points, numOwn, numMnist }) {
    const ends = [points[0], points[points.length - 1]];
    after.textContent = `after ${writePasses(ends[1].passes)}`;
    const own = ends.map((end) => end.own);
    const mnist = ends.map((end) => end.mnist);
    body.replaceChildren(
      makeRow("your digits, held out", own, numOwn),
      ...(numMnist ? [makeRow("MNIST's test digits", mnist, numMnist)] : []),
    );
  }
  return { element, show };
}

const writePasses = (passes) =>
  passes === 1 ? "1 pass" : `${Number(passes.toFixed(1))} passes`;

function describe({ phase, points, passes, numTaught, numOwn, megabytes }) {
  const last = points.at(-1);
  if (phase === "idle")
    return (
      `Teaching fetches some of MNIST's digits, ${megabytes} MB, to measure what the ` +
      "network forgets; it happens here, in this page."
    );
  if (phase === "failed" || !last) return "";
  const digits = numTaught === 1 ? "1 digit" : `${numTaught} digits`;
  const done = Number(last.passes.toFixed(1));
  if (phase === "running")
    return `It learns from ${digits}: ${done} of ${writePasses(passes)}.`;
  return (
    `It has learnt from ${digits}. Of yours that were held out it misreads ${last.own} of ` +
    `${numOwn}; before, ${points[0].own}.`
  );
}
