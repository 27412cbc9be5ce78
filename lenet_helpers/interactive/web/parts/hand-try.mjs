// A digit that the network reads as it was before it was taught, and after.

import { centerInk } from "../engine/drawing.mjs";
import { judge, runNetwork } from "../engine/networks.mjs";
import { create, createButton, createFrame } from "./dom.mjs";
import { createInkPad } from "./ink-pad.mjs";

/** @import { Tensor } from "../engine/tensors.mjs" */

/**
 * Makes the field and the two answers.
 * @param {Object<string, Tensor>} before  the tensors of the stored network
 * @param {(text: string) => void} say  tells a screen reader
 * @returns {{element: HTMLElement, show: (after: Object<string, Tensor>) => void,
 *   stop: () => void}}  show takes the tensors of the network that was taught
 */
export function createTrial(before, say) {
  let after = before;
  const frame = createFrame(look);
  const pad = createInkPad({
    label: "Field to try a digit on",
    change: frame.ask,
    commit: () => {},
    say,
  });
  const signs = ["before", "after"].map((name) => {
    const sign = create("b", {}, "–");
    const element = create("div", {}, create("span", {}, name), sign);
    return { name, sign, element };
  });

  function look() {
    const pixels = centerInk(pad.ink());
    const answers = [before, after].map((tensors) =>
      pixels ? judge("lenet5", runNetwork("lenet5", tensors, pixels).output) : null,
    );
    answers.forEach((judged, i) => {
      signs[i].sign.textContent = judged ? `${judged.answer}` : "–";
    });
    const [old, now] = answers;
    if (old && now) say(`Before: ${old.answer}. After: ${now.answer}.`);
  }

  const element = create(
    "div",
    { class: "lenet-trial" },
    pad.element,
    create(
      "div",
      {},
      create("div", { class: "lenet-signs" }, ...signs.map((one) => one.element)),
      createButton("Clear", () => pad.show([])),
    ),
  );
  const show = (taught) => {
    if (after === taught) return;
    after = taught;
    frame.ask();
  };
  const stop = () => {
    frame.stop();
    pad.stop();
  };
  return { element, show, stop };
}
