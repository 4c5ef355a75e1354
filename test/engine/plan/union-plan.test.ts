import fc from 'fast-check';
import { expect, it } from 'vitest';
import { loadPipeline } from '../../../src/engine/pipeline/load-pipeline.ts';
import { buildPlan } from '../../../src/engine/plan/build-plan.ts';
import type { Plan, PlanInput, PlanNode } from '../../../src/engine/plan/plan.ts';
import { sourcesOf } from '../../../src/engine/plan/sources.ts';
import { unionOf } from '../../../src/engine/plan/union-plan.ts';

/** A plan in which `a` decides the nodes of `first`, `b` those of the chains, and `count` how long they are. */
function planOf(a: number, b: number, count: number, retain: string): Plan {
  const text = `version: 1
name: unions
params: {a: ${a}, b: ${b}, count: ${count}}
stages:
  first: {run: s.ts, each: {x: [1, 2]}, params: {a: "\${a}"}, outputs: {o: json}}
  chain:
    run: s.ts
    each: {x: [1, 2]}
    scan: {step: {from: 1, to: "\${count}"}, carry: {o: first.o}}
    params: {b: "\${b}"}
    outputs: {o: json}
    retain: ${retain}
  all: {run: s.ts, inputs: {o: "chain.o[x=*, step=*]", own: "first.o[x=1]"}, outputs: {o: json}}
targets: {t: {nodes: [all], files: {f.json: all.o}}}
`;
  return buildPlan(loadPipeline({ file: 'pipeline.yaml', text }));
}

const identity = ({ params, stage }: PlanNode) => JSON.stringify([stage.name, params]);

/** Everything that a node is made from, without indices. */
function historyOf({ nodes }: Plan, index: number, known = new Map<number, string>()): string {
  const found = known.get(index);
  if (found !== undefined) return found;
  const node = nodes[index] as PlanNode;
  const inputs = node.inputs.map((input: PlanInput) => [
    input.name,
    sourcesOf(input).map((source) => [source.output, historyOf({ nodes } as Plan, source.node, known)]),
  ]);
  const text = JSON.stringify([node.recordedAs ?? node.id, identity(node), inputs]);
  known.set(index, text);
  return text;
}

const part = fc.record({
  a: fc.integer({ min: 1, max: 2 }),
  b: fc.integer({ min: 1, max: 2 }),
  count: fc.integer({ min: 1, max: 4 }),
  retain: fc.constantFrom('all', 'none'),
});

it('each part finds its own nodes in the union, which has each of them once', () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (settings) => {
      const parts = settings.map(({ a, b, count, retain }, index) => ({
        name: `part=${index}`,
        plan: planOf(a, b, count, retain),
      }));
      const { plan, members } = unionOf(parts, identity);
      const histories = plan.nodes.map((_, index) => historyOf(plan, index));
      expect(new Set(histories).size).toBe(plan.nodes.length);
      expect(new Set(plan.nodes.map(({ id }) => id)).size).toBe(plan.nodes.length);
      plan.nodes.forEach((node, index) => {
        expect(node.index).toBe(index);
        for (const { node: above } of node.inputs.flatMap(sourcesOf)) expect(above).toBeLessThan(index);
      });
      const used = new Set<number>();
      parts.forEach(({ plan: own }, position) => {
        own.nodes.forEach((node, index) => {
          const place = members[position]?.[index] as number;
          used.add(place);
          expect(histories[place]).toBe(historyOf(own, index));
          expect(plan.nodes[place]?.coordinates).toEqual(node.coordinates);
          // Bytes that a part keeps are kept.
          const dropped = plan.transient.get(place) ?? [];
          for (const output of dropped) expect(own.transient.get(index) ?? []).toContain(output);
        });
        expect(plan.targets[position]?.nodes).toEqual(own.targets[0]?.nodes.map((node) => members[position]?.[node]));
      });
      expect(used.size).toBe(plan.nodes.length);
      // A single plan keeps its ids.
      if (parts.length === 1) expect(plan.nodes.map(({ id }) => id)).toEqual(parts[0]?.plan.nodes.map(({ id }) => id));
    }),
  );
});
