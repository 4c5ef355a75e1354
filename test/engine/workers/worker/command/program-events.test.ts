import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { followEvents } from '../../../../../src/engine/workers/worker/command/program-events.ts';

function followed() {
  const folder = mkdtempSync(join(tmpdir(), 'vmfdag-events-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'events.jsonl');
  const metrics: [string, number, number | undefined, number | undefined][] = [];
  const fractions: number[] = [];
  const end = followEvents(file, {
    metric: (...told) => void metrics.push(told as never),
    progress: (fraction) => void fractions.push(fraction),
  });
  return { file, metrics, fractions, end };
}

const metric = (value: number) => `{"event": "metric", "name": "loss", "value": ${value}, "step": ${value}}`;

it('every line counts, the last one without an end, in a file of any length', async () => {
  const { file, metrics, fractions, end } = followed();
  const count = 150_000;
  const lines = Array.from({ length: count }, (_, index) => metric(index));
  // More than is read at one time.
  writeFileSync(file, `${lines.join('\n')}\nnot JSON\n${'x'.repeat(100_000)}\n{"event": "progress", "fraction": 1}\n`);
  appendFileSync(file, metric(count));
  await end();
  expect(metrics.map(([, value]) => value)).toEqual(Array.from({ length: count + 1 }, (_, index) => index));
  expect(fractions).toEqual([1]);
});

it('lines are told while the program runs, each once', async () => {
  const { file, metrics, end } = followed();
  appendFileSync(file, `${metric(1)}\n${metric(2).slice(0, 20)}`);
  await vi.waitFor(() => expect(metrics).toHaveLength(1), { timeout: 5000 });
  appendFileSync(file, `${metric(2).slice(20)}\n`);
  await vi.waitFor(() => expect(metrics).toHaveLength(2), { timeout: 5000 });
  await end();
  expect(metrics.map(([, value]) => value)).toEqual([1, 2]);
});

it('a file that is begun again is read again', async () => {
  const { file, metrics, end } = followed();
  writeFileSync(file, `${metric(1)}\n${metric(2)}\n{"event": "me`);
  await vi.waitFor(() => expect(metrics).toHaveLength(2), { timeout: 5000 });
  writeFileSync(file, `${metric(3)}\n`);
  await end();
  expect(metrics.map(([, value]) => value)).toEqual([1, 2, 3]);
});

it('nothing is there, or a pipe, which is not waited for', async () => {
  const { file, metrics, end } = followed();
  execFileSync('mkfifo', [file]);
  await end();
  await followed().end();
  expect(metrics).toEqual([]);
});
