// Draw a digit, and see what each network makes of it, layer by layer.

import { centerInk } from "../engine/drawing.mjs";
import { readBytes } from "../engine/tensors.mjs";
import { addArrowKeys, createVoice, findLines, keepKeys } from "../parts/controls.mjs";
import { create } from "../parts/dom.mjs";
import { createInkPad } from "../parts/ink-pad.mjs";
import { createNetworkView } from "../parts/network-view.mjs";
import { colorInk, paintMap } from "../parts/pictures.mjs";

function render({ model, el }) {
  const digits = readBytes(model.get("digits"));
  const digitOf = (i) => (i === null ? null : digits.subarray(784 * i, 784 * (i + 1)));
  const past = model.get("strokes").map((_, i, strokes) => ({
    strokes: strokes.slice(0, i),
    example: model.get("example"),
  })); // the drawing before each change, for Undo
  // A digit to open with, until something is drawn or chosen; Python knows none of it.
  let opening = model.get("opening");
  let frame = 0;
  let pixels = null; // what the networks saw last

  const voice = createVoice();
  const pad = createInkPad({
    label: "Field to draw a digit on",
    begin: leaveOpening,
    change: schedule,
    commit: (strokes) => store({ strokes, example: model.get("example") }),
    say: voice.say,
  });
  const undo = create("button", { type: "button", onclick: goBack }, "Undo");
  const clear = create(
    "button",
    {
      type: "button",
      onclick: () => leaveOpening() || store({ strokes: [], example: null }),
    },
    "Clear",
  );
  const download = create("button", { type: "button", onclick: save }, "Download");
  const views = model.get("networks").map((spec) => {
    const box = create("input", { type: "checkbox", onchange: choose });
    box.checked = model.get("shown").includes(spec.name);
    const label = create("label", {}, box, ` ${spec.title}`);
    const sign = create("b", {});
    const chip = create("div", { "aria-hidden": "true" }, `${spec.title} `, sign);
    return { spec, box, label, sign, chip, ...createNetworkView(spec) };
  });
  const networks = create(
    "fieldset",
    { class: "lenet-networks" },
    create("legend", {}, "Networks"),
    ...views.map(({ label }) => label),
  );
  const answers = create(
    "div",
    { class: "lenet-answers" },
    ...views.map((v) => v.element),
  );

  el.classList.add("lenet-ui", "lenet-digit-pad");
  keepKeys(el);
  el.append(
    create(
      "div",
      { class: "lenet-desk" },
      pad.element,
      create(
        "div",
        { class: "lenet-tools" },
        create("div", { class: "lenet-chips" }, ...views.map(({ chip }) => chip)),
        create("div", { class: "lenet-row" }, undo, clear, download),
        createExamples(),
        networks,
      ),
    ),
    answers,
    voice.element,
  );

  function createExamples() {
    const groups = [...new Set(model.get("examples").map(({ group }) => group))];
    return create(
      "div",
      { class: "lenet-groups" },
      ...groups.map((group) => {
        const buttons = model.get("examples").flatMap((example, i) => {
          if (example.group !== group) return [];
          const picture = create("canvas", {
            class: "lenet-map",
            "aria-hidden": "true",
          });
          paintMap(picture, digitOf(i), 28, 28, { color: colorInk, limit: 255 });
          return [
            create(
              "button",
              {
                type: "button",
                "aria-label": example.name,
                title: example.name,
                onclick: () => store({ strokes: [], example: i }),
              },
              picture,
            ),
          ];
        });
        const row = create(
          "div",
          { class: "lenet-examples", role: "group", "aria-label": group },
          ...buttons,
        );
        addArrowKeys(row, () => findLines(row));
        return create("div", {}, create("div", { class: "lenet-label" }, group), row);
      }),
    );
  }

  /** Makes a drawing the one that is kept, here and in Python. */
  function store({ strokes, example }) {
    past.push({ strokes: model.get("strokes"), example: model.get("example") });
    put({ strokes, example });
  }

  function goBack() {
    const before = past.pop();
    if (before) put(before);
  }

  function put({ strokes, example }) {
    model.set("example", example);
    model.set("strokes", strokes);
    model.save_changes();
  }

  /** Clears the digit that the figure opened with; says whether there was one. */
  function leaveOpening() {
    if (opening === null) return false;
    opening = null;
    showDrawing();
    return true;
  }

  function showDrawing() {
    if (model.get("strokes").length || model.get("example") !== null) opening = null;
    if (!pad.isDrawing()) pad.show(model.get("strokes"), digitOf(below()));
    undo.disabled = past.length === 0;
  }

  const below = () => model.get("example") ?? opening;

  function choose() {
    const chosen = views.filter(({ box }) => box.checked).map(({ spec }) => spec.name);
    model.set("shown", chosen);
    model.save_changes();
  }

  function showNetworks() {
    const shown = model.get("shown");
    for (const { spec, box, element, chip } of views) {
      box.checked = shown.includes(spec.name);
      element.hidden = chip.hidden = !box.checked;
    }
    answers.style.setProperty("--networks", Math.max(1, Math.min(3, shown.length)));
    pixels = undefined; // those who come in see the drawing, too
    schedule();
  }

  function schedule() {
    if (!frame) frame = requestAnimationFrame(look);
  }

  function look() {
    frame = 0;
    const example = below();
    const isUntouched =
      example !== null && !model.get("strokes").length && !pad.isDrawing();
    const seen = isUntouched ? digitOf(example) : centerInk(pad.ink());
    if (pixels !== undefined && isSame(seen, pixels)) return;
    pixels = seen;
    const shown = views.filter(({ element }) => !element.hidden);
    const spoken = shown.map(({ show, sign: chip }) => {
      const { sign, spoken } = show(pixels);
      chip.textContent = sign;
      return spoken;
    });
    voice.say(spoken.join(" "));
    clear.disabled = pixels === null;
    download.disabled = pixels === null;
  }

  function save() {
    const link = create("a", { download: "digit.png" });
    link.href = pad.element.querySelector("canvas").toDataURL("image/png");
    link.click();
  }

  for (const name of ["strokes", "example"]) model.on(`change:${name}`, showDrawing);
  model.on("change:shown", showNetworks);
  showDrawing();
  showNetworks();
  return () => {
    for (const name of ["strokes", "example"]) model.off(`change:${name}`, showDrawing);
    model.off("change:shown", showNetworks);
    cancelAnimationFrame(frame);
    voice.stop();
    pad.stop();
  };
}

const isSame = (one, other) =>
  one === other || Boolean(one && other && one.every((value, i) => value === other[i]));

export default { render };
