#!/usr/bin/env node
// Builds native/build/Release/onednn.node, if it is not up to date and this machine can build it.
//   node scripts/build-native.mjs [--force]
// Where it cannot, it says the one line to type and exits with 0: everything works without, only slower.
// ONEDNN_ROOT: where oneDNN is installed, if not where the compiler looks. VMFDAG_SANITIZE: sanitisers, for example address.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { arch, argv, env, exit, platform, version, versions } from 'node:process';
import { fileURLToPath } from 'node:url';
import { nodeHeaderArguments } from './node-headers.mjs';

const native = join(dirname(fileURLToPath(import.meta.url)), '..', 'native');
const addon = join(native, 'build', 'Release', 'onednn.node');
const stampFile = join(native, 'build', 'stamp');
const sanitisers = env.VMFDAG_SANITIZE ?? '';

const brewRoot = platform === 'darwin' ? output('brew', ['--prefix', 'onednn']) : undefined;
const root = env.ONEDNN_ROOT ?? (brewRoot !== undefined && existsSync(join(brewRoot, 'include')) ? brewRoot : '');

const probe = probeLibrary();
if (probe.kind === 'missing') giveUp(probe.reason);

const stamp = stampOf(probe.library);
const upToDate = existsSync(addon) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
if (upToDate && !argv.includes('--force')) exit(0);
const tool = missingTool();
if (tool !== undefined) giveUp(`there is no ${tool}`);

console.error(`vmfdag: building the native backend with oneDNN ${probe.library} …`);
const gyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
const build = spawnSync(
  process.execPath,
  [gyp, 'rebuild', '--directory', native, '--jobs', 'max', ...nodeHeaderArguments()],
  {
    encoding: 'utf8',
    env: { ...env, ONEDNN_ROOT: root },
  },
);
if (build.status !== 0 || !loads()) {
  const log = `${build.stdout ?? ''}${build.stderr ?? ''}`;
  const lines = log.split('\n').filter((line) => /error|fatal|not found|gyp ERR! stack/i.test(line));
  console.error('vmfdag: the native backend could not be built; the portable one is used.');
  for (const line of lines.slice(0, 8)) console.error(`  ${line}`);
  console.error(`  The whole log: ${join('native', 'build.log')}. To try again: node scripts/build-native.mjs --force`);
  writeFileSync(join(native, 'build.log'), log);
  exit(0);
}
writeFileSync(stampFile, stamp);

function giveUp(reason) {
  console.error(`vmfdag: the native backend is not built: ${reason}.`);
  console.error(`  To get it: ${installLine()}`);
  exit(0);
}

/** Standard output of a command, trimmed; undefined when it fails or is not there. */
function output(command, args, input) {
  const run = spawnSync(command, args, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'ignore'] });
  return run.status === 0 ? run.stdout.trim() : undefined;
}

/** Asks the compiler for the version of oneDNN's headers. */
function probeLibrary() {
  const [command, ...args] = (env.CXX ?? 'c++').split(' ');
  const include = root === '' ? [] : ['-I', join(root, 'include')];
  const macros = 'DNNL_VERSION_MAJOR DNNL_VERSION_MINOR DNNL_VERSION_PATCH';
  const source = `#include <oneapi/dnnl/dnnl_version.h>\nvmfdag ${macros}\n`;
  const found = output(command, [...args, ...include, '-E', '-P', '-x', 'c++', '-'], source);
  const numbers = found?.match(/vmfdag (\d+) (\d+) (\d+)\s*$/);
  if (numbers) return { kind: 'found', library: numbers.slice(1).join('.') };
  const hasCompiler = output(command, [...args, '--version']) !== undefined;
  return {
    kind: 'missing',
    reason: hasCompiler ? 'the headers of oneDNN are not installed' : 'there is no C++ compiler',
  };
}

/** What node-gyp needs besides; undefined when it is all there. */
function missingTool() {
  return ['make', 'python3'].find((tool) => output(tool, ['--version']) === undefined);
}

/** Everything that the addon's bytes depend on. */
function stampOf(library) {
  const hash = createHash('sha256');
  const sources = readdirSync(join(native, 'src'))
    .sort()
    .map((name) => join(native, 'src', name));
  for (const file of [join(native, 'binding.gyp'), ...sources]) hash.update(file).update(readFileSync(file));
  hash.update(JSON.stringify([library, root, sanitisers, arch, version, versions.modules]));
  return hash.digest('hex');
}

/** Whether the addon loads in a process of its own; one built with a sanitiser needs that one's library loaded first. */
function loads() {
  return sanitisers !== '' || spawnSync(process.execPath, ['-e', 'require(process.argv[1])', addon]).status === 0;
}

function installLine() {
  if (platform === 'darwin') return 'xcode-select --install; brew install onednn && node scripts/build-native.mjs';
  if (existsSync('/etc/debian_version')) {
    return 'sudo apt-get install -y g++ make python3 libdnnl-dev && node scripts/build-native.mjs';
  }
  if (existsSync('/etc/fedora-release')) {
    return 'sudo dnf install -y gcc-c++ make python3 onednn-devel && node scripts/build-native.mjs';
  }
  return 'install a C++17 compiler, make, python3 and oneDNN (https://github.com/oneapi-src/oneDNN), then node scripts/build-native.mjs';
}
