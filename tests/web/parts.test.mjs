// The parts of figures that need neither a page nor Python; started by test_explorers.py.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createHistory } from "../../lenet_helpers/interactive/web/engine/history.mjs";
import { readLine } from "../../lenet_helpers/interactive/web/engine/lines.mjs";

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
