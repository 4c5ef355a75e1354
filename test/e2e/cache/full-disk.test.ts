import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { open } from 'lmdb';
import { describe, expect, it } from 'vitest';
import { chainsProject } from '../support/chains.ts';
import { type Ended, reportOf } from '../support/command-line.ts';
import { gateProject, processOf } from '../support/gate.ts';
import { mayMount, smallDisk } from '../support/privileges.ts';
import { isAlive, processesOf } from '../support/processes.ts';
import { type Project, projectOf } from '../support/project.ts';

const permitted = mayMount();
const reason = permitted ? '' : ' (skipped: this user may not mount a file system)';

/** Twelve nodes whose artefacts have 150 kB each. They take their time, so that not all of them are written by one commit. */
function blobsProject(): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: blobs
stages:
  blob:
    run: stages/blob.ts
    each: {part: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}
    outputs: {blob: bytes}
`,
    'stages/blob.ts': `import * as v from 'valibot';
import { bytes, defineStage } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: {},
  outputs: { blob: bytes },
  run: async ({ coordinates }) => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { blob: new Uint8Array(150_000).fill(Number(coordinates.part)) };
  },
});
`,
  });
}

/** Writes a file that takes all that is left of a disk. */
function fill(file: string): void {
  const descriptor = openSync(file, 'w');
  try {
    for (let size = 1 << 20; size >= 1; size >>= 1) {
      try {
        while (writeSync(descriptor, Buffer.alloc(size, 1)) === size);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Checks that a command failed with one fact and one fix on standard error, and no stack trace; returns the fact. */
function explained({ code, stderr }: Ended, fix: string | RegExp): string {
  expect(code).toBe(1);
  const [fact = '', second = '', ...rest] = stderr.split('\n');
  expect(rest).toEqual(['']);
  expect(second).toMatch(fix);
  return fact;
}

describe.skipIf(!permitted)(`a full disk${reason}`, () => {
  it('stops the run with one line; what was finished is kept, and a rerun continues once there is room', async () => {
    const project = blobsProject();
    const disk = smallDisk('1m');
    const cache = ['--cache', `${disk.folder}/cache`];
    const full = await project.execute(['run', '--json', '--jobs', '1', ...cache]);
    const fact = explained(full, '  fix: the disk is full: free some space and run again; nothing finished is lost');
    expect(fact).toMatch(/^cannot write the artefacts of blob\/\d+ in .*\/disk\/cache \(/);
    const events = full.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; node: string });
    const finished = events.filter(({ type }) => type === 'finished').map(({ node }) => node);
    expect(finished.length).toBeGreaterThan(0);

    disk.resize('16m');
    expect(await project.recorded(cache)).toEqual(expect.arrayContaining(finished));
    const rerun = await project.run(cache);
    expect(rerun).toMatchObject({ code: 0, stderr: '' });
    expect(rerun.started.filter((node) => finished.includes(node))).toEqual([]);
    expect((await project.run(cache)).summary).toMatchObject({ executed: 0, upToDate: 12 });
  });

  it.each(['16m', '6m'])(
    'of %s lets gc make room, after which the run goes on; all that reads works too',
    async (size) => {
      const project = blobsProject();
      const disk = smallDisk(size);
      const cache = ['--cache', `${disk.folder}/cache`];
      expect((await project.run([...cache, '--jobs', '1'])).code).toBe(0);
      // Something else fills the disk to the last byte.
      fill(`${disk.folder}/other`);
      for (const command of [
        'status',
        'explain blob/1',
        'history',
        'cache ls',
        'cache stat',
        'cache gc --dry-run',
        'report',
      ]) {
        expect(await project.execute([...command.split(' '), ...cache]), command).toMatchObject({
          code: 0,
          stderr: '',
        });
      }
      project.edit('stages/blob.ts', 'fill(Number', 'fill(1 + Number');
      const stopped = await project.execute(['run', '--jobs', '1', ...cache]);
      // LMDB may say it on its own, too.
      expect(explained(stopped, 'the disk is full')).toMatch(/cannot write/);
      const gc = await project.execute(['cache', 'gc', '--keep-runs', '0', '--max-size', '300kB', ...cache]);
      expect(gc).toMatchObject({ code: 0, stderr: '' });
      expect(gc.stdout).toContain('freed 1.5 MB');
      expect(await project.execute(['cache', 'verify', ...cache])).toMatchObject({ code: 0, stderr: '' });
      expect(await project.run([...cache, '--jobs', '1'])).toMatchObject({ code: 0, summary: { outcome: 'done' } });
    },
  );

  it('that has no room even for an empty cache is named by every command', async () => {
    const project = blobsProject();
    const disk = smallDisk('8k');
    for (const command of ['run', 'status']) {
      const ended = await project.execute([command, '--cache', `${disk.folder}/cache`]);
      expect(explained(ended, 'the disk is full')).toMatch(/^cannot open the cache in .*: there is no room for it$/);
    }
  });
});

/** A command whose output is large, after one that has finished, and with a program that it leaves running meanwhile. */
function largeCommand(text: string): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: large
stages:
  small:
    command: "echo 1 > {outputs.made}"
    outputs: {made: csv}
  large:
    command: ${JSON.stringify(text)}
    inputs: {small: small.made}
    outputs: {made: file}
`,
    'large.py': `import sys
with open(sys.argv[1], "wb") as file:
    for _ in range(40):
        file.write(bytes(1_000_000))
`,
  });
}

describe.skipIf(!permitted)(`a disk that a command fills${reason}`, () => {
  const noOrphan = () => expect(processesOf('sleep 6543')).toEqual([]);

  it.each([
    [
      'and it fails',
      'sleep 6543 & head -c 40000000 /dev/zero > {outputs.made}',
      /^the command of large ended with exit code 1: /,
    ],
    [
      'and it does not notice',
      'sleep 6543 & head -c 40000000 /dev/zero > {outputs.made} || true',
      /^the command of large ended, and its outputs may not be complete: /,
    ],
    [
      'and it is a Python program',
      'sleep 6543 & python3 large.py {outputs.made}',
      /^the command of large ended with exit code 1: /,
    ],
  ])('by its output ends the run with one line, %s; a rerun goes on', async (_how, text, fact) => {
    const project = largeCommand(text);
    project.edit('pipeline.yaml', '    inputs: {small', '    code: [large.py]\n    inputs: {small');
    const disk = smallDisk('16m');
    const cache = ['--cache', `${disk.folder}/cache`];
    const full = await project.execute(['run', ...cache]);
    const told = explained(full, '  fix: the disk is full: free some space and run again; nothing finished is lost');
    expect(told).toMatch(fact);
    expect(told).toContain('the disk of the cache has no room left');
    noOrphan();

    disk.resize('128m');
    expect(await project.execute(['cache', 'verify', ...cache])).toMatchObject({ code: 0, stderr: '' });
    expect(await project.run(cache)).toMatchObject({ code: 0, stderr: '', started: ['large'] });
    expect((await project.run(cache)).started).toEqual([]);
    noOrphan();
  });

  it('by its log ends the run with one line where it fails; a rerun goes on', async () => {
    const project = largeCommand('sleep 6543 & seq 6000000 && echo 1 > {outputs.made}');
    const disk = smallDisk('16m');
    const env = { TMPDIR: disk.folder };
    const full = await project.execute(['run'], { env });
    const told = explained(full, '  fix: the disk is full');
    expect(told).toBe(
      `the command of large ended with exit code 1: the disk of ${disk.folder}, where its log is written, has no room left`,
    );
    noOrphan();
    disk.resize('128m');
    expect(await project.run([], { env })).toMatchObject({ code: 0, stderr: '', started: ['large'] });
  });

  it('by its log keeps the result where it does not mind, and says what the log lacks', async () => {
    const project = largeCommand('seq 6000000 || true; echo 1 > {outputs.made}');
    const disk = smallDisk('16m');
    expect(await project.run([], { env: { TMPDIR: disk.folder } })).toMatchObject({ code: 0, stderr: '' });
    const { log } = await project.json<{ log: string }>(['cache', 'show', 'large']);
    expect(log.slice(-200)).toContain('lines of this log may be missing');
  });
});

describe('a cache folder that', () => {
  it('is removed during a run ends it, whatever its nodes are waiting for', async () => {
    const project = gateProject(1);
    const run = project.start(['run', '--json']);
    const worker = await processOf(project, 1);
    rmSync(project.path('cache'), { recursive: true });
    const fix = '  fix: run again, with a cache in a folder that nothing else removes';
    expect(explained(await run.ended, fix)).toBe(
      `the cache in ${project.path('cache')} was removed while a run was at work on it`,
    );
    expect(isAlive(worker)).toBe(false);
  });

  it('was written by a newer vmfdag is refused by name, and left as it is', async () => {
    const project = chainsProject(1, 2, 0);
    expect((await project.run()).code).toBe(0);
    await setSchema(project, 1000);
    for (const command of ['run', 'status', 'cache stat']) {
      const fix = '  fix: it was written by a newer vmfdag: use that one, or another folder with --cache DIR';
      expect(explained(await project.execute(command.split(' ')), fix)).toMatch(
        /^the cache in .*\/cache has schema 1000; this vmfdag reads schema \d+$/,
      );
    }
    await setSchema(project, 2);
    expect((await project.run()).summary).toMatchObject({ executed: 0, upToDate: 4 });
  });

  it('is a file is refused', async () => {
    const project = chainsProject(1, 2, 0);
    project.write('file', 'something of the user\n');
    for (const path of ['file', 'file/below']) {
      const ended = await project.execute(['run', '--cache', path]);
      const fact = explained(ended, '  fix: a file is in the way: use another folder with --cache DIR');
      expect(fact).toContain(`cannot open the cache in ${project.path(path)} (`);
    }
    expect(project.read('file')).toBe('something of the user\n');
  });

  it.each([
    ['random bytes', Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * 7919) % 251))],
    ['a short text', Buffer.from('hello\n')],
  ])('has %s for a database is refused, and they are left as they are', async (_what, content) => {
    const project = chainsProject(1, 2, 0);
    mkdirSync(project.path('cache'));
    writeFileSync(project.path('cache/data.mdb'), content);
    for (const command of ['run', 'cache ls']) {
      const ended = await project.execute(command.split(' '));
      expect(explained(ended, 'the folder holds something else than a cache of vmfdag')).toBe(
        `${project.path('cache/data.mdb')} is not an LMDB database`,
      );
    }
    expect(readFileSync(project.path('cache/data.mdb')).equals(content)).toBe(true);
  });

  it('is empty is filled', async () => {
    const project = chainsProject(1, 2, 0);
    mkdirSync(project.path('cache'));
    expect(reportOf(await project.execute(['run', '--json'])).summary.executed).toBe(4);
  });
});

/** Writes another schema number into a cache, as another vmfdag would. */
async function setSchema(project: Project, version: number): Promise<void> {
  const environment = open({ path: project.path('cache'), keyEncoding: 'binary', encoding: 'binary', maxDbs: 64 });
  const meta = environment.openDB('meta', { keyEncoding: 'binary', encoding: 'binary' });
  const key = Buffer.from('schema');
  const found = JSON.parse(String(meta.get(key))) as object;
  await meta.put(key, Buffer.from(JSON.stringify({ ...found, version })));
  await environment.close();
}
