import { Failure } from '../../engine/base/failure.ts';
import { elementCount } from '../networks/variables.ts';

/** Images with labels, as the download stage stores them. */
export interface Dataset {
  readonly examples: number;
  /** Height, width and channels of one image. */
  readonly imageShape: readonly number[];
  /** Row-major [examples, height, width, channels]. */
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: ArrayBufferView;
}

/**
 * Reads a dataset from an artefact's tensors `images` (U8 [n, height, width, channels]) and `labels` (U8 [n]).
 *
 * @param limit how many of its first examples to use; null for all
 * @throws {Failure} kind `stage` when the tensors are not such a pair, or hold fewer examples than `limit`
 */
export function datasetOf(tensors: Readonly<Record<string, StoredTensor>>, limit: number | null): Dataset {
  const { images, labels } = tensors;
  const [available = 0, ...imageShape] = images?.shape ?? [];
  const pixels = images?.data;
  const classes = labels?.data;
  if (!(pixels instanceof Uint8Array && classes instanceof Uint8Array) || classes.length !== available) {
    throw new Failure('stage', {
      fact: 'the dataset does not hold uint8 "images" [n, height, width, channels] and uint8 "labels" [n]',
      fix: 'bind this input to the train or test output of a download stage',
    });
  }
  const examples = limit ?? available;
  if (examples > available) {
    throw new Failure('stage', {
      fact: `the dataset has ${available} examples, fewer than the ${examples} that are asked for`,
      fix: `set "examples" to at most ${available}, or to null for all`,
    });
  }
  return {
    examples,
    imageShape,
    pixels: pixels.subarray(0, examples * elementCount(imageShape)),
    labels: classes.subarray(0, examples),
  };
}

/** @throws {Failure} kind `stage` when a label is not one of a model's classes */
export function requireKnownLabels(dataset: Dataset, classes: number): void {
  const stray = dataset.labels.find((label) => label >= classes);
  if (stray === undefined) return;
  throw new Failure('stage', {
    fact: `the dataset has a label ${stray}, and the model has ${classes} classes, counted from 0`,
    fix: `set "classes" of the initial weights to at least ${stray + 1}`,
  });
}
