import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { directory } from '../src/engine/stage/codecs/paths.ts';
import { safetensors } from '../src/engine/stage/codecs/safetensors.ts';
import { defineStage, one } from '../src/engine/stage/stage.ts';
import { isGzip, unpackGzip } from '../src/sgd/datasets/compression.ts';
import { FORMATS, type OwnFile, readOwnFiles } from '../src/sgd/datasets/own-files.ts';

const extent = v.pipe(v.number(), v.integer(), v.minValue(1));

const params = v.strictObject({
  format: v.picklist(FORMATS),
  /** Height, width, channels. */
  image: v.strictTuple([extent, extent, extent]),
  /** Labels are 0 … classes − 1, and stored as bytes. */
  classes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(256)),
});

/** The largest content of a gzip file: one array of Node. */
const MOST_BYTES = 2 ** 31 - 1;

/** Files of one's own, as the stage download gives the official ones. */
export default defineStage({
  params,
  inputs: { train: one(directory), test: one(directory) },
  outputs: { train: safetensors, test: safetensors },
  async run({ params: { format, image, classes }, inputs, log }) {
    const [height, width, channels] = image;
    const read = async (split: 'train' | 'test') => {
      const found = readOwnFiles(format, await filesIn(inputs[split], split), {
        image: { height, width, channels },
        classes,
      });
      log(`${split}: ${found.labels.shape[0]} images`);
      return found;
    };
    return { train: await read('train'), test: await read('test') };
  },
});

/** Numbers in names count as numbers: batch 10 comes after batch 9. */
async function filesIn(folder: string, split: string): Promise<readonly OwnFile[]> {
  const order = new Intl.Collator('en', { numeric: true });
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort(order.compare);
  const files: OwnFile[] = [];
  for (const path of names) {
    const name = `${split}: ${path}`;
    const bytes = readFileSync(join(folder, path));
    files.push({ name, bytes: isGzip(bytes) ? await unpackGzip(bytes, MOST_BYTES, name) : bytes });
  }
  return files;
}
