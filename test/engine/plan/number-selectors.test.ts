import { describe, expect, it } from 'vitest';
import { ids, inputsOf, plan } from './plans.ts';

const STAGE = 'run: a.ts, outputs: {o: json}';
const stagesWith = (values: string, selector: string) =>
  `stages: {a: {${STAGE}, each: {n: [${values}]}}, b: {${STAGE}, inputs: {i: "a.o[n=${selector}]"}}}\n`;

/** What a selector of an input finds among values of a coordinate. */
const selected = (values: string, selector: string) => inputsOf(plan(stagesWith(values, selector), ['b']), 'b').i;
/** The same by a pattern of the command line, by position and by name, and by the file of a target. */
const patterned = (values: string, text: string) => {
  const file = `stages: {a: {${STAGE}, each: {n: [${values}]}}}\n`;
  const found = ids(plan(file, [`a/${text}`]));
  expect(ids(plan(file, [`a/n=${text}`]))).toEqual(found);
  const published = plan(`${file}targets: {t: {files: {x.json: "a/${text}.o"}}}\n`, ['t']);
  expect(ids(published)).toEqual(found);
  return found;
};

describe.each([
  ['0.1', '0.10', 'a/0.1'],
  ['10', '1e1', 'a/10'],
  ['8', '08', 'a/8'],
  ['1', '1.0', 'a/1'],
  ['1', '+1', 'a/1'],
  ['-0.5', '-.50', 'a/-0.5'],
  ['16', '0x10', 'a/16'],
  ['1e21', '1000e18', 'a/1e+21'],
  ['0', '-0', undefined],
  ['0.1', '.1', 'a/0.1'],
])('the number %s', (value, written, id) => {
  it(`${id === undefined ? 'is not' : 'is'} ${written}`, () => {
    if (id === undefined) {
      expect(() => selected(`${value}, 99`, written)).toThrow('no node matches');
      expect(() => patterned(`${value}, 99`, written)).toThrow('no node matches');
      return;
    }
    expect(selected(`${value}, 99`, written)).toBe(`${id}.o`);
    expect(patterned(`${value}, 99`, written)).toEqual([id]);
    // A text of the same look is no number.
    expect(() => selected(`"${id.slice(2)}", 99`, written)).toThrow('no node matches');
    expect(() => patterned(`"${id.slice(2)}", 99`, written)).toThrow('no node matches');
    // In quotes, it is a text that no value is.
    expect(() => selected(`${value}, 99`, `'${written}'`)).toThrow('no node matches');
  });
});

it('a text with exactly these characters comes before a number', () => {
  expect(selected('0.1, "0.10"', '0.10')).toBe('a/0.10.o');
  expect(patterned('0.1, "0.10"', '0.10')).toEqual(['a/0.10']);
  expect(selected('1, "01"', '01')).toBe('a/01.o');
  expect(selected('1, "01"', '1.0')).toBe('a/1.o');
});

it('a number and a text that are written alike have the same node id', () => {
  expect(selected('"1", 2', '1')).toBe('a/1.o');
  expect(() => plan(`stages: {a: {${STAGE}, each: {n: [1, "1"]}}}\n`)).toThrow(
    'has the value 1 twice: as a number and as text',
  );
});

it('steps of a chain, and its start', () => {
  const text = `
stages:
  i: {${STAGE}}
  a: {${STAGE}, scan: {t: {to: 20}, carry: {o: i.o}}}
  b: {${STAGE}, inputs: {ten: "a.o[t=1e1]", first: "a.o[t=01]", start: "a.o[t=00]"}}
`;
  expect(inputsOf(plan(text, ['b']), 'b')).toEqual({ ten: 'a/10.o', first: 'a/1.o', start: 'i.o' });
  expect(ids(plan(text, ['a/02']))).toEqual(['i', 'a/1', 'a/2']);
  expect(() => plan(text, ['a/0.5'])).toThrow('no node matches "a/0.5"');
});

it('in a gather, and of one coordinate among several', () => {
  const text = `
stages:
  a: {${STAGE}, each: {rate: [0.1, 0.2], name: [x, y]}}
  b: {${STAGE}, inputs: {i: "a.o[rate=0.20, name=*]"}}
`;
  expect(inputsOf(plan(text, ['b']), 'b')).toEqual({ i: ['a/0.2/x.o', 'a/0.2/y.o'] });
  expect(ids(plan(text, ['a/0.20']))).toEqual(['a/0.2/x', 'a/0.2/y']);
  expect(ids(plan(text, ['a/1.0e-1/*']))).toEqual(['a/0.1/x', 'a/0.1/y']);
});
