import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import type { NodeId } from '../../../../src/engine/plan/plan.ts';
import { LiveDisplay } from '../../../../src/engine/views/terminal/live-display.ts';
import { RemainingTime } from '../../../../src/engine/views/terminal/remaining-time.ts';

it('shows a node’s texts, and does not hand them to the terminal', () => {
  const { stream, written } = terminal(200, 20);
  const node = 'a/1' as NodeId;
  const display = new LiveDisplay(stream, new RemainingTime([node], () => ({}), 1));
  const change = { path: 'text', old: 'old', new: '\u009b31m\u202e' };
  display.listener({ type: 'planned', nodes: 1, jobs: 1 });
  display.listener({ type: 'started', node, attempt: 1, reason: { rule: 'params', changes: [change] } });
  display.listener({ type: 'retrying', node, attempt: 2, diagnostic: { fact: '\u009b2J\x1b]0;fact\x07' } });
  display.clear();
  expect(written.join('')).toContain('\\x9b2J\\x1b]0;fact\\x07');
  expect(written.join('')).toMatch(/a\/1 .*\\x9b31m\\u202e/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: to find them is what it is for.
  expect(written.join('')).not.toMatch(/\x1b\]|\x07|\u009b/);
});

it('is never higher than the terminal, however many nodes executors have', () => {
  const { stream, written } = terminal(60, 10);
  const nodes = Array.from({ length: 40 }, (_, index) => `node/${index}` as NodeId);
  const display = new LiveDisplay(stream, new RemainingTime(nodes, () => ({}), 1));
  display.listener({ type: 'planned', nodes: 40, jobs: 1 });
  for (const node of nodes) display.listener({ type: 'started', node, attempt: 1, reason: { rule: 'never run' } });
  written.length = 0;
  display.listener({ type: 'retrying', node: nodes[0] as NodeId, attempt: 2, diagnostic: { fact: 'once more' } });
  display.clear();
  const block = written.join('').split('once more')[1] ?? '';
  expect(block.match(/node\/\d+/g)).toHaveLength(6);
  expect(block).toContain('and 34 more');
});

function terminal(columns: number, rows: number): { stream: NodeJS.WriteStream; written: string[] } {
  const written: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk));
      done();
    },
  });
  const stream = Object.assign(sink, { isTTY: true, columns, rows }) as unknown as NodeJS.WriteStream;
  return { stream, written };
}
