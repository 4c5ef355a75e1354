import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { JsonValue } from '../../../../../src/engine/base/json.ts';
import { jsonForYaml, paramsText } from '../../../../../src/engine/workers/worker/command/params-text.ts';

const job = { stage: 'train' };

describe('a file of params', () => {
  it('is read as the same values by readers of JSON, YAML 1.1 and YAML 1.2', () => {
    const scalar = fc.oneof(
      fc.string({ unit: 'binary' }).filter((text) => !text.includes('__proto__')),
      fc.constantFrom('yes', '1e-7', '0o7', '~', '- a', 'a: b', "it's", '"', '\u2028', '\u0085', '1:30', '🦉'),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value)),
      fc.constantFrom(1e-7, 1e21, -2.5e-12, 1e-100, 123456789012),
      fc.boolean(),
      fc.constant(null),
    );
    const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        scalar,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(
          fc.string({ maxLength: 6 }).filter((key) => key !== '__proto__'),
          tie('value'),
          { maxKeys: 4 },
        ),
      ),
    }));
    fc.assert(
      fc.property(value, (params) => {
        const text = jsonForYaml(params, '');
        expect(JSON.parse(text)).toEqual(params);
        for (const version of ['1.1', '1.2'] as const) expect(parse(text, { version })).toEqual(params);
      }),
    );
  });

  it('has numbers that PyYAML takes for numbers: a point, and a sign before the exponent', () => {
    const pyYamlFloat =
      /^[-+]?([0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)?|\.[0-9]+([eE][-+][0-9]+)?)$|^[-+]?(0|[1-9][0-9_]*)$/;
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(jsonForYaml(value, '')).toMatch(pyYamlFloat);
      }),
    );
  });

  it('holds all params, or one of them', () => {
    const params = { a: { b: [1] }, c: 2 };
    expect(paramsText(params, { path: 'params.yaml' }, job)).toBe(
      '{\n  "a": {\n    "b": [\n      1\n    ]\n  },\n  "c": 2\n}\n',
    );
    expect(paramsText(params, { path: 'c.json', name: 'c' }, job)).toBe('2\n');
    expect(() => paramsText(params, { path: 'd.json', name: 'd' }, job)).toThrow('d.json is to hold the param "d"');
  });
});
