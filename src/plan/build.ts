import { Failure } from '../base/failure.ts';
import { Problems } from '../spec/problems.ts';
import { problemAt } from '../spec/source.ts';
import type { PatternSpec, Spec } from '../spec/spec.ts';
import { type DraftInput, type DraftNode, type DraftSource, type ExpandedStage, expandStage } from './expand.ts';
import { type LinkedStage, linkStages, sourcesOf } from './link.ts';
import { explainNoMatch, matchesSegments } from './pattern.ts';
import type { NodeId, OutputReference, Plan, PlanInput, PlanNode, PlanTarget, PublishedFile } from './plan.ts';
import { type BoundFile, patternProblem, type Selection, type StagePattern, TargetResolver } from './targets.ts';

export interface PlanOptions {
  /** Target names, stage names and node patterns. Without them: the pipeline's default targets. */
  readonly targets?: readonly string[];
}

/**
 * Expands the stages that the targets need, and keeps the nodes that they need.
 *
 * Nodes are ordered by stage, stages by declaration where their inputs leave that free; inside a stage by coordinates, the first
 * one slowest, so that the nodes of a chain follow one another.
 * @throws {Failure} of kind `usage`, with every error that can be told at once.
 */
export function buildPlan(spec: Spec, { targets }: PlanOptions = {}): Plan {
  const problems = new Problems();
  const stages = linkStages(spec, problems);
  problems.throwIfAny();
  const resolver = new TargetResolver(spec, stages);
  resolver.checkAll(problems);
  const asked = targets
    ? [...new Set(targets)].map((text): PatternSpec => ({ text, place: undefined }))
    : spec.defaultTargets;
  const selections = asked
    .map((pattern) => problems.attempt(() => resolver.resolve(pattern)))
    .filter((selection) => selection !== undefined);
  problems.throwIfAny();

  const expanded = expandNeeded(stages, selections, problems);
  problems.throwIfAny();
  const chosen = selections.map((selection) => chooseNodes(selection, expanded, problems));
  problems.throwIfAny();

  const nodes = selectAncestors(chosen, [...expanded.values()]);
  return {
    nodes: nodes.map(finishNode),
    targets: chosen.map(({ nodes: drafts, files }, position): PlanTarget => {
      return {
        name: asked[position]?.text ?? '',
        nodes: [...new Set(drafts.map(({ index }) => index))].sort((a, b) => a - b),
        files: files.map(finishFile),
      };
    }),
  };
}

function expandNeeded(
  stages: readonly LinkedStage[],
  selections: readonly Selection[],
  problems: Problems,
): Map<LinkedStage, ExpandedStage> {
  const needed = new Set<LinkedStage>();
  const need = (stage: LinkedStage): void => {
    if (needed.has(stage)) return;
    needed.add(stage);
    for (const { source } of sourcesOf(stage)) need(source);
  };
  for (const { nodes, files } of selections) {
    for (const { stage } of nodes) need(stage);
    for (const { source } of files) need(source.stage);
  }
  const expanded = new Map<LinkedStage, ExpandedStage>();
  for (const stage of stages) {
    if (!needed.has(stage)) continue;
    // What reads a stage that could not be expanded has errors that are not its own.
    if (!sourcesOf(stage).every(({ source }) => expanded.has(source))) continue;
    const own = new Problems();
    const result = expandStage(stage, expanded, own);
    if (own.any) problems.attempt(() => own.throwIfAny());
    else expanded.set(stage, result);
  }
  return expanded;
}

interface ChosenNodes {
  readonly nodes: readonly DraftNode[];
  readonly files: readonly { readonly path: string; readonly source: DraftSource }[];
}

function chooseNodes(
  selection: Selection,
  expanded: ReadonlyMap<LinkedStage, ExpandedStage>,
  problems: Problems,
): ChosenNodes {
  const nodes = selection.nodes.length === 0 ? [] : problems.attempt(() => matchAll(selection.nodes, expanded));
  const files = new Map<string, { readonly path: string; readonly source: DraftSource }>();
  for (const file of selection.files) {
    const node = problems.attempt(() => matchOne(file, expanded));
    if (node) files.set(file.spec.path, { path: file.spec.path, source: { node, output: file.spec.output } });
  }
  return {
    nodes: [...(nodes ?? []), ...[...files.values()].map(({ source }) => source.node)],
    files: [...files.values()],
  };
}

function matching(
  { stage, fitted }: StagePattern,
  expanded: ReadonlyMap<LinkedStage, ExpandedStage>,
): readonly DraftNode[] {
  const nodes = expanded.get(stage)?.nodes ?? [];
  return nodes.filter(({ segments }) => matchesSegments(fitted, segments));
}

function matchAll(patterns: readonly StagePattern[], expanded: ReadonlyMap<LinkedStage, ExpandedStage>): DraftNode[] {
  const nodes: DraftNode[] = [];
  const unmatched = new Map<PatternSpec, StagePattern>();
  const matched = new Set<PatternSpec>();
  for (const pattern of patterns) {
    const found = matching(pattern, expanded);
    if (found.length > 0) matched.add(pattern.spec);
    else unmatched.set(pattern.spec, pattern);
    for (const node of found) nodes.push(node);
  }
  // A pattern with a wildcard for the stage needs to match in one stage only.
  const failed = [...unmatched].filter(([spec]) => !matched.has(spec)).map(([, pattern]) => noMatch(pattern, expanded));
  if (failed.length > 0) throw new Failure('usage', failed);
  return nodes;
}

function noMatch({ spec, pattern, fitted, stage }: StagePattern, expanded: ReadonlyMap<LinkedStage, ExpandedStage>) {
  const nodes = expanded.get(stage)?.nodes ?? [];
  const { fact, fix } = explainNoMatch(
    pattern,
    fitted,
    stage.coordinates,
    nodes.map(({ segments }) => segments),
  );
  return patternProblem(spec, fact, fix);
}

function matchOne({ spec, source }: BoundFile, expanded: ReadonlyMap<LinkedStage, ExpandedStage>): DraftNode {
  const [node, second] = matching(source, expanded);
  if (!node) throw new Failure('usage', noMatch(source, expanded));
  if (!second) return node;
  throw new Failure(
    'usage',
    problemAt(
      spec.source,
      `"${spec.node}" is more than one node, and a file holds one output`,
      `name one of them, for example ${node.id}.${spec.output}`,
    ),
  );
}

/** Marks the nodes that are needed, and numbers them in the order of the stages. */
function selectAncestors(chosen: readonly ChosenNodes[], stages: readonly ExpandedStage[]): DraftNode[] {
  const open: DraftNode[] = [];
  const select = (node: DraftNode): void => {
    if (node.selected) return;
    node.selected = true;
    open.push(node);
  };
  for (const { nodes } of chosen) for (const node of nodes) select(node);
  const seen = new Set<DraftInput>();
  for (let node = open.pop(); node; node = open.pop()) {
    for (const input of node.inputs) {
      if (seen.has(input)) continue;
      seen.add(input);
      for (const { node: source } of input.sources) select(source);
    }
  }
  const selected: DraftNode[] = [];
  for (const { nodes } of stages) {
    for (const node of nodes) {
      if (!node.selected) continue;
      node.index = selected.length;
      selected.push(node);
    }
  }
  return selected;
}

function finishSource({ node, output }: DraftSource): OutputReference {
  return { node: node.index, output };
}

function finishFile({ path, source }: { readonly path: string; readonly source: DraftSource }): PublishedFile {
  return { path, source: finishSource(source) };
}

function finishNode(draft: DraftNode): PlanNode {
  return {
    id: draft.id as NodeId,
    index: draft.index,
    stage: draft.stage.linked.planStage,
    coordinates: draft.coordinates,
    params: draft.params,
    inputs: draft.inputs.map(finishInput),
    chain: draft.chain,
  };
}

function finishInput({ kind, name, sources }: DraftInput): PlanInput {
  if (kind === 'many') return { kind, name, sources: sources.map(finishSource) };
  const [source] = sources;
  if (!source) throw new Error(`input ${name} has no source`);
  return { kind, name, source: finishSource(source) };
}
