import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { projectOf } from '../support/project.ts';

describe('GPUs', () => {
  it('are assigned: nodes at the same time have different ones', async () => {
    const project = projectOf({
      'pipeline.yaml': `version: 1
name: gpus
stages:
  command:
    each: {n: {from: 1, to: 4}}
    command: "echo $CUDA_VISIBLE_DEVICES > {outputs.seen}; date +%s%N >> {outputs.seen}; sleep 0.3; date +%s%N >> {outputs.seen}"
    resources: {gpus: 1}
    reproducible: false
    outputs: {seen: csv}
  none:
    command: "echo gpus:$CUDA_VISIBLE_DEVICES > {outputs.seen}"
    outputs: {seen: csv}
targets: {all: {files: {one: command/1.seen, two: command/2.seen, three: command/3.seen, four: command/4.seen, none: none.seen}}}
`,
    });
    const { code } = await project.run(['--jobs', '3'], { env: { CUDA_VISIBLE_DEVICES: '4,7' } });
    expect(code).toBe(0);
    const seen = ['one', 'two', 'three', 'four'].map((name) => {
      const [gpu = '', from, to] = project.read(`results/${name}`).trim().split('\n');
      return { gpu, from: Number(from), to: Number(to) };
    });
    expect(new Set(seen.map(({ gpu }) => gpu))).toEqual(new Set(['4', '7']));
    for (const [index, one] of seen.entries()) {
      for (const other of seen.slice(index + 1)) {
        const overlap = one.from < other.to && other.from < one.to;
        if (overlap) expect(one.gpu).not.toBe(other.gpu);
      }
    }
    expect(project.read('results/none')).toBe('gpus:\n');
  });
});

/** A group of processes whose memory is limited; undefined where this machine lets nobody make one. */
function limitedMemory(bytes: number): string | undefined {
  for (const [top, limit] of [
    ['/sys/fs/cgroup/memory', 'memory.limit_in_bytes'],
    ['/sys/fs/cgroup', 'memory.max'],
  ] as const) {
    const group = join(top, `vmfdag-test-${process.pid}`);
    try {
      mkdirSync(group);
      if (!existsSync(join(group, limit))) {
        rmdirSync(group);
        continue;
      }
      writeFileSync(join(group, limit), String(bytes));
      return group;
    } catch {
      // The next kind.
    }
  }
  return undefined;
}

describe('want of memory', () => {
  const project = () =>
    projectOf({
      'pipeline.yaml': `version: 1
name: memory
stages:
  command:
    command: [python3, -c, "x = bytearray(900_000_000); open('{outputs.out}', 'w').write('1')"]
    outputs: {out: json}
    retries: {memory: 1}
  module: {run: stages/large.ts, outputs: {out: json}, retries: {memory: 1}}
  killed: {command: "kill -9 $$", outputs: {out: json}, retries: {memory: 3}}
targets: {all: {nodes: [command, module, killed]}}
`,
      'stages/large.ts': `import * as v from 'valibot';
import { defineStage, json } from 'vmfdag';
export default defineStage({
  params: v.object({}), inputs: {}, outputs: { out: json<number>() },
  run: () => ({ out: Buffer.alloc(900_000_000, 1).length }),
});
`,
    });

  it('is told from another kill, and is a cause of its own', async ({ skip }) => {
    const group = limitedMemory(700_000_000);
    skip(group === undefined, 'this machine lets nobody limit the memory of a group of processes');
    onTestFinished(() => {
      spawnSync('sh', ['-c', 'for i in 1 2 3 4 5; do rmdir "$1" && break; sleep 0.2; done', 'sh', String(group)]);
    });
    const enter = ['sh', '-c', 'echo $$ > "$0"/cgroup.procs; exec "$@"', String(group)];
    const { events, code } = await project().run(['--keep-going', '--jobs', '1'], { through: enter });
    expect(code).toBe(1);
    const failed = events.flatMap((event) => (event.type === 'failed' ? [[event.node, event.cause]] : []));
    expect(Object.fromEntries(failed)).toEqual({ command: 'memory', module: 'memory', killed: 'stage' });
    const retried = events.flatMap((event) => (event.type === 'retrying' ? [event.node] : []));
    expect(retried.sort()).toEqual(['command', 'module']);
  });
});
