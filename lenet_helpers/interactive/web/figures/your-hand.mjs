// The reader's own digits: collected, mended, read by LeNet-5, and learnt from.

import { readBytes, readTensors } from "../engine/tensors.mjs";
import { createVoice, keepKeys } from "../parts/controls.mjs";
import { create, createFrame } from "../parts/dom.mjs";
import { createCollection } from "../parts/hand-collection.mjs";
import { createCourse } from "../parts/hand-course.mjs";
import { createGrid } from "../parts/hand-grid.mjs";
import { createKeeper } from "../parts/hand-keep.mjs";
import { createPrompts } from "../parts/hand-pad.mjs";
import { createPassport } from "../parts/hand-passport.mjs";
import { createReading } from "../parts/hand-reading.mjs";
import { createSources } from "../parts/hand-sources.mjs";
import { createTeaching } from "../parts/hand-teach.mjs";
import { createTrial } from "../parts/hand-try.mjs";

/** @param {{model: import("../parts/dom.mjs").Model, el: HTMLElement}} place */
function render({ model, el }) {
  let isHere = true; // false once the figure has gone
  const tensors = readTensors(model.get("network").weights);
  const workers = model.get("workers");
  const frame = createFrame(() => isHere && show());
  const voice = createVoice();
  const collection = createCollection(model, changeDigits);
  const reading = createReading(tensors, frame.ask);
  const room = createRoom(collection);
  const pad = createPrompts({ keep: room.take, say: voice.say });
  const { images, labels } = model.get("sample");
  const sources = createSources({
    worker: readBytes(workers.hand),
    sample: { images: readBytes(images), labels },
    add: collection.add,
    say: voice.say,
  });
  const grid = createGrid(collection, reading.read, voice.say);
  const passport = createPassport({
    mnistError: model.get("mnist_error"),
    classify: reading.classify,
    countLeft: reading.countLeft,
  });
  const control = createCourse({
    model,
    worker: readBytes(workers.training),
    tensors,
    update: frame.ask,
  });
  const teaching = createTeaching({ collection, control, say: voice.say });
  const trial = createTrial(tensors, voice.say);
  const keeper = createKeeper(collection, voice.say);

  const steps = {
    mend: createStep("2. Look, and mend", grid.element),
    passport: createStep("3. The passport of this hand", passport.element),
    teach: createStep("4. Teach LeNet-5 this hand", teaching.element),
    trial: createStep("5. Try it", trial.element),
    keep: createStep("6. Keep the digits", keeper.element),
  };
  el.classList.add("lenet-ui", "lenet-your-hand");
  keepKeys(el);
  el.append(
    keeper.offer,
    createStep(
      "1. Bring digits",
      create("p", {}, "They stay on this device: nothing is sent anywhere."),
      create("div", { class: "lenet-desk" }, pad.element, sources.element),
      room.element,
    ),
    ...Object.values(steps),
    voice.element,
  );

  function changeDigits() {
    reading.ask(collection.digits());
    show();
  }

  function show() {
    const digits = collection.digits();
    const { taught, phase } = control.course;
    const hasSome = digits.length > 0;
    steps.mend.hidden = !hasSome && !collection.canUndo();
    steps.passport.hidden = !hasSome;
    steps.teach.hidden = !hasSome && phase === "idle";
    steps.trial.hidden = !taught;
    steps.keep.hidden = !hasSome;
    pad.show(digits.length);
    grid.show();
    if (hasSome) passport.show(digits);
    teaching.show();
    if (taught) trial.show(taught);
    keeper.show();
  }

  changeDigits();
  return () => {
    isHere = false;
    control.stop();
    for (const part of [collection, reading, frame, voice, pad, sources, trial, keeper])
      part.stop();
  };
}

/**
 * Takes digits that are drawn, and says where there is no room for more.
 * @param {import("../parts/hand-collection.mjs").Collection} collection
 */
function createRoom(collection) {
  const element = create("p", { class: "lenet-fault", role: "alert", hidden: true });
  const take = (pixels, label) => {
    try {
      collection.add({ images: pixels, labels: [label] });
      element.hidden = true;
      return true;
    } catch (error) {
      element.hidden = false;
      element.textContent = error instanceof Error ? error.message : `${error}`;
      return false;
    }
  };
  return { element, take };
}

/**
 * Makes a step with its heading.
 * @param {string} title
 * @param {...Node} content
 */
const createStep = (title, ...content) =>
  create(
    "section",
    { class: "lenet-step", "aria-label": title },
    create("p", { class: "lenet-title" }, title),
    ...content,
  );

export default { render };
