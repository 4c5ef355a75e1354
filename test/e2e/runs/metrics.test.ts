import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../../src/engine/plan/plan.ts';
import type { RunEvent } from '../../../src/engine/run/events.ts';
import { openStore } from '../../../src/engine/store/lmdb/lmdb-store.ts';
import type { MetricSeries } from '../../../src/engine/store/metric-series.ts';
import { type Project, projectOf } from '../support/project.ts';

const COUNT = 3000;

const STAGE = `import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { defineStage, json } from 'vmfdag';

export default defineStage({
  params: v.strictObject({ count: v.number(), fails: v.nullable(v.string()) }),
  inputs: {},
  outputs: { loss: json<number>() },
  async run({ params: { count, fails }, coordinates, metric }) {
    const loss = (step) => Number(coordinates.seed) + 1 / (step + 1);
    const isFirst = fails !== null && !existsSync(fails);
    for (let step = 0; step < count; step++) {
      metric('loss', loss(step));
      if (step % 1000 === 500) await sleep(300);
      if (isFirst && step === 4) {
        metric('loss', Number.NaN);
        writeFileSync(fails, '');
        throw new Error('diverged');
      }
    }
    metric('accuracy', 0.5, 12);
    metric('bad', 'x' as never);
    return { loss: loss(count - 1) };
  },
});
`;

function stages(more = '', count = COUNT): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: metrics
params: {count: ${count}, fails: null}
stages:
  train:
    run: stages/train.ts
    undeclared: ignore
    each: {seed: [1, 2]}
    params: {count: "\${count}", fails: "\${fails}"}
    outputs: {loss: json}
${more}
targets: {all: {nodes: [train]}}
`,
    'stages/train.ts': STAGE,
  });
}

/** The metrics of the node's record. */
async function metricsOf(project: Project, node: string): Promise<readonly MetricSeries[]> {
  const store = openStore(project.path('cache'), 'existing');
  try {
    const key = store.lastKey(node as NodeId);
    return key ? store.metrics(key) : [];
  } finally {
    await store.close();
  }
}

const liveOf = (events: readonly RunEvent[], node: string) =>
  events.flatMap((event) => (event.type === 'metrics' && event.node === node ? [event.values] : []));

const isIncreasing = (numbers: readonly number[]) =>
  numbers.every((number, index) => index === 0 || number >= Number(numbers[index - 1]));

describe('the metrics of a stage module', () => {
  it('are told while it runs, kept with its record, and in neither key nor output', async () => {
    const project = stages();
    const { code, events, summary } = await project.run();
    expect({ code, summary }).toMatchObject({ code: 0, summary: { executed: 2 } });
    for (const seed of [1, 2]) {
      const [loss, accuracy, ...others] = await metricsOf(project, `train/${seed}`);
      expect(others).toEqual([]);
      const steps = [...Array.from({ length: COUNT / 4 }, (_, index) => 4 * index), COUNT - 1];
      expect(loss).toMatchObject({ name: 'loss', count: COUNT, max: seed + 1, min: seed + 1 / COUNT, steps });
      expect(loss?.values).toEqual(steps.map((step) => seed + 1 / (step + 1)));
      expect(isIncreasing(loss?.times ?? [])).toBe(true);
      expect(accuracy).toMatchObject({ name: 'accuracy', count: 1, steps: [12], values: [0.5] });
      const live = liveOf(events, `train/${seed}`);
      // 900 ms of waiting, and the end.
      expect(live.length).toBeGreaterThanOrEqual(3);
      expect(live.length).toBeLessThan(4 * (summary?.seconds ?? 0) + 3);
      expect(live.flat()).toContainEqual({ name: 'loss', step: COUNT - 1, value: seed + 1 / COUNT });
      expect(live.flat()).toContainEqual({ name: 'accuracy', step: 12, value: 0.5 });
    }
    const record = await project.json<{ readonly log: string }>(['cache', 'show', 'train/1']);
    expect(record.log).toContain('a value of the metric "bad" is no number: "x"');
    expect((await project.run()).started).toEqual([]);
  });

  it('are those of the attempt that committed; those of a failed one are kept with its failure', async () => {
    const project = stages('    retries: 1', 10);
    const { code } = await project.run(['--set', `fails=${project.path('flag')}`, '--target', 'train/1']);
    expect(code).toBe(0);
    const [loss] = await metricsOf(project, 'train/1');
    expect(loss).toMatchObject({ count: 10, max: 2 });
    const { failures } = await project.json<{ readonly failures: readonly { metrics: readonly MetricSeries[] }[] }>([
      'history',
      'show',
      'last',
      'train/1',
    ]);
    const values = [2, 1.5, 1 + 1 / 3, 1.25, 1.2, 'NaN'];
    expect(failures.map(({ metrics }) => metrics)).toMatchObject([
      [{ name: 'loss', count: 6, min: 1.2, max: 2, steps: [0, 1, 2, 3, 4, 5], values }],
    ]);
    const { stdout } = await project.execute(['history', 'show', 'last', 'train/1']);
    const lines = stdout.split('\n').map((line) => line.trim().split(/ {2,}/).join(' '));
    expect(lines).toContain('loss 6 5 NaN 1.2 2');
    expect(lines).toContain('loss 10 9 1.1 1.1 2');
  });
});

it.each([
  ["(await import('node:child_process')).execFileSync('kill', ['-9', String(process.pid)])", '', 'crash'],
  ['await new Promise(() => setInterval(() => {}, 1000))', '    timeout: 5s', 'timeout'],
])('where the process ends, %s, the failed attempt has what was told', async (code, limit, cause) => {
  const project = stages(limit, 10);
  project.edit(
    'stages/train.ts',
    "metric('accuracy', 0.5, 12);",
    `await sleep(300); metric('loss', 7); await sleep(300); ${code};`,
  );
  expect((await project.run(['--target', 'train/1'])).code).toBe(1);
  const { failures } = await project.json<{
    readonly failures: readonly { readonly cause: string; readonly metrics: readonly MetricSeries[] }[];
  }>(['history', 'show', 'last', 'train/1']);
  expect(failures).toMatchObject([{ cause, metrics: [{ name: 'loss', max: 7 }] }]);
  const [loss] = failures[0]?.metrics ?? [];
  expect([loss?.steps[0], loss?.steps.at(-1), loss?.values.at(-1)]).toEqual([0, 10, 7]);
});

describe('the metrics of a command', () => {
  it.each([
    ['succeeds', 0],
    ['fails', 3],
  ])('that %s are read to the end', async (_, exit) => {
    const count = 50_000;
    const project = projectOf({
      'pipeline.yaml': `version: 1
name: command
stages:
  train:
    command: [python3, train.py, "{outputs.made}"]
    code: [train.py]
    outputs: {made: json}
targets: {all: {nodes: [train]}}
`,
      'train.py': `import json, os, sys, time
with open(os.environ["VMFDAG_EVENTS"], "w") as events:
    events.write("no JSON\\n")
    for step in range(${count}):
        events.write(json.dumps({"event": "metric", "name": "loss", "value": 1 / (step + 1), "step": step, "time": 1764400000000 + step}) + "\\n")
        if step == 100:
            events.flush()
            time.sleep(0.6)
    events.write('{"event": "metric", "name": "last", "value": "NaN"}')
open(sys.argv[1], "w").write("1")
sys.exit(${exit})
`,
    });
    const { code, events } = await project.run();
    expect(code).toBe(exit === 0 ? 0 : 1);
    const metrics =
      exit === 0
        ? await metricsOf(project, 'train')
        : (
            await project.json<{ readonly failures: readonly { readonly metrics: readonly MetricSeries[] }[] }>([
              'history',
              'show',
              'last',
              'train',
            ])
          ).failures.flatMap((failure) => failure.metrics);
    const steps = [...Array.from({ length: Math.ceil(count / 64) }, (__, index) => 64 * index), count - 1];
    expect(metrics).toEqual([
      {
        name: 'loss',
        count,
        min: 1 / count,
        max: 1,
        steps,
        times: steps.map((step) => 1764400000000 + step),
        values: steps.map((step) => 1 / (step + 1)),
      },
      { name: 'last', count: 1, min: 'NaN', max: 'NaN', steps: [0], times: [expect.any(Number)], values: ['NaN'] },
    ]);
    const live = liveOf(events, 'train').flat();
    expect(live).toContainEqual({ name: 'loss', step: count - 1, value: 1 / count });
    expect(live.find(({ step }) => step <= 100)).toBeDefined();
  });
});
