// The wire format of protocol buffers, as far as one message needs it: varints and length-delimited fields. Others are skipped.
// Source: "Encoding" in the documentation of Protocol Buffers.

const VARINT = 0;
const FIXED_64 = 1;
const DELIMITED = 2;
const FIXED_32 = 5;

/** A field with a whole number. */
export function numberField(tag: number, value: number): Uint8Array {
  return Buffer.concat([varint(tag * 8 + VARINT), varint(value)]);
}

/** A field with bytes, a text, or a message. */
export function bytesField(tag: number, content: Uint8Array | string): Uint8Array {
  const bytes = Buffer.from(content);
  return Buffer.concat([varint(tag * 8 + DELIMITED), varint(bytes.length), bytes]);
}

/** Little-endian groups of seven bits. Divides, since shifts end at 32 bits. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return Uint8Array.of(...bytes, rest);
}

/** A field of a message; numbers of other kinds than varints are skipped. */
export interface Field {
  readonly tag: number;
  readonly content: number | Uint8Array;
}

/** The fields of a message, in their order. @throws {RangeError} for bytes that are none */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = message[at++];
      if (byte === undefined || factor > 2 ** 63) throw noMessage();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const head = next();
    const tag = Math.floor(head / 8);
    switch (head % 8) {
      case VARINT:
        yield { tag, content: next() };
        break;
      case DELIMITED: {
        const length = next();
        if (at + length > message.length) throw noMessage();
        yield { tag, content: message.subarray(at, at + length) };
        at += length;
        break;
      }
      case FIXED_64:
        at += 8;
        break;
      case FIXED_32:
        at += 4;
        break;
      default:
        throw noMessage();
    }
  }
  if (at > message.length) throw noMessage();
}

function noMessage(): RangeError {
  return new RangeError('these bytes are no message of protocol buffers');
}
