import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { nodesOf, reportOf } from '../support/command-line.ts';
import { temporaryFolder } from '../support/folders.ts';
import { gateProject, processOf } from '../support/gate.ts';
import { childrenOf, isAlive } from '../support/processes.ts';
import { projectOf } from '../support/project.ts';
import { vmfdag } from '../support/repository.ts';
import { type Server, startServer, whyNoServer } from '../support/servers.ts';
import { mixedProject, withExecutor } from '../support/units.ts';

/** Another home, and a folder that holds nothing but packages. */
function host({ variables }: Server, root = projectOf({}).directory) {
  const home = temporaryFolder();
  const command = ['env', `HOME=${home}`, process.execPath, vmfdag, 'unit', '-', '--root', root];
  return { home, exec: ['ssh', '-F', variables.RIG_SSH_CONFIG ?? '', 'n1', ...command] };
}

const reason = whyNoServer('sshd');

describe.skipIf(reason !== undefined)(
  `a host with SSH and nothing shared${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    it('gives the digests of a local run, and keeps what it got in a cache of its own', async () => {
      const { home, exec } = host(startServer('sshd'));
      const project = mixedProject(exec);
      const run = await project.run(['--executor', 'there']);
      expect(run).toMatchObject({ code: 0, stderr: '', summary: { failed: 0 } });
      expect(run.events.filter(({ type }) => type === 'refused' || type === 'warning')).toEqual([]);
      expect(existsSync(join(home, '.cache/vmfdag/units/data.mdb'))).toBe(true);
      const local = ['--cache', project.path('local')];
      expect((await project.run(local)).code).toBe(0);
      expect(await project.digests()).toEqual(await project.digests(local));
    });

    it('whose connection breaks costs what was in flight', async () => {
      const project = gateProject(2);
      const { exec } = host(startServer('sshd'), project.directory);
      project.write('pipeline.yaml', withExecutor(project.read('pipeline.yaml'), exec));
      const run = project.start(['run', '--json', '--executor', 'there']);
      const workers = [await processOf(project, 1), await processOf(project, 2)];
      for (const pid of childrenOf(run.pid)) process.kill(pid, 'SIGKILL');
      await vi.waitFor(() => expect(workers.filter(isAlive)).toEqual([]), { timeout: 10_000 });
      project.write('gate', '');
      const ended = reportOf(await run.ended);
      expect(ended).toMatchObject({ code: 0, summary: { executed: 2, failed: 0 } });
      expect(nodesOf(ended.events, 'finished')).toHaveLength(2);
    });

    it('has no process left after a run that was stopped or killed', async () => {
      const server = startServer('sshd');
      for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
        const project = gateProject(2);
        const { exec } = host(server, project.directory);
        project.write('pipeline.yaml', withExecutor(project.read('pipeline.yaml'), exec));
        const run = project.start(['run', '--json', '--executor', 'there']);
        const workers = [await processOf(project, 1), await processOf(project, 2)];
        process.kill(run.pid, signal);
        if (signal === 'SIGTERM') {
          await run.until((running) => running.events().some(({ type }) => type === 'stopping'));
          process.kill(run.pid, signal);
        }
        await run.ended;
        await vi.waitFor(() => expect(workers.filter(isAlive), signal).toEqual([]), { timeout: 10_000 });
      }
    });

    it('that cannot be reached is named with what ssh says, and this machine executes the nodes', async () => {
      const server = startServer('sshd');
      const project = mixedProject(host(server).exec);
      server.stop();
      const run = await project.run(['--executor', 'there']);
      expect(run).toMatchObject({ code: 0, summary: { failed: 0 } });
      const refused = run.events.filter(({ type }) => type === 'refused');
      expect(refused).toHaveLength(1);
      expect(JSON.stringify(refused)).toMatch(/ended with exit code 255: ssh: connect to host .*Connection refused/);
    });
  },
);
