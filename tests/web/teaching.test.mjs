// Which digits teach and which test; started by test_your_hand.py.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  chooseSome,
  joinDigits,
  splitHand,
  takeApart,
} from "../../lenet_helpers/interactive/web/engine/hand/teaching.mjs";
import { range } from "../../lenet_helpers/interactive/web/engine/numbers.mjs";

/** Makes digits of these labels, each with pixels of its own. */
const make = (labels) =>
  labels.map((label, i) => ({ pixels: new Uint8Array(784).fill(i % 256), label }));
const countLabels = (digits) =>
  range(10).map((label) => digits.filter((digit) => digit.label === label).length);

test("half of each digit's examples teach, one more where they are odd", () => {
  const digits = make([...range(10), ...range(10), 3, 3, 3, -1, -1, 7]);
  const { teaching, testing } = splitHand(digits, 0);
  assert.deepEqual(countLabels(teaching), [1, 1, 1, 3, 1, 1, 1, 2, 1, 1]);
  assert.deepEqual(countLabels(testing), [1, 1, 1, 2, 1, 1, 1, 1, 1, 1]);
  assert.equal(
    new Set([...teaching, ...testing]).size,
    24,
    "none twice, none unlabelled",
  );
});

test("the first that teach are one of each digit", () => {
  const { teaching } = splitHand(make(range(80).map((i) => Math.floor(i / 8))), 1);
  for (const from of [0, 10, 20, 30])
    assert.deepEqual(countLabels(teaching.slice(from, from + 10)), Array(10).fill(1));
});

test("a seed gives one split, another seed another", () => {
  const digits = make(range(80).map((i) => i % 10));
  assert.deepEqual(splitHand(digits, 3), splitHand(digits, 3));
  assert.notDeepEqual(splitHand(digits, 3), splitHand(digits, 4));
});

test("of a single digit none is left to test", () => {
  assert.deepEqual(splitHand(make([5]), 0).testing, []);
  assert.deepEqual(splitHand([], 0), { teaching: [], testing: [] });
});

test("some of MNIST's digits come with their labels, none twice", () => {
  const { images, labels } = joinDigits(make(range(200).map((i) => i % 10)));
  const some = chooseSome({ images, labels: Uint8Array.from(labels) }, 50, 2);
  assert.equal(new Set(some.map(({ pixels }) => pixels[0])).size, 50);
  assert.ok(some.every(({ pixels, label }) => pixels[0] % 10 === label));
});

test("joined and taken apart, digits are the same", () => {
  const digits = make([4, -1, 9]);
  const { images, labels } = joinDigits(digits);
  assert.deepEqual(takeApart(images, labels), digits);
});
