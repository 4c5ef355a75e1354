import { describe, expect, it } from 'vitest';
import { lastFraction } from '../../../../../src/engine/workers/worker/command/progress-events.ts';

describe('lastFraction', () => {
  it('is that of the last line of progress', () => {
    const lines = ['{"event": "progress", "fraction": 0.25}', '{"event": "progress", "fraction": 0.5}', ''];
    expect(lastFraction(lines.join('\n'))).toBe(0.5);
  });

  it.each([
    '{"event": "metric", "name": "progress", "value": 1}',
    '{"event": "progress", "fraction": 2}',
    '{"event": "progress", "fraction": "1"}',
    '{"event": "progress", "frac',
    '["progress"]',
  ])('leaves out %s', (line) => {
    expect(lastFraction(`{"event": "progress", "fraction": 0.25}\n${line}\n`)).toBe(0.25);
    expect(lastFraction(line)).toBeUndefined();
  });
});
