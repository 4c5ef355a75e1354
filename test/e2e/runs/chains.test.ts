import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { chainNodes, chainsProject } from '../support/chains.ts';
import type { Project } from '../support/project.ts';

/** Every state of the chains, as their definition says. */
function expectedTotal(chains: number, steps: number): number {
  let total = 0;
  for (let chain = 1; chain <= chains; chain++) {
    let state = chain * 1000;
    for (let step = 1; step <= steps; step++) {
      state = (state * 48271) % 2147483647;
      total += state;
    }
  }
  return total;
}

describe('what is executed again', () => {
  let project: Project;

  beforeAll(async () => {
    project = chainsProject(2, 3, 0);
    const { code, summary, started } = await project.run();
    expect(code).toBe(0);
    expect(started).toEqual(chainNodes(2, 3));
    expect(summary).toMatchObject({ outcome: 'done', executed: 9, upToDate: 0, cutOff: 0, failed: 0, skipped: 0 });
    expect(JSON.parse(readFileSync(project.path('results/total.json'), 'utf8'))).toBe(expectedTotal(2, 3));
  });

  it('is nothing in a second run, which says so', async () => {
    const { code, stdout, stderr } = await project.execute(['run']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replace(/\(\d+\.\d\d s\)/, '(TIME)')).toBe(
      `up to date: 0 nodes executed, 9 nodes found in the cache (TIME)\n  results/total.json\n`,
    );
  });

  it('is nothing after a comment, another layout and a type', async () => {
    project.edit(
      'stages/start.ts',
      '// Where a chain begins.',
      '/* The first state\n   of a chain. */\ntype Unused = 1;',
    );
    project.edit(
      'stages/start.ts',
      'params: v.strictObject({}),\n  inputs: {},',
      'params: v.strictObject({}), inputs: {},',
    );
    project.edit('stages/total.ts', '{ total: sum(inputs', '{\n    total: sum(inputs');
    const { started, summary } = await project.run();
    expect(started).toEqual([]);
    expect(summary).toMatchObject({ executed: 0, upToDate: 9, cutOff: 0 });
  });

  it('is nothing after an unused function in a shared module', async () => {
    project.edit(
      'shared/arithmetic.ts',
      "/** Lehmer's",
      "export const unused = (value: number) => value ** 2;\n\n/** Lehmer's",
    );
    expect((await project.run()).started).toEqual([]);
  });

  it('is what uses a changed function of a shared module', async () => {
    project.edit(
      'shared/arithmetic.ts',
      'return values.reduce((total, value) => total + value, 0);',
      'return values.length;',
    );
    const { started, summary } = await project.run();
    expect(started).toEqual(['total']);
    expect(summary).toMatchObject({ executed: 1, upToDate: 8, cutOff: 0 });
    expect(project.read('results/total.json')).toBe('6\n');
    expect((await project.run()).started).toEqual([]);
  });

  it('is nothing when an edit is undone: the earlier results are still in the cache', async () => {
    project.edit(
      'shared/arithmetic.ts',
      'return values.length;',
      'return values.reduce((total, value) => total + value, 0);',
    );
    const { started, summary } = await project.run();
    expect(started).toEqual([]);
    expect(summary).toMatchObject({ executed: 0, upToDate: 9 });
    expect(JSON.parse(project.read('results/total.json'))).toBe(expectedTotal(2, 3));
  });

  it('is only the edited stage where its bytes come out the same: early cutoff, with the count of nodes it saved', async () => {
    project.edit('stages/start.ts', 'Number(coordinates.chain) * 1000', '1000 * Number(coordinates.chain)');
    const { started, summary, events } = await project.run();
    expect(started).toEqual(['start/1', 'start/2']);
    expect(summary).toMatchObject({ executed: 2, upToDate: 0, cutOff: 7 });
    expect(events.filter(({ type }) => type === 'cutOff')).toHaveLength(7);

    project.edit('stages/start.ts', '1000 * Number', '500 * 2 * Number');
    const { stdout } = await project.execute(['run']);
    expect(stdout).toMatch(/^done: 2 nodes executed, 0 up to date, 7 saved by early cutoff \(\d+\.\d+ s\)$/m);
  });

  it('is the new steps of a chain that gets longer, and what is downstream of them', async () => {
    const { started } = await project.run(['--set', 'steps=5']);
    expect(started).toEqual(['step/1/4', 'step/1/5', 'step/2/4', 'step/2/5', 'total']);
    expect(JSON.parse(project.read('results/total.json'))).toBe(expectedTotal(2, 5));
  });

  it('is only what gathers a chain when the chain gets shorter', async () => {
    const { started } = await project.run(['--set', 'steps=2']);
    expect(started).toEqual(['total']);
    expect(JSON.parse(project.read('results/total.json'))).toBe(expectedTotal(2, 2));
  });

  it('is a chain that is added, and what gathers it', async () => {
    const { started } = await project.run(['--set', 'chains=[1, 2, 3]']);
    expect(started).toEqual(['start/3', 'step/3/1', 'step/3/2', 'step/3/3', 'total']);
  });

  it('is a chain from its first step on, when a param of the steps changes; and nothing when that gives the same bytes', async () => {
    const { started, summary } = await project.run(['--set', 'milliseconds=1']);
    // The time that a step takes is part of its key, not of its bytes: each step is run, and what gathers them is not.
    expect(started).toEqual(chainNodes(2, 3).filter((node) => node.startsWith('step/')));
    expect(summary).toMatchObject({ executed: 6, upToDate: 2, cutOff: 1 });
  });

  it('is a stage that --force names, and nothing downstream if its bytes are the same', async () => {
    const { started, summary } = await project.run(['--force', 'start']);
    expect(started).toEqual(['start/1', 'start/2']);
    expect(summary).toMatchObject({ executed: 2, cutOff: 7 });
  });

  it('is only what a target needs', async () => {
    const { started, summary } = await project.run(['--force', 'step', '--target', 'step/2/2']);
    expect(started).toEqual(['step/2/1', 'step/2/2']);
    expect(summary).toMatchObject({ executed: 2, upToDate: 1 });
  });

  it('is nothing in a dry run, which names what would be', async () => {
    const { code, stdout } = await project.execute(['run', '--dry-run', '--jobs', '2', '--set', 'chains=[1, 2, 4]']);
    expect(code).toBe(0);
    expect(stdout.replace(/(about|at least) [\d.]+ s/g, '$1 TIME').replace(/ {2,}/g, '  ')).toBe(
      [
        'start  1 node  never run',
        'step  3 nodes  never run',
        // It gathers one chain more, whatever that gives.
        'total  1 node  about TIME  input changed: states',
        '1 to run, 4 depend on those, 8 up to date',
        'at least TIME with 2 workers, if all of them run, not counting 4 nodes of a kind that has never run',
        '',
      ].join('\n'),
    );
    expect((await project.run()).started).toEqual([]);
  });
});

describe('jobs', () => {
  it('leave no trace in the artefacts: 1 and 2 at a time give the same digests', async () => {
    const project = chainsProject(3, 5, 2);
    const one = ['--cache', project.path('one')];
    const two = ['--cache', project.path('two')];
    expect((await project.run(['--jobs', '1', ...one])).summary.executed).toBe(19);
    expect((await project.run(['--jobs', '2', ...two])).summary.executed).toBe(19);
    const digests = await project.digests(one);
    expect(Object.keys(digests).sort()).toEqual(chainNodes(3, 5));
    expect(await project.digests(two)).toEqual(digests);
    expect(Object.values(digests).flat()).not.toContain(null);
  });
});
