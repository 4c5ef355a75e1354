import { describe, expect, it } from 'vitest';
import { messageOf } from '../pipeline/pipelines.ts';
import { EXPERIMENT, plan } from './plans.ts';

const stages = (text: string) => () => plan(`stages:\n${text}`);

describe('messages about inputs', () => {
  it('a path in the place of a reference, and part of the id of a node', () => {
    expect(
      messageOf(
        stages(`
  init: {run: i.ts, each: {seed: [1]}, outputs: {weights: safetensors}}
  a: {run: a.ts, inputs: {x: data/train.csv}, outputs: {o: json}}
  b: {run: b.ts, inputs: {x: init/1.weights}, outputs: {o: json}}
`),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:6:30 there is no stage "data/train"
           6 |   a: {run: a.ts, inputs: {x: data/train.csv}, outputs: {o: json}}
             |                              ~~~~~~~~~~~~~~
        fix: declare the file under "sources", as data: {file: data/train.csv}, and write data here
      pipeline.yaml:7:30 there is no stage "init/1"
           7 |   b: {run: b.ts, inputs: {x: init/1.weights}, outputs: {o: json}}
             |                              ~~~~~~~~~~~~~~
        fix: did you mean "init"?
      "
    `);
  });

  it('unknown stages, outputs and coordinates, all at once', () => {
    expect(
      messageOf(
        stages(`
  init: {run: i.ts, each: {seed: [1]}, outputs: {weights: safetensors}}
  a: {run: a.ts, inputs: {x: innit.weights}, outputs: {o: json}}
  b: {run: b.ts, each: {seed: [1]}, inputs: {x: init.weight}, outputs: {o: json}}
  c: {run: c.ts, inputs: {x: "init.weights[sed=1]"}, outputs: {o: json}}
  d: {run: d.ts, inputs: {x: init.weights}, outputs: {o: json}}
`),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:6:30 there is no stage "innit"
           6 |   a: {run: a.ts, inputs: {x: innit.weights}, outputs: {o: json}}
             |                              ~~~~~~~~~~~~~
        fix: did you mean "init"?
      pipeline.yaml:7:49 stage "init" has no output "weight"
           7 |   b: {run: b.ts, each: {seed: [1]}, inputs: {x: init.weight}, outputs: {o: json}}
             |                                                 ~~~~~~~~~~~
        fix: did you mean "weights"?
      pipeline.yaml:8:44 stage "init" has no coordinate "sed"
           8 |   c: {run: c.ts, inputs: {x: "init.weights[sed=1]"}, outputs: {o: json}}
             |                                            ~~~~~
        fix: did you mean "seed"?
      pipeline.yaml:9:30 "init.weights" does not say which "seed" of stage "init"
           9 |   d: {run: d.ts, inputs: {x: init.weights}, outputs: {o: json}}
             |                              ~~~~~~~~~~~~
        fix: gather all by init.weights[seed=*], or select one by seed=value
      "
    `);
  });

  it('coordinates that nothing decides', () => {
    expect(
      messageOf(
        stages(`
  a: {run: a.ts, each: {x: [1], y: [1], z: [1]}, outputs: {o: json}}
  b: {run: b.ts, each: {x: [1]}, inputs: {i: "a.o[y=1]", j: a.o}, outputs: {o: json}}
`),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:6:46 "a.o[y=1]" does not say which "z" of stage "a"
           6 |   b: {run: b.ts, each: {x: [1]}, inputs: {i: "a.o[y=1]", j: a.o}, outputs: {o: json}}
             |                                              ~~~~~~~~~~
        fix: gather all by a.o[y=1, z=*], or select one by z=value
      pipeline.yaml:6:61 "a.o" does not say which "y" and "z" of stage "a"
           6 |   b: {run: b.ts, each: {x: [1]}, inputs: {i: "a.o[y=1]", j: a.o}, outputs: {o: json}}
             |                                                             ~~~
        fix: gather all by a.o[y=*, z=*], or select one by y=value
      "
    `);
  });

  it('nodes that do not exist', () => {
    expect(
      messageOf(
        stages(`
  init: {run: i.ts, outputs: {w: json}}
  train: {run: t.ts, scan: {epoch: {to: 20}, carry: {w: init.w}}, outputs: {w: json, metrics: json}}
  a: {run: a.ts, each: {epoch: [1, 21, 22, 23]}, inputs: {w: train.w}, outputs: {o: json}}
  b: {run: a.ts, each: {epoch: [0]}, inputs: {m: train.metrics}, outputs: {o: json}}
  c: {run: a.ts, inputs: {w: "train.w[epoch=-1]"}, outputs: {o: json}}
`),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:7:62 no node matches "train/21" (and 2 more like it)
           7 |   a: {run: a.ts, each: {epoch: [1, 21, 22, 23]}, inputs: {w: train.w}, outputs: {o: json}}
             |                                                              ~~~~~~~
        fix: "epoch" is one of 1, 2, 3, 4, 5, … 20
      pipeline.yaml:8:50 node "train/0" does not exist: it is the start of its chain, and "metrics" is not carried
           8 |   b: {run: a.ts, each: {epoch: [0]}, inputs: {m: train.metrics}, outputs: {o: json}}
             |                                                  ~~~~~~~~~~~~~
        fix: only carried outputs have a value before the first step
      pipeline.yaml:9:30 no node matches "train/-1"
           9 |   c: {run: a.ts, inputs: {w: "train.w[epoch=-1]"}, outputs: {o: json}}
             |                              ~~~~~~~~~~~~~~~~~~~
        fix: "epoch" is one of 1, 2, 3, 4, 5, … 20
      "
    `);
    expect(
      messageOf(
        stages(`
  a: {run: a.ts, each: {x: [1, 2], y: [p, q]}, outputs: {o: json}}
  b: {run: b.ts, inputs: {i: "a.o[x=3, y=*]"}, outputs: {o: json}}
  c: {run: b.ts, each: {y: [r]}, inputs: {i: "a.o[x=*]"}, outputs: {o: json}}
  empty: {run: a.ts, each: {x: []}, outputs: {o: json}}
  d: {run: b.ts, inputs: {i: "empty.o[*]", j: "empty.o[x=1]"}, outputs: {o: json}}
`),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:6:30 no node matches "a/3/*"
           6 |   b: {run: b.ts, inputs: {i: "a.o[x=3, y=*]"}, outputs: {o: json}}
             |                              ~~~~~~~~~~~~~~~
        fix: "x" is one of 1, 2
      pipeline.yaml:7:46 no node matches "a/*/r"
           7 |   c: {run: b.ts, each: {y: [r]}, inputs: {i: "a.o[x=*]"}, outputs: {o: json}}
             |                                              ~~~~~~~~~~
        fix: "y": did you mean "p"?
      pipeline.yaml:9:30 "empty.o[*]" gathers nothing: stage "empty" has no such nodes
           9 |   d: {run: b.ts, inputs: {i: "empty.o[*]", j: "empty.o[x=1]"}, outputs: {o: json}}
             |                              ~~~~~~~~~~~~
        fix: give every coordinate of it at least one value
      pipeline.yaml:9:47 no node matches "empty/1"
           9 |   d: {run: b.ts, inputs: {i: "empty.o[*]", j: "empty.o[x=1]"}, outputs: {o: json}}
             |                                               ~~~~~~~~~~~~~~
        fix: stage "empty" has no nodes at all
      "
    `);
  });

  it('carries', () => {
    expect(
      messageOf(
        stages(`
  init: {run: i.ts, each: {seed: [1, 2]}, outputs: {w: safetensors, m: json}}
  a: {run: t.ts, each: {seed: [1]}, scan: {epoch: {to: 2}, carry: {v: init.w}}, outputs: {w: safetensors}}
  b: {run: t.ts, each: {seed: [1]}, scan: {epoch: {to: 2}, carry: {w: init.m}}, outputs: {w: safetensors}}
  c: {run: t.ts, each: {seed: [1]}, scan: {epoch: {to: 2}, carry: {w: init.w}}, inputs: {w: init.w}, outputs: {w: safetensors}}
  d: {run: t.ts, scan: {epoch: {to: 2}, carry: {w: init.w}}, outputs: {w: safetensors}}
`),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:6:68 stage "a" carries "v", which is none of its outputs
           6 |   a: {run: t.ts, each: {seed: [1]}, scan: {epoch: {to: 2}, carry: {v: init.w}}, outputs: {w: safetensors}}
             |                                                                    ~
        fix: did you mean "w"?
      pipeline.yaml:7:71 "w" is safetensors, but starts as json
           7 |   b: {run: t.ts, each: {seed: [1]}, scan: {epoch: {to: 2}, carry: {w: init.m}}, outputs: {w: safetensors}}
             |                                                                       ~~~~~~
        fix: a carried output has one type from the start on
      pipeline.yaml:8:90 "w" is carried, and an input already
           8 |   c: {run: t.ts, each: {seed: [1]}, scan: {epoch: {to: 2}, carry: {w: init.w}}, inputs: {w: init.w}, outputs: {w: safetensors}}
             |                                                                                          ~
        fix: remove it from "inputs"
      pipeline.yaml:9:52 "init.w" does not say which "seed" of stage "init"
           9 |   d: {run: t.ts, scan: {epoch: {to: 2}, carry: {w: init.w}}, outputs: {w: safetensors}}
             |                                                    ~~~~~~
        fix: gather all by init.w[seed=*], or select one by seed=value
      "
    `);
    expect(
      messageOf(
        stages(`
  init: {run: i.ts, each: {seed: [1, 2]}, outputs: {w: safetensors}}
  d: {run: t.ts, scan: {epoch: {to: 2}, carry: {w: "init.w[*]"}}, outputs: {w: safetensors}}
`),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:6:52 "w" starts from several nodes: "init.w[*]" gathers
           6 |   d: {run: t.ts, scan: {epoch: {to: 2}, carry: {w: "init.w[*]"}}, outputs: {w: safetensors}}
             |                                                    ~~~~~~~~~~~
        fix: select one value of each coordinate
      "
    `);
  });

  it('circles', () => {
    expect(
      messageOf(
        stages(`
  a: {run: a.ts, inputs: {x: c.o}, outputs: {o: json}}
  b: {run: b.ts, inputs: {x: a.o}, outputs: {o: json}}
  c: {run: c.ts, inputs: {x: b.o}, outputs: {o: json}}
  d: {run: c.ts, each: {x: [1]}, inputs: {x: c.o, self: d.o}, outputs: {o: json}}
`),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:6:30 stages read each other in a circle: a → c → b → a
           6 |   b: {run: b.ts, inputs: {x: a.o}, outputs: {o: json}}
             |                              ~~~
        fix: remove one of these inputs
      pipeline.yaml:8:57 a stage reads itself: d → d
           8 |   d: {run: c.ts, each: {x: [1]}, inputs: {x: c.o, self: d.o}, outputs: {o: json}}
             |                                                         ~~~
        fix: a stage reads its own output of the step before by "scan" with "carry"
      "
    `);
  });
});

describe('messages about coordinates and params', () => {
  it('values that no coordinate can have', () => {
    expect(
      messageOf(() =>
        plan(`
params: {twice: [1, 2, "1"], deep: [[1]], empty: [""], number: 3}
stages:
  a: {run: a.ts, each: {x: "\${twice}"}, outputs: {o: json}}
  b: {run: a.ts, each: {x: "\${deep}"}, outputs: {o: json}}
  c: {run: a.ts, each: {x: "\${empty}"}, outputs: {o: json}}
  d: {run: a.ts, each: {x: "\${number}"}, outputs: {o: json}}
  e: {run: a.ts, inputs: {i: "d.o[*]"}, outputs: {o: json}}
`),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:5:28 coordinate "x" has the value 1 twice: as a number and as text
           5 |   a: {run: a.ts, each: {x: "\${twice}"}, outputs: {o: json}}
             |                            ~~~~~~~~~~
        fix: keep one of the two
      pipeline.yaml:6:28 the list holds a list, which cannot be a coordinate
           6 |   b: {run: a.ts, each: {x: "\${deep}"}, outputs: {o: json}}
             |                            ~~~~~~~~~
        fix: use texts, numbers, true and false
      pipeline.yaml:7:28 coordinate "x" has an empty value
           7 |   c: {run: a.ts, each: {x: "\${empty}"}, outputs: {o: json}}
             |                            ~~~~~~~~~~
        fix: give every value a name
      pipeline.yaml:8:28 this is the number 3, not a list
           8 |   d: {run: a.ts, each: {x: "\${number}"}, outputs: {o: json}}
             |                            ~~~~~~~~~~~
        fix: use a list, or a mapping for its keys
      "
    `);
  });

  it('paths that only some nodes have', () => {
    expect(
      messageOf(() =>
        plan(`
params: {architectures: {fnn: {model: 1, epochs: 1}, cnn: {modell: 1, epochs: many}, cnn+bn: {epochs: 0.5, model: 1}}}
stages:
  init: {run: i.ts, each: {architecture: "\${architectures}"}, outputs: {w: json}}
  train:
    run: t.ts
    each: {architecture: "\${architectures}"}
    scan: {epoch: {to: "\${architectures[architecture].epochs}"}, carry: {w: init.w}}
    params:
      model: "\${architectures[architecture].model}"
    outputs: {w: json}
  plot: {run: p.ts, each: {architecture: [cnn]}, params: "\${architectures[architecture].epochs}", outputs: {o: svg}}
`),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:9:24 this is the text "many" (and 1 more like it)
           9 |     scan: {epoch: {to: "\${architectures[architecture].epochs}"}, carry: {w: init.w}}
             |                        ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
        fix: a range needs a whole number
      pipeline.yaml:11:15 "architectures.cnn" has no "model"
          11 |       model: "\${architectures[architecture].model}"
             |               ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
        fix: did you mean "modell"?
      pipeline.yaml:13:58 this is the text "many"
          13 |   plot: {run: p.ts, each: {architecture: [cnn]}, params: "\${architectures[architecture].epochs}", outputs: {o: svg}}
             |                                                          ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
        fix: params must be a mapping
      "
    `);
  });

  it('a plan that is too large', () => {
    expect(
      messageOf(
        stages(`
  init: {run: i.ts, outputs: {w: json}}
  train: {run: t.ts, scan: {epoch: {to: 1e9}, carry: {w: init.w}}, outputs: {w: json}}
`),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:6:3 with stage "train" the plan has more than 1000000 nodes
           6 |   train: {run: t.ts, scan: {epoch: {to: 1e9}, carry: {w: init.w}}, outputs: {w: json}}
             |   ~~~~~
        fix: shorten the lists in "each", or the range of "scan"
      "
    `);
  });
});

describe('messages about targets', () => {
  it('in the file, asked for or not', () => {
    expect(
      messageOf(() =>
        plan(
          `
stages:
  plot: {run: p.ts, each: {x: [1, 2]}, outputs: {svg: svg, png: png}}
  table: {run: t.ts, outputs: {o: json}}
targets:
  a: [plto, plot/3, plot/1/2, plot/y=1, tabel/1]
  b: {nodes: [c]}
  c: {nodes: [b]}
  d: {files: {fig.svg: plot/1.svg, x.svg: plot.svgs, y.svg: plott.svg}}
  e: {files: {fig.svg: plot/2.svg}}
`,
          ['table'],
        ),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:7:7 there is no target or stage "plto"
           7 |   a: [plto, plot/3, plot/1/2, plot/y=1, tabel/1]
             |       ~~~~
        fix: did you mean "plot"?
      pipeline.yaml:7:21 "plot/1/2" has more coordinates than stage "plot"
           7 |   a: [plto, plot/3, plot/1/2, plot/y=1, tabel/1]
             |                     ~~~~~~~~
        fix: its coordinates are: "x"
      pipeline.yaml:7:31 stage "plot" has no coordinate "y"
           7 |   a: [plto, plot/3, plot/1/2, plot/y=1, tabel/1]
             |                               ~~~~~~~~
        fix: did you mean "x"?
      pipeline.yaml:7:41 there is no stage "tabel"
           7 |   a: [plto, plot/3, plot/1/2, plot/y=1, tabel/1]
             |                                         ~~~~~~~
        fix: did you mean "table"?
      pipeline.yaml:8:3 targets contain each other in a circle: b → c → b
           8 |   b: {nodes: [c]}
             |   ~
        fix: remove one of these entries
      pipeline.yaml:10:43 stage "plot" has no output "svgs"
          10 |   d: {files: {fig.svg: plot/1.svg, x.svg: plot.svgs, y.svg: plott.svg}}
             |                                           ~~~~~~~~~
        fix: did you mean "svg"?
      pipeline.yaml:10:61 there is no stage "plott"
          10 |   d: {files: {fig.svg: plot/1.svg, x.svg: plot.svgs, y.svg: plott.svg}}
             |                                                             ~~~~~~~~~
        fix: did you mean "plot"?
      pipeline.yaml:11:15 "fig.svg" is written from plot/2.svg here, and from plot/1.svg in target "d"
          11 |   e: {files: {fig.svg: plot/2.svg}}
             |               ~~~~~~~
        fix: give one of the two another path
      "
    `);
  });

  it('files that are not of one node', () => {
    expect(
      messageOf(() =>
        plan(`
stages:
  plot: {run: p.ts, each: {x: [1, 2]}, outputs: {svg: svg, png: png}}
targets:
  a: {nodes: [plot/3], files: {fig.svg: plot.svg, b.svg: plot/x=4.svg}}
`),
      ),
    ).toMatchInlineSnapshot(`
      "
      pipeline.yaml:6:15 no node matches "plot/3"
           6 |   a: {nodes: [plot/3], files: {fig.svg: plot.svg, b.svg: plot/x=4.svg}}
             |               ~~~~~~
        fix: "x" is one of 1, 2
      pipeline.yaml:6:41 "plot" is more than one node, and a file holds one output
           6 |   a: {nodes: [plot/3], files: {fig.svg: plot.svg, b.svg: plot/x=4.svg}}
             |                                         ~~~~~~~~
        fix: name one of them, for example plot/1.svg
      pipeline.yaml:6:58 no node matches "plot/x=4"
           6 |   a: {nodes: [plot/3], files: {fig.svg: plot.svg, b.svg: plot/x=4.svg}}
             |                                                          ~~~~~~~~~~~~
        fix: "x" is one of 1, 2
      "
    `);
  });

  it('on the command line', () => {
    expect(messageOf(() => plan(EXPERIMENT, ['x*']))).toMatchInlineSnapshot(`
      "
      no node matches "x*"
        fix: use one of "download", "init", "train", "sample", "compare", "table"
      "
    `);
    expect(messageOf(() => plan(EXPERIMENT, ['figure', 'trian/fnn', 'fig5']))).toMatchInlineSnapshot(`
      "
      there is no target or stage "figure"
        fix: did you mean "figures"?
      there is no stage "trian"
        fix: did you mean "train"?
      "
    `);
    expect(messageOf(() => plan(EXPERIMENT, ['train/fnm/1/2', 'train/fnn/1/9', 'init/*/3']))).toMatchInlineSnapshot(`
      "
      no node matches "train/fnm/1/2"
        fix: "architecture": did you mean "fnn"?
      no node matches "train/fnn/1/9"
        fix: "epoch" is one of 1, 2, 3
      no node matches "init/*/3"
        fix: "seed" is one of 1, 2
      "
    `);
  });
});
