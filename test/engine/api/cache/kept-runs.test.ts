import { describe, expect, it } from 'vitest';
import { lastRunsOfOthers } from '../../../../src/engine/api/cache/kept-runs.ts';
import type { RunRecord } from '../../../../src/engine/store/store.ts';

function run(id: string, changes: Partial<RunRecord> = {}): RunRecord {
  return {
    id,
    startedAt: '2026-01-02T03:04:05.678Z',
    command: ['run'],
    profile: 'quick',
    overrides: [],
    targets: [],
    root: '/project',
    file: 'pipeline.yaml',
    state: 'done',
    seconds: 1,
    counts: {},
    ...changes,
  };
}

const inForce = { root: '/project', file: 'pipeline.yaml', profile: 'quick', overrides: [] };

describe('the last runs of other settings', () => {
  it.each([
    ['profile', { profile: 'paper' }],
    ['--set', { overrides: ['n=2'] }],
    ['pipeline file', { file: 'other.yaml' }],
    ['project', { root: '/elsewhere' }],
  ])('are those of another %s, the last complete one and the last one', (_, other) => {
    const runs = [
      run('6', { ...other, state: 'interrupted' }),
      run('5'),
      run('4', other),
      run('3', { ...other, targets: ['fig5', 'fig3'] }),
      run('2', { ...other, targets: ['fig3', 'fig5'] }),
      run('1', other),
    ];
    const kept = lastRunsOfOthers(runs, inForce).map(({ id }) => id);
    expect(kept.toSorted()).toEqual(['3', '4', '6']);
  });

  it('leave out runs with the present settings, whatever their targets, and records that do not name their pipeline file', () => {
    const { file: _file, ...earlier } = run('2');
    expect(lastRunsOfOthers([run('3', { targets: ['fig5'] }), earlier, run('1')], inForce)).toEqual([]);
  });
});
