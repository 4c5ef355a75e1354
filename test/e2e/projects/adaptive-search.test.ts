import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ExperimentTable } from '../../../src/engine/views/experiments/experiment.ts';
import { copyFromRepository, temporaryFolder } from '../support/folders.ts';
import { Project } from '../support/project.ts';
import { repository, vmfdag } from '../support/repository.ts';

const python = [
  process.env.VMFDAG_TEST_OPTUNA,
  join(repository, 'node_modules/.cache/vmfdag-research/bin/python'),
  'python3',
].find((path) => path !== undefined && spawnSync(path, ['-c', 'import optuna']).status === 0);
const title = `Optuna searches by run and experiments${python ? '' : ' (skipped: VMFDAG_TEST_OPTUNA names no Python that has it)'}`;

it.skipIf(python === undefined)(title, async () => {
  const folder = temporaryFolder();
  copyFromRepository(folder, ['examples/adaptive-search']);
  const project = new Project(`${folder}/examples/adaptive-search`);
  const search = () => {
    const args = ['search.py', '5', process.execPath, vmfdag];
    const out = execFileSync(python as string, args, {
      cwd: project.directory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return JSON.parse(out) as { readonly value: number; readonly rate: number };
  };
  const best = search();
  const { experiments } = await project.json<ExperimentTable>([
    'experiments',
    ...['--filter', 'tags=search', '--metric', 'loss=min', '--sort', 'loss=min'],
  ]);
  expect(experiments).toHaveLength(5);
  expect(experiments[0]?.metrics['loss=min']?.value).toBe(best.value);
  expect(experiments[0]?.params.rate).toBe(best.rate);
  // The same search finds all of it in the cache.
  expect(search()).toEqual(best);
  const { experiments: again } = await project.json<ExperimentTable>(['experiments', '--limit', '5', '--all']);
  expect(again.map(({ executed }) => executed)).toEqual([0, 0, 0, 0, 0]);
});
