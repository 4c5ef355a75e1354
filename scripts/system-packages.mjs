#!/usr/bin/env node
// Installs the build dependencies of the native backend, on Debian and Ubuntu, as root or where sudo asks for no password.
// Never fails: without it the portable backend does the work. Quick when there is nothing to do.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGES = ['g++', 'libdnnl-dev'];
const HEADERS = [
  '/usr/include/oneapi/dnnl/dnnl.hpp',
  '/usr/include/dnnl.hpp',
  '/usr/local/include/oneapi/dnnl/dnnl.hpp',
];
const TIMEOUT_MS = 300_000;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** A machine without a network must not wait for it at every start. */
const triedFile = join(root, 'node_modules/.cache/vmfdag/system-packages-tried');

if (isNeeded() && existsSync('/usr/bin/apt-get') && !existsSync(triedFile)) install();

function isNeeded() {
  if (process.env.ONEDNN_ROOT) return false;
  return !runs('which', ['g++']) || !HEADERS.some((header) => existsSync(header));
}

function install() {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && !runs('sudo', ['-n', 'true'])) return;
  console.error(`vmfdag: installing ${PACKAGES.join(', ')} for the native backend …`);
  mkdirSync(dirname(triedFile), { recursive: true });
  writeFileSync(triedFile, '');
  const options = ['-o', 'Acquire::http::Timeout=20', '-o', 'Acquire::Retries=1'];
  const apt = (args) => {
    const command = [
      ...(isRoot ? [] : ['sudo', '-n']),
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
      ...options,
      ...args,
    ];
    return spawnSync(command[0], command.slice(1), { stdio: 'ignore', timeout: TIMEOUT_MS }).status === 0;
  };
  // The list of packages may be old or missing on a fresh machine; without a network the update fails, and so will the rest.
  const installed = apt(['update']) && apt(['install', '-y', '--no-install-recommends', ...PACKAGES]);
  if (!installed) console.error('vmfdag: they could not be installed; going on with what is here');
}

function runs(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}
