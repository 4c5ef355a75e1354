import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Failure } from '../../base/failure.ts';
import type { Plan } from '../../plan/plan.ts';
import { durationName, knownDurations } from '../../run/durations.ts';
import type { RunManifest } from '../../store/run-manifest.ts';
import type { RunRecord, Store } from '../../store/store.ts';
import { type NodeStateName, type Notice, STATES } from '../../views/live/protocol.ts';
import { LiveRun } from '../../views/live/run/live-run.ts';
import { nodeTable } from '../../views/live/run/node-table.ts';
import { RunStates } from '../../views/live/run/run-states.ts';
import type { RunView } from '../../views/live/run/run-view.ts';
import { surveyView } from '../../views/live/run/survey-view.ts';
import { stateOf } from '../../views/runs/describe-run.ts';
import { findRun } from '../../views/runs/find-run.ts';
import { leaseHolder } from '../cache/open-cache.ts';
import { parseOverride } from '../project/parse-override.ts';
import { planProject } from '../project/plan-project.ts';
import { openProject, type Project, type ProjectSource } from '../project/project.ts';
import { type ProjectSurvey, surveyProject } from '../project/survey-project.ts';
import { HeldCache } from './held-cache.ts';

/** The version of a state that changes no more. */
const ENDED = 1e15;

const ENDED_VIEWS_KEPT = 6;

/** How often it is looked whether a run is still active. */
const CHECK_MS = 1000;

const NOTICES_SHOWN = 20;

const UNDECIDED = [STATES.indexOf('waiting'), STATES.indexOf('running')];

/** How long a survey of the pipeline as it is now is good enough to look at. */
const SURVEY_MS = 3000;

/** In an active run, the last key of such a node is its key. */
const HAVE_RESULTS: ReadonlySet<NodeStateName> = new Set(['executed', 'fetched', 'up to date', 'cut off']);

/** A view that follows its run. */
interface FollowedView extends RunView {
  run: RunRecord;
  state: RunView['state'];
  manifest: RunManifest | undefined;
  live: LiveRun | undefined;
  /** When it was last looked whether the run is active. */
  checkedAt: number;
}

/** A project and its cache, for those who look: it reads, whatever runs at the same time. */
export class LiveProject {
  readonly source: ProjectSource;
  readonly cacheDirectory: string;
  private readonly cache: HeldCache;
  /** By run. Ended ones are kept in the order of their use. */
  private readonly views = new Map<string, Promise<FollowedView>>();
  private latest: Project;
  /** Of the file when `latest` was read. */
  private latestStamp: string;
  private surveyed:
    | { readonly at: number; readonly stamp: string; readonly survey: Promise<ProjectSurvey> }
    | undefined;

  /** @throws {Failure} kind `usage` where the pipeline file is wrong */
  constructor(source: ProjectSource) {
    this.source = source;
    this.latestStamp = this.fileStamp();
    this.latest = openProject(source);
    this.cacheDirectory = this.latest.cacheDirectory;
    this.cache = new HeldCache(this.cacheDirectory);
  }

  use<T>(use: (store: Store) => T | Promise<T>): Promise<T> {
    return this.cache.use(use);
  }

  close(): Promise<void> {
    return this.cache.close();
  }

  /** The project as its file is now. @throws {Failure} kind `usage` */
  project(): Project {
    const stamp = this.fileStamp();
    if (stamp !== this.latestStamp) {
      this.latest = openProject(this.source);
      this.latestStamp = stamp;
    }
    return this.latest;
  }

  /** The project as its file was when it was last right: while somebody edits it, earlier runs can still be looked at. */
  soundProject(): Project {
    try {
      return this.project();
    } catch (error) {
      if (error instanceof Failure) return this.latest;
      throw error;
    }
  }

  /** The newest run; undefined before the first one. */
  newest(): Promise<RunRecord | undefined> {
    return this.use((store) => {
      for (const run of store.runs()) return run;
      return undefined;
    });
  }

  stateOf(run: RunRecord): RunView['state'] {
    return this.judgeOfStates()(run);
  }

  /** Tells the states of several runs, and looks once who has the lease. */
  judgeOfStates(): (run: RunRecord) => RunView['state'] {
    const lease = leaseHolder(this.cacheDirectory)?.token;
    return (run) => stateOf(run, lease);
  }

  /** The targets of the pipeline as it is now, compared with the cache. */
  survey(): Promise<ProjectSurvey> {
    const stamp = this.fileStamp();
    const { surveyed } = this;
    if (surveyed && surveyed.stamp === stamp && Date.now() - surveyed.at < SURVEY_MS) return surveyed.survey;
    const survey = this.use((store) => surveyProject(this.project(), store, {}));
    this.surveyed = { at: Date.now(), stamp, survey };
    survey.catch(() => {
      this.surveyed = undefined;
    });
    return survey;
  }

  /** Differs once the pipeline file was written. */
  private fileStamp(): string {
    const found = statSync(this.source.file, { throwIfNoEntry: false });
    return `${found?.size} ${found?.mtimeMs}`;
  }

  /**
   * What is looked at: `now`, `last`, or a run by its id.
   * @throws {Failure} kind `usage` where there is no such run
   */
  async view(name: string): Promise<RunView> {
    if (name === 'now') return this.viewOfNow();
    const run =
      name === 'last'
        ? await this.newest()
        : await this.use((store) => store.run(name) ?? findRun(name, [...store.runs()]));
    return run ? this.viewOf(run) : this.viewOfNow();
  }

  /** Brings the view of an active run up to date. Returns whether it has changed. */
  async follow(view: RunView): Promise<boolean> {
    const followed = view as FollowedView;
    if (!followed.live) return false;
    const hasChanged = followed.live.follow();
    if (followed.live.isThere) {
      if (Date.now() - followed.checkedAt < CHECK_MS) return hasChanged;
      followed.checkedAt = Date.now();
      if (this.stateOf(followed.run) === 'running') return hasChanged;
    }
    return this.use((store) => {
      const run = store.run(followed.run.id) ?? followed.run;
      const state = this.stateOf(run);
      // It has only begun, or cannot write what happens: then its manifest tells, a second later.
      const wasSettled = settle(followed, run, state, store);
      return hasChanged || wasSettled;
    });
  }

  private async viewOf(run: RunRecord): Promise<RunView> {
    const known = this.views.get(run.id);
    if (known) {
      const view = await known;
      // Its name may have changed.
      view.run = run;
      await this.follow(view);
      // Nothing was known of its nodes yet.
      if (view.table.ids.length > 0 || !view.live) return view;
    }
    const view = this.use((store) => this.build(run, store));
    this.views.set(run.id, view);
    view.catch(() => this.views.delete(run.id));
    this.forgetOthers(run.id);
    return view;
  }

  private forgetOthers(kept: string): void {
    for (const id of this.views.keys()) {
      if (this.views.size <= ENDED_VIEWS_KEPT) return;
      if (id !== kept) this.views.delete(id);
    }
  }

  private build(run: RunRecord, store: Store): FollowedView {
    const manifest = store.manifest(run.id);
    const plan = this.planOf(run);
    const ids = manifest?.nodes.map(({ node }) => node) ?? plan?.nodes.map(({ id }) => id) ?? [];
    const table = nodeTable(ids, plan);
    const durations = table.plan ? knownDurations(table.plan.nodes, store) : store.durations();
    const secondsOf = (index: number) => {
      const node = table.plan?.nodes[index];
      return node && durations[durationName(node)];
    };
    const states = new RunStates(table, run.jobs ?? 1, durations, secondsOf);
    const view: FollowedView = {
      run,
      state: this.stateOf(run),
      table,
      states,
      manifest,
      live: undefined,
      checkedAt: Date.now(),
      keyOf: (index, reader) => {
        const outcome = STATES[states.states[index] ?? 0];
        if (!view.live) return view.manifest?.nodes[index]?.key ?? undefined;
        const id = table.ids[index];
        return id !== undefined && HAVE_RESULTS.has(outcome ?? 'waiting') ? reader.lastKey(id) : undefined;
      },
    };
    if (view.state === 'running')
      view.live = new LiveRun(this.cacheDirectory, run.id, Date.parse(run.startedAt), states);
    view.live?.follow();
    if (!view.live?.isThere) settle(view, run, view.state, store);
    return view;
  }

  /** The plan of a run, as the pipeline file gives it now. */
  private planOf({ profile, overrides = [], targets, root, file }: RunRecord): Plan | undefined {
    try {
      const set = overrides.map((text) => parseOverride(text));
      const place = root !== undefined && file !== undefined ? join(root, basename(file)) : this.source.file;
      return planProject(
        openProject({ ...this.source, file: place, ...(profile === null ? {} : { profile }), overrides: set }),
        targets,
      );
    } catch (error) {
      if (error instanceof Failure) return undefined;
      throw error;
    }
  }

  private async viewOfNow(): Promise<RunView> {
    const { request, states: found } = await this.survey();
    return this.use((store) => surveyView(request.plan, found, store));
  }
}

/** The first failed nodes of an ended run. */
function failuresOf({ run, table, manifest }: FollowedView, store: Store): readonly Notice[] {
  const failed = (manifest?.nodes ?? []).filter(({ outcome }) => outcome === 'failed').slice(0, NOTICES_SHOWN);
  return failed.flatMap(({ node }) => {
    const failure = store.failures(run.id, node).at(-1);
    if (!failure || table.indexOf(node) === undefined) return [];
    const { fact, fix } = failure.diagnostic;
    return [{ kind: 'failed' as const, node, fact, ...(fix === undefined ? {} : { fix }), at: failure.startedAt }];
  });
}

/** Enters what the store says of a run. Returns whether that changes anything. */
function settle(view: FollowedView, run: RunRecord, state: RunView['state'], store: Store): boolean {
  const isActive = state === 'running';
  const before = { state: view.state, version: view.states.version };
  view.run = run;
  view.state = state;
  view.manifest = store.manifest(run.id) ?? view.manifest;
  if (!isActive) view.live = undefined;
  const { manifest, states } = view;
  if (manifest && manifest.nodes.length === states.states.length) {
    const digits = manifest.nodes.map(({ outcome }) =>
      isActive && outcome === 'skipped' ? 0 : STATES.indexOf(outcome),
    );
    states.settle(Uint8Array.from(digits), store.journal(run.id), isActive ? before.version + 1 : ENDED);
  } else if (!isActive) {
    // It was killed before it could write what it resolved to.
    states.settle(
      states.states.map((digit) => (UNDECIDED.includes(digit) ? STATES.indexOf('skipped') : digit)),
      states.attempts,
      ENDED,
    );
  }
  if (!isActive) states.notices.splice(0, states.notices.length, ...failuresOf(view, store));
  return before.state !== state || states.changedSince(before.version).length > 0;
}
