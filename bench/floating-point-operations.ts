import type { Architecture } from '../src/sgd/networks/architecture.ts';
import { blocksOf } from '../src/sgd/networks/convolutional-blocks.ts';
import type { Signature } from '../src/sgd/networks/variables.ts';

/**
 * Floating-point operations of the matrix products and convolutions of one forward and backward pass: for each layer one
 * forward and two backward, except for the first, whose input has no gradient. Everything else (ReLU, normalisation, the
 * step itself) is linear in the number of activations or weights, and left out.
 */
export function trainingOperations(architecture: Architecture, signature: Signature, batchSize: number): number {
  const layers = multiplicationsPerExample(architecture, signature);
  const products = layers.reduce((total, count, position) => total + count * (position === 0 ? 2 : 3), 0);
  return 2 * batchSize * products;
}

/** Multiplications of each layer's forward pass, from the input on. Those with padding count as they would without. */
function multiplicationsPerExample(architecture: Architecture, { imageShape, classes }: Signature): readonly number[] {
  const [height = 0, width = 0, channels = 0] = imageShape;
  if (architecture.kind === 'fully-connected') {
    const units = [height * width * channels, ...architecture.hidden, classes];
    return units.slice(1).map((outputs, layer) => (units[layer] as number) * outputs);
  }
  let [rows, columns, depth] = [height, width, channels];
  const counts: number[] = [];
  for (const { inputChannels, outputChannels, stride } of blocksOf(architecture, channels).flatMap((b) => b.layers)) {
    rows = Math.ceil(rows / stride);
    columns = Math.ceil(columns / stride);
    counts.push(rows * columns * architecture.kernelSize ** 2 * inputChannels * outputChannels);
    depth = outputChannels;
  }
  return [...counts, depth * classes];
}
