import type { NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { OnednnBackend } from '../backend.ts';

/** A call of a kernel: what TensorFlow.js hands to it. */
export interface KernelCall {
  readonly backend: OnednnBackend;
  readonly inputs: NamedTensorInfoMap;
  readonly attrs: NamedAttrMap;
}

/** A kernel that calls the addon; undefined means that it does not do this case, and the cpu kernel is to. */
export type NativeKernel = (call: KernelCall) => TensorInfo | TensorInfo[] | undefined;

/** Native kernels by name. */
export type NativeKernels = Readonly<Record<string, NativeKernel>>;

/** The input that the kernel cannot be without. */
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
