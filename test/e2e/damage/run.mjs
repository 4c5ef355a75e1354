// The long version of the damage suite:  node test/e2e/damage/run.mjs [--changes 600] [--seed 1]
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { argv, env, execPath, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    changes: { type: 'string', default: '600' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
for (const [name, value] of Object.entries(values)) {
  if (/^\d+$/.test(value)) continue;
  console.error(`--${name} ${value} is not a whole number`);
  exit(2);
}
const { status } = spawnSync(
  execPath,
  [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'test/e2e/damage.test.ts'],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...env, VMFDAG_DAMAGE_CHANGES: values.changes, VMFDAG_DAMAGE_SEED: values.seed },
  },
);
exit(status ?? 1);
