import { existsSync } from 'node:fs';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Pin } from '../../store/pin.ts';
import type { ProjectOptions } from '../options/project-options.ts';
import type { Candidate, ValueLookup } from './candidates.ts';
import { nodeNames, outputNames } from './node-names.ts';
import { paramAssignments } from './param-assignments.ts';

const RUNS_OFFERED = 20;

/** Values that depend on a project. Each is loaded only on demand: the cache only for the names of runs. */
export function projectValues(options: ProjectOptions): ValueLookup {
  return async (source, word) => {
    switch (source) {
      case 'profiles':
        return profileNames(await readPipeline({ file: options.file }));
      case 'param assignments':
        return paramAssignments((await readPipeline(options)).params, word);
      case 'stages':
        return stageNames(await readPipeline(options));
      case 'targets': {
        const pipeline = await readPipeline(options);
        return word.includes('/')
          ? nodeNames(await planAll(pipeline), word)
          : [...targetNames(pipeline), ...stageNames(pipeline)];
      }
      case 'nodes': {
        const pipeline = await readPipeline(options);
        return [...(word.includes('/') ? [] : targetNames(pipeline)), ...nodeNames(await planAll(pipeline), word)];
      }
      case 'node outputs':
        return outputNames(await planAll(await readPipeline(options)), word);
      case 'runs':
        return runNames(options, word);
      case 'runs and targets': {
        const pipeline = await readPipeline(options);
        return [...(await runNames(options, word)), ...targetNames(pipeline), ...stageNames(pipeline)];
      }
      case 'pins':
        return pinNames(options);
    }
  };
}

async function readPipeline(options: ProjectOptions): Promise<Pipeline> {
  const { openProject } = await import('../options/project-options.ts');
  return openProject(options).pipeline;
}

async function planAll(pipeline: Pipeline): Promise<Plan> {
  const { planProject } = await import('../../api/project/plan-project.ts');
  return planProject({ pipeline }, [...pipeline.stages.keys()]);
}

function profileNames({ profiles }: Pipeline): readonly Candidate[] {
  return profiles.map(({ name, description, isDefault }) => ({
    value: name,
    description: description ?? (isDefault ? 'the default' : 'profile'),
  }));
}

function targetNames({ targets }: Pipeline): readonly Candidate[] {
  return [...targets.keys()].map((value) => ({ value, description: 'target' }));
}

function stageNames({ stages }: Pipeline): readonly Candidate[] {
  return [...stages.values()].map(({ name, description }) => ({ value: name, description: description ?? 'stage' }));
}

async function runNames(options: ProjectOptions, word: string): Promise<readonly Candidate[]> {
  const { cacheDirectory } = await import('../options/project-options.ts');
  const folder = cacheDirectory(options);
  if (!existsSync(folder)) return [];
  const { withRuns } = await import('../../api/run/earlier-runs.ts');
  const { describeAsked } = await import('../../views/runs/describe-run.ts');
  return withRuns(
    folder,
    (earlier) => {
      const runs = earlier.runs.slice(0, RUNS_OFFERED);
      const described = runs.map((run) => `${earlier.state(run)}, ${describeAsked(run)}`);
      const byAge = described.map((description, age) => ({ value: age === 0 ? 'last' : `last~${age}`, description }));
      const byId = runs.map(({ id }, age) => ({ value: id, description: described[age] as string }));
      // Ids say nothing to people: they are offered only to those who began to write one.
      return /^\d/.test(word) ? byId : byAge;
    },
    'existing',
  );
}

async function pinNames(options: ProjectOptions): Promise<readonly Candidate[]> {
  const { cacheDirectory } = await import('../options/project-options.ts');
  const folder = cacheDirectory(options);
  if (!existsSync(folder)) return [];
  const { withStore } = await import('../../api/cache/open-cache.ts');
  const described = ({ name, since }: Pin) => ({ value: name, description: `pinned at ${since.slice(0, 19)}` });
  return withStore(folder, (store) => store.pins().map(described), 'existing');
}
