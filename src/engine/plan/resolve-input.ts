import type { Diagnostic } from '../base/diagnostic.ts';
import { Failure } from '../base/failure.ts';
import { listOf } from '../pipeline/coordinates/coordinate-domain.ts';
import { MAX_NODES } from '../pipeline/limits.ts';
import { evaluateTemplate } from '../pipeline/references/template.ts';
import { mayEndAfter } from '../pipeline/stages/stop-rule.ts';
import { problemAt } from '../pipeline/yaml/source.ts';
import type { Coordinate } from '../stage/stage.ts';
import { encodeSegment } from './encode-segment.ts';
import {
  type DraftReference,
  type Entry,
  type ExpandedStage,
  groupBy,
  isEntry,
  isStart,
  keyOf,
  segmentNamed,
  segmentsOf,
  sortEntries,
} from './expanded-stage.ts';
import type { LinkedInput, LinkedSelector } from './link-stages.ts';
import { suggestValue } from './node-pattern.ts';
import type { PlanInput } from './plan.ts';

/** The leading coordinates of the reading nodes, and the same as segments of an id. */
export interface Prefix {
  readonly coordinates: readonly Coordinate[];
  readonly segments: readonly string[];
}

/** All inputs of all nodes; each gathered output counts. */
const MAX_REFERENCES = 5_000_000;

/** What an input asks of one coordinate of its source: all values, one, or several. */
type Wanted = undefined | string | readonly string[];

/**
 * Finds the outputs that an input reads.
 * @param references receives the new references, which will be renumbered
 * @throws {Failure} where a requested node does not exist
 */
export function resolveInput(
  input: LinkedInput,
  prefix: Prefix,
  source: ExpandedStage,
  references: DraftReference[],
): PlanInput {
  const { name, place } = input;
  const single = resolveOne(input, prefix, source);
  if (single) return { kind: 'one', name, source: refer(input, single, references) };

  const wanted = input.selectors.map((_, position) => wantedAt(input, position, prefix, source));
  if (!wanted.some((selector) => typeof selector !== 'string'))
    throw new Failure('usage', noSuchNode(input, source, wanted as string[]));
  const isOfLast = input.selectors.some(({ kind }) => kind === 'last');
  const gathered = gather(input, source, wanted);
  const entries = isOfLast ? gathered.filter((entry) => mayBeLast(entry, source)) : gathered;
  if (entries.length === 0) {
    const fact = `"${input.text}" gathers nothing: stage "${source.linked.declared.name}" has no such nodes`;
    throw new Failure('usage', problemAt(place, fact, 'give every coordinate of it at least one value'));
  }
  const sources = entries.map((entry) => refer(input, entry, references));
  return { kind: 'many', name, sources, ...(isOfLast ? { which: 'last of each chain' } : {}) };
}

/** Whether a chain may have no step after this one. */
function mayBeLast(entry: Entry, { linked: { declared }, nodes }: ExpandedStage): boolean {
  if (isStart(entry) || !declared.scan) return false;
  const next = nodes[entry.index - (nodes[0]?.index ?? 0) + 1];
  const step = entry.coordinates[declared.scan.name] as number;
  return next?.chain !== entry.chain || declared.stop.some((rule) => mayEndAfter(rule, step));
}

function refer(input: LinkedInput, entry: Entry, references: DraftReference[]): DraftReference {
  const { output } = input;
  if (isStart(entry)) {
    const start = entry.outputs.get(output);
    if (start) return start;
    throw new Failure('usage', startHasNot(input, entry.id));
  }
  const reference = { node: entry.index, output };
  if (references.push(reference) > MAX_REFERENCES) {
    const fact = `with "${input.text}", the nodes of the plan have more than ${MAX_REFERENCES} inputs`;
    throw new Failure('usage', problemAt(input.place, fact, 'gather once, in a stage that the others read'));
  }
  return reference;
}

/** The frequent case, one value for each coordinate; undefined for others, and where there is no such node. */
function resolveOne({ selectors }: LinkedInput, prefix: Prefix, source: ExpandedStage): Entry | undefined {
  let found: ExpandedStage['root'] | undefined = source.root;
  for (let position = 0; position < selectors.length; position++) {
    const selector = selectors[position] as LinkedSelector;
    if (!found || isEntry(found) || selector.kind === 'any' || selector.kind === 'last') return undefined;
    if (selector.kind === 'same') found = found.get(prefix.segments[selector.position] as string);
    else {
      const value = evaluateTemplate(selector.template, prefix.coordinates);
      if (typeof value === 'object') return undefined;
      const segment = encodeSegment(value);
      found = found.get(segment) ?? found.get(valueSegment(value, selector.isLiteral, position, source));
    }
  }
  return found && isEntry(found) ? found : undefined;
}

function valueSegment(value: Coordinate, isLiteral: boolean, position: number, source: ExpandedStage): string {
  const segment = encodeSegment(value);
  return isLiteral && typeof value === 'string' ? segmentNamed(source, position, value, segment) : segment;
}

function wantedAt({ selectors, place }: LinkedInput, position: number, prefix: Prefix, source: ExpandedStage): Wanted {
  const selector = selectors[position];
  if (!selector || selector.kind === 'any' || selector.kind === 'last') return undefined;
  if (selector.kind === 'same') return prefix.segments[selector.position] as string;
  const value = evaluateTemplate(selector.template, prefix.coordinates);
  if (typeof value !== 'object') return valueSegment(value, selector.isLiteral, position, source);
  return listOf(value, place).map(encodeSegment);
}

function gather(input: LinkedInput, source: ExpandedStage, wanted: readonly Wanted[]): readonly Entry[] {
  const positions = wanted.flatMap((selector, position) => (selector === undefined ? [] : [position]));
  if (positions.length === 0) return source.nodes;
  const groups = groupBy(source, positions);
  checkCount(
    input,
    positions.reduce((count, position) => count * [wanted[position] ?? []].flat().length, 1),
  );
  let keys: string[][] = [[]];
  for (const position of positions) {
    const options = [wanted[position] ?? []].flat();
    keys = keys.flatMap((key) => options.map((option) => [...key, option]));
  }
  const entries = keys.flatMap((key) => {
    const found = groups.get(keyOf(key));
    if (found) return found;
    const full = wanted.map((_, position) =>
      positions.includes(position) ? (key[positions.indexOf(position)] as string) : '*',
    );
    throw new Failure('usage', noSuchNode(input, source, full));
  });
  checkCount(input, entries.length);
  if (keys.length > 1) sortEntries(entries);
  return entries;
}

function checkCount({ text, place }: LinkedInput, count: number): void {
  if (count <= MAX_NODES) return;
  const fact = `"${text}" asks for ${count} nodes, and a plan has at most ${MAX_NODES}`;
  throw new Failure('usage', problemAt(place, fact, 'gather fewer'));
}

function startHasNot({ place, output }: LinkedInput, id: string): Diagnostic {
  const fact = `node "${id}" does not exist: it is the start of its chain, and "${output}" is not carried`;
  return problemAt(place, fact, 'only carried outputs have a value before the first step');
}

/** @param wanted a segment for each coordinate, `*` for all values */
function noSuchNode({ place }: LinkedInput, source: ExpandedStage, wanted: readonly string[]): Diagnostic {
  const { declared, coordinates } = source.linked;
  const fact = `no node matches "${[declared.name, ...wanted].join('/')}"`;
  // The first coordinate that no node has together with those before it is the one to correct.
  let candidates = source.nodes.map(segmentsOf);
  if (candidates.length === 0) return problemAt(place, fact, `stage "${declared.name}" has no nodes at all`);
  for (const [position, segment] of wanted.entries()) {
    const matching = segment === '*' ? candidates : candidates.filter((segments) => segments[position] === segment);
    if (matching.length === 0) {
      const values = [...new Set(candidates.map((segments) => segments[position] as string))];
      return problemAt(place, fact, suggestValue(`"${coordinates[position]}"`, segment, values));
    }
    candidates = matching;
  }
  return problemAt(place, fact);
}
