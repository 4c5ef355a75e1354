import { describe, expect, it } from 'vitest';
import { LiveOutput } from '../../../src/engine/workers/live-output.ts';

/** A process whose output is this text, of which the last bytes can be read. */
function printing(kept = 64 * 1024) {
  let text = Buffer.alloc(0);
  return {
    print: (more: string) => {
      text = Buffer.concat([text, Buffer.from(more)]);
    },
    empty: () => {
      text = Buffer.alloc(0);
    },
    get printedBytes() {
      return text.length;
    },
    printedSince: (position: number) => text.subarray(Math.max(position, text.length - kept)),
  };
}

function telling(secrets: Readonly<Record<string, string>> = {}) {
  const told: [string, number][] = [];
  const output = new LiveOutput(Object.keys(secrets), secrets, (...each) => told.push(each));
  return { output, told, text: () => told.map(([text]) => text).join('') };
}

describe('what a job prints', () => {
  it('is told in whole lines', () => {
    const [process, { output, told }] = [printing(), telling()];
    process.print('one\ntw');
    output.tell(process);
    output.tell(process);
    process.print('o\n');
    output.tell(process);
    expect(told).toEqual([
      ['one\n', 0],
      ['two\n', 0],
    ]);
  });

  it('is told in parts where a line does not end', () => {
    const [process, { output, text }] = [printing(), telling()];
    process.print('x'.repeat(5000));
    output.tell(process);
    expect(text()).toBe('x'.repeat(5000));
  });

  it('is told from the beginning of a new job, which empties the file', () => {
    const [process, { output, text }] = [printing(), telling()];
    process.print('old old\n');
    output.tell(process);
    process.empty();
    process.print('new\n');
    output.tell(process);
    expect(text()).toBe('old old\nnew\n');
  });

  it('says how much was left out', () => {
    const [process, { output, told }] = [printing(8), telling()];
    process.print('0123456789\nabcd\n');
    output.tell(process);
    expect(told).toEqual([['89\nabcd\n', 8]]);
  });

  it.each([
    ['in one line', (secret: string) => [`a ${secret} b\n`]],
    ['in two writes', (secret: string) => [`a ${secret.slice(0, 5)}`, `${secret.slice(5)} b\n`]],
    [
      'in a line without end',
      (secret: string) => [`${'x'.repeat(4500)}${secret.slice(0, 5)}`, `${secret.slice(5)}${'y'.repeat(4500)}`, '\n'],
    ],
    ['after a gap', (secret: string) => [`${'x'.repeat(9000)}${secret}${'y'.repeat(90_000 - 6)}\n`]],
  ])('holds no secret: %s', (_, pieces) => {
    const secret = 'tops3cret-value';
    const [process, { output, text }] = [printing(90_000), telling({ KEY: secret })];
    for (const piece of pieces(secret)) {
      process.print(piece);
      output.tell(process);
    }
    expect(text()).not.toContain(secret.slice(0, 5));
    expect(text()).not.toContain(secret.slice(-6));
    expect(text().length).toBeGreaterThan(0);
  });

  it('is not told where a secret has several lines', () => {
    const [process, { output, told }] = [printing(), telling({ KEY: 'first line\nsecond line' })];
    process.print('first line\nsecond line\n');
    output.tell(process);
    expect(told).toEqual([]);
  });
});
