// A pipeline file may be hostile, or hold a slip: each of these ends with an answer, or with a limit that is named.
import { describe, expect, it } from 'vitest';
import { loadPipeline } from '../../../src/engine/pipeline/load-pipeline.ts';
import { buildPlan } from '../../../src/engine/plan/build-plan.ts';
import { load, messageOf, set } from '../pipeline/pipelines.ts';
import { ids, plan } from './plans.ts';

const times = <T>(count: number, item: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => item(i));
const STAGE = 'run: a.ts, outputs: {o: json}';
const one = (more: string) => `stages: {a: {${STAGE}, ${more}}}\n`;
/** The first line of the message, without the place. */
const refusal = (work: () => unknown): string => {
  const message = messageOf(work);
  expect(message.length).toBeLessThan(200_000);
  expect(message).not.toMatch(/^\s+at /m);
  return message.split('\n')[1]?.replace(/^pipeline\.yaml:\d+:\d+ /, '') ?? '';
};
const TOO_MANY_VALUES = 'this stands for more than 1000000 values, with aliases and references written out';
const TOO_DEEP = 'this is more than 100 levels deep';

describe('values', () => {
  const tenfold = (count: number, line: (i: number, before: string) => string) =>
    times(count, (i) => `  p${i}: ${line(i, `p${i - 1}`)}\n`).join('');
  const repeated = (text: string) => `[${times(10, () => text).join(', ')}]`;

  it('aliases that expand to a thousand million values', () => {
    const bomb = tenfold(10, (i, before) => `&p${i} ${i === 0 ? repeated('1') : repeated(`*${before}`)}`);
    expect(refusal(() => load(`params:\n${bomb}`))).toBe(TOO_MANY_VALUES);
    const mappings = tenfold(10, (i, before) =>
      i === 0 ? '&p0 {a: 1, b: 2}' : `&p${i} {a: *${before}, b: *${before}, c: *${before}, d: *${before}}`,
    );
    expect(refusal(() => load(`params:\n${mappings}`))).toBe(TOO_MANY_VALUES);
    expect(
      refusal(() =>
        load('params: {x: 1}\n', undefined, [
          set(
            'x',
            `[&a ${repeated('1')}, ${times(8, (i) => `&${i} ${repeated(`*${i === 0 ? 'a' : i - 1}`)}`).join(', ')}]`,
          ),
        ]),
      ),
    ).toContain(TOO_MANY_VALUES);
  });

  it('aliases outside of params', () => {
    const outputs = `{${times(2000, (i) => `o${i}: json`).join(', ')}}`;
    const stages = times(2000, (i) => `  s${i}: ${i === 0 ? `&s {run: a.ts, outputs: ${outputs}}` : '*s'}\n`).join('');
    expect(refusal(() => load(`stages:\n${stages}`))).toBe(TOO_MANY_VALUES);
  });

  it('the same part of every entry, asked for many times', () => {
    const row = `{${times(500, (i) => `k${i}: ${i}`).join(', ')}}`;
    const rows = `params: {row: &row ${row}, all: [${times(900, () => '*row').join(', ')}]`;
    const asked = (count: number) => times(count, (i) => `"\${all.*.k${i % 50}}"`).join(', ');
    expect(load(`${rows}, x: [${asked(500)}]}\n`).params.x).toHaveLength(500);
    expect(refusal(() => load(`${rows}, x: [${asked(2000)}]}\n`))).toBe(TOO_MANY_VALUES);
    expect(refusal(() => load(`${rows}}\n${one(`params: {x: [${asked(2000)}]}`)}`))).toBe(TOO_MANY_VALUES);
  });

  it('entries of entries, each found by the one before in two ways', () => {
    const deep = (levels: number): string => (levels === 0 ? '1' : `{a: ${deep(levels - 1)}, k: a}`);
    const each = times(30, (i) => (i === 0 ? `c0: "\${p}"` : `c${i}: {of: "\${c${i - 1}[c${i - 1}.k]}", take: [a]}`));
    const text = `params: {p: {a: ${deep(70)}}}\n${one(`each: {${each.join(', ')}}, params: {x: "\${c29.k}"}`)}`;
    expect(ids(plan(text))).toEqual([`a${'/a'.repeat(30)}`]);
  });

  it('merges', () => {
    const keys = times(1000, (i) => `k${i}: 1`).join(', ');
    const merged = `params: {a: &a {${keys}}, b: {<<: [${times(2000, () => '*a').join(', ')}]}}\n`;
    expect(refusal(() => load(merged))).toBe(TOO_MANY_VALUES);
  });

  it('references that expand to a thousand million values, or characters', () => {
    const bomb = tenfold(10, (i, before) => (i === 0 ? repeated('1') : repeated(`"\${${before}}"`)));
    expect(refusal(() => load(`params:\n${bomb}`))).toBe(TOO_MANY_VALUES);
    const texts = tenfold(10, (i, before) => (i === 0 ? 'text' : `"${`\${${before}}`.repeat(10)}"`));
    expect(refusal(() => load(`params:\n${texts}`))).toBe(TOO_MANY_VALUES);
    // What params may hold, a stage may not hold a hundred times.
    const large = tenfold(5, (i, before) => (i === 0 ? repeated('1') : repeated(`"\${${before}}"`)));
    expect(
      refusal(() => load(`params:\n${large}${one(`params: {x: ${`[${times(11, () => `"\${p4}"`).join(', ')}]`}}`)}`)),
    ).toBe(TOO_MANY_VALUES);
    const inNodes = one(
      `each: {n: [1, 2]}, params: {n: "\${n}", x: [${times(11, () => `{"n": "\${n}", "p": "\${p4}"}`).join(', ')}]}`,
    );
    expect(refusal(() => plan(`params:\n${large}${inNodes}`))).toBe(TOO_MANY_VALUES);
    const many = one(`each: {n: {from: 1, to: 2000}}, params: {n: "\${n}", p: "\${p4}"}`);
    expect(refusal(() => plan(`params:\n${large}${many}`))).toBe(
      'with stage "a", the params of all nodes stand for more than 100000000 values',
    );
  });

  it('nesting', () => {
    for (const depth of [101, 1000, 100_000]) {
      const flow = `${'['.repeat(depth)}${']'.repeat(depth)}`;
      expect(refusal(() => load(`params: {x: ${flow}}\n`))).toContain(TOO_DEEP);
      expect(refusal(() => load('params: {x: 1}\n', undefined, [set('x', flow)]))).toContain(TOO_DEEP);
      expect(refusal(() => load(`params: {x: ${'['.repeat(depth)}}\n`))).toContain(TOO_DEEP);
      expect(refusal(() => load(`params: {x: ${'{a: '.repeat(depth)}${'}'.repeat(depth)}}\n`))).toContain(TOO_DEEP);
      expect(refusal(() => load(`params:\n  ${'- '.repeat(depth)}1\n`))).toContain(TOO_DEEP);
    }
    const aliases = times(200, (i) => `  p${i}: &p${i} [${i === 0 ? '1' : `*p${i - 1}`}]\n`).join('');
    expect(refusal(() => load(`params:\n${aliases}`))).toContain(TOO_DEEP);
    const references = times(200, (i) => `  p${i}: [${i === 0 ? '1' : `"\${p${i - 1}}"`}]\n`).join('');
    expect(refusal(() => load(`params:\n${references}`))).toContain(TOO_DEEP);
    expect(load(`params: {x: ${'['.repeat(90)}${']'.repeat(90)}}\n`).params.x).toBeDefined();
  });

  it('references to references', () => {
    const forward = times(2000, (i) => `  p${i}: ${i === 0 ? '1' : `"\${p${i - 1}}"`}\n`);
    expect(load(`params:\n${forward.join('')}`).params.p1999).toBe(1);
    expect(refusal(() => load(`params:\n${forward.toReversed().join('')}`))).toBe(
      'references lead to this param through more than 300 others',
    );
    expect(load(`params:\n${forward.slice(0, 200).toReversed().join('')}`).params.p199).toBe(1);
    const brackets = `\${${'a['.repeat(100_000)}0${']'.repeat(100_000)}}`;
    expect(refusal(() => load(`params: {a: [0], x: "${brackets}"}\n`))).toContain('is not a reference');
    expect(refusal(() => load(`params: {a: 1, x: "${`\${a}`.repeat(100_000)}"}\n`))).toBe(
      'this text has more than 1000 references',
    );
    expect(refusal(() => load(`params: {a: 1, x: "${'${'.repeat(100_000)}"}\n`))).toContain('has no closing brace');
    expect(refusal(() => load(`params: {a: [0], x: "\${a${'[0]'.repeat(100_000)}}"}\n`))).toContain('is the number 0');
  });

  it('a file that is too long, and long lines', () => {
    expect(refusal(() => load(`params: {x: "${'x'.repeat(10_000_000)}"}\n`))).toMatch(
      /^this has \d+ characters, and a pipeline may have 4194304$/,
    );
    expect(load(`params: {x: "${'x'.repeat(3_000_000)}"}\n`).params.x).toHaveLength(3_000_000);
    const long = messageOf(() => load(`params: {x: "${'x'.repeat(3_000_000)}", y: "\${nothing}"}\n`));
    expect(long).toContain('there is no param "nothing"');
    expect(long.length).toBeLessThan(1000);
    expect(refusal(() => load(`${'k'.repeat(1000)}: 1\n`))).toContain('unknown key "kkk');
    expect(refusal(() => load(one(`${'k'.repeat(1_000)}: 1`)))).toContain('unknown key "kkk');
    expect(refusal(() => load(`? ${'k'.repeat(1_000_000)}\n: 1\n`))).toContain('unknown key "kkk');
    expect(refusal(() => load(`params: {x: "\${${'k'.repeat(1_000_000)}}"}\n`))).toContain('there is no param "kkk');
  });

  it('a hundred thousand keys, and the same in doubt', () => {
    const keys = times(100_000, (i) => `  k${i}: ${i}\n`).join('');
    const pipeline = load(`params:\n${keys}profiles: {p: {params: {k5: 6}}}\n`, 'p', [set('k7', '8')]);
    expect(Object.keys(pipeline.params)).toHaveLength(100_000);
    expect([pipeline.params.k5, pipeline.params.k7]).toEqual([6, 8]);
    expect(refusal(() => load(`params:\n${keys.slice(0, keys.indexOf('  k5000:'))}  k4999: 1\n`))).toBe(
      'the key "k4999" appears twice in this mapping',
    );
    const wrong = messageOf(() => load(`params:\n${times(2000, (i) => `  k${i}: "\${x${i}}"\n`).join('')}`));
    expect(wrong.split('there is no param')).toHaveLength(101);
    expect(wrong).toContain('there may be more: these are the first 100');
    expect(refusal(() => load(`${times(2000, (i) => `k${i}: 1\n`).join('')}`))).toBe('unknown key "k0"');
  }, 60_000);

  it('profiles', () => {
    const chain = times(2000, (i) => `  p${i}: {${i === 0 ? '' : `extends: p${i - 1}`}}\n`).join('');
    expect(load(`profiles:\n${chain}`, 'p50').profile).toBe('p50');
    expect(refusal(() => load(`profiles:\n${chain}`, 'p1999'))).toBe(
      'profile "p1999" extends more than 100 others, each the next',
    );
    const circle = times(2000, (i) => `  p${i}: {extends: p${(i + 1) % 2000}}\n`).join('');
    expect(refusal(() => load(`profiles:\n${circle}`, 'p1'))).toContain(
      'profiles extend each other in a circle: p0 → p1 → p2',
    );
    expect(
      refusal(() =>
        load(
          'params: {a: 1}\n',
          undefined,
          times(1001, () => set('a', '2')),
        ),
      ),
    ).toBe('1001 params are set, and at most 1000 can be');
  });
});

describe('nodes', () => {
  it('ranges and matrices', () => {
    expect(refusal(() => plan(one('each: {n: {from: 1, to: 1e9}}')))).toBe(
      'the range from 1 to 1000000000 has more than 1000000 values',
    );
    const thousand = 'from: 1, to: 1000';
    const cube = `each: {x: {${thousand}}, y: {${thousand}}, z: {${thousand}}, u: {${thousand}}}`;
    expect(refusal(() => plan(one(cube)))).toBe('with stage "a" the plan has more than 1000000 nodes');
    // Ten to the twelve times nothing.
    expect(refusal(() => plan(one(cube.replace('u: {from: 1, to: 1000}', 'u: []'))))).toBe(
      'with stage "a" the plan has more than 1000000 nodes',
    );
    const scan = `stages: {i: {${STAGE}}, a: {${STAGE}, scan: {t: {to: 1e12}, carry: {o: i.o}}}}\n`;
    expect(refusal(() => plan(scan))).toBe('with stage "a" the plan has more than 1000000 nodes');
    const coordinates = times(33, (i) => `c${i}: [1]`).join(', ');
    expect(refusal(() => plan(one(`each: {${coordinates}}`)))).toBe('a stage with 33 coordinates, and it can have 32');
    expect(refusal(() => plan(one(`each: {n: [${'x'.repeat(5000)}]}`)))).toBe(
      'coordinate "n" has a value that is 5000 characters long in the id of a node',
    );
  }, 60_000);

  it('gathers', () => {
    const lists = `params: {l: [${times(1000, String).join(', ')}]}\n`;
    const square = `each: {x: [1], y: [1], z: [1]}`;
    const gather = `${lists}stages: {a: {${STAGE}, ${square}}, b: {${STAGE}, inputs: {i: "a.o[x=\${l}, y=\${l}, z=\${l}]"}}}\n`;
    expect(refusal(() => plan(gather))).toContain('asks for 1000000000 nodes, and a plan has at most 1000000');
    const quadratic = `stages: {a: {${STAGE}, each: {n: {from: 1, to: 10000}}}, b: {${STAGE}, each: {k: [k], m: {from: 1, to: 10000}}, inputs: {i: "a.o[n=*]"}}}\n`;
    expect(plan(quadratic).nodes).toHaveLength(20_000);
    const table = `params: {table: [${times(20_000, (i) => String(i % 100)).join(', ')}]}\n`;
    const source = `a: {${STAGE}, each: {n: {from: 1, to: 1000}, k: {from: 0, to: 99}}}`;
    const reader = `b: {${STAGE}, each: {m: {from: 0, to: 19999}}, inputs: {i: "a.o[n=*, k=\${table[m]}]"}}`;
    expect(refusal(() => plan(`${table}stages: {${source}, ${reader}}\n`))).toBe(
      `with "a.o[n=*, k=\${table[m]}]", the nodes of the plan have more than 5000000 inputs`,
    );
  }, 60_000);
});

describe('stages and targets', () => {
  const N = 2000;
  const chain = times(N, (i) => `  s${i}: {${STAGE}${i === 0 ? '' : `, inputs: {i: s${i - 1}.o}`}}\n`);
  const order = times(N, (i) => `s${i}`);

  it('ten thousand stages in a chain, each declared before what it reads', () => {
    const deep = times(10_000, (i) => `  s${i}: {${STAGE}${i === 9999 ? '' : `, inputs: {i: s${i + 1}.o}`}}\n`);
    expect(ids(plan(`stages:\n${deep.join('')}`, ['s1000']))).toEqual(times(9000, (i) => `s${9999 - i}`));
  }, 60_000);

  it('stages in any order', () => {
    const shuffled = chain.map((_, i) => chain[(i * 7919) % N] as string);
    expect(ids(plan(`stages:\n${shuffled.join('')}`))).toEqual(order);
  });

  it('stages in a circle', () => {
    const circle = [`  s0: {${STAGE}, inputs: {i: s${N - 1}.o}}\n`, ...chain.slice(1)];
    expect(refusal(() => plan(`stages:\n${circle.join('')}`))).toContain(
      'stages read each other in a circle: s0 → s1999 → s1998',
    );
  }, 60_000);

  it('targets of targets', () => {
    const targets = times(N, (i) => `  t${i}: ${i === 0 ? '[a]' : `[t${i - 1}]`}\n`);
    expect(ids(plan(`${one('each: {n: [1]}')}targets:\n${targets.toReversed().join('')}`, [`t${N - 1}`]))).toEqual([
      'a/1',
    ]);
    const bomb = times(
      20,
      (i) => `  t${i}: ${i === 0 ? '[a]' : `[${times(10, () => `t${i - 1}`).join(', ')}]`}\n`,
    ).join('');
    expect(ids(plan(`${one('each: {n: [1]}')}targets:\n${bomb}`))).toEqual(['a/1']);
    const circle = times(N, (i) => `  t${i}: [t${(i + 1) % N}]\n`).join('');
    expect(refusal(() => plan(`${one('each: {n: [1]}')}targets:\n${circle}`))).toContain(
      'targets contain each other in a circle: t0 → t1',
    );
  }, 60_000);

  it('files, each of a node that is named in full', () => {
    const files = times(N, (i) => `f${i}.json: a/${i}.o`).join(', ');
    const text = `${one(`each: {n: {from: 0, to: ${N - 1}}}`)}targets: {t: {files: {${files}}}}\n`;
    expect(plan(text).targets[0]?.files).toHaveLength(N);
  }, 60_000);

  it('patterns of the command line', () => {
    const pipeline = load(one('each: {n: [x, y]}'));
    const target = (text: string) => refusal(() => buildPlan(pipeline, { targets: [text] }));
    expect(target(`a/${'*x'.repeat(100_000)}`)).toContain('no node matches');
    expect(target(`${'/'.repeat(100_000)}`)).toContain('there is no stage');
    expect(target('x'.repeat(100_000))).toContain('there is no target or stage');
    expect(target(`a/${'n='.repeat(100_000)}`)).toContain('no node matches');
  });
});

it('a file of ten megabytes is refused before it is parsed', () => {
  expect(refusal(() => loadPipeline({ file: 'pipeline.yaml', text: '['.repeat(10_000_000) }))).toContain(
    'this has 10000000 characters',
  );
});
