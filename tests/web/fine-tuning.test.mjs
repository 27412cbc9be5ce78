// Training that goes on from parameters, of some layers; started by
// test_engine_training.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readTensors } from "../../lenet_helpers/interactive/web/engine/tensors.mjs";
import { createTrainer } from "../../lenet_helpers/interactive/web/engine/training/trainer.mjs";

const { buffer, byteOffset, byteLength } = readFileSync(
  join(process.env.LENET_FIXTURES, "digits"),
);
const read = readTensors(new DataView(buffer, byteOffset, byteLength));
const some = (number) => ({
  images: Uint8Array.from(read.images.data.slice(0, 784 * number)),
  labels: Uint8Array.from(read.labels.data.slice(0, number)),
  testImages: Uint8Array.from(read.testImages.data),
  testLabels: Uint8Array.from(read.testLabels.data),
});
const LENET1 = { network: "lenet1", loss: "squared", optimizer: "sgd", rate: 0.02 };

test("a trainer begins with the parameters that it is given", () => {
  const data = some(60);
  const first = createTrainer({ ...LENET1, data });
  first.step(120);
  const parameters = structuredClone(first.parameters());
  const other = createTrainer({ ...LENET1, seed: 9, parameters, data });
  assert.deepEqual(other.parameters(), parameters);
  assert.deepEqual(other.evaluate(), first.evaluate());
  first.step(60);
  assert.deepEqual(other.parameters(), parameters, "they were copied");
  const { "h3.bias": _, ...fewer } = parameters;
  const wrong = { ...parameters, "h2.bias": { shape: [3], data: new Float32Array(3) } };
  for (const [given, message] of [
    [fewer, /parameters must hold h3.bias; it is not among them/],
    [wrong, /parameters.h2.bias must have the shape 4; it has 3/],
  ])
    assert.throws(() => createTrainer({ ...LENET1, parameters: given, data }), message);
});

for (const optimizer of ["sgd", "momentum", "adam", "sdlm"])
  test(`layers that do not learn stay as they are under ${optimizer}`, () => {
    const options = { ...LENET1, optimizer, rate: 0.001, trains: ["h3", "output"] };
    const trainer = createTrainer({ ...options, batchSize: 4, data: some(60) });
    const before = structuredClone(trainer.parameters());
    trainer.step(120);
    for (const [name, { data }] of Object.entries(trainer.parameters())) {
      const learns = /^(h3|output)\./.test(name);
      assert.equal(
        data.some((value, i) => value !== before[name].data[i]),
        learns,
        name,
      );
    }
    const { h1, output } = trainer.gradientSizes();
    assert.ok(h1 === 0 && output > 0);
  });

test("layers that are not there cannot learn", () => {
  for (const [trains, found] of [
    [["output", "f6"], "f6"],
    [[], "none"],
  ])
    assert.throws(
      () => createTrainer({ ...LENET1, trains, data: some(20) }),
      new RegExp(`trains must name some of the layers h1, .*; it names ${found}`),
    );
});

test("the Worker tests at the end of every third pass, if it is told so", async () => {
  const posted = [];
  globalThis.postMessage = (message) => posted.push(message);
  await import("../../lenet_helpers/interactive/web/engine/training/worker.mjs");
  const send = (data) => globalThis.onmessage({ data });
  send({ type: "create", options: { ...LENET1, data: some(30) }, testEvery: 3 });
  send({ type: "step", patterns: 180 });
  while (posted.at(-1).type !== "paused")
    await new Promise((done) => setTimeout(done, 5));
  const ends = posted.filter(({ recent, patterns }) => recent && patterns % 30 === 0);
  assert.deepEqual(
    ends.map(({ patterns, test }) => [patterns / 30, test !== null]),
    [1, 2, 3, 4, 5, 6].map((pass) => [pass, pass % 3 === 0]),
  );
});
