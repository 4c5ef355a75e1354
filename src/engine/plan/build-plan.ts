import { depthFirst } from '../base/depth-first.ts';
import { Failure } from '../base/failure.ts';
import type { DeclaredFile, PatternText, Pipeline } from '../pipeline/pipeline.ts';
import { Problems } from '../pipeline/problems.ts';
import { problemAt } from '../pipeline/yaml/source.ts';
import { type DraftGates, gatesOf, orderByRungs, setGates } from './chain-gates.ts';
import { type Expansion, expandStage } from './expand-stage.ts';
import {
  type DraftNode,
  type DraftReference,
  type Entry,
  type EntryTree,
  isEntry,
  isStart,
  segmentNamed,
  segmentsOf,
} from './expanded-stage.ts';
import { type LinkedStage, linkStages, sourcesOf } from './link-stages.ts';
import {
  encodeUnlessEncoded,
  explainNoMatch,
  isWildcard,
  literalGlob,
  matchesAll,
  matchesSegments,
} from './node-pattern.ts';
import type { Plan, PlanInput, PlanNode, PlanStage, PlanTarget } from './plan.ts';
import { patternProblem, type Selection, type StagePattern, TargetResolver } from './target-resolver.ts';
import { transientOutputs } from './transient-outputs.ts';

/** Nodes that several targets share count for each. */
const MAX_TARGET_NODES = 10_000_000;

export interface PlanOptions {
  /** Target names, stage names and node patterns. Without them: the pipeline's default targets. */
  readonly targets?: readonly string[];
}

/**
 * Expands the stages that the targets need, and keeps the nodes that they need.
 *
 * Nodes are ordered by stage. Stages have their declared order where their inputs allow it. Inside a stage, coordinates decide, the first
 * one slowest, so that the nodes of a chain follow one another; where chains are compared at rungs, all steps up to a rung come first.
 * @throws {Failure} of kind `usage`, with every error that can be reported at once
 */
export function buildPlan(pipeline: Pipeline, options: PlanOptions = {}): Plan {
  const problems = new Problems();
  const { stages, resolver, asked, selections } = select(pipeline, options, problems);
  const expansion = expandStages(stages, problems);
  problems.throwIfAny();
  const chosen = chooseAll(selections, asked, expansion, problems);
  problems.throwIfAny();

  const gates = gatesOf(expansion.stages.values());
  const nodes = keepAncestors(chosen, expansion, gates);
  setGates(nodes, gates);
  const transient = problems.attempt(() => transientOutputs(nodes, stages, publications(resolver, expansion)));
  problems.throwIfAny();
  return {
    nodes,
    transient: transient ?? new Map(),
    targets: chosen.map(({ nodes: drafts, files }, position): PlanTarget => {
      return { name: asked[position]?.text ?? '', nodes: ascendingIndices(drafts, nodes.length), files };
    }),
  };
}

/**
 * The stages of which the targets may need nodes, in their order: everything that is known without expanding them.
 * @throws {Failure} as `buildPlan`, for errors of more than single nodes
 */
export function neededStages(pipeline: Pipeline, options: PlanOptions = {}): readonly PlanStage[] {
  return select(pipeline, options, new Problems()).stages.map(({ planStage }) => planStage);
}

/** The request, and the stages that it needs, in their order. */
function select(pipeline: Pipeline, { targets }: PlanOptions, problems: Problems) {
  const linked = linkStages(pipeline, problems);
  problems.throwIfAny();
  const resolver = new TargetResolver(pipeline, linked);
  resolver.checkAll(problems);
  const asked = targets
    ? [...new Set(targets)].map((text): PatternText => ({ text, place: undefined }))
    : pipeline.defaultTargets;
  const selections = asked
    .map((pattern) => problems.attempt(() => resolver.resolve(pattern)))
    .filter((selection) => selection !== undefined);
  problems.throwIfAny();
  const needed = stagesOf(selections);
  return { resolver, asked, selections, stages: linked.filter((stage) => needed.has(stage)) };
}

function stagesOf(selections: readonly Selection[]): ReadonlySet<LinkedStage> {
  const asked = selections.flatMap(({ nodes, files }) => [
    ...nodes.map(({ stage }) => stage),
    ...files.map(({ source }) => source.stage),
  ]);
  return new Set(depthFirst(asked, (stage) => sourcesOf(stage).map(({ source }) => source)));
}

function expandStages(stages: readonly LinkedStage[], problems: Problems): Expansion {
  const expansion: Expansion = { stages: new Map(), nodes: [], references: [], paramValues: 0 };
  const failed = new Set<LinkedStage>();
  for (const stage of stages) {
    const own = new Problems();
    // A stage that reads one which could not be expanded has errors that are not its own.
    if (!sourcesOf(stage).some(({ source }) => failed.has(source))) expandStage(stage, expansion, own);
    else failed.add(stage);
    if (own.any) failed.add(stage);
    problems.attempt(() => own.throwIfAny());
  }
  return expansion;
}

interface ChosenNodes {
  /** Some of them perhaps more than once. */
  readonly nodes: readonly DraftNode[];
  readonly files: readonly { readonly path: string; readonly source: DraftReference }[];
}

/** @throws {Failure} where the lists of the targets' nodes would fill the memory */
function chooseAll(
  selections: readonly Selection[],
  asked: readonly PatternText[],
  expansion: Expansion,
  problems: Problems,
): ChosenNodes[] {
  let count = 0;
  return selections.map((selection, position) => {
    const chosen = chooseNodes(selection, expansion, problems);
    count += chosen.nodes.length;
    if (count <= MAX_TARGET_NODES) return chosen;
    const fact = `with this one, the targets that are asked for name more than ${MAX_TARGET_NODES} nodes`;
    throw new Failure('usage', patternProblem(asked[position] as PatternText, fact, 'ask for fewer at a time'));
  });
}

function chooseNodes(selection: Selection, expansion: Expansion, problems: Problems): ChosenNodes {
  const nodes = (selection.nodes.length > 0 && problems.attempt(() => matchAll(selection.nodes, expansion))) || [];
  const files = new Map<string, { readonly path: string; readonly source: DraftReference }>();
  for (const { file, source } of selection.files) {
    const node = problems.attempt(() => matchOne(file, source, expansion));
    if (!node) continue;
    nodes.push(node);
    const reference = { node: node.index, output: file.output };
    expansion.references.push(reference);
    files.set(file.path, { path: file.path, source: reference });
  }
  return { nodes, files: [...files.values()] };
}

/** Finds the outputs that the pipeline's targets write to files, asked for or not. Outputs of stages outside the plan do not count. */
function publications(resolver: TargetResolver, expansion: Expansion): (node: PlanNode, output: string) => boolean {
  let published: ReadonlySet<string> | undefined;
  return ({ id }, output) => {
    published ??= new Set(
      resolver
        .allFiles()
        .flatMap(({ file, source }) => matching(source, expansion).map((node) => `${node.id}.${file.output}`)),
    );
    return published.has(`${id}.${output}`);
  };
}

function matching({ stage, fitted }: StagePattern, expansion: Expansion): readonly DraftNode[] {
  const expanded = expansion.stages.get(stage);
  if (!expanded || matchesAll(fitted)) return expanded?.nodes ?? [];
  const wanted = fitted.map((glob, position) =>
    isWildcard(glob)
      ? glob
      : literalGlob(glob.text, segmentNamed(expanded, position, glob.text, encodeUnlessEncoded(glob.text))),
  );
  if (wanted.some(isWildcard)) return expanded.nodes.filter((node) => matchesSegments(wanted, segmentsOf(node)));
  // A fully named node is looked up: a file could name each of ten thousand.
  let found: EntryTree | Entry | undefined = expanded.root;
  for (const { segment } of wanted) found = found && !isEntry(found) ? found.get(segment as string) : undefined;
  return found && isEntry(found) && !isStart(found) ? [found] : [];
}

function matchAll(patterns: readonly StagePattern[], expansion: Expansion): DraftNode[] {
  const nodes: DraftNode[] = [];
  const unmatched = new Map<PatternText, StagePattern>();
  const matched = new Set<PatternText>();
  for (const pattern of patterns) {
    const found = matching(pattern, expansion);
    if (found.length > 0) matched.add(pattern.written);
    else unmatched.set(pattern.written, pattern);
    for (const node of found) nodes.push(node);
  }
  // A pattern with a wildcard for the stage needs to match in one stage only.
  const failed = [...unmatched]
    .filter(([written]) => !matched.has(written))
    .map(([, pattern]) => noMatch(pattern, expansion));
  if (failed.length > 0) throw new Failure('usage', failed);
  return nodes;
}

function noMatch({ written, pattern, fitted, stage }: StagePattern, expansion: Expansion) {
  const nodes = expansion.stages.get(stage)?.nodes ?? [];
  const { fact, fix } = explainNoMatch(pattern, fitted, stage.coordinates, nodes.map(segmentsOf));
  return patternProblem(written, fact, fix);
}

function matchOne(file: DeclaredFile, source: StagePattern, expansion: Expansion): DraftNode {
  const [node, second] = matching(source, expansion);
  if (!node) throw new Failure('usage', noMatch(source, expansion));
  if (!second) return node;
  const fact = `"${file.node}" is more than one node, and a file holds one output`;
  throw new Failure('usage', problemAt(file.source, fact, `name one of them, for example ${node.id}.${file.output}`));
}

/** Each index once. A set and a sort of all would take a hundredth of an up-to-date run. */
function ascendingIndices(drafts: readonly DraftNode[], count: number): readonly number[] {
  if (drafts.length < count / 100) return [...new Set(drafts.map(({ index }) => index))].sort((a, b) => a - b);
  const isChosen = new Uint8Array(count);
  for (const { index } of drafts) isChosen[index] = 1;
  const indices: number[] = [];
  for (let index = 0; index < count; index++) if (isChosen[index] === 1) indices.push(index);
  return indices;
}

/** Removes the nodes that no target needs, and renumbers the others. */
function keepAncestors(
  chosen: readonly ChosenNodes[],
  { nodes, references }: Expansion,
  gates: DraftGates,
): readonly DraftNode[] {
  const needed = new Uint8Array(nodes.length);
  for (const { nodes: wanted } of chosen) for (const { index } of wanted) needed[index] = 1;
  markAncestors(nodes, needed);
  while (markCandidates(gates, needed)) markAncestors(nodes, needed);
  const kept = needed.includes(0) ? nodes.filter((_, index) => needed[index] === 1) : nodes;
  const ordered = orderByRungs(kept, gates);
  if (ordered === nodes) return nodes;
  const renumbered = new Int32Array(nodes.length).fill(-1);
  ordered.forEach(({ index }, position) => {
    renumbered[index] = position;
  });
  for (const node of ordered) node.index = renumbered[node.index] as number;
  for (const reference of references) reference.node = renumbered[reference.node] as number;
  return ordered;
}

function markAncestors(nodes: readonly DraftNode[], needed: Uint8Array): void {
  // Nodes that gather the same outputs share the list, which can be long.
  const gathered = new Set<PlanInput>();
  // Inputs come before the nodes that read them, so one pass from the end reaches all.
  for (let index = nodes.length - 1; index >= 0; index--) {
    if (needed[index] !== 1) continue;
    const { inputs } = nodes[index] as DraftNode;
    // By index: an iterator for each of so many short lists is a large part of this pass's cost.
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i] as PlanInput;
      if (input.kind === 'one') needed[input.source.node] = 1;
      else if (!gathered.has(input)) {
        gathered.add(input);
        for (const { node } of input.sources) needed[node] = 1;
      }
    }
  }
}

/** A step behind a rung needs all chains that are compared there. @returns whether there are more now */
function markCandidates({ gates }: DraftGates, needed: Uint8Array): boolean {
  let more = false;
  const seen = new Set<object>();
  for (const [{ index }, { rung }] of gates) {
    if (!rung || needed[index] !== 1 || seen.has(rung)) continue;
    seen.add(rung);
    for (const candidate of rung.candidates) {
      if (needed[candidate.index] === 1) continue;
      needed[candidate.index] = 1;
      more = true;
    }
  }
  return more;
}
