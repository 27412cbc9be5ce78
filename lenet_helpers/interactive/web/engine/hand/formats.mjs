// How large a picture is and how many it holds, from the headers of its file.

/**
 * What a file's header says: its format; its pixels, null where the file stops before
 * they are said; how many pictures it holds, one after the other.
 * @typedef {object} Size
 * @property {string} kind
 * @property {number | null} width
 * @property {number | null} height
 * @property {number} frames
 */

/**
 * Reads what a picture's file says of itself.
 * @param {Uint8Array} bytes
 * @returns {Size | null}  null where it is in none of the formats
 */
export function readSize(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = FORMATS.find(({ starts }) =>
    Object.entries(starts).every(([place, text]) => isText(view, Number(place), text)),
  );
  if (!found) return null;
  try {
    return { kind: found.kind, ...found.read(view) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { kind: found.kind, width: null, height: null, frames: 1 };
  }
}

const FORMATS = [
  { kind: "PNG", starts: { 0: "\x89PNG\r\n\x1a\n" }, read: readPng },
  { kind: "JPEG", starts: { 0: "\xff\xd8\xff" }, read: readJpeg },
  { kind: "GIF", starts: { 0: "GIF8", 5: "a" }, read: readGif },
  { kind: "WebP", starts: { 0: "RIFF", 8: "WEBP" }, read: readWebp },
  { kind: "BMP", starts: { 0: "BM" }, read: readBmp },
];

const BMP_HEADERS = [12, 16, 40, 52, 56, 64, 108, 124]; // bytes

const readText = (view, place, length) =>
  Array.from(
    { length: Math.max(0, Math.min(length, view.byteLength - place)) },
    (_, i) => String.fromCharCode(view.getUint8(place + i)),
  ).join("");

const isText = (view, place, text) => readText(view, place, text.length) === text;

/** PNG, third edition: chunks of length, name, content and checksum; `acTL` animates. */
function readPng(view) {
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  let [frames, isFirstShown] = [0, false];
  for (let place = 8; place + 8 <= view.byteLength; ) {
    const name = readText(view, place + 4, 4);
    if (name === "IDAT") break;
    if (name === "acTL" && place + 12 <= view.byteLength)
      frames = view.getUint32(place + 8);
    if (name === "fcTL") isFirstShown = true; // the first picture moves with the others
    place += view.getUint32(place) + 12;
  }
  return { width, height, frames: frames && frames + Number(!isFirstShown) };
}

/** ITU-T T.81: segments of a marker and a length; SOF0 to SOF15 have the size. */
function readJpeg(view) {
  let place = 2;
  for (;;) {
    const marker = view.getUint8(place + 1);
    if (view.getUint8(place) !== 0xff) place += 1;
    else if (marker === 0xff) place += 1;
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return {
        width: view.getUint16(place + 7),
        height: view.getUint16(place + 5),
        frames: 1, // a telephone's file can hold a depth map behind the picture
      };
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) place += 2;
    else place += view.getUint16(place + 2) + 2;
  }
}

/** GIF89a: pictures begin with a comma, extensions with "!"; each is a chain of blocks. */
function readGif(view) {
  const [width, height] = [view.getUint16(6, true), view.getUint16(8, true)];
  let place = 13 + measureColors(view.getUint8(10));
  let frames = 0;
  const skipBlocks = () => {
    while (place < view.byteLength && view.getUint8(place))
      place += view.getUint8(place) + 1;
    place += 1;
  };
  while (place + 10 <= view.byteLength) {
    const sign = view.getUint8(place);
    if (sign === 0x2c) {
      frames += 1;
      place += 11 + measureColors(view.getUint8(place + 9));
    } else if (sign === 0x21) place += 2;
    else break;
    skipBlocks();
  }
  return { width, height, frames };
}

const measureColors = (flags) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);

/** RFC 9649: "VP8 ", "VP8L", or "VP8X" and, of what moves, an "ANMF" for each picture. */
function readWebp(view) {
  const kind = readText(view, 12, 4);
  if (kind === "VP8 ")
    return {
      width: view.getUint16(26, true) & 0x3fff,
      height: view.getUint16(28, true) & 0x3fff,
      frames: 1,
    };
  if (kind === "VP8L") {
    const bits = view.getUint32(21, true);
    return {
      width: (bits & 0x3fff) + 1,
      height: ((bits >> 14) & 0x3fff) + 1,
      frames: 1,
    };
  }
  const readThree = (place) =>
    view.getUint16(place, true) + 65536 * view.getUint8(place + 2);
  let frames = 0;
  for (let place = 12; place + 8 <= view.byteLength; ) {
    if (readText(view, place, 4) === "ANMF") frames += 1;
    const length = view.getUint32(place + 4, true);
    place += 8 + length + (length % 2);
  }
  return { width: readThree(24) + 1, height: readThree(27) + 1, frames };
}

/** Windows bitmaps: the size of the header tells how its numbers are written. */
function readBmp(view) {
  const size = view.getUint32(14, true);
  if (!BMP_HEADERS.includes(size)) throw new RangeError("no bitmap");
  if (size === 12)
    return {
      width: view.getUint16(18, true),
      height: view.getUint16(20, true),
      frames: 1,
    };
  return {
    width: view.getInt32(18, true),
    height: Math.abs(view.getInt32(22, true)), // below 0 where rows run down
    frames: 1,
  };
}
