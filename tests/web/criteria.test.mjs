// The criteria against PyTorch's gradients; started by test_engine_criteria.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  CRITERIA,
  findPaths,
} from "../../lenet_helpers/interactive/web/engine/strings/criteria.mjs";
import { checkGraph } from "../../lenet_helpers/interactive/web/engine/strings/graphs.mjs";

const cases = JSON.parse(readFileSync(String(process.env.LENET_FIXTURES), "utf8"));

/** Exponentials and logarithms may differ in the last digits. */
function assertClose(actual, expected, what) {
  if (actual === Number(expected)) return; // infinite, too
  const gap = Math.abs(actual - expected);
  assert.ok(gap <= 1e-10 * Math.max(1, Math.abs(expected)), `${what}: ${actual}`);
}

test("criteria have PyTorch's values and gradients, arc by arc", () => {
  assert.ok(cases.length > 40);
  for (const [i, { arcs, labels, measured }] of cases.entries()) {
    assert.deepEqual(Object.keys(CRITERIA), Object.keys(measured));
    for (const [name, { loss, slopes }] of Object.entries(measured)) {
      const found = CRITERIA[name](checkGraph(arcs), labels);
      assertClose(found.loss, loss, `${name}, case ${i}`);
      assert.equal(found.slopes.length, slopes.length);
      for (const [arc, slope] of found.slopes.entries())
        assertClose(slope, slopes[arc], `${name}, case ${i}, arc ${arc}`);
    }
  }
});

test("the two paths are the best right one and the best, in the graph's own arcs", () => {
  let numDifferent = 0;
  for (const { arcs, labels, right, best, measured } of cases) {
    const graph = checkGraph(arcs);
    // A payload that is no number of an arc, as a recognition graph has it.
    const found = findPaths({ ...graph, payload: arcs.labels }, labels);
    assert.deepEqual(found.best.arcs, best);
    assert.deepEqual(found.right.labels, right);
    const read = found.right.arcs.map((arc) => arcs.labels[arc]);
    assert.deepEqual(read, right);
    const sum = found.right.arcs.reduce((total, arc) => total + arcs.penalties[arc], 0);
    if (right.length) assertClose(sum, measured.Viterbi.loss, "the best right path");
    numDifferent += Number(found.right.arcs.join() !== best.join());
  }
  assert.ok(numDifferent > 5, `${numDifferent}`);
});
