import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import type { NodeKey } from '../../../src/engine/base/digest.ts';
import { openStore } from '../../../src/engine/store/lmdb/lmdb-store.ts';
import type { Attempt } from '../../../src/engine/store/run-manifest.ts';
import type { LogPart } from '../../../src/engine/views/live/protocol.ts';
import { nodesOf, reportOf } from '../support/command-line.ts';
import { temporaryFolder } from '../support/folders.ts';
import { gateProject, processOf } from '../support/gate.ts';
import { LivePage } from '../support/live-page.ts';
import { childrenOf, isAlive } from '../support/processes.ts';
import { type Project, projectOf } from '../support/project.ts';
import { MIXED, mixedProject, unitLine, withExecutor } from '../support/units.ts';

/** One command stage with an executor. */
function scripts(script: string, more = '', exec = unitLine(temporaryFolder())): Project {
  const pipeline = `version: 1
name: scripts
stages:
  only: {command: ${JSON.stringify(script)}, executor: there, each: {n: [1, 2, 3]}, outputs: {made: json}${more}}
`;
  return projectOf({ 'pipeline.yaml': withExecutor(pipeline, exec) });
}

describe('an executor with units', () => {
  it('gives the digests of a local run, and its records', async () => {
    const project = mixedProject();
    const local = ['--cache', project.path('local')];
    expect((await project.run(local)).code).toBe(0);

    const run = await project.run(['--executor', 'there']);
    expect(run).toMatchObject({ code: 0, stderr: '', summary: { failed: 0 } });
    expect(nodesOf(run.events, 'finished').length).toBe(nodesOf(run.events, 'started').length);
    expect(await project.digests()).toEqual(await project.digests(local));
    expect((await project.run()).summary).toMatchObject({ executed: 0 });

    const store = openStore(project.path('cache'));
    const record = [...store.records()].find(({ node }) => node === 'step/1/3');
    expect(record).toMatchObject({ executor: 'there', host: hostname(), log: expect.stringContaining('epoch 3') });
    expect(store.metrics(record?.key as NodeKey)).toMatchObject([{ name: 'value' }]);
    const [last] = [...store.runs()].filter(({ id }) => store.journal(id).length > 0);
    const sent = store.journal(last?.id ?? '').filter(({ executor }) => executor !== undefined);
    expect(sent.length).toBeGreaterThan(10);
    expect(sent[0]).toMatchObject({ executor: 'there', host: hostname() });
    await store.close();
    // Bytes that a directory shares with another one, and those above the limit of the database, are whole.
    expect(await project.execute(['cache', 'verify'])).toMatchObject({ code: 0 });
  });

  it('executes the stages that name it, and this machine the others', async () => {
    const project = mixedProject();
    project.edit('pipeline.yaml', 'step:\n', 'step:\n    executor: there\n');
    expect((await project.run()).code).toBe(0);
    const store = openStore(project.path('cache'));
    const executors = new Map([...store.records()].map(({ stage, executor = 'local' }) => [stage, executor]));
    await store.close();
    expect(Object.fromEntries(executors)).toMatchObject({ start: 'local', step: 'there', pages: 'local' });
    const local = ['--cache', project.path('local')];
    project.edit('pipeline.yaml', 'executor: there', 'executor: local');
    expect((await project.run(['--executor', 'there', ...local])).code).toBe(0);
    expect(await project.digests()).toEqual(await project.digests(local));
  });

  it('gets the next steps of a chain before the last one has ended, as soon as their times are known', async () => {
    const unit = unitLine(temporaryFolder()).map((word) => `'${word}'`);
    const project = mixedProject(['sh', '-c', `tee -a messages.$$ | ${unit.join(' ')}`]);
    const local = ['--cache', project.path('local')];
    expect((await project.run(local)).code).toBe(0);
    const wanted = await project.digests(local);
    const run = await project.run(['--executor', 'there', '--force', 'step', ...local]);
    expect(run).toMatchObject({ code: 0, stderr: '', summary: { failed: 0 } });
    expect(await project.digests(local)).toEqual(wanted);
    const names = readdirSync(project.directory).filter((name) => name.startsWith('messages.'));
    const messages = names.map((name) => readFileSync(project.path(name), 'latin1')).join('');
    const jobs = [...messages.matchAll(/"type":"job","job":\{"id":\d+,"node":"(step[^"]*)"/g)].map(([, node]) => node);
    const ahead = [...messages.matchAll(/"stageKey"/g)];
    // Each step went once, and all but the first of each chain ahead.
    expect(new Set(jobs).size).toBe(jobs.length);
    expect(jobs.length).toBe(nodesOf(run.events, 'finished').filter((node) => node.startsWith('step')).length);
    expect(ahead.length).toBe(jobs.length - new Set(jobs.map((node) => node?.split('/')[1])).size);
  });

  it('takes large inputs from the shared cache and leaves large outputs there, and only what it lacks comes from the run', async () => {
    const shared = temporaryFolder();
    const tapped = () => {
      const unit = unitLine(temporaryFolder()).map((word) => `'${word}'`);
      return withExecutor(
        LARGE['pipeline.yaml'],
        ['sh', '-c', `tee -a sent.$$ | ${unit.join(' ')} | tee -a back.$$`],
        'slots: 1',
      );
    };
    const project = projectOf({
      ...LARGE,
      'pipeline.yaml': tapped(),
      'vmfdag.settings.yaml': `cache: {shared: {url: "${pathToFileURL(shared)}"}}\n`,
    });
    /** How many pieces of bytes have gone each way. */
    const travelled = () =>
      ['sent', 'back'].map((name) => {
        const files = readdirSync(project.directory).filter((file) => file.startsWith(`${name}.`));
        const texts = files.map((file) => readFileSync(project.path(file), 'latin1'));
        for (const file of files) rmSync(project.path(file));
        return texts.join('').match(/"type":"piece"/g)?.length ?? 0;
      });
    expect((await project.run(['--target', 'first'])).code).toBe(0);
    expect((await project.execute(['cache', 'push'])).code).toBe(0);
    const run = await project.run();
    expect(run).toMatchObject({ code: 0, stderr: '', summary: { executed: 2, failed: 0 } });
    expect(travelled()).toEqual([0, 0]);
    const digests = await project.digests();

    // Bytes that the shared cache has lost come over the connection.
    for (const name of readdirSync(shared, { recursive: true, encoding: 'utf8' })) {
      const path = join(shared, name);
      if (statSync(path).isFile() && statSync(path).size > 1e6) writeFileSync(path, 'damaged');
    }
    project.write('pipeline.yaml', tapped());
    const again = await project.run(['--force', 'second', '--force', 'third']);
    expect(again).toMatchObject({ code: 0, stderr: '', summary: { executed: 2, failed: 0 } });
    expect(travelled()[0]).toBeGreaterThan(0);
    expect(await project.digests()).toEqual(digests);
    expect(await project.execute(['cache', 'verify'])).toMatchObject({ code: 0 });
  });

  it('says where and since when a node is executed, and how long it had waited, apart from the time that it took', async () => {
    const project = scripts('sleep 0.7; echo {} > {outputs.made}');
    project.edit('pipeline.yaml', 'slots: 2', 'slots: 1, units: {target: 60s}');
    // The times of the first run let the second one send all nodes at once.
    expect((await project.run(['--cache', project.path('cache'), '--executor', 'local'])).code).toBe(0);
    const run = await project.run(['--force', 'only']);
    expect(run.code).toBe(0);
    const begun = run.events.filter((event) => event.type === 'executing');
    expect(begun.map(({ executor, host }) => [executor, host])).toEqual(Array(3).fill(['there', hostname()]));
    const started = run.events.filter((event) => event.type === 'started');
    expect(started.map(({ executor }) => executor)).toEqual(Array(3).fill('there'));
    const shown = JSON.parse((await project.execute(['history', 'show', 'last', '--json'])).stdout);
    const attempts = (shown.journal as Attempt[]).toSorted((a, b) => a.start - b.start);
    for (const [index, { queued = 0 }] of attempts.entries()) expect(queued).toBeGreaterThan(0.6 * index - 0.001);
    const text = await project.execute(['history', 'show', 'last', 'only/3']);
    expect(text.stdout).toMatch(/executed after .* on there \d+, host .*, for which it had waited/);
    const table = (await project.execute(['history', 'show', 'last'])).stdout;
    expect(table).toMatch(/ time +waiting/);
    const trace = (await project.execute(['history', 'trace', 'last'])).stdout;
    expect(trace).toMatch(/"seconds in the queue":\d.*"executor":"there"/);
  });

  it('tells what a node prints while it is executed, without its secrets', async () => {
    const gate = join(temporaryFolder(), 'open');
    const script = `echo "loss 0.5, key $API_KEY"; until test -e '${gate}'; do sleep 0.1; done; echo {} > {outputs.made}`;
    const project = scripts(script, ', secrets: [API_KEY], undeclared: ignore');
    const page = await LivePage.open(project);
    const running = project.start(['run'], { env: { API_KEY: 'do-not-show-this' } });
    const log = () => page.read<LogPart>('/api/log?node=only/1&offset=0').catch(() => undefined);
    await vi.waitUntil(async () => (await log())?.text.includes('\n'), { timeout: 60_000, interval: 200 });
    expect((await log())?.text).toMatch(/^loss 0\.5, key \S+\n$/);
    expect((await log())?.text).not.toContain('do-not-show-this');
    writeFileSync(gate, '');
    expect((await running.ended).code).toBe(0);
    await page.close();
  });

  it('restores evicted bytes there, and executes there for an audit', async () => {
    const project = mixedProject();
    project.edit(
      'pipeline.yaml',
      'outputs: {book: directory, large: json}',
      'outputs: {book: directory, large: json}\n    retain: {large: none}',
    );
    expect((await project.run(['--executor', 'there'])).code).toBe(0);
    const digests = await project.digests();
    const restored = await project.run(['--executor', 'there', '--restore', '--target', 'pages/1']);
    expect(restored).toMatchObject({ code: 0, summary: { executed: 0, restored: 1 } });
    const audited = await project.run(['--executor', 'there', '--audit', '5', '--audit-seed', '1']);
    expect(audited).toMatchObject({ code: 0, summary: { audited: 5 } });
    expect(await project.digests()).toEqual(digests);
  });

  it('a failing node fails by name with its log, and its secrets stay hidden', async () => {
    const project = scripts(
      'echo the secret is $TOKEN; test $n != 2; echo {} > {outputs.made}',
      ', secrets: [TOKEN], params: {}',
    );
    project.edit('pipeline.yaml', 'test $n', `test $${'{n}'}`);
    const run = await project.execute(['run', '--keep-going'], { env: { TOKEN: 'not-for-logs' } });
    expect(run.code).toBe(1);
    expect(run.stdout + run.stderr).toContain('FAILED   only/2');
    expect(run.stdout + run.stderr).toContain('the secret is ***');
    expect(run.stdout + run.stderr).not.toContain('not-for-logs');
    expect(Object.values(await project.digests()).filter((outputs) => outputs !== null)).toHaveLength(2);
  });

  it('a timeout stops a node there', async () => {
    const project = scripts('sleep 60; echo {} > {outputs.made}', ', timeout: 200ms');
    const run = await project.execute(['run']);
    expect(run).toMatchObject({ code: 1 });
    expect(run.stdout + run.stderr).toContain('was stopped after its timeout of 0.2 s');
  });
});

describe('a unit that ends before its time', () => {
  it('is started again; a node that ends its unit each time while it is alone fails by name', async () => {
    // Somewhere above the shell.
    const unit =
      "p=$PPID; until tr '\\0' '\\n' < /proc/$p/cmdline | grep -qx unit; do p=$(cut -d' ' -f4 /proc/$p/stat); done";
    const killer = `if [ \${n} = 2 ]; then ${unit}; kill -9 $p; fi; echo {} > {outputs.made}`;
    const project = scripts(killer);
    const run = await project.run(['--keep-going']);
    expect(run).toMatchObject({ code: 1, summary: { executed: 2, failed: 1 } });
    expect(run.events.filter(({ type }) => type === 'refused')).toEqual([]);
    const [failed] = run.events.filter((event) => event.type === 'failed');
    expect(failed).toMatchObject({ node: 'only/2', cause: 'crash' });
    expect(failed?.diagnostic.fact).toContain(
      'the unit of only/2 was killed by SIGKILL, 3 times while it had no other node',
    );
  });

  it('costs what was in flight: kill -9 of it, and of its worker', async () => {
    const project = gateProject(3);
    project.write(
      'pipeline.yaml',
      withExecutor(project.read('pipeline.yaml'), unitLine(temporaryFolder()), 'slots: 1'),
    );
    project.edit('pipeline.yaml', 'undeclared: ignore', 'undeclared: ignore\n    retries: 1');
    const run = project.start(['run', '--json', '--executor', 'there']);
    const first = await processOf(project, 1);
    const [unit] = await unitsOf(run.pid);
    process.kill(unit as number, 'SIGKILL');
    await vi.waitFor(() => expect(isAlive(first)).toBe(false), { timeout: 10_000 });
    // The new unit has a new worker, which is killed alone: that is a crash of the node.
    const second = await vi.waitFor(
      async () => {
        const found = await processOf(project, 1);
        expect(found).not.toBe(first);
        return found;
      },
      { timeout: 10_000 },
    );
    process.kill(second, 'SIGKILL');
    await run.until((running) => running.events().some(({ type }) => type === 'retrying'));
    project.write('gate', '');
    const ended = reportOf(await run.ended);
    expect(ended).toMatchObject({ code: 0, summary: { executed: 3, failed: 0 } });
    const shown = (await project.execute(['history', 'show', 'last'])).stdout;
    expect(shown).toMatch(/failed attempts +lost attempts/);
    const warned = ended.events.filter(({ type }) => type === 'warning');
    expect(JSON.stringify(warned)).toContain('was killed by SIGKILL');
  });

  it('a stopped run, a killed run and the end of a run leave no process', async () => {
    for (const end of ['SIGKILL', 'two interrupts'] as const) {
      const project = gateProject(2);
      project.write('pipeline.yaml', withExecutor(project.read('pipeline.yaml')));
      const run = project.start(['run', '--json', '--executor', 'there']);
      const workers = [await processOf(project, 1), await processOf(project, 2)];
      const units = await unitsOf(run.pid);
      expect(units).toHaveLength(2);
      if (end === 'SIGKILL') process.kill(run.pid, 'SIGKILL');
      else {
        process.kill(run.pid, 'SIGINT');
        await run.until((running) => running.events().some(({ type }) => type === 'stopping'));
        process.kill(run.pid, 'SIGINT');
      }
      await run.ended;
      const left = () => [...workers, ...units].filter(isAlive);
      await vi.waitFor(() => expect(left(), end).toEqual([]), { timeout: 10_000 });
    }
  });

  it('a command line that cannot be started is given up with its reason, and this machine executes the nodes', async () => {
    const project = scripts('echo {} > {outputs.made}', '', ['sh', '-c', 'echo ssh: no route to host >&2; exit 255']);
    const run = await project.run();
    expect(run).toMatchObject({ code: 0, summary: { executed: 3 } });
    const refused = run.events.filter(({ type }) => type === 'refused');
    expect(refused).toHaveLength(1);
    expect(JSON.stringify(refused)).toContain('ended with exit code 255: ssh: no route to host');
  });

  it('something else at the other end is named', async () => {
    const project = scripts('echo {} > {outputs.made}', '', ['echo', 'this is no unit']);
    const run = await project.run();
    expect(run).toMatchObject({ code: 0, summary: { executed: 3 } });
    expect(JSON.stringify(run.events)).toContain('ended with exit code 0: this is no unit');
  });
});

describe('a machine that would give other results', () => {
  it('refuses by name what differs, once for each cause, and this machine executes the node', async () => {
    const elsewhere = temporaryFolder();
    const project = mixedProject(unitLine(temporaryFolder(), ['--root', elsewhere]));
    const run = await project.run(['--executor', 'there']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const refused = run.events.filter(({ type }) => type === 'refused');
    expect(refused).toHaveLength(1);
    expect(JSON.stringify(refused)).toMatch(/packages in .* are not those of the run: .*valibot [\d.]+ is missing/);
    expect(JSON.stringify(refused)).toMatch(/npm install .*valibot@\d/);
  });

  it('and one with another version of vmfdag, which greets alike', async () => {
    const greeting = JSON.stringify({ type: 'hello', protocol: 99, version: '9.9.9', host: 'old' });
    const project = scripts('echo {} > {outputs.made}', '', ['sh', '-c', `echo '${greeting}'; exec cat > /dev/null`]);
    const run = await project.run();
    expect(run).toMatchObject({ code: 0, summary: { executed: 3 } });
    const refused = JSON.stringify(run.events.filter(({ type }) => type === 'refused'));
    expect(refused).toMatch(/old has vmfdag 9\.9\.9, and this run has vmfdag [\d.]+/);
    expect(refused).toMatch(/npm install vmfdag@[\d.]+/);
  });

  it('gets linked packages from the run, which no registry has, and finds what they import', async () => {
    const project = projectOf({
      'pipeline.yaml': withExecutor(
        `version: 1
name: linked
stages:
  only: {run: stages/only.ts, outputs: {made: json}}
`,
        unitLine(temporaryFolder(), ['--root', projectOf({}).directory]),
      ),
      'stages/only.ts': `import * as v from 'valibot';
import { defineStage, json } from 'vmfdag';
import { value } from '@mine/helper';
export default defineStage({ params: v.object({}), inputs: {}, outputs: { made: json() }, run: () => ({ made: value }) });
`,
      'packages/base/package.json':
        '{"name": "@mine/base", "version": "1.0.0", "type": "module", "exports": "./index.js"}',
      'packages/base/index.js': 'export const base = 41; // counts',
      'packages/helper/package.json': `{"name": "@mine/helper", "version": "1.0.0", "type": "module",
        "exports": "./lib/index.js", "dependencies": {"@mine/base": "1.0.0", "valibot": "*"}}`,
      'packages/helper/lib/index.js': `import { base } from '@mine/base';
import * as v from 'valibot';
export const value = v.parse(v.number(), base + 1);
`,
    });
    mkdirSync(project.path('node_modules/@mine'));
    for (const name of ['base', 'helper']) {
      symlinkSync(project.path('packages', name), project.path('node_modules/@mine', name));
    }
    // Node finds what a linked package imports from where it really lies.
    const run = await project.run(['--executor', 'there']);
    expect(run).toMatchObject({ code: 0, stderr: '', summary: { executed: 1 } });
    expect(run.events.filter(({ type }) => type === 'refused')).toEqual([]);
    const there = await project.digests();
    const local = ['--cache', project.path('local')];
    expect((await project.run(local)).code).toBe(0);
    expect(there).toEqual(await project.digests(local));
    // Whatever has changed in one is sent again.
    project.edit('packages/base/index.js', '41', '1');
    expect((await project.run(['--executor', 'there'])).events.filter(({ type }) => type === 'refused')).toEqual([]);
    expect(await project.digests()).not.toEqual(there);
  });

  it('and the environment of a command that is not there', async () => {
    const root = projectOf({});
    const project = projectOf({
      'pipeline.yaml': withExecutor(
        `version: 1
name: environment
stages:
  only:
    command: "python3 -c 'print(1)' > {outputs.made}"
    environment: {lock: requirements.txt}
    outputs: {made: json}
`,
        unitLine(temporaryFolder(), ['--root', root.directory]),
      ),
      'requirements.txt': '',
    });
    const first = await project.run(['--executor', 'there']);
    expect(first).toMatchObject({ code: 0, summary: { executed: 1 } });
    expect(JSON.stringify(first.events)).toMatch(/"refused".*there is no lock file requirements.txt/);
    root.write('requirements.txt', '');
    const second = await project.run(['--executor', 'there', '--force', 'only']);
    expect(second.events.filter(({ type }) => type === 'refused')).toEqual([]);
    expect(second).toMatchObject({ code: 0, summary: { executed: 1 } });
  });

  it('needs its packages only', async () => {
    const elsewhere = projectOf({});
    const project = mixedProject(unitLine(temporaryFolder(), ['--root', elsewhere.directory]));
    const run = await project.run(['--executor', 'there']);
    expect(run.events.filter(({ type }) => type === 'refused')).toEqual([]);
    const local = ['--cache', project.path('local')];
    expect((await project.run(local)).code).toBe(0);
    expect(await project.digests()).toEqual(await project.digests(local));
  });
});

describe('a file of messages', () => {
  it('is executed to its end, without the run that has sent it', async () => {
    const folder = temporaryFolder();
    const unit = unitLine(folder).map((word) => `'${word}'`);
    const project = scripts('echo 1 > {outputs.made}', '', ['sh', '-c', `tee -a messages | ${unit.join(' ')}`]);
    project.edit('pipeline.yaml', 'slots: 2', 'slots: 1');
    expect((await project.run()).code).toBe(0);
    const { code, stdout } = await project.execute(['unit', 'messages', '--cache', join(folder, 'others')]);
    expect(code).toBe(0);
    const ended = [...stdout.matchAll(/"type":"ended","job":(\d+),"outcome":\{"kind":"(\w+)"/g)];
    // In the order in which they could begin.
    expect(ended.map(([, job, kind]) => `${job} ${kind}`).sort()).toEqual([
      '1 committed',
      '2 committed',
      '3 committed',
    ]);
  });
});

describe('what is no message of a run', () => {
  const message = '{"type":"cancel","job":1}';

  it.each([
    ['a file that is not there', undefined, /^messages cannot be read: ENOENT/m],
    ['another file', 'name: a pipeline\n', /messages: this is no message: name: a pipeline/],
    ['an empty file', '', /messages: it ends in the middle of a message/],
    ['a line that was cut', `${message}\n{"type":"can`, /messages: it ends in the middle of a message/],
    [
      'a body that was cut',
      `${message}\n{"type":"code","body":100}\nof 100`,
      /messages: it ends in the middle of a message/,
    ],
    ['a line between messages', `${message}\nsomething\n${message}\n`, /messages: this is no message: something/],
  ])('is named, as %s', async (_, text, fact) => {
    const project = projectOf(MIXED);
    if (text !== undefined) project.write('messages', text);
    const ended = await project.execute(['unit', 'messages', '--cache', project.path('units')]);
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringMatching(fact) });
    expect(ended.stderr).toContain('docs/cluster.md');
  });

  it('but stands before the first one, is skipped, also without an end of line', async () => {
    const unit = unitLine(temporaryFolder()).map((word) => `'${word}'`);
    const project = scripts('echo 1 > {outputs.made}', '', ['sh', '-c', `printf 'Welcome. '; exec ${unit.join(' ')}`]);
    expect(await project.run()).toMatchObject({ code: 0, stderr: '', summary: { executed: 3, failed: 0 } });
  });
});

describe('names of executors', () => {
  it('may stand in the settings of a project or a user, whose command line replaces that of the pipeline file', async () => {
    const project = mixedProject(['false']);
    const line = JSON.stringify(unitLine(temporaryFolder()));
    project.write('vmfdag.settings.yaml', `executors: {there: {exec: ${line}}}\n`);
    const run = await project.run(['--executor', 'there', '--target', 'start']);
    expect(run).toMatchObject({ code: 0, summary: { executed: 2 } });
    expect(run.events.filter(({ type }) => type === 'refused')).toEqual([]);
  });

  it('that are not declared are refused, with those that are', async () => {
    const project = projectOf(MIXED);
    const asked = await project.execute(['run', '--executor', 'gpu1']);
    expect(asked).toMatchObject({ code: 2 });
    expect(asked.stderr).toContain(
      '--executor gpu1: neither the pipeline file nor the settings declare an executor of that name',
    );
    project.edit('pipeline.yaml', 'step:\n', 'step:\n    executor: gpu1\n');
    const named = await project.execute(['run']);
    expect(named.code).toBe(2);
    expect(named.stderr).toContain('stage "step" names the executor "gpu1", which is not declared');
  });
});

/** Artefacts of some megabytes: a file that is made here, and from it a file and a directory that are made elsewhere. */
const LARGE = {
  'pipeline.yaml': `version: 1
name: large
stages:
  first: {run: "stages/large.ts#first", executor: local, outputs: {bytes: bytes}}
  second: {run: "stages/large.ts#second", executor: there, inputs: {bytes: first.bytes}, outputs: {bytes: bytes}}
  third: {run: "stages/large.ts#third", executor: there, inputs: {bytes: second.bytes}, outputs: {folder: directory}}
`,
  'stages/large.ts': `import { mkdirSync, writeFileSync } from 'node:fs';
import * as v from 'valibot';
import { bytes, defineStage, directory, one } from 'vmfdag';
const params = v.object({});
export const first = defineStage({
  params, inputs: {}, outputs: { bytes }, run: () => ({ bytes: new Uint8Array(9_000_000).map((_, at) => at % 251) }),
});
export const second = defineStage({
  params, inputs: { bytes: one(bytes) }, outputs: { bytes },
  run: ({ inputs }) => ({ bytes: inputs.bytes.map((each) => each + 1) }),
});
export const third = defineStage({
  params, inputs: { bytes: one(bytes) }, outputs: { folder: directory },
  run({ inputs, scratch }) {
    const folder = scratch + '/folder';
    mkdirSync(folder);
    for (const name of ['a', 'b']) writeFileSync(folder + '/' + name, inputs.bytes.slice(name.charCodeAt(0)));
    return { folder };
  },
});
`,
} as const;

/** The units of a run. */
async function unitsOf(run: number): Promise<readonly number[]> {
  return childrenOf(run).filter((pid) => childrenOf(pid).length > 0);
}
