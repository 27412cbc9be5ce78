// The mathematics of the explorers against what Python wrote; started by
// test_explorers.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as codes from "../../lenet_helpers/interactive/web/engine/codes.mjs";
import * as tables from "../../lenet_helpers/interactive/web/engine/connection-tables.mjs";
import {
  computeUnit,
  findUnit,
} from "../../lenet_helpers/interactive/web/engine/convolution.mjs";
import { areEqual } from "../../lenet_helpers/interactive/web/engine/history.mjs";
import {
  convolve,
  keep,
  pad,
} from "../../lenet_helpers/interactive/web/engine/layers.mjs";
import { write } from "../../lenet_helpers/interactive/web/engine/numbers.mjs";
import { take } from "../../lenet_helpers/interactive/web/engine/tensors.mjs";
import {
  makeLogScale,
  writePath,
} from "../../lenet_helpers/interactive/web/parts/chart.mjs";
import { movePlace } from "../../lenet_helpers/interactive/web/parts/controls.mjs";
import { colorText } from "../../lenet_helpers/interactive/web/parts/pictures.mjs";

const expected = JSON.parse(readFileSync(process.env.LENET_FIXTURES));

const assertClose = (actual, wanted) =>
  assert.ok(Math.abs(actual - wanted) < 1e-5, `${actual}, PyTorch has ${wanted}`);

test("each unit and the whole map are those of conv2d", () => {
  assert.ok(expected.convolutions.length > 0);
  for (const {
    image,
    kernel,
    bias,
    stride,
    padding,
    border,
    map,
  } of expected.convolutions) {
    const size = Math.sqrt(image.length);
    const data = Float32Array.from(image);
    const padded = pad({ shape: [1, size, size], data }, [padding, padding], border);
    const whole = convolve(
      padded,
      { shape: [1, 5, 5], data: kernel },
      { shape: [1], data: [bias] },
      { stride, squash: keep },
    );
    const [, side] = whole.shape;
    assert.equal(side ** 2, map.length);
    map.forEach((wanted, i) => {
      const [top, left] = [stride * Math.floor(i / side), stride * (i % side)];
      const unit = computeUnit(padded.data, padded.shape[1], kernel, top, left);
      assert.equal(unit.pixels.length, 25);
      assertClose(unit.sum + bias, wanted);
      assertClose(
        unit.products.reduce((total, product) => total + product),
        unit.sum,
      );
      assertClose(whole.data[i], wanted);
    });
  }
});

test("a pixel belongs to the unit whose patch has it nearest to the middle", () => {
  for (const stride of [1, 2, 3]) {
    const side = 9;
    for (let pixel = 0; pixel < stride * side + 4; pixel += 1) {
      const distances = Array.from({ length: side }, (_, unit) =>
        Math.abs(stride * unit + 2 - pixel),
      );
      assert.equal(distances[findUnit(pixel, stride, side)], Math.min(...distances));
    }
  }
});

test("a layer with a table costs what the networks count", () => {
  assert.ok(expected.tables.length > 0);
  for (const { table, kernelSize, side, different, ...counts } of expected.tables) {
    const own = tables.countLayer(table, { kernelSize, side });
    assert.equal(own.parameters, counts.parameters);
    assert.equal(own.connections, counts.connections);
    assert.equal(own.links, table.flat().length);
    assert.equal(tables.countDifferent(table), different);
  }
});

test("a link comes and goes in rising order, in a new table", () => {
  const table = [[0, 2], []];
  const more = tables.toggleLink(table, 0, 1);
  assert.deepEqual(more, [[0, 1, 2], []]);
  assert.deepEqual(tables.toggleLink(more, 0, 1), table);
  assert.deepEqual(tables.toggleLink(table, 1, 3), [[0, 2], [3]]);
  assert.deepEqual(table, [[0, 2], []]);
  assert.ok(areEqual(table, [[0, 2], []]));
  assert.ok(!areEqual(table, more));
});

test("codes are read and written as in Python", () => {
  const { texts, pixels } = expected.codes;
  assert.equal(Object.keys(texts).length, 95);
  for (const [character, text] of Object.entries(texts)) {
    assert.deepEqual(codes.readCode(text), pixels[character]);
    assert.equal(codes.writeCode(pixels[character]), text);
  }
});

test("a code that is none reads as white", () => {
  assert.deepEqual(codes.readCode("?"), Array(84).fill(0));
});

test("distances, closest pairs and rivals are those of Python", () => {
  const { pixels, distances, constant } = expected.codes;
  const all = pixels;
  const digits = [..."0123456789"];
  for (const characters of [digits, Object.keys(all)]) {
    const pairs = codes.comparePairs(all, characters);
    assert.equal(pairs.length, (characters.length * (characters.length - 1)) / 2);
    pairs.forEach(({ one, other, pixels: count }, i) => {
      assert.equal(count, distances[one][other]);
      assert.ok(i === 0 || pairs[i - 1].pixels <= count);
    });
  }
  assert.deepEqual(codes.comparePairs(all, digits)[0], {
    one: "6",
    other: "8",
    pixels: 12,
  });
  const rivals = codes.rankRivals(all, digits, "8");
  assert.equal(rivals.length, 9);
  assert.deepEqual(rivals[0], { other: "6", pixels: 12 });
  assert.equal(codes.countConstant(all, digits), constant);
});

test("a part of a tensor is what PyTorch indexes", () => {
  const { shape, data, index, part } = expected.tensor;
  const taken = index.reduce(take, { shape, data: Float32Array.from(data) });
  assert.deepEqual([...taken.data], part);
  assert.deepEqual(taken.shape, [part.length]);
});

test("a logarithmic scale has equal steps for equal factors, and ends", () => {
  const scale = makeLogScale([0.01, 100], [40, 0]);
  assert.deepEqual([0.01, 1, 100].map(scale).map(Math.round), [40, 20, 0]);
  assert.deepEqual([1e-9, 0, 1e9].map(scale), [40, 40, 0]);
  assert.equal(
    writePath([
      [0, 1],
      [2.25, 3],
    ]),
    "M0.0,1.0L2.3,3.0",
  );
});

test("numbers have a true minus sign, and zero has none", () => {
  assert.deepEqual(
    [-1.239, -0.001, 0, 2].map((x) => write(x)),
    ["−1.24", "0.00", "0.00", "2.00"],
  );
  assert.equal(write(NaN), "NaN");
});

test("a text has a contrast of 4.5 on every colour", () => {
  const light = (color) => {
    const [r, g, b] = color.map((c) => {
      const share = c / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  for (let red = 0; red <= 255; red += 15)
    for (let green = 0; green <= 255; green += 15)
      for (let blue = 0; blue <= 255; blue += 15) {
        const ground = light([red, green, blue]) + 0.05;
        const text = colorText([red, green, blue]) === "#fff" ? 1.05 : 0.05;
        assert.ok(
          Math.max(text / ground, ground / text) >= 4.5,
          [red, green, blue].join(),
        );
      }
});

test("arrow keys stop at the edges of a grid", () => {
  assert.deepEqual(movePlace("ArrowUp", [0, 3], [5, 7]), [0, 3]);
  assert.deepEqual(movePlace("ArrowDown", [0, 3], [5, 7]), [1, 3]);
  assert.deepEqual(movePlace("ArrowRight", [4, 6], [5, 7]), [4, 6]);
  assert.deepEqual(movePlace("ArrowLeft", [4, 6], [5, 7]), [4, 5]);
  assert.deepEqual(movePlace("Home", [4, 6], [5, 7]), [4, 0]);
  assert.deepEqual(movePlace("End", [4, 1], [5, 7]), [4, 6]);
  assert.equal(movePlace("a", [0, 0], [5, 7]), null);
});
