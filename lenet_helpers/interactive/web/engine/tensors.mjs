// Tensors: reading them from the bytes that Python wrote. Pure functions, no DOM.

/**
 * Maps of one layer, or parameters.
 * @typedef {{shape: number[], data: Float32Array}} Tensor
 *   maps have the shape (maps, height, width), row by row
 */

/**
 * What is only read may have any kind of numbers.
 * @typedef {{shape: number[], data: ArrayLike<number>}} Numbers
 */

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
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(
    entries,
  )) {
    const [size, get] = READERS[dtype] ?? [];
    if (!size) throw new Error(`${name} is stored as ${dtype}, which is not read here`);
    const [first, end] = offsets.map((offset) => 8 + length + offset);
    if (end > view.byteLength) throw new Error("the weights are cut off");
    const data = new Float32Array((end - first) / size);
    for (let i = 0; i < data.length; i += 1) data[i] = get(view, first + size * i);
    if (!data.every(Number.isFinite))
      throw new Error(`${name} holds what is no number`);
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

/**
 * Takes one part of a tensor, as tensor[index] does.
 * @param {Tensor} tensor
 * @param {number} index  along the first axis
 * @returns {Tensor}
 */
export function take({ shape: [, ...shape], data }, index) {
  const size = shape.reduce((product, n) => product * n, 1);
  return { shape, data: data.subarray(index * size, (index + 1) * size) };
}

/**
 * Reads the bytes of a model, which arrive as a DataView.
 * @param {DataView} view
 * @returns {Uint8Array}
 */
export const readBytes = (view) =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
