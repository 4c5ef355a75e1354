import type { Availability, TensorFlow } from './identity.ts';
import { installedVersion } from './installed.ts';
import { registerConvolutionGradients } from './wasm/convolution-gradients.ts';

/** XNNPACK compiled to WebAssembly: deterministic to the bit on every machine that has the same instruction set flag. */
export function wasmAvailability(fromDirectory: string): Availability {
  const tfjs = installedVersion('@tensorflow/tfjs-core', fromDirectory);
  const wasm = installedVersion('@tensorflow/tfjs-backend-wasm', fromDirectory);
  if (tfjs === undefined || wasm === undefined) {
    return {
      kind: 'unavailable',
      reason: `${tfjs === undefined ? '@tensorflow/tfjs-core' : '@tensorflow/tfjs-backend-wasm'} is not installed`,
      fix: 'npm install @tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm',
    };
  }
  // TensorFlow.js never starts the threaded binary in Node, so threads are not part of the result's identity.
  return {
    kind: 'available',
    version: `tfjs ${tfjs}, wasm ${wasm}, ${hasSimd() ? 'simd' : 'scalar'}`,
    maximumThreads: 1,
  };
}

/** Registers `wasm` in the TensorFlow.js engine. In Node the package finds its .wasm files in its own folder. */
export async function registerWasm(tf: TensorFlow): Promise<void> {
  await import('@tensorflow/tfjs-backend-wasm');
  registerConvolutionGradients(tf);
}

/** The question that TensorFlow.js asks before it picks a binary: is `i32.const 0; i8x16.splat; drop` a valid function? */
function hasSimd(): boolean {
  // The ES library has no types of WebAssembly, and the DOM's would bring a browser's globals along.
  const { WebAssembly: webAssembly } = globalThis as unknown as {
    readonly WebAssembly: { validate(bytes: Uint8Array): boolean };
  };
  const magicAndVersion = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const types = [1, 4, 1, 0x60, 0, 0];
  const functions = [3, 2, 1, 0];
  const code = [10, 9, 1, 7, 0, 0x41, 0, 0xfd, 15, 0x1a, 11];
  return webAssembly.validate(new Uint8Array([...magicAndVersion, ...types, ...functions, ...code]));
}
