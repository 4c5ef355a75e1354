import type { NodeKey } from '../../base/digest.ts';
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import { type MetricSeries, metricNumber } from '../../store/metric-series.ts';
import type { RunManifest } from '../../store/run-manifest.ts';
import type { Store } from '../../store/store.ts';
import { jsonNumbers } from '../runs/json-numbers.ts';
import { stageOf } from '../runs/stage-of.ts';

type Reader = Pick<Store, 'record' | 'artefact'>;

/** The numbers in the JSON outputs of a node that have one of these names, `OUTPUT.PATH`, each as a series of one value. */
export function numberSeries(key: NodeKey, names: readonly string[], store: Reader): readonly MetricSeries[] {
  if (!names.some((name) => name.includes('.'))) return [];
  const record = store.record(key);
  const outputs = Object.keys(record?.outputs ?? {}).filter((output) =>
    names.some((name) => name.startsWith(`${output}.`)),
  );
  return outputs
    .flatMap((output) => leaves(jsonNumbers(record, output, store), output))
    .filter(([name]) => names.includes(name))
    .map(([name, number]): MetricSeries => {
      const value = metricNumber(number);
      return { name, count: 1, min: value, max: value, steps: [0], times: [0], values: [value] };
    });
}

/** The names of the numbers in the JSON files that a run published: what its author shows of it. */
export function publishedNumbers({ targets, nodes }: RunManifest, store: Reader): readonly string[] {
  const sources = targets.flatMap(({ files }) => files.map(({ source }) => source));
  return namesOf(
    sources.map(({ node, output }) => [nodes[node]?.key ?? null, output]),
    store,
  );
}

/** The names of all numbers in JSON outputs, from one of these nodes for each stage. */
export function numbersOfStages(nodes: RunManifest['nodes'], store: Reader): readonly string[] {
  const first = new Map<string, NodeKey>();
  for (const { node, key } of nodes) {
    const stage = stageOf(node);
    if (key && !first.has(stage) && store.record(key)) first.set(stage, key);
  }
  const outputs = [...first.values()].flatMap((key) =>
    Object.keys(store.record(key)?.outputs ?? {}).map((output) => [key, output] as const),
  );
  return namesOf(outputs, store);
}

function namesOf(outputs: readonly (readonly [NodeKey | null, string])[], store: Reader): readonly string[] {
  const names = outputs.flatMap(([key, output]) =>
    key === null ? [] : leaves(jsonNumbers(store.record(key), output, store), output).map(([name]) => name),
  );
  return [...new Set(names)];
}

function leaves(value: JsonValue | undefined, path: string): readonly (readonly [string, number])[] {
  if (typeof value === 'number') return [[path, value]];
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, child]) => leaves(child, `${path}.${key}`));
}
