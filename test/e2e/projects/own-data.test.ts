import { beforeAll, describe, expect, it } from 'vitest';
import { withOwnData } from '../../stages/own-data.ts';
import { paperProject, whyNoMnist } from '../support/paper.ts';
import type { Project } from '../support/project.ts';

const PHOTOS = ['fig2', 'fig3', 'theory'].flatMap((name) => ['--set', `${name}.architecture=fnn-photos`]);
const ALONE = [...PHOTOS, '--set', 'setups=[fnn-photos]', '--set', 'trajectories.architectures=[fnn-photos]'];

function npy(type: string, shape: readonly number[], data: Uint8Array): Buffer {
  const description = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const header = `${description.padEnd(117)}\n`;
  return Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    Buffer.of(header.length, 0),
    Buffer.from(header),
    data,
  ]);
}

/** Images whose upper rows are bright where the label is odd. */
function writeSplit(project: Project, split: string, count: number, offset = 0): void {
  const labels = Uint8Array.from({ length: count }, (_, i) => (i + offset) % 10);
  const pixels = Uint8Array.from({ length: count * 784 }, (_, at) => {
    const [image, pixel] = [Math.floor(at / 784), at % 784];
    const isBright = pixel < 392 && (labels[image] as number) % 2 === 1;
    return ((image * 31 + pixel * 7) % 64) + (isBright ? 160 : 0);
  });
  project.write(`data/photos/${split}/images.npy`, npy('|u1', [count, 28, 28], pixels));
  project.write(`data/photos/${split}/labels.npy`, npy('|u1', [count], labels));
}

describe('a data set of one’s own next to those of the paper', () => {
  let project: Project;

  beforeAll(() => {
    project = paperProject();
    project.write('pipeline.yaml', withOwnData(project.read('pipeline.yaml')));
    project.edit(
      'pipeline.yaml',
      '[*photos, *mnist]}',
      '[*photos, *mnist], model: {<<: *fully-connected, hidden: [16]}, batchSize: 32}',
    );
    writeSplit(project, 'train', 160);
    writeSplit(project, 'test', 40);
  });

  it('gets all figures and tables', async () => {
    const { code, stderr, started, summary } = await project.run(ALONE);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(started).toEqual(expect.arrayContaining(['own-data/photos', 'train/fnn-photos/1/1', 'plot-concentration']));
    expect(started.some((id) => id.startsWith('download'))).toBe(false);
    expect(summary).toMatchObject({ outcome: 'done', failed: 0, skipped: 0 });
    expect(project.read('results/tiny/statistics.csv')).toContain('fnn-photos');
    expect(project.read('results/tiny/accuracy.csv')).toContain('fnn-photos');
    expect(project.read('results/tiny/fig5.svg')).toContain('Photos of our own.');
  });

  it('executes nothing again where a file is touched, and all that reads an edited one', async () => {
    writeSplit(project, 'test', 40);
    expect((await project.run(ALONE)).started).toEqual([]);
    writeSplit(project, 'test', 40, 1);
    const { started } = await project.run([...ALONE, '--target', 'accuracy', '--target', 'statistics']);
    expect(started).toEqual(expect.arrayContaining(['own-data/photos', 'validate/fnn-photos/1/0']));
    expect(started.some((id) => id.startsWith('train/') || id.startsWith('estimate/'))).toBe(false);
  });

  it.skipIf(whyNoMnist() !== undefined)(
    'stands in one figure with MNIST, and computes nothing of its own again',
    async () => {
      const both = ['--set', 'setups=[fnn, fnn-photos]', '--target', 'fig5', '--target', 'accuracy'];
      const { code, started } = await project.run(both);
      expect(code).toBe(0);
      expect(started).toEqual(expect.arrayContaining(['train/fnn/1/1', 'plot-concentration']));
      expect(started.filter((id) => id.includes('photos'))).toEqual([]);
      const figure = project.read('results/tiny/fig5.svg');
      for (const caption of ['Photos of our own.', 'Tiny.']) expect(figure).toContain(caption);
    },
  );

  it('says what does not fit, with the file', async () => {
    project.write('data/photos/train/labels.npy', npy('|u1', [160], new Uint8Array(160).fill(10)));
    const { code, events } = await project.run([...ALONE, '--target', 'own-data']);
    expect(code).toBe(1);
    expect(events.find(({ type }) => type === 'failed')).toMatchObject({
      diagnostic: { fact: 'train: labels.npy, example 0: label 10, expected 0 to 9' },
    });
  });
});
