import { describe, expect, it } from 'vitest';
import { loadPipeline } from '../../../src/engine/pipeline/load-pipeline.ts';
import { load, messageOf, set } from './pipelines.ts';

describe('messages about the text', () => {
  it('YAML syntax', () => {
    expect(messageOf(() => load('params: {a: [1, 2}\n'))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:3:18 this is not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ]
           3 | params: {a: [1, 2}
             |                  ~
        fix: write the ] that closes what begins at 3:13
      "
    `);
    expect(messageOf(() => load('params:\n\ta: 1\n'))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:4:1 this is not valid YAML: tabs are not allowed as indentation
           4 | 	a: 1
             | ~
        fix: indent with blanks
      "
    `);
    expect(messageOf(() => load('params: {a: !secret x}\n'))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:3:13 tags such as !secret are not supported
           3 | params: {a: !secret x}
             |             ~~~~~~~
        fix: remove it; text that looks like a number stands in quotes
      "
    `);
  });

  it('keys as other tools have them', () => {
    const stage = '{cmd: x, deps: [a], outs: [b], foreach: [1], threads: 2, command: a, outputs: {o: json}}';
    const message = messageOf(() => load(`vars: {a: 1}\nstages:\n  a: ${stage}\n`));
    const told = [...message.matchAll(/unknown key "(\w+)"[\s\S]*?fix: (.*)/g)].map(([, key, fix]) => `${key}: ${fix}`);
    expect(told).toEqual([
      'vars: here it is "params"',
      'cmd: here it is "command"',
      'deps: here it is "inputs"',
      'outs: here it is "outputs"',
      'foreach: here it is "each"',
      'threads: here it is "resources"',
    ]);
    // Where there is no such key either, those that there are.
    expect(messageOf(() => load('targets: {a: {cmd: x}}\n'))).toMatch(/unknown key "cmd"[\s\S]*fix: use one of/);
  });

  it('a duplicate key', () => {
    expect(messageOf(() => load('params:\n  seeds: [1]\n  threads: 2\n  seeds: [2]\n'))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:6:3 the key "seeds" appears twice in this mapping
           6 |   seeds: [2]
             |   ~~~~~
        fix: keep one of the two
      "
    `);
    expect(messageOf(() => load('params: {"a b": 1, "a b": 2}\n'))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:3:20 the key "a b" appears twice in this mapping
           3 | params: {"a b": 1, "a b": 2}
             |                    ~~~~~
        fix: keep one of the two
      "
    `);
  });

  it('values that params cannot hold', () => {
    expect(messageOf(() => load('params: {a: .inf, b: .nan, __proto__: {c: 1}, [1]: 2}\n'))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:3:13 .inf is not a number that a param can hold
           3 | params: {a: .inf, b: .nan, __proto__: {c: 1}, [1]: 2}
             |             ~~~~
        fix: use null where there is no value
      pipeline.yaml:3:22 .nan is not a number that a param can hold
           3 | params: {a: .inf, b: .nan, __proto__: {c: 1}, [1]: 2}
             |                      ~~~~
        fix: use null where there is no value
      pipeline.yaml:3:28 the key "__proto__" is not allowed
           3 | params: {a: .inf, b: .nan, __proto__: {c: 1}, [1]: 2}
             |                            ~~~~~~~~~
      pipeline.yaml:3:47 a key must be a plain word or text
           3 | params: {a: .inf, b: .nan, __proto__: {c: 1}, [1]: 2}
             |                                               ~~~
      "
    `);
    expect(messageOf(() => load('params: {a: &a {b: *a}}\n'))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:3:16 this anchor contains an alias of itself
           3 | params: {a: &a {b: *a}}
             |                ~~~~~~~
      "
    `);
  });

  it('an empty file', () => {
    expect(messageOf(() => loadPipeline({ file: 'pipeline.yaml', text: '# nothing\n' }))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:1:1 the file is empty
           1 | # nothing
             | ~
        fix: write at least version, name and stages
      "
    `);
  });
});

describe('messages about the shape', () => {
  it('unknown keys', () => {
    expect(
      messageOf(() =>
        load(`
stages:
  train:
    run: stages/train.ts
    ouputs: {weights: safetensors}
    outputs: {weights: safetensors}
    resources: {thread: 1}
    cores: 3
`),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:6:5 unknown key "ouputs"
           6 |     ouputs: {weights: safetensors}
             |     ~~~~~~
        fix: did you mean "outputs"?
      pipeline.yaml:8:17 unknown key "thread"
           8 |     resources: {thread: 1}
             |                 ~~~~~~
        fix: did you mean "threads"?
      pipeline.yaml:9:5 unknown key "cores"
           9 |     cores: 3
             |     ~~~~~
        fix: use one of "description", "run", "command", "environment", "code", "paths", "each", "scan", "compute", "params", "inputs", "outputs", … (22 in all)
      "
    `);
  });

  it('wrong types', () => {
    expect(
      messageOf(() =>
        load(`
params: [1, 2]
stages:
  train:
    run: stages/train.ts
    each: {seed: 5, architecture: fnn}
    compute: "yes"
    inputs:
    outputs: {weights: safetensors}
    retries: 1.5
    resources: {threads: 0, memory: 512}
default: figures
`),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:3:9 "params" is a list, expected a mapping
           3 | params: [1, 2]
             |         ~~~~~~
        fix: write entries of the form key: value
      pipeline.yaml:7:18 "seed" is the number 5, expected a list or a reference or a mapping
           7 |     each: {seed: 5, architecture: fnn}
             |                  ~
        fix: write for example \${seeds}
      pipeline.yaml:7:35 "fnn" is not a list of coordinate values
           7 |     each: {seed: 5, architecture: fnn}
             |                                   ~~~
        fix: write for example \${seeds}
      pipeline.yaml:8:14 "compute" is the text "yes", expected true or false
           8 |     compute: "yes"
             |              ~~~~~
        fix: write true or false
      pipeline.yaml:9:5 "inputs" is empty (null), expected a mapping
           9 |     inputs:
             |     ~~~~~~
        fix: give it a value, or remove the key
      pipeline.yaml:11:14 "retries" is the number 1.5, expected a whole number or a reference
          11 |     retries: 1.5
             |              ~~~
        fix: write for example 1 or \${compute.threads}
      pipeline.yaml:12:26 "threads" is the number 0
          12 |     resources: {threads: 0, memory: 512}
             |                          ~
        fix: use 1 or more
      pipeline.yaml:12:37 "memory" is the number 512, expected text
          12 |     resources: {threads: 0, memory: 512}
             |                                     ~~~
        fix: write for example 512MB or 1.5GiB
      pipeline.yaml:13:10 "default" is the text "figures", expected a list
          13 | default: figures
             |          ~~~~~~~
        fix: write a list such as [a, b]
      "
    `);
  });

  it('environment variables', () => {
    expect(
      messageOf(() =>
        load(`
stages:
  a:
    run: a.ts
    outputs: {x: json}
    variables: [TOKEN, 1X, HOST, HOST]
    secrets: [A=B, TOKEN, KEY, KEY]
    undeclared: allow
  b: {run: b.ts, outputs: {x: json}, variables: HOST, secrets: {KEY: 1}, undeclared: ignored}
`),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:7:24 "1X" is not a name of an environment variable (a letter or _, then letters, digits and _)
           7 |     variables: [TOKEN, 1X, HOST, HOST]
             |                        ~~
        fix: write for example DATA_ROOT
      pipeline.yaml:8:15 "A=B" is not a name of an environment variable (a letter or _, then letters, digits and _)
           8 |     secrets: [A=B, TOKEN, KEY, KEY]
             |               ~~~
        fix: write for example DATA_ROOT
      pipeline.yaml:9:17 "undeclared" is the text "allow", which is not allowed here
           9 |     undeclared: allow
             |                 ~~~~~
        fix: use one of "refuse", "warn", "ignore", "strace"
      pipeline.yaml:10:49 "variables" is the text "HOST", expected a list
          10 |   b: {run: b.ts, outputs: {x: json}, variables: HOST, secrets: {KEY: 1}, undeclared: ignored}
             |                                                 ~~~~
        fix: write for example [DATA_ROOT]
      pipeline.yaml:10:64 "secrets" is a mapping, expected a list
          10 |   b: {run: b.ts, outputs: {x: json}, variables: HOST, secrets: {KEY: 1}, undeclared: ignored}
             |                                                                ~~~~~~~~
        fix: write for example [API_TOKEN]
      pipeline.yaml:10:86 "undeclared" is the text "ignored", which is not allowed here
          10 |   b: {run: b.ts, outputs: {x: json}, variables: HOST, secrets: {KEY: 1}, undeclared: ignored}
             |                                                                                      ~~~~~~~
        fix: did you mean "ignore"?
      "
    `);
    expect(
      messageOf(() => load('stages: {a: {run: a.ts, outputs: {x: json}, variables: [T, H, H], secrets: [K, K, T]}}\n')),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:3:63 "H" stands in "variables" twice
           3 | stages: {a: {run: a.ts, outputs: {x: json}, variables: [T, H, H], secrets: [K, K, T]}}
             |                                                               ~
        fix: keep one of the two
      pipeline.yaml:3:80 "K" stands in "secrets" twice
           3 | stages: {a: {run: a.ts, outputs: {x: json}, variables: [T, H, H], secrets: [K, K, T]}}
             |                                                                                ~
        fix: keep one of the two
      pipeline.yaml:3:83 "T" is both a variable and a secret
           3 | stages: {a: {run: a.ts, outputs: {x: json}, variables: [T, H, H], secrets: [K, K, T]}}
             |                                                                                   ~
        fix: keep it in "variables" if its value decides the result, else in "secrets"
      "
    `);
  });

  it('missing keys', () => {
    expect(
      messageOf(() =>
        loadPipeline({ file: 'pipeline.yaml', text: 'name: x\nstages:\n  train:\n    outputs: {a: json}\n' }),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:1:1 the file lacks the key "version"
           1 | name: x
             | ~~~~~~~
        fix: add "version": Version of this grammar. There is only 1.
      "
    `);
  });

  it.each([
    ['version', 'vresion'],
    ['name', 'nme'],
    ['stages', 'stags'],
    ['outputs', 'outs'],
    ['of', 'off'],
  ])('a required key "%s" that is misspelt as "%s", once and with what is meant', (key, slip) => {
    const text = `version: 1
name: x
axes: {k: {of: "\${names}", take: [a]}}
params: {names: {a: 1}}
stages:
  train: {run: train.ts, outputs: {weights: json}}
`;
    const slipped = text.replace(new RegExp(`\\b${key}:`), `${slip}:`);
    expect(slipped).not.toBe(text);
    const message = messageOf(() => loadPipeline({ file: 'pipeline.yaml', text: slipped }));
    expect(message).not.toContain('lacks the key');
    expect(message).toContain(`"${key}"`);
    expect(message.match(/^pipeline\.yaml:/gm)).toHaveLength(1);
  });

  it('values out of a list, another version', () => {
    expect(
      messageOf(() =>
        loadPipeline({
          file: 'pipeline.yaml',
          text: 'version: 2\nname: x\nstages:\n  train: {run: a.ts, outputs: {weights: safetensor, plot: pdf}}\n',
        }),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:1:10 "version" is the number 2
           1 | version: 2
             |          ~
        fix: the only one is 1
      pipeline.yaml:4:41 "weights" is the text "safetensor", which is not allowed here
           4 |   train: {run: a.ts, outputs: {weights: safetensor, plot: pdf}}
             |                                         ~~~~~~~~~~
        fix: did you mean "safetensors"?
      pipeline.yaml:4:59 "plot" is the text "pdf", which is not allowed here
           4 |   train: {run: a.ts, outputs: {weights: safetensor, plot: pdf}}
             |                                                           ~~~
        fix: use one of "bytes", "json", "safetensors", "arrow", "csv", "markdown", "svg", "png", "file", "directory"
      "
    `);
  });

  it('names, modules, durations and sizes', () => {
    expect(
      messageOf(() =>
        load(`
stages:
  my stage: {run: a.ts, outputs: {a: json}}
  train:
    run: stages/train.py
    inputs: {weights: .init}
    outputs: {a.b: json}
    timeout: 30 minutes
    resources: {memory: 1 gig}
targets:
  fig5: {files: {../fig5.svg: train.a, /fig6.svg: train}}
`),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:4:3 "my stage" is not a name (a letter, then letters, digits, _ and -; at most 100)
           4 |   my stage: {run: a.ts, outputs: {a: json}}
             |   ~~~~~~~~
        fix: write for example train or batch-norm
      pipeline.yaml:6:10 "stages/train.py" is not a path of a module
           6 |     run: stages/train.py
             |          ~~~~~~~~~~~~~~~
        fix: write for example stages/train.ts or stages/plot.ts#angles
      pipeline.yaml:7:23 ".init" is not a reference to an output or a source
           7 |     inputs: {weights: .init}
             |                       ~~~~~
        fix: write for example init.weights or estimate.statistics[seed=*]
      pipeline.yaml:8:15 "a.b" is not a name (a letter, then letters, digits, _ and -; at most 100)
           8 |     outputs: {a.b: json}
             |               ~~~
        fix: write for example train or batch-norm
      pipeline.yaml:9:14 "30 minutes" is not a duration
           9 |     timeout: 30 minutes
             |              ~~~~~~~~~~
        fix: write for example 45s, 30m or 1h30m
      pipeline.yaml:10:25 "1 gig" is not a size
          10 |     resources: {memory: 1 gig}
             |                         ~~~~~
        fix: write for example 512MB or 1.5GiB
      pipeline.yaml:12:18 "../fig5.svg" is not a relative path inside the results folder
          12 |   fig5: {files: {../fig5.svg: train.a, /fig6.svg: train}}
             |                  ~~~~~~~~~~~
        fix: write for example figures/fig5.svg
      pipeline.yaml:12:40 "/fig6.svg" is not a relative path inside the results folder
          12 |   fig5: {files: {../fig5.svg: train.a, /fig6.svg: train}}
             |                                        ~~~~~~~~~
        fix: write for example figures/fig5.svg
      pipeline.yaml:12:51 "train" is not a reference to an output of one node
          12 |   fig5: {files: {../fig5.svg: train.a, /fig6.svg: train}}
             |                                                   ~~~~~
        fix: write for example table.svg or plot/fnn.svg
      "
    `);
  });

  it('scans', () => {
    const scan = (text: string) => () =>
      load(`
stages:
  train:
    run: stages/train.ts
    scan: ${text}
    outputs: {weights: safetensors}
`);
    expect(messageOf(scan('{carry: {weights: init.weights}}'))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:6:5 "scan" names no coordinate
           6 |     scan: {carry: {weights: init.weights}}
             |     ~~~~
        fix: write for example epoch: {from: 1, to: 10} next to carry
      "
    `);
    expect(messageOf(scan('{epoch: {to: 3}}'))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:6:5 "scan" lacks the key "carry"
           6 |     scan: {epoch: {to: 3}}
             |     ~~~~
        fix: add carry: {output: stage.output}, from which the first step starts
      "
    `);
    expect(messageOf(scan('{epoch: {to: 3}, step: {to: 2}, carry: {weights: init.weights}}'))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:6:5 "scan" has 2 coordinates (epoch, step)
           6 |     scan: {epoch: {to: 3}, step: {to: 2}, carry: {weights: init.weights}}
             |     ~~~~
        fix: scan exactly one, and move the others to "each"
      "
    `);
    expect(messageOf(scan('{epoch: {form: 0, to: 3}, carry: {weights: init.weights}}'))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:6:20 unknown key "form"
           6 |     scan: {epoch: {form: 0, to: 3}, carry: {weights: init.weights}}
             |                    ~~~~
        fix: did you mean "from"?
      "
    `);
    expect(messageOf(scan('{epoch: 3, carry: {}}'))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:6:19 "epoch" is the number 3, expected a mapping
           6 |     scan: {epoch: 3, carry: {}}
             |                   ~
        fix: write entries of the form key: value
      pipeline.yaml:6:22 "carry" is empty
           6 |     scan: {epoch: 3, carry: {}}
             |                      ~~~~~
        fix: give it at least one entry
      "
    `);
  });
});

describe('messages about params', () => {
  it('references to nothing', () => {
    expect(
      messageOf(() =>
        load(`
params:
  data: {directory: "\${home}/data", file: "\${data.directry}"}
  seeds: [1, 2]
  last: "\${seeds[2]}"
  deep: "\${last.x}"
`),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:4:22 there is no param "home"
           4 |   data: {directory: "\${home}/data", file: "\${data.directry}"}
             |                      ~~~~~~~
        fix: use one of "data", "seeds", "last", "deep" (params can refer to params only)
      pipeline.yaml:4:44 "data" has no "directry"
           4 |   data: {directory: "\${home}/data", file: "\${data.directry}"}
             |                                            ~~~~~~~~~~~~~~~~
        fix: did you mean "directory"?
      pipeline.yaml:6:10 the list "seeds" has no item 2
           6 |   last: "\${seeds[2]}"
             |          ~~~~~~~~~~~
        fix: use an index from 0 to 1
      "
    `);
  });

  it('references that cannot be read', () => {
    expect(messageOf(() => load(`params: {a: "\${b", c: "\${d e}", f: "\${}", g: "\${h[}"}\n`))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:3:14 this reference has no closing brace
           3 | params: {a: "\${b", c: "\${d e}", f: "\${}", g: "\${h[}"}
             |              ~~~
        fix: write \${name}; a literal \${ is written $\${
      pipeline.yaml:3:24 "d e" is not a reference
           3 | params: {a: "\${b", c: "\${d e}", f: "\${}", g: "\${h[}"}
             |                        ~~~~~~
        fix: write a path such as data.directory, seeds[0] or architectures[architecture].epochs
      pipeline.yaml:3:37 "" is not a reference
           3 | params: {a: "\${b", c: "\${d e}", f: "\${}", g: "\${h[}"}
             |                                     ~~~
        fix: write a path such as data.directory, seeds[0] or architectures[architecture].epochs
      pipeline.yaml:3:47 "h[" is not a reference
           3 | params: {a: "\${b", c: "\${d e}", f: "\${}", g: "\${h[}"}
             |                                               ~~~~~
        fix: write a path such as data.directory, seeds[0] or architectures[architecture].epochs
      "
    `);
  });

  it('circles', () => {
    expect(
      messageOf(() => load(`params:\n  a: {b: "\${c}"}\n  c: "x \${d[0]}"\n  d: ["\${a.b}"]\n`)),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:4:10 params need each other in a circle: a.b → c → d[0] → a.b
           4 |   a: {b: "\${c}"}
             |          ~~~~~~
        fix: give one of them a value of its own
      "
    `);
    expect(messageOf(() => load(`params: {a: {b: "\${a}"}}\n`))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:3:13 params need each other in a circle: a → a.b → a
           3 | params: {a: {b: "\${a}"}}
             |             ~~~~~~~~~~~
        fix: give one of them a value of its own
      "
    `);
  });

  it('what has no text', () => {
    expect(messageOf(() => load(`params: {a: [1], b: "x\${a}", c: null, d: "x\${c}"}\n`))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:3:23 this reference is a list, which cannot be part of a text
           3 | params: {a: [1], b: "x\${a}", c: null, d: "x\${c}"}
             |                       ~~~~
        fix: let the reference be the whole value
      pipeline.yaml:3:44 this reference is empty (null), which cannot be part of a text
           3 | params: {a: [1], b: "x\${a}", c: null, d: "x\${c}"}
             |                                            ~~~~
        fix: let the reference be the whole value
      "
    `);
  });

  it('profiles', () => {
    const profiles = `
params: {architectures: {fnn: {epochs: 3}}, seeds: [1]}
profiles:
  smoke: {params: {architectures: {fnn: {epoch: 1}}}}
  quick: {default: true, extends: smok}
  paper: {default: true}
  long: {extends: longer}
  longer: {extends: long}
`;
    expect(messageOf(() => load(profiles))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:5:42 there is no param "architectures.fnn.epoch"
           5 |   smoke: {params: {architectures: {fnn: {epoch: 1}}}}
             |                                          ~~~~~
        fix: profile "smoke" changes params, it adds none: did you mean "epochs"?
      pipeline.yaml:6:35 there is no profile "smok"
           6 |   quick: {default: true, extends: smok}
             |                                   ~~~~
        fix: did you mean "smoke"?
      pipeline.yaml:7:11 profiles "quick" and "paper" are both the default
           7 |   paper: {default: true}
             |           ~~~~~~~
        fix: let only one of them say default: true
      pipeline.yaml:8:19 profiles extend each other in a circle: long → longer → long
           8 |   long: {extends: longer}
             |                   ~~~~~~
        fix: remove one of these extends
      "
    `);
    expect(messageOf(() => load('profiles: {smoke: {}, quick: {}}\n', 'smoky'))).toMatchInlineSnapshot(`
      "
      there is no profile "smoky"
        fix: did you mean "smoke"?
      "
    `);
    expect(messageOf(() => load('', 'smoke'))).toMatchInlineSnapshot(`
      "
      there is no profile "smoke"
        fix: there is none to choose from here
      "
    `);
  });

  it('overrides', () => {
    const params = 'params: {compute: {backend: auto, threads: 1}, seeds: [1, 2]}\n';
    expect(messageOf(() => load(params, undefined, [set('compute.thread', '2')]))).toMatchInlineSnapshot(`
      "
      --set compute.thread=2: there is no param "compute.thread"
        fix: did you mean "threads"?
      "
    `);
    expect(
      messageOf(() => load(params, undefined, [set('comput', '2'), set('seeds[2]', '3'), set('seeds.x.y', '3')])),
    ).toMatchInlineSnapshot(`
      "
      --set comput=2: there is no param "comput"
        fix: did you mean "compute"?
      --set seeds[2]=3: there is no param "seeds[2]"
        fix: "seeds" has 2 items, counted from 0
      --set seeds.x.y=3: there is no param "seeds.x"
        fix: "seeds" has 2 items, counted from 0
      "
    `);
    expect(messageOf(() => load(params, undefined, [set('compute.threads.max', '2')]))).toMatchInlineSnapshot(`
      "
      --set compute.threads.max=2: there is no param "compute.threads.max"
        fix: "compute.threads" is the number 1
      "
    `);
    expect(messageOf(() => load(params, undefined, [set('seeds', '[1, 2')]))).toMatchInlineSnapshot(`
      "
      --set seeds=[1, 2: this is not valid YAML: flow sequence must end with a ]
        fix: close it with ]
      "
    `);
    expect(messageOf(() => load(params, undefined, [set('compute..threads', '2')]))).toMatchInlineSnapshot(`
      "
      --set compute..threads=2: "compute..threads" is not a reference
        fix: write a path such as data.directory, seeds[0] or architectures[architecture].epochs
      "
    `);
    expect(messageOf(() => load(params, undefined, [set('seeds', `\${sed}`)]))).toMatchInlineSnapshot(`
      "
      --set seeds=\${sed}: there is no param "sed"
        fix: use one of "compute", "seeds" (params can refer to params only)
      "
    `);
  });
});

describe('messages about references of stages', () => {
  it('unknown names and paths', () => {
    expect(
      messageOf(() =>
        load(`
params: {architectures: {fnn: {epochs: 3}}, seeds: [1]}
stages:
  train:
    run: stages/train.ts
    each: {architecture: "\${architectures}", seed: "\${seds}", step: [1]}
    params:
      epochs: "\${architectures[architectur].epochs}"
      first: "\${architectures.ffn.epochs}"
      broken: "\${step.epochs}"
    outputs: {weights: safetensors}
`),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:7:53 there is no param or coordinate "seds"
           7 |     each: {architecture: "\${architectures}", seed: "\${seds}", step: [1]}
             |                                                     ~~~~~~~
        fix: did you mean "seeds"?
      pipeline.yaml:9:16 there is no param or coordinate "architectur"
           9 |       epochs: "\${architectures[architectur].epochs}"
             |                ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
        fix: did you mean "architecture"?
      pipeline.yaml:10:15 "architectures" has no "ffn"
          10 |       first: "\${architectures.ffn.epochs}"
             |               ~~~~~~~~~~~~~~~~~~~~~~~~~~~
        fix: did you mean "fnn"?
      pipeline.yaml:11:16 "step" is a coordinate over values, which have no parts
          11 |       broken: "\${step.epochs}"
             |                ~~~~~~~~~~~~~~
        fix: look something up by it: \${params.path[step]}; or let it take entries of a mapping: {of: "\${mapping}", take: […]}
      "
    `);
  });

  it('a coordinate that is a param too', () => {
    expect(
      messageOf(() =>
        load(`
params: {seed: 1, epoch: 2}
stages:
  train:
    run: stages/train.ts
    each: {seed: [1, 2], step: [1]}
    scan: {epoch: {to: 3}, carry: {weights: init.weights}}
    outputs: {weights: safetensors}
  sample:
    run: stages/sample.ts
    each: {step: [1]}
    scan: {step: {to: 3}, carry: {weights: init.weights}}
    outputs: {weights: safetensors}
`),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:7:12 "seed" is both a coordinate and a param, so \${seed} could mean either
           7 |     each: {seed: [1, 2], step: [1]}
             |            ~~~~
        fix: rename one of the two
      pipeline.yaml:8:12 "epoch" is both a coordinate and a param, so \${epoch} could mean either
           8 |     scan: {epoch: {to: 3}, carry: {weights: init.weights}}
             |            ~~~~~
        fix: rename one of the two
      pipeline.yaml:13:12 "step" is a coordinate of "each" already
          13 |     scan: {step: {to: 3}, carry: {weights: init.weights}}
             |            ~~~~
        fix: give the scanned coordinate a name of its own
      "
    `);
  });

  it('a later coordinate in an earlier one', () => {
    expect(
      messageOf(() =>
        load(`
params: {lists: {a: [1]}}
stages:
  train:
    run: stages/train.ts
    each: {epoch: "\${lists[name]}", name: [a]}
    outputs: {weights: safetensors}
`),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:7:20 the coordinate "name" has no value here
           7 |     each: {epoch: "\${lists[name]}", name: [a]}
             |                    ~~~~~~~~~~~~~~
        fix: a coordinate sees those declared before it, a carry those of the whole chain, a setting none
      "
    `);
  });

  it('selectors', () => {
    const input = (reference: string) => () =>
      load(`
stages:
  train: {run: a.ts, inputs: {w: '${reference}'}, outputs: {a: json}}
`);
    expect(messageOf(input('b.c[d]'))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:4:39 "d" does not select a coordinate
           4 |   train: {run: a.ts, inputs: {w: 'b.c[d]'}, outputs: {a: json}}
             |                                       ~
        fix: write name=value, name=\${reference} or name=*; [*] alone gathers all
      "
    `);
    expect(messageOf(input('b.c[d=]'))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:4:39 "d=" does not select a coordinate
           4 |   train: {run: a.ts, inputs: {w: 'b.c[d=]'}, outputs: {a: json}}
             |                                       ~~
        fix: write name=value, name=\${reference} or name=*; [*] alone gathers all
      "
    `);
    expect(messageOf(input('b.c[d=1, d=*]'))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:4:44 "d" is selected twice
           4 |   train: {run: a.ts, inputs: {w: 'b.c[d=1, d=*]'}, outputs: {a: json}}
             |                                            ~~~
        fix: keep one of the two
      "
    `);
    expect(messageOf(input(`b.c[d=\${e}]`))).toMatchInlineSnapshot(`
      "
      pipeline.yaml:4:41 there is no param or coordinate "e"
           4 |   train: {run: a.ts, inputs: {w: 'b.c[d=\${e}]'}, outputs: {a: json}}
             |                                         ~~~~
        fix: there is none to choose from here
      "
    `);
  });

  it('settings', () => {
    expect(
      messageOf(() =>
        load(`
params: {limits: {time: 30, threads: 1.5, size: much}}
stages:
  train:
    run: stages/train.ts
    each: {seed: [1]}
    outputs: {weights: safetensors}
    timeout: "\${limits.time}"
    retries: "\${seed}"
    resources: {threads: "\${limits.threads}", memory: "\${limits.size}"}
`),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:9:14 this is the number 30
           9 |     timeout: "\${limits.time}"
             |              ~~~~~~~~~~~~~~~~
        fix: use a duration such as 45s, 30m or 1h30m
      pipeline.yaml:10:15 the coordinate "seed" has no value here
          10 |     retries: "\${seed}"
             |               ~~~~~~~
        fix: a coordinate sees those declared before it, a carry those of the whole chain, a setting none
      pipeline.yaml:11:26 this is the number 1.5
          11 |     resources: {threads: "\${limits.threads}", memory: "\${limits.size}"}
             |                          ~~~~~~~~~~~~~~~~~~~
        fix: use a whole number, 1 or more
      pipeline.yaml:11:55 this is the text "much"
          11 |     resources: {threads: "\${limits.threads}", memory: "\${limits.size}"}
             |                                                       ~~~~~~~~~~~~~~~~
        fix: use a size such as 512MB or 1.5GiB
      "
    `);
  });
});
