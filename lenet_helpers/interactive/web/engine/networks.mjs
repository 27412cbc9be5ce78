// The networks of the course, and what is done to a drawing before they see it: pure
// functions, no DOM. `lenet_helpers/networks.py` and `drawing.py` are the reference;
// tests hold the two together.

/**
 * Maps of one layer, or parameters.
 * @typedef {{shape: number[], data: Float32Array}} Tensor
 *   maps have the shape (maps, height, width), row by row
 */

const AMPLITUDE = 1.7159; // A and S of the squashing function; LeCun et al. 1998, eq. 6
const SLOPE = 2 / 3;
const BACKGROUND = -0.1; // LeCun et al. 1998, Sec. II-B
const FOREGROUND = 1.175;

// Tensors

/**
 * Reads the bytes of a safetensors file.
 * @param {DataView} view
 * @returns {Object<string, Tensor>}  16-bit floats and bytes become 32-bit floats
 * @throws {Error} where the bytes are cut off, of another kind, or no numbers
 */
export function readTensors(view) {
  const length = view.byteLength >= 8 ? Number(view.getBigUint64(0, true)) : Infinity;
  if (8 + length > view.byteLength) throw new Error("the weights are cut off");
  const text = new Uint8Array(view.buffer, view.byteOffset + 8, length);
  const { __metadata__, ...entries } = JSON.parse(new TextDecoder().decode(text));
  const tensors = {};
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(entries)) {
    const [size, get] = READERS[dtype] ?? [];
    if (!size) throw new Error(`${name} is stored as ${dtype}, which is not read here`);
    const [first, end] = offsets.map((offset) => 8 + length + offset);
    if (end > view.byteLength) throw new Error("the weights are cut off");
    const data = new Float32Array((end - first) / size);
    for (let i = 0; i < data.length; i += 1) data[i] = get(view, first + size * i);
    if (!data.every(Number.isFinite)) throw new Error(`${name} holds what is no number`);
    tensors[name] = { shape, data };
  }
  return tensors;
}

const READERS = {
  F32: [4, (view, at) => view.getFloat32(at, true)],
  F16: [2, (view, at) => decodeHalf(view.getUint16(at, true))],
  U8: [1, (view, at) => view.getUint8(at)],
};

/**
 * Decodes a 16-bit float.
 * @param {number} bits
 * @returns {number}
 */
export function decodeHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

// Layers

/** f(a) = A tanh(S a). */
export const squash = (sum) => AMPLITUDE * Math.tanh(SLOPE * sum);
export const rectify = (sum) => Math.max(sum, 0);
const keep = (sum) => sum;

/**
 * Convolves, where each map reads only the maps that links name.
 * @param {Tensor} input  (maps, height, width)
 * @param {Tensor} weight  (links, kernel, kernel)
 * @param {Tensor} bias  (maps') or, a bias a unit, (maps', height', width')
 * @param {object} options
 * @param {Tensor} [options.links]  (2, links): the map and what it reads; else each map
 *   reads every map
 * @param {number} [options.stride]
 * @param {number[]} [options.padding]  rows and columns before, and after
 * @param {number} [options.background]  the value of the padding
 * @param {function(number): number} [options.squash]
 * @returns {Tensor}  (maps', height', width')
 */
export function convolve(input, weight, bias, options = {}) {
  const { links, stride = 1, padding = [0, 0], background = 0 } = options;
  const { shape, data } = pad(input, padding, background);
  const [maps, height, width] = shape;
  const [numLinks, size] = weight.shape;
  const numMaps = bias.shape[0];
  const rows = Math.floor((height - size) / stride) + 1;
  const columns = Math.floor((width - size) / stride) + 1;
  const units = rows * columns;
  const sums = new Float64Array(numMaps * units);
  const ownBias = bias.shape.length > 1;
  const kernels = weight.data;
  for (let i = 0; i < sums.length; i += 1)
    sums[i] = bias.data[ownBias ? i : Math.floor(i / units)];
  for (let link = 0; link < numLinks; link += 1) {
    const to = (links ? links.data[link] : Math.floor(link / maps)) * units;
    const source = links ? links.data[numLinks + link] : link % maps;
    const from = source * height * width;
    const kernel = link * size * size;
    for (let y = 0; y < rows; y += 1) {
      for (let x = 0; x < columns; x += 1) {
        let sum = 0;
        for (let v = 0; v < size; v += 1) {
          const row = from + (stride * y + v) * width + stride * x;
          const taps = kernel + v * size;
          for (let u = 0; u < size; u += 1) sum += kernels[taps + u] * data[row + u];
        }
        sums[to + y * columns + x] += sum;
      }
    }
  }
  const states = Float32Array.from(sums, options.squash ?? squash);
  return { shape: [numMaps, rows, columns], data: states };
}

/**
 * Puts a border around each map.
 * @param {Tensor} input  (maps, height, width)
 * @param {number[]} padding  rows and columns before, and after
 * @param {number} background
 * @returns {Tensor}
 */
export function pad(input, [before, after], background) {
  if (!before && !after) return input;
  const [maps, height, width] = input.shape;
  const wide = width + before + after;
  const high = height + before + after;
  const data = new Float32Array(maps * high * wide).fill(background);
  for (let map = 0; map < maps; map += 1) {
    for (let y = 0; y < height; y += 1) {
      const row = input.data.subarray((map * height + y) * width).subarray(0, width);
      data.set(row, (map * high + before + y) * wide + before);
    }
  }
  return { shape: [maps, high, wide], data };
}

/**
 * Halves each map: sums every 2 x 2 patch, scales, shifts, squashes.
 * @param {Tensor} input  (maps, height, width), both even
 * @param {Tensor} coefficient  (maps)
 * @param {Tensor} bias  (maps)
 * @returns {Tensor}  (maps, height / 2, width / 2)
 */
export function subsample(input, coefficient, bias) {
  return mergePatches(input, (map, a, b, c, d) =>
    squash(coefficient.data[map] * (a + b + c + d) + bias.data[map]),
  );
}

/**
 * Halves each map: keeps the largest of every 2 x 2 patch.
 * @param {Tensor} input  (maps, height, width), both even
 * @returns {Tensor}  (maps, height / 2, width / 2)
 */
export function keepLargest(input) {
  return mergePatches(input, (map, a, b, c, d) => Math.max(a, b, c, d));
}

function mergePatches({ shape: [maps, height, width], data }, merge) {
  const rows = height / 2;
  const columns = width / 2;
  const states = new Float32Array(maps * rows * columns);
  for (let i = 0; i < states.length; i += 1) {
    const x = i % columns;
    const row = (i - x) / columns; // over all maps
    const first = 2 * row * width + 2 * x;
    const map = Math.floor(row / rows);
    const below = first + width;
    states[i] = merge(map, data[first], data[first + 1], data[below], data[below + 1]);
  }
  return { shape: [maps, rows, columns], data: states };
}

/**
 * Connects every unit to every unit below, at every place.
 * @param {Tensor} input  (units, height, width); read as (units, places)
 * @param {Tensor} weight  (units', units)
 * @param {Tensor} bias  (units')
 * @param {function(number): number} [activate]
 * @returns {Tensor}  (units', 1, places)
 */
export function connect(input, weight, bias, activate = squash) {
  const [numUnits, numInputs] = weight.shape;
  const places = input.data.length / numInputs;
  const states = new Float32Array(numUnits * places);
  const [weights, below] = [weight.data, input.data];
  for (let unit = 0; unit < numUnits; unit += 1) {
    for (let place = 0; place < places; place += 1) {
      let sum = bias.data[unit];
      for (let i = 0; i < numInputs; i += 1)
        sum += weights[unit * numInputs + i] * below[i * places + place];
      states[unit * places + place] = activate(sum);
    }
  }
  return { shape: [numUnits, 1, places], data: states };
}

/**
 * Gives each class a penalty at every place: the squared distance from its code.
 * @param {Tensor} input  (84, 1, places)
 * @param {Tensor} codes  (classes, 84)
 * @returns {Tensor}  (classes, 1, places)
 */
export function measureDistances(input, codes) {
  const [classes, numInputs] = codes.shape;
  const places = input.data.length / numInputs;
  const penalties = new Float32Array(classes * places);
  for (let label = 0; label < classes; label += 1) {
    for (let place = 0; place < places; place += 1) {
      let sum = 0;
      for (let i = 0; i < numInputs; i += 1) {
        const gap = input.data[i * places + place] - codes.data[label * numInputs + i];
        sum += gap * gap;
      }
      penalties[label * places + place] = sum;
    }
  }
  return { shape: [classes, 1, places], data: penalties };
}

// Networks. Each takes an input (1, height, width), made by `prepareInput`, and the
// tensors of `lenet_helpers.stored.pack_network`; it returns every layer's maps.

function runNet1989(input, t) {
  const options = { stride: 2, padding: [2, 1], background: -1 };
  const h1 = convolve(input, t["h1.weight"], t["h1.bias"], options);
  const links = t["h2.links"];
  const h2 = convolve(h1, t["h2.weight"], t["h2.bias"], { ...options, links });
  const h3 = connect(h2, t["h3.weight"], t["h3.bias"]);
  const output = connect(h3, t["output.weight"], t["output.bias"]);
  return { input, h1, h2, h3, output };
}

function runLeNet1(input, t) {
  const h1 = convolve(input, t["h1.weight"], t["h1.bias"]);
  const h2 = subsample(h1, t["h2.weight"], t["h2.bias"]);
  const links = t["h3.links"];
  const h3 = convolve(h2, t["h3.weight"], t["h3.bias"], { links });
  const h4 = subsample(h3, t["h4.weight"], t["h4.bias"]);
  const output = connect(h4, t["output.weight"], t["output.bias"]);
  return { input, h1, h2, h3, h4, output };
}

// Also over a wider input: the penalties are then those of windows four pixels apart.
function runLeNet5(input, t) {
  const c1 = convolve(input, t["c1.weight"], t["c1.bias"]);
  const s2 = subsample(c1, t["s2.weight"], t["s2.bias"]);
  const links = t["c3.links"];
  const c3 = convolve(s2, t["c3.weight"], t["c3.bias"], { links });
  const s4 = subsample(c3, t["s4.weight"], t["s4.bias"]);
  const c5 = convolve(s4, t["c5.weight"], t["c5.bias"]);
  const f6 = connect(c5, t["f6.weight"], t["f6.bias"]);
  const output = measureDistances(f6, t["output.weight"]);
  return { input, c1, s2, c3, s4, c5, f6, output };
}

function runModern(input, t) {
  const options = { squash: rectify };
  const c1 = convolve(input, t["c1.weight"], t["c1.bias"], options);
  const s2 = keepLargest(c1);
  const c3 = convolve(s2, t["c3.weight"], t["c3.bias"], options);
  const s4 = keepLargest(c3);
  const f5 = connect(s4, t["f5.weight"], t["f5.bias"], rectify);
  const output = connect(f5, t["output.weight"], t["output.bias"], keep);
  return { input, c1, s2, c3, s4, f5, output };
}

// size: of the digits' 28 x 28 field within the input; border: around it; low, high:
// the values of background and ink; sign: of the outputs, -1 where small is good.
const OLD = { low: -1, high: 1, sign: 1 };
const NEW = { size: 28, low: BACKGROUND, high: FOREGROUND };
export const NETWORKS = {
  net1989: { ...OLD, size: 16, border: 0, run: runNet1989 },
  lenet1: { ...OLD, size: 22, border: 3, run: runLeNet1 },
  lenet5: { ...NEW, border: 2, sign: -1, run: runLeNet5 },
  modern: { ...NEW, border: 0, sign: 1, run: runModern },
};

/**
 * Turns stored pixels into a network's input.
 * @param {string} name  of `NETWORKS`
 * @param {Uint8Array} pixels  28 rows; 0 is background, 255 is ink
 * @returns {Tensor}  (1, height, width)
 */
export function prepareInput(name, pixels) {
  const { size, border, low, high } = NETWORKS[name];
  const width = pixels.length / 28;
  let field = { shape: [1, 28, width], data: pixels };
  if (size !== 28) field = resample(field, size, size, weighTriangles);
  const scale = (high - low) / 255;
  const data = Float32Array.from(field.data, (value) => low + scale * value);
  return pad({ shape: field.shape, data }, [border, border], low);
}

/**
 * Computes every layer's maps.
 * @param {string} name  of `NETWORKS`
 * @param {Object<string, Tensor>} tensors
 * @param {Uint8Array} pixels  28 rows, of 28 columns or, for LeNet-5, 28 + 4 k
 * @returns {Object<string, Tensor>}  by layer, from `input` to `output`
 */
export function runNetwork(name, tensors, pixels) {
  return NETWORKS[name].run(prepareInput(name, pixels), tensors);
}

/**
 * Finds the answer, the runner-up, and how far apart they are.
 * @param {string} name  of `NETWORKS`
 * @param {Tensor} output  (10, 1, places)
 * @param {number} [place]
 * @returns {?{answer: number, second: number, difference: number}}  null where an
 *   output is no number
 */
export function judge(name, output, place = 0) {
  const places = output.shape[2];
  const { sign } = NETWORKS[name];
  const scores = [...Array(10).keys()].map((i) => sign * output.data[i * places + place]);
  if (!scores.every(Number.isFinite)) return null;
  const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a]);
  const difference = scores[order[0]] - scores[order[1]];
  return { answer: order[0], second: order[1], difference };
}

// Drawings

export const SIDE = 140; // pixels of a drawing's field, five for each of MNIST's 28
export const RADIUS = 0.04; // of the pen, as a part of the field's height
const BOX = 20; // MNIST's box, and the pixel on which its digits' mass is centred
const CENTER = 14;
const MARGIN = 12; // columns before and after a line of digits
const LONGEST = 320; // columns of a line of digits, at most
const TIE = 1e-9; // halves are rounded up, whatever the order of a sum

/**
 * Adds a stroke to a drawing: round pen, edges antialiased.
 * @param {Uint8Array} ink  (SIDE, width); 255 is ink; changed in place
 * @param {number[]} stroke  x and y of each point in turn, 0 to 1 over the field's
 *   height; a single point is a dot; what lies outside leaves no ink
 */
export function drawStroke(ink, stroke) {
  const width = ink.length / SIDE;
  const reach = RADIUS * SIDE + 0.5;
  for (let i = 0; i + 1 < stroke.length; i += 2) {
    const end = Math.min(i + 2, stroke.length - 2); // the last point is its own end
    if (end === i && i > 0) break;
    const [x, y, x2, y2] = [i, i + 1, end, end + 1].map((k) => stroke[k] * SIDE - 0.5);
    const square = (x2 - x) ** 2 + (y2 - y) ** 2;
    const clip = (value, limit) => Math.max(0, Math.min(limit, value));
    const top = clip(Math.ceil(Math.min(y, y2) - reach), SIDE);
    const bottom = clip(Math.floor(Math.max(y, y2) + reach) + 1, SIDE);
    const left = clip(Math.ceil(Math.min(x, x2) - reach), width);
    const right = clip(Math.floor(Math.max(x, x2) + reach) + 1, width);
    for (let v = top; v < bottom; v += 1) {
      for (let u = left; u < right; u += 1) {
        const along = square && ((u - x) * (x2 - x) + (v - y) * (y2 - y)) / square;
        const share = clip(along, 1);
        const gap = Math.hypot(u - x - share * (x2 - x), v - y - share * (y2 - y));
        const value = Math.floor(255 * clip(reach - gap, 1) + 0.5);
        if (value > ink[v * width + u]) ink[v * width + u] = value;
      }
    }
  }
}

/**
 * Draws strokes, over one of MNIST's digits or over nothing.
 * @param {number[][]} strokes  as `drawStroke` takes them
 * @param {?Uint8Array} [digit]  (28, 28)
 * @param {number} [width]  of the field, in pixels
 * @returns {Uint8Array}  (SIDE, width)
 */
export function drawInk(strokes, digit = null, width = SIDE) {
  const ink = new Uint8Array(SIDE * width);
  const step = SIDE / 28;
  if (digit)
    for (let i = 0; i < ink.length; i += 1)
      ink[i] = digit[28 * Math.floor(i / width / step) + Math.floor((i % width) / step)];
  for (const stroke of strokes) drawStroke(ink, stroke);
  return ink;
}

/**
 * Does what MNIST's makers did: crops to the ink, scales it into a box of 20 x 20 pixels
 * without changing its proportions, and centres its mass in a field of 28 x 28.
 * @param {Uint8Array} ink  (SIDE, width)
 * @returns {?Uint8Array}  (28, 28); null where there is no ink
 *
 * LeCun et al. 1998, Sec. III-A. `chapters/digits.md` measures that the mass is centred
 * on pixel 14.
 */
export function centerInk(ink) {
  const crop = cropInk(ink);
  if (!crop) return null;
  const [, height, width] = crop.shape;
  const small = shrinkInk(crop, BOX / Math.max(height, width));
  const pixels = new Uint8Array(28 * 28);
  placeInk(pixels, small, placeMass(small.columnMass, small.shape[2]));
  return pixels;
}

/**
 * Does the same to a line of digits: the whole line becomes 20 pixels high, and its mass
 * is centred in height.
 * @param {Uint8Array} ink  (SIDE, width)
 * @returns {?Uint8Array}  28 rows of 28 + 4 k columns; null where there is no ink
 */
export function scaleLine(ink) {
  const crop = cropInk(ink);
  if (!crop) return null;
  const [, height, width] = crop.shape;
  const small = shrinkInk(crop, Math.min(BOX / height, LONGEST / width));
  // The first window can have a thin 1 in its middle, and so can the last.
  const columns = Math.ceil((small.shape[2] + 2 * MARGIN - 28) / 4) * 4 + 28;
  const pixels = new Uint8Array(28 * columns);
  placeInk(pixels, small, MARGIN);
  return pixels;
}

function cropInk(ink) {
  const width = ink.length / SIDE;
  let [top, bottom, left, right] = [SIDE, -1, width, -1];
  for (let y = 0; y < SIDE; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (!ink[y * width + x]) continue;
      top = Math.min(top, y);
      bottom = y;
      left = Math.min(left, x);
      right = Math.max(right, x);
    }
  }
  if (bottom < 0) return null;
  const shape = [1, bottom + 1 - top, right + 1 - left];
  const data = new Float64Array(shape[1] * shape[2]);
  for (let y = 0; y < shape[1]; y += 1)
    for (let x = 0; x < shape[2]; x += 1)
      data[y * shape[2] + x] = ink[(top + y) * width + left + x];
  return { shape, data };
}

function shrinkInk(crop, scale) {
  const [height, width] = crop.shape.slice(1).map((side) =>
    Math.max(1, Math.floor(scale * side + 0.5 + TIE)),
  );
  const small = resample(crop, height, width, weighOverlaps);
  let [mass, rows, columns] = [0, 0, 0];
  small.data.forEach((value, i) => {
    mass += value;
    rows += value * Math.floor(i / width);
    columns += value * (i % width);
  });
  return { ...small, rowMass: rows / mass, columnMass: columns / mass };
}

function placeMass(mass, extent) {
  return Math.max(0, Math.min(28 - extent, Math.floor(CENTER - mass + 0.5 + TIE)));
}

function placeInk(pixels, { shape: [, height, width], data, rowMass }, column) {
  const row = placeMass(rowMass, height);
  data.forEach((value, i) => {
    const y = row + Math.floor(i / width);
    pixels[(pixels.length / 28) * y + column + (i % width)] = Math.floor(value + 0.5 + TIE);
  });
}

/**
 * Resizes a map, antialiased: each new pixel is a weighted mean.
 * @param {{shape: number[], data: ArrayLike<number>}} input  (1, height, width)
 * @param {number} height
 * @param {number} width
 * @param {function(number, number): object[]} weigh  how, in one direction
 * @returns {{shape: number[], data: Float64Array}}  (1, height, width)
 */
export function resample({ shape: [, oldHeight, oldWidth], data }, height, width, weigh) {
  const across = weigh(oldWidth, width);
  const narrow = new Float64Array(oldHeight * width);
  for (let y = 0; y < oldHeight; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const { first, weights } = across[x];
      let sum = 0;
      for (let i = 0; i < weights.length; i += 1)
        sum += weights[i] * data[y * oldWidth + first + i];
      narrow[y * width + x] = sum;
    }
  }
  const down = weigh(oldHeight, height);
  const small = new Float64Array(height * width);
  for (let y = 0; y < height; y += 1) {
    const { first, weights } = down[y];
    for (let x = 0; x < width; x += 1) {
      let sum = 0;
      for (let i = 0; i < weights.length; i += 1)
        sum += weights[i] * narrow[(first + i) * width + x];
      small[y * width + x] = sum;
    }
  }
  return { shape: [1, height, width], data: small };
}

/**
 * Weighs old pixels by how much of the new one they cover.
 * @param {number} from  old pixels in a row
 * @param {number} to  new ones
 * @returns {{first: number, weights: number[]}[]}  for each new pixel
 */
export function weighOverlaps(from, to) {
  const scale = from / to;
  return weighPixels(from, to, scale / 2, (k, middle) =>
    Math.min(k + 1, middle + scale / 2) - Math.max(k, middle - scale / 2),
  );
}

/**
 * Weighs old pixels by a triangle around the middle of the new one, as PyTorch's
 * `interpolate(..., mode="bilinear", antialias=True)` does.
 * @param {number} from  old pixels in a row
 * @param {number} to  new ones
 * @returns {{first: number, weights: number[]}[]}  for each new pixel
 */
export function weighTriangles(from, to) {
  const reach = Math.max(from / to, 1);
  return weighPixels(from, to, reach, (k, middle) =>
    1 - Math.abs(k + 0.5 - middle) / reach,
  );
}

function weighPixels(from, to, reach, weigh) {
  return Array.from({ length: to }, (_, i) => {
    const middle = (from / to) * (i + 0.5);
    const first = Math.max(0, Math.floor(middle - reach));
    const end = Math.min(from, Math.ceil(middle + reach));
    const weights = [];
    for (let k = first; k < end; k += 1) weights.push(Math.max(0, weigh(k, middle)));
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}
