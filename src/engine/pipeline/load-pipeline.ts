import { deepFreeze, type JsonObject } from '../base/json.ts';
import validate from '../schemas/pipeline.validator.js';
import { checkShape } from './check-shape.ts';
import { readAxes } from './coordinates/axes.ts';
import { readExecutors } from './executors/read-executors.ts';
import { MAX_OVERRIDES } from './limits.ts';
import { replaceParam } from './params/overlay.ts';
import { applyProfiles, chooseProfile, summarizeProfiles } from './params/profiles.ts';
import { resolveParams } from './params/resolve-params.ts';
import type { DeclaredStage, DeclaredTarget, Pipeline } from './pipeline.ts';
import { Problems } from './problems.ts';
import { parseReference } from './references/reference.ts';
import { readSource } from './sources/read-source.ts';
import { checkCompute, readCompute } from './stages/read-compute.ts';
import { readStage } from './stages/read-stage.ts';
import { checkPublishedPaths } from './targets/published-paths.ts';
import { readPatterns, readTarget } from './targets/read-target.ts';
import { fileSource, problemAt, type Source } from './yaml/source.ts';
import { entryOf, type MappingTree, readTree, type Tree, textOf } from './yaml/tree.ts';

/** A param that the command line sets. */
export interface ParamOverride {
  /** `compute.threads` or `seeds[0]`; params must have it. */
  readonly path: string;
  /** YAML: a scalar, or flow text such as `[1, 2]`. */
  readonly value: string;
  /** How the user wrote it, for messages: `--set compute.threads=2`. */
  readonly origin: string;
}

export interface PipelineSource {
  /** Name of the file for messages. */
  readonly file: string;
  readonly text: string;
  /** Without it, the profile that says `default: true`. */
  readonly profile?: string;
  readonly overrides?: readonly ParamOverride[];
}

/**
 * Reads a pipeline file under a profile and overrides.
 * @throws {Failure} of kind `usage`, with as many of the file's errors as can be distinguished at once
 */
export function loadPipeline({ file, text, profile, overrides = [] }: PipelineSource): Pipeline {
  const tree = readTree(fileSource(file, text));
  const problems = new Problems();
  if (tree.kind === 'scalar' && tree.value === null) {
    problems.add(problemAt(tree.place, 'the file is empty', 'write at least version, name and stages'));
  } else for (const diagnostic of checkShape(tree, validate)) problems.add(diagnostic);
  problems.throwIfAny();

  const section = (name: string): Tree | undefined => entryOf(tree, name)?.value;
  const profiles = asMapping(section('profiles'));
  const chosen = problems.attempt(() => chooseProfile(profiles, profile));
  let paramsTree: MappingTree = asMapping(section('params')) ?? {
    kind: 'mapping',
    entries: new Map(),
    place: tree.place,
  };
  paramsTree = applyProfiles(paramsTree, profiles, chosen, problems);
  if (overrides.length > MAX_OVERRIDES) {
    const fact = `${overrides.length} params are set, and at most ${MAX_OVERRIDES} can be`;
    problems.add({ fact, fix: 'put them into a profile' });
  }
  for (const override of overrides.slice(0, MAX_OVERRIDES)) {
    paramsTree = problems.attempt(() => applyOverride(paramsTree, override)) ?? paramsTree;
  }
  const params = problems.attempt(() => resolveParams(paramsTree));
  // Every reference to a doubtful param would be a further error.
  if (params === undefined) problems.throwIfAny();

  const known: JsonObject = params ?? deepFreeze({});
  const axesSection = asMapping(section('axes'));
  const axes = axesSection && readAxes(axesSection, known, problems);
  const stages = new Map<string, DeclaredStage>();
  for (const [name, entry] of asMapping(section('sources'))?.entries ?? []) {
    const source = readSource(name, entry, known, problems);
    if (source) stages.set(name, source);
  }
  for (const [name, entry] of asMapping(section('stages'))?.entries ?? []) {
    if (entryOf(section('sources'), name)) {
      problems.add(problemAt(entry.key, `"${name}" is a source and a stage`, 'give one of the two another name'));
    }
    stages.set(name, readStage(name, entry, { params: known, axes }, problems));
  }
  const compute = readCompute(section('compute'), known, problems);
  checkCompute(stages.values(), compute, problems);
  const executors = readExecutors(section('executors'), problems);
  const targets = new Map<string, DeclaredTarget>();
  for (const [name, entry] of asMapping(section('targets'))?.entries ?? []) {
    targets.set(name, readTarget(name, entry));
  }
  const named = summarizeProfiles(profiles);
  // With a default profile, every run has one.
  const mixed = named.some(({ isDefault }) => isDefault) ? [] : named.map(({ name }) => name);
  checkPublishedPaths(targets.values(), mixed, problems);
  problems.throwIfAny();

  const defaultSection = section('default');
  const computed = [...stages.values()].filter(({ program }) => program.kind !== 'source');
  const everything = targets.size > 0 ? [...targets.values()] : computed;
  return {
    file,
    name: textOf(section('name')) ?? '',
    description: textOf(section('description')),
    profile: chosen,
    profiles: named,
    params: known,
    compute,
    executors,
    stages,
    targets,
    defaultTargets: defaultSection
      ? readPatterns(defaultSection)
      : everything.map(({ name, place }) => ({ text: name, place })),
  };
}

function asMapping(tree: Tree | undefined): MappingTree | undefined {
  return tree?.kind === 'mapping' ? tree : undefined;
}

function applyOverride(params: MappingTree, { path, value, origin }: ParamOverride): MappingTree {
  const source: Source = { kind: 'override', origin, text: value };
  const reference = parseReference(path, { source, start: 0, end: value.length });
  return replaceParam(params, reference, readTree(source));
}
