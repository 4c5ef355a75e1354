import { existsSync, readFileSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../../src/engine/base/random.ts';
import { execute, reportOf } from '../../support/command-line.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { newLockWorld } from './lock-world.ts';
import { newPythonWorld } from './python-world.ts';
import { editAtRandom, type Switch, type World } from './world.ts';

// A short version; `npm run test:edits -- --edits 500` has the long one.
const edits = Number(process.env.VMFDAG_EDITS ?? 12);
const seed = Number(process.env.VMFDAG_EDITS_SEED ?? 1);

interface Made {
  /** The exit code, or the published result. */
  readonly result: string;
  readonly started: readonly string[];
  readonly told: string;
}

async function run(world: World, cache: string): Promise<Made> {
  const result = world.path('project/results/result.json');
  rmSync(result, { force: true });
  const args = ['run', '--json', '--file', world.path('project/pipeline.yaml'), '--cache', world.path(cache)];
  const ended = await execute(world.folder, args, { env: world.surroundings.env });
  const { code } = ended;
  // What is refused before it begins has no summary.
  const started = code === 0 ? reportOf(ended).started : [];
  const text = code === 0 && existsSync(result) ? readFileSync(result, 'utf8') : `exit ${code}`;
  return { result: text, started, told: ended.stdout + ended.stderr };
}

/**
 * Edits a world at random, and runs after each edit on the old cache and on an empty one.
 * @returns how many different results there were, and how many runs in which nothing was to run
 */
async function editAndCompare(
  {
    world,
    switches,
  }: { readonly world: World; readonly switches: readonly (Switch & { readonly isNeutral?: true })[] },
  edits: number,
): Promise<{ readonly results: number; readonly neutralRuns: number }> {
  const random = randomStream(seed, 'python edits');
  const ways = new Map<Switch, string>();
  const neutral = new Set(switches.flatMap((each) => (each.isNeutral ? [each.name] : [])));
  const results = new Set<string>();
  const done: string[] = ['nothing'];
  let neutralRuns = 0;
  let before = '';
  let mayRun = true;
  for (let edit = 0; edit <= edits; edit++) {
    const kept = await run(world, 'cache');
    const story = `after ${done.slice(-12).join('; ')}\n${kept.told}`;
    if (!mayRun && !before.startsWith('exit')) {
      expect(kept.started, story).toEqual([]);
      expect(kept.result, story).toBe(before);
      neutralRuns++;
    }
    const fresh = await run(world, 'fresh');
    rmSync(world.path('fresh'), { recursive: true, force: true });
    if (edit === 0) expect(fresh.result, fresh.told).not.toContain('exit');
    expect(kept.result, story).toBe(fresh.result);
    results.add(fresh.result);
    before = kept.result;
    mayRun = false;
    const chosen = random.integer(3) === 0 ? switches.filter(({ isNeutral }) => isNeutral) : switches;
    for (let more = 1 + random.integer(2); more > 0; more--) {
      const told = editAtRandom(world, ways, random, chosen);
      done.push(told);
      mayRun ||= ![...neutral].some((name) => told.startsWith(`${name}: `));
    }
  }
  return { results: results.size, neutralRuns };
}

describe('after random edits of Python modules, installed packages, data and params', () => {
  it(`a run on the old cache gives what one on an empty cache gives, and edits of comments, docstrings and layout run nothing: ${edits} edits of seed ${seed}`, {
    timeout: 60_000 + edits * 20_000,
  }, async () => {
    const { results, neutralRuns } = await editAndCompare(newPythonWorld(temporaryFolder()), edits);
    // An edit that changes nothing, or everything, proves nothing.
    expect(results).toBeGreaterThan(edits / 4);
    expect(neutralRuns).toBeGreaterThan(edits / 10);
  });
});

describe('after random edits of a lock file, of what is installed, and of the command that needs it', () => {
  it(`a run on the old cache gives what one on an empty cache gives: ${edits} edits of seed ${seed}`, {
    timeout: 60_000 + edits * 20_000,
  }, async () => {
    const { results, neutralRuns } = await editAndCompare(newLockWorld(temporaryFolder()), edits);
    // There are six results, and failures.
    expect(results).toBeGreaterThan(Math.min(3, edits / 6));
    expect(neutralRuns).toBeGreaterThan(edits / 20);
  });
});
