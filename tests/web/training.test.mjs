// Training in JavaScript against what PyTorch wrote; started by test_engine_training.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readTensors } from "../../lenet_helpers/interactive/web/engine/tensors.mjs";
import {
  prepareInputs,
  runBackward,
  runBackwardCurvature,
  runForward,
} from "../../lenet_helpers/interactive/web/engine/training/networks.mjs";
import {
  createTrainer,
  prepareNetwork,
} from "../../lenet_helpers/interactive/web/engine/training/trainer.mjs";

const NUM_DIGITS = 50;
const NUM_UPDATES = 100;
const FOLDER = process.env.LENET_FIXTURES;
const read = (name) => {
  const { buffer, byteOffset, byteLength } = readFileSync(join(FOLDER, name));
  return readTensors(new DataView(buffer, byteOffset, byteLength));
};
const readJson = (name) => JSON.parse(readFileSync(join(FOLDER, name), "utf8"));
const digits = Object.fromEntries(
  Object.entries(read("digits")).map(([name, { data }]) => [
    name,
    Uint8Array.from(data),
  ]),
);
const some = (number) => ({
  images: digits.images.slice(0, 784 * number),
  labels: digits.labels.slice(0, number),
  testImages: digits.testImages,
  testLabels: digits.testLabels,
});

/** Takes the tensors whose names begin so. */
function select(tensors, prefix) {
  const names = Object.keys(tensors).filter((name) => name.startsWith(`${prefix}.`));
  return Object.fromEntries(
    names.map((name) => [name.slice(prefix.length + 1), tensors[name]]),
  );
}

/** Puts PyTorch's parameters into a network's. */
function setParameters(parameters, expected) {
  assert.deepEqual(Object.keys(parameters).sort(), Object.keys(expected).sort());
  for (const [name, { shape, data }] of Object.entries(parameters)) {
    assert.deepEqual(shape, expected[name].shape, name);
    data.set(expected[name].data);
  }
}

/** Finds the largest difference in each tensor, as a part of its largest number. */
function assertClose(actual, expected, limit) {
  for (const [name, { data }] of Object.entries(expected)) {
    const scale = data.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-30);
    data.forEach((value, i) => {
      const gap = Math.abs(actual[name].data[i] - value) / scale;
      const text = `${name}[${i}]: ${actual[name].data[i]}, PyTorch has ${value}`;
      assert.ok(gap <= limit, `${text}: a gap of ${gap} of the largest, ${scale}`);
    });
  }
}

readJson("gradients.json").forEach((options, number) => {
  const { network: name, loss, squash } = options;
  const expected = read(`gradients.${number}`);
  const { network } = prepareNetwork(options);
  const { labels, images } = some(NUM_DIGITS);

  /** Reads a flat array of all parameters by their names, divided by the digits. */
  const readMean = (flat) =>
    Object.fromEntries(
      Object.entries(network.tensors).map(([key, { data }]) => {
        const at = (data.byteOffset - network.parameters.byteOffset) / 4;
        const part = flat.subarray(at, at + data.length);
        return [key, { data: part.map((value) => value / labels.length) }];
      }),
    );

  test(`${name} with ${loss} and ${squash} has PyTorch's gradient and curvature`, () => {
    setParameters(network.tensors, select(expected, "initial"));
    const inputs = prepareInputs(network, images);
    const size = inputs.length / labels.length;
    const { deltas, states } = network.output;
    const slopes = new Float32Array(10);
    const gradient = new Float32Array(network.parameters.length);
    const curvature = new Float32Array(network.parameters.length);
    const { differentiate, differentiateTwice } = prepareNetwork(options).loss;
    let total = 0;
    labels.forEach((label, i) => {
      runForward(network, inputs, i * size);
      total += differentiate(states, label, deltas);
      runBackward(network, gradient);
      differentiateTwice(states, label, slopes, deltas);
      runBackwardCurvature(network, curvature, slopes);
    });
    const mean = Float32Array.of(total / labels.length);
    assertClose({ loss: { data: mean } }, { loss: expected.loss }, 1e-5);
    assertClose(readMean(gradient), select(expected, "gradient"), 1e-5);
    assertClose(readMean(curvature), select(expected, "curvature"), 1e-5);
  });
});

readJson("trainings.json").forEach((options, number) => {
  const { network, optimizer, batchSize } = options;

  test(`${network} after ${NUM_UPDATES} updates of ${optimizer}, batches of ${batchSize}`, () => {
    const expected = read(`trainings.${number}`);
    const trainer = createTrainer({
      ...options,
      order: "given",
      data: some(NUM_DIGITS),
    });
    setParameters(trainer.parameters(), select(expected, "initial"));
    for (let i = 0; i < NUM_UPDATES; i += 1) trainer.step();
    assertClose(trainer.parameters(), select(expected, "final"), 1e-4);
  });
});
