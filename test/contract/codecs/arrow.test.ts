import { table } from 'arquero';
import { describe, expect, it } from 'vitest';
import { arrow } from '../../../src/contract/codecs/arrow.ts';

const rows = () =>
  table({
    architecture: ['fnn', 'fnn', 'fnn+bn'],
    epoch: [0, 1, 150],
    kappa: [851_432.5, null, 1e-3],
    converged: [true, false, true],
  });

describe('arrow', () => {
  it('gives back columns, types and missing values', async () => {
    const decoded = await arrow.decode(await arrow.encode(rows()));
    expect(decoded.columnNames()).toEqual(['architecture', 'epoch', 'kappa', 'converged']);
    expect(decoded.objects()).toEqual(rows().objects());
  });

  it('is an Arrow IPC file', async () => {
    // The file format begins with the magic text and two bytes of padding, and ends with the magic text.
    const encoded = Buffer.from(await arrow.encode(rows()));
    expect(encoded.subarray(0, 8).toString('latin1')).toBe('ARROW1\0\0');
    expect(encoded.subarray(-6).toString('latin1')).toBe('ARROW1');
  });

  it('gives equal bytes for equal tables, also for one that was read', async () => {
    const encoded = await arrow.encode(rows());
    expect(await arrow.encode(rows())).toEqual(encoded);
    expect(await arrow.encode(await arrow.decode(encoded))).toEqual(encoded);
  });

  it('gives other bytes for another value', async () => {
    expect(await arrow.encode(rows().filter('d => d.epoch < 100'))).not.toEqual(await arrow.encode(rows()));
  });

  it('holds a table without rows', async () => {
    const empty = table({ epoch: [], kappa: [] });
    expect((await arrow.decode(await arrow.encode(empty))).numRows()).toBe(0);
  });
});
