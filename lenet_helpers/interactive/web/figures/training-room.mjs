// A network that learns in the page, while the reader watches and turns its knobs.

import { areEqual } from "../engine/history.mjs";
import { clamp, write, writeCount } from "../engine/numbers.mjs";
import { countAll, fitSettings, measureSpeed } from "../engine/runs.mjs";
import { createVoice, keepKeys } from "../parts/controls.mjs";
import {
  create,
  createButton,
  createFrame,
  createPart,
  listen,
  save,
} from "../parts/dom.mjs";
import { createRunChart } from "../parts/run-chart.mjs";
import { createSelect } from "../parts/settings.mjs";
import { createControl } from "../parts/training-control.mjs";
import { createInside } from "../parts/training-inside.mjs";
import { createSettings } from "../parts/training-settings.mjs";
import { createRunTable } from "../parts/training-views.mjs";

/** @import { Model } from "../parts/dom.mjs" */
/** @import { Control } from "../parts/training-control.mjs" */

const BESIDE = 5; // runs that the charts show, the last among them

/** @param {{model: Model, el: HTMLElement}} place */
function render({ model, el }) {
  fitModel(model);
  let isHere = true; // false once the figure has gone
  const frame = createFrame(() => isHere && show());
  const voice = createVoice();
  const control = createControl(model, { update: frame.ask, finish: goOn });
  const presets = createPresets(model);
  const buttons = createButtons(model, control, presets.goBack);
  const settings = createSettings(model);
  const status = createStatus(model, control, voice.say);
  const charts = createCharts(control, presets.ordinary, frame.ask);
  const inside = createInside(model, control, voice.say);

  el.classList.add("lenet-ui", "lenet-training-room");
  keepKeys(el);
  el.append(
    create("div", { class: "lenet-row" }, presets.element, buttons.main),
    presets.hint,
    create(
      "details",
      { class: "lenet-settings" },
      create("summary", {}, "Settings, single steps"),
      buttons.steps,
      settings.element,
    ),
    status.element,
    charts.element,
    inside.element,
    voice.element,
  );

  function show() {
    for (const view of [presets, buttons, settings, status, charts, inside])
      view.show();
  }

  /** Goes on with the next run of a preset. */
  function goOn() {
    const next = presets.findNext();
    if (!next || !isHere) return;
    save(model, { settings: next });
    control.learn("all");
  }

  const stops = [
    listen(model, ["change:settings"], () => {
      control.pause();
      frame.ask();
    }),
    listen(model, ["change:digit"], inside.lookAgain),
    frame.stop,
    voice.stop,
    inside.stop,
    control.stop,
  ];
  show();
  return () => {
    isHere = false;
    stops.forEach((stop) => stop());
  };
}

/** Makes what the model says possible: a link comes from anybody. */
function fitModel(model) {
  const [numTraining, numTest] = model.get("counts");
  const old = { settings: model.get("settings"), digit: model.get("digit") };
  const digit = old.digit === null ? null : clamp(old.digit, 0, numTest - 1);
  const fitted = { settings: fitSettings(old.settings, numTraining), digit };
  if (!areEqual(fitted, old)) save(model, fitted);
}

/** Makes the choice of a preset, and says what to watch. */
function createPresets(model) {
  const presets = model.get("presets");
  const fit = (run) => fitSettings(run, model.get("counts")[0]);
  const runsOf = ({ runs }) => runs.map(fit);
  const find = () => {
    const now = model.get("settings");
    const isIt = (run) => areEqual(fit(run), fit(now));
    const preset = presets.find(({ runs }) => runs.some(isIt));
    return { preset, at: preset ? preset.runs.findIndex(isIt) : -1 };
  };
  const own = { value: "", name: "Your own settings" };
  const options = presets.map(({ name, title }) => ({ value: name, name: title }));
  const select = createSelect("Try", [...options, own], (name) => {
    const preset = presets.find((one) => one.name === name);
    if (preset) save(model, { settings: runsOf(preset)[0] });
  });
  const hint = create("p", { class: "lenet-try" });
  const show = () => {
    const { preset } = find();
    select.show(preset?.name ?? "", [""]);
    hint.textContent = preset?.hint ?? "Change one thing at a time, and compare.";
  };
  return {
    element: select.element,
    hint,
    ordinary: fit(presets[0].runs[0]),
    show,
    /** Takes the first run of the preset again. */
    goBack: () => {
      const { preset, at } = find();
      if (at > 0) save(model, { settings: runsOf(preset)[0] });
    },
    /** Finds what the preset wants after the run that has ended. */
    findNext: () => {
      const { preset, at } = find();
      return preset && runsOf(preset)[at + 1];
    },
  };
}

/** Makes Start, which is Pause while it runs, and the single steps. */
function createButtons(model, control, goBack) {
  const start = createButton("", () => {
    if (control.phase === "running") {
      control.pause();
      return;
    }
    if (control.phase === "done") goBack();
    control.learn("all");
  });
  start.classList.add("lenet-start");
  const batch = createButton("", () => control.learn("batch"));
  const pass = createButton("One pass", () => control.learn("pass"));
  const reset = createButton("Start over", () => {
    goBack();
    control.reset();
  });
  const show = () => {
    const { phase, runs } = control;
    const run = runs.at(-1);
    const goesOn =
      phase === "paused" &&
      run?.patterns &&
      areEqual(run.settings, model.get("settings"));
    const names = { running: "❚❚ Pause", fetching: "Fetching digits …" };
    start.textContent = names[phase] ?? (goesOn ? "▶ Go on" : "▶ Start");
    const isBusy = phase === "running" || phase === "fetching";
    start.disabled = phase === "fetching";
    for (const button of [batch, pass, reset]) button.disabled = isBusy;
    reset.disabled ||= !run?.patterns;
    const size = model.get("settings").batch_size;
    batch.textContent = size > 1 ? `One batch of ${size}` : "One digit";
  };
  return {
    main: create("div", { class: "lenet-buttons" }, start, reset),
    steps: create("div", { class: "lenet-buttons" }, batch, pass),
    show,
  };
}

/** Says how far it is, how well it reads, and what went wrong. */
function createStatus(model, control, say) {
  const [numTraining, numTest] = model.get("counts");
  const bar = create("progress", { max: "1", value: "0", "aria-label": "Of the run" });
  const state = create("p", { class: "lenet-state" });
  const fault = create("p", { class: "lenet-fault", role: "alert", hidden: true });
  const element = create("div", { class: "lenet-status" }, bar, state, fault);
  const before =
    `Start fetches ${writeCount(numTraining)} digits to learn from and ` +
    `${writeCount(numTest)} others to test on, ${model.get("megabytes")} MB, and trains ` +
    "the network here, in this page." +
    (numTraining < 6000 ? " This book was made with a sample of MNIST's digits." : "");

  const describe = () => {
    const run = control.runs.at(-1);
    const error = run?.test.at(-1)?.[2];
    if (!run || error === undefined) return before;
    const { settings, patterns } = run;
    const parts = [`reads ${write(100 * (1 - error), 1)} % of the test digits right`];
    const pass = Math.min(settings.passes, Math.floor(patterns / settings.digits) + 1);
    parts.push(
      patterns
        ? `${writeCount(patterns)} digits learnt from, pass ${pass} of ${settings.passes}`
        : "has learnt from none yet",
    );
    const pace = measureSpeed(run);
    if (pace && control.phase === "running") {
      parts.push(`${writeCount(Math.round(pace.speed))} digits per second`);
      parts.push(`${Math.ceil(pace.left)} s left of the pass`);
    }
    return `It ${parts.join("; ")}.`;
  };
  const show = () => {
    const run = control.runs.at(-1);
    bar.value = run ? Math.min(1, run.patterns / countAll(run.settings)) : 0;
    state.textContent = describe();
    fault.hidden = !control.fault;
    if (fault.textContent !== control.fault) fault.textContent = control.fault;
    if (["paused", "done"].includes(control.phase)) say(describe());
  };
  return { element, show };
}

/** Makes the two charts and the table of the runs. */
function createCharts(control, ordinary, update) {
  const error = createRunChart({ column: 2, factor: 100, empty: [1, 100] });
  const loss = createRunChart({ column: 1, empty: [0.1, 10] });
  const table = createRunTable(ordinary, () => {
    control.forget();
    update();
  });
  const explain = (kind, name) =>
    create("span", {}, create("i", { class: `lenet-key-${kind}` }), name);
  const key = create(
    "p",
    { class: "lenet-curves" },
    explain("now", "test digits"),
    explain("training", "training digits"),
    explain("earlier", "earlier runs, test digits"),
  );
  const element = create(
    "div",
    { class: "lenet-charts" },
    create(
      "div",
      { class: "lenet-halves" },
      createPart("Error (%)", error.element),
      createPart("Loss", loss.element),
    ),
    key,
    table.element,
  );
  const show = () => {
    const runs = control.runs.slice(-BESIDE);
    const first = control.numForgotten + control.runs.length - runs.length + 1;
    for (const view of [error, loss, table]) view.show(runs, first);
  };
  return { element, show };
}

export default { render };
