import { cpuAvailability } from './cpu.ts';
import type { Backend } from './identity.ts';
import { onednnAvailability } from './onednn.ts';
import { wasmAvailability } from './wasm.ts';

/**
 * The known backends, fastest first: `auto` takes the first that is available.
 *
 * To add one (tfjs-node, tfjs-node-gpu, webgpu, …): write a file beside wasm.ts with an availability function, which does
 * not load TensorFlow.js, and a register function; list the first here and the second in load.ts.
 * They are separate exports, so that what `doctor` says about a backend is in no stage's code fingerprint. A package that
 * is an optional peer is imported by a name in a variable: a literal would make its absence an error of every bundle.
 */
export const backends: readonly Backend[] = [
  { name: 'onednn', availability: onednnAvailability },
  { name: 'wasm', availability: wasmAvailability },
  { name: 'cpu', availability: cpuAvailability },
];
