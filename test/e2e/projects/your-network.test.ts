import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Project, projectOf } from '../support/project.ts';
import { repository } from '../support/repository.ts';

const page = readFileSync(join(repository, 'docs/your-network.md'), 'utf8');
const blocks = [...page.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(([, language, name, text = '']) => ({
  language,
  name,
  text,
}));

/** A folder with a python3 that has what the page installs; why there is none, otherwise. */
function pythonOfThePage(): { readonly path?: string; readonly reason: string } {
  const python = process.env.VMFDAG_TEST_PYTHON ?? 'python3';
  const { status, stdout } = spawnSync(python, ['-c', 'import torch, numpy, matplotlib, sys; print(sys.executable)'], {
    encoding: 'utf8',
  });
  if (status !== 0) return { reason: `${python} lacks PyTorch, NumPy or matplotlib; VMFDAG_TEST_PYTHON may name one` };
  return { path: dirname(stdout.trim()), reason: '' };
}

/** An NPY file, version 1.0, of bytes (NumPy Enhancement Proposal 1). */
function npy(shape: readonly number[], data: Uint8Array): Buffer {
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (${extents}), }`;
  const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, padded.length & 255, padded.length >> 8]);
  return Buffer.concat([start, Buffer.from(padded, 'latin1'), data]);
}

/** Images of ten classes, each with a bright row of its own under noise of a fixed sequence. */
function writeData(project: Project): void {
  const [examples, side] = [640, 12];
  let state = 7;
  const next = () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state / 2 ** 31;
  };
  const labels = Uint8Array.from({ length: examples }, () => Math.floor(next() * 10));
  const images = Uint8Array.from({ length: examples * side * side }, (_, i) => {
    const row = Math.floor(i / side) % side;
    return Math.floor(next() * 120) + (row === labels[Math.floor(i / side / side)] ? 60 : 0);
  });
  project.write('data/images.npy', npy([examples, side, side], images));
  project.write('data/labels.npy', npy([examples], labels));
}

interface Row {
  readonly seed: number;
  readonly epoch: number;
  readonly kappa: number;
  readonly kappaLower: number;
  readonly kappaUpper: number;
  readonly snr: number;
  readonly normSnr: number;
}

function rowsOf(csv: string): readonly Row[] {
  const [head = '', ...lines] = csv.trimEnd().split(/\r?\n/);
  const names = head.split(',');
  return lines.map((line) => {
    const values = line.split(',').map(Number);
    return Object.fromEntries(names.map((name, i) => [name, values[i]])) as unknown as Row;
  });
}

describe('docs/your-network.md', () => {
  const { path, reason } = pythonOfThePage();

  it('measures a network of one’s own on data of one’s own, by its commands', { timeout: 600_000 }, async ({
    skip,
  }) => {
    if (path === undefined) return skip(reason);
    const files = blocks.flatMap(({ name, text }) => (name === undefined ? [] : [[name, text] as const]));
    const project = projectOf(Object.fromEntries(files));
    writeData(project);
    const env = { PATH: `${path}:${process.env.PATH}` };
    const lines = blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => text.trim().split('\n'));
    const commands = lines.map((line) => line.replace(/ +#.*$/, '')).filter((line) => line.startsWith('npx vmfdag '));
    expect(commands).toHaveLength(lines.length - 1);
    for (const command of commands) {
      const args = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
      const ended = await project.execute(args.slice(2), { env });
      expect({ command, ...ended }).toMatchObject({ code: 0 });
    }
    const rows = rowsOf(project.read('results/statistics.csv'));
    const measured = [0, 1, 2, 4, 7, 10];
    expect(rows.map(({ seed, epoch }) => [seed, epoch])).toEqual(
      [1, 2, 3].flatMap((seed) => measured.map((epoch) => [seed, epoch])),
    );
    for (const { kappa, kappaLower, kappaUpper, snr, normSnr } of rows) {
      expect(kappaLower).toBeLessThan(kappa);
      expect(kappaUpper).toBeGreaterThan(kappa);
      expect(Math.min(kappaLower, snr, normSnr)).toBeGreaterThan(0);
    }
    // What the paper finds: the directions scatter more as the network learns.
    const at = (epoch: number) => rows.filter((row) => row.epoch === epoch).map(({ kappa }) => kappa);
    expect(Math.max(...at(10))).toBeLessThan(Math.min(...at(0)));
    expect(project.read('results/concentration.svg')).toContain('<svg');
    // No epoch is trained, and the first look has made the same table. Other bytes of the data are other results.
    const look = ['--set', 'seeds=[1]', '--set', 'measured=[0]', '--set', 'epochs=0'];
    expect(await project.run(look, { env })).toMatchObject({ code: 0, started: ['measure/1'] });
    project.write(
      'data/labels.npy',
      npy(
        [640],
        Uint8Array.from({ length: 640 }, (_, i) => i % 10),
      ),
    );
    expect(await project.run(look, { env })).toMatchObject({ code: 0, started: ['labels', 'measure/1', 'plot'] });
  });
});
