// The engine against what PyTorch and NumPy wrote; started by test_engine.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  centerInk,
  drawInk,
  scaleLine,
  shrinkField,
} from "../../lenet_helpers/interactive/web/engine/drawing.mjs";
import {
  judge,
  NETWORKS,
  prepareInput,
  runNetwork,
} from "../../lenet_helpers/interactive/web/engine/networks.mjs";
import * as paper from "../../lenet_helpers/interactive/web/engine/paper.mjs";
import {
  decodeHalf,
  readTensors,
} from "../../lenet_helpers/interactive/web/engine/tensors.mjs";

const FOLDER = process.env.LENET_FIXTURES;
const read = (name) => {
  const { buffer, byteOffset, byteLength } = readFileSync(join(FOLDER, name));
  return new DataView(buffer, byteOffset, byteLength);
};
const digits = readTensors(read("digits"));
const [count] = digits.labels.shape;
const pixelsOf = (i) =>
  Uint8Array.from(digits.images.data.slice(784 * i, 784 * (i + 1)));

function assertClose(actual, expected, what) {
  assert.equal(actual.length, expected.length, what);
  for (let i = 0; i < actual.length; i += 1) {
    const gap = Math.abs(actual[i] - expected[i]);
    const limit = 1e-4 * Math.max(1, Math.abs(expected[i]));
    assert.ok(gap <= limit, `${what}[${i}]: ${actual[i]}, PyTorch has ${expected[i]}`);
  }
}

for (const name of Object.keys(NETWORKS)) {
  test(`${name} answers test digits as PyTorch does`, () => {
    const tensors = readTensors(read(`${name}.weights`));
    const expected = readTensors(read(`${name}.expected`));
    for (let i = 0; i < count; i += 1) {
      const { output } = runNetwork(name, tensors, pixelsOf(i));
      assertClose(
        output.data,
        expected.outputs.data.subarray(10 * i, 10 * i + 10),
        `digit ${i}`,
      );
      const { answer, second, difference } = judge(name, output);
      assert.equal(answer, expected.answers.data[i], `digit ${i}`);
      assert.ok(answer !== second && difference >= 0);
    }
  });

  test(`${name} has PyTorch's maps in every layer`, () => {
    const tensors = readTensors(read(`${name}.weights`));
    const expected = readTensors(read(`${name}.expected`));
    const layers = runNetwork(name, tensors, pixelsOf(0));
    for (const [layer, { data, shape }] of Object.entries(layers)) {
      assert.equal(
        data.length,
        shape.reduce((a, b) => a * b),
        layer,
      );
      if (layer === "output") continue;
      assertClose(data, expected[`maps.${layer}`].data, layer);
    }
    const stored = Object.keys(expected).filter((key) => key.startsWith("maps."));
    assert.equal(stored.length, Object.keys(layers).length - 1);
  });
}

test("LeNet-5 over a wide input answers as over crops, four pixels apart", () => {
  const tensors = readTensors(read("lenet5.weights"));
  const wide = new Uint8Array(28 * 60);
  for (const [column, i] of [
    [0, 0],
    [30, 1],
  ])
    for (let y = 0; y < 28; y += 1)
      wide.set(pixelsOf(i).subarray(28 * y, 28 * y + 28), 60 * y + column);
  const { output, f6 } = runNetwork("lenet5", tensors, wide);
  assert.deepEqual(output.shape, [10, 1, 9]);
  assert.deepEqual(f6.shape, [84, 1, 9]);
  const input = prepareInput("lenet5", wide);
  for (let place = 0; place < 9; place += 1) {
    const crop = { shape: [1, 32, 32], data: new Float32Array(1024) };
    for (let y = 0; y < 32; y += 1) {
      const from = 64 * y + 4 * place;
      crop.data.set(input.data.subarray(from, from + 32), 32 * y);
    }
    const alone = NETWORKS.lenet5.run(crop, tensors).output.data;
    const here = Array.from({ length: 10 }, (_, k) => output.data[9 * k + place]);
    assertClose(here, [...alone], `place ${place}`);
  }
});

test("drawings become NumPy's and PyTorch's pixels", () => {
  const cases = JSON.parse(new TextDecoder().decode(read("drawings.json")));
  assert.ok(cases.length > 5);
  for (const { name, strokes, digit, columns, ink, pixels, line, field } of cases) {
    const below = digit && Uint8Array.from(digit.flat());
    const drawn = drawInk(strokes, below, columns);
    assert.deepEqual([...drawn], ink.flat(), name);
    const isEmpty = ink.flat().every((value) => value === 0);
    assert.equal(centerInk(drawn) === null, isEmpty, name);
    assert.equal(scaleLine(drawn) === null, isEmpty, name);
    assert.deepEqual([...shrinkField(drawn)], field.flat(), name);
    if (isEmpty) continue;
    assert.deepEqual([...centerInk(drawn)], pixels.flat(), name);
    assert.deepEqual([...scaleLine(drawn)], line.flat(), name);
  }
});

test("a test digit that is drawn and centred again is where it was", () => {
  let same = 0;
  const some = Math.min(count, 1000);
  for (let i = 0; i < some; i += 1) {
    const again = centerInk(drawInk([], pixelsOf(i)));
    same += pixelsOf(i).every((value, k) => value === again[k]);
  }
  assert.ok(same / some > 0.95, `${same} of ${some}`);
});

test("half floats decode", () => {
  const table = [
    [0x0000, 0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x0001, 2 ** -24],
    [0x0400, 2 ** -14],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
    [0x3555, 0.333251953125],
  ];
  for (const [bits, value] of table) assert.equal(decodeHalf(bits), value);
  assert.ok(Number.isNaN(decodeHalf(0x7e00)));
});

test("damaged weights are refused in words", () => {
  const whole = new Uint8Array(read("lenet1.weights").buffer);
  const start = read("lenet1.weights").byteOffset;
  const { byteLength } = read("lenet1.weights");
  const cut = new DataView(whole.buffer, start, byteLength - 10);
  assert.throws(() => readTensors(cut), /cut off/);
  assert.throws(() => readTensors(new DataView(new ArrayBuffer(3))), /cut off/);
  assert.throws(() => readTensors(new DataView(new ArrayBuffer(20))), Error);
  const noise = new DataView(new ArrayBuffer(64));
  noise.setBigUint64(0, 1n << 60n, true);
  assert.throws(() => readTensors(noise), /cut off/);
  const bytes = new Uint8Array(byteLength);
  bytes.set(whole.subarray(start, start + byteLength));
  const header = 8 + Number(read("lenet1.weights").getBigUint64(0, true));
  bytes.fill(0xff, header, header + 4); // the first numbers become NaN
  assert.throws(() => readTensors(new DataView(bytes.buffer)), /no number/);
});

test("an output that is no number has no answer", () => {
  const data = new Float32Array(10);
  data[3] = NaN;
  assert.equal(judge("lenet5", { shape: [10, 1, 1], data }), null);
});

test("the smallest penalty and the largest score win", () => {
  const data = Float32Array.from([5, 1, 3, 9, 9, 9, 9, 9, 9, 12]);
  const output = { shape: [10, 1, 1], data };
  assert.deepEqual(judge("lenet5", output), {
    answer: 1,
    second: 2,
    difference: 2,
  });
  assert.deepEqual(judge("lenet1", output), {
    answer: 9,
    second: 3,
    difference: 3,
  });
});

test("the constants are those of paper.py", () => {
  assert.deepEqual(
    { ...paper },
    JSON.parse(new TextDecoder().decode(read("paper.json"))),
  );
});
