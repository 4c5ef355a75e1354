import * as v from 'valibot';
import { safetensors } from '../src/engine/stage/codecs/safetensors.ts';
import { Failure } from '../src/engine/stage/index.ts';
import { defineStage } from '../src/engine/stage/stage.ts';
import { DATASETS, isDatasetName } from '../src/sgd/datasets/datasets.ts';
import { readSplit } from '../src/sgd/datasets/labelled-images.ts';
import { obtainFiles } from '../src/sgd/datasets/obtain.ts';
import { sourcesInOrder } from '../src/sgd/datasets/sources/source-order.ts';

const params = v.pipe(
  v.strictObject({
    /** A folder with the official files; null for none. */
    directory: v.nullable(v.pipe(v.string(), v.nonEmpty())),
    /** The sources to try, in this order. */
    sources: v.pipe(v.array(v.picklist(['directory', 'npm', 'mirror'])), v.minLength(1)),
  }),
  v.check(
    ({ directory, sources }) => directory === null || sources.includes('directory'),
    'a directory is named, but sources does not list "directory": it would not be looked at',
  ),
  v.check(
    ({ directory, sources }) => directory !== null || sources.some((kind) => kind !== 'directory'),
    'sources lists nothing but "directory", and none is named',
  ),
);

/** Downloads a data set and checks that it is, byte for byte, the official one. */
export default defineStage({
  params,
  inputs: {},
  outputs: { train: safetensors, test: safetensors },
  async run(context) {
    const name = context.coordinates.dataset;
    if (!isDatasetName(name)) {
      throw new Failure('usage', {
        fact: `the coordinate "dataset" is ${JSON.stringify(name)}`,
        fix: `use one of ${Object.keys(DATASETS).join(', ')}`,
      });
    }
    const dataset = DATASETS[name];
    const { directory, sources } = context.params;
    const { content, source, passedOver } = await obtainFiles(dataset, sourcesInOrder(dataset, sources, directory), {
      progress: (fraction) => context.progress(fraction),
    });
    for (const reason of passedOver) context.log(`passed over ${reason}`);
    context.log(`${dataset.title} from ${source}: ${content.size} files, all as published (SHA-256)`);
    return { train: readSplit(dataset.train, dataset, content), test: readSplit(dataset.test, dataset, content) };
  },
});
