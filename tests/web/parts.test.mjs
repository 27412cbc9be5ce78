// The parts of figures that need neither a page nor Python; started by test_explorers.py.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createHistory } from "../../lenet_helpers/interactive/web/engine/history.mjs";
import { readLine } from "../../lenet_helpers/interactive/web/engine/lines.mjs";
import {
  addReport,
  chooseDecades,
  chooseTicks,
  createRun,
  measureSpeed,
} from "../../lenet_helpers/interactive/web/engine/runs.mjs";
import { createTrainer } from "../../lenet_helpers/interactive/web/engine/training/trainer.mjs";
import {
  readFragment,
  writeFragment,
} from "../../lenet_helpers/interactive/web/parts/link.mjs";

test("undo goes back by what has changed, to the first and no further", () => {
  let now = { strokes: [], example: 2 };
  const history = createHistory(
    [{ strokes: [], example: null }],
    () => now,
    (value) => {
      now = value;
    },
  );
  history.store({ strokes: [], example: 2 });
  history.store({ strokes: [[0.5, 0.5]], example: 2 });
  history.goBack();
  assert.deepEqual(now, { strokes: [], example: 2 });
  assert.ok(!history.isEmpty());
  history.goBack();
  history.goBack();
  assert.deepEqual(now, { strokes: [], example: null });
  assert.ok(history.isEmpty());
});

test("of accepted answers close to each other the one with the least distance counts", () => {
  const place = (answer, distance, isSure = true) => ({ answer, distance, isSure });
  const places = [place(1, 30), place(7, 20), place(3, 5, false), place(7, 20)];
  assert.deepEqual(readLine(places), [7]);
  const far = [place(4, 9), ...Array(4).fill(place(null, 0, false)), place(4, 9)];
  assert.deepEqual(readLine(far), [4, 4]);
  assert.deepEqual(readLine([]), []);
});

test("a link holds the state of a figure, and takes only what is of its kind", () => {
  const state = { settings: { rate: 0.1, name: "a b&c" }, digit: 3, kernel: [1, 2] };
  const fragment = writeFragment("room", state);
  assert.deepEqual(readFragment(fragment, "room", state), state);
  assert.deepEqual(readFragment(fragment, "other", state), {});
  const read = (given) => readFragment(writeFragment("room", given), "room", state);
  assert.deepEqual(read({ digit: null, kernel: [3, 4] }), {
    digit: null,
    kernel: [3, 4],
  });
  for (const wrong of ["3", [], {}, Infinity, true])
    assert.deepEqual(read({ kernel: wrong, settings: wrong }), {});
  assert.deepEqual(read({ settings: { rate: "fast", name: "a" }, kernel: [1] }), {});
  assert.deepEqual(read({ settings: { rate: 1, name: "a", more: 1 } }), {});
  assert.deepEqual(readFragment("figure=room&digit=%7B", "room", state), {});
  const drawing = { strokes: [] };
  const draw = (strokes) => readFragment(writeFragment("a", { strokes }), "a", drawing);
  assert.deepEqual(draw([[0.1, 0.2], []]), { strokes: [[0.1, 0.2], []] });
  assert.deepEqual(draw([["x"]]), {});
  assert.deepEqual(draw(["x"]), {});
});

test("points of a training curve stand for digits enough", () => {
  const run = createRun({ digits: 10_000, passes: 1 });
  for (let i = 1; i <= 1000; i += 1)
    addReport(run, {
      patterns: 10 * i,
      seconds: i,
      recent: { loss: i <= 500 ? 1 : 3, error: 0.5 },
      test: i % 500 ? null : { loss: 2, error: 0.25 },
    });
  assert.ok(run.training.length >= 90 && run.training.length <= 101);
  assert.deepEqual(run.training.at(-1)?.slice(0, 1), [10_000]);
  const total = run.training.reduce(
    (sum, [patterns, loss], i) =>
      sum + loss * (patterns - (run.training[i - 1]?.[0] ?? 0)),
    0,
  );
  assert.ok(Math.abs(total - 20_000) < 1e-6);
  assert.deepEqual(run.test, [
    [5000, 2, 0.25],
    [10_000, 2, 0.25],
  ]);
  assert.deepEqual(measureSpeed({ ...run, patterns: 9_000, seconds: 9 }), {
    speed: 1000,
    left: 1,
  });
});

test("axes end at round numbers", () => {
  assert.deepEqual(chooseTicks(48_000), [0, 10_000, 20_000, 30_000, 40_000]);
  assert.deepEqual(chooseDecades([0.3, 40], 4, [1, 10]), [0.1, 100]);
  assert.deepEqual(chooseDecades([1e-9, 50], 4, [1, 10]), [0.01, 100]);
  assert.deepEqual(chooseDecades([NaN, Infinity], 4, [1, 10]), [1, 10]);
});

test("a rate that falls is 0 at the end", () => {
  const images = Uint8Array.from({ length: 784 * 5 }, (_, i) => (i * 7919) % 256);
  const labels = Uint8Array.of(0, 1, 2, 3, 4);
  const data = { images, labels, testImages: images, testLabels: labels };
  const options = { network: "linear", loss: "squared", optimizer: "sgd", rate: 1e-4 };
  const trainer = createTrainer({ ...options, data, fallsOver: 20 });
  const read = () => [...trainer.parameters()["output.weight"].data];
  const before = read();
  trainer.step(20);
  const after = read();
  assert.notDeepEqual(after, before);
  trainer.step(10);
  assert.deepEqual(read(), after);
  assert.throws(
    () => createTrainer({ ...options, data, fallsOver: 0 }),
    /fallsOver must be/,
  );
});
