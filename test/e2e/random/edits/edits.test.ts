import { readFileSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../../src/engine/base/random.ts';
import { execute } from '../../support/command-line.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { editAtRandom, newWorld, type Switch, type World } from './world.ts';

// A short version; the long one is `npm run test:edits -- --edits 500`.
const edits = Number(process.env.VMFDAG_EDITS ?? 20);
const seed = Number(process.env.VMFDAG_EDITS_SEED ?? 1);

/** What the last run printed that failed. */
let lastFailure = '';

/** What a run says of itself and makes: the exit code, and the published result where there is one. */
async function resultOf(world: World, cache: string): Promise<string> {
  const { env, from, node } = world.surroundings;
  rmSync(world.path('project/results'), { recursive: true, force: true });
  const args = ['run', '--file', world.path('project/pipeline.yaml'), '--cache', world.path(cache), '--jobs', '1'];
  const { code, stdout, stderr } = await execute(world.path(from), args, { env, node });
  if (code === 0) return readFileSync(world.path('project/results/result.json'), 'utf8');
  lastFailure = stdout + stderr;
  return `exit ${code}`;
}

describe('after random edits of all that may decide a result', () => {
  it(`a run on the old cache gives what one on an empty cache gives: ${edits} edits of seed ${seed}`, {
    timeout: 60_000 + edits * 20_000,
  }, async () => {
    const world = newWorld(temporaryFolder());
    const random = randomStream(seed, 'edits');
    const ways = new Map<Switch, string>();
    const results = new Map<string, string>();
    const done: string[] = ['nothing'];
    for (let edit = 0; edit <= edits; edit++) {
      const kept = await resultOf(world, 'cache');
      const fresh = await resultOf(world, 'fresh');
      rmSync(world.path('fresh'), { recursive: true });
      if (edit === 0) expect(fresh).not.toContain('exit');
      expect(kept, `after ${done.slice(-12).join('; ')}\n${lastFailure}`).toBe(fresh);
      results.set(fresh, done.at(-1) as string);
      // Several at once, now and then: one may hide another.
      for (let more = 1 + random.integer(2); more > 0; more--) done.push(editAtRandom(world, ways, random));
    }
    // An edit that changes nothing proves nothing: most of them do change the result.
    expect(results.size).toBeGreaterThan(edits / 4);
  });
});
