import type { GradConfig, NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../identity.ts';
import { BACKEND_NAME } from './name.ts';

/**
 * Registers the gradients of the kernels that only this backend has, and replaces three kernels by one in the
 * gradient of ReLU. All backends share the registry, so that gradient asks which one is in use.
 */
export function registerGradients(tf: TensorFlow): void {
  const run = <T extends Tensor | Tensor[]>(name: string, inputs: NamedTensorMap, attrs = {}): T =>
    tf.engine().runKernel(name, inputs, attrs) as T;

  const portableRelu = tf.getGradient('Relu');
  tf.registerGradient({
    ...portableRelu,
    gradFunc: (dy, saved, attrs) => {
      if (tf.getBackend() !== BACKEND_NAME) return portableRelu.gradFunc(dy, saved, attrs);
      return { x: () => run<Tensor>('ReluGradient', { dy: dy as Tensor, y: saved[0] as Tensor }) };
    },
  });

  registerOnce(tf, {
    kernelName: 'ReluGradient',
    inputsToSave: ['y'],
    // Linear in dy, and constant in y almost everywhere.
    gradFunc: (ddx, [y]) => ({
      dy: () => run<Tensor>('ReluGradient', { dy: ddx as Tensor, y: y as Tensor }),
      y: () => tf.zerosLike(y as Tensor),
    }),
  });

  registerOnce(tf, {
    kernelName: 'SoftmaxCrossEntropy',
    outputsToSave: [false, true],
    gradFunc: (dys, [gradient]) => {
      const [dLoss] = dys as Tensor[];
      return {
        logits: () => tf.mul(gradient as Tensor, dLoss as Tensor),
        labels: () => {
          throw new Error('labels have no gradient');
        },
      };
    },
  });

  registerOnce(tf, {
    kernelName: 'Conv2DRelu',
    inputsToSave: ['x', 'filter'],
    outputsToSave: [true],
    gradFunc: (dy, [x, filter, y], { strides, pad, dataFormat }) => {
      const dz = run<Tensor>('ReluGradient', { dy: dy as Tensor, y: y as Tensor });
      const inputs = { x: x as Tensor, filter: filter as Tensor };
      const attrs = { strides, pad, dataFormat };
      let gaveInputGradient = false;
      return {
        x: () => {
          gaveInputGradient = true;
          return run<Tensor>(
            'Conv2DBackpropInput',
            { dy: dz, filter: inputs.filter },
            { ...attrs, inputShape: inputs.x.shape },
          );
        },
        filter: () => {
          const gradient = run<Tensor>(
            'Conv2DBackpropFilter',
            { x: inputs.x, dy: dz },
            { ...attrs, filterShape: inputs.filter.shape },
          );
          // The next layer's gradient then finds memory that is still in the cache.
          if (gaveInputGradient) dz.dispose();
          return gradient;
        },
      };
    },
  });

  registerOnce(tf, {
    kernelName: 'BatchNormTraining',
    inputsToSave: ['x', 'scale', 'offset'],
    outputsToSave: [false, true, true],
    gradFunc: (dys, [x, scale, offset, mean, variance], attrs) => {
      const [dy] = dys as Tensor[];
      const inputs = { dy, x, scale, offset, mean, variance } as NamedTensorMap;
      const [dx, dScale, dOffset] = run<[Tensor, Tensor, Tensor]>('BatchNormTrainingGradient', inputs, attrs);
      return { x: () => dx, scale: () => dScale, offset: () => dOffset };
    },
  });
}

function registerOnce(tf: TensorFlow, config: GradConfig): void {
  if (tf.getGradient(config.kernelName) === undefined) tf.registerGradient(config);
}
