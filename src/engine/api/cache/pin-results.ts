import { Failure } from '../../base/failure.ts';
import { mayRun, outputOf, survey } from '../../staleness/survey.ts';
import type { Pin } from '../../store/pin.ts';
import type { RunRecord, Store } from '../../store/store.ts';
import { findRun } from '../../views/runs/find-run.ts';
import { prepareRequest } from '../project/prepare-request.ts';
import type { Project } from '../project/project.ts';
import { publishedOutputs, targetOutputs } from '../run/target-bytes.ts';
import { keysOfRun, publishedBy } from './collect-garbage.ts';

/**
 * What a pin of a run would keep: everything that it resolved to, and the bytes that it published.
 * @throws {Failure} kind `usage` where there is no such run, or nothing is kept of it
 */
export function pinOfRun(text: string, name: string | undefined, store: Store): Pin {
  const run = findRun(text, [...store.runs()]);
  const keys = keysOfRun(run, store).filter((key) => store.record(key) !== undefined);
  if (keys.length === 0) {
    throw new Failure('usage', {
      fact: `nothing that run ${run.id} resolved to is in the cache`,
      fix: 'choose another one of "vmfdag history"',
    });
  }
  const artefacts = publishedBy(run, store, (key) => store.record(key));
  return { name: name ?? run.id, of: { kind: 'run', run: run.id }, since: now(), keys, artefacts: unique(artefacts) };
}

/**
 * What a pin of a target would keep: its nodes and everything upstream, and the bytes of its outputs.
 * @throws {Failure} kind `usage` where there is no such target, or it is not up to date
 */
export async function pinOfTarget(
  target: string,
  name: string | undefined,
  project: Project,
  store: Store,
): Promise<Pin> {
  const request = await prepareRequest(project, store, [target]);
  const states = survey(request, store);
  const current = states.flatMap((state) => (state.state === 'current' ? [state] : []));
  const open = states.find(mayRun);
  if (open) {
    const stale = open.node.id;
    throw new Failure('usage', {
      fact: `${target} is not up to date: ${stale} has to run`,
      fix: `run "vmfdag run --target ${target}" first, or pin a run of "vmfdag history"`,
    });
  }
  const published = request.plan.targets.some(({ files }) => files.length > 0)
    ? publishedOutputs(request.plan)
    : targetOutputs(request.plan);
  return {
    name: name ?? target,
    of: { kind: 'target', target },
    since: now(),
    keys: unique(current.map(({ key }) => key)),
    artefacts: unique(published.flatMap(({ node, output }) => outputOf(states[node], output) ?? [])),
  };
}

/** Whether a text means a run: `last`, `last~2`, an id or the beginning of one. */
export function meansRun(text: string, runs: Iterable<RunRecord>): boolean {
  if (/^last(~\d+)?$/.test(text)) return true;
  for (const { id } of runs) if (id.startsWith(text)) return true;
  return false;
}

function now(): string {
  return new Date().toISOString();
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}
