// Graphs, grammars, patterns and cuts against Python's; started by
// test_engine_strings.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { MAX_STATES } from "../../lenet_helpers/interactive/web/engine/strings/automata.mjs";
import * as cuts from "../../lenet_helpers/interactive/web/engine/strings/cuts.mjs";
import * as grammars from "../../lenet_helpers/interactive/web/engine/strings/grammars.mjs";
import {
  checkGraph,
  compose,
  forward,
  viterbi,
} from "../../lenet_helpers/interactive/web/engine/strings/graphs.mjs";
import * as patterns from "../../lenet_helpers/interactive/web/engine/strings/patterns.mjs";
import { read } from "../../lenet_helpers/interactive/web/engine/strings/reading.mjs";
import {
  bendGraph,
  listReadings,
} from "../../lenet_helpers/interactive/web/engine/strings/readings.mjs";
import { createRecognition } from "../../lenet_helpers/interactive/web/engine/strings/recognition.mjs";
import * as sliding from "../../lenet_helpers/interactive/web/engine/strings/sliding.mjs";
import { readTensors } from "../../lenet_helpers/interactive/web/engine/tensors.mjs";

const FOLDER = process.env.LENET_FIXTURES;
const load = (name) => JSON.parse(readFileSync(join(FOLDER, `${name}.json`), "utf8"));
const decode = (text) => Uint8Array.from(Buffer.from(text, "base64"));

/** Exponentials and logarithms may differ in the last digit. */
function assertClose(actual, expected, what) {
  if (actual === Number(expected)) return; // infinite, too
  const gap = Math.abs(actual - expected);
  const limit = 1e-10 * Math.max(1, Math.abs(expected));
  assert.ok(gap <= limit, `${what}: ${actual}, Python has ${expected}`);
}

/** Checks that a graph has the same arcs in the same order, and what is found in it. */
function assertSame(graph, expected, what) {
  const arrays = ["sources", "destinations", "labels", "payload", "penalties"];
  for (const name of arrays)
    assert.deepEqual([...graph[name]], expected[name], `${what}: ${name}`);
  assert.equal(graph.numNodes, expected.numNodes, what);
  const best = viterbi(graph);
  assert.equal(best.penalty, Number(expected.viterbi.penalty), what);
  assert.deepEqual(best.path, expected.viterbi.path, what);
  const all = forward(graph);
  assertClose(all.penalty, expected.forward.penalty, what);
  assert.equal(all.shares.length, expected.forward.shares.length, what);
  for (const [arc, share] of all.shares.entries())
    assertClose(share, expected.forward.shares[arc], `${what}: arc ${arc}`);
  const { labels, penalty, confidence } = read(graph);
  assert.deepEqual(labels, expected.reading.labels, what);
  assert.equal(penalty, Number(expected.reading.penalty), what);
  assertClose(confidence, expected.reading.confidence, what);
}

test("random graphs have Python's paths, sums, shares and readings", () => {
  const cases = load("graphs");
  assert.ok(cases.length > 1000);
  for (const [i, { graph, grammar, composed }] of cases.entries()) {
    const { sources, destinations, labels, penalties } = graph;
    const made = checkGraph({ sources, destinations, labels, penalties });
    assertSame(made, graph, `graph ${i}`);
    assertSame(compose(made, grammar), composed, `composed graph ${i}`);
  }
  const withPath = cases.filter(({ composed }) => composed.sources.length);
  assert.ok(withPath.length > 300 && withPath.length < 1000, `${withPath.length}`);
});

test("strings, lists and characters become Python's grammars", () => {
  const { characterModel, fromList, spell } = grammars;
  const makers = { characterModel, fromList, spell };
  for (const { name, argument, grammar } of load("grammars"))
    assert.deepEqual(makers[name](argument), grammar, `${name}(${argument})`);
});

test("a pattern becomes Python's grammar, or is refused in Python's words", () => {
  const cases = load("patterns");
  for (const { pattern, characters, grammar, message } of cases) {
    const parse = () => patterns.parsePattern(pattern, characters);
    if (message) assert.throws(parse, { message });
    else assert.deepEqual(parse(), grammar, pattern);
  }
  const bad = cases.filter(({ message }) => message).length;
  assert.ok(bad > 500 && cases.length - bad > 500, `${bad} of ${cases.length}`);
});

test("lines are cut where Python cuts, into the same pieces", () => {
  for (const [i, expected] of load("lines").entries()) {
    const what = `line ${i}`;
    const pixels = decode(expected.pixels);
    assert.deepEqual([...cuts.measureContact(pixels)], expected.contact, what);
    const pieces = cuts.segment(pixels);
    for (const name of ["cuts", "sources", "destinations"])
      assert.deepEqual(pieces[name], expected[name], `${what}: ${name}`);
    assert.deepEqual(pieces.images, decode(expected.images), what);
    const { graph } = expected;
    assertSame(cuts.buildGraph(pieces, graph.penalties, 3), graph, what);
    const { images } = cuts.cutAt(pixels, expected.columns);
    assert.deepEqual(images, decode(expected.given), what);
  }
});

test("pieces have PyTorch's penalties, those that were there before, too", () => {
  const { weights, lines } = load("recognition");
  const bytes = decode(weights);
  const tensors = readTensors(new DataView(bytes.buffer, bytes.byteOffset));
  const recognize = createRecognition(tensors);
  const [first, second] = lines.map(({ images }) => decode(images));
  const both = Uint8Array.from([...second, ...first]);
  const expected = [...lines[1].penalties, ...lines[0].penalties];
  for (const [images, penalties] of [
    [first, lines[0].penalties],
    [both, expected],
    [new Uint8Array(0), []],
    [both, expected],
  ]) {
    const found = recognize(images);
    assert.equal(found.length, penalties.length);
    for (const [i, penalty] of found.entries())
      assert.ok(Math.abs(penalty - penalties[i]) < 1e-3 * (1 + penalties[i]), `${i}`);
  }
});

test("a network slides over lines to Python's penalties and readings", () => {
  const { weights, lines } = load("sliding");
  const bytes = decode(weights);
  const tensors = readTensors(new DataView(bytes.buffer, bytes.byteOffset));
  const amount = patterns.parsePattern(
    "$[1-9][0-9]{0,2}(,[0-9]{3})*.[0-9]{2}",
    "0123456789$,.",
  );
  let many = 0;
  for (const [i, { pixels, penalties, readings, row, graph }] of lines.entries()) {
    const what = `line ${i}`;
    const windows = sliding.slide(tensors, decode(pixels));
    assert.equal(windows.penalties.length, penalties.length, what);
    for (const [k, penalty] of windows.penalties.entries())
      assert.ok(Math.abs(penalty - penalties[k]) < 1e-3 * (1 + penalties[k]), what);
    const whole = sliding.readWindows(windows);
    for (const [k, one] of [whole, compose(whole, amount)].entries()) {
      const found = read(one);
      const { labels, penalty, confidence } = readings[k];
      assert.deepEqual(found.labels, labels, what);
      const most = 1e-3 * (1 + Math.abs(Number(penalty)));
      assert.ok(
        found.penalty === Number(penalty) || Math.abs(found.penalty - penalty) < most,
        what,
      );
      assert.ok(Math.abs(found.confidence - confidence) < 2e-3, what);
      many += Number(labels.length > 5);
    }
    if (!row) continue;
    const exact = { ...windows, penalties: Float32Array.from(penalties) };
    assertSame(sliding.buildRow(exact), row, `${what}: row`);
    assertSame(sliding.readWindows(exact), graph, `${what}: graph`);
  }
  assert.ok(many > 100, `${many}`);
});

test("the best answer of a window is the character or the blank that costs least", () => {
  const penalties = Float32Array.from([3, 2, 10, 30, 11, 10, 5, 90, 10]);
  const windows = { count: 3, numClasses: 2, penalties };
  assert.deepEqual(sliding.findAnswers(windows), [1, 2, 0]);
});

/** Lists every path as labels, penalty and payload. */
function listPaths(graph, node = graph.start) {
  if (node === graph.end) return [{ labels: [], penalty: 0, payload: [] }];
  return graph.order
    .filter((arc) => graph.sources[arc] === node)
    .flatMap((arc) =>
      listPaths(graph, graph.destinations[arc]).map((rest) => ({
        labels: [graph.labels[arc], ...rest.labels].filter((label) => label >= 0),
        penalty: graph.penalties[arc] + rest.penalty,
        payload: [graph.payload[arc], ...rest.payload],
      })),
    );
}

test("readings are the cheapest strings, each once, with its share of all paths", () => {
  let many = 0;
  for (const [i, { graph }] of load("graphs").slice(0, 400).entries()) {
    const made = checkGraph(graph);
    const paths = listPaths(made);
    const strings = Map.groupBy(paths, ({ labels }) => labels.join());
    const weigh = (some) =>
      some.reduce((sum, { penalty }) => sum + Math.exp(-penalty), 0);
    const least = [...strings.values()]
      .map((some) => Math.min(...some.map(({ penalty }) => penalty)))
      .sort((a, b) => a - b);
    const found = listReadings(made, 5, 4);
    assert.equal(found.length, Math.min(5, strings.size), `graph ${i}`);
    many += Number(strings.size > 5);
    for (const [k, { labels, penalty, share, payload, places }] of found.entries()) {
      assertClose(penalty, least[k], `graph ${i}, reading ${k}`);
      const some = strings.get(labels.join());
      assertClose(share, weigh(some) / weigh(paths), `graph ${i}, reading ${k}`);
      const own = some.filter((path) => path.payload.join() === payload.join());
      assert.equal(places.length, labels.length, `graph ${i}, reading ${k}`);
      assert.ok(
        places.every((place) => payload.includes(place)),
        `reading ${k}`,
      );
      assertClose(Math.min(...own.map((path) => path.penalty)), penalty, `path ${k}`);
    }
    const names = found.map(({ labels }) => labels.join());
    assert.equal(new Set(names).size, names.length, `graph ${i}`);
  }
  assert.ok(many > 50, `${many}`);
});

test("a reader forbids cuts and pieces, and makes pieces dearer", () => {
  const anything = patterns.parsePattern("[0-2]*", "012");
  let moved = 0;
  for (const [i, expected] of load("lines").slice(0, 60).entries()) {
    const pieces = cuts.segment(decode(expected.pixels));
    const graph = cuts.buildGraph(pieces, expected.graph.penalties, 3);
    const best = (bends) =>
      listReadings(compose(bendGraph(graph, pieces, bends), anything), 1, 3)[0];
    const find = (piece) => [
      pieces.cuts[pieces.sources[piece]],
      pieces.cuts[pieces.destinations[piece]],
    ];
    const before = best([]);
    assert.equal(before.penalty, viterbi(graph).penalty);
    const [left, right] = find(before.payload[0]);
    assert.deepEqual(best([[left + 0.5], [left, right + 0.5, 7]]), before);
    const without = best([[left, right]]);
    assert.ok(!without?.payload.includes(before.payload[0]), `line ${i}`);
    moved += Number(without !== undefined);
    const dearer = best([
      [left, right, 0.25],
      [left, right, 0.25],
    ]);
    const other = without?.penalty ?? Infinity;
    assertClose(dearer.penalty, Math.min(before.penalty + 0.5, other), `line ${i}`);
    assert.ok(Number.isFinite(best([[left, right, 1e308]]).penalty));
    if (before.payload.length === 1) continue;
    const joined = best([[right]]);
    for (const piece of joined?.payload ?? [])
      assert.ok(!find(piece).includes(right), `line ${i}`);
  }
  assert.ok(moved > 40, `${moved}`);
});

test("every string but one is accepted", () => {
  const taken = (grammar, labels) => {
    let state = grammar.start;
    for (const label of labels) {
      const rule = grammar.sources.findIndex(
        (source, i) => source === state && grammar.inputs[i] === label,
      );
      state = grammar.destinations[rule];
    }
    return grammar.isFinal[state];
  };
  for (const labels of [[], [1], [1, 0, 1]]) {
    const grammar = grammars.allBut(labels, 2);
    for (let length = 0; length < 5; length += 1)
      for (let bits = 0; bits < 2 ** length; bits += 1) {
        const string = [...bits.toString(2).padStart(length, "0")]
          .slice(0, length)
          .map(Number);
        assert.equal(taken(grammar, string), string.join() !== labels.join());
      }
  }
});

test("profiles have Python's minima", () => {
  for (const { profile, limit, distance, minima } of load("profiles"))
    assert.deepEqual(cuts.findMinima(profile, limit, distance), minima, `${profile}`);
});

test("what is no graph and no grammar is refused in Python's words", () => {
  const { graphs, grammars: bad, cycle } = load("refusals");
  for (const { arcs, message } of graphs) {
    const penalties = arcs.penalties.map(Number);
    assert.throws(() => checkGraph({ ...arcs, penalties }), { message });
  }
  for (const { rules, finals, message } of bad) {
    const numbers = rules.map((rule) => rule.map(Number));
    assert.throws(() => grammars.fromRules(numbers, finals), { message });
  }
  const graph = checkGraph({
    sources: [0, 1],
    destinations: [1, 2],
    labels: [0, 1],
    penalties: [0, 0],
  });
  const silent = grammars.fromRules(cycle.rules, [2]);
  assert.throws(() => compose(graph, silent), { message: cycle.message });
});

test("a graph may have very many arcs", () => {
  const [sources, destinations] = [0, 1].map((node) => Array(200000).fill(node));
  const penalties = sources.map((_, arc) => (arc === 7 ? -1 : 0));
  const graph = checkGraph({ sources, destinations, labels: sources, penalties });
  assert.deepEqual(viterbi(graph), { penalty: -1, path: [7] });
  assertClose(forward(graph).penalty, -Math.log(199999 + Math.E), "all paths");
  assert.deepEqual(read(graph).labels, [0]);
});

test("nodes that are no whole numbers, and lines of other sizes, are refused", () => {
  for (const node of [NaN, 0.5, Infinity])
    assert.throws(
      () =>
        checkGraph({ sources: [node], destinations: [1], labels: [0], penalties: [0] }),
      /Nodes must be numbered from 0/,
    );
  for (const pixels of [new Uint8Array(33), new Float32Array(32)])
    assert.throws(() => cuts.segment(pixels), /A line must be \(32, W\) of bytes/);
});

test("the constants are Python's", () => {
  const { NULL } = grammars;
  const { HEIGHT, CONTACT_LIMIT, MAX_PIECES, MAX_WIDTH, MAX_GAP } = cuts;
  const { MARGIN, STEP, BLANK_PENALTY } = sliding;
  const { MAX_COUNT, MAX_DEPTH, SPECIAL } = patterns;
  assert.deepEqual(
    {
      NULL,
      HEIGHT,
      CONTACT_LIMIT,
      MAX_PIECES,
      MAX_WIDTH,
      MAX_GAP,
      MARGIN,
      STEP,
      BLANK_PENALTY,
      MAX_STATES,
      MAX_COUNT,
      MAX_DEPTH,
      SPECIAL,
    },
    load("constants"),
  );
});
