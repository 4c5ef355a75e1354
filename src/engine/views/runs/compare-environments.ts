import { shortIdentity } from '../../environments/environments.ts';
import { compareSoftware } from '../../keys/software/compare-software.ts';
import type { SoftwareChange } from '../../keys/software/software-changes.ts';
import type { Store } from '../../store/store.ts';
import type { ComparedNode } from './compare-runs.ts';
import type { ResultInRun } from './result-in-run.ts';

/** Nodes of a stage whose programs differ in the same way between two runs. */
export interface EnvironmentChange {
  readonly stage: string;
  readonly nodes: readonly string[];
  /** The declared environments; null where one is not declared. Absent where they are the same. */
  readonly environment?: { readonly old: string | null; readonly new: string | null };
  /** What was seen of undeclared ones; null where it is not known any more. */
  readonly software: readonly SoftwareChange[] | null;
}

/** The results that a node has in two runs, both of them known. */
type ResultsOf = (node: ComparedNode) => { readonly old: ResultInRun; readonly new: ResultInRun } | undefined;

export function compareEnvironments(
  nodes: readonly ComparedNode[],
  resultsOf: ResultsOf,
  store: Pick<Store, 'software'>,
): readonly EnvironmentChange[] {
  const found = new Map<string, EnvironmentChange & { readonly nodes: string[] }>();
  for (const compared of nodes) {
    const results = resultsOf(compared);
    const change = results && changeOf(results.old, results.new, store);
    if (!change) continue;
    const name = JSON.stringify([compared.stage, change]);
    const known = found.get(name);
    if (known) known.nodes.push(compared.node);
    else found.set(name, { stage: compared.stage, nodes: [compared.node], ...change });
  }
  return [...found.values()];
}

function changeOf(
  old: ResultInRun,
  now: ResultInRun,
  store: Pick<Store, 'software'>,
): Pick<EnvironmentChange, 'environment' | 'software'> | undefined {
  const isOther = old.environment !== now.environment;
  const software = softwareChange(old.software, now.software, store);
  if (!isOther && software?.length === 0) return undefined;
  const environment = { old: old.environment ?? null, new: now.environment ?? null };
  return { ...(isOther ? { environment } : {}), software };
}

function softwareChange(
  old: string | undefined,
  now: string | undefined,
  store: Pick<Store, 'software'>,
): EnvironmentChange['software'] {
  // An environment was declared for one of them, or it is no command.
  if (old === now || old === undefined || now === undefined) return [];
  const [was, is] = [store.software(old), store.software(now)];
  return was && is ? compareSoftware(was, is) : null;
}

/** One line for each difference. */
export function describeEnvironmentChange({ environment, software }: EnvironmentChange): readonly string[] {
  const shown = (identity: string | null) => (identity === null ? 'none' : shortIdentity(identity));
  return [
    ...(environment ? [`environment ${shown(environment.old)} → ${shown(environment.new)}`] : []),
    ...(software === null ? ['the software of one of them is not in the cache any more'] : []),
    ...(software ?? []).map(({ kind, name, old, new: now }) => `${kind} ${name} ${old} → ${now}`),
  ];
}
