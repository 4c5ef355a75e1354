import { cpuAvailability } from './cpu.ts';
import type { Backend } from './identity.ts';
import { onednnAvailability } from './onednn.ts';
import { tfjsNodeAvailability, tfjsNodeGpuAvailability } from './tfjs-node.ts';
import { wasmAvailability } from './wasm.ts';
import { webgpuAvailability } from './webgpu.ts';

/**
 * The known backends: `auto` takes the first that is available. If a GPU's owner has installed tfjs-node-gpu with all that
 * it needs, it should be used. onednn is faster than libtensorflow's CPU kernels and tested to the bit, so it is before tfjs-node.
 * `auto` never takes webgpu: what it computes depends on the GPU and its driver to the last bits, and mostly nobody
 * chose these.
 *
 * To add one: write a file next to wasm.ts with an availability function, which does not load TensorFlow.js, and a register
 * function; list the first here and the second in load.ts.
 * They are separate exports, so that what `doctor` says about a backend is in no stage's code fingerprint. A package that
 * is an optional peer is imported by a name in a variable: a literal would make its absence an error of every bundle.
 */
export const backends: readonly Backend[] = [
  { name: 'tfjs-node-gpu', automatic: true, availability: tfjsNodeGpuAvailability },
  { name: 'onednn', automatic: true, availability: onednnAvailability },
  { name: 'tfjs-node', automatic: true, availability: tfjsNodeAvailability },
  { name: 'wasm', automatic: true, availability: wasmAvailability },
  { name: 'cpu', automatic: true, availability: cpuAvailability },
  { name: 'webgpu', automatic: false, availability: webgpuAvailability },
];
