import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { architectureSchema } from '../../../src/sgd/networks/architecture.ts';

const accepts = (value: unknown) => v.safeParse(architectureSchema, value).success;
const fullyConnected = { kind: 'fully-connected', hidden: [800], batchNorm: { epsilon: 1e-5, momentum: 0.9 } };
const convolutional = {
  kind: 'convolutional',
  stem: 16,
  filters: [16, 32, 64],
  convolutionsPerGroup: 4,
  kernelSize: 3,
  residual: true,
  batchNorm: false,
};

describe('an architecture', () => {
  it('may have batch normalisation or not, and any number of hidden layers', () => {
    expect(accepts(fullyConnected)).toBe(true);
    expect(accepts({ ...fullyConnected, batchNorm: false, hidden: [] })).toBe(true);
  });

  it('may be convolutional, with shortcuts or without', () => {
    expect(accepts(convolutional)).toBe(true);
    expect(accepts({ ...convolutional, residual: false, batchNorm: fullyConnected.batchNorm })).toBe(true);
    // Without shortcuts, which could not do that, any number of convolutions and of filters goes.
    expect(accepts({ ...convolutional, residual: false, convolutionsPerGroup: 3, filters: [8] })).toBe(true);
  });

  it.each([
    [{ ...convolutional, convolutionsPerGroup: 3 }, /even number of convolutionsPerGroup/],
    [{ ...convolutional, filters: [16, 8] }, /no fewer filters than the group before/],
    [{ ...convolutional, stem: 32 }, /no fewer filters than the group before/],
  ])('explains why shortcuts do not fit into %j', (value, message) => {
    expect(v.safeParse(architectureSchema, value).issues?.[0].message).toMatch(message);
  });

  it.each([
    { ...convolutional, filters: [] },
    { ...convolutional, filters: [0] },
    { ...convolutional, kernelSize: 0 },
    { ...convolutional, hidden: [8] },
    { ...fullyConnected, kind: 'recurrent' },
    { ...fullyConnected, hidden: [0] },
    { ...fullyConnected, hidden: [1.5] },
    { ...fullyConnected, batchNorm: true },
    { ...fullyConnected, batchNorm: { epsilon: 0, momentum: 0.9 } },
    { ...fullyConnected, batchNorm: { epsilon: 1e-5, momentum: 1 } },
    { ...fullyConnected, dropout: 0.5 },
  ])('is refused when it is %j', (value) => {
    expect(accepts(value)).toBe(false);
  });
});
