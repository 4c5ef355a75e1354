import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../../../src/engine/plan/plan.ts';
import type { RunEvent } from '../../../../src/engine/run/events.ts';
import { eventLines, jsonLines, plainLines } from '../../../../src/engine/views/terminal/event-lines.ts';

const node = 'train/fnn/1/3' as NodeId;
const diagnostic = {
  fact: 'params.batchSize: 0 is too small',
  fix: 'give 1 or more',
  range: { file: 'pipeline.yaml', line: 7, column: 3, length: 4, lineText: '  size: 0' },
};

describe('eventLines', () => {
  it.each<[RunEvent, string[]]>([
    [{ type: 'planned', nodes: 3, jobs: 2 }, []],
    [{ type: 'upToDate', node }, []],
    [{ type: 'cutOff', node }, []],
    [{ type: 'progress', node, fraction: 0.5 }, []],
    [{ type: 'skipped', node, because: node }, []],
    [{ type: 'started', node, attempt: 1, reason: { rule: 'never run' } }, ['start    train/fnn/1/3  (never run)']],
    [
      {
        type: 'started',
        node,
        attempt: 1,
        reason: { rule: 'params', changes: [{ path: 'batchSize', old: 64, new: 32 }] },
      },
      ['start    train/fnn/1/3  (params: batchSize 64 → 32)'],
    ],
    [{ type: 'finished', node, seconds: 12.34, bytes: 2_544_000 }, ['finish   train/fnn/1/3  12.3 s, 2.5 MB']],
    [
      { type: 'retrying', node, attempt: 2, diagnostic },
      ['retry    train/fnn/1/3  attempt 2: params.batchSize: 0 is too small'],
    ],
    [
      { type: 'restoring', nodes: [node, node], seconds: 90 },
      ['restore  2 nodes are executed again for their evicted bytes: about 1 min 30 s of work'],
    ],
    [
      { type: 'restoring', nodes: [node], seconds: 1 },
      ['restore  1 node is executed again for its evicted bytes: about 1.0 s of work'],
    ],
    [
      { type: 'auditing', nodes: [node, node], seed: 7 },
      ['audit    2 nodes picked by --audit-seed 7: train/fnn/1/3, train/fnn/1/3'],
    ],
    [
      { type: 'auditing', nodes: new Array(6).fill(node), seed: 7 },
      [`audit    6 nodes picked by --audit-seed 7: ${new Array(5).fill(node).join(', ')}, …`],
    ],
    [{ type: 'auditing', nodes: [], seed: 7 }, ['audit    nothing was up to date before this run']],
    [
      { type: 'unreadable', node, state: 'damaged', diagnostic: { fact: 'the artefact abc is damaged' } },
      ['damaged  train/fnn/1/3  the artefact abc is damaged; the node is executed again'],
    ],
    [
      { type: 'unreadable', node, state: 'missing', diagnostic: { fact: 'the artefact abc is not there' } },
      ['missing  train/fnn/1/3  the artefact abc is not there; the node is executed again'],
    ],
    [{ type: 'stopping', running: 2 }, ['stopping: 2 running nodes may finish; interrupt again to stop them now']],
    [{ type: 'stopping', running: 1 }, ['stopping: 1 running node may finish; interrupt again to stop it now']],
    [{ type: 'stopping', running: 0 }, ['stopping: nothing is running']],
    [
      { type: 'failed', node, cause: 'stage', diagnostic, log: '' },
      [
        'FAILED   train/fnn/1/3',
        '  pipeline.yaml:7:3 params.batchSize: 0 is too small',
        '       7 |   size: 0',
        '         |   ~~~~',
        '    fix: give 1 or more',
      ],
    ],
    [
      {
        type: 'failed',
        node,
        cause: 'stage',
        diagnostic: { fact: 'it threw' },
        log: 'epoch 1\n  at run (train.ts:3:1)\n\n',
      },
      ['FAILED   train/fnn/1/3', '  it threw', '  its log ends with:', '    epoch 1', '      at run (train.ts:3:1)'],
    ],
    [
      {
        type: 'summary',
        outcome: 'done',
        executed: 1,
        restored: 0,
        audited: 0,
        fetched: 0,
        upToDate: 0,
        cutOff: 0,
        failed: 0,
        misconfigured: 0,
        skipped: 0,
        seconds: 2,
      },
      ['done: 1 node executed, 0 up to date (2.0 s)'],
    ],
  ])('of %j', (event, lines) => {
    expect(eventLines(event)).toEqual(lines);
  });

  it('shows the last fifteen lines of a log', () => {
    const log = Array.from({ length: 40 }, (_, index) => `line ${index + 1}\n`).join('');
    const lines = eventLines({ type: 'failed', node, cause: 'stage', diagnostic: { fact: 'it threw' }, log });
    expect(lines.length).toBe(3 + 15 + 1);
    expect(lines[3]).toBe('    line 26');
    expect(lines.at(-2)).toBe('    line 40');
    expect(lines.at(-1)).toBe('  "vmfdag history show last train/fnn/1/3" shows all of it');
  });
});

describe('views of a run', () => {
  const events: RunEvent[] = [
    { type: 'planned', nodes: 1, jobs: 1 },
    { type: 'started', node, attempt: 1, reason: { rule: 'forced' } },
    { type: 'finished', node, seconds: 1, bytes: 10 },
  ];

  it('for pipes are plain lines', () => {
    const lines: string[] = [];
    events.forEach(plainLines((line) => lines.push(line)));
    expect(lines).toEqual(['start    train/fnn/1/3  (forced)', 'finish   train/fnn/1/3  1.0 s, 10 B']);
  });

  it('for scripts are the events, one JSON object a line', () => {
    const lines: string[] = [];
    events.forEach(jsonLines((line) => lines.push(line)));
    expect(lines.every((line) => !line.includes('\n'))).toBe(true);
    expect(lines.map((line) => JSON.parse(line))).toEqual(events);
  });
});
