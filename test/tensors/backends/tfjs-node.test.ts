import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import type util from 'node:util';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { backends } from '../../../src/tensors/backends/backends.ts';
import {
  restoreRemovedChecks,
  tfjsNodeAvailability,
  tfjsNodeGpuAvailability,
} from '../../../src/tensors/backends/tfjs-node.ts';
import { manifest, projectOf, tfjsVersion } from './support/project.ts';

type Name = 'tfjs-node' | 'tfjs-node-gpu';

const folderOf = (name: Name) => `node_modules/@tensorflow/${name}`;
const ADDON = 'lib/napi-v8/tfjs_binding.node';
const LIBRARY = 'deps/lib/libtensorflow.so.2.9.1';
const FRAMEWORK = 'deps/lib/libtensorflow_framework.so.2.9.1';

/** A project with the package as npm leaves it, native parts included. */
function projectWith(name: Name, version = tfjsVersion, index = ''): string {
  const folder = folderOf(name);
  const project = projectOf({
    ...manifest('@tensorflow/tfjs-core', tfjsVersion),
    ...manifest('@tensorflow/tfjs', tfjsVersion),
    ...manifest(`@tensorflow/${name}`, version, { main: 'dist/index.js' }),
    [`${folder}/dist/index.js`]: index,
    [`${folder}/${ADDON}`]: 'an addon',
    [`${folder}/${LIBRARY}`]: 'a library',
    [`${folder}/${FRAMEWORK}`]: 'a second one',
  });
  symlinkSync('libtensorflow.so.2.9.1', join(project, folder, 'deps/lib/libtensorflow.so'));
  return project;
}

const digest = (content: string) => createHash('sha256').update(content).digest('hex').slice(0, 16);
const processor = cpus()[0]?.model.trim() || process.arch;
const version = [
  `tfjs ${tfjsVersion}`,
  `libtensorflow.so.2.9.1 ${digest('a library')}`,
  `libtensorflow_framework.so.2.9.1 ${digest('a second one')}`,
  `addon ${digest('an addon')}`,
  processor,
].join(', ');

/** What gets it here. */
const INSTALL =
  process.platform === 'linux' && process.arch === 'x64'
    ? 'node node_modules/tfjs-backend-onednn/scripts/install-tfjs-node.mjs'
    : `npm install @tensorflow/tfjs-node@${tfjsVersion}, with TFJS_NODE_CDN_STORAGE`;

describe('whether tfjs-node is available', () => {
  it('holds the libraries behind the links, addon and processor in its version', () => {
    expect(tfjsNodeAvailability(projectWith('tfjs-node'))).toEqual({
      kind: 'available',
      version,
      maximumThreads: availableParallelism(),
    });
  });

  it('says how to install it without its own download, which is closed', () => {
    expect(tfjsNodeAvailability(projectOf(manifest('@tensorflow/tfjs-core', tfjsVersion)))).toEqual({
      kind: 'unavailable',
      reason: '@tensorflow/tfjs-node is not installed',
      fix: expect.stringContaining(INSTALL),
    });
  });

  it.each([
    ['libtensorflow', 'deps'],
    ['its addon', 'lib'],
  ])('notices that %s is missing, as after a refused download', (missing, folder) => {
    const project = projectWith('tfjs-node');
    rmSync(join(project, folderOf('tfjs-node'), folder), { recursive: true });
    expect(tfjsNodeAvailability(project)).toEqual({
      kind: 'unavailable',
      reason: expect.stringMatching(`^@tensorflow/tfjs-node lacks ${missing} `),
      fix: expect.stringContaining(INSTALL),
    });
  });

  it('does not take a dangling link for a library', () => {
    const project = projectWith('tfjs-node');
    const libraries = join(project, folderOf('tfjs-node'), 'deps/lib');
    rmSync(libraries, { recursive: true });
    mkdirSync(libraries);
    symlinkSync('libtensorflow.so.2.9.1', join(libraries, 'libtensorflow.so'));
    expect(tfjsNodeAvailability(project)).toMatchObject({ kind: 'unavailable' });
  });

  it('requires the release of the installed TensorFlow.js', () => {
    expect(tfjsNodeAvailability(projectWith('tfjs-node', '4.1.0'))).toEqual({
      kind: 'unavailable',
      reason: `@tensorflow/tfjs-node 4.1.0 does not fit @tensorflow/tfjs-core ${tfjsVersion}`,
      fix: expect.stringContaining(INSTALL),
    });
  });
});

describe('the TensorFlow.js that tfjs-node imports', () => {
  const reasonFor = (whole: string) => {
    const project = projectWith('tfjs-node');
    const folder = join(project, 'node_modules/@tensorflow/tfjs');
    rmSync(folder, { recursive: true });
    if (whole !== '') {
      mkdirSync(folder);
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: '@tensorflow/tfjs', version: whole }));
    }
    return tfjsNodeAvailability(project);
  };

  it.each([
    ['', 'not installed'],
    ['4.1.0', `of version 4.1.0, not ${tfjsVersion}`],
  ])('is named where it is "%s"', (whole, state) => {
    expect(reasonFor(whole)).toEqual({
      kind: 'unavailable',
      reason: `@tensorflow/tfjs, which @tensorflow/tfjs-node imports, is ${state}`,
      fix: `npm install @tensorflow/tfjs@${tfjsVersion}`,
    });
  });

  it('may be in a folder of the package alone', () => {
    const project = projectWith('tfjs-node');
    const own = join(project, folderOf('tfjs-node'), 'node_modules/@tensorflow');
    mkdirSync(own, { recursive: true });
    renameSync(join(project, 'node_modules/@tensorflow/tfjs'), join(own, 'tfjs'));
    expect(tfjsNodeAvailability(project)).toMatchObject({ kind: 'available' });
  });
});

describe('whether tfjs-node-gpu is available', () => {
  const project = () => projectWith('tfjs-node-gpu');

  it('holds the GPU, its driver and libraries in its version too', () => {
    expect(tfjsNodeGpuAvailability(project(), () => ({ kind: 'found', version: 'A100, driver 535' }))).toEqual({
      kind: 'available',
      version: `${version}, A100, driver 535`,
      maximumThreads: 1,
    });
  });

  it('is false without a GPU, so that it cannot compute on the processor under a GPU’s key', () => {
    const missing = { kind: 'missing', reason: 'there is no NVIDIA driver', fix: 'add one' } as const;
    expect(tfjsNodeGpuAvailability(project(), () => missing)).toEqual({ ...missing, kind: 'unavailable' });
  });
});

describe('the order in which "auto" asks', () => {
  it('is a GPU, the native backend, libtensorflow, then what is always there', () => {
    expect(backends.filter(({ automatic }) => automatic).map(({ name }) => name)).toEqual([
      'tfjs-node-gpu',
      'onednn',
      'tfjs-node',
      'wasm',
      'cpu',
    ]);
  });
});

describe('the checks that Node 23 removed from node:util', () => {
  it('are put back', () => {
    const target: Partial<typeof util> = {};
    restoreRemovedChecks(target);
    for (const value of [null, undefined]) expect(target.isNullOrUndefined?.(value)).toBe(true);
    for (const value of [0, '', false, NaN, []]) expect(target.isNullOrUndefined?.(value)).toBe(false);
    expect([target.isArray?.([]), target.isArray?.({ length: 0 })]).toEqual([true, false]);
  });

  it('stay as they are where Node has them', () => {
    const target = { isArray: () => 'of Node' };
    restoreRemovedChecks(target);
    expect(target.isArray()).toBe('of Node');
  });
});

/**
 * Does what upstream's dist/index.js does, with the cpu backend's kernels in place of libtensorflow's: it registers
 * "tensorflow" and selects it, and one kernel asks node:util, as upstream's do.
 */
const upstream = (usesGpu: boolean) => `
const tf = require('@tensorflow/tfjs');
const util_1 = require('util');
globalThis.environmentAtLoad = { ...process.env };
tf.copyRegisteredKernels('cpu', 'tensorflow');
tf.unregisterKernel('Identity', 'tensorflow');
const identity = tf.getKernel('Identity', 'cpu');
tf.registerKernel({ ...identity, backendName: 'tensorflow', kernelFunc: (call) => {
  if ((0, util_1.isNullOrUndefined)(call.inputs.x) || util_1.isArray(call.inputs.x)) throw new Error('no tensor');
  return identity.kernelFunc(call);
} });
tf.registerBackend('tensorflow', () => Object.assign(tf.findBackendFactory('cpu')(), { isUsingGpuDevice: ${usesGpu} }), 3);
if (!tf.setBackend('tensorflow')) throw new Error('Could not initialize TensorFlow backend.');
`;

/** Loads the backend in a process of its own, on a Node without the removed checks; what `script` puts in `result`, or the error. */
async function load(name: Name, script: string, usesGpu = false): Promise<unknown> {
  const project = projectWith(name, tfjsVersion, upstream(usesGpu));
  const scope = join(project, 'node_modules/@tensorflow');
  for (const part of ['tfjs', 'tfjs-core', 'tfjs-backend-cpu']) {
    rmSync(join(scope, part), { recursive: true, force: true });
    symlinkSync(join(process.cwd(), 'node_modules/@tensorflow', part), join(scope, part));
  }
  const file = join(project, 'node_modules/.cache/stage.mjs');
  await build({
    stdin: {
      contents: `
        import util from 'node:util';
        delete util.isNullOrUndefined;
        delete util.isArray;
        import { loadTensorFlow } from './src/tensors/backends/load.ts';
        const identity = { backend: '${name}', version: 'of a test', threads: 3 };
        let result;
        try {
          const tf = await loadTensorFlow(identity);
          ${script}
        } catch (error) {
          result = error.message;
        }
        process.stdout.write(JSON.stringify(result));`,
      resolveDir: process.cwd(),
    },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outfile: file,
  });
  const { stdout, stderr } = spawnSync(process.execPath, [file], {
    encoding: 'utf8',
    env: { ...process.env, TF_DETERMINISTIC_OPS: '0', TF_NUM_INTRAOP_THREADS: '64' },
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

describe('loading', () => {
  it('computes under the name of the package, with upstream’s calls of node:util guarded', async () => {
    const script = `
      const again = await loadTensorFlow(identity);
      await tf.setBackend('cpu');
      const back = await loadTensorFlow(identity);
      result = [tf.getBackend(), again === tf, back === tf, ...tf.clone(tf.tensor1d([1, 2])).dataSync(),
        ...tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])).dataSync(),
        ...tf.grad((x) => tf.square(x).sum())(tf.tensor1d([3, 4])).dataSync()];`;
    expect(await load('tfjs-node', script)).toEqual(['tfjs-node', true, true, 1, 2, 11, 6, 8]);
  });

  it('sets what libtensorflow reads of the environment, whatever it was', async () => {
    expect(await load('tfjs-node', 'result = globalThis.environmentAtLoad;')).toMatchObject({
      TF_NUM_INTRAOP_THREADS: '3',
      TF_NUM_INTEROP_THREADS: '1',
      TF_DETERMINISTIC_OPS: '1',
      TF_ENABLE_ONEDNN_OPTS: '1',
      NVIDIA_TF32_OVERRIDE: '0',
    });
  });

  it('takes tfjs-node-gpu only with a GPU', async () => {
    expect(await load('tfjs-node-gpu', 'result = tf.getBackend();', true)).toBe('tfjs-node-gpu');
    expect(await load('tfjs-node-gpu', 'result = tf.getBackend();', false)).toMatch(/tfjs-node-gpu[\s\S]*no GPU/);
  });
});
