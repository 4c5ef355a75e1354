import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/engine/base/random.ts';
import { checkpointsProject } from '../support/checkpoints.ts';
import { nodesOf } from '../support/command-line.ts';

describe('kill -9 of a command that tidies the cache', () => {
  it.each([
    ['gc', ['cache', 'gc', '--max-size', '1kB', '--keep-runs', '1']],
    ['compact', ['cache', 'compact']],
  ])(
    'cache %s leaves a sound cache, which the next run brings to the same results',
    { timeout: 180_000 },
    async (name, command) => {
      const random = randomStream(1, 'moments of kill -9', { command: name });
      const project = checkpointsProject(2, 6);
      expect((await project.run()).code).toBe(0);
      const digests = await project.digests();
      const started = performance.now();
      expect(await project.execute(command)).toMatchObject({ code: 0, stderr: '' });
      const milliseconds = performance.now() - started;
      for (let kills = 0; kills < 4; ) {
        const tidying = project.start(command, { detached: true });
        // Half of the time goes into the start, when nothing can be torn yet.
        await sleep(milliseconds * (0.4 + 0.6 * random.uniform()));
        tidying.signal('SIGKILL');
        const ended = await tidying.ended;
        if (ended.signal === 'SIGKILL') kills++;
        else expect(ended).toMatchObject({ code: 0, stderr: '' });
        expect(await project.execute(['cache', 'verify'])).toMatchObject({ code: 0, stderr: '' });
        const report = await project.run();
        expect(report).toMatchObject({ code: 0, stderr: '', summary: { outcome: 'done', failed: 0 } });
        expect(nodesOf(report.events, 'failed')).toEqual([]);
        expect(await project.digests()).toEqual(digests);
      }
    },
  );
});
