import type { Diagnostic } from '../base/diagnostic.ts';
import { Failure } from '../base/failure.ts';
import type { Coordinate } from '../contract/stage.ts';
import { problemAt } from '../spec/source.ts';
import { evaluateTemplate } from '../spec/template.ts';
import { listOf } from './coordinate-values.ts';
import {
  type DraftReference,
  type Entry,
  type ExpandedStage,
  groupBy,
  isEntry,
  isStart,
  keyOf,
  segmentsOf,
  sortEntries,
} from './expanded-stage.ts';
import type { LinkedInput } from './link.ts';
import { encodeSegment } from './node-id.ts';
import { suggestValue } from './pattern.ts';
import type { PlanInput } from './plan.ts';

/** The leading coordinates of the reading nodes, and the same as segments of an id. */
export interface Prefix {
  readonly coordinates: readonly Coordinate[];
  readonly segments: readonly string[];
}

/** What an input asks of one coordinate of its source: all values, one, or several. */
type Wanted = undefined | string | readonly string[];

/**
 * Finds the outputs that an input reads.
 * @param references receives the references that are made, to be numbered again later
 * @throws {Failure} where a node that is asked for does not exist.
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

  const wanted = input.selectors.map((_, position) => wantedAt(input, position, prefix));
  if (!wanted.some((selector) => typeof selector !== 'string'))
    throw new Failure('usage', noSuchNode(input, source, wanted as string[]));
  const entries = gather(input, source, wanted);
  if (entries.length === 0) {
    const fact = `"${input.text}" gathers nothing: stage "${source.linked.spec.name}" has no such nodes`;
    throw new Failure('usage', problemAt(place, fact, 'give every coordinate of it at least one value'));
  }
  return { kind: 'many', name, sources: entries.map((entry) => refer(input, entry, references)) };
}

function refer(input: LinkedInput, entry: Entry, references: DraftReference[]): DraftReference {
  const { output } = input;
  if (isStart(entry)) {
    const start = entry.outputs.get(output);
    if (start) return start;
    throw new Failure('usage', startHasNot(input, entry.id));
  }
  const reference = { node: entry.index, output };
  references.push(reference);
  return reference;
}

/** The frequent case, one value for each coordinate; undefined for others, and where there is no such node. */
function resolveOne({ selectors }: LinkedInput, prefix: Prefix, { root }: ExpandedStage): Entry | undefined {
  let found: ExpandedStage['root'] | undefined = root;
  for (const selector of selectors) {
    if (!found || isEntry(found) || selector.kind === 'any') return undefined;
    if (selector.kind === 'same') found = found.get(prefix.segments[selector.position] as string);
    else {
      const value = evaluateTemplate(selector.template, prefix.coordinates);
      if (typeof value === 'object') return undefined;
      found = found.get(encodeSegment(value));
    }
  }
  return found && isEntry(found) ? found : undefined;
}

function wantedAt({ selectors, place }: LinkedInput, position: number, prefix: Prefix): Wanted {
  const selector = selectors[position];
  if (!selector || selector.kind === 'any') return undefined;
  if (selector.kind === 'same') return prefix.segments[selector.position] as string;
  const value = evaluateTemplate(selector.template, prefix.coordinates);
  return typeof value === 'object' ? listOf(value, place).map(encodeSegment) : encodeSegment(value);
}

function gather(input: LinkedInput, source: ExpandedStage, wanted: readonly Wanted[]): readonly Entry[] {
  const positions = wanted.flatMap((selector, position) => (selector === undefined ? [] : [position]));
  if (positions.length === 0) return source.nodes;
  const groups = groupBy(source, positions);
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
  if (keys.length > 1) sortEntries(entries);
  return entries;
}

function startHasNot({ place, output }: LinkedInput, id: string): Diagnostic {
  const fact = `node "${id}" does not exist: it is the start of its chain, and "${output}" is not carried`;
  return problemAt(place, fact, 'only carried outputs have a value before the first step');
}

/** @param wanted a segment for each coordinate, `*` where all are asked for */
function noSuchNode({ place }: LinkedInput, source: ExpandedStage, wanted: readonly string[]): Diagnostic {
  const { spec, coordinates } = source.linked;
  const fact = `no node matches "${[spec.name, ...wanted].join('/')}"`;
  // The first coordinate that no node has together with those before it is the one to mend.
  let candidates = source.nodes.map(segmentsOf);
  if (candidates.length === 0) return problemAt(place, fact, `stage "${spec.name}" has no nodes at all`);
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
