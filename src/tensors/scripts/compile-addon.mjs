// Compiles the native addon with nothing but a C++ compiler: Node's C interface is in a package, so no Node needs its headers downloaded.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { env, platform } from 'node:process';
import { fileURLToPath } from 'node:url';

const native = join(dirname(fileURLToPath(import.meta.url)), '..', 'native');
const sources = join(native, 'src');

/** The C++ compiler, and the arguments that CXX gives it. */
export function compiler() {
  const [command, ...args] = (env.CXX ?? 'c++').trim().split(/\s+/);
  return { command, args };
}

/** The arguments of the compiler; `root`: where oneDNN is installed, or '' where the compiler looks for it. */
function compilerArguments({ root, sanitiser }) {
  const { include_dir: nodeHeaders } = createRequire(import.meta.url)('node-api-headers');
  const wrapper = dirname(createRequire(import.meta.url).resolve('node-addon-api/napi.h'));
  return [
    '-std=c++17',
    '-O3',
    '-fPIC',
    '-pthread',
    '-fvisibility=hidden',
    '-fno-strict-aliasing',
    // What lets a product and a sum become one instruction.
    '-ffp-contract=fast',
    '-fno-math-errno',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-DNAPI_VERSION=8',
    '-DNAPI_CPP_EXCEPTIONS',
    '-DNODE_GYP_MODULE_NAME=onednn',
    '-DBUILDING_NODE_EXTENSION',
    // Warnings in headers of others are theirs.
    '-isystem',
    nodeHeaders,
    '-isystem',
    wrapper,
    ...(root === '' ? [] : ['-isystem', join(root, 'include')]),
    ...(platform === 'linux' ? ['-fopenmp'] : []),
    ...(sanitiser === '' ? [] : [`-fsanitize=${sanitiser}`, '-fno-omit-frame-pointer', '-g']),
  ];
}

function linkerArguments({ root, sanitiser }) {
  return [
    '-shared',
    '-pthread',
    ...(platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : ['-fopenmp']),
    ...(sanitiser === '' ? [] : [`-fsanitize=${sanitiser}`]),
    ...(root === '' ? [] : [`-L${join(root, 'lib')}`, `-Wl,-rpath,${join(root, 'lib')}`]),
    '-ldnnl',
    ...(platform === 'linux' ? ['-ldl'] : []),
  ];
}

/**
 * Compiles native/src to `output`, with objects in `folder`.
 *
 * @returns the log of all that the compiler said, and whether it succeeded.
 */
export async function compileAddon({ folder, output, root, sanitiser }) {
  mkdirSync(folder, { recursive: true });
  mkdirSync(dirname(output), { recursive: true });
  const { command, args } = compiler();
  const flags = [...args, ...compilerArguments({ root, sanitiser })];
  const units = readdirSync(sources).filter((name) => name.endsWith('.cpp'));
  const objects = units.map((name) => join(folder, `${basename(name, '.cpp')}.o`));
  const compiled = await inParallel(units, (name, i) =>
    execute(command, [...flags, '-c', join(sources, name), '-o', objects[i]]),
  );
  const log = compiled.map((step) => step.log).join('');
  if (compiled.some(({ ok }) => !ok)) return { ok: false, log };
  const linked = await execute(command, [...args, ...objects, '-o', output, ...linkerArguments({ root, sanitiser })]);
  return { ok: linked.ok, log: log + linked.log };
}

async function inParallel(items, task) {
  const results = [];
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await task(items[i], i);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return results;
}

function execute(command, args) {
  return new Promise((done) => {
    let log = `${command} ${args.join(' ')}\n`;
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...env, LC_ALL: 'C' } });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (log += text));
    child.on('error', (error) => done({ ok: false, log: `${log}${error.message}\n` }));
    child.on('close', (code) => done({ ok: code === 0, log }));
  });
}
