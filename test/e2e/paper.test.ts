import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { paperNodes, paperProject, whyNoMnist } from './support/paper.ts';
import type { Project } from './support/project.ts';

const FIGURES = ['fig3.svg', 'fig3.png', 'fig5.svg', 'fig5.png', 'accuracy.md', 'accuracy.csv'];

/** The nodes of the tiny profile, and others, that a condition picks. */
function nodes(
  condition: (stage: string, architecture: string, seed: number, epoch: number) => boolean,
  more: readonly string[] = [],
) {
  const picked = [...paperNodes(), ...more].filter((node) => {
    const [stage = '', architecture = '', seed, epoch] = node.split('/');
    return condition(stage, architecture, Number(seed), Number(epoch));
  });
  return picked.sort();
}

const missing = whyNoMnist();

describe.skipIf(missing !== undefined)(
  `the pipeline of the paper${missing === undefined ? '' : `: no MNIST (${missing})`}`,
  () => {
    let project: Project;
    let digests: Awaited<ReturnType<Project['digests']>>;

    beforeAll(async () => {
      project = paperProject();
      const { code, started, summary, stderr } = await project.run(['--jobs', '2']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      // The download is in the cache already: its key does not hold the folder that the project lies in.
      expect(started).toEqual(nodes((stage) => stage !== 'download'));
      expect(summary).toMatchObject({ outcome: 'done', upToDate: 1, cutOff: 0, failed: 0, skipped: 0 });
      digests = await project.digests();
    });

    it('ends in figures, whose paths a second run, of nothing, prints', async () => {
      const { code, stdout, stderr } = await project.execute(['run']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const [first = '', ...paths] = stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.trim());
      expect(first).toMatch(/^up to date: 0 nodes executed, 59 nodes found in the cache \(/);
      expect(paths.map((path) => basename(path)).sort()).toEqual([...FIGURES].sort());
      for (const path of paths) expect(readFileSync(resolve(project.directory, path)).length).toBeGreaterThan(50);
    });

    it('gives the same digests with one job as with two', async () => {
      const alone = paperProject();
      expect((await alone.run(['--jobs', '1'])).code).toBe(0);
      expect(Object.keys(digests).sort()).toEqual(paperNodes());
      expect(Object.values(digests)).not.toContain(null);
      expect(await alone.digests()).toEqual(digests);
    });

    it('executes nothing after a comment, another layout and an unused function', async () => {
      project.edit(
        'stages/train.ts',
        'const seed = integerCoordinate',
        '// Every run has its own.\n    const   seed =\n      integerCoordinate',
      );
      project.write(
        'src/models/training.ts',
        `${project.read('src/models/training.ts')}\nexport function unused(x: number) {\n  return x + 1;\n}\n`,
      );
      project.write(
        'src/vmf/concentration.ts',
        `${project.read('src/vmf/concentration.ts')}\nexport const alsoUnused = (x: number): number => x * 2;\n`,
      );
      const { started, summary } = await project.run();
      expect(started).toEqual([]);
      expect(summary).toMatchObject({ executed: 0, upToDate: 59, cutOff: 0 });
    });

    it('executes the estimates and what is below them after a change of the formula of the concentration', async () => {
      project.editAfter('src/vmf/concentration.ts', 'export function banerjeeConcentration', 'return ', 'return 2 * ');
      const below = ['estimate', 'concentration-table', 'plot-concentration'];
      expect((await project.run()).started).toEqual(nodes((stage) => below.includes(stage)));
    });

    it('executes what a batch size of one architecture changes, and nothing of the other one', async () => {
      const { started } = await project.run(['--set', 'architectures.fnn.batchSize=16']);
      expect(started).toEqual(
        nodes((stage, architecture, _seed, epoch) => {
          if (architecture === '') return true;
          if (architecture !== 'fnn' || stage === 'init') return false;
          // What is evaluated at epoch 0 is the initial point; what is sampled there is minibatches of the new size.
          return epoch > 0 || stage === 'sample' || stage === 'estimate';
        }),
      );
    });

    it('executes one more epoch and what is below it', async () => {
      const runs = ['fnn/1/3', 'fnn/2/3', 'fnn+bn/1/3', 'fnn+bn/2/3'];
      const more = ['train', 'validate', 'sample', 'estimate'].flatMap((stage) => runs.map((run) => `${stage}/${run}`));
      const { started } = await project.run(['--set', 'mnistEpochs=3', '--set', 'mnistCheckpoints=[0, 1, 2, 3]']);
      const tables = ['concentration-table', 'accuracy-table', 'plot-concentration', 'write-accuracy'];
      expect(started).toEqual([...more, ...tables].sort());
    });

    it('executes one more seed and what gathers it', async () => {
      const more = nodes((_stage, architecture, seed) => architecture !== '' && seed === 2).map((node) =>
        node.replace('/2', '/3'),
      );
      const { started } = await project.run(['--set', 'seeds=[1, 2, 3]']);
      expect(started).toEqual(nodes((_stage, architecture, seed) => (architecture === '' ? true : seed === 3), more));
    });

    it('executes the plots after an edit of their style, and no more', async () => {
      project.edit('src/figures/theme.ts', "background: 'white'", "background: 'ivory'");
      expect((await project.run()).started).toEqual(['plot-angles', 'plot-concentration']);
    });

    it('is cut off at once where an edit leaves the bytes the same, and says how many nodes that saved', async () => {
      project.edit('stages/init.ts', "randomStream(seed, 'initial", "randomStream(0 + seed, 'initial");
      const { started, summary } = await project.run();
      expect(started).toEqual(nodes((stage) => stage === 'init'));
      expect(summary).toMatchObject({ executed: 4, upToDate: 1, cutOff: 54 });

      project.edit('stages/init.ts', 'randomStream(0 + seed', 'randomStream(1 * seed');
      const { stdout } = await project.execute(['run']);
      expect(stdout).toMatch(/^done: 4 nodes executed, 1 up to date, 54 saved by early cutoff \(\d+\.\d+ s\)$/m);
    });
  },
);
