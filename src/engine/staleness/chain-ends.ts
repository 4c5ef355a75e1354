import type { NodeKey } from '../base/digest.ts';
import type { PlanGate, PlanInput, PlanNode, PlanRung } from '../plan/plan.ts';
import { inputNodes } from '../plan/sources.ts';
import type { MetricNumber } from '../store/metric-series.ts';
import { metricNumber } from '../store/metric-series.ts';
import type { Store } from '../store/store.ts';
import { Cut, type EndReason } from './cut.ts';
import { endedBy, rankAtRung, type StepValue } from './end-rules.ts';
import type { KnownOutputs } from './subjects.ts';

/** Indices of the nodes that have to be known before a node is: those that it reads, and those that decide whether it is there. */
export function awaitedNodes(node: PlanNode): readonly number[] {
  const rung = node.gate?.rung;
  return rung ? [...inputNodes(node), ...rung.candidates] : inputNodes(node);
}

/**
 * Decides which nodes are cut short. That follows from the metrics in the records of the nodes before alone, so it is the same for every order of
 * events, and from an old cache.
 */
export class ChainEnds {
  /** Whether any chain of the plan may end early. */
  readonly any: boolean;
  private readonly nodes: readonly PlanNode[];
  private readonly known: KnownOutputs;
  private readonly keyOf: (node: PlanNode) => NodeKey;
  private readonly store: Store;
  private readonly series = new Map<number, ReadonlyMap<string, number>>();
  /** Of rungs that are decided: the chains that end there, by the indices of their last steps. */
  private readonly rungs = new Map<PlanRung, ReadonlyMap<number, EndReason>>();

  /**
   * @param known what is known of all nodes so far; it may change later, as long as what was known stays
   * @param keyOf the key under which a known node has its record
   */
  constructor(nodes: readonly PlanNode[], known: KnownOutputs, keyOf: (node: PlanNode) => NodeKey, store: Store) {
    this.nodes = nodes;
    this.known = known;
    this.keyOf = keyOf;
    this.store = store;
    this.any = nodes.some(({ gate }) => gate !== undefined);
  }

  /** Whether something that the node awaits is not known. */
  isOpen(node: PlanNode): boolean {
    const isUnknown = (index: number) => this.known[index] === undefined;
    if (inputNodes(node).some(isUnknown)) return true;
    const rung = node.gate?.rung;
    // Each chain asks about all the others: once a rung is decided, nobody looks at them.
    return rung !== undefined && !this.rungs.has(rung) && rung.candidates.some(isUnknown);
  }

  /** Why the node is cut short, if it is. All that it awaits is known. */
  cut(node: PlanNode): Cut | undefined {
    for (const input of node.inputs) {
      const cut = this.cutOfInput(input);
      if (cut) return cut;
    }
    const { gate } = node;
    const reason = gate && (this.endOfChain(gate) ?? this.endAtRung(gate));
    return reason && new Cut(this.nodes[gate.after] as PlanNode, reason);
  }

  /** A gather goes on with what is left, as long as anything is. */
  private cutOfInput(input: PlanInput): Cut | undefined {
    const cutAt = (index: number): Cut | undefined => {
      const found = this.known[index];
      return found instanceof Cut ? found : undefined;
    };
    if (input.kind === 'one') return cutAt(input.source.node);
    const first = cutAt(input.sources[0]?.node ?? -1);
    return first && input.sources.every(({ node }) => cutAt(node)) ? first : undefined;
  }

  private endOfChain({ after, step, rules }: Pick<PlanGate, 'after' | 'step' | 'rules'>): EndReason | undefined {
    for (const rule of rules) {
      const values =
        rule.kind === 'bound'
          ? [{ step, value: this.value(after, rule.metric) }]
          : this.history(after, step, rule.metric);
      const reason = endedBy(rule, values);
      if (reason) return reason;
    }
    return undefined;
  }

  /** The values of all steps of a chain so far. */
  private history(last: number, lastStep: number, metric: string): readonly StepValue[] {
    const values: StepValue[] = [];
    let [index, step]: [number, number] = [last, lastStep];
    for (;;) {
      values.push({ step, value: this.value(index, metric) });
      const gate = (this.nodes[index] as PlanNode).gate;
      if (!gate) return values.reverse();
      [index, step] = [gate.after, gate.step];
    }
  }

  private endAtRung({ after, step, rules, rung }: PlanGate): EndReason | undefined {
    if (!rung) return undefined;
    const decided = this.rungs.get(rung) ?? this.decide(rung, step, rules);
    this.rungs.set(rung, decided);
    return decided.get(after);
  }

  /** Compares the chains that are left, and which no rule of their own ends here. */
  private decide(rung: PlanRung, step: number, rules: PlanGate['rules']): ReadonlyMap<number, EndReason> {
    const { metric, best, factor } = rung.rule;
    const chains = rung.candidates.filter(
      (index) => !(this.known[index] instanceof Cut) && !this.endOfChain({ after: index, step, rules }),
    );
    const values = chains.map((index) => this.value(index, metric));
    const { ranks, kept } = rankAtRung(values, best, factor);
    const ended = new Map<number, EndReason>();
    for (const [position, index] of chains.entries()) {
      const rank = ranks[position] as number;
      const value = metricNumber(values[position] as number);
      if (rank > kept) ended.set(index, { rule: 'halving', metric, value, rank, chains: chains.length, kept });
    }
    return ended;
  }

  /** The last value that a node has reported. */
  private value(index: number, metric: string): number {
    let found = this.series.get(index);
    if (!found) {
      const node = this.nodes[index] as PlanNode;
      const last = (values: readonly MetricNumber[]) => Number(values.at(-1) ?? Number.NaN);
      const reported = this.store.metrics(this.keyOf(node)).filter(({ values }) => values.length > 0);
      found = new Map(reported.map(({ name, values }) => [name, last(values)]));
      this.series.set(index, found);
    }
    const value = found.get(metric);
    if (value === undefined) throw new Error(`${this.nodes[index]?.id} is done, and has no value of ${metric}`);
    return value;
  }
}
