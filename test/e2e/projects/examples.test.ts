import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { copyFromRepository, linkPackages, temporaryFolder } from '../support/folders.ts';
import { Project } from '../support/project.ts';

describe('examples/shell', () => {
  it('throws dice, and runs nothing downstream when they fall as before', async () => {
    const folder = temporaryFolder();
    copyFromRepository(folder, ['examples/shell']);
    const project = new Project(`${folder}/examples/shell`);
    expect(await project.run()).toMatchObject({ code: 0, stderr: '', summary: { executed: 7 } });
    const rows = project.read('results/table.md').trimEnd().split('\n').slice(2);
    expect(rows).toEqual(['| 1 | 1 | 6 | 6 |', '| 2 | 2 | 12 | 11 |', '| 3 | 3 | 18 | 16 |']);
    const sums = project.read('results/throws/sums.txt').trimEnd().split('\n').map(Number);
    expect(sums).toHaveLength(600);
    expect(sums.reduce((sum, value) => sum + value, 0) / 600).toBeCloseTo(10.5, 0);
    project.edit('throw.sh', '# usage', '# Usage');
    expect((await project.run()).started).toEqual(['throw/1', 'throw/2', 'throw/3']);
  });
});

/** A folder with a Python that has PyTorch and matplotlib; why there is none, otherwise. */
function pythonWithPyTorch(): { readonly path?: string; readonly reason: string } {
  const python = process.env.VMFDAG_TEST_PYTHON ?? 'python3';
  const { status } = spawnSync(python, ['-c', 'import torch, matplotlib']);
  if (status !== 0) return { reason: `${python} lacks PyTorch or matplotlib` };
  const { stdout } = spawnSync(python, ['-c', 'import os, sys; print(os.path.dirname(sys.executable))'], {
    encoding: 'utf8',
  });
  return { path: stdout.trim(), reason: '' };
}

describe('examples/pytorch', () => {
  const { path, reason } = pythonWithPyTorch();

  it('trains epoch by epoch, measures and plots, and adds epochs', async ({ skip }) => {
    if (path === undefined) skip(reason);
    const folder = temporaryFolder();
    copyFromRepository(folder, ['examples/pytorch']);
    const project = new Project(`${folder}/examples/pytorch`);
    const env = { PATH: `${path}:${process.env.PATH}` };
    const short = ['--set', 'epochs=2', '--set', 'measured=[0, 2]', '--set', 'seeds=[1]'];
    const first = await project.run(short, { env });
    expect(first).toMatchObject({ code: 0, stderr: '', summary: { executed: 1 + 1 + 2 + 2 + 2 } });
    const rows = project
      .read('results/statistics.csv')
      .trimEnd()
      .split(/\r?\n/)
      .slice(1)
      .map((row) => row.split(',').map(Number));
    expect(rows.map(([seed, epoch]) => [seed, epoch])).toEqual([
      [1, 0],
      [1, 2],
    ]);
    expect(rows[1]?.[2]).toBeLessThan(rows[0]?.[2] ?? 0);
    for (const row of rows) expect(row.every((value) => value >= 0 && Number.isFinite(value))).toBe(true);
    expect(project.read('results/concentration.svg')).toContain('<svg');
    const more = await project.run(['--set', 'epochs=3', '--set', 'measured=[0, 2, 3]', '--set', 'seeds=[1]'], { env });
    expect(more.started).toEqual(['measure/1/3', 'plot', 'table', 'train/1/3']);
  }, 300_000);
});

describe('examples/heat-equation', () => {
  let project: Project;
  let errors: ReadonlyMap<string, { readonly error: number; readonly order: number }>;

  beforeAll(async () => {
    const folder = temporaryFolder();
    copyFromRepository(folder, ['examples/heat-equation']);
    project = new Project(`${folder}/examples/heat-equation`);
    linkPackages(project.directory);
    expect(await project.run()).toMatchObject({ code: 0, stderr: '', summary: { executed: 1 + 18 * 10 + 18 + 2 } });
    const rows = project.read('results/quick/convergence.csv').trimEnd().split('\n');
    expect(rows[0]).toBe('scheme,steps,error,order');
    errors = new Map(
      rows.slice(1).map((row) => {
        const [scheme, steps, error, order] = row.split(',');
        return [`${scheme}/${steps}`, { error: Number(error), order: Number(order) }];
      }),
    );
  });

  it('converges with the order that theory says: 1 for the Euler schemes, 2 for Crank and Nicolson', () => {
    expect(errors.size).toBe(18);
    for (const scheme of ['explicit', 'implicit']) expect(errors.get(`${scheme}/256`)?.order).toBeCloseTo(1, 1);
    expect(errors.get('crank-nicolson/256')?.order).toBeCloseTo(2, 1);
  });

  it('has the error that the schemes have on paper', () => {
    // A step of the θ scheme multiplies a mode of eigenvalue −λ by this; the sines are orthogonal, and equally long.
    const factor = (lambda: number, theta: number, step: number) =>
      (1 - (1 - theta) * lambda * step) / (1 + theta * lambda * step);
    const modes = [1, 3].map((wave) => 4 * 32 ** 2 * Math.sin((wave * Math.PI) / 64) ** 2);
    const norm = (values: readonly number[]) => Math.hypot(values[0] ?? 0, (values[1] ?? 0) / 2);
    const exact = modes.map((lambda) => Math.exp(-lambda * 0.1));
    for (const [scheme, theta] of [
      ['explicit', 0],
      ['implicit', 1],
      ['crank-nicolson', 0.5],
    ] as const) {
      const computed = modes.map((lambda) => factor(lambda, theta, 0.01 / 64) ** 640);
      const expected = norm(computed.map((value, mode) => value - (exact[mode] ?? 0))) / norm(exact);
      expect((errors.get(`${scheme}/64`)?.error ?? 0) / expected).toBeCloseTo(1, 3);
    }
  });

  it('blows up where the explicit scheme is not stable: step / h² above ½', () => {
    for (const [steps, ratio] of [8, 16, 32].map((count) => [count, (0.01 / count) * 32 ** 2] as const)) {
      const { error = 0 } = errors.get(`explicit/${steps}`) ?? {};
      if (ratio > 0.5) expect(error).toBeGreaterThan(1e3);
      else expect(error).toBeLessThan(0.1);
    }
  });

  it('draws its figure, and computes only the new steps when the end time grows', async () => {
    expect(project.read('results/quick/convergence.svg')).toMatch(
      /^<svg [\s\S]*Error of the time steps[\s\S]*<\/svg>$/,
    );
    const longer = await project.run([
      '--set',
      'intervals=11',
      '--set',
      'schemes=[implicit]',
      '--set',
      'stepCounts=[64]',
    ]);
    expect(longer.started).toEqual(['advance/implicit/64/11', 'figure', 'measure/implicit/64', 'table']);
  });
});

describe('examples/halving', () => {
  it('runs 184 of 1024 steps, and no step twice when more go on', async () => {
    const folder = temporaryFolder();
    copyFromRepository(folder, ['examples/halving']);
    const project = new Project(`${folder}/examples/halving`);
    expect(await project.run()).toMatchObject({ code: 0, stderr: '', summary: { executed: 186, cutShort: 840 } });
    const rows = () => project.read('results/curves.csv').trimEnd().split('\n').slice(1);
    expect(rows()).toHaveLength(184);
    // Two chains have come to the end.
    expect(rows().filter((row) => row.split(',')[1] === '64')).toHaveLength(2);
    project.edit('pipeline.yaml', 'rungs: [1, 4, 16]', 'rungs: [1, 4, 32]');
    expect(await project.run()).toMatchObject({ code: 0, summary: { executed: 2 * 16 + 1 } });
    expect(rows()).toHaveLength(16 + 8 * 3 + 4 * 28 + 2 * 32);
  });
});
