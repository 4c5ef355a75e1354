import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Project, projectOf } from '../support/project.ts';
import { repository } from '../support/repository.ts';

/** A program that puts what it reads, and its name, into what it writes: `sh step.sh IN… -- OUT…`. */
const STEP = `name=$1; shift
made=
while [ "$1" != -- ]; do made="$made$(cat "$1" 2>/dev/null || cat "$1"/*),"; shift; done
shift
for output; do
  case "$output" in
    */) mkdir -p "$output"; echo "$name($made)" > "$output/part.txt" ;;
    *.json) echo "{\\"made\\": \\"$name\\"}" > "$output" ;;
    *) echo "$name($made)" > "$output" ;;
  esac
done
`;

async function importedProject(dvc: string, files: Readonly<Record<string, string>>): Promise<Project> {
  const project = projectOf({ 'dvc.yaml': dvc, 'step.sh': STEP, ...files });
  const { code, stderr } = await project.execute(['import', 'dvc.yaml']);
  if (code !== 0) throw new Error(stderr);
  return project;
}

/** Shapes of pipelines that are in use, written again: docs/from-dvc.md names where each comes from. */
describe('DVC pipelines of these shapes are imported and run', () => {
  it('a chain of folders with params of each stage (iterative/example-get-started)', async () => {
    const project = await importedProject(
      `artifacts:
  texts: {path: data/texts.xml, type: dataset}
stages:
  prepare:
    cmd: sh step.sh prepare data/texts.xml params.yaml -- data/prepared/
    deps: [data/texts.xml, step.sh]
    params: [prepare.seed, prepare.split]
    outs: [data/prepared]
  featurize:
    cmd: sh step.sh featurize data/prepared params.yaml -- data/features/
    deps: [data/prepared, step.sh]
    params: [featurize.words]
    outs: [data/features]
  train:
    cmd: sh step.sh train data/features params.yaml -- model.pkl
    deps: [data/features, step.sh]
    params: [train.trees, train.seed]
    outs: [model.pkl]
`,
      {
        'data/texts.xml': '<texts/>',
        'data/texts.xml.dvc': 'outs:\n- md5: 0\n  path: texts.xml\n',
        'params.yaml': 'prepare: {seed: 1, split: 0.2}\nfeaturize: {words: 100}\ntrain: {trees: 50, seed: 2}\n',
      },
    );
    expect(await project.run()).toMatchObject({ code: 0, finished: ['featurize', 'prepare', 'texts', 'train'] });
    expect((await project.run(['--set', 'train.trees=60'])).started).toEqual(['train']);
    expect((await project.run(['--set', 'prepare.seed=3'])).started).toEqual(['featurize', 'prepare', 'train']);
  });

  it('params that name files, and groups of params that stages share (001DEEPANSHU/course-ds-base)', async () => {
    const project = await importedProject(
      `stages:
  load:
    cmd: sh step.sh load params.yaml -- data/raw/flowers.csv
    deps: [step.sh]
    params: [base, load]
    outs: [data/raw/flowers.csv]
  split:
    cmd: sh step.sh split data/raw/flowers.csv params.yaml -- data/processed/test.csv data/processed/train.csv
    deps: [data/raw/flowers.csv, step.sh]
    params: [base, load, split]
    outs: [data/processed/test.csv, data/processed/train.csv]
  train:
    cmd: sh step.sh train data/processed/train.csv params.yaml -- models/model.joblib
    deps: [data/processed/train.csv, step.sh]
    params: [base, split.trainset, train]
    outs: [models/model.joblib]
  evaluate:
    cmd: sh step.sh evaluate data/processed/test.csv models/model.joblib -- reports/confusion.csv reports/metrics.json
    deps: [data/processed/test.csv, models/model.joblib, step.sh]
    params: [base, split.testset]
    plots: [reports/confusion.csv: {template: confusion, x: predicted, y: actual}]
    metrics: [reports/metrics.json: {cache: false}]
`,
      {
        'params.yaml': `base: {random_state: 42}
load: {to: data/raw/flowers.csv}
split: {trainset: data/processed/train.csv, testset: data/processed/test.csv, size: 0.2}
train: {estimator: logreg, grid: {C: [0.001, 0.1]}}
`,
      },
    );
    expect(await project.run()).toMatchObject({ code: 0, summary: { executed: 4 } });
    expect((await project.run(['--set', 'train.grid.C=[1]'])).started).toEqual(['evaluate', 'train']);
  });

  it('folders inputs and outputs, and a stage without outputs (18kimn/asmr)', async () => {
    const files = { 'inputs/boxes.geojson': '{}' };
    const dvc = (outs: string) => `stages:
  graph:
    cmd: sh step.sh graph inputs/boxes.geojson -- outputs/graph.csv
    deps: [step.sh, inputs/boxes.geojson]
    outs: [outputs/graph.csv]
  panoramas:
    cmd: sh step.sh panoramas outputs/graph.csv -- outputs/stitched/
    deps: [step.sh, outputs/graph.csv]${outs}
  texts:
    cmd: sh step.sh texts outputs/stitched -- outputs/raw.csv
    deps: [step.sh, ${outs === '' ? 'outputs/graph.csv' : 'outputs/stitched'}]
    outs: [outputs/raw.csv]
`;
    // The folder is declared nowhere: DVC runs the two in any order, and here its reader does not find it.
    const undeclared = await importedProject(dvc(''), files);
    expect(await undeclared.run()).toMatchObject({ code: 1 });
    const project = await importedProject(dvc('\n    outs: [outputs/stitched]'), files);
    expect(await project.run()).toMatchObject({ code: 0, summary: { executed: 3 } });
    expect(project.read('results/outputs/raw.csv')).toBe('texts(panoramas(graph({},),),)\n');
  });

  it('a package of code, several folders from one stage, and metrics that a stage reads (0xmillennium/text-to-sign-production)', async () => {
    const project = await importedProject(
      `stages:
  raw:
    cmd: sh scripts/run.sh raw data/raw/texts -- data/interim/raw/ data/interim/reports/raw.json
    deps: [scripts/run.sh, src/tools, data/raw/texts]
    outs: [data/interim/raw]
    metrics: [data/interim/reports/raw.json]
  normalize:
    cmd: sh scripts/run.sh normalize data/interim/raw -- data/interim/normal/ data/processed/samples/
    deps: [scripts/run.sh, src/tools, data/interim/raw]
    outs: [data/interim/normal, data/processed/samples]
  export:
    cmd: sh scripts/run.sh export data/interim/normal configs/filter.yaml data/interim/reports/raw.json -- data/processed/manifests/
    deps: [scripts/run.sh, src/tools, configs/filter.yaml, data/interim/normal, data/interim/reports/raw.json]
    outs: [data/processed/manifests]
`,
      {
        'scripts/run.sh': '. src/tools/step.sh\n',
        'src/tools/step.sh': STEP,
        'configs/filter.yaml': 'keep: all\n',
        'data/raw/texts/a.txt': 'a',
        'data/raw/texts/b.txt': 'b',
      },
    );
    expect(await project.run()).toMatchObject({ code: 0, summary: { executed: 3 } });
    project.write('configs/filter.yaml', 'keep: none\n');
    expect((await project.run()).started).toEqual(['export']);
    project.write('data/raw/texts/c.txt', 'c');
    expect((await project.run()).started).toEqual(['export', 'normalize', 'raw', 'texts']);
  });

  it('all of params.yaml as a dependency, and a stage that writes settings for others (deepakkhatri20061982/mnist-dvc)', async () => {
    const project = await importedProject(
      `stages:
  experiment:
    cmd: sh step.sh experiment -- experiments/experiment.yaml
    deps: [step.sh]
    outs: [experiments/experiment.yaml]
  preprocess:
    cmd: sh step.sh preprocess data/raw params.yaml experiments/experiment.yaml -- data/processed/
    deps: [data/raw, params.yaml, step.sh, experiments/experiment.yaml]
    outs: [data/processed]
  train:
    cmd: sh step.sh train data/processed params.yaml experiments/experiment.yaml -- model.pt metrics.json
    deps: [data/processed, params.yaml, step.sh, experiments/experiment.yaml]
    outs: [model.pt]
    metrics: [metrics.json: {cache: false}]
`,
      { 'data/raw/images.idx': '0', 'params.yaml': 'epochs: 3\n' },
    );
    expect(await project.run()).toMatchObject({ code: 0, summary: { executed: 3 } });
    project.write('params.yaml', 'epochs: 4\n');
    expect((await project.run()).started).toEqual(['preprocess', 'train']);
  });
});

describe('docs/from-dvc.md', () => {
  const page = readFileSync(join(repository, 'docs/from-dvc.md'), 'utf8');
  const blocks = [...page.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(([, language, name, text = '']) => ({
    language,
    name,
    text,
  }));
  const block = (name: string) => blocks.find((each) => each.name === name)?.text ?? '';

  it('shows what the import of its pipeline gives, and its commands do what it says', async () => {
    const project = projectOf({
      'dvc.yaml': block('dvc.yaml'),
      'params.yaml': block('params.yaml'),
      'data/raw.csv': '1,2\n3,5\n5,8\n7,13\n',
      'src/split.py': block('src/split.py'),
      'src/train.py': block('src/train.py'),
    });
    const commands = blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => text.trim().split('\n'));
    expect(commands.length).toBeGreaterThan(3);
    for (const command of commands) {
      const [npx, program, ...args] = command.replace(/ +#.*$/, '').split(' ');
      expect([npx, program]).toEqual(['npx', 'vmfdag']);
      const ended = await project.execute(args);
      expect({ command, ...ended }).toMatchObject({ code: 0 });
    }
    const written = project
      .read('pipeline.yaml')
      .split('\n')
      .slice(2)
      .join('\n')
      .replace(/^name: .*$/m, 'name: fit');
    expect(written).toBe(block('pipeline.yaml'));
    expect(JSON.parse(project.read('results/metrics.json'))).toEqual({ loss: expect.any(Number) });
  });
});
