#!/usr/bin/env node
// Installs what tests need of Python: pytest, NumPy, uv and the messages of the Remote Execution API, in a virtual environment of this clone, else
// the first two from Debian. Parsl, Ray and Dask (0.35 GB), and Optuna and roc-validator, have environments of their own: what they bring must not
// reach the other tests.
// Never fails: without them, those tests are skipped with the reason. Quick when there is nothing to do.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MODULES = 'import pytest, numpy';
const TIMEOUT_MS = 600_000;
const OPTIONS = ['-q', '--disable-pip-version-check', '--retries', '1', '--timeout', '20'];

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'node_modules/.cache/vmfdag-python');
const python = join(folder, 'bin/python');
/** A machine without a network must not wait for it at every start. */
const triedFile = `${folder}-tried`;

/** BuildGrid has the published messages. Its other dependencies are not needed for them. */
const MESSAGES = ['buildgrid', 'protobuf', 'googleapis-common-protos'];

if (runs('python3', ['-c', '']) && !isThere() && !existsSync(triedFile)) install();
if (existsSync(python) && !runs(python, ['-c', 'import buildgrid._protos']) && !existsSync(`${triedFile}-messages`)) {
  writeFileSync(`${triedFile}-messages`, '');
  runs(python, ['-m', 'pip', 'install', ...OPTIONS, '--no-deps', ...MESSAGES]);
}

installEach('vmfdag-engines', ['parsl', 'ray', 'distributed']);
installEach('vmfdag-research', ['optuna', 'roc-validator']);

function isThere() {
  if (runs(python, ['-c', MODULES])) return runs(join(folder, 'bin/uv'), ['--version']);
  return runs('python3', ['-c', MODULES]);
}

function install() {
  console.error('vmfdag: installing pytest, numpy and uv for tests …');
  mkdirSync(dirname(folder), { recursive: true });
  writeFileSync(triedFile, '');
  const inFolder =
    runs('python3', ['-m', 'venv', folder]) &&
    runs(python, ['-m', 'pip', 'install', ...OPTIONS, 'pytest', 'numpy', 'uv']);
  if (inFolder) return;
  if (process.getuid?.() === 0) {
    runs('apt-get', ['install', '-y', '--no-install-recommends', 'python3-pytest', 'python3-numpy']);
  }
  if (!isThere()) console.error('vmfdag: they could not be installed; the tests of the Python package are skipped');
}

/** Installs packages into an environment of their own. */
function installEach(name, packages) {
  const environment = join(dirname(folder), name);
  if (!runs('python3', ['-c', '']) || existsSync(`${environment}-tried`)) return;
  console.error(`vmfdag: installing ${packages.join(', ')} for tests …`);
  mkdirSync(dirname(environment), { recursive: true });
  writeFileSync(`${environment}-tried`, '');
  const install = ['-m', 'pip', 'install', ...OPTIONS];
  // One at a time: not each of them is there for every Python.
  const missing = runs('python3', ['-m', 'venv', environment])
    ? packages.filter((each) => !runs(join(environment, 'bin/python'), [...install, each]))
    : packages;
  if (missing.length > 0) console.error(`vmfdag: without ${missing.join(', ')}, whose tests are skipped`);
}

function runs(command, args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(command, args, { stdio: 'ignore', timeout: TIMEOUT_MS, env }).status === 0;
}
