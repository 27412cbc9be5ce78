// LeNet-5 without some of its parts, against Python's; started by test_lesion.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  createLesions,
  keepParts,
} from "../../lenet_helpers/interactive/web/engine/lesions.mjs";
import { readTensors } from "../../lenet_helpers/interactive/web/engine/tensors.mjs";

const readFile = (name) => readFileSync(join(process.env.LENET_FIXTURES, name));
const read = (name) => {
  const { buffer, byteOffset, byteLength } = readFile(name);
  return readTensors(new DataView(buffer, byteOffset, byteLength));
};
const lesions = createLesions(read("network"), read("means"));
const digits = new Uint8Array(readFile("digits"));
const cases = JSON.parse(readFile("cases.json").toString());

function assertClose(actual, expected, what) {
  assert.equal(actual.length, expected.length, what);
  expected.forEach((value, i) => {
    const gap = Math.abs(actual[i] - value);
    assert.ok(
      gap < 1e-5 * (1 + Math.abs(value)),
      `${what}: ${actual[i]}, not ${value}`,
    );
  });
}

test("without parts the network gives the penalties that Python's gives", () => {
  for (const { off, penalties } of cases) {
    penalties.forEach((expected, i) => {
      const pixels = digits.subarray(784 * i, 784 * (i + 1));
      const what = `${JSON.stringify(off)}, digit ${i}`;
      assertClose([...lesions.run(pixels, off).output.data], expected, what);
      const sooner = lesions.judge(lesions.runS2(pixels), off);
      assertClose([...sooner], expected, `${what}, from S2`);
    });
  }
});

test("what is off shows its mean, and what was there is left as it was", () => {
  const means = read("means");
  const pixels = digits.subarray(0, 784);
  const whole = lesions.run(pixels, []);
  const { c1, c3 } = lesions.run(pixels, [
    [0, 2],
    [3, 15],
  ]);
  const map = (maps, i, size) => [...maps.data.subarray(i * size, (i + 1) * size)];
  assert.deepEqual(map(c1, 2, 784), map(means.c1, 2, 784));
  assert.deepEqual(map(c1, 1, 784), map(whole.c1, 1, 784));
  assert.deepEqual(map(c3, 15, 100), map(means.c3, 15, 100));
  assert.deepEqual(lesions.run(pixels, []), whole);
});

test("parts that the network has not are left out, and doubles", () => {
  const strange = [[0, 6], [2, 60], [5, 84], [6, 0], [-1, 0], [1], [1, 0.5], [1, -1]];
  assert.deepEqual(keepParts([[3, 2], ...strange, [2, 59], [3, 2]]), [
    [3, 2],
    [2, 59],
  ]);
});
