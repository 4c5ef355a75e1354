import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { digestBytes } from '../../src/engine/base/digest.ts';
import { safetensors } from '../../src/engine/stage/codecs/safetensors.ts';
import init from '../../stages/init.ts';
import { CLASSES, contextOf, IMAGE_SHAPE, MODEL } from './context.ts';

const params = { model: MODEL, inputs: IMAGE_SHAPE, classes: CLASSES };

async function digestAt(seed: number): Promise<string> {
  const { weights } = await init.run(contextOf(params, { architecture: 'small', seed }, {}));
  return digestBytes(safetensors.encode(weights));
}

describe('the init stage', () => {
  it('writes every variable under its name', async () => {
    const { weights } = await init.run(contextOf(params, { seed: 1 }, {}));
    expect(Object.entries(weights).map(([name, { shape }]) => [name, ...shape])).toEqual([
      ['hidden1/kernel', 12, 12],
      ['hidden1/gamma', 12],
      ['hidden1/beta', 12],
      ['hidden1/movingMean', 12],
      ['hidden1/movingVariance', 12],
      ['hidden2/kernel', 12, 9],
      ['hidden2/gamma', 9],
      ['hidden2/beta', 9],
      ['hidden2/movingMean', 9],
      ['hidden2/movingVariance', 9],
      ['logits/kernel', 9, 5],
    ]);
  });

  it('depends on the seed and on nothing else', async () => {
    expect(await digestAt(1)).toBe(await digestAt(1));
    expect(await digestAt(2)).not.toBe(await digestAt(1));
  });

  it('refuses params and coordinates that it cannot use', async () => {
    const accepts = (value: unknown) => v.safeParse(init.params as v.GenericSchema, value).success;
    expect(accepts(params)).toBe(true);
    expect(accepts({ ...params, inputs: [784] })).toBe(false);
    expect(accepts({ ...params, classes: 0 })).toBe(false);
    expect(accepts({ ...params, seed: 1 })).toBe(false);
    expect(() => init.run(contextOf(params, { seed: 'one' }, {}))).toThrow(/"seed" is "one"[\s\S]*whole number/);
    expect(() => init.run(contextOf(params, {}, {}))).toThrow(/"seed" is missing/);
  });
});
