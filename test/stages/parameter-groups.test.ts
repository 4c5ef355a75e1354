import { describe, expect, it } from 'vitest';
import { trainableDimension, variablesOf } from '../../src/sgd/networks/variables.ts';
import { parameterGroups } from '../../stages/support/parameter-groups.ts';
import { CLASSES, CONVOLUTIONAL, IMAGE_SHAPE, MODEL } from './context.ts';

describe('parameterGroups', () => {
  it.each([MODEL, CONVOLUTIONAL, { ...MODEL, batchNorm: false as const }])('divides the parameters of %o', (model) => {
    const variables = variablesOf(model, { imageShape: IMAGE_SHAPE, classes: CLASSES });
    const trainable = variables.filter((variable) => variable.trainable);
    const groups = parameterGroups(variables);
    const ofLayers = groups.filter(({ name }) => name !== 'normalisation');
    // Each parameter is in one group of its layer.
    expect(ofLayers.flatMap(({ places }) => places).sort((a, b) => a - b)).toEqual([...trainable.keys()]);
    expect(ofLayers.reduce((sum, { dimension }) => sum + dimension, 0)).toBe(trainableDimension(variables));
    for (const { name, places } of ofLayers) {
      const layer = name.slice(0, name.lastIndexOf('/'));
      for (const place of places) expect(trainable[place]?.name.startsWith(`${layer}/`)).toBe(true);
    }
    const all = groups.find(({ name }) => name === 'normalisation');
    const expected = [...trainable.entries()].flatMap(([place, { name }]) => (/gamma|beta/.test(name) ? [place] : []));
    expect(all?.places ?? []).toEqual(expected);
  });
});
