#!/usr/bin/env node
// Installs the servers that tests talk to, where apt-get can: nginx, OpenSSH's server and Ceph's S3 gateway. Never fails: without them, those tests are skipped with
// the reason. Quick when there is nothing to do.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const rig = join(dirname(dirname(fileURLToPath(import.meta.url))), 'test/rig');
const env = { ...process.env, RIG_INSTALL: '1' };

for (const server of ['nginx', 'sshd', 's3', 'slurm']) {
  const state = mkdtempSync(join(tmpdir(), 'vmfdag-rig-'));
  const run = (...args) => spawnSync(join(rig, `${server}.sh`), args, { env, encoding: 'utf8', timeout: 600_000 });
  const { status, stderr } = run('up', state, '0');
  if (status !== 0) console.error(`vmfdag: ${server} could not be started; its tests are skipped: ${stderr.trim()}`);
  run('down', state);
  rmSync(state, { recursive: true, force: true });
}
