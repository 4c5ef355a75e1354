/** The polynomial of zip and Ethernet, bit-reversed. */
const POLYNOMIAL = 0xedb88320;

const TABLE = /* @__PURE__ */ Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? POLYNOMIAL ^ (value >>> 1) : value >>> 1;
  return value;
});

/** CRC-32 of a part of `bytes`, continued from the one before. For a few dozen bytes, a call of Node's own function costs more than the sum. */
export function crc32(bytes: Uint8Array, from: number, to: number, before = 0): number {
  let sum = ~before;
  for (let index = from; index < to; index++) {
    sum = (TABLE[(sum ^ (bytes[index] as number)) & 0xff] as number) ^ (sum >>> 8);
  }
  return ~sum >>> 0;
}
