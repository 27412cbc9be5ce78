// The checksum of PNG and of zip files.

/**
 * Computes the checksum of the PNG standard, Annex D.
 * @param {Iterable<number>} bytes
 * @returns {number}  32 bits
 */
export function computeCrc(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1)
      crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
