import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../../src/engine/base/failure.ts';
import { fileSource } from '../../../../src/engine/pipeline/yaml/source.ts';
import { parseYaml } from '../../../../src/engine/pipeline/yaml/yaml-document.ts';

const PIPELINE = `version: 1
name: rings
params:
  seeds: [1, 2]
  rate: 0.1
  archs:
    small: {model: {width: 4, depth: 1}}
stages:
  train:
    each: {seed: "\${seeds}"}
    command: [python3, train.py, "{outputs.loss}"]
    inputs: {weights: 'init.weights[seed=*]'}
    outputs:
      - loss
      - weights
`;

/** The first problem of a text, as place, fact and fix. */
function problem(text: string): string | undefined {
  try {
    parseYaml(fileSource('p.yaml', text));
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const [first] = error.diagnostics;
    return `${first?.range?.line}:${first?.range?.column} ${first?.fact}; ${first?.fix}`;
  }
}

describe('a text that is no YAML', () => {
  it.each([
    ['rate:0.1\nseed: 1\n', '1:1 this is not valid YAML: a colon without a blank behind it; write rate: 0.1'],
    [
      'stages\n  train: 1\n',
      '1:1 this is not valid YAML: a key without a colon; write a colon behind it, and its value',
    ],
    ['a: 1\nb\n', '2:1 this is not valid YAML: a key without a colon; write a colon behind it, and its value'],
    ['\ta: 1\n', '1:1 this is not valid YAML: tabs are not allowed as indentation; indent with blanks'],
    [
      'a: {losses: train.loss[seed=*, epoch=*]}\n',
      '1:23 this is not valid YAML: unexpected flow-seq-start at node end; put it in quotes: "train.loss[seed=*, epoch=*]"',
    ],
    [
      `a: {b: \${rate}}\n`,
      `1:9 this is not valid YAML: unexpected flow-map-start at node end; put it in quotes: "\${rate}"`,
    ],
    [
      `a: [x, \${rate}]\n`,
      `1:9 this is not valid YAML: missing , or : between flow sequence items; put it in quotes: "\${rate}"`,
    ],
    [
      'a: 1\nb: [1, {c: 2}\nd: 3\n',
      '3:1 this is not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ]; write the ] that closes what begins at 2:4',
    ],
    [
      'a: "b\nc: d\n',
      '3:1 this is not valid YAML: a text in quotes has no end; write the " that closes what begins at 1:4',
    ],
    [
      "a: {b: 'c\n",
      "2:1 this is not valid YAML: a text in quotes has no end; write the ' that closes what begins at 1:8",
    ],
    ['a: note: this\n', '1:4 this is not valid YAML: a second colon in one line; put text that holds ": " in quotes'],
    [
      'a: 1\n  b: 2\n',
      '1:4 this is not valid YAML: a value, with a mapping below it; indent the next line less, or remove this value',
    ],
    [
      'a:\n  b: 1\n c: 2\n',
      '3:1 this is not valid YAML: all mapping items must start at the same column; begin it at the column of the entry before, with blanks',
    ],
    [
      'a:\n  - 1\n - 2\n',
      '3:1 this is not valid YAML: a block sequence may not be used as an implicit map key; begin the items of a list at the same column',
    ],
    [
      'a: @b\n',
      '1:4 this is not valid YAML: plain value cannot start with reserved character @; put text that YAML could read otherwise in quotes',
    ],
    [
      'a: "\\d"\n',
      '1:5 this is not valid YAML: invalid escape sequence \\d; write \\\\ for a backslash, or put the text in single quotes',
    ],
  ])('%j', (text, expected) => {
    expect(problem(text)).toBe(expected);
  });

  it('always says what to write, whatever slip of the keyboard it is', () => {
    const signs = fc.constantFrom(...'[]{}:,-"\'#&*!|>%@`?$ \t\n\\a1');
    const slip = fc.tuple(fc.nat(PIPELINE.length - 1), fc.nat(2), fc.string({ unit: signs, maxLength: 2 }));
    let refused = 0;
    fc.assert(
      fc.property(fc.array(slip, { minLength: 1, maxLength: 2 }), (slips) => {
        const text = slips.reduce(
          (before, [at, gone, put]) => before.slice(0, at) + put + before.slice(at + gone),
          PIPELINE,
        );
        const said = problem(text);
        if (said === undefined) return;
        refused++;
        expect(said).toMatch(/^\d+:\d+ .+; (?!undefined)\S/);
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(100);
  });
});
