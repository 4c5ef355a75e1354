import type { Architecture } from '../../../src/sgd/networks/architecture.ts';
import type { Weights } from '../../../src/sgd/networks/weights.ts';
import { convolutionalLogits } from './reference-convolutional.ts';

// An independent definition of the models, in float64 and with plain loops: what the tests compare against.

/** A model and the images that it is for. */
export interface Setup {
  readonly architecture: Architecture;
  /** Height, width and channels. */
  readonly imageShape: readonly number[];
}

export interface ReferenceWeights {
  readonly [name: string]: { readonly shape: readonly number[]; readonly data: Float64Array };
}

export type Statistics = 'batch' | 'running';

/** Mean and biased variance of each batch-normalised layer's input, and over how many values. */
export type Moments = Map<
  string,
  { readonly mean: Float64Array; readonly variance: Float64Array; readonly count: number }
>;

export interface ReferencePass {
  readonly loss: number;
  readonly logits: readonly Float64Array[];
  readonly moments: Moments;
}

export function toFloat64(weights: Weights): ReferenceWeights {
  return Object.fromEntries(
    Object.entries(weights).map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
  );
}

export function referencePass(
  { architecture, imageShape }: Setup,
  weights: ReferenceWeights,
  images: readonly Float64Array[],
  labels: ArrayLike<number>,
  statistics: Statistics,
): ReferencePass {
  const moments: Moments = new Map();
  const normalise = (layer: string, rows: readonly Float64Array[]) =>
    architecture.batchNorm
      ? normaliseRows(layer, rows, weights, architecture.batchNorm.epsilon, statistics, moments)
      : rows;
  const logits =
    architecture.kind === 'fully-connected'
      ? fullyConnectedLogits(architecture.hidden.length, weights, images, normalise)
      : convolutionalLogits(architecture, imageShape, weights, images, normalise);
  let sum = 0;
  logits.forEach((z, row) => {
    const normaliser = z.reduce((total, value) => total + Math.exp(value), 0);
    sum += Math.log(normaliser) - at(z, labels[row] as number);
  });
  return { loss: sum / logits.length, logits, moments };
}

function fullyConnectedLogits(
  hiddenLayers: number,
  weights: ReferenceWeights,
  images: readonly Float64Array[],
  normalise: (layer: string, rows: readonly Float64Array[]) => readonly Float64Array[],
): Float64Array[] {
  let rows = images;
  for (let i = 1; i <= hiddenLayers; i++) {
    rows = multiply(rows, weights, `hidden${i}/kernel`);
    rows = normalise(`hidden${i}`, rows).map((row) => row.map((x) => Math.max(x, 0)));
  }
  return multiply(rows, weights, 'logits/kernel');
}

function normaliseRows(
  layer: string,
  rows: readonly Float64Array[],
  weights: ReferenceWeights,
  epsilon: number,
  statistics: Statistics,
  moments: Moments,
): Float64Array[] {
  const own = columnMoments(rows);
  moments.set(layer, { ...own, count: rows.length });
  const { mean, variance } =
    statistics === 'batch'
      ? own
      : { mean: values(weights, `${layer}/movingMean`), variance: values(weights, `${layer}/movingVariance`) };
  const gamma = values(weights, `${layer}/gamma`);
  const beta = values(weights, `${layer}/beta`);
  return rows.map((row) =>
    row.map((x, k) => (at(gamma, k) * (x - at(mean, k))) / Math.sqrt(at(variance, k) + epsilon) + at(beta, k)),
  );
}

/** Central differences of the loss in every component of a variable. */
export function finiteDifferences(
  setup: Setup,
  weights: ReferenceWeights,
  name: string,
  images: readonly Float64Array[],
  labels: ArrayLike<number>,
): Float64Array {
  const h = 1e-6;
  const data = values(weights, name);
  return data.map((value, i) => {
    const lossAt = (moved: number) => {
      data[i] = moved;
      return referencePass(setup, weights, images, labels, 'batch').loss;
    };
    const difference = (lossAt(value + h) - lossAt(value - h)) / (2 * h);
    data[i] = value;
    return difference;
  });
}

export function multiply(rows: readonly Float64Array[], weights: ReferenceWeights, name: string): Float64Array[] {
  const [inputs = 0, outputs = 0] = weights[name]?.shape ?? [];
  const kernel = values(weights, name);
  return rows.map((row) => {
    const product = new Float64Array(outputs);
    for (let j = 0; j < inputs; j++) {
      for (let k = 0; k < outputs; k++) product[k] = at(product, k) + at(row, j) * at(kernel, j * outputs + k);
    }
    return product;
  });
}

function columnMoments(rows: readonly Float64Array[]): { mean: Float64Array; variance: Float64Array } {
  const columns = rows[0]?.length ?? 0;
  const average = (f: (row: Float64Array, k: number) => number) =>
    Float64Array.from({ length: columns }, (_, k) => rows.reduce((sum, row) => sum + f(row, k), 0) / rows.length);
  const mean = average((row, k) => at(row, k));
  return { mean, variance: average((row, k) => (at(row, k) - at(mean, k)) ** 2) };
}

export function values(weights: ReferenceWeights, name: string): Float64Array {
  const found = weights[name];
  if (!found) throw new Error(`no ${name}`);
  return found.data;
}

export function at(array: ArrayLike<number>, index: number): number {
  return array[index] as number;
}
