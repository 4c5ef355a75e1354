// biome-ignore-all lint/suspicious/noTemplateCurlyInString: DVC files and pipeline files have their own references.
import { describe, expect, it } from 'vitest';
import { imported, loaded, refusals, stageText } from './imports.ts';

const CHAIN = `stages:
  prepare:
    desc: "Splits: the data"
    cmd: python prepare.py data/raw.csv
    deps: [data/raw.csv, prepare.py]
    outs: [data/prepared/]
  train:
    cmd: python src/train.py
    deps: [data/prepared, src]
    params: [train.rate, train.layers]
    outs:
      - model.pkl:
          cache: false
          desc: weights
    metrics: [metrics.json: {cache: false}]
    plots: [curve.png: {title: loss}]
    meta: {owner: me}
`;
const FILES = {
  'params.yaml': 'train:\n  rate: 0.1   # of Adam\n  layers: [8, 8]\nother: 1\n',
  'data/raw.csv': '1',
  'prepare.py': '',
  'src/train.py': '',
};

describe('import of a DVC file', () => {
  it('keeps commands as they are, and says where they find and leave what', () => {
    expect(imported(CHAIN, FILES)).toMatchInlineSnapshot(`
      "# yaml-language-server: $schema=./node_modules/vmfdag/schemas/pipeline.schema.json
      # Imported from dvc.yaml. docs/from-dvc.md says how the two differ.
      version: 1
      name: x

      params:
        train:
          rate: 0.1   # of Adam
          layers: [8, 8]
        other: 1

      sources:
        raw: {file: data/raw.csv}

      stages:
        prepare:
          description: "Splits: the data"
          command: python prepare.py data/raw.csv
          code: [prepare.py]
          inputs: {raw: raw}
          outputs: {prepared: directory}
          paths:
            inputs: {raw: data/raw.csv}
            outputs: {prepared: data/prepared}

        train:
          command: python src/train.py
          code: [src]
          params:
            train:
              rate: "\${train.rate}"
              layers: "\${train.layers}"
          inputs: {prepared: prepare.prepared}
          outputs: {model: file, metrics: json, curve: png}
          paths:
            inputs: {prepared: data/prepared}
            outputs: {model: model.pkl, metrics: metrics.json, curve: curve.png}
            params: params.yaml

      targets:
        all:
          nodes: [prepare, train]
          files:
            model.pkl: train.model
            metrics.json: train.metrics
            curve.png: train.curve
      "
    `);
  });

  it('gives commands a folder, a shell each, and the shell that they are written for', () => {
    const cmd = (text: string, more = '') =>
      stageText(imported(`stages: {a: {cmd: ${JSON.stringify(text)}, outs: [o.txt]${more}}}`), 'a').split(
        '\noutputs:',
      )[0];
    expect(cmd('echo a > o.txt')).toBe('command: "echo a > o.txt"');
    expect(cmd('echo a\necho b > o.txt\n')).toBe('command: |-\n  echo a\n  echo b > o.txt');
    expect(cmd('cd x && ls\necho b')).toBe('command: |-\n  (\n  cd x && ls\n  )\n  echo b');
    expect(cmd('false; echo b')).toBe('command: |-\n  set +e\n  false; echo b');
    expect(cmd('cat <(ls)')).toBe('command:\n  - bash\n  - -ec\n  - "cat <(ls)"');
    expect(cmd('touch {a,b}.txt')).toBe('command:\n  - bash\n  - -ec\n  - "touch {a,b}.txt"');
    expect(cmd("awk '{print $1}' f")).toBe(`command: "awk '{print $1}' f"`);
    expect(cmd('make', ', wdir: sub')).toBe('command: |-\n  mkdir -p sub && cd sub\n  make');
    expect(cmd('echo \\${HOME} $HOME $TOKEN')).toBe('command: "echo $${HOME} $HOME $TOKEN"\nvariables: [TOKEN]');
  });

  it('writes foreach and matrix out', () => {
    const dvc = `stages:
  train:
    foreach: {us: {rate: 0.5}, eu: {rate: 1.0}}
    do:
      cmd: train \${key} \${item.rate}
      outs: ["\${key}.pkl"]
  plain:
    foreach: "\${names}"
    do: {cmd: "echo \${item}", outs: ["p/\${item}.txt"]}
  listed:
    foreach: [{n: 1}, {n: 2}]
    do: {cmd: "echo \${item.n}", outs: ["l/\${item.n}.txt"]}
  grid:
    matrix: {a: [1, 2], b: ["\${names[1]}", {c: 3}]}
    cmd: run \${item.a} \${key}
    deps: [us.pkl]
    outs: ["g/\${key}"]
`;
    const { stages } = loaded(dvc, { 'params.yaml': 'names: [x, y]' });
    expect([...stages.keys()]).toEqual([
      'train-us',
      'train-eu',
      'plain-x',
      'plain-y',
      'listed-0',
      'listed-1',
      'grid-1-y',
      'grid-1-b1',
      'grid-2-y',
      'grid-2-b1',
    ]);
    const text = imported(dvc, { 'params.yaml': 'names: [x, y]' });
    expect(stageText(text, 'train-eu')).toContain('command: train eu 1.0');
    expect(stageText(text, 'grid-2-b1')).toContain('command: run 2 2-b1');
    expect(stageText(text, 'grid-2-b1')).toContain('inputs: {us: train-us.us}');
  });

  it('keeps references to params where both tools write the same text', () => {
    const dvc = `vars: [{tag: v1}, more.json]
stages:
  a:
    vars: [{own: 5}]
    cmd: run \${rate} \${tag} \${deep.a-b[1]} \${text} \${tiny} \${ whole } \${own} \${flag}
    outs: [o.txt]
`;
    const text = imported(dvc, {
      'params.yaml': 'rate: 0.5\ntext: two words\ntiny: 0.00001\nwhole: 2.0\n',
      'more.json': '{"deep": {"a-b": [1, 2]}, "flag": true}',
    });
    expect(stageText(text, 'a')).toContain(
      'command: "run ${rate} ${tag} ${deep.a-b[1]} two words 1e-05 2.0 5 ${flag}"',
    );
    expect(stageText(text, 'a').match(/# check: .*/g)).toHaveLength(3);
    expect(
      loaded(dvc, {
        'params.yaml': 'rate: 0.5\ntext: a\ntiny: 1\nwhole: 2',
        'more.json': '{"deep": {"a-b": [1, 2]}, "flag": true}',
      }).params,
    ).toEqual({
      rate: 0.5,
      text: 'a',
      tiny: 1,
      whole: 2,
      tag: 'v1',
      deep: { 'a-b': [1, 2] },
      flag: true,
    });
  });

  it('gives a program its params in the files in which it looks for them', () => {
    const dvc = `stages:
  a:
    cmd: run
    wdir: sub
    params: [lr, nested.x, nested.y.0, ../conf/c.json: [deep.z], all.yaml: ]
    outs: [o.txt]
`;
    const text = imported(dvc, {
      'sub/params.yaml': 'lr: 1\nnested: {x: 1, y: [1, 2], w: 3}',
      'conf/c.json': '{"deep": {"z": 1e-7}}',
      'sub/all.yaml': 'p: 1\nq: {r: 2}',
    });
    expect(stageText(text, 'a')).toMatchInlineSnapshot(`
      "command: |-
        mkdir -p sub && cd sub
        run
      params:
        sub/params.yaml:
          lr: "\${params.lr}"
          nested:
            x: "\${params.nested.x}"
            "y": "\${params.nested.y}"
        conf/c.json:
          deep:
            z: "\${c.deep.z}"
        sub/all.yaml:
          p: "\${all.p}"
          q: "\${all.q}"
      outputs: {o: file}
      paths:
        outputs: {o: sub/o.txt}
        params: {sub/params.yaml: sub/params.yaml, conf/c.json: conf/c.json, sub/all.yaml: sub/all.yaml}"
    `);
  });

  it('keeps the comments of params.yaml, and no reference that is none', () => {
    expect(imported(CHAIN, FILES)).toContain('    rate: 0.1   # of Adam\n');
    const dvc = 'stages: {a: {cmd: x, params: [p], outs: [o.txt]}}';
    expect(loaded(dvc, { 'params.yaml': "p: '${x} $${y}'" }).params).toEqual({ p: '${x} $${y}' });
  });

  it('finds parts of folders, and folders with what stages make', () => {
    const dvc = `stages:
  a: {cmd: x, outs: [d/a.txt, whole/]}
  b: {cmd: x, deps: [whole/part/file.txt], outs: [d/b.txt]}
  c: {cmd: x, deps: [d], outs: [c.txt]}
`;
    const text = imported(dvc, { 'd/kept.txt': '1', 'd/.gitignore': '/a.txt', 'd/a.txt': 'made before' });
    expect(stageText(text, 'b')).toContain('inputs: {whole: a.whole}');
    expect(stageText(text, 'c')).toContain('inputs: {a: "a.a", b: "b.b", kept: kept}'.replaceAll('"', ''));
    expect(text).toContain('sources:\n  kept: {file: d/kept.txt}');
  });

  it('takes frozen stages and tracked files for sources', () => {
    const dvc = `stages:
  old: {cmd: x, frozen: true, outs: [old.bin]}
  a: {cmd: x, deps: [old.bin, images, m.bin], outs: [o.txt]}
`;
    const files = {
      'old.bin': '',
      'images.dvc': 'outs:\n- md5: 0a.dir\n  path: images\n',
      'm.bin.dvc': 'outs:\n- md5: 0a\n  path: m.bin\n',
    };
    const text = imported(dvc, files);
    expect(text).toContain('sources:\n  old: {file: old.bin}\n  images: {files: ["images/**"]}\n  m: {file: m.bin}\n');
    expect(text).toContain('# check: the stage old is frozen in DVC');
  });

  it('adds scripts that the command names and DVC did not track', () => {
    const files = { 'run.py': '', 'pkg/__init__.py': '', 'pkg/tool.py': '', 'x.csv': '' };
    const text = imported('stages: {a: {cmd: "python run.py x.csv && python -m pkg.tool", outs: [o.txt]}}', files);
    expect(stageText(text, 'a')).toContain('code: [run.py, pkg/__init__.py, pkg/tool.py]');
    expect(stageText(text, 'a')).toContain('# check: run.py was no dependency, and counts now');
    expect(stageText(text, 'a')).toContain(
      '# check: the command names x.csv, which is no dependency: its program will not find it',
    );
  });

  it('knows outputs that are not there from the lock file, whatever their names', () => {
    const dvc = `
stages:
  build:
    wdir: sub
    cmd: make
    outs: [bin/tool, model.d, ../data/parts]
`;
    const lock = (...outs: readonly string[]) => ({
      'dvc.lock': `schema: '2.0'\nstages:\n  build:\n    outs:\n${outs.join('')}`,
    });
    const out = (path: string, md5: string) => `    - {path: ${path}, md5: ${md5}}\n`;
    const known = lock(out('bin/tool', 'a1'), out('model.d', 'a2.dir'), out('../data/parts', 'a3.dir'));
    const text = stageText(imported(dvc, known), 'build');
    expect(text).toContain('outputs: {tool: file, model: directory, parts: directory}');
    expect(text).not.toContain('# check:');
    for (const files of [
      {},
      lock(out('other', 'a1')),
      { 'dvc.lock': 'stages: [\n<<<<<<< HEAD' },
      { 'dvc.lock': '7' },
    ]) {
      const guessed = stageText(imported(dvc, files), 'build');
      expect(guessed).toContain('outputs: {tool: directory, model: file, parts: directory}');
      expect(guessed).toContain('# check: sub/bin/tool is taken for a folder, since its name has no extension');
    }
  });

  it('says how a Python of the project is named', () => {
    const dvc = 'stages: {a: {cmd: env/bin/python a.py, deps: [a.py], outs: [x.csv]}}';
    const files = { 'a.py': '', 'env/bin/python': '' };
    expect(stageText(imported(dvc, { ...files, 'env/pyvenv.cfg': '' }), 'a')).toContain(
      'write python, and say "environment: {lock: requirements.txt, interpreter: env/bin/python}"',
    );
    expect(stageText(imported(dvc, files), 'a')).toContain('the command names env/bin/python, which is no dependency');
  });

  it('lets a stage without outputs say that it has ended', () => {
    const text = imported('stages: {a: {cmd: "false; true", deps: [x.csv]}}', { 'x.csv': '' });
    expect(stageText(text, 'a')).toContain('touch {outputs.done}');
    expect(text).not.toContain('files:\n');
  });

  it.each([
    [
      'stages: {a: {cmd: x, outs: [o: {persist: true}]}}',
      '1:33 with "persist", a result depends on what an earlier run has left',
    ],
    [
      'stages: {a: {cmd: x, outs: [o: {checkpoint: true}]}}',
      '1:33 with "checkpoint", a result depends on what an earlier run has left',
    ],
    ['stages: {a: {cmd: x, always_changed: true, outs: [o]}}', '1:22 the stage "a" is always changed'],
    ['stages: {a: {cmd: x}}', '1:10 the stage "a" has no dependencies and no outputs, so DVC runs it each time'],
    ['stages: {a: {outs: [o]}}', '1:10 the stage "a" has no command'],
    ['stages: {a: {cmd: x, dep: [b], outs: [o]}}', '1:22 the stage "a" has the key "dep", which is not known'],
    ['stages: {a: {cmd: x, outs: [o: {cash: false}]}}', '1:33 the option "cash" is not known'],
    [
      'stages: {a: {cmd: x, deps: [gone.csv], outs: [o]}}',
      '1:29 "gone.csv" is no output of a stage, and no file of the project',
    ],
    ['stages: {a: {cmd: x, deps: ["s3://b/x"], outs: [o]}}', '1:29 "s3://b/x" is outside of the project'],
    ['stages: {a: {cmd: x, deps: [../x], outs: [o]}}', '1:29 "../x" leads out of the folder of the DVC file'],
    ['stages: {a: {cmd: x, outs: [/tmp/o]}}', '1:29 "/tmp/o" leads out of the folder of the DVC file'],
    ['stages: {a: {cmd: x, deps: [o], outs: [o]}}', '1:29 the stage "a" depends on its own output "o"'],
    [
      'stages: {a: {cmd: x, outs: [o], live: {d: {html: true}}}}',
      '1:33 the stage "a" has the key "live", which is not known',
    ],
    ['stages: {a: {cmd: x, outs: [o, o/p]}}', '1:32 the output "o/p" is inside of "o"'],
    ['stages: {a: {cmd: x, outs: [o]}, b: {cmd: x, outs: [o]}}', '1:53 "o" is an output twice'],
    ['stages: {a: {cmd: "x ${gone}", outs: [o]}}', '1:22 ${gone} refers to nothing'],
    ['stages: {a: {cmd: "x ${m}", outs: [o]}}', '1:22 this is a mapping, and stands in a text'],
    ['stages: {a: {cmd: x, params: [q], outs: [o]}}', '1:31 params.yaml has no param "q"'],
    [
      'stages: {a: {cmd: x, params: [p.toml: [q]], outs: [o]}}',
      '1:40 p.toml has params in a format that cannot be imported',
    ],
    [
      'stages: {a: {cmd: x, params: [day], outs: [o]}}',
      '2:6 2024-01-01 is a text here, and a date or a number for PyYAML',
    ],
    ['stages: {a: {foreach: 3, do: {cmd: x}}}', '1:23 foreach needs a list or a mapping'],
    ['datasets: [{name: d}]\nstages: {a: {cmd: x, outs: [o]}}', '1:1 data sets of DVC cannot be imported'],
    ['stage: {}\nstages: {a: {cmd: x, outs: [o]}}', '1:1 the section "stage" is not known'],
    ['stages: {a: {cmd: x, frozen: true, outs: [o]}}', '1:43 the stage "a" is frozen, and its output "o" is not there'],
    ['vars: [gone.yaml]\nstages: {a: {cmd: x, outs: [o]}}', '1:8 there is no file "gone.yaml" with a mapping'],
    ['vars: [{m: 1}]\nstages: {a: {cmd: x, outs: [o]}}', '1:9 "m" has a value already'],
  ])('%s is refused with its place and a fix', (dvc, refusal) => {
    expect(refusals(dvc, { 'params.yaml': 'm: {a: 1}\nday: 2024-01-01\n', 'p.toml': 'q = 1' })).toContain(refusal);
  });

  it('names all that is wrong at once', () => {
    expect(refusals('stages: {a: {cmd: x, deps: [b], outs: [o]}, c: {cmd: x, deps: [d], outs: [p]}}')).toHaveLength(2);
  });
});
