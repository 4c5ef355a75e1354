import { Failure } from '../../../base/failure.ts';
import type { JsonObject } from '../../../base/json.ts';
import type { MetricNumber } from '../../../store/metric-series.ts';
import type { MlflowCall } from './client.ts';

/** The limits of one log-batch: of metrics, and of params. */
const MOST_METRICS = 1000;
const MOST_PARAMS = 100;
/** Of one page of a search. */
const PAGE = 1000;

export interface MlflowRun {
  readonly id: string;
  readonly tags: ReadonlyMap<string, string>;
}

export interface NewMlflowRun {
  readonly name: string;
  readonly startTime: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface MlflowPoint {
  readonly key: string;
  readonly value: MetricNumber;
  readonly step: number;
  readonly timestamp: number;
}

/** What an export needs of a tracking server, in its experiment. */
export interface Tracking {
  /** The runs that have a tag of this value. */
  runsWith(tag: string, value: string): Promise<readonly MlflowRun[]>;
  create(run: NewMlflowRun): Promise<string>;
  log(run: string, params: Readonly<Record<string, string>>, points: readonly MlflowPoint[]): Promise<void>;
  /** @param endTime undefined for a run that goes on */
  end(run: string, status: string, endTime: number | undefined, tags: Readonly<Record<string, string>>): Promise<void>;
}

/** Opens an experiment by its name, and creates a missing one. */
export async function openTracking(call: MlflowCall, experiment: string): Promise<Tracking> {
  const id = await experimentId(call, experiment);
  return {
    async runsWith(tag, value) {
      const runs: MlflowRun[] = [];
      for (let token: string | undefined = ''; token !== undefined; ) {
        const filter = `tags.\`${tag}\` = '${value}'`;
        const page = {
          experiment_ids: [id],
          filter,
          max_results: PAGE,
          ...(token === '' ? {} : { page_token: token }),
        };
        const found = (await call('POST', 'runs/search', page)) as unknown as SearchAnswer | undefined;
        for (const { info, data } of found?.runs ?? []) {
          runs.push({ id: info.run_id, tags: new Map((data.tags ?? []).map((each) => [each.key, each.value])) });
        }
        token = found?.next_page_token || undefined;
      }
      return runs;
    },

    async create({ name, startTime, tags }) {
      const body = { experiment_id: id, run_name: name, start_time: startTime, tags: pairs(tags) };
      const made = await call('POST', 'runs/create', body);
      return (made as unknown as { readonly run: { readonly info: { readonly run_id: string } } }).run.info.run_id;
    },

    async log(run, params, points) {
      const named = pairs(params);
      for (let at = 0; at < named.length; at += MOST_PARAMS) {
        await call('POST', 'runs/log-batch', { run_id: run, params: named.slice(at, at + MOST_PARAMS) });
      }
      for (let at = 0; at < points.length; at += MOST_METRICS) {
        const metrics = points.slice(at, at + MOST_METRICS).map((point) => ({ ...point }));
        await call('POST', 'runs/log-batch', { run_id: run, metrics });
      }
    },

    async end(run, status, endTime, tags) {
      await call('POST', 'runs/update', {
        run_id: run,
        status,
        ...(endTime === undefined ? {} : { end_time: endTime }),
      });
      if (Object.keys(tags).length > 0) await call('POST', 'runs/log-batch', { run_id: run, tags: pairs(tags) });
    },
  };
}

interface SearchAnswer {
  readonly runs?: readonly {
    readonly info: { readonly run_id: string };
    readonly data: { readonly tags?: readonly { readonly key: string; readonly value: string }[] };
  }[];
  readonly next_page_token?: string;
}

async function experimentId(call: MlflowCall, name: string): Promise<string> {
  const found = await call('GET', 'experiments/get-by-name', { experiment_name: name });
  if (!found) return String((await call('POST', 'experiments/create', { name }))?.experiment_id);
  const { experiment_id, lifecycle_stage } = found.experiment as JsonObject;
  if (lifecycle_stage === 'deleted') {
    throw new Failure('environment', {
      fact: `the experiment "${name}" of the tracking server is deleted`,
      fix: `restore it ("mlflow experiments restore -x ${experiment_id}"), or name another one with --experiment`,
    });
  }
  return String(experiment_id);
}

function pairs(values: Readonly<Record<string, string>>): readonly { readonly key: string; readonly value: string }[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}
