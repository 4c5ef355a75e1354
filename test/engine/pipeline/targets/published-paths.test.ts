import { describe, expect, it } from 'vitest';
import { load, messageOf } from '../pipelines.ts';

const targets = (...files: readonly (readonly string[])[]) =>
  `targets: {${files.map((paths, i) => `t${i}: {files: {${paths.map((path) => `${path}: only.value`).join(', ')}}}`).join(', ')}}\n`;
const factOf = (text: string) =>
  messageOf(() => load(text))
    .split('\n')[1]
    ?.replace(/^pipeline\.yaml:\d+:\d+ /, '');

describe('a path of a file', () => {
  it.each([
    '"x\\n/../../../pwned.txt"',
    '"x\\u2028/../y"',
    '../x',
    'a/../b',
    'a/./b',
    'a//b',
    'a/',
    '/etc/passwd',
    '.',
    '..',
    '""',
    '"a\\\\..\\\\..\\\\x"',
    '"a\\0b"',
    '"\\e[2J.svg"',
    '"a\\r"',
    '"\\x9b.svg"',
  ])('%s is none inside of the results folder', (path) => {
    expect(factOf(targets([path]))).toContain('is not a relative path inside the results folder');
  });

  it.each([
    ['"fig\\u202egvs.svg"', 'holds characters that cannot be seen'],
    ['"fig\\u200b.svg"', 'holds characters that cannot be seen'],
    [`${'x'.repeat(300)}`, 'has a part of 300 bytes'],
    [`${'é'.repeat(120)}/x`, 'has a part of 240 bytes'],
    [`${'x/'.repeat(600)}x`, 'has 1201 bytes'],
  ])('%s is refused', (path, fact) => {
    expect(factOf(targets([path]))).toContain(fact);
  });

  it.each(['a.json', 'a/b.json', '.hidden', 'a..b/..c', '...', 'Ünïcode/ß.svg', 'a b/c:d.svg', '-', 'C:/x'])(
    '%s is allowed',
    (path) => {
      expect([...load(targets([`"${path}"`])).targets.values()][0]?.files[0]?.path).toBe(path);
    },
  );
});

describe('paths of several files', () => {
  it('a file is no folder of another', () => {
    expect(messageOf(() => load(targets(['x', 'x/o.json'])))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:3:39 "x/o.json" needs a folder where target "t0" writes the file "x"
           3 | targets: {t0: {files: {x: only.value, x/o.json: only.value}}}
             |                                       ~~~~~~~~
        fix: give one of the two another path
      "
    `);
    expect(factOf(targets(['a/b/c.json'], ['A/B']))).toBe(
      '"a/b/c.json" needs a folder where target "t1" writes the file "A/B"',
    );
    expect(() => load(targets(['a/b', 'a/c', 'a.b/c', 'ab']))).not.toThrow();
  });

  it('none hides another where names are compared without case, or in another form', () => {
    expect(factOf(targets(['Fig.svg'], ['fig.SVG']))).toBe(
      '"fig.SVG" and "Fig.svg" of target "t0" are one file where names are compared without case or form',
    );
    expect(factOf(targets(['"caf\\u00e9.svg"'], ['"cafe\\u0301.svg"']))).toContain('are one file');
    expect(() => load(targets(['fig.svg'], ['fig.svg']))).not.toThrow();
  });

  it('none stands in the folder of a profile, unless one is the default', () => {
    const text = (more: string) => `${targets(['smoke/x.json'])}profiles: {smoke: {params: {}}${more}}\n`;
    expect(factOf(text(''))).toBe('"smoke/x.json" stands in the folder of the results of profile "smoke"');
    expect(() => load(text(', usual: {default: true}'))).not.toThrow();
  });
});

describe('names and descriptions', () => {
  it('hold no control characters, and names have an end', () => {
    expect(factOf('stages: {"a\\n": {run: a.ts, outputs: {o: json}}}\n')).toContain('"a\\n" is not a name');
    expect(factOf('stages: {"a\\e[2J": {run: a.ts, outputs: {o: json}}}\n')).toContain('"a\\u001b[2J" is not a name');
    expect(factOf(`stages: {${'a'.repeat(101)}: {run: a.ts, outputs: {o: json}}}\n`)).toContain('is not a name');
    expect(factOf('stages: {a: {run: "a\\0.ts", outputs: {o: json}}}\n')).toContain(
      '"a\\u0000.ts" is not a path of a module',
    );
    for (const stage of [
      'run: a.ts, outputs: {o: json}, description: "\\e[31mred"',
      'run: a.ts, outputs: {o: json}, description: "\\u202eder"',
    ]) {
      expect(factOf(`stages: {a: {${stage}}}\n`)).toContain('is not a description (text without control characters)');
    }
    expect(factOf('description: "a\\x07"\n')).toContain('is not a description');
    expect(factOf('profiles: {p: {description: "a\\x07"}}\n')).toContain('is not a description');
    expect(factOf('targets: {t: {description: "a\\x07", nodes: [only]}}\n')).toContain('is not a description');
    expect(load('description: |\n  several lines,\n  \ta tab, and “Ünïcode”\n').description).toContain('Ünïcode');
  });
});
