// Brings a fresh clone to where `vmfdag` runs: packages, native addon, dist/. Plain Node, since nothing is installed yet.
// Quick when there is nothing to do.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const REQUIRED_NODE = [20, 17];

checkNode();
if (packagesAreStale()) {
  // The network fails more often than all the rest, and npm's own words about it name a host and no remedy.
  const fix = `see npm's message above; without a network, connect it (behind a proxy: set HTTPS_PROXY), and type the same command again`;
  run('installing packages', 'npm', ['ci', '--no-audit', '--no-fund'], fix);
}
run(undefined, process.execPath, [join(root, 'scripts/system-packages.mjs')]);
run(undefined, process.execPath, [join(root, 'src/tensors/scripts/build-native.mjs')]);
if (distIsStale()) run('building dist', process.execPath, [join(root, 'scripts/build.mjs')]);

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > REQUIRED_NODE[0] || (major === REQUIRED_NODE[0] && minor >= REQUIRED_NODE[1])) return;
  console.error(`vmfdag needs Node ${REQUIRED_NODE.join('.')} or newer; this is ${process.versions.node}`);
  process.exit(1);
}

/** npm leaves a copy of the lock file, as installed, in node_modules. */
function packagesAreStale() {
  const installed = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return true;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(installed, 'utf8')).packages;
  return Object.entries(wanted).some(
    ([path, { version, optional }]) => path !== '' && !optional && present[path]?.version !== version,
  );
}

function distIsStale() {
  const built = join(root, 'src/engine/dist/vmfdag.cjs');
  if (!existsSync(built)) return true;
  const builtAt = statSync(built).mtimeMs;
  return ['src', 'ui', 'scripts', 'python/vmfdag', 'package-lock.json'].some(
    (path) => newest(join(root, path)) > builtAt,
  );
}

function newest(path) {
  const status = statSync(path);
  if (!status.isDirectory()) return status.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), status.mtimeMs);
}

function run(what, command, args, fix) {
  if (what) console.error(`vmfdag: ${what} …`);
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    // Standard output is for results.
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (error || status !== 0) {
    console.error(`vmfdag: "${command} ${args.join(' ')}" failed${error ? ` (${error.message})` : ''}`);
    if (fix) console.error(`  fix: ${fix}`);
    process.exit(status ?? 1);
  }
}
