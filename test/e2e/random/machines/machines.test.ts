import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../../src/engine/base/random.ts';
import { sharedProject } from '../../support/shared.ts';
import { Rig } from './rig.ts';
import { Round } from './round.ts';
import { drawPlace, makeScene } from './scene.ts';
import { Tally } from './tally.ts';

// A short version; the long one is `npm run test:faults:machines -- --events 200`.
const isLong = process.env.VMFDAG_MACHINES_EVENTS !== undefined;
const wanted = Number(process.env.VMFDAG_MACHINES_EVENTS ?? 12);
const seed = Number(process.env.VMFDAG_MACHINES_SEED ?? 1);
const minutes = Number(process.env.VMFDAG_MACHINES_MINUTES ?? 60);
/** One round alone, to repeat it. */
const only = Number(process.env.VMFDAG_MACHINES_ROUND ?? 0);

/** Waiting for a time limit takes longer than a minute: one of so many rounds does. */
const LIMITED_ONE_IN = 40;

/** The long version goes on after a failure. */
const MOST_FAILURES = 10;

describe('faults of other machines', () => {
  it(`${wanted} events of seed ${seed}: the digests of a local run, nothing done twice, no run stuck, no orphan`, {
    timeout: minutes * 60_000 + 600_000,
  }, async ({ skip }) => {
    const rig = new Rig();
    const { lacks } = rig;
    if (!isLong) skip(Boolean(lacks['web server'] ?? lacks.SLURM), lacks['web server'] ?? lacks.SLURM);
    const original = sharedProject();
    await original.run();
    const expected = await original.digests();
    const tally = new Tally();
    const failures: Error[] = [];
    const end = performance.now() + minutes * 60_000;
    try {
      for (let round = Math.max(1, only); tally.faults < wanted && performance.now() < end; round++) {
        const random = randomStream(seed, 'faults of other machines', round);
        const isLimited = isLong && round % LIMITED_ONE_IN === 20 && lacks.SLURM === undefined;
        const drawn = drawPlace(random, rig, isLong);
        const place = isLimited ? ({ executor: 'SLURM', shared: 'none', isLimited } as const) : drawn;
        const each = new Round(makeScene(place, original, rig, random), expected, tally);
        const started = performance.now();
        try {
          await each.run();
        } catch (error) {
          failures.push(new Error(`seed ${seed}, round ${round}: ${(error as Error).message}`, { cause: error }));
          if (isLong) process.stdout.write(`FAILED ${failures.at(-1)?.message}\n`);
          if (!isLong || failures.length >= MOST_FAILURES) break;
        }
        if (isLong) {
          const seconds = ((performance.now() - started) / 1000).toFixed(1);
          process.stdout.write(`round ${round}, ${seconds} s, ${tally.faults} events: ${each.told()}\n`);
        }
        if (only > 0) break;
      }
    } finally {
      const lacking = Object.entries(lacks).flatMap(([name, why]) => (why ? [`without ${name}: ${why}\n`] : []));
      process.stdout.write(`events of seed ${seed}:\n${tally.table()}\n${lacking.join('')}`);
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map(({ message }) => message).join('\n'));
    if (only === 0) expect(tally.faults).toBeGreaterThanOrEqual(wanted);
  });
});
