import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addressOf, readRoute, withOptions } from '../../../ui/address/routes.ts';

const name = fc
  .array(
    fc.string({ minLength: 1 }).filter((text) => !text.includes('/')),
    { minLength: 1 },
  )
  .map((parts) => parts.join('/'));
const options = fc.dictionary(
  fc.string({ minLength: 1 }).filter((text) => text !== '__proto__'),
  fc.string({ minLength: 1 }),
);

it('reads back every address that it writes, whatever stages, nodes and options are named', () => {
  fc.assert(
    fc.property(fc.constantFrom('stage', 'node', 'results'), name, options, (view, named, chosen) => {
      const route = { view, name: named, options: chosen } as const;
      expect(readRoute(addressOf(route))).toEqual({ ...route, options: { ...chosen } });
    }),
  );
});

it('shows the overview first, and knows what it does not know', () => {
  expect(readRoute('')).toEqual({ view: 'overview', name: '', options: {} });
  expect(readRoute('#/?run=abc')).toEqual({ view: 'overview', name: '', options: { run: 'abc' } });
  expect(readRoute('#/workers').view).toBe('workers');
  for (const address of ['#/nothing', '#/node', '#/stage/']) expect(readRoute(address).view).toBe('unknown');
  expect(readRoute('#/node/train/%zz').name).toBe('train/%zz');
});

it('keeps the name of a node readable', () => {
  expect(addressOf({ view: 'node', name: 'train/fnn/1', options: {} })).toBe('#/node/train/fnn/1');
});

it('removes an option that is empty', () => {
  const route = withOptions(readRoute('#/stage/train?x=epoch&y=seed'), { y: '', colour: 'seconds' });
  expect(addressOf(route)).toBe('#/stage/train?x=epoch&colour=seconds');
});
