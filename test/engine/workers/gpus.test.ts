import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Gpus, visibleGpus } from '../../../src/engine/workers/gpus.ts';

describe('GPUs', () => {
  it.each([
    ['0,1,3', ['0', '1', '3']],
    ['GPU-8932f937,GPU-46b3', ['GPU-8932f937', 'GPU-46b3']],
    ['', []],
    ['-1', []],
  ])('that CUDA_VISIBLE_DEVICES=%s lets a process see', (visible, names) => {
    expect(visibleGpus({ CUDA_VISIBLE_DEVICES: visible })).toEqual(names);
  });

  it('are never with two nodes at once, as long as there are enough', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(fc.nat(3), { maxLength: 30 }), (count, asked) => {
        const all = Array.from({ length: count }, (_, index) => String(index));
        const gpus = new Gpus(all);
        const held: (readonly string[])[] = [];
        for (const wanted of asked) {
          const busy = held.flat().length;
          if (wanted > 0 && busy + wanted > count) {
            const [first] = held.splice(0, 1);
            if (first) gpus.giveBack(first);
            continue;
          }
          const given = gpus.take(wanted);
          expect(given?.length ?? 0).toBe(wanted);
          if (given) held.push(given);
          expect(new Set(held.flat()).size).toBe(held.flat().length);
        }
      }),
    );
  });

  it('are all given to a node that asks for more than there are', () => {
    expect(new Gpus(['0', '1']).take(4)).toEqual(['0', '1']);
    expect(new Gpus([]).take(1)).toBeUndefined();
  });
});
