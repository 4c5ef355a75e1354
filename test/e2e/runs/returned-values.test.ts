import { beforeAll, describe, expect, it } from 'vitest';
import { type Project, projectOf } from '../support/project.ts';

/** What `run` returns, and what is wrong with it. */
const REFUSED: Readonly<Record<string, readonly [returned: string, fact: string]>> = {
  nothing: ['undefined', 'stage makes returned nothing'],
  list: ['[1]', 'stage makes returned an Array'],
  'no-output': ['{}', 'stage makes returned no value for its output "value"'],
  promise: [
    '{ ...good, value: Promise.resolve(1) }',
    'stage makes returned a promise for its output "value", not its value',
  ],
  circle: ['{ ...good, value: circle }', cannot('value', '$.list[0] is $ again: JSON cannot hold a circle')],
  'promise-inside': [
    '{ ...good, value: { a: [good.text, slow()] } }',
    cannot('value', '$.a[1] is a Promise: JSON cannot hold it'),
  ],
  lines: ["{ ...good, text: ['a', 'b'] }", cannot('text', 'csv is text, and this is an Array')],
  floats: [
    '{ ...good, raw: Float32Array.of(1.5) }',
    cannot(
      'raw',
      'it must be a Uint8Array, and is a Float32Array: give its bytes, new Uint8Array(array.buffer, array.byteOffset, array.byteLength)',
    ),
  ],
  shape: [
    '{ ...good, tensors: { w: { shape: [-1, -2], data: Float32Array.of(1, 2) } } }',
    cannot('tensors', 'the shape of tensor "w" must be a list of whole numbers from 0 on, and is [-1, -2]'),
  ],
};

function cannot(output: string, why: string): string {
  return `the output "${output}" of stage makes cannot be stored: ${why}`;
}

/** Values that are easily lost on the way to the next stage. */
const KEPT: Readonly<Record<string, string>> = {
  'minus-zero': '{ ...good, value: -0 }',
  'byte-order-mark': "{ ...good, text: '\\ufeffa' }",
  'key-of-the-prototype': '{ ...good, value: JSON.parse(\'{"__proto__": [-0]}\') }',
  'half-a-pair': "{ ...good, value: '\\ud800' }",
  buffer: '{ ...good, raw: Buffer.from([0, 255]) }',
  'no-elements': '{ ...good, tensors: { w: { shape: [0, 3], data: new Float64Array(0) } } }',
};

const cases = Object.entries({
  ...Object.fromEntries(Object.entries(REFUSED).map(([name, [returned]]) => [name, returned])),
  ...KEPT,
});

function returningProject(): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: returning
stages:
  makes:
    run: stages/makes.ts
    each: {what: [${cases.map(([name]) => name).join(', ')}]}
    outputs: {value: json, text: csv, raw: bytes, tensors: safetensors}
  reads:
    run: stages/reads.ts
    each: {what: [${Object.keys(KEPT).join(', ')}]}
    inputs: {value: makes.value, text: makes.text, raw: makes.raw, tensors: makes.tensors}
    outputs: {same: json}
`,
    'shared/returned.ts': `const good = { value: 1, text: 'a', raw: Uint8Array.of(1), tensors: {} };
const circle: { list?: unknown[] } = {};
circle.list = [circle];
const slow = async () => good.value;

export const returned: Record<string, () => any> = {
${cases.map(([name, expression]) => `  '${name}': () => { const all = [circle, slow]; return all && (${expression}); },`).join('\n')}
};
`,
    'stages/makes.ts': `import * as v from 'valibot';
import { bytes, csv, defineStage, json, safetensors } from 'vmfdag';
import { returned } from '../shared/returned.ts';

export default defineStage({
  params: v.strictObject({}),
  inputs: {},
  outputs: { value: json<unknown>(), text: csv, raw: bytes, tensors: safetensors },
  run: ({ coordinates }) => returned[String(coordinates.what)]?.(),
});
`,
    'stages/reads.ts': `import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { bytes, csv, defineStage, json, one, safetensors } from 'vmfdag';
import { returned } from '../shared/returned.ts';

export default defineStage({
  params: v.strictObject({}),
  inputs: { value: one(json<unknown>()), text: one(csv), raw: one(bytes), tensors: one(safetensors) },
  outputs: { same: json<boolean>() },
  run({ inputs, coordinates }) {
    const expected = returned[String(coordinates.what)]?.();
    return { same: isDeepStrictEqual({ ...inputs, raw: [...inputs.raw] }, { ...expected, raw: [...expected.raw] }) };
  },
});
`,
  });
}

describe('what a stage returns', () => {
  const project = returningProject();
  let facts: ReadonlyMap<string, string>;
  beforeAll(async () => {
    const { code, stdout } = await project.execute(['run', '--keep-going', '--jobs', '2']);
    expect(code).toBe(1);
    facts = new Map(
      [...stdout.matchAll(/^FAILED +(\S+)\n {2}(.*)$/gm)].map(([, node = '', fact = '']) => [node, fact]),
    );
  });

  it.each(Object.entries(REFUSED))('is refused: %s', (name, [, fact]) => {
    expect(facts.get(`makes/${name}`)).toBe(fact);
  });

  it.each(Object.keys(KEPT))('reaches the next stage as it was: %s', async (name) => {
    const { code, stdout } = await project.execute(['cache', 'get', `reads/${name}.same`, '-']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'true\n' });
  });
});
