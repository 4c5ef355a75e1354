import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { architectureSchema } from '../../src/models/architecture.ts';

const accepts = (value: unknown) => v.safeParse(architectureSchema, value).success;
const valid = { kind: 'fully-connected', hidden: [800], batchNorm: { epsilon: 1e-5, momentum: 0.9 } };

describe('an architecture', () => {
  it('may have batch normalisation or not, and any number of hidden layers', () => {
    expect(accepts(valid)).toBe(true);
    expect(accepts({ ...valid, batchNorm: false, hidden: [] })).toBe(true);
  });

  it.each([
    { ...valid, kind: 'recurrent' },
    { ...valid, hidden: [0] },
    { ...valid, hidden: [1.5] },
    { ...valid, batchNorm: true },
    { ...valid, batchNorm: { epsilon: 0, momentum: 0.9 } },
    { ...valid, batchNorm: { epsilon: 1e-5, momentum: 1 } },
    { ...valid, dropout: 0.5 },
  ])('is refused when it is %j', (value) => {
    expect(accepts(value)).toBe(false);
  });
});
