// Zip files (PKWARE's APPNOTE, 4.3): written without compression, read with or without.

import { computeCrc } from "../crc.mjs";

const ENTRY = 0x04034b50; // signatures: of an entry, of its line in the list, of the end
const LINE = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20; // of the format that is needed to read it
const NEW_YEAR_1980 = 0x21; // a date, so that the same entries make the same file
const STORED = 0; // methods
const DEFLATED = 8;

/**
 * Writes a zip file.
 * @param {{name: string, bytes: Uint8Array}[]} entries  names in ASCII
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function writeZip(entries) {
  /** @type {Uint8Array[][]} */
  const [body, list] = [[], []];
  const measure = (parts) => parts.reduce((sum, part) => sum + part.length, 0);
  for (const { name, bytes } of entries) {
    const letters = new TextEncoder().encode(name);
    const common = [
      [2, VERSION],
      [2, 0], // flags
      [2, STORED],
      [2, 0], // time
      [2, NEW_YEAR_1980],
      [4, computeCrc(bytes)],
      [4, bytes.length],
      [4, bytes.length],
      [4, letters.length], // and nothing extra
    ];
    const place = measure(body);
    const line = [[4, LINE], [2, VERSION], ...common, [6, 0], [4, 0], [4, place]];
    list.push(writeNumbers(line), letters);
    body.push(writeNumbers([[4, ENTRY], ...common]), letters, bytes);
  }
  const end = [
    [4, END],
    [4, 0],
    [2, entries.length],
    [2, entries.length],
    [4, measure(list)],
    [4, measure(body)],
    [2, 0],
  ];
  const parts = [...body, ...list, writeNumbers(end)];
  const file = new Uint8Array(measure(parts));
  let place = 0;
  for (const part of parts) {
    file.set(part, place);
    place += part.length;
  }
  return file;
}

/** Writes numbers of so many bytes each, the lowest byte first. */
const writeNumbers = (numbers) =>
  Uint8Array.from(
    numbers.flatMap(([size, number]) =>
      Array.from({ length: size }, (_, i) => Math.floor(number / 256 ** i) % 256),
    ),
  );

/**
 * Reads an entry of a zip file.
 * @param {Uint8Array<ArrayBuffer>} file
 * @param {string} name
 * @returns {Promise<Uint8Array>}
 * @throws it is no zip file, or holds no such entry, or a damaged one; a RangeError where
 *   it is cut off
 */
export async function readZip(file, name) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const { method, crc, packed, size, place } = findEntry(view, file, name);
  if (view.getUint32(place, true) !== ENTRY) throw new Error(`${name} is damaged`);
  const start =
    place + 30 + view.getUint16(place + 26, true) + view.getUint16(place + 28, true);
  const content = file.subarray(start, start + packed);
  if (method !== STORED && method !== DEFLATED)
    throw new Error(
      `${name} is compressed by method ${method}, which is not known here`,
    );
  const bytes = method === DEFLATED ? await inflate(content, size, name) : content;
  if (bytes.length !== size || computeCrc(bytes) !== crc)
    throw new Error(`${name} is damaged: its checksum is another`);
  return bytes;
}

/** Finds an entry in the list at the file's end. */
function findEntry(view, file, name) {
  let end = file.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== END) end -= 1;
  if (end < 0) throw new Error("it is no zip file");
  let line = view.getUint32(end + 16, true);
  for (let count = view.getUint16(end + 10, true); count > 0; count -= 1) {
    if (view.getUint32(line, true) !== LINE) throw new Error("its list is damaged");
    const letters = view.getUint16(line + 28, true);
    const found = new TextDecoder().decode(
      file.subarray(line + 46, line + 46 + letters),
    );
    if (found === name)
      return {
        method: view.getUint16(line + 10, true),
        crc: view.getUint32(line + 16, true),
        packed: view.getUint32(line + 20, true),
        size: view.getUint32(line + 24, true),
        place: view.getUint32(line + 42, true),
      };
    line +=
      46 + letters + view.getUint16(line + 30, true) + view.getUint16(line + 32, true);
  }
  throw new Error(`it holds no ${name}`);
}

/** Decompresses bytes, and stops where more come than the list says. */
async function inflate(content, size, name) {
  const stream = new Blob([content]).stream();
  const reader = stream.pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const bytes = new Uint8Array(size);
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (length + value.length > size) throw new Error("longer");
      bytes.set(value, length);
      length += value.length;
    }
  } catch (error) {
    throw new Error(`${name} is damaged: it cannot be decompressed`, { cause: error });
  } finally {
    reader.cancel().catch(() => {}); // what is left of it is not wanted
  }
  return bytes.subarray(0, length);
}
