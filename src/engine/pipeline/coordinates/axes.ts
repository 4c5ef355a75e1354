import type { JsonObject } from '../../base/json.ts';
import { MAX_AXES } from '../limits.ts';
import type { Problems } from '../problems.ts';
import type { AxisValues, Scope } from '../references/bound-reference.ts';
import { coordinatesOf } from '../references/template.ts';
import { problemAt } from '../yaml/source.ts';
import type { MappingTree, Tree } from '../yaml/tree.ts';
import { domainOf } from './coordinate-domain.ts';
import { checkClash, type DeclaredCoordinate, declareCoordinate, unreadableCoordinate } from './declared-coordinate.ts';

/** A coordinate that stages share by its name. Each stage reads `tree` with its own coordinates in view. */
export interface Axis {
  readonly name: string;
  readonly tree: Tree;
  /** The axes before it whose values decide its own: coordinates that a stage has to have before this one. */
  readonly needs: readonly string[];
  readonly values: AxisValues;
}

/** Reads the pipeline's axes. Each may refer to params, and to the axes before it as if they were coordinates. */
export function readAxes(section: MappingTree, params: JsonObject, problems: Problems): ReadonlyMap<string, Axis> {
  const axes = new Map<string, Axis>();
  if (section.entries.size > MAX_AXES) {
    const fact = `these are ${section.entries.size} axes, and a pipeline can have ${MAX_AXES}`;
    problems.add(problemAt(section.place, fact, 'let one axis range over a mapping with what belongs together'));
    return axes;
  }
  if (Object.hasOwn(params, 'axes')) {
    const fact = `"axes" is a param too, so \${axes.…} could mean either`;
    problems.add(problemAt(section.place, fact, 'rename the param'));
  }
  const before: DeclaredCoordinate[] = [];
  const names = [...section.entries.keys()];
  for (const [name, { key, value: tree }] of section.entries) {
    const scope: Scope = {
      params,
      coordinates: before.map(({ scoped }) => scoped),
      hidden: names.slice(before.length),
      axes: valuesOf(axes),
    };
    checkClash(name, key, scope, problems);
    const declared = problems.attempt(() => declareCoordinate(name, tree, scope));
    const values: AxisValues = (declared && problems.attempt(() => valuesAlone(declared, before))) ?? {
      kind: 'unreadable',
    };
    axes.set(name, { name, tree, needs: values.kind === 'dependent' ? values.on : [], values });
    before.push(declared ?? unreadableCoordinate(name, tree.place));
  }
  return axes;
}

export function valuesOf(axes: ReadonlyMap<string, Axis>): ReadonlyMap<string, AxisValues> {
  return new Map([...axes].map(([name, { values }]) => [name, values]));
}

function valuesAlone({ matrix }: DeclaredCoordinate, before: readonly DeclaredCoordinate[]): AxisValues {
  const { values } = matrix;
  if (values.kind === 'constant') return { kind: 'known', values: domainOf(matrix, values.value) };
  return { kind: 'dependent', on: [...coordinatesOf(values)].map((position) => before[position]?.matrix.name ?? '') };
}
