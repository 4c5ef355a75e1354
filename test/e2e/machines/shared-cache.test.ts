import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folders.ts';
import { WITH_ALL_MACHINES } from '../support/machines.ts';
import { Project } from '../support/project.ts';
import { repository } from '../support/repository.ts';
import { type Server, startServer, whyNoServer } from '../support/servers.ts';
import { elsewhere, sharedProject } from '../support/shared.ts';

/** Nodes of the project: 2 × (start, 4 steps, 5 looks, files) and a total. */
const NODES = 23;

/** What a run without a shared cache gives. */
let expected: Awaited<ReturnType<Project['digests']>>;
let original: Project;

beforeAll(async () => {
  original = sharedProject();
  await original.run();
  expected = await original.digests();
});

type Variables = Readonly<Record<string, string>>;

function runs(project: Project, env: Variables, args: readonly string[] = []) {
  return project.run(args, { env });
}

const counted = (events: readonly { type: string }[], type: string) =>
  events.filter((event) => event.type === type).length;

/** One machine executes, another one takes all of it. */
async function travels(env: Variables): Promise<void> {
  const [here, there] = [elsewhere(original), elsewhere(original)];
  const made = await runs(here, env);
  expect(made.code).toBe(0);
  expect(made.summary).toMatchObject({ executed: NODES, fetched: 0 });
  // A busy machine has not published all by the end of the run.
  const warnings = made.events.filter(
    (event) => event.type === 'warning' && !/did not wait/.test(event.diagnostic.fact),
  );
  expect(warnings).toEqual([]);
  expect((await here.execute(['cache', 'push'], { env })).code).toBe(0);
  const taken = await runs(there, env);
  expect(taken.code).toBe(0);
  expect(taken.summary).toMatchObject({ executed: 0, restored: 0, fetched: NODES });
  expect(await there.digests()).toEqual(expected);
  for (const file of readdirSync(there.path('results'), { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.txt')) continue;
    expect(there.read(join('results', file))).toBe(original.read(join('results', file)));
  }
  // Bytes that nothing has needed so far are fetched when something does.
  const asked = await runs(there, env, ['files', '--restore']);
  expect(asked.summary).toMatchObject({ executed: 0, restored: 0 });
  expect(counted(asked.events, 'fetched')).toBe(2);
  const copy = join(temporaryFolder(), 'folder');
  expect((await there.execute(['cache', 'get', 'files/1.folder', copy])).code).toBe(0);
  expect(readFileSync(join(copy, 'large'))).toHaveLength(6_000_000);
}

describe('a shared folder', () => {
  it('brings a result to another machine, which executes nothing', async () => {
    await travels({ VMFDAG_SHARED_CACHE: pathToFileURL(temporaryFolder()).href });
  });

  it('is named by settings; an edit executes what depends on it, and others find that too', async () => {
    const folder = temporaryFolder();
    const here = elsewhere(original);
    here.write('vmfdag.settings.yaml', `cache: {shared: {url: "${pathToFileURL(folder).href}"}}`);
    await here.run();
    await here.execute(['cache', 'push']);
    const there = elsewhere(here);
    there.edit('pipeline.yaml', 'chains: [1, 2]', 'chains: [1, 2, 3]');
    const more = await there.run();
    // The third chain (10 nodes), and what gathers: the total and the files of two chains.
    expect(more.summary).toMatchObject({ fetched: 20, executed: 13 });
    await there.execute(['cache', 'push']);
    here.edit('pipeline.yaml', 'chains: [1, 2]', 'chains: [1, 2, 3]');
    expect((await here.run()).summary).toMatchObject({ executed: 0 });
    expect(await here.digests()).toEqual(await there.digests());
  });

  it('holds for each action its blobs, in the messages of the published API', async ({ skip }) => {
    const python = join(repository, 'node_modules/.cache/vmfdag-python/bin/python');
    const hasMessages = spawnSync(python, ['-c', 'import buildgrid._protos']).status === 0;
    skip(!hasMessages, 'the published messages are not installed (scripts/python-packages.mjs)');
    const folder = temporaryFolder();
    const here = elsewhere(original);
    const env = { VMFDAG_SHARED_CACHE: pathToFileURL(folder).href };
    await runs(here, env);
    await here.execute(['cache', 'push'], { env });
    const program = `
import hashlib, json, pathlib, sys
from buildgrid._protos.build.bazel.remote.execution.v2.remote_execution_pb2 import ActionResult
store = pathlib.Path(sys.argv[1])
found = {}
for path in sorted((store / 'ac').iterdir()):
    action = ActionResult.FromString(path.read_bytes())
    assert action.SerializeToString() and action.exit_code == 0 and not action.ListFields()[-1][1] == []
    for file in action.output_files:
        blob = (store / 'cas' / file.digest.hash).read_bytes()
        if blob[:4] != b'\\x28\\xb5\\x2f\\xfd':
            assert hashlib.sha256(blob).hexdigest() == file.digest.hash, file.path
            assert len(blob) == file.digest.size_bytes, file.path
        assert not file.contents or hashlib.sha256(file.contents).hexdigest() == file.digest.hash
    found[path.name] = sorted(file.path for file in action.output_files)
print(json.dumps(found))
`;
    const printed = execFileSync(python, ['-c', program, folder], { encoding: 'utf8' });
    const actions = Object.values(JSON.parse(printed) as Record<string, readonly string[]>);
    expect(actions).toHaveLength(NODES);
    expect(actions).toContainEqual(['copy', 'folder', 'folder/large', 'folder/looks', 'vmfdag/record.json']);
  });

  it('gives nothing that is not signed by a trusted key', async () => {
    const folder = temporaryFolder();
    const keys = temporaryFolder();
    const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: keys, stdio: 'ignore' });
    for (const name of ['team', 'stranger']) {
      openssl('genpkey', '-algorithm', 'ed25519', '-out', `${name}.pem`);
      openssl('pkey', '-in', `${name}.pem`, '-pubout', '-out', `${name}.pub`);
    }
    const settings = (key: string) =>
      `cache: {shared: {url: "${pathToFileURL(folder).href}", key: "${join(keys, key)}"}}`;
    const here = elsewhere(original);
    here.write('vmfdag.settings.yaml', settings('team.pem'));
    await here.run();
    await here.execute(['cache', 'push']);
    const [friend, stranger] = [elsewhere(here), elsewhere(here)];
    friend.write('vmfdag.settings.yaml', settings('team.pub'));
    stranger.write('vmfdag.settings.yaml', settings('stranger.pub'));
    expect((await friend.run()).summary).toMatchObject({ executed: 0 });
    expect((await stranger.run()).summary).toMatchObject({ fetched: 0, executed: NODES });
  });

  it('says once that somebody has shared other bytes, and keeps its own', async () => {
    const project = new Project(temporaryFolder());
    project.write(
      'pipeline.yaml',
      `version: 1
name: clock
stages:
  clock: {command: "date +%N > {outputs.now}", reproducible: false, outputs: {now: file}}
targets:
  now: {files: {now.txt: clock.now}}
`,
    );
    const env = { VMFDAG_SHARED_CACHE: pathToFileURL(temporaryFolder()).href };
    await runs(project, env);
    await project.execute(['cache', 'push'], { env });
    const before = await project.digests();
    const forced = await runs(project, env, ['--force', 'clock']);
    const again = await project.execute(['cache', 'push'], { env });
    expect(await project.digests()).not.toEqual(before);
    const told = forced.events.filter(({ type }) => type === 'warning');
    expect(told.length).toBeLessThanOrEqual(1);
    expect(again.stdout).toMatch(/1 there with other bytes/);
    expect((await runs(elsewhere(project), env)).code).toBe(0);
  });

  it('is left alone by a run with mode: read', async () => {
    const folder = temporaryFolder();
    const here = elsewhere(original);
    here.write('vmfdag.settings.yaml', `cache: {shared: {url: "${pathToFileURL(folder).href}", mode: read}}`);
    expect((await here.run()).summary).toMatchObject({ executed: NODES });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('holds no bytes of sources, which may be nobody else’s business', async () => {
    const folder = temporaryFolder();
    const project = new Project(temporaryFolder());
    project.write('words.txt', 'a private word\n');
    project.write(
      'pipeline.yaml',
      `version: 1
name: sources
sources: {words: {file: words.txt}}
stages:
  count: {command: "wc -c < {inputs.words} > {outputs.count}", inputs: {words: words}, outputs: {count: csv}}
targets: {count: {files: {count: count.count}}}
`,
    );
    const env = { VMFDAG_SHARED_CACHE: pathToFileURL(folder).href };
    expect((await runs(project, env)).code).toBe(0);
    expect((await project.execute(['cache', 'push'], { env })).code).toBe(0);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThanOrEqual(3);
    for (const { parentPath, name } of files) {
      expect(readFileSync(join(parentPath, name), 'latin1')).not.toContain('a private word');
    }
  });

  it('has to be named for push and pull', async () => {
    const { code, stderr } = await original.execute(['cache', 'push']);
    expect(code).toBe(2);
    expect(stderr).toContain('vmfdag.settings.yaml');
  });
});

const noNginx = whyNoServer('nginx');
const noS3 = whyNoServer('s3');

function nginx(settings: Variables = {}): { readonly server: Server; readonly env: Variables } {
  const server = startServer('nginx', settings);
  return { server, env: { VMFDAG_SHARED_CACHE: server.variables.RIG_HTTP_URL as string } };
}

describe.skipIf(noNginx !== undefined)(`a web server${noNginx === undefined ? '' : ` (skipped: ${noNginx})`}`, () => {
  it('brings a result to another machine, which executes nothing', async () => {
    await travels(nginx().env);
  });

  it.runIf(WITH_ALL_MACHINES)('asks who somebody is', async () => {
    const { env } = nginx({ RIG_TOKEN: 'secret-token' });
    const stranger = await runs(elsewhere(original), env);
    expect(stranger.summary).toMatchObject({ outcome: 'done', executed: NODES });
    const warnings = stranger.events.filter(({ type }) => type === 'warning');
    expect(warnings).toHaveLength(1);
    expect(JSON.stringify(warnings)).toContain('answers 401');
    expect(JSON.stringify(warnings)).toMatch(/"fix":"(?:[^"\\]|\\.)*\\"vmfdag cache push\\"/);
    await travels({ ...env, VMFDAG_SHARED_CACHE_TOKEN: 'secret-token' });
  });

  it.runIf(WITH_ALL_MACHINES)('can be read where it cannot be written, with one warning', async () => {
    const { env, server } = nginx();
    const here = elsewhere(original);
    await runs(here, env);
    await here.execute(['cache', 'push'], { env });
    rmSync(join(server.folder, 'store/ac'), { recursive: true, force: true });
    const readOnly = nginx({ RIG_READONLY: '1' });
    const there = await runs(elsewhere(original), readOnly.env);
    expect(there.summary).toMatchObject({ outcome: 'done', executed: NODES });
    expect(there.events.filter(({ type }) => type === 'warning')).toHaveLength(1);
  });

  it.runIf(WITH_ALL_MACHINES)('may go away and come back', async () => {
    const { env, server } = nginx();
    const here = elsewhere(original);
    const running = here.start(['run', '--json', '--set', 'milliseconds=150'], { env });
    await new Promise((resolve) => setTimeout(resolve, 700));
    server.stop();
    const { code, stdout } = await running.ended;
    expect(code).toBe(0);
    expect(stdout.match(/"type":"warning"/g)?.length ?? 0).toBeLessThanOrEqual(2);
    server.start();
    expect((await here.execute(['cache', 'push', '--set', 'milliseconds=150'], { env })).code).toBe(0);
    expect((await runs(elsewhere(original), env, ['--set', 'milliseconds=150'])).summary).toMatchObject({
      executed: 0,
    });
  });

  it('may answer wrongly in any way: the results are right, and the run succeeds', async () => {
    const { server } = nginx({ RIG_FAULTS: '1' });
    const url = server.variables.RIG_FAULT_URL as string;
    const env = { VMFDAG_SHARED_CACHE: url };
    const faults = async (rules: readonly object[]) => {
      const answer = await fetch(`${url}/__faults`, { method: 'PUT', body: JSON.stringify({ seed: 7, rules }) });
      expect(answer.ok).toBe(true);
    };
    // `npm run test:faults:machines` tries more of them, at random.
    const all: readonly object[] = [
      { action: 'status', status: 500 },
      { action: 'reset', after: 50, pct: 40 },
      { action: 'truncate', after: 20, pct: 40 },
      { action: 'corrupt', after: 10, pct: 60 },
      { action: 'delay', ms: 3000, pct: 20, method: 'GET' },
      { action: 'lose', method: 'PUT', pct: 40 },
      { action: 'cut_put', after: 10, method: 'PUT', pct: 40 },
    ];
    for (const kind of WITH_ALL_MACHINES ? all : all.slice(1, 4)) {
      rmSync(join(server.folder, 'store'), { recursive: true, force: true });
      await faults([{ path: '^/(ac|cas)/', ...kind }]);
      const [here, there] = [elsewhere(original), elsewhere(original)];
      for (const project of [here, there]) {
        const { code, summary } = await runs(project, env);
        expect(code, JSON.stringify(kind)).toBe(0);
        expect((summary?.executed ?? 0) + (summary?.fetched ?? 0), JSON.stringify(kind)).toBeGreaterThanOrEqual(NODES);
        expect(await project.digests(), JSON.stringify(kind)).toEqual(expected);
      }
      await faults([]);
      const later = await runs(elsewhere(original), env);
      expect(later.code, JSON.stringify(kind)).toBe(0);
    }
  });
});

describe.skipIf(noS3 !== undefined)(`a bucket${noS3 === undefined ? '' : ` (skipped: ${noS3})`}`, () => {
  it('brings a result to another machine, which executes nothing', async () => {
    const { variables } = startServer('s3');
    const { RIG_S3_URL: endpoint = '', RIG_S3_BUCKET: bucket = '', ...credentials } = variables;
    const env = { ...credentials, AWS_ENDPOINT_URL: endpoint, VMFDAG_SHARED_CACHE: `s3://${bucket}/some/prefix` };
    await travels(env);
    const refused = await runs(elsewhere(original), { ...env, AWS_SECRET_ACCESS_KEY: 'wrong' });
    expect(refused.summary).toMatchObject({ outcome: 'done', executed: NODES });
    expect(JSON.stringify(refused.events)).toContain('SignatureDoesNotMatch');
    const { code, stderr } = await elsewhere(original).execute(['run'], {
      env: { VMFDAG_SHARED_CACHE: `s3://${bucket}/x`, AWS_ACCESS_KEY_ID: '' },
    });
    expect([code, stderr]).toEqual([2, expect.stringContaining('AWS_ACCESS_KEY_ID')]);
  });
});
