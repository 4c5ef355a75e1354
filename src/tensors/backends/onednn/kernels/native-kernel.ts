import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { OnednnBackend } from '../backend.ts';

/** A call of a kernel, as TensorFlow.js passes it. */
export interface KernelCall {
  readonly backend: OnednnBackend;
  readonly inputs: NamedTensorInfoMap;
  readonly attrs: NamedAttrMap;
}

/** A kernel that calls the addon; undefined means that it does not support this case, and the cpu kernel computes it. */
export type NativeKernel = (call: KernelCall) => TensorInfo | TensorInfo[] | undefined;

/** Native kernels by name. */
export type NativeKernels = Readonly<Record<string, NativeKernel>>;

/** An input that the kernel requires. */
export function requiredInput({ inputs }: KernelCall, name: string): TensorInfo {
  const input = inputs[name];
  if (input === undefined || input === null) throw new TypeError(`the input "${name}" is missing`);
  return input;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}
