import type { GradConfig, NamedTensorMap, Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from '../identity.ts';
import { BACKEND_NAME } from './name.ts';

/**
 * Registers the gradients of the kernels that only this backend has, and puts one kernel in the place of three in the
 * gradient of ReLU. The registry is shared by all backends, so that gradient asks which one is in use.
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
      const [dLosses] = dys as Tensor[];
      return {
        logits: () => tf.mul(tf.reshape(dLosses as Tensor, [-1, 1]), gradient as Tensor),
        labels: () => {
          throw new Error('labels have no gradient');
        },
      };
    },
  });

  registerOnce(tf, {
    kernelName: 'BatchNormTraining',
    inputsToSave: ['x', 'scale'],
    outputsToSave: [true, true, true],
    gradFunc: (dys, [x, scale, y, mean, variance], attrs) => {
      const [dy] = dys as Tensor[];
      const inputs = { dy, x, mean, variance, scale, ...(attrs.relu === true ? { y } : {}) } as NamedTensorMap;
      let gradients: readonly Tensor[] | undefined;
      // One kernel gives all three, and all three are asked for one after another, each in a scope of its own.
      const gradient = (index: number) => () => {
        gradients ??= run<Tensor[]>('BatchNormTrainingGradient', inputs, attrs).map((tensor) => tf.keep(tensor));
        const wanted = gradients[index] as Tensor;
        const result = tf.clone(wanted);
        wanted.dispose();
        return result;
      };
      return { x: gradient(0), scale: gradient(1), offset: gradient(2) };
    },
  });
}

function registerOnce(tf: TensorFlow, config: GradConfig): void {
  if (tf.getGradient(config.kernelName) === undefined) tf.registerGradient(config);
}
