import { depthFirst } from '../../base/depth-first.ts';
import { type Diagnostic, suggestName } from '../../base/diagnostic.ts';
import { Failure } from '../../base/failure.ts';
import { MAX_EXTENDS } from '../limits.ts';
import type { ProfileSummary } from '../pipeline.ts';
import type { Problems } from '../problems.ts';
import { problemAt } from '../yaml/source.ts';
import { entryOf, type MappingTree, type Tree, type TreeEntry, textOf } from '../yaml/tree.ts';
import { checkOverlay, overlayParams } from './overlay.ts';

/** The profiles of the file. */
export function summarizeProfiles(profiles: MappingTree | undefined): ProfileSummary[] {
  return [...(profiles?.entries ?? [])].map(([name, { value }]) => ({
    name,
    description: textOf(entryOf(value, 'description')?.value),
    isDefault: isDefault(value),
  }));
}

function isDefault(profile: Tree): boolean {
  const flag = entryOf(profile, 'default')?.value;
  return flag?.kind === 'scalar' && flag.value === true;
}

/**
 * The profile in force: the one asked for, else the default one.
 * @throws {Failure} for an unknown one, and for two defaults
 */
export function chooseProfile(profiles: MappingTree | undefined, asked: string | undefined): string | undefined {
  const entries = [...(profiles?.entries ?? [])];
  const defaults = entries.filter(([, { value }]) => isDefault(value));
  const [first, second] = defaults;
  if (first && second) {
    const place = entryOf(second[1].value, 'default')?.key ?? second[1].key;
    throw new Failure(
      'usage',
      problemAt(
        place,
        `profiles "${first[0]}" and "${second[0]}" are both the default`,
        'let only one of them say default: true',
      ),
    );
  }
  if (asked === undefined) return first?.[0];
  if (profiles?.entries.has(asked)) return asked;
  throw new Failure('usage', {
    fact: `there is no profile "${asked}"`,
    fix: suggestName(asked, profiles?.entries.keys() ?? []),
  });
}

/** Lays the profile, and before it those that it extends, over the params. Every profile's keys are checked, chosen or not. */
export function applyProfiles(
  params: MappingTree,
  profiles: MappingTree | undefined,
  chosen: string | undefined,
  problems: Problems,
): MappingTree {
  if (!profiles) return params;
  checkExtends(profiles, problems);
  let result = params;
  const chain = new Set(chosen === undefined ? [] : problems.attempt(() => lineage(profiles, chosen)));
  for (const name of chain) {
    const overlay = paramsOf(profiles.entries.get(name));
    if (!overlay) continue;
    checkOverlay(result, overlay, name, problems);
    result = overlayParams(result, overlay);
  }
  for (const [name, entry] of profiles.entries) {
    const overlay = chain.has(name) ? undefined : paramsOf(entry);
    if (overlay) checkOverlay(params, overlay, name, problems);
  }
  return result;
}

function paramsOf(profile: TreeEntry | undefined): MappingTree | undefined {
  const overlay = entryOf(profile?.value, 'params')?.value;
  return overlay?.kind === 'mapping' ? overlay : undefined;
}

/** The profile that a profile extends, if it exists. */
function extendedBy(profiles: MappingTree, name: string): string | undefined {
  const next = textOf(entryOf(profiles.entries.get(name)?.value, 'extends')?.value);
  return next !== undefined && profiles.entries.has(next) ? next : undefined;
}

function checkExtends(profiles: MappingTree, problems: Problems): void {
  for (const { value } of profiles.entries.values()) {
    const entry = entryOf(value, 'extends');
    const next = textOf(entry?.value);
    if (!entry || next === undefined || profiles.entries.has(next)) continue;
    const fix = suggestName(next, profiles.entries.keys());
    problems.add(problemAt(entry.value.place, `there is no profile "${next}"`, fix));
  }
  const leadsTo = (name: string): string[] => [extendedBy(profiles, name)].filter((next) => next !== undefined);
  depthFirst(profiles.entries.keys(), leadsTo, (members) => problems.add(circle(profiles, members.slice(0, -1))));
}

/** The profile and those it extends, the most basic first. */
function lineage(profiles: MappingTree, name: string): string[] {
  const trail = new Set<string>();
  for (let next: string | undefined = name; next !== undefined && !trail.has(next); next = extendedBy(profiles, next)) {
    trail.add(next);
    if (trail.size <= MAX_EXTENDS) continue;
    const { key } = profiles.entries.get(name) as TreeEntry;
    const fact = `profile "${name}" extends more than ${MAX_EXTENDS} others, each the next`;
    throw new Failure('usage', problemAt(key, fact, 'put them into fewer profiles'));
  }
  return [...trail].reverse();
}

/** Reported at the first declared profile of the circle, wherever it was found. */
function circle(profiles: MappingTree, members: readonly string[]): Diagnostic {
  const first = [...profiles.entries.keys()].find((name) => members.includes(name)) ?? '';
  const start = members.indexOf(first);
  const trail = [...members.slice(start), ...members.slice(0, start), first].join(' → ');
  const entry = entryOf(profiles.entries.get(first)?.value, 'extends');
  const fix = 'remove one of these extends';
  const fact = `profiles extend each other in a circle: ${trail}`;
  return entry ? problemAt(entry.value.place, fact, fix) : { fact, fix };
}
