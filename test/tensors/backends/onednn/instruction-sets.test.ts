import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { binding } from './native.ts';

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const differential = fileURLToPath(new URL('differential.test.ts', import.meta.url));
const sampling = fileURLToPath(new URL('../../../stages/factored-sampling.test.ts', import.meta.url));

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

describe.skipIf(binding === undefined || process.arch !== 'x64')('the native kernels on older machines', () => {
  it.each([
    ['AVX2', 'avx2 0x7'],
    ['SSE41', 'sse41 0x1'],
  ])(
    'are as right with no more than %s',
    (limit, name) => {
      const run = (...args: string[]) =>
        spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, ONEDNN_MAX_CPU_ISA: limit } });
      const addon = process.env.VMFDAG_NATIVE_ADDON ?? 'tfjs-backend-onednn/native';
      expect(run('-p', `require(${JSON.stringify(addon)}).describe().instructionSet`).stdout.trim()).toBe(name);
      const passedOf = (...args: string[]): number => {
        const { stdout, stderr } = run(vitest, 'run', ...args, '--reporter', 'json');
        const { numPassedTests, testResults } = JSON.parse(stdout) as Report;
        const failures = testResults
          .flatMap(({ assertionResults }) => assertionResults)
          .filter(({ status }) => status === 'failed')
          .map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages}`);
        expect(failures, stderr).toEqual([]);
        return numPassedTests;
      };
      expect(passedOf(differential)).toBeGreaterThan(10);
      expect(passedOf(sampling, '--testNamePattern', 'onednn opens the ReLUs that the loop opens')).toBe(1);
    },
    120_000,
  );
});
