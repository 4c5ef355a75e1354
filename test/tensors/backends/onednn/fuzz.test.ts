import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { addonFile, binding } from './native.ts';

// A short version; the long one is `npm run test:fuzz -- --seconds 3600`.
const program = fileURLToPath(new URL('fuzz/run.mjs', import.meta.url));

function fuzz(addon: string, seconds: number, environment: NodeJS.ProcessEnv = {}) {
  return spawnSync(process.execPath, [program, '--seconds', String(seconds), '--seed', '1'], {
    encoding: 'utf8',
    env: { ...process.env, ...environment, VMFDAG_NATIVE_ADDON: addon },
  });
}

describe.skipIf(binding === undefined)('the native addon, called with arguments of all kinds', () => {
  it.each([
    ['', {}],
    [' with no more than SSE4.1', { ONEDNN_MAX_CPU_ISA: 'SSE41' }],
  ])(
    'neither crashes, nor hangs, nor writes outside of arrays%s',
    (_what, environment) => {
      const { status, stdout, stderr } = fuzz(addonFile, 3, environment);
      expect(stderr).toBe('');
      expect(stdout).toMatch(/^\d+ calls of seed 1: none wrote outside/);
      expect(status).toBe(0);
    },
    300_000,
  );

  it.each([
    [
      'writes before an array',
      'new Uint8Array(x.buffer)[x.byteOffset - 1] = 0',
      'memory outside of array number 1 has changed',
    ],
    ['writes behind an array', 'new Uint8Array(x.buffer)[x.byteOffset + x.byteLength] = 0', 'memory outside of array'],
    ['ends the process', 'process.abort()', 'SIGABRT'],
    ['refuses what is right', "throw new RangeError('no')", 'right arguments are refused: RangeError: no'],
  ])(
    'is found out where it %s, with the call that did it',
    (_what, fault, expected) => {
      const folder = mkdtempSync(join(tmpdir(), 'vmfdag-fuzz-'));
      try {
        const faulty = join(folder, 'faulty.cjs');
        writeFileSync(
          faulty,
          `const real = require(${JSON.stringify(addonFile)});
         module.exports = { ...real, relu: (x, ...rest) => { real.relu(x, ...rest); ${fault}; } };`,
        );
        const { status, stderr } = fuzz(faulty, 60);
        expect(stderr).toContain('relu (case ');
        expect(stderr).toContain(expected);
        expect(stderr).toContain('arguments: [{"kind":"array"');
        expect(status).toBe(1);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    120_000,
  );
});
