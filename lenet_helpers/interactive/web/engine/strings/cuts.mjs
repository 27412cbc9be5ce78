// Where a line might be cut, the pieces between two cuts, the graph of all ways. As
// `lenet_helpers/strings/cuts.py`, one line at a time. Pure functions, no DOM.
//
// LeCun et al. 1998, p. 19-20, Fig. 16 to 18; limits are not published.

import { clamp } from "../numbers.mjs";
import { checkGraph } from "./graphs.mjs";

/** @import { Graph } from "./graphs.mjs" */

export const HEIGHT = 32; // rows of a line, as LeNet-5's field
export const CONTACT_LIMIT = 2500; // grey units
export const MAX_PIECES = 8; // neighbouring pieces that may make a digit
export const MAX_WIDTH = 21; // columns of a digit
export const MAX_GAP = 4; // blank columns inside a digit

/**
 * The pieces of ink of a line that might be a digit.
 * @typedef {object} Pieces
 * @property {Uint8Array} images  (S, 32, 32): each piece alone, its centre of mass in the
 *   middle, as MNIST's
 * @property {number[]} sources  (S): the cut on its left, which is a node of the graph
 * @property {number[]} destinations  (S): the cut on its right
 * @property {number[]} cuts  (C): as in `findCuts`
 */

/**
 * Measures how much ink joins each column to the one before: the sum over the rows of the
 * smaller of the two neighbouring pixels.
 * @param {Uint8Array} pixels  (32, W)
 * @returns {Float64Array}  (W)
 */
export function measureContact(pixels) {
  const width = pixels.length / HEIGHT;
  const contact = new Float64Array(width);
  for (let i = 1; i < pixels.length; i += 1)
    if (i % width) contact[i % width] += Math.min(pixels[i], pixels[i - 1]);
  return contact;
}

/**
 * Finds where a profile is locally least, and at most `limit`.
 * @param {ArrayLike<number>} profile  (W)
 * @param {number} limit
 * @param {number} [distance]  the least number of columns from one minimum to the next; of
 *   two that are nearer the lower one stays
 * @returns {number[]}  columns, from left to right. A flat stretch counts once, in its
 *   middle. The first and the last column are none.
 */
export function findMinima(profile, limit, distance = 2) {
  const found = [];
  for (let left = 1, right = 1; left < profile.length - 1; left = right + 1) {
    right = left;
    while (profile[right + 1] === profile[left]) right += 1;
    const isLeast =
      profile[left - 1] > profile[left] && profile[right + 1] > profile[left];
    if (!isLeast || profile[left] > limit) continue;
    const column = Math.floor((left + right + 1) / 2);
    const before = found[found.length - 1];
    if (before === undefined || column - before >= distance) found.push(column);
    else if (profile[column] < profile[before]) found[found.length - 1] = column;
  }
  return found;
}

/**
 * Finds candidate cuts: where neighbouring columns touch least.
 * @param {Uint8Array} pixels  (32, W)
 * @param {number} [limit]  the most contact, in grey units, at a cut
 * @returns {number[]}  (C): of each cut the first column on its right, from left to right:
 *   the first cut lies before all ink, the last behind it. None where there is no ink.
 */
export function findCuts(pixels, limit = CONTACT_LIMIT) {
  const width = pixels.length / HEIGHT;
  let [first, last] = [width, 0];
  for (let i = 0; i < pixels.length; i += 1) {
    if (!pixels[i]) continue;
    first = Math.min(first, i % width);
    last = Math.max(last, (i % width) + 1);
  }
  if (!last) return [];
  const contact = measureContact(pixels).subarray(first, last + 1);
  const minima = findMinima(contact, limit).map((column) => first + column);
  return [first, ...minima, last];
}

/**
 * Cuts a line at every candidate, and lists what might be a digit: up to MAX_PIECES
 * neighbouring pieces, at most MAX_WIDTH columns, with at most MAX_GAP blank ones inside.
 * A single piece may always be one.
 * @param {Uint8Array} pixels  (32, W); 0 is background, 255 ink
 * @returns {Pieces}
 * @throws {Error} it is no (32, W) of bytes
 *
 * LeCun et al. 1998, p. 19, Fig. 16.
 */
export function segment(pixels) {
  if (!(pixels instanceof Uint8Array) || pixels.length % HEIGHT)
    throw new Error(
      `A line must be (${HEIGHT}, W) of bytes, got ${pixels.length} numbers.`,
    );
  const cuts = findCuts(pixels);
  const sources = /** @type {number[]} */ ([]);
  const destinations = /** @type {number[]} */ ([]);
  const images = /** @type {Uint8Array[]} */ ([]);
  for (let i = 0; i < cuts.length - 1; i += 1) {
    for (let j = i + 1; j < Math.min(i + MAX_PIECES + 1, cuts.length); j += 1) {
      const ink = measureInk(pixels, cuts[i], cuts[j]);
      const isWide = ink.last - ink.first + 1 > MAX_WIDTH || ink.gap > MAX_GAP;
      if (isWide && j > i + 1) continue;
      sources.push(i);
      destinations.push(j);
      images.push(centerPiece(pixels, ink));
    }
  }
  return { images: stack(images), sources, destinations, cuts };
}

/**
 * A piece between two cuts that were given.
 * @typedef {object} Strip
 * @property {Uint8Array} image  (32, 32): as `Pieces` have it
 * @property {boolean} isWhole  false where ink sticks out of the image
 */

/**
 * Cuts a line at given columns.
 * @param {Uint8Array} pixels  (32, W)
 * @param {number[]} columns  of each cut the first column on its right, from left to
 *   right, from 1 to W - 1
 * @returns {{strips: Strip[], images: Uint8Array}}  the S strips with ink, from left to
 *   right, and their images, (S, 32, 32)
 */
export function cutAt(pixels, columns) {
  const edges = [0, ...columns, pixels.length / HEIGHT];
  const strips = edges
    .slice(1)
    .map((right, i) => measureInk(pixels, edges[i], right))
    .filter(({ total }) => total > 0)
    .map((ink) => {
      const image = centerPiece(pixels, ink);
      return { image, isWhole: image.reduce((sum, x) => sum + x, 0) === ink.total };
    });
  return { strips, images: stack(strips.map(({ image }) => image)) };
}

/** Puts images one behind the other. @param {Uint8Array[]} images  each (32, 32) */
function stack(images) {
  const together = new Uint8Array(images.length * HEIGHT * HEIGHT);
  for (const [i, image] of images.entries()) together.set(image, i * HEIGHT * HEIGHT);
  return together;
}

/**
 * Builds the recognition graph: an arc a piece and class.
 * @param {Pieces} pieces  S of them
 * @param {ArrayLike<number>} penalties  (S, K): what a network gives each piece's classes
 * @param {number} numClasses  K
 * @returns {Graph}  the labels are the classes, the payload is the piece. A line without
 *   ink has no path.
 *
 * LeCun et al. 1998, p. 20, Fig. 18.
 */
export function buildGraph({ sources, destinations, cuts }, penalties, numClasses) {
  const arcs = Array.from({ length: sources.length * numClasses }, (_, arc) => arc);
  const payload = arcs.map((arc) => Math.floor(arc / numClasses));
  return checkGraph({
    sources: payload.map((piece) => sources[piece]),
    destinations: payload.map((piece) => destinations[piece]),
    labels: arcs.map((arc) => arc % numClasses),
    penalties,
    payload,
    numNodes: Math.max(2, cuts.length),
  });
}

/** Measures a piece: its ink, where it lies, its widest gap of blank columns. */
function measureInk(pixels, left, right) {
  const width = pixels.length / HEIGHT;
  let [total, rowSum, columnSum, gap] = [0, 0, 0, 0];
  let [first, last] = [-1, -1];
  for (let column = left; column < right; column += 1) {
    const before = total;
    for (let row = 0; row < HEIGHT; row += 1) {
      const ink = pixels[row * width + column];
      total += ink;
      rowSum += ink * row;
      columnSum += ink * column;
    }
    if (total === before) continue;
    if (first < 0) first = column;
    else gap = Math.max(gap, column - last - 1);
    last = column;
  }
  return { total, rowSum, columnSum, first, last, gap };
}

/** Puts the centre of a piece's mass into the middle of a field; what sticks out is lost. */
function centerPiece(pixels, { total, rowSum, columnSum, first, last }) {
  const width = pixels.length / HEIGHT;
  const image = new Uint8Array(HEIGHT * HEIGHT);
  const down = HEIGHT / 2 - Math.floor(rowSum / total + 0.5);
  const right = HEIGHT / 2 - Math.floor(columnSum / total + 0.5);
  for (let row = Math.max(0, -down); row < Math.min(HEIGHT, HEIGHT - down); row += 1) {
    const begin = row * width;
    const from = Math.max(first, -right);
    const end = clamp(HEIGHT - right, from, last + 1);
    image.set(
      pixels.subarray(begin + from, begin + end),
      (row + down) * HEIGHT + from + right,
    );
  }
  return image;
}
