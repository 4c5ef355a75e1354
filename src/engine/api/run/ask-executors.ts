import type { Diagnostic } from '../../base/diagnostic.ts';
import { neededStages } from '../../plan/build-plan.ts';
import type { PlanStage } from '../../plan/plan.ts';
import type { Store } from '../../store/store.ts';
import { keepMachine, knownMachine, type MachineQuestion } from '../project/executors.ts';
import { questionForExecutor, type StageFingerprints } from '../project/prepare-request.ts';
import type { Project } from '../project/project.ts';

export interface AskOptions {
  readonly targets: readonly string[];
  /** The program of workers, next to which is that of units. */
  readonly workerFile: string;
  /** Called with what delays an answer. */
  readonly warn: (diagnostic: Diagnostic) => void;
}

/**
 * Asks the executors of stages what they compute with, where keys name that and nobody has asked before. The answers are kept, so that commands
 * which only look ask nothing. Call it before the keys of a run are computed.
 * @throws {Failure} kind `environment` where one cannot say it: what its nodes' keys are is not known then
 */
export async function askExecutors(
  project: Project,
  store: Store,
  code: StageFingerprints,
  { targets, workerFile, warn }: AskOptions,
): Promise<void> {
  const { pipeline, executor } = project;
  const isLocal =
    executor === undefined && [...pipeline.stages.values()].every((stage) => stage.executor === undefined);
  if (isLocal) return;
  const stages = neededStages(pipeline, targets.length > 0 ? { targets } : {});
  const open = openQuestions(project, stages, code);
  if (open.length === 0) return;
  // Most runs need none of this, and loading it takes longer than looking at a thousand nodes.
  const [{ makeExecutors }, { runId }] = await Promise.all([import('./make-executors.ts'), import('./run-record.ts')]);
  const declared = new Map(open.map((question) => [question.executor.name, question.executor]));
  const of = { run: runId(), store, workerFile, shared: undefined, results: undefined };
  const executors = makeExecutors([...declared.values()], project, of);
  try {
    await Promise.all(
      open.map(async (question) => {
        const asked = executors.get(question.executor.name);
        const { compute, resources } = question;
        if (asked) keepMachine(question, await asked.executor.ask({ compute, resources, warn }));
      }),
    );
  } finally {
    await Promise.all([...executors.values()].map(({ executor: asked }) => asked.stop()));
  }
}

/** Each once, without those whose answers are kept. */
function openQuestions(
  project: Project,
  stages: readonly PlanStage[],
  code: StageFingerprints,
): readonly MachineQuestion[] {
  const questions = new Map<string, MachineQuestion>();
  for (const stage of stages) {
    const question = questionForExecutor(stage, project, code);
    if (question && !knownMachine(question)) questions.set(question.file, question);
  }
  return [...questions.values()];
}
