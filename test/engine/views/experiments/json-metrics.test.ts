import { describe, expect, it } from 'vitest';
import { type ArtefactDigest, digestBytes } from '../../../../src/engine/base/digest.ts';
import type { MetricSeries } from '../../../../src/engine/store/metric-series.ts';
import type { NodeOutcome } from '../../../../src/engine/store/run-manifest.ts';
import type { ExperimentQuery } from '../../../../src/engine/views/experiments/experiment.ts';
import { experimentTable, knownMetrics } from '../../../../src/engine/views/experiments/experiment-table.ts';
import { MemoryStore } from '../../run/memory-store.ts';
import { recordOf } from '../../store/fixtures.ts';
import { keyOf, manifestOf, runOf } from '../runs/runs.ts';

type Documents = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** One run whose nodes have these JSON outputs; the key of a node is its name. */
async function runWith(
  nodes: Documents,
  { published = [], series = {}, outcome = 'executed' as NodeOutcome, scans = [] as readonly string[] } = {} as {
    published?: readonly (readonly [node: number, output: string])[];
    series?: Readonly<Record<string, readonly MetricSeries[]>>;
    outcome?: NodeOutcome;
    scans?: readonly string[];
  },
) {
  const store = new MemoryStore();
  for (const [node, outputs] of Object.entries(nodes)) {
    const made = Object.entries(outputs).map(([name, value]) => {
      const bytes = Buffer.from(JSON.stringify(value));
      return { name, bytes, digest: digestBytes<ArtefactDigest>(bytes) };
    });
    await store.commit({
      record: recordOf(node, {
        key: keyOf(node),
        outputs: Object.fromEntries(
          made.map(({ name, digest, bytes }) => [name, { type: 'json' as const, digest, bytes: bytes.length }]),
        ),
      }),
      artefacts: new Map(made.map(({ digest, bytes }) => [digest, bytes])),
      ...(series[node] ? { metrics: series[node] } : {}),
    });
  }
  const run = runOf();
  const files = published.map(([node, output], index) => ({ path: `${index}.json`, source: { node, output } }));
  const manifest = manifestOf(
    Object.keys(nodes).map((node) => [node, node, outcome] as const),
    { targets: [{ name: 'all', nodes: [], files }] as never },
  );
  await store.putRun(run);
  await store.putManifest(run.id, manifest, []);
  return { runs: [run], state: () => 'done' as const, store, scans: new Set(scans) };
}

type Sources = Awaited<ReturnType<typeof runWith>>;
const metricsOf = (sources: Sources, query: ExperimentQuery = {}) =>
  experimentTable(sources, query).experiments[0]?.metrics;

const reported: MetricSeries = { name: 'eval.loss', count: 1, min: 9, max: 9, steps: [0], times: [0], values: [9] };

describe('the numbers of JSON outputs as metrics', () => {
  const seeds = { 'test/1': { eval: { loss: 1, deep: { list: [5, 6] }, text: 'x' } }, 'test/2': { eval: { loss: 4 } } };

  it('are asked for by the name of the output and their place in it', async () => {
    const sources = await runWith(seeds);
    expect(
      metricsOf(sources, { metrics: ['eval.loss', 'eval.deep.list.1', 'eval.text', 'loss', 'other.loss'] }),
    ).toEqual({
      'eval.loss': { value: 2.5, nodes: 2 },
      'eval.deep.list.1': { value: 6, nodes: 1 },
      'eval.text': null,
      loss: null,
      'other.loss': null,
    });
    expect(metricsOf(sources, { metrics: ['eval.loss'], nodes: ['test/2'] })).toEqual({
      'eval.loss': { value: 4, nodes: 1 },
    });
  });

  it('are not those of nodes that failed, and those that a node reports come first', async () => {
    expect(metricsOf(await runWith(seeds, { outcome: 'failed' }), { metrics: ['eval.loss'] })).toEqual({
      'eval.loss': null,
    });
    const sources = await runWith(seeds, { series: { 'test/1': [reported] } });
    expect(metricsOf(sources, { metrics: ['eval.loss'] })).toEqual({ 'eval.loss': { value: 6.5, nodes: 2 } });
  });

  it('follow each other along a chain, as reported ones do', async () => {
    const steps = {
      'fit/a/1': { eval: { loss: 3 } },
      'fit/a/2': { eval: { loss: 1 } },
      'fit/a/3': { eval: { loss: 2 } },
    };
    const sources = await runWith(steps, { scans: ['fit'] });
    expect(metricsOf(sources, { metrics: ['eval.loss', 'eval.loss=min'] })).toEqual({
      'eval.loss': { value: 2, nodes: 1 },
      'eval.loss=min': { value: 1, nodes: 1 },
    });
  });

  it('are shown unasked only where targets publish them and no node reports a metric', async () => {
    expect(metricsOf(await runWith(seeds))).toEqual({});
    const published = [[1, 'eval']] as const;
    expect(metricsOf(await runWith(seeds, { published }))).toEqual({ 'eval.loss': { value: 2.5, nodes: 2 } });
    const other = { ...reported, name: 'speed' };
    const sources = await runWith(seeds, { published, series: { 'test/1': [other] } });
    expect(metricsOf(sources)).toEqual({ speed: { value: 9, nodes: 1 } });
  });

  it('are among the names that a misspelt one may mean', async () => {
    const sources = await runWith(seeds, { series: { 'test/2': [{ ...reported, name: 'speed' }] } });
    const numbers = ['eval.loss', 'eval.deep.list.0', 'eval.deep.list.1'];
    expect(knownMetrics(sources, {})).toEqual(['speed', ...numbers]);
    expect(knownMetrics(sources, { nodes: ['test/1'] })).toEqual(numbers);
    expect(knownMetrics(sources, { nodes: ['none'] })).toEqual([]);
  });
});
