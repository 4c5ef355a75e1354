// The long version of the fault suite:  node test/e2e/faults/run.mjs [--kills 500] [--seed 1] [--lanes 2]
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { argv, env, execPath, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    kills: { type: 'string', default: '500' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    lanes: { type: 'string', default: '2' },
  },
});
for (const [name, value] of Object.entries(values)) {
  if (/^\d+$/.test(value)) continue;
  console.error(`--${name} ${value} is not a whole number`);
  exit(2);
}
const { status } = spawnSync(
  execPath,
  [join(root, 'node_modules/vitest/vitest.mjs'), 'run', 'test/e2e/faults.test.ts'],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...env,
      VMFDAG_FAULT_KILLS: values.kills,
      VMFDAG_FAULT_SEED: values.seed,
      VMFDAG_FAULT_LANES: values.lanes,
    },
  },
);
exit(status ?? 1);
