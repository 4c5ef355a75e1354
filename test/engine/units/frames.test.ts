import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, type Frame, FrameReader, NoFrame } from '../../../src/engine/units/frames.ts';

interface Sent {
  readonly message: { readonly type: string; readonly text: string };
  readonly body: Uint8Array;
}

const sent: fc.Arbitrary<Sent> = fc.record({
  message: fc.record({ type: fc.constantFrom('job', 'ended', 'piece'), text: fc.string({ unit: 'binary' }) }),
  body: fc.uint8Array({ maxLength: 300 }),
});

/** Cuts a stream at random places, also into single bytes. */
function cut(stream: Buffer, places: readonly number[]): readonly Buffer[] {
  const bounds = [...new Set([0, ...places.map((place) => place % (stream.length + 1)), stream.length])].sort(
    (a, b) => a - b,
  );
  return bounds.slice(1).map((end, index) => stream.subarray(bounds[index], end));
}

function readAll(reader: FrameReader, chunks: readonly Buffer[]): readonly Frame[] {
  return chunks.flatMap((chunk) => [...reader.push(chunk)]);
}

describe('frames', () => {
  it('property: whatever the split of the bytes, the same frames come out', () => {
    fc.assert(
      fc.property(
        fc.array(sent, { maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 60 }),
        fc.boolean(),
        (frames, places, isSingle) => {
          const stream = Buffer.concat(frames.map(({ message, body }) => encodeFrame(message, [body])));
          const chunks = isSingle ? [...stream].map((byte) => Buffer.from([byte])) : cut(stream, places);
          const found = readAll(new FrameReader(), chunks);
          expect(found.map(({ message, body }) => [message.type, message.text, [...body]])).toEqual(
            frames.map(({ message, body }) => [message.type, message.text, [...body]]),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('keeps what a shell prints before the first one', () => {
    const reader = new FrameReader();
    const found = readAll(reader, [Buffer.from('Welcome to gpu1\n{not json\n'), encodeFrame({ type: 'hello' })]);
    expect(found.map(({ message }) => message.type)).toEqual(['hello']);
    expect(reader.prologue).toBe('Welcome to gpu1\n{not json\n');
  });

  it('refuses anything else after the first one, and bodies of no sensible size', () => {
    const begun = new FrameReader();
    readAll(begun, [encodeFrame({ type: 'hello' })]);
    expect(() => readAll(begun, [Buffer.from('a stage printed this\n')])).toThrow(NoFrame);
    for (const body of [-1, 1.5, 2 ** 40, '"9"']) {
      const line = Buffer.from(`{"type":"piece","body":${body}}\n`);
      expect(() => readAll(new FrameReader(), [line]), String(body)).toThrow(NoFrame);
    }
  });
});
