import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { set } from '../pipeline/pipelines.ts';
import { EXPERIMENT, ids, inputsOf, nodeOf, plan } from './plans.ts';

describe('matrices', () => {
  it('multiply, the first coordinate slowest, in declared order', () => {
    const whole = plan('stages:\n  a: {run: a.ts, each: {x: [b, a], y: [2, 1], z: [true]}, outputs: {o: json}}\n');
    expect(ids(whole)).toEqual(['a/b/2/true', 'a/b/1/true', 'a/a/2/true', 'a/a/1/true']);
    expect(whole.nodes.map(({ coordinates }) => coordinates)[1]).toEqual({ x: 'b', y: 1, z: true });
    expect(whole.nodes.every(({ chain }) => chain === undefined)).toBe(true);
  });

  it('may depend on coordinates before, and take the keys of a mapping', () => {
    expect(ids(plan(EXPERIMENT, ['sample'])).filter((id) => id.startsWith('sample/fnn'))).toEqual([
      'sample/fnn/1/0',
      'sample/fnn/1/1',
      'sample/fnn/1/3',
      'sample/fnn/2/0',
      'sample/fnn/2/1',
      'sample/fnn/2/3',
      'sample/fnn+bn/1/0',
      'sample/fnn+bn/1/2',
      'sample/fnn+bn/2/0',
      'sample/fnn+bn/2/2',
    ]);
  });

  it('may be ranges, with bounds that depend on coordinates before', () => {
    const whole = plan(`
params: {last: {a: 2, b: 0}}
stages: {s: {run: s.ts, each: {x: [a, b], t: {from: 0, to: "\${last[x]}"}}, outputs: {o: json}}}
`);
    expect(ids(whole)).toEqual(['s/a/0', 's/a/1', 's/a/2', 's/b/0']);
    expect(() => plan('stages: {s: {run: s.ts, each: {t: {from: 1, to: 1e9}}, outputs: {o: json}}}\n')).toThrow(
      'the range from 1 to 1000000000 has more than 1000000 values',
    );
  });

  it('a stage without coordinates is one node', () => {
    expect(ids(plan(''))).toEqual(['only']);
  });

  it('an empty list gives no nodes', () => {
    expect(
      ids(
        plan('stages: {a: {run: a.ts, each: {x: []}, outputs: {o: json}}, b: {run: b.ts, outputs: {o: json}}}\n', [
          'b',
          '*',
        ]),
      ),
    ).toEqual(['b']);
  });

  it('values that a shell would read are percent-encoded', () => {
    const values = ['a b', 'a/b', '50%', 'x=1', '*', 'ä', "it's", '$HOME', '~', 'a.b+c:d@e,f-g_h', 0.5, -1];
    const whole = plan(`stages: {a: {run: a.ts, each: {x: ${JSON.stringify(values)}}, outputs: {o: json}}}\n`);
    expect(ids(whole)).toEqual([
      'a/a%20b',
      'a/a%2Fb',
      'a/50%25',
      'a/x%3D1',
      'a/%2A',
      'a/%C3%A4',
      'a/it%27s',
      'a/%24HOME',
      'a/%7E',
      'a/a.b+c:d@e,f-g_h',
      'a/0.5',
      'a/-1',
    ]);
    expect(whole.nodes.map(({ coordinates }) => coordinates.x)).toEqual(values);
  });

  it('property: ids are different for different values, safe, and lead back to the value', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 5 }),
        (values) => {
          fc.pre(!values.some((value) => value.includes('${')));
          const whole = plan(`stages: {a: {run: a.ts, each: {x: ${JSON.stringify(values)}}, outputs: {o: json}}}\n`);
          expect(new Set(ids(whole)).size).toBe(values.length);
          for (const [i, id] of ids(whole).entries()) {
            expect(id).toMatch(/^a\/[A-Za-z0-9_.+,:@%-]+$/);
            expect(decodeURIComponent(id.slice(2))).toBe(values[i]);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('params of nodes', () => {
  it('are looked up by coordinates', () => {
    const whole = plan(EXPERIMENT, ['init']);
    expect(nodeOf(whole, 'init/fnn+bn/2').params).toEqual({ model: { hidden: [800, 800] }, seed: 2 });
    expect(nodeOf(plan(EXPERIMENT, ['train']), 'train/cnn/2/1').params).toEqual({
      model: { filters: 16 },
      name: 'cnn of seed 2',
    });
  });

  it('are frozen, and shared by nodes that agree in the coordinates they name', () => {
    const text = (params: string) => `
params: {rate: {a: 1, b: 2}}
stages:
  init: {run: i.ts, each: {name: [a, b], seed: [1, 2]}, outputs: {w: json}}
  train:
    run: t.ts
    each: {name: [a, b], seed: [1, 2]}
    scan: {epoch: {to: 3}, carry: {w: init.w}}
    params: ${params}
    outputs: {w: json}
`;
    const distinct = (params: string) => {
      const nodes = plan(text(params), ['train']).nodes.filter(({ stage }) => stage.name === 'train');
      expect(nodes.length).toBe(12);
      expect(
        nodes.every((node) => Object.isFrozen(node.params) && Object.values(node.params).every(Object.isFrozen)),
      ).toBe(true);
      return new Set(nodes.map((node) => node.params)).size;
    };
    expect(distinct('{x: 1}')).toBe(1);
    expect(distinct(`{x: "\${rate[name]}"}`)).toBe(2);
    expect(distinct(`{x: "\${seed}", y: [{z: "\${rate[name]}"}]}`)).toBe(4);
    expect(distinct(`{x: "\${epoch}"}`)).toBe(12);
    expect(distinct(`"\${rate}"`)).toBe(1);
  });
});

describe('scans', () => {
  it('carry outputs from one step to the next, from where they start', () => {
    const whole = plan(EXPERIMENT, ['train']);
    expect(inputsOf(whole, 'train/fnn/2/1')).toEqual({ weights: 'init/fnn/2.weights', train: 'download/mnist.train' });
    expect(inputsOf(whole, 'train/fnn/2/3')).toEqual({
      weights: 'train/fnn/2/2.weights',
      train: 'download/mnist.train',
    });
    expect(nodeOf(whole, 'train/fnn/2/3').coordinates).toEqual({ architecture: 'fnn', seed: 2, epoch: 3 });
    expect(nodeOf(whole, 'train/fnn/2/3').chain).toBe('train/fnn/2');
  });

  it('the step before the first is what the carry starts from', () => {
    const whole = plan(EXPERIMENT, ['sample']);
    expect(inputsOf(whole, 'sample/fnn/1/0').weights).toBe('init/fnn/1.weights');
    expect(inputsOf(whole, 'sample/fnn/1/1').weights).toBe('train/fnn/1/1.weights');
  });

  it('also where the range does not begin at 1, and where it is empty', () => {
    const text = (range: string, epochs: string) => `
stages:
  init: {run: i.ts, outputs: {w: json}}
  train: {run: t.ts, scan: {epoch: ${range}, carry: {w: init.w}}, outputs: {w: json}}
  use: {run: u.ts, each: {epoch: ${epochs}}, inputs: {w: train.w}, outputs: {o: json}}
`;
    const late = plan(text('{from: 5, to: 6}', '[4, 5]'), ['use']);
    expect(inputsOf(late, 'use/4').w).toBe('init.w');
    expect(inputsOf(late, 'use/5').w).toBe('train/5.w');
    const none = plan(text('{to: 0}', '[0]'), ['use', 'init']);
    expect(ids(none)).toEqual(['init', 'use/0']);
    expect(inputsOf(none, 'use/0').w).toBe('init.w');
  });

  it('carry several outputs, from chains too', () => {
    const whole = plan(
      `
stages:
  init: {run: i.ts, outputs: {w: json, m: json}}
  warm: {run: t.ts, scan: {step: {to: 2}, carry: {w: init.w}}, outputs: {w: json}}
  train: {run: t.ts, scan: {epoch: {to: 2}, carry: {w: "warm.w[step=2]", momentum: init.m}}, outputs: {w: json, momentum: json, log: json}}
  again: {run: t.ts, scan: {epoch: {to: 1}, carry: {w: "train.w[epoch=0]"}}, outputs: {w: json}}
`,
      ['train', 'again'],
    );
    expect(inputsOf(whole, 'train/1')).toEqual({ w: 'warm/2.w', momentum: 'init.m' });
    expect(inputsOf(whole, 'train/2')).toEqual({ w: 'train/1.w', momentum: 'train/1.momentum' });
    expect(inputsOf(whole, 'again/1')).toEqual({ w: 'warm/2.w' });
  });

  it('nodes of a chain follow one another', () => {
    const { nodes } = plan(EXPERIMENT);
    const chains = nodes.flatMap(({ chain }, i) =>
      chain !== undefined && nodes[i - 1]?.chain !== chain ? [chain] : [],
    );
    expect(chains).toEqual([...new Set(chains)]);
  });

  it('property: a step does not depend on how many follow', () => {
    const step = (epochs: number) => {
      const whole = plan(EXPERIMENT, ['train/fnn'], [set('architectures.fnn.epochs', String(epochs))]);
      return whole.nodes.map(({ id, coordinates, params, chain }) => ({
        id,
        coordinates,
        params,
        chain,
        inputs: inputsOf(whole, id),
      }));
    };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), (a, b) => {
        const [fewer, more] = [step(Math.min(a, b)), step(Math.max(a, b))];
        const byId = new Map(more.map((node) => [node.id, node]));
        for (const node of fewer) expect(byId.get(node.id)).toEqual(node);
      }),
      { numRuns: 30 },
    );
  });
});

describe('gathers', () => {
  it('take all nodes in the order of the plan', () => {
    const whole = plan(EXPERIMENT, ['table']);
    const { samples, shown, ends } = inputsOf(whole, 'table');
    expect(samples).toEqual(
      ids(whole)
        .filter((id) => id.startsWith('sample/'))
        .map((id) => `${id}.samples`),
    );
    expect(samples).toHaveLength(12);
    expect(shown).toEqual([
      'sample/fnn/1/0.samples',
      'sample/fnn/1/1.samples',
      'sample/fnn/1/3.samples',
      'sample/cnn/1/1.samples',
    ]);
    expect(ends).toEqual(['train/fnn/1/3.metrics', 'train/fnn/2/3.metrics']);
  });

  it('match coordinates that they do not name', () => {
    const whole = plan(EXPERIMENT, ['compare']);
    expect(inputsOf(whole, 'compare/cnn').samples).toEqual(['sample/cnn/1/1.samples', 'sample/cnn/2/1.samples']);
  });

  it('take the start of a chain only where it is asked for', () => {
    const text = (selector: string) => `
params: {epochs: [2, 0]}
stages:
  init: {run: i.ts, each: {seed: [1, 2]}, outputs: {w: json}}
  train: {run: t.ts, each: {seed: [1, 2]}, scan: {epoch: {to: 2}, carry: {w: init.w}}, outputs: {w: json}}
  table: {run: u.ts, inputs: {w: 'train.w[${selector}]'}, outputs: {o: json}}
`;
    const gathered = (selector: string) => inputsOf(plan(text(selector), ['table']), 'table').w;
    expect(gathered('seed=1, epoch=*')).toEqual(['train/1/1.w', 'train/1/2.w']);
    expect(gathered('*')).toEqual(['train/1/1.w', 'train/1/2.w', 'train/2/1.w', 'train/2/2.w']);
    expect(gathered(`seed=*, epoch=\${epochs}`)).toEqual(['init/1.w', 'train/1/2.w', 'init/2.w', 'train/2/2.w']);
    expect(gathered('seed=*, epoch=0')).toEqual(['init/1.w', 'init/2.w']);
    expect(gathered('seed=2, epoch=0')).toBe('init/2.w');
    expect(gathered('seed="2", epoch=1')).toBe('train/2/1.w');
  });

  it('take the keys of a mapping', () => {
    const whole = plan(
      `
params: {chosen: {b: 1, a: 2}}
stages:
  s: {run: s.ts, each: {x: [a, b, c]}, outputs: {o: json}}
  t: {run: t.ts, inputs: {o: "s.o[x=\${chosen}]"}, outputs: {o: json}}
`,
      ['t'],
    );
    expect(inputsOf(whole, 't').o).toEqual(['s/a.o', 's/b.o']);
    expect(ids(whole)).toEqual(['s/a', 's/b', 't']);
  });

  it('of one value is still a list', () => {
    const whole = plan(
      'stages:\n  s: {run: s.ts, each: {x: [a]}, outputs: {o: json}}\n  t: {run: t.ts, inputs: {o: "s.o[*]"}, outputs: {o: json}}\n',
      ['t'],
    );
    expect(inputsOf(whole, 't').o).toEqual(['s/a.o']);
  });
});

describe('order', () => {
  it('is topological, and by declaration where that is free', () => {
    const whole = plan(`
stages:
  last: {run: a.ts, inputs: {x: middle.o}, outputs: {o: json}}
  free: {run: a.ts, outputs: {o: json}}
  middle: {run: a.ts, inputs: {x: first.o}, outputs: {o: json}}
  first: {run: a.ts, outputs: {o: json}}
`);
    expect(ids(whole)).toEqual(['first', 'middle', 'last', 'free']);
    expect(whole.nodes.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  });

  it('property: inputs come first, indices are positions, and the order of what is asked for changes nothing', () => {
    const asked = [
      'figures',
      'table',
      'train/fnn',
      'sample/cnn/*/1',
      'train/seed=2',
      'download',
      'init/fnn+bn/1',
      'compare/cnn',
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(asked, { minLength: 1 }), (targets) => {
        const whole = plan(EXPERIMENT, targets);
        whole.nodes.forEach((node, position) => {
          expect(node.index).toBe(position);
          for (const input of node.inputs) {
            for (const source of input.kind === 'one' ? [input.source] : input.sources) {
              expect(source.node).toBeGreaterThanOrEqual(0);
              expect(source.node).toBeLessThan(position);
              expect(Object.keys(whole.nodes[source.node]?.stage.outputs ?? {})).toContain(source.output);
            }
          }
        });
        const sorted = plan(EXPERIMENT, [...targets].sort());
        expect(ids(sorted)).toEqual(ids(whole));
        // Every node is there for a target: asked for, or read by a node that is.
        const reached = new Set(whole.targets.flatMap(({ nodes }) => nodes));
        for (const node of whole.nodes.toReversed()) {
          expect(reached.has(node.index)).toBe(true);
          for (const input of node.inputs) {
            for (const source of input.kind === 'one' ? [input.source] : input.sources) reached.add(source.node);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('property: the order of the keys inside a stage, of the targets and of the params changes nothing', () => {
    const stage = [
      'run: s.ts',
      'each: {x: [1, 2]}',
      'inputs: {a: one.o, b: two.o}',
      'outputs: {o: json, p: json}',
      'retries: 1',
      `params: {y: "\${p}", z: "\${q}"}`,
    ];
    const targets = ['t: [s/1]', 'u: [two]'];
    const params = ['p: 1', `q: "\${p}"`];
    const text = (keys: readonly string[], names: readonly string[], values: readonly string[]) =>
      `params: {${values.join(', ')}}\nstages:\n  two: {run: b.ts, outputs: {o: json}}\n  one: {run: a.ts, outputs: {o: json}}\n  s: {${keys.join(', ')}}\ntargets: {${names.join(', ')}}\ndefault: [t, u]\n`;
    const bare = (whole: ReturnType<typeof plan>) =>
      whole.nodes.map(({ stage: { range: _, places: __, ...rest }, ...node }) => ({ ...node, stage: rest }));
    const expected = bare(plan(text(stage, targets, params)));
    const permutation = <T>(items: T[]) => fc.shuffledSubarray(items, { minLength: items.length });
    fc.assert(
      fc.property(permutation(stage), permutation(targets), permutation(params), (keys, names, values) => {
        const shuffled = plan(text(keys, names, values));
        expect(bare(shuffled)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });
});

describe('targets', () => {
  it('give their nodes, their files, and those of the targets that they contain', () => {
    const whole = plan(EXPERIMENT);
    const index = (id: string) => nodeOf(whole, id).index;
    expect(whole.targets).toEqual([
      {
        name: 'figures',
        nodes: [index('compare/fnn'), index('compare/cnn'), index('table')],
        files: [
          { path: 'copy.svg', source: { node: index('table'), output: 'plot' } },
          { path: 'fig5.svg', source: { node: index('table'), output: 'plot' } },
          { path: 'panels/fnn.arrow', source: { node: index('compare/fnn'), output: 'table' } },
        ],
      },
    ]);
  });

  it('files are published from nodes that are numbered again', () => {
    const whole = plan(EXPERIMENT, ['panels']);
    const [panels] = whole.targets;
    expect(panels?.files[0]?.source.node).toBe(nodeOf(whole, 'compare/fnn').index);
    expect(ids(whole)).not.toContain('sample/fnn+bn/1/0');
  });

  it('a target of the name of a stage comes first, and means the stage inside its own definition', () => {
    expect(plan(EXPERIMENT, ['table']).targets[0]?.name).toBe('table');
    expect(ids(plan(EXPERIMENT, ['table']))).toContain('table');
  });

  const matched = (pattern: string) => {
    const whole = plan(EXPERIMENT, [pattern]);
    return whole.targets[0]?.nodes.map((index) => whole.nodes[index]?.id);
  };

  it('stage names, ids and wildcards', () => {
    expect(matched('download')).toEqual(['download/mnist', 'download/cifar10']);
    expect(matched('train/fnn/1/2')).toEqual(['train/fnn/1/2']);
    expect(matched('train/fnn*/1/1')).toEqual(['train/fnn/1/1', 'train/fnn+bn/1/1']);
    expect(matched('train/*/*/2')).toEqual(['train/fnn/1/2', 'train/fnn/2/2', 'train/fnn+bn/1/2', 'train/fnn+bn/2/2']);
    expect(matched('train/cnn')).toEqual(['train/cnn/1/1', 'train/cnn/2/1']);
    expect(matched('t*/cnn/1')).toEqual(['train/cnn/1/1']);
    expect(matched('*n*/cnn/2')).toEqual(['init/cnn/2', 'train/cnn/2/1']);
  });

  it('named coordinates', () => {
    expect(matched('train/architecture=fnn/epoch=3')).toEqual(['train/fnn/1/3', 'train/fnn/2/3']);
    expect(matched('train/epoch=3/architecture=f*')).toEqual(['train/fnn/1/3', 'train/fnn/2/3']);
  });

  it('values as they are, or as ids show them', () => {
    const text = 'stages: {a: {run: a.ts, each: {x: [b c, d]}, outputs: {o: json}}}\n';
    expect(plan(text, ['a/b c']).nodes.map(({ id }) => id)).toEqual(['a/b%20c']);
    expect(plan(text, ['a/b%20c']).nodes.map(({ id }) => id)).toEqual(['a/b%20c']);
    expect(plan(text, ['a/x=*%20*']).nodes.map(({ id }) => id)).toEqual(['a/b%20c']);
  });

  it('asked for twice is asked for once; asked for nothing plans nothing', () => {
    expect(plan(EXPERIMENT, ['download', 'download']).targets).toHaveLength(1);
    expect(plan(EXPERIMENT, [])).toEqual({ nodes: [], targets: [], transient: new Map() });
  });

  it('only stages that are needed are expanded', () => {
    const text = `
params: {n: {a: 1}}
stages:
  good: {run: a.ts, outputs: {o: json}}
  bad: {run: a.ts, each: {x: [b]}, params: {y: "\${n[x]}"}, outputs: {o: json}}
`;
    expect(ids(plan(text, ['good']))).toEqual(['good']);
    expect(() => plan(text)).toThrow('"n" has no "b"');
  });
});
