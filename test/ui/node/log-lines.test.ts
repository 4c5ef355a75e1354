import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogPart } from '../../../src/engine/views/live/protocol.ts';
import { appendPart, linesOf, MOST_LINES, prependPart, readableLine } from '../../../ui/views/node/log-lines.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const part = (all: string, offset: number, next: number): LogPart => ({
  offset,
  text: new TextDecoder().decode(bytes(all).slice(offset, next)),
  next,
  end: bytes(all).length,
  isLive: true,
  first: 0,
});

const logs = fc
  .array(fc.constantFrom('a', 'line', '\n', '', '\n\n', 'x y', '0123456789'), { minLength: 1 })
  .map((pieces) => pieces.join(''));

describe('the lines of a log', () => {
  it('are those of the whole, however its parts are cut and in whichever direction they come', () => {
    fc.assert(
      fc.property(logs, fc.array(fc.nat(40)), fc.nat(40), (all, cuts, middle) => {
        const length = bytes(all).length;
        const places = [
          ...new Set([0, ...cuts.map((cut) => Math.min(cut, length)), Math.min(middle, length), length]),
        ].sort((a, b) => a - b);
        const start = places.indexOf(Math.min(middle, length));
        const first = start === places.length - 1 ? start - 1 : start;
        fc.pre(first >= 0);
        let log = linesOf(part(all, places[first] as number, places[first + 1] as number));
        for (let at = first + 1; at + 1 < places.length; at++) {
          log = appendPart(log, part(all, places[at] as number, places[at + 1] as number));
        }
        for (let at = first - 1; at >= 0; at--) {
          log = prependPart(log, part(all, places[at] as number, places[at + 1] as number));
        }
        expect({ lines: log.lines, start: log.start, next: log.next }).toEqual({
          lines: all
            .replace(/\n$/, '')
            .split('\n')
            .slice(0, all === '' ? 0 : undefined),
          start: 0,
          next: length,
        });
      }),
    );
  });

  it('ignores a part that does not join', () => {
    const log = linesOf(part('one\ntwo\nthree\n', 4, 8));
    expect(appendPart(log, part('one\ntwo\nthree\n', 9, 14))).toBe(log);
    expect(prependPart(log, part('one\ntwo\nthree\n', 0, 3))).toBe(log);
  });

  it('are a bounded number, and where they begin is known to the byte', () => {
    const all = 'ä\n'.repeat(MOST_LINES + 10);
    let log = linesOf(part(all, 0, 6));
    log = appendPart(log, part(all, 6, bytes(all).length));
    expect({ lines: log.lines.length, start: log.start }).toEqual({ lines: MOST_LINES, start: 30 });
  });
});

it('shows a line as a terminal would', () => {
  expect(readableLine('\u001b[31mred\u001b[0m text\r')).toBe('red text');
  expect(readableLine('10 %\r50 %\r100 %')).toBe('100 %');
  expect(readableLine('\u001b]0;title\u0007plain')).toBe('plain');
});
