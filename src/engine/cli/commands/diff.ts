import { withStore } from '../../api/cache/open-cache.ts';
import { describeChange } from '../../base/describe-value.ts';
import type { NodeKey } from '../../base/digest.ts';
import type { Change } from '../../staleness/changes.ts';
import type { RunRecord } from '../../store/store.ts';
import { codeChanges, describeCodeChanges } from '../../views/code/code-changes.ts';
import {
  compareEnvironments,
  describeEnvironmentChange,
  type EnvironmentChange,
} from '../../views/runs/compare-environments.ts';
import { type NumberChange, numberChanges } from '../../views/runs/compare-numbers.ts';
import { type ComparedNode, compareRuns, type NodeComparison } from '../../views/runs/compare-runs.ts';
import { describeAsked, describeRevision } from '../../views/runs/describe-run.ts';
import { findRun } from '../../views/runs/find-run.ts';
import { manifestOf } from '../../views/runs/manifest-of.ts';
import { resultInRun } from '../../views/runs/result-in-run.ts';
import { describeSourceChange, sourceChange } from '../../views/runs/source-changes.ts';
import { formatCount, formatTable } from '../../views/terminal/format.ts';
import { formatChange, formatNumber } from '../../views/terminal/format-number.ts';
import { cacheDirectory, type ProjectOptions } from '../options/project-options.ts';
import { line, printJson } from '../process/output.ts';

export interface DiffOptions extends ProjectOptions {
  /** How many nodes and numbers to list of each kind. */
  readonly limit?: number;
  readonly json?: boolean;
}

const LISTED = 10;

/** `vmfdag diff RUN RUN`: the params, code, environments, artefacts and numbers in which two runs differ. */
export function diff(oldName: string, newName: string, options: DiffOptions): Promise<number> {
  return withStore(cacheDirectory(options), async (store) => {
    const runs = [...store.runs()];
    const [old, current] = [findRun(oldName, runs), findRun(newName, runs)];
    const resultOf = (key: NodeKey, run: 'old' | 'new') => resultInRun(key, run === 'old' ? old.id : current.id, store);
    const comparison = compareRuns(manifestOf(old, store), manifestOf(current, store), resultOf);
    const environments = compareEnvironments(
      comparison.nodes,
      ({ old: was, new: is }) => {
        const [before, now] = [was && resultOf(was, 'old'), is && resultOf(is, 'new')];
        return before && now ? { old: before, new: now } : undefined;
      },
      store,
    );
    const code = [];
    const sources = [];
    for (const { stage, old: was, new: is } of comparison.code) {
      const source = sourceChange(stage, was, is, store);
      if (source) sources.push(source);
      else code.push({ stage, old: was, new: is, changes: await codeChanges(store.bundles, was, is) });
    }
    const numbers = numberChanges(comparison.nodes, store);
    const differing = comparison.nodes.filter((each) => each.comparison !== 'same');
    if (options.json) {
      const { params } = comparison;
      printJson({ old: old.id, new: current.id, params, sources, code, environments, nodes: differing, numbers });
      return 0;
    }
    const limit = options.limit ?? LISTED;
    line(formatTable([runRow('old', old), runRow('new', current)]));
    section('params', formatTable(comparison.params.map(paramRow)));
    if (sources.length > 0) section('sources', sources.map(describeSourceChange).join('\n'));
    section('code', formatTable(code.map(({ stage, changes }) => [stage, describeCodeChanges(changes)])));
    if (environments.length > 0) section('environments', environmentTable(environments));
    section('artefacts', differing.length === 0 ? '' : artefactTable(comparison.nodes));
    const listed = differing.slice(0, limit).map(({ node, comparison: how }) => [node, how]);
    if (listed.length > 0) line(indented(formatTable(listed)) + more(differing.length - listed.length));
    const shown = numbers.slice(0, limit);
    const head = ['node', 'number', 'old', 'new', 'change'];
    section('numbers', shown.length === 0 ? '' : formatTable([head, ...shown.map(numberRow)], [2, 3, 4]));
    if (shown.length < numbers.length) line(more(numbers.length - shown.length).slice(1));
    return 0;
  });
}

function runRow(name: string, run: RunRecord): readonly string[] {
  return [name, run.id, describeRevision(run.revision), describeAsked(run)];
}

function section(title: string, text: string): void {
  line('');
  line(text === '' ? `${title}: the same` : title);
  if (text !== '') line(indented(text));
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((each) => `  ${each}`)
    .join('\n');
}

function more(count: number): string {
  return count > 0 ? `\n  and ${formatCount(count, 'other')}: see --limit` : '';
}

function paramRow({ path, old, new: now }: Change): readonly string[] {
  return [path, describeChange(old, now)];
}

function environmentTable(environments: readonly EnvironmentChange[]): string {
  const rows = environments.flatMap((change) => {
    const [first = '', ...rest] = describeEnvironmentChange(change);
    return [[change.stage, formatCount(change.nodes.length, 'node'), first], ...rest.map((each) => ['', '', each])];
  });
  return formatTable(rows);
}

function artefactTable(nodes: readonly ComparedNode[]): string {
  const columns: readonly NodeComparison[] = ['same', 'other bytes', 'only before', 'only after', 'not known'];
  const visible = columns.filter((column) => nodes.some(({ comparison }) => comparison === column));
  const stages = [...new Set(nodes.map(({ stage }) => stage))];
  const rows = stages.map((stage) => {
    const own = nodes.filter((each) => each.stage === stage);
    return [stage, ...visible.map((column) => String(own.filter(({ comparison }) => comparison === column).length))];
  });
  return formatTable([['stage', ...visible], ...rows], [1, 2, 3, 4, 5]);
}

function numberRow({ node, output, path, old, new: now }: NumberChange): readonly string[] {
  return [
    node,
    path === 'value' ? output : `${output}.${path}`,
    formatNumber(old),
    formatNumber(now),
    formatChange(old, now),
  ];
}
