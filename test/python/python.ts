import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const PACKAGE = join(ROOT, 'python');

/** Where scripts/python-packages.mjs installs what the tests need. */
const INSTALLED = join(ROOT, 'node_modules/.cache/vmfdag-python/bin/python');

/** The Python of VMFDAG_TEST_PYTHON, else that of the gate, else the system's; or why there is none that has these modules. */
export function pythonWith(...modules: string[]): { python: string } | { reason: string } {
  const candidates = [process.env.VMFDAG_TEST_PYTHON, INSTALLED, 'python3'].filter(
    (path) => path !== undefined && (path === 'python3' || existsSync(path)),
  ) as string[];
  const found = candidates.find((python) => run(python, ['-c', `import sys, ${modules.join(', ')}`]).status === 0);
  if (found) return { python: found };
  const hint = 'VMFDAG_TEST_PYTHON may name a Python';
  return { reason: `no Python here has ${modules.join(' and ')} (${candidates.join(', ')}); ${hint}` };
}

export function run(python: string, args: readonly string[], options: { input?: string; timeout?: number } = {}) {
  const env: NodeJS.ProcessEnv = { ...process.env, PYTHONPATH: PACKAGE, PYTHONDONTWRITEBYTECODE: '1' };
  return spawnSync(python, args, { cwd: ROOT, encoding: 'utf8', timeout: 60_000, ...options, env });
}
