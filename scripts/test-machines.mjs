#!/usr/bin/env node
// All tests with other machines: SLURM, Parsl, Ray, Dask, SSH, nginx, S3. `npm test` has one short case of each.
import { spawnSync } from 'node:child_process';

const { status } = spawnSync(
  'npx',
  ['vitest', 'run', '--project', 'e2e', 'test/e2e/machines', ...process.argv.slice(2)],
  {
    stdio: 'inherit',
    env: { ...process.env, VMFDAG_MACHINES: 'all' },
  },
);
process.exitCode = status ?? 1;
