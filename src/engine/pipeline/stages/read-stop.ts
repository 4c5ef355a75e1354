import { suggestName } from '../../base/diagnostic.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { DeclaredScan, MatrixCoordinate } from '../pipeline.ts';
import type { Problems } from '../problems.ts';
import type { Scope } from '../references/bound-reference.ts';
import { describeValue } from '../references/lookup.ts';
import { compileTemplate } from '../references/template.ts';
import { type Place, problemAt } from '../yaml/source.ts';
import { entryOf, type Tree, type TreeEntry } from '../yaml/tree.ts';
import type { Best, StopRule } from './stop-rule.ts';

/** Each key that makes a rule, with those that it needs and those that it may have besides. */
const KINDS = {
  above: { needs: [], may: ['from'] },
  below: { needs: [], may: ['from'] },
  patience: { needs: ['best'], may: [] },
  rungs: { needs: ['best', 'factor'], may: ['within'] },
} as const;

type Kind = keyof typeof KINDS;

/** Where a rule stands, with its values. */
interface RuleText {
  readonly tree: Tree;
  readonly values: JsonObject;
}

/** Reads `stop`, whose shape the schema has checked. */
export function readStop(
  entry: TreeEntry | undefined,
  each: readonly MatrixCoordinate[],
  scan: DeclaredScan | undefined,
  scope: Scope,
  problems: Problems,
): readonly StopRule[] {
  if (!entry) return [];
  if (!scan) {
    const fix = 'remove it, or make the stage a chain by "scan"';
    problems.add(problemAt(entry.key, '"stop" ends chains, and a stage without "scan" has none', fix));
    return [];
  }
  const trees = entry.value.kind === 'list' ? entry.value.items : [entry.value];
  const rules = trees.flatMap((tree) => readRule(tree, each, scope, problems) ?? []);
  const [, second] = trees.filter((tree) => entryOf(tree, 'rungs'));
  if (second) {
    const fix = 'keep one of the two: chains are compared by one metric at a rung';
    problems.add(problemAt(entryOf(second, 'rungs')?.key ?? second.place, '"stop" has rungs twice', fix));
  }
  return rules;
}

function readRule(
  tree: Tree,
  each: readonly MatrixCoordinate[],
  scope: Scope,
  problems: Problems,
): StopRule | undefined {
  const values = problems.attempt(() => {
    const template = compileTemplate(tree, scope);
    return template.kind === 'constant' ? template.value : null;
  });
  if (!isJsonObject(values)) return undefined;
  const text = { tree, values };
  const kind = kindOf(text, problems);
  if (!kind) return undefined;
  const metric = String(values.metric);
  const number = (name: string, isFit: (value: number) => boolean, wanted: string) =>
    readNumber(text, name, isFit, wanted, problems);
  switch (kind) {
    case 'above':
    case 'below': {
      const bound = number(kind, Number.isFinite, 'a number');
      const from = values.from === undefined ? -Infinity : number('from', Number.isSafeInteger, 'a whole number');
      return bound === undefined || from === undefined ? undefined : { kind: 'bound', metric, side: kind, bound, from };
    }
    case 'patience': {
      const steps = number(
        'patience',
        (value) => Number.isSafeInteger(value) && value > 0,
        'a whole number, 1 or more',
      );
      return steps === undefined ? undefined : { kind: 'patience', metric, best: values.best as Best, steps };
    }
    case 'rungs': {
      const rungs = readRungs(text, problems);
      const factor = number('factor', (value) => Number.isFinite(value) && value > 1, 'a number above 1');
      const within = readWithin(tree, each, problems);
      if (!rungs || factor === undefined || !within) return undefined;
      return { kind: 'halving', metric, best: values.best as Best, rungs, factor, within };
    }
  }
}

/** The kind of a rule that has all that it needs, and nothing else. */
function kindOf({ tree, values }: RuleText, problems: Problems): Kind | undefined {
  const names = Object.keys(KINDS) as Kind[];
  const [kind, other] = names.filter((name) => values[name] !== undefined);
  if (!kind || other) {
    const place = other ? placeOf(tree, other) : tree.place;
    const fact = other ? `a rule with "${kind}" has no "${other}"` : 'the rule does not say when a chain ends';
    problems.add(problemAt(place, fact, other ? 'write two rules' : `add one of ${names.join(', ')}`));
    return undefined;
  }
  const { needs, may } = KINDS[kind];
  const allowed: readonly string[] = ['metric', kind, ...needs, ...may];
  let isFit = true;
  for (const name of needs) {
    if (values[name] !== undefined) continue;
    const fix = name === 'best' ? 'add best: min, or best: max' : 'add for example factor: 3';
    problems.add(problemAt(placeOf(tree, kind), `a rule with "${kind}" needs "${name}"`, fix));
    isFit = false;
  }
  for (const name of Object.keys(values)) {
    if (allowed.includes(name)) continue;
    problems.add(problemAt(placeOf(tree, name), `a rule with "${kind}" has no "${name}"`, 'remove it'));
    isFit = false;
  }
  return isFit ? kind : undefined;
}

function readNumber(
  { tree, values }: RuleText,
  name: string,
  isFit: (value: number) => boolean,
  wanted: string,
  problems: Problems,
): number | undefined {
  const value = values[name] as JsonValue;
  if (typeof value === 'number' && isFit(value)) return value;
  const place = entryOf(tree, name)?.value.place ?? tree.place;
  problems.add(problemAt(place, `this is ${describeValue(value)}`, `use ${wanted}`));
  return undefined;
}

function readRungs({ tree, values }: RuleText, problems: Problems): readonly number[] | undefined {
  const { rungs } = values;
  const place = entryOf(tree, 'rungs')?.value.place ?? tree.place;
  const list = Array.isArray(rungs) ? rungs : [];
  const areSteps = list.every((step) => typeof step === 'number' && Number.isSafeInteger(step));
  const areAscending = list.every((step, index) => index === 0 || Number(step) > Number(list[index - 1]));
  if (list.length > 0 && areSteps && areAscending) return list as readonly number[];
  const fact =
    list.length > 0 && areSteps ? 'the rungs are not in ascending order' : `this is ${describeValue(rungs ?? null)}`;
  problems.add(problemAt(place, fact, 'use a list of steps in ascending order, such as [1, 3, 9]'));
  return undefined;
}

function readWithin(tree: Tree, each: readonly MatrixCoordinate[], problems: Problems): readonly string[] | undefined {
  const list = entryOf(tree, 'within')?.value;
  if (list?.kind !== 'list') return [];
  const known = each.map(({ name }) => name);
  const names: string[] = [];
  for (const item of list.items) {
    const name = item.kind === 'scalar' ? String(item.value) : '';
    if (known.includes(name)) names.push(name);
    else problems.add(problemAt(item.place, `"${name}" is no coordinate of "each"`, suggestName(name, known)));
  }
  return names.length === list.items.length ? names : undefined;
}

function placeOf(tree: Tree, name: string): Place {
  return entryOf(tree, name)?.key ?? tree.place;
}
