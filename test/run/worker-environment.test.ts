import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { workerEnvironment } from '../../src/run/worker-environment.ts';

const hasGlibc = 'glibcVersionRuntime' in (process.report.getReport() as { header: object }).header;

/** Counts the pages that a process was given while it filled six arrays of 32 MB, one after another. */
const FILL = `const before = process.resourceUsage().minorPageFault;
for (let i = 0; i < 6; i++) { new Uint8Array(2 ** 25).fill(1); globalThis.gc(); }
console.log(process.resourceUsage().minorPageFault - before);`;

function pagesGiven(environment: NodeJS.ProcessEnv): number {
  return Number(execFileSync(process.execPath, ['--expose-gc', '-e', FILL], { env: environment, encoding: 'utf8' }));
}

describe('workerEnvironment', () => {
  it('adds to the environment of the command', () => {
    expect(workerEnvironment({ PATH: '/bin' })).toEqual({
      PATH: '/bin',
      GLIBC_TUNABLES: expect.stringContaining('glibc.malloc.trim_threshold=4294967296'),
    });
  });

  it.each(['GLIBC_TUNABLES', 'MALLOC_ARENA_MAX'])('leaves to the user what the user has settled: %s', (name) => {
    expect(workerEnvironment({ [name]: '1' })).toEqual({ [name]: '1' });
  });

  it.skipIf(!hasGlibc)('makes a process keep the memory that it frees', () => {
    const { GLIBC_TUNABLES: _, ...plain } = process.env;
    const environment = Object.fromEntries(Object.entries(plain).filter(([name]) => !name.startsWith('MALLOC_')));
    expect(pagesGiven(workerEnvironment(environment))).toBeLessThan(pagesGiven(environment) / 2);
  });
});
