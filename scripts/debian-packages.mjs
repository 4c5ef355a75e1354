// Installs packages of Debian and Ubuntu, as root or where sudo asks for no password.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Of what uses the network. dpkg has no limit: killed in the middle, it would leave a machine on which apt-get refuses to install anything. */
const NETWORK_TIMEOUT_MS = 300_000;
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
  const asRoot = (command, timeout) => {
    const [program, ...rest] = [...(isRoot ? [] : ['sudo', '-n']), 'env', 'DEBIAN_FRONTEND=noninteractive', ...command];
    return spawnSync(program, rest, { stdio: 'ignore', timeout }).status === 0;
  };
  const install = ['apt-get', ...OPTIONS, 'install', '-y', '--no-install-recommends'];
  // Somebody may have interrupted dpkg; it has nothing to do otherwise.
  asRoot(['dpkg', '--configure', '-a']);
  // The list of packages may be old or missing on a fresh machine; without a network the update fails, and so will the rest.
  const installed =
    asRoot(['apt-get', ...OPTIONS, 'update'], NETWORK_TIMEOUT_MS) &&
    asRoot([...install, '--download-only', ...packages], NETWORK_TIMEOUT_MS) &&
    asRoot([...install, ...packages]);
  if (!installed) console.error('vmfdag: they could not be installed; going on with what is here');
}

/** Whether a program runs and ends with 0. */
export function runs(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
