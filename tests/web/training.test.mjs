// Training in JavaScript against what PyTorch wrote; started by test_engine_training.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { range } from "../../lenet_helpers/interactive/web/engine/numbers.mjs";
import { readTensors } from "../../lenet_helpers/interactive/web/engine/tensors.mjs";
import {
  prepareInputs,
  runBackward,
  runBackwardCurvature,
  runForward,
} from "../../lenet_helpers/interactive/web/engine/training/networks.mjs";
import {
  createRandom,
  shuffle,
} from "../../lenet_helpers/interactive/web/engine/training/random.mjs";
import {
  createTrainer,
  DivergedError,
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

const LENET1 = { network: "lenet1", loss: "squared", optimizer: "sgd", rate: 0.02 };

test("LeNet-1 reads 90 % of the sample's test digits after 12,000 updates", () => {
  const trainer = createTrainer({ ...LENET1, data: digits });
  assert.equal(trainer.recent(), null);
  const before = trainer.evaluate();
  assert.ok(before.error > 0.7, `${before.error} before training`);
  assert.equal(trainer.step(12000), 12000);
  assert.equal(trainer.passes, 3);
  const { error, loss, missed } = trainer.evaluate();
  assert.ok(error <= 0.1, `${error}`);
  assert.ok(loss < before.loss / 2);
  assert.equal(missed.length, Math.round(1000 * error));
  const { answer } = trainer.look(digits.testImages.subarray(0, 784));
  assert.equal(answer !== digits.testLabels[0], missed.includes(0));
  const { patterns } = trainer;
  assert.deepEqual(
    trainer.evaluate(),
    { error, loss, missed },
    "a test teaches nothing",
  );
  assert.equal(trainer.patterns, patterns);
  const seen = trainer.recent();
  assert.ok(seen.error > error / 2 && seen.error < 0.5);
  assert.equal(trainer.recent(), null);
});

test("the same seed gives the same run, another one another", () => {
  const run = (seed) => {
    const trainer = createTrainer({ ...LENET1, seed, data: some(60) });
    trainer.step(150);
    return [...trainer.parameters()["h1.weight"].data];
  };
  assert.deepEqual(run(3), run(3));
  assert.notDeepEqual(run(3), run(4));
});

test("a pass shows each digit once, in an order that is drawn anew", () => {
  const order = Uint32Array.from({ length: 50 }, (_, i) => i);
  const random = createRandom(5);
  shuffle(order, random);
  const first = [...order];
  shuffle(order, random);
  for (const drawn of [first, [...order]])
    assert.deepEqual(
      drawn.toSorted((a, b) => a - b),
      range(50),
    );
  assert.notDeepEqual(first, [...order]);
});

test("initial parameters are drawn as widely as asked", () => {
  const draw = (initial) =>
    createTrainer({ ...LENET1, initial, data: some(1) }).parameters();
  const [root, printed] = [draw("root"), draw("printed")];
  const findWidest = ({ data }) => Math.max(...data.map(Math.abs));
  // Inputs of a unit: 25 of H1, 192 of the output, 4 of H2.
  for (const [name, fan] of [
    ["h1.weight", 25],
    ["output.weight", 192],
  ]) {
    const [wide, narrow] = [Math.sqrt(3 / fan), 2.4 / fan];
    const [found, printedOne] = [root[name], printed[name]].map(findWidest);
    assert.ok(found <= wide && found > 0.9 * wide, `${name}: ${found} of ${wide}`);
    assert.ok(printedOne <= narrow && printedOne > 0.9 * narrow, `${name}`);
  }
  assert.ok(root["h2.weight"].data.every((value) => value === 0.5));
  assert.ok(root["h1.bias"].data.every((value) => value === 0));
  assert.ok(printed["h2.weight"].data.every((value) => Math.abs(value) <= 0.6));
  assert.ok(printed["h1.bias"].data.some((value) => value !== 0));
});

test("a batch is whole, and the last of a pass has what is left", () => {
  const trainer = createTrainer({ ...LENET1, batchSize: 8, data: some(20) });
  assert.deepEqual(
    [1, 9, 1].map((wanted) => trainer.step(wanted)),
    [8, 12, 8],
  );
  assert.equal(trainer.passes, 1.4);
});

test("gradients have a size for each layer with parameters", () => {
  const trainer = createTrainer({ ...LENET1, data: some(20) });
  trainer.step();
  const sizes = trainer.gradientSizes();
  assert.deepEqual(Object.keys(sizes), ["h1", "h2", "h3", "h4", "output"]);
  assert.ok(Object.values(sizes).every((size) => size > 0 && size < 1));
});

for (const network of ["net1989", "lenet4", "lenet5"])
  test(`${network} shows the maps of every layer, without their borders`, () => {
    const loss = network === "lenet5" ? "equation-8" : "squared";
    const trainer = createTrainer({ ...LENET1, network, loss, data: some(20) });
    const { answer, ...maps } = trainer.look(digits.images.subarray(0, 784));
    assert.ok(answer >= 0 && answer <= 9);
    const { input, output } = maps;
    assert.deepEqual(output.shape, [10, 1, 1]);
    assert.equal(Math.max(...output.shape), 10);
    assert.equal(input.shape[1], network === "net1989" ? 16 : 32);
    for (const [layer, { shape, data }] of Object.entries(maps))
      assert.equal(
        data.length,
        shape.reduce((a, b) => a * b),
        layer,
      );
    if (network === "net1989") assert.deepEqual(maps.h1.shape, [12, 8, 8]);
    assert.throws(() => trainer.look(new Uint8Array(10)), /784 pixels; it got 10/);
  });

test("a rate that is too large ends in a sentence", () => {
  for (const wrong of [
    { squash: "relu", rate: 50 },
    { squash: "none", rate: 5, optimizer: "momentum", batchSize: 5 },
    { network: "linear", loss: "squared", rate: 3 },
  ]) {
    const trainer = createTrainer({ ...LENET1, ...wrong, data: some(50) });
    assert.throws(
      () => trainer.step(5000),
      (error) =>
        error instanceof DivergedError &&
        /^After \d{1,2} digits .* rate of .* smaller rate, for instance/.test(
          error.message,
        ),
      JSON.stringify(wrong),
    );
    assert.throws(() => trainer.step(), DivergedError, "it stays so");
  }
});

test("a parameter that is no number is found at once, not by the next digit", () => {
  const trainer = createTrainer({ ...LENET1, rate: 1e39, data: some(2) });
  assert.throws(() => trainer.step(), /After 1 digit the loss or a parameter is/);
});

test("options that do not fit are refused in words", () => {
  const data = some(20);
  const cases = [
    [{ network: "vgg" }, /network must be one of linear, .*; it is vgg/],
    [{ optimizer: undefined }, /optimizer must be one of .*; it is undefined/],
    [{ squash: "sigmoid" }, /squash must be one of scaled-tanh, .*; it is sigmoid/],
    [{ rate: 0 }, /rate must be a number above 0; it is 0/],
    [{ rate: "fast" }, /rate must be a number above 0; it is fast/],
    [{ mu: -1 }, /mu must be a number above 0; it is -1/],
    [{ batchSize: 1.5 }, /batchSize must be a whole number from 1; it is 1.5/],
    [{ seed: 0.5 }, /seed must be a whole number; it is 0.5/],
    [
      { loss: "equation-9" },
      /only lenet5 has; for lenet1, use squared or cross-entropy/,
    ],
    [
      { network: "lenet5", loss: "cross-entropy" },
      /use equation-9, equation-8 or squar/,
    ],
    [{ data: undefined }, /data.images must be .* it has no pixels/],
    [{ data: { ...data, labels: data.labels.slice(1) } }, /of 20, .* it has 19/],
    [{ data: { ...data, testImages: new Uint8Array(10) } }, /testImages .* has 10 pix/],
    [{ data: { ...data, labels: new Uint8Array(20).fill(12) } }, /digit 0 has 12/],
  ];
  for (const [wrong, message] of cases)
    assert.throws(() => createTrainer({ ...LENET1, data, ...wrong }), message);
});

test("the Worker trains, reports, steps, pauses, looks and says what is wrong", async () => {
  const posted = [];
  globalThis.postMessage = (message) => posted.push(structuredClone(message));
  await import("../../lenet_helpers/interactive/web/engine/training/worker.mjs");
  const send = (data) => globalThis.onmessage({ data });
  const waitFor = async (type) => {
    const start = performance.now();
    while (!posted.some((message) => message.type === type)) {
      assert.ok(performance.now() - start < 60_000, `no message "${type}"`);
      await new Promise((done) => setTimeout(done, 5));
    }
    return posted.splice(0);
  };

  send({ type: "start" });
  assert.match(posted.pop().message, /create must come before start/);
  send({ type: "create", options: { ...LENET1, rate: -1, data: some(50) } });
  assert.match(posted.pop().message, /rate must be a number above 0/);

  send({ type: "create", options: { ...LENET1, data: some(300) } });
  const [first] = posted.splice(0);
  assert.deepEqual([first.type, first.patterns, first.recent], ["progress", 0, null]);
  assert.ok(first.test.error > 0.5 && first.seconds === 0 && first.look === null);
  assert.deepEqual(first.kernels.shape, [4, 5, 5]);

  send({ type: "step", patterns: 450 });
  const reports = await waitFor("paused");
  assert.equal(reports.pop().type, "paused");
  assert.ok(reports.every(({ type }) => type === "progress"));
  assert.equal(reports.at(-1).patterns, 450);
  assert.equal(reports.at(-1).passes, 1.5);
  const endOfPass = reports.find(({ patterns }) => patterns === 300);
  assert.ok(endOfPass.test, "each pass's end is tested");
  assert.ok(reports.every(({ seconds }, i) => !i || seconds > reports[i - 1].seconds));
  assert.notDeepEqual(reports.at(-1).kernels, first.kernels);

  send({ type: "look", pixels: digits.images.slice(0, 784) });
  assert.deepEqual(posted.pop().look.h1.shape, [4, 24, 24]);
  send({ type: "look", pixels: new Uint8Array(3) });
  assert.match(posted.pop().message, /784 pixels; it got 3/);

  send({ type: "start" });
  await waitFor("progress");
  send({ type: "pause" });
  assert.equal(posted.at(-1).type, "paused");
  posted.length = 0;
  await new Promise((done) => setTimeout(done, 400));
  assert.equal(posted.length, 0, "it rests");

  const steep = { ...LENET1, squash: "relu", rate: 50 };
  send({ type: "create", options: { ...steep, data: some(50) } });
  send({ type: "start" });
  assert.match((await waitFor("diverged")).pop().message, /smaller rate/);
});
