// Installs packages of Debian and Ubuntu, as root or where sudo asks for no password.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TIMEOUT_MS = 300_000;
const OPTIONS = ['-o', 'Acquire::http::Timeout=20', '-o', 'Acquire::Retries=1'];

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Tries it once in a clone, and never fails: a machine without a network must not wait for it at every start. */
export function installDebianPackages(packages, purpose, name) {
  const triedFile = join(root, `node_modules/.cache/vmfdag/${name}-tried`);
  if (!existsSync('/usr/bin/apt-get') || existsSync(triedFile)) return;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && !runs('sudo', ['-n', 'true'])) return;
  console.error(`vmfdag: installing ${packages.join(', ')} for ${purpose} …`);
  mkdirSync(dirname(triedFile), { recursive: true });
  writeFileSync(triedFile, '');
  const apt = (args) => {
    const command = [
      ...(isRoot ? [] : ['sudo', '-n']),
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
      ...OPTIONS,
      ...args,
    ];
    return spawnSync(command[0], command.slice(1), { stdio: 'ignore', timeout: TIMEOUT_MS }).status === 0;
  };
  // The list of packages may be old or missing on a fresh machine; without a network the update fails, and so will the rest.
  const installed = apt(['update']) && apt(['install', '-y', '--no-install-recommends', ...packages]);
  if (!installed) console.error('vmfdag: they could not be installed; going on with what is here');
}

/** Whether a program runs and ends with 0. */
export function runs(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
