import type { NodeKey } from '../../../base/digest.ts';
import type { RunManifest } from '../../../store/run-manifest.ts';
import type { RunRecord, Store } from '../../../store/store.ts';
import type { RunHead } from '../protocol.ts';
import type { LiveRun } from './live-run.ts';
import type { NodeTable } from './node-table.ts';
import type { RunStates } from './run-states.ts';

/** A run that is looked at, or the pipeline as it is now. */
export interface RunView {
  /** Undefined for the pipeline as it is now. */
  readonly run: RunRecord | undefined;
  readonly state: RunHead['state'];
  readonly table: NodeTable;
  readonly states: RunStates;
  /** Of an ended run. */
  readonly manifest: RunManifest | undefined;
  /** Of an active run. */
  readonly live: LiveRun | undefined;
  /** The key of a node, where it is known. */
  keyOf(index: number, store: Pick<Store, 'lastKey'>): NodeKey | undefined;
}

/** The name of a state of a view: events go on from it. */
export function versionOf({ run, states }: RunView): string {
  return `${run?.id ?? 'now'}:${states.version}`;
}

/** The version in such a name, if it is of this view. */
export function versionIn(name: string, view: RunView): number | undefined {
  const colon = name.lastIndexOf(':');
  const version = Number(name.slice(colon + 1));
  return name.slice(0, colon) === (view.run?.id ?? 'now') && Number.isSafeInteger(version) ? version : undefined;
}

/** @param newest the id of the newest run */
export function headOf({ run, state, states }: RunView, newest: string | undefined): RunHead {
  const isActive = state === 'running' || state === 'stopping';
  const estimate = states.estimate();
  return {
    run: run?.id ?? null,
    ...(run?.label?.name === undefined ? {} : { name: run.label.name }),
    ...(run?.label?.note === undefined ? {} : { note: run.label.note }),
    state: isActive && states.isStopping ? 'stopping' : state,
    startedAt: run?.startedAt ?? null,
    seconds: run ? (isActive ? (Date.now() - Date.parse(run.startedAt)) / 1000 : run.seconds) : 0,
    profile: run?.profile ?? null,
    targets: run?.targets ?? [],
    overrides: run?.overrides ?? [],
    jobs: run?.jobs ?? null,
    counts: states.totals(),
    remaining: isActive || !run ? estimate : { kind: 'none' },
    newest: newest === undefined || newest === run?.id ? null : newest,
    notices: states.notices,
  };
}
