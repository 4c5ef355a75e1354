import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { fromArrow } from 'arquero';
import { decode as decodePng } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import { illustrations, paperNodes, paperProject, THEORY, TRAJECTORY_FIGURES, whyNoMnist } from '../support/paper.ts';
import { withoutNetwork } from '../support/privileges.ts';
import type { Project } from '../support/project.ts';

const FIGURES = [
  'fig1.svg',
  'fig1.png',
  'fig2.svg',
  'fig2.png',
  'fig3.svg',
  'fig3.png',
  'fig4.svg',
  'fig4.png',
  'fig5.svg',
  'fig5.png',
  ...TRAJECTORY_FIGURES.flatMap((figure) => [`${figure}.svg`, `${figure}.png`]),
  ...['accuracy', 'correlation', 'theory'].flatMap((table) => [`${table}.md`, `${table}.csv`, `${table}.arrow`]),
  'statistics.md',
  'statistics.csv',
];

/** The nodes of the tiny profile, and others, that a condition picks. The architecture is empty where a node gathers several runs. */
function nodes(
  condition: (stage: string, architecture: string, seed: number, epoch: number) => boolean,
  more: readonly string[] = [],
) {
  const picked = [...paperNodes(), ...more].filter((node) => {
    const [stage = '', first = '', seed, epoch] = node.split('/');
    return condition(stage, TRAJECTORY_FIGURES.includes(first) ? '' : first, Number(seed), Number(epoch));
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
      expect(first).toContain(`up to date: 0 nodes executed, ${paperNodes().length} nodes found in the cache (`);
      expect(paths.map((path) => basename(path)).sort()).toEqual([...FIGURES].sort());
      for (const path of paths) expect(readFileSync(resolve(project.directory, path)).length).toBeGreaterThan(50);
    });

    it('needs no network where it is up to date', async () => {
      const through = withoutNetwork();
      const env = { npm_config_registry: 'http://127.0.0.1:9' };
      const { code, stderr, summary } = await project.run([], { env, ...(through ? { through } : {}) });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(summary).toMatchObject({ outcome: 'done', executed: 0, upToDate: paperNodes().length });
    });

    it('has artefacts that open with the tools of their formats', async () => {
      const get = async (output: string, file: string) => {
        const { code, stderr } = await project.execute(['cache', 'get', output, file]);
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        return readFileSync(project.path(file));
      };
      const weights = await get('train/fnn/1/2.weights', 'weights.safetensors');
      const headerBytes = Number(weights.readBigUInt64LE(0));
      const header = JSON.parse(weights.toString('utf8', 8, 8 + headerBytes)) as Record<
        string,
        { dtype: string; shape: number[] }
      >;
      expect(header['hidden1/kernel']).toMatchObject({ dtype: 'F32', shape: [784, 16] });
      expect(header['logits/kernel']).toMatchObject({ dtype: 'F32', shape: [16, 10] });

      const table = fromArrow(await get('concentration-table.table', 'table.arrow'));
      expect(table.numRows()).toBe(12);
      expect(table.columnNames()).toEqual(expect.arrayContaining(['architecture', 'seed', 'epoch', 'kappa']));
      const { kappa, dimension } = JSON.parse(
        String(await get('estimate/fnn/1/0.statistics', 'statistics.json')),
      ) as Record<string, number>;
      expect(dimension).toBe(784 * 16 + 16 * 10);
      expect(kappa).toBeGreaterThan(0);

      const drawing = String(await get('plot-concentration.svg', 'figure.svg')).trim();
      expect([drawing.slice(0, 5), drawing.slice(-6)]).toEqual(['<svg ', '</svg>']);
      const { width, height, data } = decodePng(await get('plot-concentration.png', 'figure.png'));
      expect(data.length % (width * height)).toBe(0);
      expect(new Set(data).size).toBeGreaterThan(10);
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
        'src/sgd/training/training.ts',
        `${project.read('src/sgd/training/training.ts')}\nexport function unused(x: number) {\n  return x + 1;\n}\n`,
      );
      project.write(
        'src/sgd/statistics/concentration.ts',
        `${project.read('src/sgd/statistics/concentration.ts')}\nexport const alsoUnused = (x: number): number => x * 2;\n`,
      );
      const { started, summary } = await project.run();
      expect(started).toEqual([]);
      expect(summary).toMatchObject({ executed: 0, upToDate: paperNodes().length, cutOff: 0 });
    });

    it('executes the estimates and what is below them after a change of the formula of the concentration', async () => {
      project.editAfter(
        'src/sgd/statistics/concentration.ts',
        'export function banerjeeConcentration',
        'return ',
        'return 2 * ',
      );
      const below = [
        ...['estimate', 'concentration-table', 'plot-concentration', 'write-statistics'],
        ...['trajectories-table', 'plot-trajectories', 'correlation-table'],
        ...['lemma-1', 'corollary-3-1', 'corollary-3-1-measured', 'theory-table'],
      ];
      expect((await project.run()).started).toEqual(nodes((stage) => below.includes(stage)));
    });

    it('executes the nodes of one architecture after a change of its batch size, and none of the other', async () => {
      const { started } = await project.run(['--set', 'architectures.fnn.batchSize=16']);
      // Whether the table of the theory gets other numbers is up to the numbers.
      expect(started.filter((node) => node !== 'theory-table')).toEqual(
        nodes((stage, architecture, _seed, epoch) => {
          // Figures 1, 2 and 4 have minibatch sizes of their own, or none.
          if (architecture === '') {
            return ![...illustrations, 'norms-table', 'plot-norms', ...THEORY, 'theory-table'].includes(stage);
          }
          if (architecture !== 'fnn' || stage === 'init') return false;
          // What is evaluated at epoch 0 is the initial point; what is sampled there is minibatches of the new size.
          return epoch > 0 || ['sample', 'project', 'estimate'].includes(stage);
        }),
      );
    });

    it('executes one more epoch and what is below it', async () => {
      const runs = ['fnn/1/3', 'fnn/2/3', 'fnn+bn/1/3', 'fnn+bn/2/3'];
      const more = ['train', 'validate', 'sample', 'estimate'].flatMap((stage) => runs.map((run) => `${stage}/${run}`));
      const { started } = await project.run([
        '--set',
        'datasets.mnist.epochs=3',
        '--set',
        'datasets.mnist.checkpoints=[0, 1, 2, 3]',
      ]);
      const measuredAtLast = ['evaluate-training/fnn/1/3', 'evaluate-training/fnn/2/3'];
      const gathering = nodes(
        (stage, architecture) =>
          architecture === '' &&
          ![
            ...illustrations,
            ...THEORY,
            'theorem-3-measured',
            'angles-table',
            'plot-angles',
            'norms-table',
            'plot-norms',
          ].includes(stage),
      );
      expect(started).toEqual([...more, ...measuredAtLast, ...gathering].sort());
    });

    it('executes one more seed and what gathers it', async () => {
      const more = nodes((_stage, architecture, seed) => architecture.startsWith('fnn') && seed === 2).map((node) =>
        node.replace('/2', '/3'),
      );
      const { started } = await project.run(['--set', 'datasets.mnist.seeds=[1, 2, 3]']);
      // The figures of single runs show others; of the new one the angles need training accuracies at two checkpoints.
      // Norms have no architecture among their coordinates.
      const isNew = (stage: string, architecture: string, seed: number, epoch: number) => {
        if (architecture === '')
          return (
            ![...illustrations, ...THEORY, 'theorem-3-measured'].includes(stage) && !stage.includes('trajectories')
          );
        if (stage === 'norms') return architecture === '3';
        return seed === 3 && !(stage === 'evaluate-training' && epoch === 1);
      };
      expect(started).toEqual(nodes(isNew, [...more, 'norms/3/1', 'norms/3/8']));
    });

    it('executes the plots after an edit of their style, and no more', async () => {
      project.edit('src/sgd/figures/drawing/theme.ts', "background: 'white'", "background: 'ivory'");
      expect((await project.run()).started).toEqual(nodes((stage) => stage.startsWith('plot-')));
    });

    it('is cut off at once where an edit leaves the bytes the same, and says how many nodes that saved', async () => {
      project.edit('stages/init.ts', "randomStream(seed, 'initial", "randomStream(0 + seed, 'initial");
      const { started, summary } = await project.run();
      expect(started).toEqual(nodes((stage) => stage === 'init'));
      // The data, and what needs neither data nor weights.
      const upToDate = 1 + illustrations.length + THEORY.filter((node) => node !== 'theorem-1').length;
      const cutOff = paperNodes().length - 4 - upToDate;
      expect(summary).toMatchObject({ executed: 4, upToDate, cutOff });

      project.edit('stages/init.ts', 'randomStream(0 + seed', 'randomStream(1 * seed');
      const { stdout } = await project.execute(['run']);
      expect(stdout).toContain(`done: 4 nodes executed, ${upToDate} up to date, ${cutOff} saved by early cutoff (`);
    });
  },
);
