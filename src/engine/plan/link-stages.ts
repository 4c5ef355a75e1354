import { depthFirst } from '../base/depth-first.ts';
import { suggestName } from '../base/diagnostic.ts';
import { Failure } from '../base/failure.ts';
import {
  coordinateNames,
  type DeclaredInput,
  type DeclaredStage,
  type Pipeline,
  type StageProgram,
} from '../pipeline/pipeline.ts';
import type { Problems } from '../pipeline/problems.ts';
import type { Template } from '../pipeline/references/template.ts';
import type { InputReference } from '../pipeline/stages/input-reference.ts';
import { type Place, problemAt, rangeOf } from '../pipeline/yaml/source.ts';
import type { ArtefactType } from '../stage/artefact.ts';
import type { PlanStage } from './plan.ts';

/** A stage whose inputs are bound to their stages. */
export interface LinkedStage {
  readonly declared: DeclaredStage;
  readonly planStage: PlanStage;
  /** The scanned one last. */
  readonly coordinates: readonly string[];
  readonly inputs: readonly LinkedChoice[];
  /** How each carried output starts. */
  readonly carry: readonly LinkedChoice[];
}

/** What the nodes of a stage read as one input: for most stages, all of them from one other stage. */
export interface LinkedChoice {
  readonly choice: Template;
  /** By the text that `choice` gives for a node. */
  readonly inputs: ReadonlyMap<string, LinkedInput>;
  /** How many leading coordinates of the reading stage decide which nodes these are. */
  readonly depth: number;
}

export interface LinkedInput {
  readonly name: string;
  readonly text: string;
  readonly place: Place;
  readonly source: LinkedStage;
  readonly output: string;
  /** One for each coordinate of the source. */
  readonly selectors: readonly LinkedSelector[];
}

export type LinkedSelector =
  | { readonly kind: 'any' }
  /** Of the scanned coordinate: the last step to which each chain comes. */
  | { readonly kind: 'last' }
  /** The reading node's own coordinate at this position. */
  | { readonly kind: 'same'; readonly position: number }
  /** Where the text has no quotes, the number that it means counts too. */
  | { readonly kind: 'value'; readonly template: Template; readonly isLiteral: boolean };

/**
 * Binds the inputs of all stages, and orders the stages so that each comes after those it reads, in declared order where
 * that is possible.
 */
export function linkStages(pipeline: Pipeline, problems: Problems): readonly LinkedStage[] {
  const linked = new Map<string, LinkedStage & { inputs: LinkedChoice[]; carry: LinkedChoice[] }>();
  for (const stage of pipeline.stages.values()) {
    linked.set(stage.name, {
      declared: stage,
      planStage: planStageOf(stage, pipeline),
      coordinates: coordinateNames(stage),
      inputs: [],
      carry: [],
    });
  }
  for (const stage of linked.values()) {
    const chainCoordinates = stage.declared.each.map(({ name }) => name);
    for (const carried of stage.declared.scan?.carry ?? []) {
      const start = problems.attempt(() => linkChoice(carried, chainCoordinates, linked));
      if (start && checkCarry(stage, carried, start, problems)) stage.carry.push(start);
    }
    for (const input of stage.declared.inputs) {
      const source = problems.attempt(() => linkChoice(input, stage.coordinates, linked));
      if (source && checkTypes(stage, input, source, problems)) stage.inputs.push(source);
    }
  }
  return orderStages([...linked.values()], problems);
}

function planStageOf(stage: DeclaredStage, pipeline: Pipeline): PlanStage {
  const { name, place, places, outputs, resources, timeoutSeconds, retries, compute, environment } = stage;
  const { undeclared, reproducible, executor } = stage;
  const program = programOf(stage, pipeline);
  const range = rangeOf(place);
  if (!range) throw new Error(`stage ${name} does not stand in a file`);
  const at = (part: Place) => rangeOf(part) ?? range;
  const ranges = {
    program: at(places.program),
    code: at(places.code),
    codeEntries: places.codeEntries.map(at),
    environment: at(places.environment),
    executor: at(places.executor),
  };
  const limits = { resources, timeoutSeconds, retries, executor };
  return {
    name,
    range,
    places: ranges,
    program,
    outputs,
    ...limits,
    compute,
    ...environment,
    undeclared,
    reproducible,
  };
}

function programOf({ program, inputs, scan }: DeclaredStage, { stages }: Pipeline): StageProgram {
  if (program.kind !== 'command') return program;
  const { kind, form, words, code, paths, environment } = program;
  const types: Record<string, ArtefactType> = {};
  for (const { name, references } of [...(scan?.carry ?? []), ...inputs]) {
    // Others have the same type, and one that does not exist is reported when the inputs are bound.
    const [reference] = references.values();
    const outputs = stages.get(reference?.stage ?? '')?.outputs ?? {};
    // A source has one output, which a reference need not name.
    types[name] = outputs[reference?.output ?? Object.keys(outputs)[0] ?? ''] ?? 'file';
  }
  return { kind, form, words, code, inputs: types, paths, environment };
}

/** The stage and output of a reference. @throws {Failure} where they do not exist */
export function findOutput<S extends { readonly declared: DeclaredStage }>(
  stages: ReadonlyMap<string, S>,
  stageName: string,
  output: string | undefined,
  place: Place,
): { readonly stage: S; readonly output: string } {
  const stage = stages.get(stageName);
  if (!stage) {
    const fact = `there is no ${output === undefined ? 'source' : 'stage'} "${stageName}"`;
    const fix = pathFix(stageName, output, stages) ?? suggestName(stageName, stages.keys());
    throw new Failure('usage', problemAt(place, fact, fix));
  }
  const { outputs, program } = stage.declared;
  if (output === undefined) {
    const [only] = Object.keys(outputs);
    if (program.kind === 'source' && only !== undefined) return { stage, output: only };
    const fact = `"${stageName}" is a stage, and this does not say which output of it`;
    const fix = `write ${Object.keys(outputs)
      .map((name) => `${stageName}.${name}`)
      .join(' or ')}`;
    throw new Failure('usage', problemAt(place, fact, fix));
  }
  if (!Object.hasOwn(outputs, output)) {
    const fact = `stage "${stageName}" has no output "${output}"`;
    throw new Failure('usage', problemAt(place, fact, suggestName(output, Object.keys(outputs))));
  }
  return { stage, output };
}

/** For a path in the place of a reference. Part of a node's id, as in `train/1.weights`, is none. */
function pathFix(stage: string, output: string | undefined, stages: ReadonlyMap<string, unknown>): string | undefined {
  const [first = ''] = stage.split('/');
  if (first === stage || stages.has(first)) return undefined;
  const path = output === undefined ? stage : `${stage}.${output}`;
  return `declare the file under "sources", as data: {file: ${path}}, and write data here`;
}

function linkChoice(
  { name, choice, references }: DeclaredInput,
  own: readonly string[],
  stages: ReadonlyMap<string, LinkedStage>,
): LinkedChoice {
  const inputs = new Map([...references].map(([key, reference]) => [key, linkInput(name, reference, own, stages)]));
  const depths = [...inputs.values()].flatMap(({ selectors }) => selectors.map(depthOf));
  return { choice, inputs, depth: depths.reduce((deepest, depth) => Math.max(deepest, depth), choice.depth) };
}

function linkInput(
  name: string,
  reference: InputReference,
  own: readonly string[],
  stages: ReadonlyMap<string, LinkedStage>,
): LinkedInput {
  const { text, place } = reference;
  const { stage: source, output } = findOutput(stages, reference.stage, reference.output, place);
  for (const { coordinate, place: where } of reference.selectors) {
    if (source.coordinates.includes(coordinate)) continue;
    const fact = `stage "${reference.stage}" has no coordinate "${coordinate}"`;
    throw new Failure('usage', problemAt(where, fact, suggestName(coordinate, source.coordinates)));
  }
  const selectors = source.coordinates.map((coordinate) => selectorFor(coordinate, reference, own, source));
  return { name, text, place, source, output, selectors };
}

function depthOf(selector: LinkedSelector): number {
  if (selector.kind === 'any' || selector.kind === 'last') return 0;
  return selector.kind === 'same' ? selector.position + 1 : selector.template.depth;
}

function selectorFor(
  coordinate: string,
  { all, selectors, place, stage, text }: InputReference,
  own: readonly string[],
  source: LinkedStage,
): LinkedSelector {
  if (all) return { kind: 'any' };
  const selector = selectors.find((candidate) => candidate.coordinate === coordinate);
  if (selector) {
    const { value: template, isLiteral } = selector;
    if (isLiteral && coordinate === source.declared.scan?.name && isWordLast(template)) return { kind: 'last' };
    return template === undefined ? { kind: 'any' } : { kind: 'value', template, isLiteral };
  }
  const position = own.indexOf(coordinate);
  if (position >= 0) return { kind: 'same', position };
  const free = source.coordinates.filter(
    (name) => !own.includes(name) && !selectors.some((s) => s.coordinate === name),
  );
  const ways = [
    ...selectors.map((s) => s.place.source.text.slice(s.place.start, s.place.end)),
    ...free.map((name) => `${name}=*`),
  ];
  const base = text.replace(/\s*\[.*$/s, '');
  throw new Failure(
    'usage',
    problemAt(
      place,
      `"${text}" does not say which ${free.map((name) => `"${name}"`).join(' and ')} of stage "${stage}"`,
      `gather all by ${base}[${ways.join(', ')}], or select one by ${free[0]}=value`,
    ),
  );
}

/** A scanned coordinate has numbers alone. */
function isWordLast(template: Template | undefined): boolean {
  return template?.kind === 'constant' && template.value === 'last';
}

function checkCarry(
  stage: LinkedStage,
  { name, place }: DeclaredInput,
  start: LinkedChoice,
  problems: Problems,
): boolean {
  const { outputs, inputs, name: stageName } = stage.declared;
  if (!Object.hasOwn(outputs, name)) {
    problems.add(
      problemAt(
        place,
        `stage "${stageName}" carries "${name}", which is none of its outputs`,
        suggestName(name, Object.keys(outputs)),
      ),
    );
    return false;
  }
  const input = inputs.find((candidate) => candidate.name === name);
  if (input) {
    problems.add(problemAt(input.place, `"${name}" is carried, and an input already`, 'remove it from "inputs"'));
    return false;
  }
  const other = [...start.inputs.values()].find((input) => typeOf(input) !== outputs[name]);
  if (other) {
    problems.add(
      problemAt(
        other.place,
        `"${name}" is ${outputs[name]}, but starts as ${typeOf(other)}`,
        'a carried output has one type from the start on',
      ),
    );
    return false;
  }
  return true;
}

/** A command finds its inputs at paths, which end as their types say: the same for all nodes. */
function checkTypes(
  { declared }: LinkedStage,
  { name }: DeclaredInput,
  { inputs }: LinkedChoice,
  problems: Problems,
): boolean {
  if (declared.program.kind !== 'command') return true;
  const [first, ...others] = inputs.values();
  const other = others.find((input) => first && typeOf(input) !== typeOf(first));
  if (!first || !other) return true;
  const fact = `"${name}" of a command is ${typeOf(first)} as "${first.text}", and ${typeOf(other)} as "${other.text}"`;
  problems.add(problemAt(other.place, fact, 'let a command read inputs of one type, or make one stage for each'));
  return false;
}

function typeOf({ source, output }: LinkedInput): ArtefactType | undefined {
  return source.declared.outputs[output];
}

/** The stages that a stage reads, in the order in which it names them. */
export function sourcesOf(stage: LinkedStage): readonly LinkedInput[] {
  return [...stage.carry, ...stage.inputs].flatMap(({ inputs }) => [...inputs.values()]);
}

function orderStages(stages: readonly LinkedStage[], problems: Problems): LinkedStage[] {
  const sources = (stage: LinkedStage) => sourcesOf(stage).map(({ source }) => source);
  return depthFirst(stages, sources, (circle) => {
    const [last, first] = circle.slice(-2) as [LinkedStage, LinkedStage];
    const input = sourcesOf(last).find(({ source }) => source === first);
    if (input) reportCycle(circle, input.place, problems);
  });
}

function reportCycle(circle: readonly LinkedStage[], place: Place, problems: Problems): void {
  const trail = circle.map(({ declared }) => declared.name).join(' → ');
  problems.add(
    circle.length === 2
      ? problemAt(
          place,
          `a stage reads itself: ${trail}`,
          'a stage reads its own output of the step before by "scan" with "carry"',
        )
      : problemAt(place, `stages read each other in a circle: ${trail}`, 'remove one of these inputs'),
  );
}
