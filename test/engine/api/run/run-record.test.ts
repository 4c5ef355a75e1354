import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { runId } from '../../../../src/engine/api/run/run-record.ts';

describe('runId', () => {
  it('sorts runs of one second by their time', async () => {
    const ids: string[] = [];
    for (let run = 0; run < 20; run++) {
      ids.push(runId());
      await setTimeout(3);
    }
    expect(ids.toSorted()).toEqual(ids);
  });

  it('differs between runs of the same moment', () => {
    const ids = Array.from({ length: 50 }, runId);
    expect(new Set(ids).size).toBe(50);
  });
});
