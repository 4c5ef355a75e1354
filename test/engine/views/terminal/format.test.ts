import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatSeconds, formatTable } from '../../../../src/engine/views/terminal/format.ts';

describe('formatSeconds', () => {
  it.each([
    [0, '0.00 s'],
    [0.042, '0.04 s'],
    [0.996, '1.0 s'],
    [1, '1.0 s'],
    [12.34, '12.3 s'],
    [59.94, '59.9 s'],
    [59.96, '1 min 0 s'],
    [60, '1 min 0 s'],
    [250.4, '4 min 10 s'],
    [3599.4, '59 min 59 s'],
    [3599.6, '1 h 0 min'],
    [7199, '2 h 0 min'],
    [7500, '2 h 5 min'],
    [360_000, '100 h 0 min'],
  ])('of %d is %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [4_650, '4.7 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [2_544_000, '2.5 MB'],
    [47_040_016, '47.0 MB'],
    [3.2e9, '3.2 GB'],
    [5e15, '5000.0 TB'],
  ])('of %d is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('formatCount', () => {
  it.each([
    [0, '0 nodes'],
    [1, '1 node'],
    [2, '2 nodes'],
    [12_345, '12,345 nodes'],
  ])('of %d is %s', (count, text) => {
    expect(formatCount(count, 'node')).toBe(text);
  });
});

describe('formatTable', () => {
  it('aligns columns, numbers to the right, without blanks at the ends', () => {
    const rows = [
      ['node', 'bytes', 'state'],
      ['train/fnn/1', '8', 'ok'],
      ['plot', '12345', ''],
    ];
    expect(formatTable(rows, [1])).toBe(
      ['node         bytes  state', 'train/fnn/1      8  ok', 'plot         12345'].join('\n'),
    );
  });

  it('copes with rows of different lengths, and with none', () => {
    expect(formatTable([['a'], ['bb', 'c']])).toBe('a\nbb  c');
    expect(formatTable([])).toBe('');
  });
});
