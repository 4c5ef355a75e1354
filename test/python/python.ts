import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const PACKAGE = join(ROOT, 'python');

/** Where scripts/python-packages.mjs installs what the tests need. */
const INSTALLED = join(ROOT, 'node_modules/.cache/vmfdag-python/bin/python');

/** And where it installs Parsl, Ray and Dask. */
const ENGINES = join(ROOT, 'node_modules/.cache/vmfdag-engines/bin/python');

/** The Python of VMFDAG_TEST_PYTHON, else that of the gate, else the system's; or why there is none that has these modules. */
export function pythonWith(...modules: string[]): { python: string } | { reason: string } {
  const candidates = [process.env.VMFDAG_TEST_PYTHON, INSTALLED, 'python3', ENGINES].filter(
    (path) => path !== undefined && (path === 'python3' || existsSync(path)),
  ) as string[];
  const found = candidates.find(
    (python) => run(python, ['-c', `import ${['sys', ...modules].join(', ')}`]).status === 0,
  );
  if (found) return { python: found };
  const wanted = modules.length > 0 ? `Python with ${modules.join(' and ')}` : 'Python';
  return { reason: `there is no ${wanted} here (${candidates.join(', ')}); VMFDAG_TEST_PYTHON may name one` };
}

export function run(
  python: string,
  args: readonly string[],
  { env, ...options }: { input?: string; timeout?: number; env?: NodeJS.ProcessEnv } = {},
) {
  return spawnSync(python, args, {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 60_000,
    ...options,
    env: { ...process.env, PYTHONPATH: PACKAGE, PYTHONDONTWRITEBYTECODE: '1', ...env },
  });
}
