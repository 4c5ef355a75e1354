import { describe, expect, it } from 'vitest';
import { binding, uniformValues } from './native.ts';

type Bits = readonly string[];

/** What of an array is finite, and which of the others are what. */
const kindsOf = (values: Float32Array): Bits =>
  Array.from(values, (value) => (Number.isFinite(value) ? 'finite' : String(value)));

/** op(a)·op(b) in double precision. */
function product(a: Float32Array, b: Float32Array, m: number, n: number, k: number, transposeA: boolean): Float32Array {
  const c = new Float32Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let l = 0; l < k; l++) sum += (a[transposeA ? l * m + i : i * k + l] as number) * (b[l * n + j] as number);
      c[i * n + j] = sum;
    }
  }
  return c;
}

describe.skipIf(binding === undefined)('what is not finite', () => {
  const [m, n, k] = [40, 96, 256];

  it.each([
    ['NaN', 'as it is', Number.NaN],
    ['NaN', 'transposed', Number.NaN],
    ['∞', 'as it is', Number.POSITIVE_INFINITY],
    ['-∞', 'transposed', Number.NEGATIVE_INFINITY],
  ])('comes through a matrix of zeros: %s on the other side, %s', (_name, way, value) => {
    const transposeA = way === 'transposed';
    // One number in twenty is not 0, so that the product would be taken from those alone.
    const a = uniformValues(m * k, 1).map((x, i) => (i % 20 === 0 ? x : 0));
    const b = uniformValues(k * n, 2);
    b[3 * n + 5] = value;
    const c = new Float32Array(m * n);
    binding?.gemm(transposeA, false, m, n, k, 1, a, b, 0, c);
    expect(kindsOf(c)).toEqual(kindsOf(product(a, b, m, n, k, transposeA)));
    expect(kindsOf(c)).toContain('NaN');
    // The same where a product is added to what is there, as a step of descent does.
    const sums = new Float32Array(m * n).fill(1);
    binding?.gemm(transposeA, false, m, n, k, -0.5, a, b, 1, sums);
    expect(kindsOf(sums).map((kind) => kind === 'finite')).toEqual(kindsOf(c).map((kind) => kind === 'finite'));
  });

  it('makes a row of zeros times what diverged NaN', () => {
    const c = new Float32Array(m * n);
    binding?.gemm(false, false, m, n, k, 1, new Float32Array(m * k), new Float32Array(k * n).fill(Number.NaN), 0, c);
    expect(new Set(kindsOf(c))).toEqual(new Set(['NaN']));
  });

  // Of channels that go by Winograd's filtering; 4 × 4 results share a tile.
  const [extent, channels] = [16, 16];
  const geometry = Int32Array.of(1, extent, extent, channels, 3, 3, channels, extent, extent, 1, 1, 1, 1, 1, 1);
  const filter = uniformValues(9 * channels * channels, 3);
  const at = (row: number, column: number, channel: number): number => (row * extent + column) * channels + channel;

  it.each([
    ['NaN', Number.NaN],
    ['∞', Number.POSITIVE_INFINITY],
  ])('in a pixel reaches the results within the filter and no further: %s', (_name, value) => {
    const [row, column] = [5, 6];
    const touched = (r: number, c: number): boolean => Math.abs(r - row) <= 1 && Math.abs(c - column) <= 1;
    const x = uniformValues(extent * extent * channels, 4);
    const clean = new Float32Array(x.length);
    binding?.convolution(x, filter, null, clean, geometry, false);
    x[at(row, column, 7)] = value;
    const y = new Float32Array(x.length);
    const dx = new Float32Array(x.length);
    binding?.convolution(x, filter, null, y, geometry, false);
    binding?.convolutionBackwardInput(x, filter, dx, geometry);
    for (let r = 0; r < extent; r++) {
      for (let c = 0; c < extent; c++) {
        for (let channel = 0; channel < channels; channel++) {
          const place = at(r, c, channel);
          expect(Number.isFinite(y[place]), `y at ${r}, ${c}`).toBe(!touched(r, c));
          expect(Number.isFinite(dx[place]), `dx at ${r}, ${c}`).toBe(!touched(r, c));
          if (!touched(r, c)) expect(y[place]).toBeCloseTo(clean[place] as number, 4);
        }
      }
    }
  });

  it('in a pixel or a gradient reaches only the gradients with respect to the weights of its channel', () => {
    const x = uniformValues(extent * extent * channels, 5);
    const dy = uniformValues(extent * extent * channels, 6);
    const notFinite = (values: Float32Array, of: (i: number) => number): Set<number> =>
      new Set(Array.from(values.keys()).flatMap((i) => (Number.isFinite(values[i]) ? [] : [of(i)])));
    const gradient = new Float32Array(filter.length);
    x[at(5, 6, 7)] = Number.NaN;
    binding?.convolutionBackwardFilter(x, dy, gradient, geometry);
    expect(notFinite(gradient, (i) => Math.floor(i / channels) % channels)).toEqual(new Set([7]));
    x[at(5, 6, 7)] = 0;
    dy[at(9, 9, 2)] = Number.POSITIVE_INFINITY;
    binding?.convolutionBackwardFilter(x, dy, gradient, geometry);
    expect(notFinite(gradient, (i) => i % channels)).toEqual(new Set([2]));
  });
});
