import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { workerEnvironment } from '../../../src/engine/workers/worker-environment.ts';

const hasGlibc = 'glibcVersionRuntime' in (process.report.getReport() as { header: object }).header;

/** Counts the pages that a process was given while it filled six arrays of 32 MB, one after another. */
const FILL = `const before = process.resourceUsage().minorPageFault;
for (let i = 0; i < 6; i++) { new Uint8Array(2 ** 25).fill(1); globalThis.gc(); }
console.log(process.resourceUsage().minorPageFault - before);`;

function pagesGiven(environment: NodeJS.ProcessEnv): number {
  return Number(execFileSync(process.execPath, ['--expose-gc', '-e', FILL], { env: environment, encoding: 'utf8' }));
}

const FIXED = { TZ: 'UTC', LC_ALL: 'C.UTF-8', LANG: 'C.UTF-8' };

describe('workerEnvironment', () => {
  it('has what locates things, and nothing that can change a result', () => {
    const locating = {
      PATH: '/bin',
      HOME: '/home/me',
      https_proxy: 'http://proxy',
      npm_config_registry: 'http://registry',
    };
    const others = {
      NODE_OPTIONS: '--conditions=special',
      NODE_PATH: '/lib',
      OMP_NUM_THREADS: '3',
      PYTHONPATH: '/py',
      MY_DATA: 'x',
    };
    expect(
      workerEnvironment({ ...locating, ...others, TZ: 'Asia/Tokyo', LC_ALL: 'de_DE.UTF-8', LANGUAGE: 'de' }),
    ).toEqual({
      ...locating,
      ...FIXED,
      GLIBC_TUNABLES: expect.stringContaining('glibc.malloc.trim_threshold=4294967296'),
    });
  });

  it('has the variables that are declared, in place of its own', () => {
    const environment = workerEnvironment(
      { MALLOC_ARENA_MAX: '1', HOME: '/home/me' },
      { MY_DATA: 'x', TZ: 'Asia/Tokyo', HOME: undefined },
    );
    expect(environment).toEqual({ MALLOC_ARENA_MAX: '1', ...FIXED, MY_DATA: 'x', TZ: 'Asia/Tokyo', HOME: undefined });
  });

  it('keeps the user’s memory settings of the C library, and no other settings of it', () => {
    expect(workerEnvironment({ MALLOC_ARENA_MAX: '1' })).toEqual({ MALLOC_ARENA_MAX: '1', ...FIXED });
    const tunables = 'glibc.cpu.hwcaps=-AVX2_Usable:glibc.malloc.arena_max=2';
    expect(workerEnvironment({ GLIBC_TUNABLES: tunables }).GLIBC_TUNABLES).toBe('glibc.malloc.arena_max=2');
  });

  it.skipIf(!hasGlibc)('makes a process keep the memory that it frees', () => {
    const { GLIBC_TUNABLES: _, ...plain } = process.env;
    const environment = Object.fromEntries(Object.entries(plain).filter(([name]) => !name.startsWith('MALLOC_')));
    expect(pagesGiven(workerEnvironment(environment))).toBeLessThan(pagesGiven(environment) / 2);
  });
});
