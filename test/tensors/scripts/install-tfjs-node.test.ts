import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manifest, projectOf, tfjsVersion } from '../backends/support/project.ts';

const script = join(process.cwd(), 'src/tensors/scripts/install-tfjs-node.mjs');
const run = (command: string, args: readonly string[], cwd: string, path = process.env.PATH ?? '') =>
  spawnSync(command, args, { cwd, encoding: 'utf8', env: { ...process.env, PATH: path, CXX: 'c++' } });

const canBuild =
  process.platform === 'linux' &&
  process.arch === 'x64' &&
  ['c++', 'nm', 'python3'].every((program) => run(program, ['--version'], process.cwd()).status === 0);

/** Upstream's package without its native part. Its addon asks libtensorflow, which asks a library that the wheel brings along. */
const PACKAGE = {
  'index.js': `
    const binding = require('./lib/napi-v8/tfjs_binding.node');
    exports.ones = () => undefined;
    exports.matMul = () => ({ dataSync: () => [binding.product] });
    exports.getBackend = () => 'tensorflow';
    exports.backend = () => ({ binding: { TF_Version: 'of a test' } });`,
  'binding/tfjs_backend.cc': '',
  'binding/tfjs_binding.cc': `
    #include <node_api.h>
    extern "C" int TF_Product();
    NAPI_MODULE_INIT() {
      napi_value product;
      napi_create_int32(env, TF_Product(), &product);
      napi_set_named_property(env, exports, "product", product);
      return exports;
    }`,
};

/** What a wheel of TensorFlow has, in small: a library with one of Python's names, the framework, and libraries of the system in a folder of their own. */
function wheelIn(folder: string): string {
  const compile = (source: string, file: string, ...more: readonly string[]) => {
    const name = file.split('/').at(-1);
    const args = ['-shared', '-fPIC', '-x', 'c++', source, '-x', 'none', '-o', file, `-Wl,-soname,${name}`, ...more];
    expect(run('c++', args, folder)).toMatchObject({ status: 0, stderr: '' });
  };
  compile('brought.cc', 'wheel/tensorflow_cpu.libs/libbrought-1a2b.so');
  compile(
    'tensorflow.cc',
    'wheel/tensorflow/python/_pywrap_tensorflow_internal.so',
    ...['-Lwheel/tensorflow_cpu.libs', '-l:libbrought-1a2b.so', '-Wl,-rpath,$ORIGIN/../../tensorflow_cpu.libs'],
  );
  compile('framework.cc', 'wheel/tensorflow/libtensorflow_framework.so.2');
  const zip = 'import shutil; shutil.make_archive("tensorflow_cpu", "zip", "wheel")';
  expect(run('python3', ['-c', zip], folder).status).toBe(0);
  return join(folder, 'tensorflow_cpu.zip');
}

describe.skipIf(!canBuild)('the installation of tfjs-node', () => {
  it('brings the libraries that a wheel has in a folder of its own, and they are found', () => {
    const at = 'node_modules/@tensorflow/tfjs-node';
    const project = projectOf({
      ...manifest('@tensorflow/tfjs-core', tfjsVersion),
      ...manifest('@tensorflow/tfjs-node', tfjsVersion, { main: 'index.js' }),
      ...Object.fromEntries(Object.entries(PACKAGE).map(([file, text]) => [`${at}/${file}`, text])),
      'brought.cc': 'extern "C" int brought() { return 3; }\n',
      'tensorflow.cc': `extern "C" int brought(); extern "C" int PyOfATest();
        extern "C" int TF_Product() { return brought(); }
        extern "C" int neverCalled() { return PyOfATest(); }\n`,
      'framework.cc': 'extern "C" int framework() { return 0; }\n',
      ...Object.fromEntries(
        ['tensorflow/python', 'tensorflow_cpu.libs', 'tensorflow/include/tensorflow/c'].map((folder) => [
          `wheel/${folder}/__init__.py`,
          '',
        ]),
      ),
    });
    const wheel = wheelIn(project);
    const python = run('sh', ['-c', 'command -v python3'], project).stdout.trim();
    // In place of pip's download. Everything else is Python's.
    const stand = `#!/bin/sh\nif [ "$3" != download ]; then exec '${python}' "$@"; fi
      while [ "$1" != -d ]; do shift; done; cp '${wheel}' "$2/tensorflow_cpu-2.9.1.whl"\n`;
    const programs = projectOf({ python3: stand });
    chmodSync(join(programs, 'python3'), 0o755);

    const installed = run(process.execPath, [script], project, [programs, process.env.PATH].join(delimiter));
    expect(installed.stderr).toContain('computes, with libtensorflow of a test');
    expect(installed.status).toBe(0);
    expect(existsSync(join(project, at, 'deps/lib/libbrought-1a2b.so'))).toBe(true);
    expect(JSON.parse(readFileSync(join(project, at, 'package.json'), 'utf8'))).toMatchObject({ version: tfjsVersion });
  });

  it('says in which folder TensorFlow.js is missing', () => {
    const { status, stderr } = run(process.execPath, [script], projectOf({ 'package.json': {} }));
    expect(status).toBe(1);
    expect(stderr).toContain('@tensorflow/tfjs-node is not installed: @tensorflow/tfjs-core is not installed in ');
  });
});
