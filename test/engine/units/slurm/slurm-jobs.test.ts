import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SlurmJobs } from '../../../../src/engine/units/slurm/slurm-jobs.ts';
import { temporaryFolder } from '../../store/fixtures.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Commands of SLURM that keep what they are given: a test starts the jobs. */
function fakeSlurm(): { readonly script: string } {
  const folder = temporaryFolder();
  const commands = {
    // The script appears whole.
    sbatch: `cat > '${folder}/part' && mv '${folder}/part' '${folder}/script'; echo 7`,
    squeue: 'true',
    scancel: 'true',
    scontrol: 'true',
  };
  for (const [name, text] of Object.entries(commands)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
  return { script: join(folder, 'script') };
}

const REQUEST = {
  name: 'jobs',
  cpus: 1,
  memoryBytes: 0,
  gpus: 0,
  partition: undefined,
  account: undefined,
  timeSeconds: undefined,
  arguments: [],
};

describe('a job that the controller starts twice', () => {
  it('with the same number of restarts has a mailbox for each start, and the second one loses nothing of the first', async () => {
    const { script } = fakeSlurm();
    const folder = join(temporaryFolder(), 'spool');
    mkdirSync(folder, { recursive: true });
    // As a unit does: the mailbox appears whole.
    const command = 'mkdir -p "$MAILBOX".part/to-unit "$MAILBOX".part/from-unit && mv "$MAILBOX".part "$MAILBOX"';
    const warn = vi.fn();
    const jobs = new SlurmJobs(REQUEST, { folder, command, pollSeconds: 1000, warn });
    const first = jobs.open(() => undefined);
    await vi.waitFor(() => expect(existsSync(script)).toBe(true), { timeout: 10_000 });
    const environment = { ...process.env, SLURM_ARRAY_JOB_ID: '7', SLURM_ARRAY_TASK_ID: '1', SLURMD_NODENAME: 'n1' };
    // Killed before it could end: it leaves no word.
    const start = (file = script) => execFileSync('sh', [file], { env: environment, stdio: 'ignore' });
    const killed = `${script}.killed`;
    writeFileSync(killed, readFileSync(script, 'utf8').replace('code=$?', 'exit 1'));
    expect(() => start(killed)).toThrow();
    first.connection.send({ type: 'message', to: 'the first' });
    const sessions = () => readdirSync(join(folder, 'sessions')).sort();
    const messages = (session: string) => readdirSync(join(folder, 'sessions', session, 'to-unit'));
    await vi.waitFor(() => expect(messages(sessions()[0] as string)).toHaveLength(1), { timeout: 10_000 });
    const [before] = sessions();

    const second = jobs.open(() => undefined);
    expect(() => start(killed)).toThrow();
    expect(await first.ended).toMatchObject({ how: 'was requeued (job 7_1)', cause: 'taken' });
    const after = sessions().find((session) => session !== before) as string;
    expect(sessions()).toHaveLength(2);
    second.connection.send({ type: 'message', to: 'the second' });
    await vi.waitFor(() => expect(messages(after)).toHaveLength(1), { timeout: 10_000 });
    const text = readFileSync(join(folder, 'sessions', after, 'to-unit', messages(after)[0] as string), 'utf8');
    expect(text).toContain('the second');
    expect(messages(before as string)).toHaveLength(1);
    expect(warn).not.toHaveBeenCalled();
    await jobs.stop();
  });
});
