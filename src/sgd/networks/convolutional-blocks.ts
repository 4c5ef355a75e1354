import type { Convolutional } from './architecture.ts';

/** A convolution without bias, padded as TensorFlow's 'same'; batch normalisation, if there is any, and a ReLU follow. */
export interface ConvolutionLayer {
  readonly name: string;
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly stride: number;
}

/** Layers in a row. A residual block adds its input, in the shape of its output, before the last ReLU. */
export interface Block {
  readonly residual: boolean;
  readonly layers: readonly ConvolutionLayer[];
}

/** Convolutions that a shortcut spans. */
const RESIDUAL_SPAN = 2;

/** The hidden layers of a convolutional network, from the input on. */
export function blocksOf(architecture: Convolutional, imageChannels: number): readonly Block[] {
  const { stem, filters, convolutionsPerGroup, residual } = architecture;
  const first = { name: 'stem', inputChannels: imageChannels, outputChannels: stem, stride: 1 };
  const blocks: Block[] = [{ residual: false, layers: [first] }];
  const layersPerBlock = residual ? RESIDUAL_SPAN : convolutionsPerGroup;
  filters.forEach((outputChannels, group) => {
    const layers = Array.from({ length: convolutionsPerGroup }, (_, position) => ({
      name: `group${group + 1}/convolution${position + 1}`,
      inputChannels: position === 0 ? (filters[group - 1] ?? stem) : outputChannels,
      outputChannels,
      stride: position === 0 && group > 0 ? 2 : 1,
    }));
    for (let from = 0; from < layers.length; from += layersPerBlock) {
      blocks.push({ residual, layers: layers.slice(from, from + layersPerBlock) });
    }
  });
  return blocks;
}
