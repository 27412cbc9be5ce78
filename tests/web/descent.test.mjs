// The descent of one weight, against what Python wrote; started by test_descent.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as descent from "../../lenet_helpers/interactive/web/engine/descent.mjs";
import { writeShort } from "../../lenet_helpers/interactive/web/engine/numbers.mjs";
import {
  findTicks,
  makeScale,
} from "../../lenet_helpers/interactive/web/parts/chart.mjs";

const expected = JSON.parse(readFileSync(process.env.LENET_FIXTURES));

test("start, minimum and limit are those of Python", () => {
  const { START, MINIMUM, LIMIT } = descent;
  assert.deepEqual({ START, MINIMUM, LIMIT }, expected.constants);
});

const assertClose = (found, wanted, place) => {
  assert.equal(found.length, wanted.length, place);
  found.forEach((value, i) => {
    const error = Math.abs(value - wanted[i]);
    assert.ok(error <= 1e-12 * (1 + Math.abs(wanted[i])), `${place}, step ${i}`);
  });
};

test("each weight, loss and slope of a run is that of Python", () => {
  assert.ok(expected.runs.length > 50);
  for (const { rate, start, count, weights, losses, slopes } of expected.runs) {
    const found = descent.takeSteps([start], rate, count);
    assertClose(found, weights, `weights, rate ${rate}`);
    assertClose(found.map(descent.computeLoss), losses, `losses, rate ${rate}`);
    assertClose(found.map(descent.computeSlope), slopes, `slopes, rate ${rate}`);
  }
});

test("steps go on from what was there, and leave it as it was", () => {
  const before = [0, 0.4];
  const after = descent.takeSteps(before, 0.1, 1);
  assert.deepEqual(before, [0, 0.4]);
  assert.deepEqual(after.slice(0, 2), before);
  assert.ok(Math.abs(after[2] - 0.7) < 1e-12);
});

test("no step follows a weight that is lost", () => {
  const weights = descent.takeSteps([0], 0.9, 100);
  assert.ok(weights.slice(0, -1).every((weight) => !descent.isLost(weight)));
  assert.ok(descent.isLost(weights[weights.length - 1]));
  assert.deepEqual(descent.takeSteps(weights, 0.1, 5), weights);
});

test("a step multiplies the distance to the minimum by the factor", () => {
  for (const rate of [0.02, 0.1, 0.4, 0.7, 0.8, 0.9, 1]) {
    const distance = descent.findNext(5, rate) - descent.MINIMUM;
    const wanted = descent.findFactor(rate) * (5 - descent.MINIMUM);
    assert.ok(Math.abs(distance - wanted) < 1e-5, `rate ${rate}`);
  }
  assert.deepEqual([0.4, 0.8].map(descent.findFactor), [0, -1]);
});

test("the picture is doubled in width until the weights are in it", () => {
  const { low, high, top } = descent.findView([0, 4]);
  assert.deepEqual([low, high], [-1, 4]);
  assert.ok(top > descent.computeLoss(-1) && top > descent.computeLoss(4));
  const wide = descent.findView([4.1, 0]);
  assert.deepEqual([wide.low, wide.high], [-3.5, 6.5]);
  const widest = descent.findView([-1200]);
  assert.ok(widest.low <= -1200 && widest.low > -2600);
  assert.ok(widest.top > descent.computeLoss(widest.high));
});

test("decades reach from 0.01 to above the largest loss", () => {
  const round = (losses) =>
    descent.findDecades(losses).map((one) => one.toPrecision(3));
  assert.deepEqual(round([0.05, 3.25]), ["0.0100", "0.100", "1.00", "10.0"]);
  assert.equal(round([3.25, 1.3e6]).at(-1), "1.00e+7");
});

test("numbers beside an axis are round", () => {
  assert.deepEqual(findTicks(-1, 4, 6), [-1, 0, 1, 2, 3, 4]);
  assert.deepEqual(findTicks(0, 9.01, 5), [0, 2, 4, 6, 8]);
  assert.deepEqual(findTicks(-3.5, 6.5, 6), [-2, 0, 2, 4, 6]);
  assert.deepEqual(findTicks(0, 29, 5), [0, 10, 20]);
  assert.deepEqual([0, 1, 2].map(makeScale([0, 2], [100, 0])), [100, 50, 0]);
  assert.deepEqual([0.1, -1.25, 0.30000000000000004, -0].map(writeShort), [
    "0.1",
    "−1.25",
    "0.3",
    "0",
  ]);
});
