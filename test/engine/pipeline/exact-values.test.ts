import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openProject } from '../../../src/engine/api/project/project.ts';
import { loadPipeline } from '../../../src/engine/pipeline/load-pipeline.ts';
import { buildPlan } from '../../../src/engine/plan/build-plan.ts';
import { ids, plan } from '../plan/plans.ts';
import { load, messageOf, pipeline, set } from './pipelines.ts';

const read = (text: string) => load(`params:\n  x: ${text}\n`).params.x;
const loadText = (text: string) => loadPipeline({ file: 'pipeline.yaml', text });
const factOf = (work: () => unknown) =>
  messageOf(work)
    .split('\n')[1]
    ?.replace(/^pipeline\.yaml:\d+:\d+ /, '');
const refusal = (text: string) => factOf(() => read(text));

describe('numbers', () => {
  it.each([
    ['9007199254740991', 9007199254740991],
    ['-9007199254740991', -9007199254740991],
    ['1e16', 1e16],
    ['1.7976931348623157e308', Number.MAX_VALUE],
    ['5e-324', 5e-324],
    ['0x1F', 31],
    ['0o17', 15],
    ['+7', 7],
    ['0.10', 0.1],
    ['.5', 0.5],
    ['5.', 5],
    ['0', 0],
    ['0e400', 0],
  ])('%s is kept', (text, value) => {
    expect(Object.is(read(text), value)).toBe(true);
    expect(Object.is(load('params: {x: 1}\n', undefined, [set('x', text)]).params.x, value)).toBe(true);
  });

  it.each([
    ['9007199254740993', '9007199254740993 is beyond 2^53'],
    ['-9007199254740993', '-9007199254740993 is beyond 2^53'],
    ['9007199254740993.0', '9007199254740993.0 is beyond 2^53'],
    ['0xFFFFFFFFFFFFFF', '0xFFFFFFFFFFFFFF is beyond 2^53'],
    ['1e400', '1e400 is larger than any number'],
    ['-1e400', '-1e400 is larger than any number'],
    ['1e-400', '1e-400 is nearer to 0 than any number'],
    ['-0', '-0 is minus zero'],
    ['-0.0', '-0.0 is minus zero'],
    ['-0e7', '-0e7 is minus zero'],
    ['.inf', '.inf is not a number'],
    ['-.INF', '-.INF is not a number'],
    ['.NaN', '.NaN is not a number'],
    ['007', '007 would lose its leading zero'],
    ['01.5', '01.5 would lose its leading zero'],
    ['1_000', '"1_000" is text here, and a number'],
    ['0b11', '"0b11" is text here, and a number'],
    ['yes', '"yes" is text here, and true'],
    ['Off', '"Off" is text here, and false'],
  ])('%s is refused', (text, fact) => {
    expect(refusal(text)?.startsWith(fact)).toBe(true);
    expect(factOf(() => load('params: {x: 1}\n', undefined, [set('x', text)]))).toContain(fact);
    // As a coordinate, a number of a profile, and inside of a collection.
    expect(() => plan(`stages: {a: {run: a.ts, each: {n: [${text}]}, outputs: {x: json}}}\n`)).toThrow(fact);
    expect(() => load(`params: {x: 1}\nprofiles: {p: {params: {x: {y: ${text}}}}}\n`)).toThrow(fact);
  });

  it('a number of a million digits is refused in a short message', () => {
    const message = messageOf(() => read('1'.repeat(1_000_000)));
    expect(message).toContain('1111');
    expect(message.length).toBeLessThan(3000);
  });

  it.each(["'007'", "'9007199254740993'", '"-0"', "'yes'", "'1_000'", "'1e400'"])('%s is text', (text) => {
    expect(read(text)).toBe(text.slice(1, -1));
  });

  it.each(['2024-01-01', '1:30', 'v1_0', 'yEs', 'nan', 'y', '12:30:45.5', '1.2.3', '0x', '_1', 'e5'])(
    '%s is text',
    (text) => {
      expect(read(text)).toBe(text);
    },
  );
});

describe('texts', () => {
  it('half of a surrogate pair is refused, both halves are a character', () => {
    expect(read('"\\uD83D\\uDE00"')).toBe('😀');
    expect(refusal('"a\\uD83D"')).toBe('this text holds half of a surrogate pair, which is no character');
    expect(refusal('{"\\uDE00": 1}')).toBe('this key holds half of a surrogate pair, which is no character');
  });

  it('a file that is not UTF-8 is refused, with the line', () => {
    writeFileSync(file, Buffer.from(pipeline('params: {name: Müller}\n'), 'latin1'));
    expect(messageOf(() => openProject({ file }))).toContain(`line 3 of ${file} is not UTF-8`);
    writeFileSync(file, Buffer.from(pipeline('params: {name: Müller}\n'), 'utf16le'));
    expect(() => openProject({ file })).toThrow();
    writeFileSync(file, `\uFEFF${pipeline('params: {name: Müller \uFFFD}\n')}`);
    expect(openProject({ file }).pipeline.params.name).toBe('Müller \uFFFD');
  });

  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vmfdag-spec-'));
    file = join(folder, 'pipeline.yaml');
  });
  afterEach(() => rmSync(folder, { recursive: true }));
});

describe('other features of YAML', () => {
  it('an alias without an anchor before it is refused', () => {
    expect(
      messageOf(() => load('params: {epochs: &epochs 5, other: *epoch, third: *nothing}\n')),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:3:36 there is no anchor &epoch before this alias
           3 | params: {epochs: &epochs 5, other: *epoch, third: *nothing}
             |                                    ~~~~~~
        fix: did you mean *epochs? text that begins with * stands in quotes: '*epoch'
      pipeline.yaml:3:51 there is no anchor &nothing before this alias
           3 | params: {epochs: &epochs 5, other: *epoch, third: *nothing}
             |                                                   ~~~~~~~~
        fix: text that begins with * stands in quotes: '*nothing'
      "
    `);
    expect(refusal('[*later, &later 1]')).toBe('there is no anchor &later before this alias');
    expect(refusal('{*later : 1}')).toBe('a key must be a plain word or text');
    expect(
      messageOf(() => load('params: {pattern: x}\n', undefined, [set('pattern', '*.csv')])),
    ).toMatchInlineSnapshot(`
      "
      --set pattern=*.csv: there is no anchor &.csv before this alias
        fix: text that begins with * stands in quotes: '*.csv'
      "
    `);
    expect(messageOf(() => load('params: {a: &a 1, b: 2}\n', undefined, [set('b', '[*a]')]))).toContain(
      'there is no anchor &a',
    );
  });

  it('an alias means the last anchor of its name before it', () => {
    expect(read('[&a 1, *a, &a [2], *a, {&a k: &b 3}, *a, *b]')).toEqual([1, 1, [2], [2], { k: 3 }, 'k', 3]);
  });

  it('tags, directives and further documents are refused', () => {
    for (const tag of [
      '!!binary aGVsbG8=',
      '!!timestamp 2024-01-01',
      '!!set {a, b}',
      '!!omap [a: 1]',
      '!!null 5',
      '!!str 1',
      '!mine x',
      '! 1',
    ]) {
      expect(refusal(tag)).toBe(`tags such as ${tag.split(' ')[0]} are not supported`);
      expect(refusal(`[{k: ${tag}}]`)).toBe(`tags such as ${tag.split(' ')[0]} are not supported`);
      expect(refusal(`{? ${tag} : 1}`)).toBe(`tags such as ${tag.split(' ')[0]} are not supported`);
    }
    expect(() => load('params: !!map\n  a: 1\n')).toThrow('tags such as !!map');
    expect(() => load('params: !!str |\n  a\n')).toThrow('tags such as !!str');
    expect(() => loadText(`%YAML 1.1\n---\n${pipeline('params: {a: yes}\n')}`)).toThrow('directives are not supported');
    expect(() => loadText(`%TAG ! !x\n---\n${pipeline('')}`)).toThrow('directives are not supported');
    expect(() => loadText(`${pipeline('')}---\nversion: 1\n`)).toThrow('a second document begins here');
    expect(() => loadText(`---\n${pipeline('')}...\n`)).not.toThrow();
  });

  it('keys are compared as they are written, and none may occur twice', () => {
    expect(read('{1: a, 1.0: b, 0x1: c, "true": d, -0: e}')).toEqual({
      '1': 'a',
      '1.0': 'b',
      '0x1': 'c',
      true: 'd',
      '-0': 'e',
    });
    expect(refusal('{1: a, "1": b}')).toBe('the key "1" appears twice in this mapping');
    expect(refusal('{a: 1, ? a : 2}')).toBe('the key "a" appears twice in this mapping');
    expect(refusal('{<<: {a: 1}, <<: {b: 1}}')).toBe('the key "<<" appears twice in this mapping');
    expect(refusal('{<<: {a: 1}, a: 2, a: 3}')).toBe('the key "a" appears twice in this mapping');
    for (const key of ['__proto__', '"__proto__"', '"\\x5f_proto__"']) {
      expect(refusal(`{${key}: {polluted: 1}}`)).toBe('the key "__proto__" is not allowed');
    }
    expect(refusal('{<<: [[{a: 1}]]}')).toBe('<< merges a mapping, or a list of mappings, and this is neither');
    expect(read('<<')).toBe('<<');
    expect(read('"<<"')).toBe('<<');
  });
});

describe('positions of lists', () => {
  it('are whole numbers, and no other text that JavaScript reads as one', () => {
    const list = (which: string) => load(`params: {list: [7, 8], which: ${which}, x: "\${list[which]}"}\n`).params.x;
    expect(list('1')).toBe(8);
    expect(list('"1"')).toBe(8);
    for (const which of ['""', '" 1"', '"1e0"', '"0x1"', '"01"', '1.5', '-1']) {
      expect(() => list(which)).toThrow('the list "list" has no item');
    }
    expect(() => load('params: {list: [7, 8]}\n', undefined, [set('list[""]', '5')])).toThrow('there is no param');
  });
});

describe('the order of keys', () => {
  it('of a mapping that gives coordinates is the declared one, whatever the keys look like', () => {
    const each = (params: string, reference: string) =>
      ids(plan(`params: ${params}\nstages: {a: {run: a.ts, each: {n: "${reference}"}, outputs: {x: json}}}\n`));
    const declared = ['a/10', 'a/b', 'a/9', 'a/1.0', 'a/0'];
    const mapping = '{10: x, b: x, 9: x, 1.0: x, 0: x}';
    expect(each(`{m: ${mapping}}`, `\${m}`)).toEqual(declared);
    expect(each(`{m: ${mapping}, copy: "\${m}"}`, `\${copy}`)).toEqual(declared);
    expect(each(`{m: {k: [${mapping}]}, copy: {l: "\${m.k}"}}`, `\${copy.l[0]}`)).toEqual(declared);
    expect(each(`{m: {<<: ${mapping}, 9: y, 8: y}}`, `\${m}`)).toEqual([...declared, 'a/8']);
  });

  it('of coordinates that depend on others, and of selected ones, too', () => {
    const nodes = ids(
      plan(`
params: {of: {p: {2: x, 1: x}, q: {1: x, 2: x}}, all: {q: x, p: x}}
stages:
  a: {run: a.ts, each: {m: "\${all}", n: "\${of[m]}"}, outputs: {x: json}}
`),
    );
    expect(nodes).toEqual(['a/q/1', 'a/q/2', 'a/p/2', 'a/p/1']);
  });

  it('is kept by profiles and overrides', () => {
    const text = `
params: {m: {3: x, 2: {a: 1, b: 2}, 1: x}}
profiles: {p: {params: {m: {1: y, 2: {b: 3}, 3: y}}}}
stages: {a: {run: a.ts, each: {n: "\${m}"}, params: "\${m[2]}", outputs: {x: json}}}
`;
    const overrides = [set('m[2].a', '{}'), set('m["1"]', '5')];
    const { nodes } = buildPlan(load(text, 'p', overrides));
    expect(nodes.map(({ id }) => id)).toEqual(['a/3', 'a/2', 'a/1']);
    expect(nodes[0]?.params).toEqual({ a: {}, b: 3 });
    expect(Object.keys(nodes[0]?.params ?? {})).toEqual(['a', 'b']);
    const replaced = buildPlan(load(text, 'p', [set('m', '{5: x, 2: {b: 1, a: 2}, 4: x}')])).nodes;
    expect(replaced.map(({ id }) => id)).toEqual(['a/5', 'a/2', 'a/4']);
    expect(Object.keys(replaced[0]?.params ?? {})).toEqual(['b', 'a']);
  });
});
