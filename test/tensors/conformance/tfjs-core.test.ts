import { describe, expect, it } from 'vitest';
import { addonFile } from '../backends/onednn/native.ts';
import { runConformance } from './run-conformance.ts';

describe('the tests that tfjs-core brings along', () => {
  it('all pass on onednn', { timeout: 180_000 }, async ({ skip }) => {
    skip(addonFile === '', 'the native addon is not built');
    const { passed, failed, pending, outsideOfSpecs } = await runConformance('--backend', 'onednn');
    expect(failed).toEqual([]);
    expect(outsideOfSpecs).toEqual([]);
    // 4225 and 5 of version 4.22.0: fewer would mean that the bundle lost some.
    expect(passed).toBeGreaterThanOrEqual(4200);
    expect(pending).toBeLessThan(10);
  });

  it('pass on wasm where they are about convolutions in a layout that wasm has', { timeout: 180_000 }, async () => {
    const only = ['--only', '^conv2d(Transpose)? '];
    const { passed, failed, outsideOfSpecs } = await runConformance('--backend', 'wasm', ...only);
    expect(failed.filter(({ name }) => !name.endsWith('NCHW'))).toEqual([]);
    expect(outsideOfSpecs).toEqual([]);
    expect(passed).toBeGreaterThanOrEqual(50);
  });
});
