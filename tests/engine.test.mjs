// `web/engine/networks.mjs` against what PyTorch and NumPy wrote; started by test_engine.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { test } from "node:test";
import * as lenet from "../lenet_helpers/interactive/web/engine/networks.mjs";

const FOLDER = process.env.LENET_FIXTURES;
const read = (name) => {
  const { buffer, byteOffset, byteLength } = readFileSync(join(FOLDER, name));
  return new DataView(buffer, byteOffset, byteLength);
};
const digits = lenet.readTensors(read("digits"));
const [count] = digits.labels.shape;
const pixelsOf = (i) => Uint8Array.from(digits.images.data.slice(784 * i, 784 * (i + 1)));

function assertClose(actual, expected, what) {
  assert.equal(actual.length, expected.length, what);
  for (let i = 0; i < actual.length; i += 1) {
    const gap = Math.abs(actual[i] - expected[i]);
    const limit = 1e-4 * Math.max(1, Math.abs(expected[i]));
    assert.ok(gap <= limit, `${what}[${i}]: ${actual[i]}, PyTorch has ${expected[i]}`);
  }
}

for (const name of Object.keys(lenet.NETWORKS)) {
  test(`${name} answers every test digit as PyTorch does`, () => {
    const tensors = lenet.readTensors(read(`${name}.weights`));
    const expected = lenet.readTensors(read(`${name}.expected`));
    let slowest = 0;
    for (let i = 0; i < count; i += 1) {
      const { output } = lenet.runNetwork(name, tensors, pixelsOf(i));
      assertClose(
        output.data, expected.outputs.data.subarray(10 * i, 10 * i + 10), `digit ${i}`,
      );
      const { answer, second, difference } = lenet.judge(name, output);
      assert.equal(answer, expected.answers.data[i], `digit ${i}`);
      assert.ok(answer !== second && difference >= 0);
      slowest = Math.max(slowest, difference);
    }
    assert.ok(slowest > 0);
  });

  test(`${name} has PyTorch's maps in every layer`, () => {
    const tensors = lenet.readTensors(read(`${name}.weights`));
    const expected = lenet.readTensors(read(`${name}.expected`));
    const layers = lenet.runNetwork(name, tensors, pixelsOf(0));
    for (const [layer, { data, shape }] of Object.entries(layers)) {
      assert.equal(data.length, shape.reduce((a, b) => a * b), layer);
      if (layer === "output") continue;
      assertClose(data, expected[`maps.${layer}`].data, layer);
    }
    const stored = Object.keys(expected).filter((key) => key.startsWith("maps."));
    assert.equal(stored.length, Object.keys(layers).length - 1);
  });
}

test("LeNet-5 over a wide input answers as over crops, four pixels apart", () => {
  const tensors = lenet.readTensors(read("lenet5.weights"));
  const wide = new Uint8Array(28 * 60);
  for (const [column, i] of [[0, 0], [30, 1]])
    for (let y = 0; y < 28; y += 1)
      wide.set(pixelsOf(i).subarray(28 * y, 28 * y + 28), 60 * y + column);
  const { output, f6 } = lenet.runNetwork("lenet5", tensors, wide);
  assert.deepEqual(output.shape, [10, 1, 9]);
  assert.deepEqual(f6.shape, [84, 1, 9]);
  const input = lenet.prepareInput("lenet5", wide);
  for (let place = 0; place < 9; place += 1) {
    const crop = { shape: [1, 32, 32], data: new Float32Array(1024) };
    for (let y = 0; y < 32; y += 1) {
      const from = 64 * y + 4 * place;
      crop.data.set(input.data.subarray(from, from + 32), 32 * y);
    }
    const alone = lenet.NETWORKS.lenet5.run(crop, tensors).output.data;
    const here = Array.from({ length: 10 }, (_, k) => output.data[9 * k + place]);
    assertClose(here, [...alone], `place ${place}`);
  }
});

test("drawings become NumPy's and PyTorch's pixels", () => {
  const cases = JSON.parse(new TextDecoder().decode(read("drawings.json")));
  assert.ok(cases.length > 5);
  for (const { name, strokes, digit, columns, ink, pixels, line } of cases) {
    const below = digit && Uint8Array.from(digit.flat());
    const drawn = lenet.drawInk(strokes, below, columns);
    assert.deepEqual([...drawn], ink.flat(), name);
    const isEmpty = ink.flat().every((value) => value === 0);
    assert.equal(lenet.centerInk(drawn) === null, isEmpty, name);
    assert.equal(lenet.scaleLine(drawn) === null, isEmpty, name);
    if (isEmpty) continue;
    assert.deepEqual([...lenet.centerInk(drawn)], pixels.flat(), name);
    assert.deepEqual([...lenet.scaleLine(drawn)], line.flat(), name);
  }
});

test("every test digit that is drawn and centred again is where it was", () => {
  let same = 0;
  const some = Math.min(count, 1000);
  for (let i = 0; i < some; i += 1) {
    const again = lenet.centerInk(lenet.drawInk([], pixelsOf(i)));
    same += pixelsOf(i).every((value, k) => value === again[k]);
  }
  assert.ok(same / some > 0.95, `${same} of ${some}`);
});

test("half floats decode", () => {
  const table = [
    [0x0000, 0], [0x3c00, 1], [0xc000, -2], [0x7bff, 65504], [0x0001, 2 ** -24],
    [0x0400, 2 ** -14], [0x7c00, Infinity], [0xfc00, -Infinity], [0x3555, 0.333251953125],
  ];
  for (const [bits, value] of table) assert.equal(lenet.decodeHalf(bits), value);
  assert.ok(Number.isNaN(lenet.decodeHalf(0x7e00)));
});

test("damaged weights are refused in words", () => {
  const whole = new Uint8Array(read("lenet1.weights").buffer);
  const start = read("lenet1.weights").byteOffset;
  const { byteLength } = read("lenet1.weights");
  const cut = new DataView(whole.buffer, start, byteLength - 10);
  assert.throws(() => lenet.readTensors(cut), /cut off/);
  assert.throws(() => lenet.readTensors(new DataView(new ArrayBuffer(3))), /cut off/);
  assert.throws(() => lenet.readTensors(new DataView(new ArrayBuffer(20))), Error);
  const noise = new DataView(new ArrayBuffer(64));
  noise.setBigUint64(0, 1n << 60n, true);
  assert.throws(() => lenet.readTensors(noise), /cut off/);
  const bytes = new Uint8Array(byteLength);
  bytes.set(whole.subarray(start, start + byteLength));
  const header = 8 + Number(read("lenet1.weights").getBigUint64(0, true));
  bytes.fill(0xff, header, header + 4); // the first numbers become NaN
  assert.throws(() => lenet.readTensors(new DataView(bytes.buffer)), /no number/);
});

test("an output that is no number has no answer", () => {
  const data = new Float32Array(10);
  data[3] = NaN;
  assert.equal(lenet.judge("lenet5", { shape: [10, 1, 1], data }), null);
});

test("the smallest penalty and the largest score win", () => {
  const data = Float32Array.from([5, 1, 3, 9, 9, 9, 9, 9, 9, 12]);
  const output = { shape: [10, 1, 1], data };
  assert.deepEqual(lenet.judge("lenet5", output), { answer: 1, second: 2, difference: 2 });
  assert.deepEqual(lenet.judge("lenet1", output), { answer: 9, second: 3, difference: 3 });
});

test("how long it takes", () => {
  const tensors = lenet.readTensors(read("lenet5.weights"));
  const strokes = [Array.from({ length: 200 }, (_, i) => 0.5 + 0.4 * Math.sin(i / 9))];
  const times = { network: [], preprocessing: [] };
  for (let i = 0; i < 60; i += 1) {
    const ink = lenet.drawInk(strokes);
    const start = performance.now();
    const pixels = lenet.centerInk(ink);
    const middle = performance.now();
    lenet.runNetwork("lenet5", tensors, pixels);
    times.preprocessing.push(middle - start);
    times.network.push(performance.now() - middle);
  }
  for (const [what, list] of Object.entries(times))
    console.log(`${what}: ${list.sort((a, b) => a - b)[30].toFixed(2)} ms`);
});
