import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../../../src/engine/base/random.ts';
import { chainsProject } from '../../support/chains.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { gateProject, processOf } from '../../support/gate.ts';
import { isAlive } from '../../support/processes.ts';
import type { Project } from '../../support/project.ts';
import { type Change, drawChange, type Verdict } from './change.ts';
import { fillCache } from './lived-in-cache.ts';
import { Victims } from './victims.ts';

// A short version; the long one is `npm run test:damage -- --changes 600`.
const changes = Number(process.env.VMFDAG_DAMAGE_CHANGES ?? 50);
const seed = Number(process.env.VMFDAG_DAMAGE_SEED ?? 1);
/** A command line takes much longer than a process that is there already. */
const commandLines = Math.ceil(changes / 30);

describe('damage', () => {
  const folder = temporaryFolder();
  const victims = new Victims(join(folder, 'pristine'), join(folder, 'damaged'));
  afterAll(() => victims.stop());

  it(`${changes} changes of the database's file, of seed ${seed}: detected or harmless, all of them`, {
    timeout: 60_000 + changes * 2000,
  }, async () => {
    await fillCache(join(folder, 'pristine'));
    const pristine = readFileSync(join(folder, 'pristine', 'data.mdb'));
    const random = randomStream(seed, 'damage');
    const tally: Record<Verdict['kind'], number> = { refused: 0, detected: 0, harmless: 0, wrong: 0 };
    const wrong: string[] = [];
    for (let index = 0; index < changes; index++) {
      const change = drawChange(pristine, random);
      const verdict = await victims.meet(change);
      tally[verdict.kind]++;
      if (verdict.kind === 'wrong') wrong.push(`${change.what}: ${verdict.what}`);
    }
    process.stdout.write(`damage of seed ${seed}: ${JSON.stringify(tally)}\n`);
    expect(wrong).toEqual([]);
    expect(tally.refused).toBeGreaterThan(0);
    expect(tally.detected).toBeGreaterThan(0);
  });

  it(`${commandLines} of them by the command line: each is said, or the run gives what it gave`, {
    timeout: 120_000 + commandLines * 60_000,
  }, async () => {
    const project = chainsProject(2, 3, 0);
    expect((await project.execute(['run'])).code).toBe(0);
    const pristine = readFileSync(project.path('cache/data.mdb'));
    const results = project.read('results/total.json');
    const random = randomStream(seed, 'damage by the command line');
    for (let index = 0; index < commandLines; index++) {
      await meet(project, drawChange(pristine, random), { pristine, results });
    }
  });
});

describe('a database file that is cut off during a run', () => {
  it('ends the run with what is wrong, and no process by a signal', async () => {
    const project = gateProject(1);
    const run = project.start(['run', '--json']);
    const worker = await processOf(project, 1);
    truncateSync(project.path('cache/data.mdb'), 8192);
    const { code, signal, stderr } = await run.ended;
    expect({ code, signal }).toEqual({ code: 1, signal: null });
    expect(stderr).toMatch(/data\.mdb is damaged: it was cut off after 8192 bytes\n {2}fix: /);
    expect(isAlive(worker)).toBe(false);
    const again = await project.execute(['status']);
    expect({ code: again.code, signal: again.signal }).toEqual({ code: 1, signal: null });
    expect(again.stderr).toMatch(/data\.mdb is damaged: /);
  });
});

async function meet(
  project: Project,
  change: Change,
  { pristine, results }: { readonly pristine: Buffer; readonly results: string },
): Promise<void> {
  rmSync(project.path('cache'), { recursive: true });
  rmSync(project.path('results'), { recursive: true, force: true });
  mkdirSync(project.path('cache'));
  const bytes = Buffer.from(pristine);
  for (const { offset, value } of change.bytes) bytes.writeUInt8(value, offset);
  writeFileSync(project.path('cache/data.mdb'), bytes.subarray(0, change.length));
  for (const command of ['status', 'cache verify', 'run']) {
    const { code, signal, stdout, stderr } = await project.execute(command.split(' '));
    const said = `${change.what}, ${command}: ${signal ?? code}\n${stdout}${stderr}`;
    expect(signal, said).toBeNull();
    expect(said).not.toMatch(/^\s+at .*:\d+:\d+\)?$|this is a bug in vmfdag/m);
    if (code !== 0) expect(said).toMatch(/damaged|fix: /);
    if (command === 'run' && code === 0) expect(project.read('results/total.json')).toBe(results);
  }
}
