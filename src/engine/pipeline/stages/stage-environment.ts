import type { Problems } from '../problems.ts';
import { problemAt } from '../yaml/source.ts';
import { entryOf, type ScalarTree, type Tree } from '../yaml/tree.ts';

/** Names of the environment variables that a stage may see: those with values in its keys, and those in none. */
export interface StageEnvironment {
  readonly variables: readonly string[];
  readonly secrets: readonly string[];
}

/** Reads `variables` and `secrets` of a stage, whose names the schema has checked. */
export function readEnvironment(stage: Tree, problems: Problems): StageEnvironment {
  const variables = namesIn(entryOf(stage, 'variables')?.value);
  const secrets = namesIn(entryOf(stage, 'secrets')?.value);
  checkDuplicates('variables', variables, problems);
  checkDuplicates('secrets', secrets, problems);
  const inKeys = new Set(variables.map(({ value }) => value));
  for (const { value, place } of secrets) {
    if (!inKeys.has(value)) continue;
    const fact = `"${value}" is both a variable and a secret`;
    problems.add(problemAt(place, fact, 'keep it in "variables" if its value decides the result, else in "secrets"'));
  }
  const nameOf = ({ value }: ScalarTree) => String(value);
  return { variables: variables.map(nameOf), secrets: secrets.map(nameOf) };
}

function namesIn(list: Tree | undefined): readonly ScalarTree[] {
  return list?.kind === 'list' ? list.items.filter((item) => item.kind === 'scalar') : [];
}

function checkDuplicates(key: string, names: readonly ScalarTree[], problems: Problems): void {
  const seen = new Set<ScalarTree['value']>();
  for (const { value, place } of names) {
    if (seen.has(value)) problems.add(problemAt(place, `"${value}" stands in "${key}" twice`, 'keep one of the two'));
    seen.add(value);
  }
}
