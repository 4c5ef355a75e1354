import type { Convolutional } from '../../../src/sgd/networks/architecture.ts';
import { at, multiply, type ReferenceWeights, values } from './reference.ts';

/** A minibatch of images, each row-major [height, width, channels]. */
interface Maps {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly images: readonly Float64Array[];
}

type Rows = readonly Float64Array[];

/** The network as He et al. (2016, section 4.2) describe it, written down layer by layer. */
export function convolutionalLogits(
  { filters, convolutionsPerGroup, residual }: Convolutional,
  imageShape: readonly number[],
  weights: ReferenceWeights,
  images: Rows,
  normalise: (layer: string, rows: Rows) => Rows,
): Float64Array[] {
  const [height = 0, width = 0, channels = 0] = imageShape;
  const layer = (x: Maps, name: string, stride: number): Maps => {
    const y = convolve(x, weights, `${name}/kernel`, stride);
    return { ...y, images: mapsOfRows(y, normalise(name, rowsOfMaps(y))) };
  };
  let maps = rectify(layer({ height, width, channels, images }, 'stem', 1));
  filters.forEach((_, group) => {
    let shortcut = maps;
    for (let position = 1; position <= convolutionsPerGroup; position++) {
      const stride = group > 0 && position === 1 ? 2 : 1;
      maps = layer(maps, `group${group + 1}/convolution${position}`, stride);
      const endsBlock = residual && position % 2 === 0;
      if (endsBlock) maps = addShortcut(maps, shortcut);
      maps = rectify(maps);
      if (endsBlock) shortcut = maps;
    }
  });
  return multiply(averages(maps), weights, 'logits/kernel');
}

/** Zero-padded so that ⌈extent / stride⌉ outputs fit, the surplus of an odd padding after the last pixel: TensorFlow's 'same'. */
function convolve(x: Maps, weights: ReferenceWeights, name: string, stride: number): Maps {
  const [size = 0, , inputs = 0, channels = 0] = weights[name]?.shape ?? [];
  const kernel = values(weights, name);
  const height = Math.ceil(x.height / stride);
  const width = Math.ceil(x.width / stride);
  const top = Math.floor(Math.max(0, (height - 1) * stride + size - x.height) / 2);
  const left = Math.floor(Math.max(0, (width - 1) * stride + size - x.width) / 2);
  const images = x.images.map((image) => {
    const out = new Float64Array(height * width * channels);
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        for (let k = 0; k < size; k++) {
          for (let l = 0; l < size; l++) {
            const fromRow = row * stride + k - top;
            const fromColumn = column * stride + l - left;
            if (fromRow < 0 || fromRow >= x.height || fromColumn < 0 || fromColumn >= x.width) continue;
            for (let i = 0; i < inputs; i++) {
              const value = at(image, (fromRow * x.width + fromColumn) * inputs + i);
              for (let o = 0; o < channels; o++) {
                const to = (row * width + column) * channels + o;
                out[to] = at(out, to) + value * at(kernel, ((k * size + l) * inputs + i) * channels + o);
              }
            }
          }
        }
      }
    }
    return out;
  });
  return { height, width, channels, images };
}

/** Adds every second pixel where the extents differ, and nothing to channels that the shortcut lacks. */
function addShortcut(x: Maps, shortcut: Maps): Maps {
  const stride = shortcut.height === x.height && shortcut.width === x.width ? 1 : 2;
  const images = x.images.map((image, n) => {
    const from = shortcut.images[n] as Float64Array;
    return image.map((value, index) => {
      const channel = index % x.channels;
      const pixel = Math.floor(index / x.channels);
      const row = Math.floor(pixel / x.width) * stride;
      const column = (pixel % x.width) * stride;
      if (channel >= shortcut.channels) return value;
      return value + at(from, (row * shortcut.width + column) * shortcut.channels + channel);
    });
  });
  return { ...x, images };
}

function rectify(x: Maps): Maps {
  return { ...x, images: x.images.map((image) => image.map((value) => Math.max(value, 0))) };
}

/** One row for each pixel of each image. */
function rowsOfMaps({ images, channels }: Maps): Rows {
  return images.flatMap((image) =>
    Array.from({ length: image.length / channels }, (_, i) => image.subarray(i * channels, (i + 1) * channels)),
  );
}

function mapsOfRows({ height, width, channels }: Maps, rows: Rows): Rows {
  const pixels = height * width;
  return Array.from({ length: rows.length / pixels }, (_, n) => {
    const image = new Float64Array(pixels * channels);
    rows.slice(n * pixels, (n + 1) * pixels).forEach((row, i) => {
      image.set(row, i * channels);
    });
    return image;
  });
}

function averages({ images, channels }: Maps): Float64Array[] {
  return images.map((image) => {
    const sums = new Float64Array(channels);
    image.forEach((value, i) => {
      sums[i % channels] = at(sums, i % channels) + value;
    });
    return sums.map((sum) => (sum * channels) / image.length);
  });
}
