import { expect, it } from 'vitest';
import type { CodeFingerprint } from '../../../../src/engine/base/digest.ts';
import type { UsedSoftware } from '../../../../src/engine/keys/software/used-software.ts';
import type { PlanNode } from '../../../../src/engine/plan/plan.ts';
import type { NodeState } from '../../../../src/engine/staleness/survey.ts';
import { provenanceOf } from '../../../../src/engine/views/provenance/provenance-of.ts';
import { planOf, planStage } from '../../run/plans.ts';
import { recordOf } from '../../store/fixtures.ts';

const [init, train, plot, other] = [planStage('init'), planStage('train'), planStage('plot'), planStage('other')];
const small = { hidden: 8 };
const { nodes } = planOf([
  { stage: init, coordinates: { seed: 1 } },
  { stage: other },
  { stage: train, coordinates: { seed: 1, epoch: 1 }, params: small, reads: ['init/1'] },
  { stage: train, coordinates: { seed: 1, epoch: 2 }, params: { hidden: 8 }, reads: ['train/1/1'] },
  { stage: train, coordinates: { seed: 2, epoch: 1 }, params: { hidden: 9 }, reads: ['init/1'] },
  { stage: plot, reads: ['train/1/1', 'train/1/2', 'train/2/1'] },
]);

function stateOf(node: PlanNode): NodeState {
  return node.stage === plot
    ? { state: 'waiting', node, on: node }
    : ({ state: 'current', node, outputs: [], seconds: 1 } as unknown as NodeState);
}

it('shows by stage what a node depends on, and no other node', () => {
  const compute = { backend: 'wasm', version: '4.22.0', threads: 1 };
  const file = { path: '/usr/bin/python3.11', digest: 'x', stamp: null };
  const software: UsedSoftware = {
    programs: [{ name: 'python3', path: '/usr/bin/python3', file, version: '3.11.2' }],
    settings: [],
    libraries: [],
    packages: [{ name: 'numpy', version: '1.24.2', file }],
    modules: [],
    searched: [],
  };
  const provenance = provenanceOf(
    [5],
    nodes.map(stateOf),
    (state) =>
      state.state === 'current'
        ? recordOf(state.node.id, {
            seconds: 2,
            code: `code of ${state.node.stage.name}` as CodeFingerprint,
            compute: state.node.stage === train ? compute : null,
            ...(state.node.stage === init ? { software: 'known' } : {}),
          })
        : undefined,
    (digest) => (digest === 'known' ? software : undefined),
  );
  expect(provenance).toEqual({
    nodes: 5,
    stale: 1,
    seconds: 8,
    stages: [
      {
        stage: 'init',
        nodes: 1,
        seconds: 2,
        code: ['code of init'],
        compute: [],
        environment: ['environment tracked: Python 3.11.2, numpy 1.24.2'],
        hosts: ['here'],
        params: [{ params: {}, nodes: 1 }],
        otherParams: 0,
      },
      {
        stage: 'train',
        nodes: 3,
        seconds: 6,
        code: ['code of train'],
        compute: ['wasm (4.22.0), 1 thread'],
        environment: [],
        hosts: ['here'],
        params: [
          { params: { hidden: 8 }, nodes: 2 },
          { params: { hidden: 9 }, nodes: 1 },
        ],
        otherParams: 0,
      },
      {
        stage: 'plot',
        nodes: 1,
        seconds: 0,
        code: [],
        compute: [],
        environment: [],
        hosts: [],
        params: [{ params: {}, nodes: 1 }],
        otherParams: 0,
      },
    ],
  });
});

it('names the params of 20 groups of nodes, and counts the others', () => {
  const many = Array.from({ length: 45 }, (_, index) => ({
    stage: train,
    coordinates: { seed: index },
    params: { size: index % 25 },
  }));
  const plan = planOf(many);
  const [stage] = provenanceOf(
    [...plan.nodes.keys()],
    plan.nodes.map(stateOf),
    () => undefined,
    () => undefined,
  ).stages;
  expect(stage?.nodes).toBe(45);
  expect(stage?.params).toEqual(Array.from({ length: 20 }, (_, size) => ({ params: { size }, nodes: 2 })));
  expect(stage?.otherParams).toBe(5);
});
