import { describe, expect, it } from 'vitest';
import type { UsedSoftware } from '../../../../src/engine/keys/software/used-software.ts';
import type { NodeId } from '../../../../src/engine/plan/plan.ts';
import {
  compareEnvironments,
  describeEnvironmentChange,
} from '../../../../src/engine/views/runs/compare-environments.ts';
import type { ResultInRun } from '../../../../src/engine/views/runs/result-in-run.ts';
import { keyOf } from './runs.ts';

const seen = (path: string, digest: string) => ({ path, digest, stamp: null }) as never;
const NOTHING: UsedSoftware = { programs: [], settings: [], libraries: [], packages: [], modules: [], searched: [] };
const kept: Readonly<Record<string, UsedSoftware>> = {
  old: {
    ...NOTHING,
    packages: [{ name: 'numpy', version: '1.0', file: seen('/a', 'x') }],
    programs: [{ name: 'python3', path: '/bin/python3', file: seen('/bin/python3.11', 'x'), version: '3.11.1' }],
    libraries: [seen('/lib/x.so', 'x')],
  },
  new: {
    ...NOTHING,
    packages: [
      { name: 'numpy', version: '1.0', file: seen('/a', 'y') },
      { name: 'torch', version: '2.0', file: seen('/b', 'x') },
    ],
    programs: [{ name: 'python3', path: '/bin/python3', file: seen('/bin/python3.12', 'y'), version: '3.12.1' }],
  },
};
const store = { software: (digest: string) => kept[digest] };
const nodes = ['a/1', 'a/2', 'b'].map((node) => ({
  node: node as NodeId,
  stage: node.slice(0, 1),
  comparison: 'same' as const,
  old: keyOf(node),
  new: keyOf(node),
}));

function compare(old: Partial<ResultInRun>, now: Partial<ResultInRun>, which = (_node: string) => true) {
  const result = (each: Partial<ResultInRun>): ResultInRun => ({
    outputs: [],
    software: undefined,
    environment: undefined,
    ...each,
  });
  return compareEnvironments(
    nodes,
    ({ node }) => (which(node) ? { old: result(old), new: result(now) } : undefined),
    store,
  );
}

describe('the environments of two runs', () => {
  it('are the same where nothing differs, or nothing is known of one of them', () => {
    expect(compare({ software: 'old' }, { software: 'old' })).toEqual([]);
    expect(compare({}, { software: 'old' })).toEqual([]);
    expect(compare({ environment: 'uv.lock 1' }, { environment: 'uv.lock 1' })).toEqual([]);
  });

  it('differ by what was used, once for all nodes of a stage', () => {
    const found = compare({ software: 'old' }, { software: 'new' });
    expect(found.map(({ stage, nodes: names }) => [stage, names])).toEqual([
      ['a', ['a/1', 'a/2']],
      ['b', ['b']],
    ]);
    expect(found.map(describeEnvironmentChange)[0]).toEqual([
      'package numpy 1.0 → 1.0 with other files',
      'package torch none → 2.0',
      'program python3 3.11.1 → 3.12.1',
      'library /lib/x.so x → none',
    ]);
  });

  it('differ by what is declared', () => {
    const digest = 'a'.repeat(64);
    const [found] = compare({ environment: `uv.lock ${digest}` }, { software: 'new' });
    expect(found).toMatchObject({ environment: { old: `uv.lock ${digest}`, new: null }, software: [] });
    expect(found && describeEnvironmentChange(found)).toEqual([`environment uv.lock ${digest.slice(0, 12)} → none`]);
  });

  it('are told to be unknown where the cache has forgotten one', () => {
    const [found] = compare({ software: 'forgotten' }, { software: 'new' }, (node) => node === 'b');
    expect(found).toEqual({ stage: 'b', nodes: ['b'], software: null });
  });
});
