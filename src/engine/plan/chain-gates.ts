import { type HalvingRule, mayEndAfter } from '../pipeline/stages/stop-rule.ts';
import type { DraftNode, ExpandedStage } from './expanded-stage.ts';
import type { ChainRule, PlanGate, PlanRung } from './plan.ts';

/** The gates of a plan under construction. */
export interface DraftGates {
  /** By the nodes behind them. */
  readonly gates: ReadonlyMap<DraftNode, DraftGate>;
  /** By node of a stage with rungs, how many of them are at earlier steps. */
  readonly passed: ReadonlyMap<DraftNode, number>;
}

interface DraftGate {
  readonly after: DraftNode;
  readonly step: number;
  readonly rules: readonly ChainRule[];
  readonly rung: DraftRung | undefined;
}

interface DraftRung {
  readonly rule: HalvingRule;
  readonly candidates: DraftNode[];
}

/** Finds where chains may end by the rules of their stages, and sets what their steps have to report. */
export function gatesOf(stages: Iterable<ExpandedStage>): DraftGates {
  const gates = new Map<DraftNode, DraftGate>();
  const passed = new Map<DraftNode, number>();
  for (const { linked, nodes } of stages) {
    const { stop, scan } = linked.declared;
    if (!scan || stop.length === 0) continue;
    const halving = stop.find((rule) => rule.kind === 'halving');
    const rungs = new Map<string, DraftRung>();
    for (const [position, node] of nodes.entries()) {
      const step = node.coordinates[scan.name] as number;
      if (halving) passed.set(node, halving.rungs.filter((rung) => rung < step).length);
      const next = nodes[position + 1];
      // Nothing is decided after the last step.
      if (next?.chain !== node.chain || next === undefined) continue;
      const asked = stop.filter((rule) => mayEndAfter(rule, step));
      const rules = asked.filter((rule): rule is ChainRule => rule.kind !== 'halving');
      const rung = halving && asked.includes(halving) ? enterRung(rungs, halving, step, node) : undefined;
      if (rules.length === 0 && !rung) continue;
      gates.set(next, { after: node, step, rules, rung });
      node.reports = [...new Set(asked.map(({ metric }) => metric))];
    }
  }
  return { gates, passed };
}

function enterRung(rungs: Map<string, DraftRung>, rule: HalvingRule, step: number, node: DraftNode): DraftRung {
  const group = JSON.stringify([step, ...rule.within.map((name) => node.coordinates[name])]);
  const rung = rungs.get(group) ?? { rule, candidates: [] };
  rungs.set(group, rung);
  rung.candidates.push(node);
  return rung;
}

/** Puts all steps up to a rung before those that it decides on. The nodes are those of one stage after the other. */
export function orderByRungs(nodes: readonly DraftNode[], { passed }: DraftGates): readonly DraftNode[] {
  if (passed.size === 0) return nodes;
  const rank = (node: DraftNode): number => passed.get(node) ?? 0;
  const ordered: DraftNode[] = [];
  for (let first = 0, end = 1; first < nodes.length; first = end) {
    for (end = first + 1; nodes[end]?.stage === nodes[first]?.stage; ) end++;
    for (const node of nodes.slice(first, end).sort((a, b) => rank(a) - rank(b))) ordered.push(node);
  }
  return ordered;
}

/** Gives the nodes of the plan their gates, once they have their final indices. */
export function setGates(nodes: readonly DraftNode[], { gates }: DraftGates): void {
  const rungs = new Map<DraftRung, PlanRung>();
  for (const node of nodes) {
    const draft = gates.get(node);
    if (!draft) continue;
    const { after, step, rules, rung } = draft;
    const gate: PlanGate = { after: after.index, step, rules };
    node.gate = rung ? { ...gate, rung: planRung(rung, rungs) } : gate;
  }
}

function planRung(rung: DraftRung, known: Map<DraftRung, PlanRung>): PlanRung {
  const found = known.get(rung) ?? { rule: rung.rule, candidates: rung.candidates.map(({ index }) => index) };
  known.set(rung, found);
  return found;
}
