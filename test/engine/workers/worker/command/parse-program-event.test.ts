import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProgramEvent } from '../../../../../src/engine/workers/worker/command/parse-program-event.ts';

const parsed = (line: string) => parseProgramEvent(Buffer.from(line));

describe('a line of a program', () => {
  it.each<[string, object]>([
    ['{"event": "progress", "fraction": 0.5, "time": 1}', { kind: 'progress', fraction: 0.5 }],
    [
      '{"event": "metric", "name": "loss", "value": 0.25, "step": 3, "time": 1764400000000}',
      { kind: 'metric', name: 'loss', value: 0.25, step: 3, time: 1764400000000 },
    ],
    ['{"event": "metric", "name": "λ", "value": "NaN"}', { kind: 'metric', name: 'λ', value: Number.NaN }],
    [
      '{"event": "metric", "name": "a", "value": "-Infinity", "time": -1}',
      { kind: 'metric', value: Number.NEGATIVE_INFINITY },
    ],
  ])('%s', (line, event) => {
    expect(parsed(line)).toMatchObject(event);
  });

  it.each([
    '{"event": "metric", "name": "progress"}',
    '{"event": "metric", "name": 1, "value": 1}',
    '{"event": "metric", "name": "a", "value": "1"}',
    '{"event": "metric", "name": "a", "value": 1, "step": -1}',
    '{"event": "metric", "name": "a", "value": 1, "step": 1.5}',
    '{"event": "metric", "name": "a", "value": 1, "step": null}',
    '{"event": "metric", "name": "a", "val',
    '{"event": "progress", "fraction": 2}',
    '{"event": "progress", "fraction": "1"}',
    '{"event": "progress", "frac',
    '{"event": "other"}',
    '["event"]',
    '"event"',
    '',
  ])('is none: %s', (line) => {
    expect(parsed(line)).toBeUndefined();
  });

  it('may hold anything', () => {
    fc.assert(fc.property(fc.json(), (text) => void parsed(`{"event": "metric", "name": "a", "value": ${text}}`)));
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseProgramEvent(Buffer.from(bytes))));
  });
});
