import { Failure } from '../../base/failure.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { parseDuration, parseSize } from '../../base/quantity.ts';
import type { ArtefactType } from '../../stage/artefact.ts';
import { type Axis, valuesOf } from '../coordinates/axes.ts';
import { checkClash } from '../coordinates/declared-coordinate.ts';
import { readEach } from '../coordinates/read-each.ts';
import type { DeclaredScan, DeclaredStage, ModuleProgram, StagePlaces, UndeclaredReads } from '../pipeline.ts';
import type { Problems } from '../problems.ts';
import type { Scope } from '../references/bound-reference.ts';
import { describeValue } from '../references/lookup.ts';
import { compileTemplate, type Template } from '../references/template.ts';
import { type Place, problemAt } from '../yaml/source.ts';
import { entryOf, type Tree, type TreeEntry, textOf } from '../yaml/tree.ts';
import { type DeclaredCommand, readCommand } from './read-command.ts';
import { type InputNames, readInputs } from './read-inputs.ts';
import { readRetention } from './read-retention.ts';
import { readRetries } from './read-retries.ts';
import { readStop } from './read-stop.ts';
import { readEnvironment } from './stage-environment.ts';

const NOTHING: Template = { kind: 'constant', depth: 0, value: Object.freeze({}) };

/** What a stage can refer to: params, and the pipeline's axes, if it has any. */
export interface PipelineNames {
  readonly params: JsonObject;
  readonly axes: ReadonlyMap<string, Axis> | undefined;
}

/** Reads one stage, whose shape the schema has checked. */
export function readStage(
  name: string,
  { key, value: tree }: TreeEntry,
  { params, axes }: PipelineNames,
  problems: Problems,
): DeclaredStage {
  const bare: Scope = { params, coordinates: [], hidden: [], axes: axes && valuesOf(axes) };
  const each = readEach(entryOf(tree, 'each')?.value, bare, axes ?? new Map(), problems);
  const eachScope: Scope = { ...bare, coordinates: each.map(({ scoped }) => scoped) };
  const matrix = each.map((coordinate) => coordinate.matrix);
  const scan = readScan(entryOf(tree, 'scan')?.value, { scope: eachScope, each: matrix }, problems);
  const scope: Scope = scan
    ? { ...bare, coordinates: [...eachScope.coordinates, { kind: 'value', name: scan.name }] }
    : eachScope;
  const settingScope: Scope = { ...bare, hidden: scope.coordinates.map((coordinate) => coordinate.name) };

  const paramsEntry = entryOf(tree, 'params');
  const stageParams = paramsEntry && problems.attempt(() => compileTemplate(paramsEntry.value, scope));
  const resources = entryOf(tree, 'resources')?.value;
  const setting = (parent: Tree | undefined, setting: string, read: (entry: TreeEntry) => number) => {
    const entry = entryOf(parent, setting);
    return entry && problems.attempt(() => read(entry));
  };
  const outputs = readOutputs(entryOf(tree, 'outputs')?.value);
  const count = (minimum: number) => (entry: TreeEntry) => readCount(entry, minimum, settingScope);

  const chainScope = scan ? { ...eachScope, hidden: [scan.name] } : eachScope;
  const inputs = readInputs(entryOf(tree, 'inputs')?.value, { scope, chainScope, each: matrix }, problems);
  const names = {
    scope,
    inputs: [...inputs, ...(scan?.carry ?? [])].map((input) => input.name),
    outputs: Object.keys(outputs),
  };

  return {
    name,
    place: key,
    description: textOf(entryOf(tree, 'description')?.value),
    program: readProgram(tree, key, names, problems),
    places: placesOf(tree, key),
    each: matrix,
    scan,
    params: stageParams ?? NOTHING,
    paramsPlace: paramsEntry?.value.place ?? key,
    inputs,
    outputs,
    retain: readRetention(entryOf(tree, 'retain'), Object.keys(outputs), scan, problems),
    stop: readStop(
      entryOf(tree, 'stop'),
      each.map(({ matrix }) => matrix),
      scan,
      settingScope,
      problems,
    ),
    compute: booleanOf(entryOf(tree, 'compute')?.value),
    environment: readEnvironment(tree, problems),
    undeclared: readUndeclared(tree, problems),
    reproducible: booleanOf(entryOf(tree, 'reproducible')?.value, true),
    resources: {
      threads: setting(resources, 'threads', count(1)) ?? 1,
      memoryBytes:
        setting(resources, 'memory', (entry) =>
          readQuantity(entry, settingScope, parseSize, 'a size such as 512MB or 1.5GiB'),
        ) ?? 0,
      gpus: setting(resources, 'gpus', count(0)) ?? 0,
    },
    timeoutSeconds: setting(tree, 'timeout', (entry) =>
      readQuantity(entry, settingScope, parseDuration, 'a duration such as 45s, 30m or 1h30m'),
    ),
    retries: readRetries(entryOf(tree, 'retries'), (entry) => problems.attempt(() => count(0)(entry))),
    executor: textOf(entryOf(tree, 'executor')?.value),
  };
}

function placesOf(tree: Tree, stage: Place): StagePlaces<Place> {
  const [program, code, environment, executor] = [['run', 'command'], ['code'], ['environment'], ['executor']].map(
    (keys) => firstOf(tree, keys),
  );
  const place = (value: Tree | undefined) => value?.place ?? stage;
  return {
    program: place(program),
    code: place(code),
    codeEntries: code?.kind === 'list' ? code.items.map(place) : [],
    environment: place(firstOf(environment, ['lock', 'image', 'root']) ?? environment),
    executor: place(executor),
  };
}

/** The value of the first of these keys that is there. */
function firstOf(tree: Tree | undefined, keys: readonly string[]): Tree | undefined {
  return keys.map((key) => entryOf(tree, key)?.value).find((value) => value !== undefined);
}

/** Keys that are for one of the two kinds of stages. */
const OF_MODULES = ['compute'];

function readProgram(
  tree: Tree,
  stage: Place,
  names: Parameters<typeof readCommand>[2],
  problems: Problems,
): ModuleProgram | DeclaredCommand {
  const [run, command, code, paths, environment] = ['run', 'command', 'code', 'paths', 'environment'].map((key) =>
    entryOf(tree, key),
  );
  if (run && command) {
    problems.add(problemAt(command.key, 'a stage runs a module or a command', 'remove "run" or "command"'));
  }
  if (!run && !command) {
    const fix = 'add "run" with the path of a module, or "command" with the arguments of a program';
    problems.add(problemAt(stage, 'the stage says neither "run" nor "command"', fix));
  }
  if (code && !command) {
    const fix = 'remove it: the code of a module is found from its imports';
    problems.add(problemAt(code.key, '"code" is for stages with "command"', fix));
  }
  if (paths && !command) {
    const fix = 'remove it: a module gets its inputs as values, or as paths where it says one(file)';
    problems.add(problemAt(paths.key, '"paths" is for stages with "command"', fix));
  }
  if (environment && !command) {
    const fix = 'remove it: packages of a module are found from its imports';
    problems.add(problemAt(environment.key, '"environment" is for stages with "command"', fix));
  }
  if (!command) return readModule(textOf(run?.value) ?? '');
  for (const key of OF_MODULES) {
    const entry = entryOf(tree, key);
    if (entry) problems.add(problemAt(entry.key, `"${key}" is for stages with "run"`, 'remove it'));
  }
  return readCommand(command, tree, names, problems);
}

/** The schema has checked the word. */
function readUndeclared(tree: Tree, problems: Problems): UndeclaredReads {
  const entry = entryOf(tree, 'undeclared');
  const word = (textOf(entry?.value) ?? 'refuse') as UndeclaredReads;
  if (entry && word === 'strace' && !entryOf(tree, 'command')) {
    const fix = 'remove it: what a module opens is seen without it';
    problems.add(problemAt(entry.key, '"undeclared: strace" is for stages with "command"', fix));
  }
  return word;
}

function readModule(run: string): ModuleProgram {
  const [path = run, exportName = 'default'] = run.split('#');
  return { kind: 'module', path, exportName };
}

function readScan(
  tree: Tree | undefined,
  { scope, each }: Pick<InputNames, 'scope' | 'each'>,
  problems: Problems,
): DeclaredScan | undefined {
  if (tree?.kind !== 'mapping') return undefined;
  const scanned = [...tree.entries].find(([name]) => name !== 'carry');
  if (!scanned) return undefined;
  const [name, { key, value: range }] = scanned;
  checkClash(name, key, scope, problems);
  if (scope.coordinates.some((coordinate) => coordinate.name === name)) {
    problems.add(
      problemAt(key, `"${name}" is a coordinate of "each" already`, 'give the scanned coordinate a name of its own'),
    );
  }
  const chainScope: Scope = { ...scope, hidden: [name] };
  const bound = (which: 'from' | 'to'): Template => {
    const entry = entryOf(range, which);
    return (
      (entry && problems.attempt(() => compileTemplate(entry.value, chainScope))) ?? {
        kind: 'constant',
        depth: 0,
        value: 1,
      }
    );
  };
  const marks = entryOf(range, 'checkpoints');
  const values = marks && problems.attempt(() => compileTemplate(marks.value, chainScope));
  const checkpoints = marks && values && { values, place: marks.value.place };
  const carry = readInputs(entryOf(tree, 'carry')?.value, { scope: chainScope, chainScope, each }, problems);
  const place = entryOf(range, 'to')?.value.place ?? key;
  return { name, place, from: bound('from'), to: bound('to'), checkpoints, carry };
}

function readOutputs(tree: Tree | undefined): Record<string, ArtefactType> {
  const outputs: Record<string, ArtefactType> = {};
  if (tree?.kind === 'mapping') {
    for (const [name, { value }] of tree.entries) outputs[name] = textOf(value) as ArtefactType;
  }
  return outputs;
}

function booleanOf(tree: Tree | undefined, missing = false): boolean {
  return tree?.kind === 'scalar' ? tree.value === true : missing;
}

/** A setting is the same for all nodes of the stage, so it sees only params. */
function readSetting({ value: tree }: TreeEntry, scope: Scope): JsonValue {
  const template = compileTemplate(tree, scope);
  return template.kind === 'constant' ? template.value : null;
}

function readCount(entry: TreeEntry, minimum: number, scope: Scope): number {
  const value = readSetting(entry, scope);
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= minimum) return value;
  throw new Failure(
    'usage',
    problemAt(entry.value.place, `this is ${describeValue(value)}`, `use a whole number, ${minimum} or more`),
  );
}

function readQuantity(
  entry: TreeEntry,
  scope: Scope,
  parse: (text: string) => number | undefined,
  wanted: string,
): number {
  const value = readSetting(entry, scope);
  const quantity = typeof value === 'string' ? parse(value) : undefined;
  if (quantity !== undefined) return quantity;
  throw new Failure('usage', problemAt(entry.value.place, `this is ${describeValue(value)}`, `use ${wanted}`));
}
