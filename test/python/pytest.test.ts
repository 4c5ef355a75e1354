import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE, pythonWith, run } from './python.ts';

const found = pythonWith('pytest');

describe('the Python package', () => {
  it('passes its own tests', { timeout: 300_000 }, ({ skip }) => {
    if ('reason' in found) return skip(found.reason);
    const args = [
      '-m',
      'pytest',
      '-q',
      '-rs',
      '-p',
      'no:cacheprovider',
      '-c',
      join(PACKAGE, 'pyproject.toml'),
      PACKAGE,
    ];
    const { status, stdout, stderr } = run(found.python, args, { timeout: 290_000 });
    expect(status, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/\d+ passed/);
  });
});
