import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { submitArguments } from '../../../../src/engine/units/slurm/slurm-commands.ts';
import { SlurmExecutor } from '../../../../src/engine/units/slurm/slurm-executor.ts';
import { logFileIn, SlurmJobs } from '../../../../src/engine/units/slurm/slurm-jobs.ts';
import { temporaryFolder } from '../../store/fixtures.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Commands of SLURM that keep what they are given: a test starts the jobs. */
function fakeSlurm(changes: Readonly<Record<string, string>> = {}) {
  const folder = temporaryFolder();
  const commands = {
    // The script appears whole.
    sbatch: `cat > '${folder}/part' && mv '${folder}/part' '${folder}/script'; echo 7`,
    squeue: 'true',
    scancel: `echo "$@" >> '${folder}/cancelled'`,
    scontrol: 'true',
    ...changes,
  };
  for (const [name, text] of Object.entries(commands)) {
    writeFileSync(join(folder, name), `#!/bin/sh\nFAKE='${folder}'\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
  const has = (name: string) => existsSync(join(folder, name));
  const cancelled = () => (has('cancelled') ? readFileSync(join(folder, 'cancelled'), 'utf8').trim().split('\n') : []);
  return {
    script: join(folder, 'script'),
    has,
    cancelled,
    goOn: (name: string) => writeFileSync(join(folder, `${name}-go`), ''),
  };
}

/** A shell command that waits for the test, and says that it does. */
function waitingFor(name: string): string {
  return `: > "$FAKE/${name}-begun"; while [ ! -e "$FAKE/${name}-go" ]; do sleep 0.02; done`;
}

/** As a unit does: the mailbox appears whole. */
const MAKE_MAILBOX = 'mkdir -p "$MAILBOX".part/to-unit "$MAILBOX".part/from-unit && mv "$MAILBOX".part "$MAILBOX"';

function startJob(script: string, task = '1'): void {
  const env = { ...process.env, SLURM_ARRAY_JOB_ID: '7', SLURM_ARRAY_TASK_ID: task, SLURMD_NODENAME: 'n1' };
  execFileSync('sh', [script], { env, stdio: 'ignore' });
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
    const warn = vi.fn();
    const jobs = new SlurmJobs(REQUEST, { folder, command: MAKE_MAILBOX, pollSeconds: 1000, warn });
    const first = jobs.open(() => undefined);
    await vi.waitFor(() => expect(existsSync(script)).toBe(true), { timeout: 10_000 });
    // Killed before it could end: it leaves no word.
    const killed = `${script}.killed`;
    writeFileSync(killed, readFileSync(script, 'utf8').replace('code=$?', 'exit 1'));
    expect(() => startJob(killed)).toThrow();
    first.connection.send({ type: 'message', to: 'the first' });
    const sessions = () => readdirSync(join(folder, 'sessions')).sort();
    const messages = (session: string) => readdirSync(join(folder, 'sessions', session, 'to-unit'));
    await vi.waitFor(() => expect(messages(sessions()[0] as string)).toHaveLength(1), { timeout: 10_000 });
    const [before] = sessions();

    const second = jobs.open(() => undefined);
    expect(() => startJob(killed)).toThrow();
    const after = sessions().find((session) => session !== before) as string;
    expect(messages(before as string)).toHaveLength(1);
    expect(await first.ended).toMatchObject({ how: 'was requeued (job 7_1)', cause: 'taken' });
    second.connection.send({ type: 'message', to: 'the second' });
    await vi.waitFor(() => expect(messages(after)).toHaveLength(1), { timeout: 10_000 });
    const text = readFileSync(join(folder, 'sessions', after, 'to-unit', messages(after)[0] as string), 'utf8');
    expect(text).toContain('the second');
    expect(sessions()).toEqual([after]);
    expect(warn).not.toHaveBeenCalled();
    await jobs.stop();
  });
});

describe('jobs of a cluster', () => {
  it('are heard to the end: what a job has written before it ended is read first', async () => {
    const { script } = fakeSlurm();
    const folder = join(temporaryFolder(), 'spool');
    const says = (number: number, text: string) =>
      `printf '%s\\n' '${text}' > "$MAILBOX"/from-unit/${String(number).padStart(10, '0')}`;
    const frames = ['hello', 'ended', 'last'].map((type, index) => says(index + 1, JSON.stringify({ type })));
    const command = [MAKE_MAILBOX, ...frames, 'false'].join('\n');
    const jobs = new SlurmJobs(REQUEST, { folder, command, pollSeconds: 1000, warn: vi.fn() });
    const heard: unknown[] = [];
    const first = jobs.open(({ message }) => void heard.push(message.type));
    await vi.waitFor(() => expect(existsSync(script)).toBe(true), { timeout: 10_000 });
    expect(() => startJob(script)).toThrow();
    expect(await first.ended).toMatchObject({ how: 'ended with exit code 1' });
    expect(heard).toEqual(['hello', 'ended', 'last']);
    await jobs.stop();
  });

  it('leave no mailbox behind when they have ended, whether a slot had them or none was left', async () => {
    const { script } = fakeSlurm();
    const folder = join(temporaryFolder(), 'spool');
    const jobs = new SlurmJobs(REQUEST, { folder, command: MAKE_MAILBOX, pollSeconds: 1000, warn: vi.fn() });
    const first = jobs.open(() => undefined);
    await vi.waitFor(() => expect(existsSync(script)).toBe(true), { timeout: 10_000 });
    const mailboxes = () => readdirSync(join(folder, 'sessions'));
    startJob(script);
    expect(await first.ended).toMatchObject({ how: 'ended with exit code 0' });
    await vi.waitFor(() => expect(mailboxes()).toEqual([]), { timeout: 10_000 });

    void jobs.open(() => undefined);
    const running = `${script}.running`;
    writeFileSync(running, readFileSync(script, 'utf8').replace('code=$?', 'exit 0'));
    startJob(running, '2');
    startJob(script, '3');
    await vi.waitFor(() => expect(mailboxes()).toEqual([expect.stringMatching(/^7_2\./)]), { timeout: 10_000 });
    expect(readdirSync(join(folder, 'ended'))).toEqual([]);
    await jobs.stop();
  });

  it('that were submitted while the scheduler was asked are not taken for ended ones', async () => {
    const { has, goOn } = fakeSlurm({
      sbatch: 'cat > /dev/null; echo x >> "$FAKE/count"; wc -l < "$FAKE/count" | tr -d " "',
      // The jobs as they are when it is asked.
      squeue: `known=$(cat "$FAKE/count"); ${waitingFor('squeue')}; echo "$known" | grep -n x | sed 's/:x/_1|PENDING||Priority/'`,
    });
    const folder = join(temporaryFolder(), 'spool');
    const jobs = new SlurmJobs(REQUEST, { folder, command: MAKE_MAILBOX, pollSeconds: 0.1, warn: vi.fn() });
    const ended = vi.fn();
    void jobs.open(() => undefined).ended.then(ended);
    await vi.waitFor(() => expect(has('squeue-begun')).toBe(true), { timeout: 10_000 });
    void jobs.open(() => undefined).ended.then(ended);
    await vi.waitFor(() => expect(readFileSync(join(folder, 'arrays'), 'utf8')).toBe('1\n2\n'), { timeout: 10_000 });
    goOn('squeue');
    await sleep(250);
    expect(ended).not.toHaveBeenCalled();
    await jobs.stop();
  });

  it('are asked about until the scheduler has forgotten them', async () => {
    const { script, has } = fakeSlurm({
      sbatch:
        'cat > "$FAKE/part"; mv "$FAKE/part" "$FAKE/script"; echo x >> "$FAKE/count"; wc -l < "$FAKE/count" | tr -d " "',
      // The last arguments are the arrays. It knows the first until the test says that it has ended.
      squeue: `for arrays; do :; done; echo "$arrays" >> "$FAKE/asked"
        if [ ! -e "$FAKE/forgotten" ]; then echo '1_1|RUNNING|n1|None'; fi; echo '2_1|PENDING||Priority'`,
    });
    const folder = join(temporaryFolder(), 'spool');
    const jobs = new SlurmJobs(REQUEST, { folder, command: MAKE_MAILBOX, pollSeconds: 0.1, warn: vi.fn() });
    const asked = () => (has('asked') ? readFileSync(join(script, '../asked'), 'utf8').trim().split('\n') : []);
    const arrays = () => readFileSync(join(folder, 'arrays'), 'utf8');
    const first = jobs.open(() => undefined);
    await vi.waitFor(() => expect(asked()).toContain('1'), { timeout: 10_000 });
    void jobs.open(() => undefined);
    await vi.waitFor(() => expect(asked()).toContain('1,2'), { timeout: 10_000 });
    expect(arrays()).toBe('1\n2\n');
    writeFileSync(join(script, '../forgotten'), '');
    expect(await first.ended).toMatchObject({ how: 'job 1_1 is not known to the scheduler any more' });
    await vi.waitFor(() => expect(asked().at(-1)).toBe('2'), { timeout: 10_000 });
    void jobs.open(() => undefined);
    await vi.waitFor(() => expect(arrays()).toBe('2\n3\n'), { timeout: 10_000 });
    await jobs.stop();
  });

  it('that sbatch takes while the run ends are cancelled, and leave nothing', async () => {
    const { has, goOn, cancelled } = fakeSlurm({ sbatch: `cat > /dev/null; ${waitingFor('sbatch')}; echo 7` });
    const folder = join(temporaryFolder(), 'spool');
    const jobs = new SlurmJobs(REQUEST, { folder, command: MAKE_MAILBOX, pollSeconds: 1000, warn: vi.fn() });
    const slot = jobs.open(() => undefined);
    await vi.waitFor(() => expect(has('sbatch-begun')).toBe(true), { timeout: 10_000 });
    const stopped = jobs.stop();
    await slot.ended;
    goOn('sbatch');
    await stopped;
    expect(cancelled()).toEqual(['7']);
    expect(existsSync(folder)).toBe(false);
  });

  it('end a wait for a busy controller with the run', async () => {
    fakeSlurm({ sbatch: 'cat > /dev/null; echo "Socket timed out" >&2; exit 1' });
    const warn = vi.fn();
    const folder = join(temporaryFolder(), 'spool');
    const jobs = new SlurmJobs(REQUEST, { folder, command: MAKE_MAILBOX, pollSeconds: 1000, warn });
    void jobs.open(() => undefined);
    await vi.waitFor(() => expect(warn).toHaveBeenCalled(), { timeout: 10_000 });
    const begun = performance.now();
    await jobs.stop();
    // The first pause is of two seconds.
    expect(performance.now() - begun).toBeLessThan(1900);
  });

  it('that cannot be written to are lost with the reason, and cancelled', async () => {
    const { script, cancelled } = fakeSlurm();
    const folder = join(temporaryFolder(), 'spool');
    const jobs = new SlurmJobs(REQUEST, { folder, command: MAKE_MAILBOX, pollSeconds: 1000, warn: vi.fn() });
    const slot = jobs.open(() => undefined);
    await vi.waitFor(() => expect(existsSync(script)).toBe(true), { timeout: 10_000 });
    writeFileSync(script, readFileSync(script, 'utf8').replace('code=$?', 'rmdir "$MAILBOX"/to-unit; exit 1'));
    expect(() => startJob(script)).toThrow();
    slot.connection.send({ type: 'message' });
    expect((await slot.ended).how).toMatch(/^cannot be reached through the spool folder \(ENOENT/);
    await vi.waitFor(() => expect(cancelled()).toEqual(['7_1']));
    await jobs.stop();
  });

  it('have a log in a folder with any name', () => {
    const folder = '/home/a%b/100%';
    const jobs = submitArguments({ ...REQUEST, tasks: 1, folder, logFile: logFileIn(folder), script: '' });
    expect(jobs).toContain('--output=/home/a%%b/100%%/logs/%A_%a.log');
    expect(jobs).toContain('--chdir=/home/a%b/100%');
  });
});

describe('a spool folder that cannot be written', () => {
  it.each(['a file', 'no place for folders'])(
    'since it is in %s, is a reason to execute nodes elsewhere',
    async (kind) => {
      const file = join(temporaryFolder(), 'file');
      writeFileSync(file, '');
      const spool = kind === 'a file' ? join(file, 'spool') : '/proc/spool';
      const way = { kind: 'slurm', spool, arguments: [], idleSeconds: 60, pollSeconds: 60 };
      const of = { run: 'run', root: temporaryFolder(), unitCommand: ['node', 'vmfdag.cjs', 'unit', '-'] };
      const executor = new SlurmExecutor({ name: 'cluster', way, slots: 1, of, firstWorker: 1 } as never);
      const resources = { threads: 1, memoryBytes: 0, gpus: 0 };
      const demands = { limitSeconds: undefined, isAlone: false, resources };
      const outcome = await executor.run({} as never, undefined, demands, {} as never).outcome;
      expect(outcome).toMatchObject({
        kind: 'refused',
        diagnostic: { fact: expect.stringContaining(`executor cluster: the spool folder ${spool} cannot be written`) },
      });
      await executor.stop();
    },
  );
});
