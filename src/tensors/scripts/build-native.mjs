#!/usr/bin/env node
// Builds native/build/Release/onednn.node, if it is not up to date and this machine can build it.
//   node scripts/build-native.mjs [--force]
// Where it cannot, it says why and the one line to type, and exits with 0: everything works without, only slower. The reason is kept in
// native/build/outcome.json, where `vmfdag doctor` finds it.
// ONEDNN_ROOT: where oneDNN is installed, if not where the compiler looks. CXX: the compiler.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { arch, argv, env, execPath, exit, platform } from 'node:process';
import { fileURLToPath } from 'node:url';
import { compileAddon, compiler } from './compile-addon.mjs';

const scripts = dirname(fileURLToPath(import.meta.url));
const native = join(scripts, '..', 'native');
const build = join(native, 'build');
const addon = join(build, 'Release', 'onednn.node');
const outcomeFile = join(build, 'outcome.json');
const command = `node ${join(scripts, 'build-native.mjs')}`;

const brewRoot = platform === 'darwin' ? output('brew', ['--prefix', 'onednn']) : undefined;
const root = env.ONEDNN_ROOT ?? (brewRoot !== undefined && existsSync(join(brewRoot, 'include')) ? brewRoot : '');

const sources = digestOfSources();
const probe = probeLibrary();
if (probe.kind === 'missing') giveUp(probe.reason, installLine());

const stamp = createHash('sha256')
  .update(JSON.stringify([sources, probe.library, root, compiler(), arch]))
  .digest('hex');
const previous = outcome();
if (existsSync(addon) && previous?.kind === 'built' && previous.stamp === stamp && !argv.includes('--force')) exit(0);

console.error(`vmfdag: building the native backend with oneDNN ${probe.library} …`);
const part = `${addon}.part.node`;
const compiled = await compileAddon({ folder: join(build, 'objects'), output: part, root, sanitiser: '' });
writeFileSync(join(build, 'build.log'), compiled.log);
rmSync(join(build, 'objects'), { recursive: true, force: true });
if (!compiled.ok)
  giveUp(`its compilation failed: ${firstError(compiled.log)}`, `see ${join(build, 'build.log')}; then ${command}`);

// In a process of its own, which it may end.
const loaded = spawnSync(execPath, ['-e', 'console.log(JSON.stringify(require(process.argv[1]).describe()))', part], {
  encoding: 'utf8',
});
if (loaded.status !== 0) {
  const said = loaded.stderr.split('\n').find((line) => /^\w*Error: /.test(line));
  giveUp(`it does not load: ${said ?? loaded.signal ?? `exit code ${loaded.status}`}`, command);
}
renameSync(part, addon);
const { libraryFile, mathematicsFile } = JSON.parse(loaded.stdout);
write({
  kind: 'built',
  stamp,
  sources,
  files: [libraryFile, mathematicsFile].filter((file) => existsSync(file)).map(stampOfFile),
});

/** Says why there is no addon, and keeps it; one of other sources must not be loaded by these. */
function giveUp(reason, fix) {
  rmSync(`${addon}.part.node`, { force: true });
  if (existsSync(addon) && outcome()?.sources === sources) {
    console.error(`vmfdag: the native backend is not built again: ${reason}. The one that is there goes on.`);
    exit(0);
  }
  rmSync(addon, { force: true });
  write({ kind: 'failed', reason, fix });
  console.error(`vmfdag: the native backend is not built: ${reason}.`);
  console.error(`  The portable one is used. To get it: ${fix}`);
  exit(0);
}

function write(result) {
  try {
    mkdirSync(build, { recursive: true });
    writeFileSync(outcomeFile, `${JSON.stringify(result)}\n`);
  } catch {
    // An installation that nobody may write to.
  }
}

function outcome() {
  try {
    return JSON.parse(readFileSync(outcomeFile, 'utf8'));
  } catch {
    return undefined;
  }
}

/** A digest of a library, and what tells that the file is still the same: to hash 40 MB at every start would take long. */
function stampOfFile(path) {
  const { size, mtimeMs, ctimeMs, ino } = statSync(path);
  return { path, size, mtimeMs, ctimeMs, ino, digest: createHash('sha256').update(readFileSync(path)).digest('hex') };
}

/** What the compiler, the linker or the system said first. */
function firstError(log) {
  const lines = log.split('\n').filter((line) => !line.includes(' -fPIC '));
  const error =
    lines.find((line) => /(fatal )?error: /.test(line)) ??
    lines.find((line) => /undefined reference|cannot find|ENOENT|not found/.test(line)) ??
    lines.findLast((line) => line.trim() !== '');
  return (error ?? 'the compiler said nothing').replaceAll(`${join(native, 'src')}/`, '').trim();
}

/** Standard output of a command, trimmed; undefined when it fails or is not there. */
function output(program, args, input) {
  const run = spawnSync(program, args, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'ignore'] });
  return run.status === 0 ? run.stdout.trim() : undefined;
}

/** Asks the compiler for the version of oneDNN's headers. */
function probeLibrary() {
  const { command: program, args } = compiler();
  const include = root === '' ? [] : ['-I', join(root, 'include')];
  const macros = 'DNNL_VERSION_MAJOR DNNL_VERSION_MINOR DNNL_VERSION_PATCH';
  const source = `#include <oneapi/dnnl/dnnl_version.h>\nvmfdag ${macros}\n`;
  const found = output(program, [...args, ...include, '-E', '-P', '-x', 'c++', '-'], source);
  const numbers = found?.match(/vmfdag (\d+) (\d+) (\d+)\s*$/);
  if (numbers) return { kind: 'found', library: numbers.slice(1).join('.') };
  const hasCompiler = output(program, [...args, '--version']) !== undefined;
  return {
    kind: 'missing',
    reason: hasCompiler ? 'the headers of oneDNN are not installed' : `there is no C++ compiler (${program})`,
  };
}

function digestOfSources() {
  const hash = createHash('sha256');
  const folder = join(native, 'src');
  const names = readdirSync(folder).sort();
  for (const file of [...names.map((name) => join(folder, name)), join(scripts, 'compile-addon.mjs')]) {
    const content = readFileSync(file);
    hash.update(`${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

function installLine() {
  if (platform === 'darwin') return `xcode-select --install; brew install onednn && ${command}`;
  if (existsSync('/etc/debian_version')) return `sudo apt-get install -y g++ libdnnl-dev && ${command}`;
  if (existsSync('/etc/fedora-release')) return `sudo dnf install -y gcc-c++ onednn-devel && ${command}`;
  return `install a C++17 compiler and oneDNN (https://github.com/oneapi-src/oneDNN), then ${command}`;
}
