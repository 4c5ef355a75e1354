#!/usr/bin/env node
// Installs @tensorflow/tfjs-node, or tfjs-node-gpu, in the project of the current folder, on Linux x64, without its own download of libtensorflow.
//   node scripts/install-tfjs-node.mjs [--gpu]
//   node scripts/install-tfjs-node.mjs [--gpu] --remove
// libtensorflow 2.9.1 is also in the wheel of TensorFlow for Python, which pip gets from where it is set up to. There it is linked with Python's
// names, which nothing of its C interface uses: a library of stubs has them. The addon is compiled from the package's own sources.
// A package that npm has installed is completed. Without one, the package comes into node_modules/.cache and a link to it into node_modules, so that package.json
// and the lock file stay as they are; `npm ci` takes both away. Needs npm, python3 with pip, a C++ compiler, 0.6 GB and a minute (GPU: 1.1 GB).
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { arch, argv, cwd, env, execPath, exit, platform } from 'node:process';

const LIBTENSORFLOW = '2.9.1';

/** Unpacks of the wheel in a folder what is needed of it, as the layout of libtensorflow's own archive has it. */
const UNPACK = `
import glob, os, shutil, sys, zipfile
folder = sys.argv[1]
libraries = {
    'tensorflow/python/_pywrap_tensorflow_internal.so': 'lib/libtensorflow.so.${LIBTENSORFLOW}',
    'tensorflow/libtensorflow_framework.so.2': 'lib/libtensorflow_framework.so.${LIBTENSORFLOW}',
}
headers = ('tensorflow/c/', 'tensorflow/core/platform/', 'tensorflow/tsl/')
[wheel] = glob.glob(os.path.join(folder, '*.whl'))
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        place = libraries.get(name)
        # Libraries of the system that a wheel brings along, under names of its own.
        if name.startswith('tensorflow_cpu.libs/') or name.startswith('tensorflow.libs/'):
            place = 'lib/' + name.split('/', 1)[1]
        if place is None and name.startswith('tensorflow/include/') and name[len('tensorflow/include/'):].startswith(headers):
            place = name[len('tensorflow/'):]
        if place is None or name.endswith('/'): continue
        file = os.path.join(folder, 'deps', place)
        os.makedirs(os.path.dirname(file), exist_ok=True)
        with archive.open(name) as source, open(file, 'wb') as target: shutil.copyfileobj(source, target, 1 << 20)
os.remove(wheel)
`;

const gpu = argv.includes('--gpu');
const name = gpu ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
const wheel = gpu ? 'tensorflow' : 'tensorflow-cpu';
const link = join(cwd(), 'node_modules', name);
const cache = join(cwd(), 'node_modules/.cache', gpu ? 'tfjs-node-gpu' : 'tfjs-node');

if (argv.includes('--remove')) {
  if (isLink(link)) rmSync(link);
  rmSync(cache, { recursive: true, force: true });
  exit();
}
if (platform !== 'linux' || arch !== 'x64') giveUp(`the wheel of ${wheel} ${LIBTENSORFLOW} is for Linux x64`);
const core =
  installed('@tensorflow/tfjs-core') ??
  giveUp(`@tensorflow/tfjs-core is not installed in ${cwd()}: run this in the folder of your project`);

const inCache = join(cache, 'node_modules', name);
if (installed(name) === undefined) fetchPackage();
const { directory, version } = installed(name) ?? giveUp(`npm has not installed ${name}`);
if (version !== core.version) giveUp(`${name} ${version} does not fit @tensorflow/tfjs-core ${core.version}`);

const addon = join(directory, 'lib/napi-v8/tfjs_binding.node');
if (existsSync(addon) && existsSync(join(directory, `deps/lib/libtensorflow.so.${LIBTENSORFLOW}`))) {
  console.error(`${name} ${version} is there already`);
} else {
  mkdirSync(cache, { recursive: true });
  const part = mkdtempSync(join(cache, 'part-'));
  try {
    completePackage(part);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}
tryOut();

/** The package with its dependencies in a folder of its own; those of TensorFlow.js that the project has are the project's. */
function fetchPackage() {
  if (!existsSync(join(inCache, 'package.json'))) {
    console.error(`getting ${name} ${core.version} …`);
    mkdirSync(cache, { recursive: true });
    writeFileSync(join(cache, 'package.json'), '{"private": true}\n');
    const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
    execute('npm', ['install', '--ignore-scripts', ...quiet, `${name}@${core.version}`], { cwd: cache });
    const scope = dirname(inCache);
    for (const other of readdirSync(scope).map((entry) => `@tensorflow/${entry}`)) {
      if (other !== name && installed(other)) rmSync(join(cache, 'node_modules', other), { recursive: true });
    }
  }
  if (isLink(link)) rmSync(link);
  symlinkSync(relative(dirname(link), inCache), link);
}

/** Library, headers and addon, each moved to its place when it is whole. */
function completePackage(part) {
  console.error(`getting libtensorflow ${LIBTENSORFLOW}${gpu ? ' for GPUs' : ''} …`);
  const platforms = ['manylinux2014_x86_64', 'manylinux_2_17_x86_64'].flatMap((tag) => ['--platform', tag]);
  const python = ['--python-version', '3.10', '--implementation', 'cp', '--abi', 'cp310', '--only-binary', ':all:'];
  const what = ['--no-deps', ...python, ...platforms, '-d', part, `${wheel}==${LIBTENSORFLOW}`];
  execute('python3', ['-m', 'pip', 'download', '--quiet', ...what]);
  execute('python3', ['-c', UNPACK, part]);
  const deps = join(part, 'deps');
  for (const library of ['tensorflow', 'tensorflow_framework']) {
    symlinkSync(`lib${library}.so.${LIBTENSORFLOW}`, join(deps, `lib/lib${library}.so.2`));
    symlinkSync(`lib${library}.so.2`, join(deps, `lib/lib${library}.so`));
  }
  // The name that the library has in itself, by which the loader looks for it.
  symlinkSync(`libtensorflow.so.${LIBTENSORFLOW}`, join(deps, 'lib/_pywrap_tensorflow_internal.so'));
  // libtensorflow would look for these where the wheel had them. The loader takes those that the addon has loaded before.
  const brought = readdirSync(join(deps, 'lib')).filter((file) => !/^(lib|_pywrap_)tensorflow/.test(file));
  console.error('compiling the addon …');
  const stubs = join(part, 'stubs.c');
  writeFileSync(stubs, stubsFor(join(deps, 'lib/libtensorflow.so')));
  const [compiler, ...given] = (env.CXX ?? 'c++').trim().split(/\s+/);
  const shared = [...given, '-shared', '-fPIC', '-O2'];
  const stubLibrary = join(deps, 'lib/libpython_stubs.so');
  execute(compiler, [...shared, '-x', 'c', stubs, '-o', stubLibrary, '-Wl,-soname,libpython_stubs.so']);
  const built = join(part, 'tfjs_binding.node');
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(directory, 'binding', file));
  const { include_dir: nodeHeaders } = createRequire(import.meta.url)('node-api-headers');
  execute(compiler, [
    ...shared,
    '-std=c++14',
    '-DNAPI_VERSION=8',
    ...['-I', directory, '-I', join(deps, 'include'), '-I', nodeHeaders],
    ...sources,
    ...['-o', built, '-L', join(deps, 'lib'), '-Wl,--no-as-needed', '-Wl,--allow-shlib-undefined'],
    ...[
      '-lpython_stubs',
      ...brought.map((file) => `-l:${file}`),
      '-ltensorflow',
      '-ltensorflow_framework',
      '-Wl,-rpath,$ORIGIN/../../deps/lib',
    ],
  ]);
  rmSync(join(directory, 'deps'), { recursive: true, force: true });
  renameSync(deps, join(directory, 'deps'));
  mkdirSync(dirname(addon), { recursive: true });
  renameSync(built, addon);
}

/** A definition of each of Python's names that the library refers to. */
function stubsFor(library) {
  const undefinedNames = execute('nm', ['-D', '--undefined-only', library])
    .split('\n')
    .map((line) => /\s(_?Py\w*)(@\S*)?$/.exec(line)?.[1])
    .filter((found) => found !== undefined);
  return [...new Set(undefinedNames)].map((found) => `char ${found}[1024];\n`).join('');
}

function tryOut() {
  const script = `
    const util = require('node:util');
    util.isNullOrUndefined ??= (value) => value === null || value === undefined;
    util.isArray ??= Array.isArray;
    const tf = require('${name}');
    const product = tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).dataSync();
    if (tf.getBackend() !== 'tensorflow' || product[0] !== 3) process.exit(1);
    console.log(tf.backend().binding.TF_Version);`;
  const said = execute(execPath, ['-e', script], {
    env: { ...env, TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '-1' },
  });
  console.error(`${name} ${version} computes, with libtensorflow ${said.trim()}`);
}

/** A package as this project gets it. */
function installed(packageName) {
  try {
    const manifest = createRequire(join(cwd(), 'package.json')).resolve(`${packageName}/package.json`);
    return { directory: dirname(manifest), version: JSON.parse(readFileSync(manifest, 'utf8')).version };
  } catch {
    return undefined;
  }
}

function isLink(path) {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function execute(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 2 ** 28,
    ...options,
  });
  if (status === 0) return stdout;
  const said = error?.message ?? stderr.trim().split('\n').slice(-15).join('\n');
  return giveUp(`${command} ${args[0] === '-m' ? args.slice(1, 3).join(' ') : ''} failed:\n${said}`);
}

function giveUp(reason) {
  console.error(`${name} is not installed: ${reason}`);
  exit(1);
}
