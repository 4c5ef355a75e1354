import { describe, expect, it } from 'vitest';
import { loadPipeline } from '../../../../src/engine/pipeline/load-pipeline.ts';

function executorsOf(text: string) {
  const pipeline = loadPipeline({
    file: 'pipeline.yaml',
    text: `version: 1
name: executors
executors: {there: ${text}}
stages:
  only: {run: stages/only.ts, outputs: {out: json}}
`,
  });
  return pipeline.executors.get('there');
}

describe('executors', () => {
  it('are command lines, jobs of SLURM, or engines of futures', () => {
    expect(executorsOf('{exec: [ssh, gpu1, vmfdag, unit, "-"]}')).toMatchObject({
      way: { kind: 'exec', command: ['ssh', 'gpu1', 'vmfdag', 'unit', '-'] },
      slots: 1,
    });
    expect(executorsOf('{slurm: {partition: gpu, time: 1h30m, idle: 10s}, slots: 8}')).toMatchObject({
      way: { kind: 'slurm', partition: 'gpu', timeSeconds: 5400, idleSeconds: 10, pollSeconds: 60, spool: undefined },
      slots: 8,
    });
    expect(executorsOf('{futures: "vmfdag.executors:ray", options: {address: auto}}')).toMatchObject({
      way: { kind: 'futures', factory: 'vmfdag.executors:ray', options: { address: 'auto' }, python: ['python3'] },
    });
  });

  it.each([
    ['{slots: 2}', /3:13 executor "there" does not say how to get to its units/],
    ['{exec: [ssh], slurm: {}}', /3:34 executor "there" has "exec" already[\s\S]*remove "slurm"/],
    ['{exec: [ssh], python: [python3]}', /"python" is for executors with "futures"/],
    ['{slurm: {time: soon}}', /this is soon/],
    ['{slurm: {partitions: gpu}}', /unknown key "partitions"[\s\S]*did you mean "partition"/],
    ['{futures: ray}', /is not a module and function/],
    ['{exec: [ssh], slots: 0}', /"slots"/],
  ])('refuse %s at its place', (text, message) => {
    expect(() => executorsOf(text)).toThrow(message);
  });
});
