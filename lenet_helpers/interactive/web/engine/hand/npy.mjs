// NumPy's array files (NEP 1): a line that says type and shape, then the numbers.

const SIGNATURE = "\x93NUMPY";
const PREFIX = 10; // bytes before the line, in version 1: signature, version, length
const ALIGNMENT = 64; // bytes: the numbers begin at a multiple of it

/**
 * An array: NumPy's name of its type, its shape, its numbers in the order of their places;
 * no numbers where the type is none of those below.
 * @typedef {{type: string, shape: number[], values: number[]}} NumPyArray
 */

/**
 * Names of types, by kind and bytes, with the bytes of a number and how it is read; a
 * number beyond 2 ** 53 is rounded.
 * @type {Record<string, {name: string, size: number, read: (view: DataView, place: number, isLittle: boolean) => number}>}
 */
const TYPES = {
  u1: { name: "uint8", size: 1, read: (view, place) => view.getUint8(place) },
  i1: { name: "int8", size: 1, read: (view, place) => view.getInt8(place) },
  b1: { name: "bool", size: 1, read: (view, place) => view.getUint8(place) },
  u2: {
    name: "uint16",
    size: 2,
    read: (v, place, little) => v.getUint16(place, little),
  },
  i2: { name: "int16", size: 2, read: (v, place, little) => v.getInt16(place, little) },
  u4: {
    name: "uint32",
    size: 4,
    read: (v, place, little) => v.getUint32(place, little),
  },
  i4: { name: "int32", size: 4, read: (v, place, little) => v.getInt32(place, little) },
  f4: {
    name: "float32",
    size: 4,
    read: (v, place, little) => v.getFloat32(place, little),
  },
  f8: {
    name: "float64",
    size: 8,
    read: (v, place, little) => v.getFloat64(place, little),
  },
  i8: {
    name: "int64",
    size: 8,
    read: (view, place, little) => Number(view.getBigInt64(place, little)),
  },
  u8: {
    name: "uint64",
    size: 8,
    read: (view, place, little) => Number(view.getBigUint64(place, little)),
  },
};

/**
 * Reads an array.
 * @param {Uint8Array} bytes  of an .npy file
 * @returns {NumPyArray}
 * @throws the file is cut off, or holds something else
 */
export function readArray(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (readText(bytes, 0, 6) !== SIGNATURE)
    throw new Error("an array has another format");
  const isLong = view.getUint8(6) > 1; // versions 2 and 3 count in four bytes
  const length = isLong ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = (isLong ? PREFIX + 2 : PREFIX) + length;
  const { sign, kind, isTurned, shape } = readHeader(
    readText(bytes, start - length, length),
  );
  if (!(kind in TYPES)) return { type: sign + kind, shape, values: [] };
  const { name, size, read } = TYPES[kind];
  const number = shape.reduce((product, side) => product * side, 1);
  if (bytes.length !== start + size * number)
    throw new Error(
      `an array of ${number} numbers has ${bytes.length - start} bytes instead of ` +
        `${size * number}`,
    );
  const values = Array.from({ length: number }, (_, i) =>
    read(view, start + size * i, sign !== ">"),
  );
  return { type: name, shape, values: isTurned ? turn(values, shape) : values };
}

const readText = (bytes, start, length) =>
  String.fromCharCode(...bytes.subarray(start, start + length));

/** Reads the line, which is a dict as Python writes it. */
function readHeader(text) {
  const type = /'descr': *'([<>|=])(\w\d+)'/.exec(text);
  const order = /'fortran_order': *(True|False)/.exec(text);
  const shape = /'shape': *\(([\d, ]*)\)/.exec(text);
  if (!type || !order || !shape)
    throw new Error(`an array is of another kind: ${text.trim().slice(0, 80)}`);
  return {
    sign: type[1], // of the order of bytes
    kind: type[2],
    isTurned: order[1] === "True",
    shape: (shape[1].match(/\d+/g) ?? []).map(Number),
  };
}

/** Puts numbers in order of which the first index runs fastest. */
function turn(values, shape) {
  const steps = shape.map((_, axis) =>
    shape.slice(0, axis).reduce((product, side) => product * side, 1),
  );
  return values.map((_, i) => {
    let [place, rest] = [0, i];
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      place += steps[axis] * (rest % shape[axis]);
      rest = Math.floor(rest / shape[axis]);
    }
    return values[place];
  });
}

/**
 * Writes an array of bytes, of whole numbers or of real ones.
 * @param {{type: string, shape: number[], values: ArrayLike<number>}} array
 * @returns {Uint8Array}  an .npy file
 */
export function writeArray({ type, shape, values }) {
  const [kind, { size }] = /** @type {[string, {size: number}]} */ (
    Object.entries(TYPES).find(([, { name }]) => name === type)
  );
  const sides = shape.map((side) => `${side},`).join(" ");
  const descr = `${size === 1 ? "|" : "<"}${kind}`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sides}), }`;
  const start = Math.ceil((PREFIX + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(start + size * values.length);
  const view = new DataView(bytes.buffer);
  const line = `${text.padEnd(start - PREFIX - 1)}\n`;
  bytes.set([...SIGNATURE, "\x01", "\x00"].map((letter) => letter.charCodeAt(0)));
  view.setUint16(8, line.length, true);
  bytes.set(new TextEncoder().encode(line), PREFIX);
  const writers = {
    uint8: (place, value) => view.setUint8(place, value),
    int64: (place, value) => view.setBigInt64(place, BigInt(value), true),
    float64: (place, value) => view.setFloat64(place, value, true),
  };
  for (let i = 0; i < values.length; i += 1) writers[type](start + size * i, values[i]);
  return bytes;
}
