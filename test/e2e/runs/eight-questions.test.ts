import { utimesSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { nodesOf } from '../support/command-line.ts';
import { Packages } from '../support/packages.ts';
import { type Project, projectOf } from '../support/project.ts';

/** Data, two rates of training with a package and a helper, and a summary of both. */
const PIPELINE = `version: 1
name: questions
params: {rates: [1, 2], title: summary}
sources:
  table: {file: data/table.csv}
stages:
  clean:
    command: [python3, -B, clean.py, "{inputs.table}", "{outputs.rows}"]
    code: [clean.py]
    inputs: {table: table}
    outputs: {rows: csv}
  train:
    command: [python3, -B, train.py, "{inputs.rows}", "\${rate}", "{outputs.model}"]
    code: [train.py]
    secrets: [PYTHONPATH]
    each: {rate: "\${rates}"}
    inputs: {rows: clean.rows}
    outputs: {model: json}
  summary:
    command: [python3, -B, summary.py, "\${title}", "{outputs.text}", "{inputs.models}"]
    code: [summary.py]
    inputs: {models: "train.model[*]"}
    outputs: {text: markdown}
targets: {all: {files: {summary.md: summary.text}}}
`;

const FILES = {
  'pipeline.yaml': PIPELINE,
  'data/table.csv': '3\n1\n2\n',
  'clean.py': `import sys
rows = sorted(float(line) for line in open(sys.argv[1]) if line.strip())
open(sys.argv[2], "w").write("".join(f"{row}\\n" for row in rows))
`,
  'train.py': `import json, sys, time
import optimiser
from library import losses
rows, rate, model = sys.argv[1:]
total = losses.total([float(line) for line in open(rows)])
time.sleep(0.2)
json.dump({"rate": rate, "weight": optimiser.step(total, float(rate))}, open(model, "w"))
`,
  'library/__init__.py': '',
  'library/losses.py': `def total(rows):
    """The sum of all rows."""
    return sum(rows)
`,
  'summary.py': `import json, sys
title, text, *models = sys.argv[1:]
weights = [json.load(open(model))["weight"] for model in models]
open(text, "w").write(f"# {title}\\n\\n{weights}\\n")
`,
};

const ALL = ['clean', 'summary', 'train/1', 'train/2'];
const TRAIN = ['summary', 'train/1', 'train/2'];

describe('with stages in Python', () => {
  const packages = new Packages();
  const env = { PYTHONPATH: packages.folder };
  let project: Project;
  /** Clocks of file systems lag: what was installed just now may have been installed while the program ran. */
  const settle = () => new Promise((resolve) => setTimeout(resolve, 60));
  const ran = async (...args: readonly string[]) => {
    const { code, stderr, started } = await project.run(args, { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    // The bytes of a source are taken when a node reads them.
    return started.filter((node) => node !== 'table');
  };

  beforeAll(async () => {
    packages.install('optimiser', '1.0', { 'optimiser.py': 'def step(total, rate):\n    return total * rate\n' });
    project = projectOf(FILES);
    await settle();
    expect(await ran()).toEqual(ALL);
    expect(project.read('results/summary.md')).toBe('# summary\n\n[6.0, 12.0]\n');
  });

  it('a comment, a docstring or a blank line runs nothing', async () => {
    project.edit('library/losses.py', '"""The sum of all rows."""', '"""Adds up."""\n\n    # All of them.');
    project.edit('summary.py', 'weights = ', '# In order.\nweights  =  ');
    expect(await ran()).toEqual([]);
  });

  it('a touched input runs nothing', async () => {
    utimesSync(project.path('data/table.csv'), new Date(), new Date());
    expect(await ran()).toEqual([]);
  });

  it('a param runs what depends on it', async () => {
    expect(await ran('--set', 'title=other')).toEqual(['summary']);
    expect(await ran('--set', 'rates=[1,3]')).toEqual(['summary', 'train/3']);
  });

  it('a helper module runs what imports it', async () => {
    project.edit('library/losses.py', 'return sum(rows)', 'return sum(rows) + 1');
    expect(await ran()).toEqual(TRAIN);
  });

  it('an upgraded package runs what imported it', async () => {
    packages.install('optimiser', '1.1', { 'optimiser.py': 'def step(total, rate):\n    return total - rate\n' });
    packages.install('unused', '1.0', { 'unused.py': '' });
    await settle();
    expect(await ran()).toEqual(TRAIN);
  });

  it('kill -9 costs what was running, and the same command goes on', async () => {
    const cache = ['--cache', project.path('killed')];
    const run = project.start(['run', '--json', '--jobs', '1', ...cache], { env, detached: true });
    await run.until((running) => nodesOf(running.events(), 'finished').some((node) => node === 'train/1'));
    run.signalGroup('SIGKILL');
    await run.ended;
    const finished = new Set<string>(nodesOf(run.events(), 'finished'));
    expect(await ran(...cache)).toEqual(ALL.filter((node) => !finished.has(node)));
    expect(await ran(...cache)).toEqual([]);
  });

  it('the same output from a changed input ends there', async () => {
    project.write('data/table.csv', '1\n\n2\n3\n');
    expect(await ran()).toEqual(['clean']);
  });

  it('a param that is set back runs nothing', async () => {
    expect(await ran('--set', 'title=other')).toEqual(['summary']);
    expect(await ran()).toEqual([]);
    expect(await ran('--set', 'title=other')).toEqual([]);
  });
});

describe('names', () => {
  const odd = 'a "b" \'c\' $(d) ü';

  it('of code, sources and values may have blanks, quotes and line ends', async () => {
    const project = projectOf({
      'pipeline.yaml': `version: 1
name: names
params: {text: ${JSON.stringify(`${odd}\n*`)}}
sources:
  table: {file: ${JSON.stringify(`${odd}/table 1.csv`)}}
stages:
  words:
    command: [sh, ${JSON.stringify(`${odd}.sh`)}, "\${text}", "{inputs.table}", "{outputs.made}"]
    code: [${JSON.stringify(`${odd}.sh`)}]
    inputs: {table: table}
    outputs: {made: markdown}
  script:
    command: "printf '%s' \${text} > {outputs.made}; cat {inputs.table} >> {outputs.made}"
    inputs: {table: table}
    outputs: {made: markdown}
targets: {all: {files: {words.md: words.made, script.md: script.made}}}
`,
      [`${odd}/table 1.csv`]: '1\n',
      [`${odd}.sh`]: 'printf "%s" "$1" > "$3"; cat "$2" >> "$3"\n',
    });
    expect(await project.run()).toMatchObject({ code: 0, stderr: '', summary: { executed: 2 } });
    for (const file of ['words.md', 'script.md']) expect(project.read(`results/${file}`)).toBe(`${odd}\n*1\n`);
  });
});
