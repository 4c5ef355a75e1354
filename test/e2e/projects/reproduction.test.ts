import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { paperProject } from '../support/paper.ts';
import { repository } from '../support/repository.ts';

it('the measurements that are kept give the figure and the tables of the paper’s scale', async () => {
  const project = paperProject('without MNIST', []);
  for (const path of ['reproduction.yaml', 'docs/reproduction/measurements']) {
    cpSync(join(repository, path), project.path(path), { recursive: true });
  }
  const run = await project.run(['--file', 'reproduction.yaml']);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  const result = (name: string) => readFileSync(project.path(`results/reproduction/kept/${name}`), 'utf8');
  expect(result('accuracy.md')).toMatch(/\| fnn +\| 98\.18 ± 0\.04 \| +5 \|/);
  expect(result('accuracy.md')).toMatch(/\| fnn\+bn +\| 98\.30 ± 0\.04 \| +5 \|/);
  expect(result('correlation.md')).toContain('exceeds that with normSNR in 15 of 17 runs');
  expect(result('accuracy-by-epoch.md')).toMatch(/\| 32 +\| +50\.27 \| +73\.78 \| +67\.12 \| +73\.26 \| +1\.310 \|/);
  expect(result('noise-scale.md')).toMatch(/\| cnn\+res\+bn +\| +1 \| +30 \|/);
  expect(result('fig5.svg')).toContain('ours 98.18 ± 0.04 %');
  expect(result('fig6.svg')).toContain('cnn+res+bn');
  expect(result('fig7.svg')).toContain('Seed 2. CIFAR-10: 40 epochs');
  expect(result('forty-epochs/accuracy.md')).toMatch(/\| cnn\+res\+bn +\| +73\.68 \| +1 \| +31 \|/);
  expect(result('forty-epochs/correlation.md')).toContain('exceeds that with normSNR in 3 of 3 runs');
  for (const [figure, seed] of Object.entries({ fig8: 3, fig9: 4, fig10: 5 })) {
    expect(result(`${figure}.svg`)).toContain(`Seed ${seed}. CIFAR-10: 25 epochs of cnn, 12 of the others`);
  }
  expect(result('first-epochs/accuracy.md')).toMatch(/\| cnn +\| +47\.12 ± 8\.21 \| +3 \| +24 \|/);
  expect(result('first-epochs/correlation.md')).toContain('exceeds that with normSNR in 9 of 9 runs');
  expect(result('all-seeds.md')).toMatch(/\| cnn +\| +0 \| +5 \| 4\.14e4 \[3\.35e4, 4\.87e4\] \|/);

  const unmeasured = await project.run(['--file', 'reproduction.yaml', '--set', 'trajectories.seeds.fig6=9', 'fig6']);
  expect(unmeasured.code).toBe(1);
  expect(JSON.stringify(unmeasured.events)).toContain(
    'no measurements of cnn, cnn+bn, cnn+res+bn with seed 9 are kept',
  );
});
