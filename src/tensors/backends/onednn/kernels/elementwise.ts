import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { BinaryFunction, OnednnBinding, UnaryFunction } from '../binding.ts';
import { broadcastOf } from './broadcast.ts';
import { type KernelCall, type NativeKernel, type NativeKernels, requiredInput, sameShape } from './native-kernel.ts';

type UnaryName = {
  [K in keyof OnednnBinding]: OnednnBinding[K] extends UnaryFunction ? K : never;
}[keyof OnednnBinding];
type BinaryName = Extract<
  keyof OnednnBinding,
  'add' | 'subtract' | 'multiply' | 'divide' | 'squaredDifference' | 'addAndRectify'
>;

/** Elementwise kernels on float32. */
export const elementwiseKernels: NativeKernels = /* @__PURE__ */ Object.freeze({
  Relu: unary('relu'),
  Neg: unary('negative'),
  Square: unary('square'),
  Sqrt: unary('squareRoot'),
  Rsqrt: unary('reciprocalSquareRoot'),
  Exp: unary('exponential'),
  Log: unary('logarithm'),
  Step: step,
  Add: binary('add'),
  Sub: binary('subtract'),
  Multiply: binary('multiply'),
  RealDiv: binary('divide'),
  SquaredDifference: binary('squaredDifference'),
  AddRelu: binary('addAndRectify'),
  ReluGradient: reluGradient,
  Blend: blend,
  AddN: addN,
});

function unary(name: UnaryName): NativeKernel {
  return (call) => {
    const x = requiredInput(call, 'x');
    const { backend } = call;
    const values = backend.floats(x);
    if (values === undefined) return undefined;
    const out = backend.allocate(x.shape);
    backend.binding[name](values, out.values, values.length);
    return out.info;
  };
}

function step(call: KernelCall): TensorInfo | undefined {
  const x = requiredInput(call, 'x');
  const { backend, attrs } = call;
  const values = backend.floats(x);
  if (values === undefined) return undefined;
  const out = backend.allocate(x.shape);
  backend.binding.step(values, out.values, values.length, attrs.alpha as number);
  return out.info;
}

function binary(name: BinaryName, first = 'a', second = 'b'): NativeKernel {
  return (call) => {
    const { backend } = call;
    return combine(call, backend.binding[name], requiredInput(call, first), requiredInput(call, second));
  };
}

function combine(
  { backend }: KernelCall,
  operation: BinaryFunction,
  a: TensorInfo,
  b: TensorInfo,
): TensorInfo | undefined {
  const valuesA = backend.floats(a);
  const valuesB = backend.floats(b);
  if (valuesA === undefined || valuesB === undefined) return undefined;
  const broadcast = broadcastOf(a.shape, b.shape);
  if (broadcast === undefined) return undefined;
  const out = backend.allocate(broadcast.shape);
  operation(valuesA, valuesB, out.values, broadcast.layout);
  return out.info;
}

/**
 * Inputs `dy` and `y`: dy where y > 0, else 0. With the attribute `consume` it is written over dy, if nothing else has that
 * memory. The caller must not read dy again.
 */
function reluGradient(call: KernelCall): TensorInfo | undefined {
  const { backend, attrs } = call;
  const dy = requiredInput(call, 'dy');
  const y = requiredInput(call, 'y');
  if (attrs.consume === true && sameShape(dy.shape, y.shape)) {
    const gradient = backend.floats(dy);
    const outputs = backend.floats(y);
    const { buffer, refCount } = backend.data.peek(dy.dataId);
    if (gradient && outputs && buffer?.isPrivate && refCount === 1 && dy.dataId !== y.dataId) {
      backend.binding.reluGradientInPlace(gradient, outputs, gradient.length);
      return backend.share(dy, dy.shape, 'float32');
    }
  }
  return combine(call, backend.binding.reluGradient, dy, y);
}

/** Inputs `x` and `y` of one shape; attributes `a` and `b`. The result is a·x + b·y. */
function blend(call: KernelCall): TensorInfo | undefined {
  const { backend, attrs } = call;
  const x = requiredInput(call, 'x');
  const y = requiredInput(call, 'y');
  const valuesX = backend.floats(x);
  const valuesY = backend.floats(y);
  if (!valuesX || !valuesY || !sameShape(x.shape, y.shape)) return undefined;
  const out = backend.allocate(x.shape);
  backend.binding.blend(attrs.a as number, valuesX, attrs.b as number, valuesY, out.values, valuesX.length);
  return out.info;
}

function addN(call: KernelCall): TensorInfo | undefined {
  const { backend } = call;
  const terms = Object.values(call.inputs).filter((input) => input !== undefined);
  const values = terms.map((term) => backend.floats(term));
  const [first, second] = values;
  const shape = terms[0]?.shape;
  if (shape === undefined || first === undefined || second === undefined || values.includes(undefined))
    return undefined;
  const out = backend.allocate(shape);
  backend.binding.addScaled(1, second, first, out.values, first.length);
  for (const term of values.slice(2)) {
    if (term) backend.binding.addScaled(1, term, out.values, out.values, first.length);
  }
  return out.info;
}
