// Photographs of handwriting against what Python reads in them; started by
// test_engine_hand.py.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readSheet } from "../../lenet_helpers/interactive/web/engine/hand/boxes.mjs";
import {
  centerMask,
  readStrokes,
} from "../../lenet_helpers/interactive/web/engine/hand/digits.mjs";
import { BETWEEN } from "../../lenet_helpers/interactive/web/engine/hand/ink.mjs";
import { SCALE } from "../../lenet_helpers/interactive/web/engine/hand/marks.mjs";
import { MISTAKES } from "../../lenet_helpers/interactive/web/engine/hand/mistakes.mjs";
import {
  readHand,
  writeHand,
} from "../../lenet_helpers/interactive/web/engine/hand/npz.mjs";
import { writePassport } from "../../lenet_helpers/interactive/web/engine/hand/passport.mjs";
import { readPhoto } from "../../lenet_helpers/interactive/web/engine/hand/photo.mjs";
import * as pictures from "../../lenet_helpers/interactive/web/engine/hand/pictures.mjs";
import * as sheet from "../../lenet_helpers/interactive/web/engine/hand/sheet.mjs";
import { boundRate } from "../../lenet_helpers/interactive/web/engine/judging.mjs";

const FOLDER = process.env.LENET_FIXTURES;
const load = (name) => JSON.parse(readFileSync(join(FOLDER, `${name}.json`), "utf8"));
const decode = (text) => Uint8Array.from(Buffer.from(text, "base64"));
const READERS = { read_sheet: readSheet, read_photo: readPhoto };

/** Leaves out what a library says of a file in brackets. */
const strip = (text) => text.replace(/ \(.*\):/s, ":");

/** Checks that two lists of bytes are the same, and says how many are not. */
function assertBytes(actual, expected, what) {
  assert.equal(actual.length, expected.length, what);
  let other = 0;
  for (let i = 0; i < actual.length; i += 1) other += Number(actual[i] !== expected[i]);
  assert.equal(other, 0, `${what}: ${other} of ${actual.length} differ`);
}

function assertClose(actual, expected, limit, what) {
  assert.equal(actual.length, expected.length, what);
  for (const [i, value] of actual.entries())
    assert.ok(
      Math.abs(value - expected[i]) < limit,
      `${what}: ${value}, Python has ${expected[i]}`,
    );
}

for (const expected of load("photos"))
  test(`${expected.reader}, ${expected.name}: as Python`, () => {
    const { width, height, message } = expected;
    const picture = pictures.reduceGrey({ grey: decode(expected.grey), width, height });
    const read = READERS[expected.reader];
    if (message) {
      assert.throws(() => read(picture), { message });
      return;
    }
    const found = read(picture);
    assert.deepEqual(found.leftOut, expected.leftOut);
    assert.deepEqual(Object.keys(found.steps), Object.keys(expected.steps));
    for (const [name, step] of Object.entries(expected.steps)) {
      const own = found.steps[name];
      assert.deepEqual([own.width, own.height], [step.width, step.height], name);
      assertBytes(own.grey, decode(step.grey), name);
    }
    assertBytes(found.images, decode(expected.images), "images");
    assert.deepEqual(found.labels, expected.labels);
    assertClose(found.boxes.flat(), expected.boxes.flat(), 1e-6, "boxes");
    assert.ok(found.boxes.every((box) => box.length === 8));
  });

test("files are refused in Python's words, before they are decoded", () => {
  const kinds = new Set();
  for (const { name, bytes, size, message } of load("checks")) {
    const check = () => pictures.checkFile(decode(bytes), "mine.pic");
    if (message)
      assert.throws(check, (error) => {
        assert.equal(strip(error.message), strip(message), name);
        return true;
      });
    else {
      const { kind, width, height } = check();
      if (size) assert.deepEqual([width, height], size, name);
      kinds.add(kind);
    }
  }
  assert.deepEqual([...kinds].sort(), ["BMP", "GIF", "JPEG", "PNG", "WebP"]);
});

test("a file that is cut off is refused, or its header is whole", () => {
  let refused = 0;
  for (const { name, bytes, size } of load("checks")) {
    const whole = decode(bytes);
    if (!size || whole.length > 5000) continue;
    for (let length = 0; length < whole.length; length += 1) {
      try {
        const { width, height } = pictures.checkFile(whole.subarray(0, length), "it");
        assert.deepEqual([width, height], size, `${name}, ${length} bytes`);
      } catch (error) {
        const { message } = error;
        assert.match(message, /^it (is no picture|cannot be read to its end)/, name);
        refused += 1;
      }
    }
  }
  assert.ok(refused > 300, `${refused}`);
});

test("a header that says 100000 x 100000 is believed, and refused", () => {
  const [{ bytes }] = load("checks").filter(({ name }) => name === "PNG");
  const png = decode(bytes);
  for (const place of [16, 20]) new DataView(png.buffer).setUint32(place, 100000);
  assert.throws(() => pictures.checkFile(png, "huge.png"), {
    message: /^huge.png has 100000 x 100000 pixels, more than 64 million. Save it/,
  });
});

test("colours become Pillow's grey, whole or in strips", () => {
  const { data, grey } = load("colors");
  const picture = { data: decode(data), width: 400, height: 300 };
  assertBytes(pictures.makeGrey(picture).grey, decode(grey), "grey");
  const reducer = pictures.createReducer(400, 300);
  reducer.add(picture.data.subarray(0, 1600 * 7));
  assert.throws(() => reducer.finish(), /The picture has 300 rows, and 7 were given/);
  reducer.add(picture.data.subarray(1600 * 7));
  assertBytes(reducer.finish().grey, decode(grey), "strips");
});

test("large pictures are reduced as Pillow reduces them", () => {
  for (const { grey, width, height, expected, reduction, shape } of load("colors")
    .reduced) {
    const what = `${width} x ${height}`;
    const found = pictures.reduceGrey({ grey: decode(grey), width, height });
    assert.equal(found.reduction, reduction, what);
    assert.deepEqual([found.height, found.width], shape, what);
    assertBytes(found.grey, decode(expected), what);
    const colors = Uint8Array.from(decode(grey), (v) => v).reduce(
      (rgba, v, i) => {
        rgba.fill(v, 4 * i, 4 * i + 3);
        return rgba;
      },
      new Uint8Array(4 * width * height).fill(255),
    );
    const reducer = pictures.createReducer(width, height);
    for (let row = 0; row < height; row += 5)
      reducer.add(colors.subarray(4 * width * row, 4 * width * (row + 5)));
    assertBytes(reducer.finish().grey, decode(expected), `${what} in strips`);
  }
});

test("masks, drawings and mistakes become Python's pixels", () => {
  const { images, mistakes, masks, drawings, drawn } = load("digits");
  assert.deepEqual(Object.keys(MISTAKES), Object.keys(mistakes));
  for (const [name, spoil] of Object.entries(MISTAKES))
    assertBytes(spoil(decode(images)), decode(mistakes[name]), name);
  for (const { mask, height, image } of masks)
    assertBytes(centerMask({ mask: decode(mask), height }), decode(image), "mask");
  const found = readStrokes(drawings, [4, 5, 6, 7]);
  assertBytes(found.images, decode(drawn.images), "drawings");
  assert.deepEqual(found.labels, drawn.labels);
  assert.deepEqual(found.leftOut, drawn.leftOut);
  assert.deepEqual(readStrokes([drawings[0]]).labels, [-1]);
  assert.throws(() => readStrokes([[]]), {
    message: "None of the 1 drawings holds ink.",
  });
  assert.throws(() => readStrokes(drawings, [1]), {
    message: "`labels` needs one for each of the 4 drawings, got 1.",
  });
});

test("passports say what Python's say", () => {
  const { images, labels, half, refused, empty, ...expected } = load("passport");
  const classify = (some) =>
    Array.from({ length: some.length / 784 }, (_, i) => {
      const ink = some.subarray(784 * i, 784 * i + 784).reduce((a, b) => a + b, 0);
      return Math.floor(ink / 3001) % 10;
    });
  const found = writePassport({ images: decode(images), labels }, classify);
  assertClose(found.bounds, expected.bounds, 1e-12, "bounds");
  assert.deepEqual({ ...found, bounds: 0 }, { ...expected, bounds: 0 });
  const judge = (some) =>
    writePassport({ images: decode(images), labels: some }, classify);
  assert.throws(() => judge(half), { message: refused });
  assert.throws(() => judge([]), { message: empty });
  for (const [wrong, number, low, high] of load("digits").rates)
    assertClose(boundRate(wrong, number), [low, high], 1e-12, `${wrong} of ${number}`);
});

test("hands are read from NumPy's files, and what is none is refused", async () => {
  const refusals = [];
  for (const { name, bytes, message, ...expected } of load("hands")) {
    const file = decode(bytes);
    if (message) {
      const error = await readHand(file, name).then(
        () => assert.fail(`${name} was read`),
        (reason) => reason,
      );
      refusals.push(error.message);
      assert.equal(strip(error.message), strip(message), name);
      continue;
    }
    const found = await readHand(file, name);
    assertBytes(found.images, decode(expected.images), name);
    assert.deepEqual(found.labels, expected.labels, name);
    assert.deepEqual(found.boxes, expected.boxes, name);
    const written = writeHand(found);
    writeFileSync(join(FOLDER, `again-${name}`), written);
    assert.deepEqual(await readHand(written), found, name);
  }
  assert.ok(refusals.length > 12);
  assert.match(refusals.join("\n"), /images.npy is damaged: its checksum is another/);
});

test("a hand that is cut off anywhere is refused in words", async () => {
  const [{ bytes }] = load("hands").filter(({ name }) => name === "compressed.npz");
  const file = decode(bytes);
  for (let length = 0; length < file.length; length += 41)
    await assert.rejects(readHand(file.subarray(0, length), "mine.npz"), {
      message: /^mine.npz holds no hand \(.+\): it is cut off, or of another kind/,
    });
});

test("the constants are Python's", () => {
  const { FRAME, MARKS, ROWS, COLUMNS, PITCH, BOX, FIRST, listBoxes } = sheet;
  const { LONGEST, LARGEST, SMALLEST } = pictures;
  assert.deepEqual(
    {
      FRAME,
      MARKS,
      ROWS,
      COLUMNS,
      PITCH,
      BOX,
      FIRST,
      boxes: listBoxes(),
      LONGEST,
      LARGEST,
      SMALLEST,
      SCALE,
      BETWEEN,
    },
    load("constants"),
  );
});
