import type { Problems } from '../../pipeline/problems.ts';
import { problemAt } from '../../pipeline/yaml/source.ts';
import type { DvcStage } from '../dvc-stage.ts';
import { Names, stemOf } from './names.ts';

/** An output of a stage, as the inputs of others find it. */
export interface Produced {
  readonly path: string;
  /** `stage.output`. */
  readonly reference: string;
  readonly stage: DvcStage;
}

/** New names of stages and their outputs. */
export interface NewNames {
  readonly stage: ReadonlyMap<DvcStage, string>;
  /** By stage, in the order of its outputs. */
  readonly outputs: ReadonlyMap<DvcStage, readonly string[]>;
}

export function nameStages(stages: readonly DvcStage[], names: Names): NewNames {
  const stage = new Map(stages.map((each) => [each, names.give(each.name)] as const));
  const outputs = new Map(
    stages.map((each) => {
      const own = new Names();
      return [each, each.outputs.map(({ path }) => own.give(stemOf(path)))] as const;
    }),
  );
  return { stage, outputs };
}

/** All outputs, by path. Two that share files are refused, as DVC does. */
export function producedBy(stages: readonly DvcStage[], names: NewNames, problems: Problems): readonly Produced[] {
  const all = stages.flatMap((stage) =>
    stage.outputs.map(({ path, place }, position) => {
      const reference = `${names.stage.get(stage)}.${names.outputs.get(stage)?.[position]}`;
      return { path, place, reference, stage };
    }),
  );
  const sorted = [...all].sort((a, b) => (`${a.path}/` < `${b.path}/` ? -1 : 1));
  for (const [position, { path, place }] of sorted.entries()) {
    const before = sorted[position - 1];
    if (!before || !`${path}/`.startsWith(`${before.path}/`)) continue;
    const fact =
      path === before.path ? `"${path}" is an output twice` : `the output "${path}" is inside of "${before.path}"`;
    problems.add(problemAt(place, fact, 'DVC refuses that too: keep one'));
  }
  return all;
}
