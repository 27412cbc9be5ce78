// Digits changed by the gradient, against Python's; started by test_fool_it.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  addNoise,
  climb,
  createVictim,
  measureLead,
  searchSmallest,
  stepOnce,
} from "../../lenet_helpers/interactive/web/engine/attacks.mjs";
import { readTensors } from "../../lenet_helpers/interactive/web/engine/tensors.mjs";

const FOLDER = process.env.LENET_FIXTURES;
const read = (name) => {
  const { buffer, byteOffset, byteLength } = readFileSync(join(FOLDER, name));
  return readTensors(new DataView(buffer, byteOffset, byteLength));
};
const cases = JSON.parse(readFileSync(join(FOLDER, "cases.json"), "utf8"));
const { pixels: digits, noise } = read("pixels");
const NAMES = ["untrained", "modern", "lenet5"];
const victims = Object.fromEntries(
  NAMES.map((name) => [
    name,
    createVictim(name === "modern" ? "modern" : "lenet5", read(name)),
  ]),
);
const digitOf = (i) => digits.data.slice(784 * i, 784 * (i + 1));

/** Holds numbers against others, each gap a part of the largest. */
function assertClose(actual, expected, limit, what) {
  assert.equal(actual.length, expected.length, what);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
  expected.forEach((value, i) => {
    const gap = Math.abs(actual[i] - value) / scale;
    assert.ok(gap < limit, `${what}[${i}]: ${actual[i]}, not ${value}`);
  });
}

const describe = ({ network, digit, target }) => `${network}, ${digit} to ${target}`;
const ATTACKS = {
  step: (victim, pixels, goal, options) => stepOnce(victim, pixels, goal, options),
  steps: (victim, pixels, goal, options) =>
    climb(victim, pixels, goal, { ...options, noise: noise.data }),
  noise: (_victim, pixels, _goal, options) => addNoise(pixels, noise.data, options),
};

test("scores, leads and gradients in the pixels are PyTorch's", () => {
  for (const one of cases) {
    const victim = victims[one.network];
    const goal = { label: one.digit, target: one.target };
    const pixels = digitOf(one.digit);
    const scores = victim.score(pixels);
    assertClose(scores, one.scores, 1e-5, `scores of ${describe(one)}`);
    assertClose([measureLead(scores, goal)], [one.lead], 2e-5, describe(one));
    const gradient = victim.differentiate(pixels, goal);
    assertClose(gradient, one.gradient, one.limit, `gradient of ${describe(one)}`);
    assert.deepEqual(victim.score(pixels), scores, "it is left as it was");
  }
});

test("gradients are what finite differences say", () => {
  for (const name of ["untrained", "modern"]) {
    const victim = victims[name];
    const goal = { label: 4, target: 9 };
    // On flat ground four states are equal, and the largest of them has no slope.
    const pixels = digitOf(4).map(
      (value, j) => 0.3 + 0.4 * value + 0.05 * noise.data[j],
    );
    const gradient = victim.differentiate(pixels, goal);
    const largest = Math.max(...gradient.map(Math.abs));
    for (const i of [210, 350, 380, 406, 490]) {
      const step = name === "modern" ? 5e-4 : 1e-2; // kinks are near
      const [above, below] = [step, -step].map((by) => {
        const moved = pixels.slice();
        moved[i] += by;
        return measureLead(victim.score(moved), goal);
      });
      const slope = (above - below) / (2 * step);
      const gap = Math.abs(slope - gradient[i]);
      assert.ok(gap < 0.03 * largest, `${name}, ${i}: ${gradient[i]}, not ${slope}`);
    }
  }
});

test("each attack makes the picture that Python's makes", () => {
  for (const { attacks, ...one } of cases) {
    const goal = { label: one.digit, target: one.target };
    const pixels = digitOf(one.digit);
    for (const { method, size, norm, changed } of attacks) {
      // There small gaps between gradients grow from step to step.
      if (one.network === "lenet5" && method === "steps") continue;
      const victim = victims[one.network];
      const found = ATTACKS[method](victim, pixels, goal, { size, norm });
      const what = `${method} of ${describe(one)}, ${size} by ${norm}`;
      // A gradient near 0 may have another sign by rounding: that is a pixel or two.
      const other = changed.filter((value, i) => Math.abs(value - found[i]) > 1e-3);
      assert.ok(other.length <= 8, `${what}: ${other.length} pixels differ`);
    }
  }
});

test("the smallest size is found between two that were tried", () => {
  const tried = [];
  const isEnough = (size) => {
    tried.push(size);
    return size >= 0.0371;
  };
  const found = searchSmallest(isEnough, 0.5);
  assert.ok(found !== null && found >= 0.0371 && found < 0.0371 * (1 + 1 / 32));
  assert.ok(tried.length < 14);
  assert.equal(
    searchSmallest(() => false, 0.5),
    null,
  );
  const least = searchSmallest(() => true, 0.5);
  assert.ok(least !== null && least > 0 && least < 0.001);
});
