import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { basename, join } from 'node:path';
import util from 'node:util';
import { type Cuda, findCuda } from './cuda.ts';
import type { Availability, ComputeIdentity, TensorFlow } from './identity.ts';
import { installedPackage, installedVersion } from './installed.ts';
import { keptDigest } from './kept-digest.ts';

/** The name under which both packages register; only one of them can be in a process. */
const UPSTREAM_NAME = 'tensorflow';

/** libtensorflow on the processor, by the package that TensorFlow.js has for Node. */
export function tfjsNodeAvailability(fromDirectory: string): Availability {
  return availabilityOf('tfjs-node', fromDirectory);
}

/**
 * libtensorflow on NVIDIA GPUs. Available only if everything that it needs to find a GPU is there: otherwise it would compute on
 * the processor, and the keys would say otherwise.
 */
export function tfjsNodeGpuAvailability(fromDirectory: string, cuda: () => Cuda = findCuda): Availability {
  const found = availabilityOf('tfjs-node-gpu', fromDirectory);
  if (found.kind === 'unavailable') return found;
  const gpu = cuda();
  return gpu.kind === 'missing'
    ? { kind: 'unavailable', reason: gpu.reason, fix: gpu.fix }
    : { kind: 'available', version: `${found.version}, ${gpu.version}`, maximumThreads: 1 };
}

function availabilityOf(name: 'tfjs-node' | 'tfjs-node-gpu', fromDirectory: string): Availability {
  const packageName = `@tensorflow/${name}`;
  const tfjs = installedVersion('@tensorflow/tfjs-core', fromDirectory);
  if (tfjs === undefined) {
    return {
      kind: 'unavailable',
      reason: '@tensorflow/tfjs-core is not installed',
      fix: 'npm install @tensorflow/tfjs-core',
    };
  }
  const installed = installedPackage(packageName, fromDirectory);
  const fix = howToInstall(name, tfjs);
  if (installed === undefined) return { kind: 'unavailable', reason: `${packageName} is not installed`, fix };
  if (installed.version !== tfjs) {
    return {
      kind: 'unavailable',
      reason: `${packageName} ${installed.version} does not fit @tensorflow/tfjs-core ${tfjs}`,
      fix: `remove it; then ${fix}`,
    };
  }
  // Upstream's package imports all of TensorFlow.js, and installs it. An installation that has lost it would fail only in a worker.
  const whole = installedVersion('@tensorflow/tfjs', installed.directory);
  if (whole !== tfjs) {
    const state = whole === undefined ? 'not installed' : `of version ${whole}, not ${tfjs}`;
    return {
      kind: 'unavailable',
      reason: `@tensorflow/tfjs, which ${packageName} imports, is ${state}`,
      fix: `npm install @tensorflow/tfjs@${tfjs}`,
    };
  }
  const addon = addonIn(installed.directory);
  const libraries = librariesIn(installed.directory);
  if (addon === undefined || libraries === undefined) {
    const missing =
      libraries === undefined ? 'libtensorflow (in deps/lib)' : 'its addon (lib/napi-v8/tfjs_binding.node)';
    return { kind: 'unavailable', reason: `${packageName} lacks ${missing}`, fix };
  }
  const digest = (file: string) => keptDigest(file, fromDirectory).slice(0, 16);
  // libtensorflow picks kernels by instruction set, and blocks of matrices by cache sizes.
  const processor = cpus()[0]?.model.trim() || process.arch;
  const files = libraries.map((file) => `${basename(file)} ${digest(file)}`);
  return {
    kind: 'available',
    version: [`tfjs ${tfjs}`, ...files, `addon ${digest(addon)}`, processor].join(', '),
    maximumThreads: availableParallelism(),
  };
}

/** Upstream's own installation downloads libtensorflow, which is refused since August 2026 (tensorflow/tfjs#8742). */
function howToInstall(name: 'tfjs-node' | 'tfjs-node-gpu', version: string): string {
  if (process.platform === 'linux' && process.arch === 'x64') {
    const script = 'node_modules/tfjs-backend-onednn/scripts/install-tfjs-node.mjs';
    return `node ${script}${name === 'tfjs-node-gpu' ? ' --gpu' : ''}`;
  }
  return `npm install @tensorflow/${name}@${version}, with TFJS_NODE_CDN_STORAGE set to a mirror of libtensorflow (with a slash at its end): upstream’s own answers 403 since August 2026 (tensorflow/tfjs#8742)`;
}

/** The addon for Node-API 8, which is the highest that the package knows, so the one that it loads on every Node from 16 on. */
function addonIn(packageDirectory: string): string | undefined {
  const file = join(packageDirectory, 'lib/napi-v8/tfjs_binding.node');
  return existsSync(file) ? file : undefined;
}

/** The shared libraries that compute, themselves: next to them are links to them (`libtensorflow.so.2`). Windows has only the first. */
function librariesIn(packageDirectory: string): readonly string[] | undefined {
  const directory = join(packageDirectory, 'deps/lib');
  if (!existsSync(directory)) return undefined;
  const files = readdirSync(directory)
    .filter(
      (file) => /^(lib)?tensorflow(_framework)?\.(so|dylib|dll|\d)/.test(file) && existsSync(join(directory, file)),
    )
    .map((file) => realpathSync(join(directory, file)));
  const libraries = [...new Set(files)].sort();
  return libraries.some((file) => !basename(file).includes('_framework')) ? libraries : undefined;
}

/** Registers `tfjs-node` or `tfjs-node-gpu` in the TensorFlow.js engine. */
export async function startTfjsNode(tf: TensorFlow, { backend: name, threads }: ComputeIdentity): Promise<void> {
  if (tf.findBackendFactory(name)) return;
  if (tf.findBackendFactory(UPSTREAM_NAME)) {
    throw new Error('this process has loaded libtensorflow already, and can do so only once');
  }
  restoreRemovedChecks(util);
  setEnvironment(process.env, threads);
  // A name in a variable: see backends.ts.
  const packageName = `@tensorflow/${name}`;
  await import(packageName);
  const upstream = tf.findBackend(UPSTREAM_NAME) as { readonly isUsingGpuDevice?: boolean } | null;
  if (name === 'tfjs-node-gpu' && !upstream?.isUsingGpuDevice) {
    throw new Error('libtensorflow finds no GPU that it can use, and would compute on the processor');
  }
  // Under a name that distinguishes the two packages. The kernels go on to ask upstream's backend for constants.
  tf.copyRegisteredKernels(UPSTREAM_NAME, name);
  tf.registerBackend(name, tf.findBackendFactory(UPSTREAM_NAME));
}

/**
 * Restores the functions of `node:util` that upstream's kernels call, as far as this Node lacks them: `isNullOrUndefined` is gone since 23
 * (tensorflow/tfjs#8609), `isArray` is deprecated.
 */
export function restoreRemovedChecks(target: object): void {
  const checks = {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: (value: unknown) => Array.isArray(value),
  };
  for (const [name, value] of Object.entries(checks)) {
    if (!(name in target)) Object.defineProperty(target, name, { value, configurable: true, writable: true });
  }
}

/** libtensorflow reads these when it is loaded. Those that change results are set in any case, since no key holds them. */
function setEnvironment(environment: NodeJS.ProcessEnv, threads: number): void {
  Object.assign(environment, {
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_NUM_INTEROP_THREADS: '1',
    TF_ENABLE_ONEDNN_OPTS: '1',
    TF_DETERMINISTIC_OPS: '1',
    // Otherwise Ampere and newer multiply float32 matrices with 10 bits of mantissa.
    NVIDIA_TF32_OVERRIDE: '0',
    // Otherwise the first worker takes all memory of the GPU.
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
  });
  // No notes on optimised instructions; warnings stay.
  environment.TF_CPP_MIN_LOG_LEVEL ??= '1';
}
