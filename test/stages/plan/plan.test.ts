import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadSpec } from '../../../src/engine/pipeline/load.ts';
import { planDigests } from './plan-digests.ts';

const text = readFileSync(new URL('../../../pipeline.yaml', import.meta.url), 'utf8');

describe('the plan of the paper', () => {
  it.each(['paper', 'quick', 'smoke', 'reproduction', 'check'])('is the same as ever, profile %s', async (profile) => {
    const digests = planDigests(loadSpec({ file: 'pipeline.yaml', text, profile }));
    await expect(`${JSON.stringify(digests, null, 1)}\n`).toMatchFileSnapshot(`golden/${profile}.json`);
  });
});
