import { Failure } from '../base/failure.ts';
import { deepFreeze, isJsonObject, type JsonObject, type JsonValue } from '../base/json.ts';
import { wholeNumber } from '../pipeline/coordinates/coordinate-domain.ts';
import { MAX_NODES } from '../pipeline/limits.ts';
import type { DeclaredStage } from '../pipeline/pipeline.ts';
import type { Problems } from '../pipeline/problems.ts';
import { describeValue } from '../pipeline/references/lookup.ts';
import { evaluateTemplate, type Template } from '../pipeline/references/template.ts';
import type { DeclaredCommand } from '../pipeline/stages/read-command.ts';
import { checkExtent, extentOf } from '../pipeline/yaml/extent.ts';
import { type Place, problemAt } from '../pipeline/yaml/source.ts';
import type { Coordinate } from '../stage/stage.ts';
import { type CoordinateValues, coordinateValues } from './coordinate-values.ts';
import {
  ChainEntries,
  type ChainStart,
  type DraftNode,
  type DraftReference,
  type EntryTree,
  type ExpandedStage,
} from './expanded-stage.ts';
import type { LinkedChoice, LinkedInput, LinkedStage } from './link-stages.ts';
import type { NodeId, PlanInput } from './plan.ts';
import { resolveInput } from './resolve-input.ts';

/** Each is hashed for the key of a node. */
const MAX_PARAM_VALUES = 100_000_000;

const NO_PARAMS: JsonObject = Object.freeze({});
const EMPTY: EntryTree = { get: () => undefined };

/** The nodes of all stages that are expanded so far, numbered in their order. */
export interface Expansion {
  readonly stages: Map<LinkedStage, ExpandedStage>;
  readonly nodes: DraftNode[];
  readonly references: DraftReference[];
  /** The extent of all params so far. Those that nodes share count once, with everything in them written out. */
  paramValues: number;
}

/**
 * Adds all nodes of a stage, in the order of its coordinates, those of a chain one after the other. A value that depends only on leading
 * coordinates is evaluated once for all nodes that share them, which also share the value. The stages that it reads are expanded already.
 */
export function expandStage(linked: LinkedStage, expansion: Expansion, problems: Problems): void {
  const { declared, planStage: stage } = linked;
  const { each, scan } = declared;
  const { nodes, references } = expansion;
  const coordinates: Coordinate[] = [];
  const segments: string[] = [];
  const prefix = { coordinates, segments };
  const firstIndex = nodes.length;
  const starts: ChainStart[] = [];
  const inputs: (PlanInput | undefined)[] = linked.inputs.map(() => undefined);
  /** The inputs, by position, that a number of coordinates decides. */
  const inputsAt = linked.coordinates.map((): number[] => []).concat([[]]);
  linked.inputs.forEach(({ depth }, position) => {
    inputsAt[depth]?.push(position);
  });
  const valuesCache = new Map<JsonValue, CoordinateValues>();
  let params = NO_PARAMS;
  let settled: readonly PlanInput[] = [];

  const resolve = (choice: LinkedChoice) => {
    const input = chosenInput(choice, coordinates);
    const source = expansion.stages.get(input.source);
    if (!source) throw new Error(`stage ${input.source.declared.name} is read before it is expanded`);
    return { input, found: resolveInput(input, prefix, source, references) };
  };

  const ofCommand = declared.program.kind === 'command' ? declared.program.references : [];
  const paramsDepth = ofCommand.reduce((depth, [, { depth: own }]) => Math.max(depth, own), declared.params.depth);

  /** Evaluates what this number of coordinates decides. */
  const enter = (depth: number): void => {
    if (paramsDepth === depth) {
      params =
        problems.attempt(() => {
          const own = paramsOf(declared.params, declared.paramsPlace, coordinates);
          return ofCommand.length === 0 ? own : withReferences(own, ofCommand, coordinates);
        }) ?? NO_PARAMS;
      expansion.paramValues += extentOf(params).values;
      if (expansion.paramValues > MAX_PARAM_VALUES) throw tooManyValues(declared);
    }
    const decided = inputsAt[depth] ?? [];
    if (decided.length === 0) return;
    for (const position of decided) {
      try {
        inputs[position] = resolve(linked.inputs[position] as LinkedChoice).found;
      } catch (error) {
        problems.collect(error);
        inputs[position] = undefined;
      }
    }
    settled = inputs.filter((input) => input !== undefined);
  };

  const checkSize = (more: number): void => {
    if (nodes.length + more <= MAX_NODES) return;
    const fact = `with stage "${declared.name}" the plan has more than ${MAX_NODES} nodes`;
    throw new Failure('usage', problemAt(declared.place, fact, 'shorten the lists in "each", or the range of "scan"'));
  };

  const addNode = (id: string, chain: string | undefined, all: readonly PlanInput[]): DraftNode => {
    checkSize(1);
    const at: Record<string, Coordinate> = {};
    // A third of the memory that spreading the earlier coordinates would take.
    for (let i = 0; i < coordinates.length; i++) at[linked.coordinates[i] as string] = coordinates[i] as Coordinate;
    const node: DraftNode = {
      id: id as NodeId,
      index: nodes.length,
      stage,
      coordinates: at,
      params,
      inputs: all,
      chain,
    };
    nodes.push(node);
    return node;
  };

  const carryOn = (names: readonly string[], node: number): PlanInput[] =>
    names.map((name) => {
      const source = { node, output: name };
      references.push(source);
      return { kind: 'one', name, source };
    });

  const expandChain = (chain: string): EntryTree => {
    if (!scan) return EMPTY;
    const from = problems.attempt(() => wholeNumber(evaluateTemplate(scan.from, coordinates), scan.place));
    const to = problems.attempt(() => wholeNumber(evaluateTemplate(scan.to, coordinates), scan.place));
    const outputs = new Map<string, DraftReference>();
    for (const carried of linked.carry) {
      const start = problems.attempt(() => startOf(resolve(carried)));
      if (start) outputs.set(start.name, start.source);
    }
    if (from === undefined || to === undefined) return EMPTY;
    checkSize(to - from + 1);
    const start = { id: `${chain}/${from - 1}`, before: nodes.length, outputs };
    starts.push(start);

    const depth = coordinates.length;
    const names = [...outputs.keys()];
    const first = [...outputs].map(([name, source]): PlanInput => ({ kind: 'one', name, source }));
    for (let value = from; value <= to; value++) {
      const segment = String(value);
      coordinates[depth] = value;
      segments[depth] = segment;
      enter(depth + 1);
      const carried = value === from ? first : carryOn(names, nodes.length - 1);
      // Arrays of their exact length: pushing to an empty array reserves 17 places.
      addNode(`${chain}/${segment}`, chain, carried.concat(settled));
    }
    coordinates.length = depth;
    segments.length = depth;
    return new ChainEntries(start, from, to, nodes);
  };

  let prefixes = 0;
  const expand = (depth: number, id: string): EntryTree | DraftNode => {
    // Values without a node cost time as well.
    if (++prefixes > MAX_NODES * 2) checkSize(MAX_NODES + 1);
    enter(depth);
    const coordinate = each[depth];
    if (!coordinate) return scan ? expandChain(id) : addNode(id, undefined, settled);
    const tree = new Map<string, EntryTree | DraftNode>();
    const list = problems.attempt(() => {
      const value = evaluateTemplate(coordinate.values, coordinates);
      const known = valuesCache.get(value) ?? coordinateValues(coordinate, value);
      valuesCache.set(value, known);
      return known;
    });
    for (const [i, value] of list?.values.entries() ?? []) {
      const segment = list?.segments[i] as string;
      coordinates[depth] = value;
      segments[depth] = segment;
      tree.set(segment, expand(depth + 1, `${id}/${segment}`));
    }
    coordinates.length = depth;
    segments.length = depth;
    return tree;
  };

  const root = problems.attempt(() => expand(0, declared.name)) ?? EMPTY;
  expansion.stages.set(linked, {
    linked,
    nodes: nodes.slice(firstIndex),
    starts,
    root,
    groups: new Map(),
    segments: new Map(),
  });
}

function tooManyValues({ name, paramsPlace }: DeclaredStage): Failure {
  const fact = `with stage "${name}", the params of all nodes stand for more than ${MAX_PARAM_VALUES} values`;
  return new Failure(
    'usage',
    problemAt(paramsPlace, fact, 'pass each node what it needs, or let it read the rest from an input'),
  );
}

function paramsOf(template: Template, place: Place, coordinates: readonly Coordinate[]): JsonObject {
  const value = evaluateTemplate(template, coordinates);
  if (isJsonObject(value)) {
    deepFreeze(value);
    checkExtent(extentOf(value), place);
    return value;
  }
  throw new Failure('usage', problemAt(place, `this is ${describeValue(value)}`, 'params must be a mapping'));
}

/** With what the command of the stage refers to: it decides the result as other params do. */
function withReferences(
  params: JsonObject,
  references: DeclaredCommand['references'],
  coordinates: readonly Coordinate[],
): JsonObject {
  const values = references.map(([name, template]) => [name, evaluateTemplate(template, coordinates)] as const);
  return deepFreeze({ ...params, ...Object.fromEntries(values) });
}

function chosenInput({ choice, inputs }: LinkedChoice, coordinates: readonly Coordinate[]): LinkedInput {
  const text = evaluateTemplate(choice, coordinates) as string;
  const input = inputs.get(text);
  if (input) return input;
  throw new Error(`"${text}" is none of the references that were read`);
}

function startOf({ input: { name, text, place }, found }: { input: LinkedInput; found: PlanInput }) {
  if (found.kind === 'one') return { name, source: found.source };
  throw new Failure(
    'usage',
    problemAt(place, `"${name}" starts from several nodes: "${text}" gathers`, 'select one value of each coordinate'),
  );
}
