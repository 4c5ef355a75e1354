import type { ArtefactDigest, CodeFingerprint, NodeKey } from '../../base/digest.ts';
import type { NodeId } from '../../plan/plan.ts';
import { type Change, changes } from '../../staleness/changes.ts';
import type { RunManifest } from '../../store/run-manifest.ts';
import type { Trace } from '../../store/store.ts';
import { stageOf } from './stage-of.ts';

/** How the artefacts of a node compare between two runs. */
export type NodeComparison = 'same' | 'other bytes' | 'only before' | 'only after' | 'not known';

export interface ComparedNode {
  readonly node: NodeId;
  readonly stage: string;
  readonly comparison: NodeComparison;
  readonly old: NodeKey | null;
  readonly new: NodeKey | null;
}

export interface RunComparison {
  readonly params: readonly Change[];
  /** Stages whose code differs. */
  readonly code: readonly { readonly stage: string; readonly old: CodeFingerprint; readonly new: CodeFingerprint }[];
  /** In the order of the later plan; then nodes that only the earlier one had. */
  readonly nodes: readonly ComparedNode[];
}

/** Compares what two runs were asked for, and their results. */
export function compareRuns(
  old: RunManifest,
  current: RunManifest,
  resultOf: (key: NodeKey, run: 'old' | 'new') => Pick<Trace, 'outputs'> | undefined,
): RunComparison {
  const before = new Map(old.nodes.map(({ node, key }) => [node, key]));
  const now = new Map(current.nodes.map(({ node, key }) => [node, key]));
  const outputs = (key: NodeKey | null, run: 'old' | 'new'): readonly ArtefactDigest[] | undefined =>
    key === null ? undefined : resultOf(key, run)?.outputs;
  const compare = (node: NodeId): NodeComparison => {
    const [was, is] = [before.get(node), now.get(node)];
    if (was === undefined) return 'only after';
    if (is === undefined) return 'only before';
    const [oldOutputs, newOutputs] = [outputs(was, 'old'), outputs(is, 'new')];
    // Other software may have given other bytes under one key.
    if (!oldOutputs || !newOutputs) return was === is && was !== null ? 'same' : 'not known';
    const same = oldOutputs.length === newOutputs.length && oldOutputs.every((each, i) => each === newOutputs[i]);
    return same ? 'same' : 'other bytes';
  };
  const names = new Set([...now.keys(), ...before.keys()]);
  const stages = Object.keys(current.code).filter((stage) => stage in old.code);
  return {
    params: changes(old.params, current.params),
    code: stages.flatMap((stage) => {
      const [was, is] = [old.code[stage], current.code[stage]];
      return was && is && was !== is ? [{ stage, old: was, new: is }] : [];
    }),
    nodes: [...names].map((node) => ({
      node,
      stage: stageOf(node),
      comparison: compare(node),
      old: before.get(node) ?? null,
      new: now.get(node) ?? null,
    })),
  };
}
