// Runs a test file of this folder as its long version: what its short one takes from the environment comes from the command line.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { argv, env, execPath, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/**
 * @param {string} file the test, relative to the repository.
 * @param {Readonly<Record<string, { variable: string, default: string }>>} options whole numbers, by the name of their option.
 */
export function runLongVersion(file, options) {
  const { values } = parseArgs({
    args: argv.slice(2),
    options: Object.fromEntries(
      Object.entries(options).map(([name, { default: value }]) => [name, { type: 'string', default: value }]),
    ),
  });
  for (const [name, value] of Object.entries(values)) {
    if (/^\d+$/.test(value)) continue;
    console.error(`--${name} ${value} is not a whole number`);
    exit(2);
  }
  const variables = Object.entries(options).map(([name, { variable }]) => [variable, values[name]]);
  const { status } = spawnSync(execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', file], {
    cwd: root,
    stdio: 'inherit',
    env: { ...env, ...Object.fromEntries(variables) },
  });
  exit(status ?? 1);
}

/** Another one each time, which is printed by the test. */
export function someSeed() {
  return String(Date.now() % 1_000_000);
}
