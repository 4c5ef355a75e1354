import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LineReader } from '../../../../../src/engine/workers/worker/command/line-reader.ts';

it('gives the lines of a text, however it is cut, without those that are too long', () => {
  const text = fc.array(
    fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('', 'x'.repeat(8192), 'x'.repeat(8193), 'x'.repeat(30000)),
    ),
  );
  fc.assert(
    fc.property(
      text,
      fc.boolean(),
      fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1 }),
      (parts, ends, cuts) => {
        const bytes = Buffer.from(parts.join('\n') + (ends ? '\n' : ''));
        const lines: string[] = [];
        const reader = new LineReader((line) => lines.push(line.toString()));
        const memory = Buffer.alloc(9000);
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const length = bytes.copy(memory, 0, at, at + (cuts[turn % cuts.length] as number));
          reader.take(memory.subarray(0, length));
          at += length;
        }
        reader.end();
        const whole = bytes.toString().split('\n');
        expect(lines).toEqual(whole.filter((line) => line !== '' && Buffer.byteLength(line) <= 8192));
      },
    ),
  );
});
