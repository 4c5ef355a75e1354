import { describe, expect, it } from 'vitest';
import { ids, nodeOf, plan } from '../../plan/plans.ts';
import { load, messageOf, set } from '../pipelines.ts';

const ARCHITECTURES = `params:
  architectures:
    fnn: {epochs: 2, seeds: [1, 2], caption: "MNIST"}
    cnn: {epochs: 1, seeds: [1], caption: "CIFAR"}
    cnn+bn: {epochs: 1, seeds: [3], caption: "CIFAR"}
  shown: [cnn, "*"]
`;
const AXES = `${ARCHITECTURES}axes:
  architecture: {of: "\${architectures}", take: "\${shown}"}
  seed: "\${architecture.seeds}"
  epoch: {from: 0, to: "\${architecture.epochs}"}
`;
const stage = (each: string, params = '{}') =>
  `stages:\n  a: {run: a.ts, each: ${each}, params: ${params}, outputs: {o: json}}\n`;

describe('axes', () => {
  it('are coordinates by name, in the order of the list, next to those of the stage', () => {
    expect(ids(plan(AXES + stage('[architecture, seed]')))).toEqual(['a/cnn/1', 'a/fnn/1', 'a/fnn/2', 'a/cnn+bn/3']);
    expect(ids(plan(AXES + stage(`[size: [8], architecture, {batch: [x, y], seed: ["\${shown[0]}"]}]`)))).toEqual(
      ['cnn', 'fnn', 'cnn+bn'].flatMap((name) => [`a/8/${name}/x/cnn`, `a/8/${name}/y/cnn`]),
    );
    expect(ids(plan(AXES + stage('[architecture, epoch]')))).toEqual([
      ...['a/cnn/0', 'a/cnn/1', 'a/fnn/0', 'a/fnn/1', 'a/fnn/2', 'a/cnn+bn/0', 'a/cnn+bn/1'],
    ]);
  });

  it('read the coordinate of the stage that they depend on, whoever declares it', () => {
    const own = stage(`[architecture: {of: "\${architectures}", take: [fnn]}, seed]`);
    expect(ids(plan(AXES + own))).toEqual(['a/fnn/1', 'a/fnn/2']);
  });

  it('stand for their values elsewhere', () => {
    const whole = plan(AXES + stage('[]', `{names: "\${axes.architecture}", second: "\${axes.architecture[1]}"}`));
    expect(nodeOf(whole, 'a').params).toEqual({ names: ['cnn', 'fnn', 'cnn+bn'], second: 'fnn' });
  });

  it('follow profiles and --set, through params', () => {
    const profile = `profiles: {small: {params: {shown: [fnn], architectures: {fnn: {seeds: [7]}}}}}\n`;
    const pipeline = load(AXES + profile + stage('[architecture, seed]'), 'small');
    expect(pipeline.params.shown).toEqual(['fnn']);
    expect(
      ids(
        plan(AXES + stage('[architecture, seed]'), undefined, [
          set('shown', '[fnn]'),
          set('architectures.fnn.seeds', '[9]'),
        ]),
      ),
    ).toEqual(['a/fnn/9']);
  });

  it('that a stage cannot use are told at its name', () => {
    expect(messageOf(() => load(AXES + stage('[architecture, sead, architecture, seed: [1]]')))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:14:39 there is no axis "sead"
          14 |   a: {run: a.ts, each: [architecture, sead, architecture, seed: [1]], params: {}, outputs: {o: json}}
             |                                       ~~~~
        fix: did you mean "seed"?
      pipeline.yaml:14:45 "architecture" stands twice in "each"
          14 |   a: {run: a.ts, each: [architecture, sead, architecture, seed: [1]], params: {}, outputs: {o: json}}
             |                                             ~~~~~~~~~~~~
        fix: keep one of the two
      "
    `);
    expect(messageOf(() => load(AXES + stage('[seed]')))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:14:25 the values of axis "seed" depend on "architecture", which is no coordinate before it here
          14 |   a: {run: a.ts, each: [seed], params: {}, outputs: {o: json}}
             |                         ~~~~
        fix: write each: [architecture, seed]
      "
    `);
    expect(messageOf(() => load(AXES + stage('[architecture: [fnn], seed]')))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:11:10 "architecture" is a coordinate over values, which have no parts (for the stage that names the axis in line 14)
          11 |   seed: "\${architecture.seeds}"
             |          ~~~~~~~~~~~~~~~~~~~~~
        fix: look something up by it: \${params.path[architecture]}; or let it take entries of a mapping: {of: "\${mapping}", take: […]}
      "
    `);
    expect(messageOf(() => load(stage('[seed]')))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:4:25 there is no axis "seed"
           4 |   a: {run: a.ts, each: [seed], params: {}, outputs: {o: json}}
             |                         ~~~~
        fix: declare it: axes: {seed: [value, …]}
      "
    `);
    expect(messageOf(() => load(stage(`[[1], {}, 7, "\${x}"]`)))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:4:25 item 1 of "each" is a list, expected a name or a mapping
           4 |   a: {run: a.ts, each: [[1], {}, 7, "\${x}"], params: {}, outputs: {o: json}}
             |                         ~~~
        fix: write for example seed or epoch: {from: 0, to: 5}
      pipeline.yaml:4:30 item 2 of "each" is empty
           4 |   a: {run: a.ts, each: [[1], {}, 7, "\${x}"], params: {}, outputs: {o: json}}
             |                              ~~
        fix: give it at least one entry
      pipeline.yaml:4:34 item 3 of "each" is the number 7, expected a name or a mapping
           4 |   a: {run: a.ts, each: [[1], {}, 7, "\${x}"], params: {}, outputs: {o: json}}
             |                                  ~
        fix: write for example seed or epoch: {from: 0, to: 5}
      pipeline.yaml:4:37 "\${x}" is not a name of an axis, or mapping of coordinates
           4 |   a: {run: a.ts, each: [[1], {}, 7, "\${x}"], params: {}, outputs: {o: json}}
             |                                     ~~~~~~
        fix: write for example seed or epoch: {from: 0, to: 5}
      "
    `);
  });

  it('report an error of their own once', () => {
    const axes = `axes: {seed: "\${architecture.seeds}", architecture: "\${architectures}", none: "\${nope}", one: 5}\n`;
    const stages = stage('[architecture, seed, none]', `{a: "\${axes.none}", b: "\${none.part}"}`);
    expect(messageOf(() => load(ARCHITECTURES + axes.replace(', one: 5', '') + stages))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:9:15 the coordinate "architecture" has no value here
           9 | axes: {seed: "\${architecture.seeds}", architecture: "\${architectures}", none: "\${nope}"}
             |               ~~~~~~~~~~~~~~~~~~~~~
        fix: a coordinate sees those declared before it, a carry those of the whole chain, a setting none
      pipeline.yaml:9:80 there is no param or coordinate "nope"
           9 | axes: {seed: "\${architecture.seeds}", architecture: "\${architectures}", none: "\${nope}"}
             |                                                                                ~~~~~~~
        fix: use one of "seed", "architecture", "architectures", "shown"
      "
    `);
    expect(messageOf(() => load(ARCHITECTURES + axes + stages))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:9:95 "one" is the number 5, expected a list or a reference or a mapping
           9 | axes: {seed: "\${architecture.seeds}", architecture: "\${architectures}", none: "\${nope}", one: 5}
             |                                                                                               ~
        fix: write for example \${seeds}
      "
    `);
  });

  it('do not share names with params', () => {
    expect(messageOf(() => load(`${ARCHITECTURES}axes: {shown: [1]}\n${stage('[shown]')}`))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:9:8 "shown" is both a coordinate and a param, so \${shown} could mean either
           9 | axes: {shown: [1]}
             |        ~~~~~
        fix: rename one of the two
      "
    `);
    expect(messageOf(() => load(`params: {axes: {x: 1}}\naxes: {x: [1]}\n`))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:4:7 "axes" is a param too, so \${axes.…} could mean either
           4 | axes: {x: [1]}
             |       ~~~~~~~~
        fix: rename the param
      "
    `);
    expect(messageOf(() => load(`axes: {x: [1]}\n${stage('{axes: [1]}')}`))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:5:25 "axes" is both a coordinate and what \${axes.…} looks axes up in
           5 |   a: {run: a.ts, each: {axes: [1]}, params: {}, outputs: {o: json}}
             |                         ~~~~
        fix: rename the coordinate
      "
    `);
    // Without the section, the name is free.
    expect(ids(plan(`params: {list: [1]}\n${stage(`{axes: "\${list}"}`)}`))).toEqual(['a/1']);
  });

  it('report references that have no single meaning', () => {
    const params = `{a: "\${axes.seed}", b: "\${axes}", c: "\${axes.architectur}", d: "\${axes.architecture[7]}"}`;
    expect(messageOf(() => load(AXES + stage('[]', params)))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:14:41 the values of axis "seed" depend on "architecture"
          14 |   a: {run: a.ts, each: [], params: {a: "\${axes.seed}", b: "\${axes}", c: "\${axes.architectur}", d: "\${axes.architecture[7]}"}, outputs: {o: json}}
             |                                         ~~~~~~~~~~~~
        fix: refer to an axis that has the same values everywhere
      pipeline.yaml:14:60 "axes" are the pipeline's axes, and this does not say which
          14 |   a: {run: a.ts, each: [], params: {a: "\${axes.seed}", b: "\${axes}", c: "\${axes.architectur}", d: "\${axes.architecture[7]}"}, outputs: {o: json}}
             |                                                            ~~~~~~~
        fix: write for example \${axes.architecture}
      pipeline.yaml:14:74 there is no axis "architectur"
          14 |   a: {run: a.ts, each: [], params: {a: "\${axes.seed}", b: "\${axes}", c: "\${axes.architectur}", d: "\${axes.architecture[7]}"}, outputs: {o: json}}
             |                                                                          ~~~~~~~~~~~~~~~~~~~
        fix: did you mean "architecture"?
      pipeline.yaml:14:100 the list "axes.architecture" has no item 7
          14 |   a: {run: a.ts, each: [], params: {a: "\${axes.seed}", b: "\${axes}", c: "\${axes.architectur}", d: "\${axes.architecture[7]}"}, outputs: {o: json}}
             |                                                                                                    ~~~~~~~~~~~~~~~~~~~~~~~
        fix: use an index from 0 to 2
      "
    `);
  });
});

describe('a coordinate over a mapping', () => {
  it('is the key, and its parts are those of the entry', () => {
    const whole = plan(
      ARCHITECTURES +
        stage(
          `{architecture: "\${architectures}", epoch: {from: 1, to: "\${architecture.epochs}"}}`,
          `{name: "\${architecture}", text: "\${architecture}: \${architecture.caption}", seeds: "\${architecture.seeds}", first: "\${architecture.seeds[0]}"}`,
        ),
    );
    expect(ids(whole)).toEqual(['a/fnn/1', 'a/fnn/2', 'a/cnn/1', 'a/cnn+bn/1']);
    expect(nodeOf(whole, 'a/cnn+bn/1').params).toEqual({ name: 'cnn+bn', text: 'cnn+bn: CIFAR', seeds: [3], first: 3 });
  });

  it('may depend on the entry of another', () => {
    const params = 'params: {nets: {a: {layers: {x: {size: 1}, y: {size: 2}}}, b: {layers: {z: {size: 3}}}}}\n';
    const whole = plan(params + stage(`{net: "\${nets}", layer: "\${net.layers}"}`, `{size: "\${layer.size}"}`));
    expect(whole.nodes.map(({ id, params: { size } }) => [id, size])).toEqual([
      ['a/a/x', 1],
      ['a/a/y', 2],
      ['a/b/z', 3],
    ]);
  });

  it('takes the entries that are named, in their order, and * for all others', () => {
    const taken = (take: string) =>
      ids(plan(ARCHITECTURES + stage(`{architecture: {of: "\${architectures}"${take}}}`)));
    expect(taken('')).toEqual(['a/fnn', 'a/cnn', 'a/cnn+bn']);
    expect(taken(', take: [cnn+bn, fnn]')).toEqual(['a/cnn+bn', 'a/fnn']);
    expect(taken(', take: ["*", fnn]')).toEqual(['a/cnn', 'a/cnn+bn', 'a/fnn']);
    expect(taken(`, take: "\${architectures}"`)).toEqual(['a/fnn', 'a/cnn', 'a/cnn+bn']);
  });

  it('is an error where it cannot be one', () => {
    const values = (written: string, params = '{}') =>
      messageOf(() => plan(ARCHITECTURES + stage(`{k: ${written}}`, params)));
    expect(values('[fnn]', `{x: "\${k.epochs}"}`)).toMatchInlineSnapshot(`
      "
      pipeline.yaml:10:49 "k" is a coordinate over values, which have no parts
          10 |   a: {run: a.ts, each: {k: [fnn]}, params: {x: "\${k.epochs}"}, outputs: {o: json}}
             |                                                 ~~~~~~~~~~~
        fix: look something up by it: \${params.path[k]}; or let it take entries of a mapping: {of: "\${mapping}", take: […]}
      "
    `);
    expect(values(`"\${architectures}"`, `{x: "\${k.epoch}"}`)).toMatchInlineSnapshot(`
      "
      pipeline.yaml:10:62 "architectures.fnn" has no "epoch" (and 2 more like it)
          10 |   a: {run: a.ts, each: {k: "\${architectures}"}, params: {x: "\${k.epoch}"}, outputs: {o: json}}
             |                                                              ~~~~~~~~~~
        fix: did you mean "epochs"?
      "
    `);
    expect(values(`{of: "\${architectures}", take: [fnm]}`)).toMatchInlineSnapshot(`
      "
      pipeline.yaml:10:59 there is no entry "fnm" to take
          10 |   a: {run: a.ts, each: {k: {of: "\${architectures}", take: [fnm]}}, params: {}, outputs: {o: json}}
             |                                                           ~~~~~
        fix: did you mean "fnn"?
      "
    `);
    expect(values(`{of: "\${architectures}", take: [fnn, "*", fnn]}`)).toMatchInlineSnapshot(`
      "
      pipeline.yaml:10:28 coordinate "k" has the value fnn twice
          10 |   a: {run: a.ts, each: {k: {of: "\${architectures}", take: [fnn, "*", fnn]}}, params: {}, outputs: {o: json}}
             |                            ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
        fix: keep one of the two
      "
    `);
    expect(values(`{of: "\${shown}"}`)).toMatchInlineSnapshot(`
      "
      pipeline.yaml:10:28 "of" is a list, and has no entries
          10 |   a: {run: a.ts, each: {k: {of: "\${shown}"}}, params: {}, outputs: {o: json}}
             |                            ~~~~~~~~~~~~~~~~
        fix: let "of" refer to a mapping
      "
    `);
    expect(values('{of: architectures}')).toMatchInlineSnapshot(`
      "
      pipeline.yaml:10:33 "architectures" is not a reference
          10 |   a: {run: a.ts, each: {k: {of: architectures}}, params: {}, outputs: {o: json}}
             |                                 ~~~~~~~~~~~~~
        fix: write for example \${seeds} or \${architectures[architecture].epochs}
      "
    `);
    expect(values(`{of: "\${architectures}", from: 1}`)).toMatchInlineSnapshot(`
      "
      pipeline.yaml:10:53 unknown key "from"
          10 |   a: {run: a.ts, each: {k: {of: "\${architectures}", from: 1}}, params: {}, outputs: {o: json}}
             |                                                     ~~~~
        fix: use one of "of", "take"
      "
    `);
    expect(values('{take: [fnn]}')).toMatchInlineSnapshot(`
      "
      pipeline.yaml:10:25 "k" lacks the key "of"
          10 |   a: {run: a.ts, each: {k: {take: [fnn]}}, params: {}, outputs: {o: json}}
             |                         ~
        fix: add "of": The mapping whose keys are the values.
      "
    `);
    expect(values('{from: 1, too: 3}')).toMatchInlineSnapshot(`
      "
      pipeline.yaml:10:38 unknown key "too"
          10 |   a: {run: a.ts, each: {k: {from: 1, too: 3}}, params: {}, outputs: {o: json}}
             |                                      ~~~
        fix: did you mean "to"?
      "
    `);
    expect(values('[fnn, *]')).toMatchInlineSnapshot(`
      "
      pipeline.yaml:10:34 this is not valid YAML: alias cannot be an empty string
          10 |   a: {run: a.ts, each: {k: [fnn, *]}, params: {}, outputs: {o: json}}
             |                                  ~
        fix: a text that is * stands in quotes: "*"
      "
    `);
  });
});

describe('.* of a reference', () => {
  it('is the same part of every entry, or of every item', () => {
    const { params } = load(
      `params: {a: {x: {k: 1}, "10": {k: "\${a.x.k}"}}, b: "\${a.*.k}", c: "\${list.*.k}", list: [{k: 3}, "\${a.x}"], d: "\${list.*}"}\n`,
    );
    expect(params).toMatchObject({ b: { x: 1, 10: 1 }, c: [3, 1], d: [{ k: 3 }, { k: 1 }] });
    const whole = plan(
      ARCHITECTURES + stage('[]', `{captions: "\${architectures.*.caption}", seeds: "\${architectures.*.seeds[0]}"}`),
    );
    expect(JSON.stringify(nodeOf(whole, 'a').params)).toBe(
      '{"captions":{"fnn":"MNIST","cnn":"CIFAR","cnn+bn":"CIFAR"},"seeds":{"fnn":1,"cnn":1,"cnn+bn":3}}',
    );
  });

  it('is refused where there are no entries, or one lacks the part', () => {
    const params = `{a: "\${architectures.*.epoch}", b: "\${architectures.*.*}", c: "\${architectures.fnn.epochs.*.x}"}`;
    expect(messageOf(() => load(ARCHITECTURES + stage('[]', params)))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:10:41 "architectures.fnn" has no "epoch"
          10 |   a: {run: a.ts, each: [], params: {a: "\${architectures.*.epoch}", b: "\${architectures.*.*}", c: "\${architectures.fnn.epochs.*.x}"}, outputs: {o: json}}
             |                                         ~~~~~~~~~~~~~~~~~~~~~~~~
        fix: did you mean "epochs"?
      pipeline.yaml:10:72 "architectures.*.*" is not a reference
          10 |   a: {run: a.ts, each: [], params: {a: "\${architectures.*.epoch}", b: "\${architectures.*.*}", c: "\${architectures.fnn.epochs.*.x}"}, outputs: {o: json}}
             |                                                                        ~~~~~~~~~~~~~~~~~~~~
        fix: \`.*\` stands once in a reference
      pipeline.yaml:10:99 "architectures.fnn.epochs" is the number 2, and has no entries
          10 |   a: {run: a.ts, each: [], params: {a: "\${architectures.*.epoch}", b: "\${architectures.*.*}", c: "\${architectures.fnn.epochs.*.x}"}, outputs: {o: json}}
             |                                                                                                   ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
        fix: \`.*\` follows a list or a mapping
      "
    `);
    expect(
      messageOf(() => load(`params: {a: {x: {k: 1}, y: {}}, b: "\${a.*.k}", c: "\${a.x.k.*.z}", d: "\${d.*.x}"}\n`)),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:3:37 "a.y" has no "k"
           3 | params: {a: {x: {k: 1}, y: {}}, b: "\${a.*.k}", c: "\${a.x.k.*.z}", d: "\${d.*.x}"}
             |                                     ~~~~~~~~
        fix: there is none to choose from here
      pipeline.yaml:3:52 "a.x.k" is the number 1, and has no entries
           3 | params: {a: {x: {k: 1}, y: {}}, b: "\${a.*.k}", c: "\${a.x.k.*.z}", d: "\${d.*.x}"}
             |                                                    ~~~~~~~~~~~~
        fix: \`.*\` follows a list or a mapping
      pipeline.yaml:3:70 params need each other in a circle: d → d
           3 | params: {a: {x: {k: 1}, y: {}}, b: "\${a.*.k}", c: "\${a.x.k.*.z}", d: "\${d.*.x}"}
             |                                                                      ~~~~~~~~~~
        fix: give one of them a value of its own
      "
    `);
    expect(messageOf(() => load('params: {a: {x: 1}}\n', undefined, [set('a.*', '2')]))).toMatchInlineSnapshot(`
      "
      --set a.*=2: "a.*" is not a path of plain keys
        fix: write keys and list positions, such as seeds[0]
      "
    `);
  });
});

describe('what architectures share', () => {
  const MERGED = `params:
  architectures:
    fnn: &fnn
      epochs: 3
      seeds: [1, 2]
      model: &model {hidden: [8], bias: false}
    dfnn: {<<: *fnn, model: {<<: *model, hidden: [8, 8]}}
profiles:
  small: {params: {architectures: {fnn: {epochs: 1}, dfnn: {model: {hidden: [4]}}}}}
`;

  it('is merged as it is written, before profiles and --set, which change one entry', () => {
    expect(load(MERGED, 'small', [set('architectures.dfnn.seeds', '[5]')]).params.architectures).toEqual({
      fnn: { epochs: 1, seeds: [1, 2], model: { hidden: [8], bias: false } },
      dfnn: { epochs: 3, seeds: [5], model: { hidden: [4], bias: false } },
    });
  });

  it('has its errors where it is written', () => {
    expect(
      messageOf(() => load(MERGED.replace('[1, 2]', `"\${sedes}"`).replace('params:', 'params:\n  seeds: [1]'))),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:8:15 there is no param "sedes"
           8 |       seeds: "\${sedes}"
             |               ~~~~~~~~
        fix: did you mean "seeds"? (params can refer to params only)
      "
    `);
    expect(
      messageOf(() =>
        load('stages:\n  a: &a\n    run: a.ts\n    outputs: {o: json}\n    eech: [1]\n  b: {<<: *a, run: b.ts}\n'),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:7:5 unknown key "eech"
           7 |     eech: [1]
             |     ~~~~
        fix: did you mean "each"?
      "
    `);
    expect(messageOf(() => load('params:\n  a: &a\n    b: {<<: *a}\n'))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:5:5 this anchor contains an alias of itself
           5 |     b: {<<: *a}
             |     ~~~~~~~~~~~
      pipeline.yaml:5:9 << merges a mapping, or a list of mappings, and this is neither
           5 |     b: {<<: *a}
             |         ~~
      "
    `);
  });
});
