import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folders.ts';
import { type Project, projectOf } from '../support/project.ts';

const FILE = 'data/x.txt';

/** What a stage does, and how the failure names what it opened. `at` gives the path of a file outside of the project. */
const REFUSED: Readonly<Record<string, readonly [expression: string, named: string]>> = {
  'by-name': [`readFileSync('data/x.txt', 'utf8')`, FILE],
  'by-object': [`fs.readFileSync('data/x.txt', 'utf8')`, FILE],
  'by-name-of-promises': [`await readFile('data/x.txt', 'utf8')`, FILE],
  'by-object-of-promises': [`await fs.promises.readFile('data/x.txt', 'utf8')`, FILE],
  'by-callback': [
    `await new Promise((resolve) => fs.readFile('data/x.txt', 'utf8', (_, text) => resolve(text)))`,
    FILE,
  ],
  promisified: [`await promisify(fs.readFile)('data/x.txt', 'utf8')`, FILE],
  required: [`createRequire(import.meta.url)('node:fs').readFileSync('data/x.txt', 'utf8')`, FILE],
  absolute: [`readFileSync(process.cwd() + '/data/../data/x.txt', 'utf8')`, FILE],
  url: [`readFileSync(pathToFileURL('data/x.txt'), 'utf8')`, FILE],
  'path-of-bytes': [`readFileSync(Buffer.from('data/x.txt'), 'utf8')`, FILE],
  descriptor: [`ofDescriptor(fs.openSync('data/x.txt'))`, FILE],
  'flags-by-number': [`ofDescriptor(fs.openSync('data/x.txt', fs.constants.O_RDWR))`, FILE],
  'flags-to-write-too': [`ofDescriptor(fs.openSync('data/x.txt', 'r+'))`, FILE],
  'file-handle': [`await (await open('data/x.txt')).readFile('utf8')`, FILE],
  stream: [`await text(fs.createReadStream('data/x.txt'))`, FILE],
  'class-of-streams': [`await text(new fs.ReadStream('data/x.txt'))`, FILE],
  blob: [`await (await fs.openAsBlob('data/x.txt')).text()`, FILE],
  copied: [`(fs.copyFileSync('data/x.txt', at('copied')), readFileSync(at('copied'), 'utf8'))`, FILE],
  'hard-linked': [`(fs.linkSync('data/x.txt', at('linked')), readFileSync(at('linked'), 'utf8'))`, FILE],
  'linked-from-outside': [`readFileSync(at('link'), 'utf8')`, FILE],
  later: [`await new Promise((resolve) => setTimeout(() => resolve(readFileSync('data/x.txt', 'utf8')), 1))`, FILE],
  'missing-and-caught': [`await readFile('data/none.txt').catch(() => 'none')`, 'data/none.txt'],
  'JSON-by-require': [`createRequire(process.cwd() + '/x.js')('./data/x.json').a`, 'data/x.json'],
  variables: [`(process.loadEnvFile('data/x.env'), process.env.X)`, 'data/x.env'],
  'variables-by-default': [`(process.loadEnvFile(), process.env.X)`, '.env'],
  addon: [
    `(() => { try { return createRequire(process.cwd() + '/x.js')('./data/x.node'); } catch { return 1; } })()`,
    'data/x.node',
  ],
  folder: [`fs.readdirSync('data').join()`, 'data (listed)'],
  'folder-by-promises': [`(await (await fs.promises.opendir('data')).read())?.name`, 'data (listed)'],
  'root-folder': [`fs.readdirSync('.').length`, '. (listed)'],
  thread: [
    `await new Promise((resolve) => new Worker(pathToFileURL('data/thread.mjs')).on('message', resolve))`,
    'data/thread.mjs',
  ],
  'forked-process': [
    `await new Promise((resolve) => fork('./data/process.mjs').on('message', resolve))`,
    'data/process.mjs',
  ],
  appended: [`(fs.appendFileSync('data/log.txt', 'x'), readFileSync('data/log.txt', 'utf8'))`, 'data/log.txt'],
  'more-than-five': [
    `await Promise.all([1, 2, 3, 4, 5, 6, 7].map((n) => readFile('f' + n).catch(() => n)))`,
    'f1, f2, f3, f4, f5 and 2 more',
  ],
};

/** Told in the log, with the files. */
const LOOKED_FOR: Readonly<Record<string, readonly [expression: string, named: string]>> = {
  existence: [`fs.existsSync('data/x.txt')`, 'data/x.txt'],
  absence: [`fs.existsSync('data/none.txt')`, 'data/none.txt'],
  size: [`(await stat('data/x.txt')).size`, 'data/x.txt'],
  access: [`await fs.promises.access('data/none.txt').then(() => 1, () => 2)`, 'data/none.txt'],
  'link-target': [`fs.readlinkSync('data/link')`, 'data/x.txt'],
};

const ALLOWED: Readonly<Record<string, string>> = {
  nothing: '1',
  'thread-of-its-own-text': `await new Promise((resolve) => new Worker('require("worker_threads").parentPort.postMessage(1)', { eval: true }).on('message', resolve))`,
  outside: `readFileSync(at('outside'), 'utf8')`,
  results: `fs.existsSync('results/x.txt')`,
  'installed-package': `createRequire(process.cwd() + '/x.js').resolve('valibot').length`,
  'file-of-installed-package': `readFileSync('node_modules/valibot/package.json', 'utf8').length`,
  'linked-package-of-the-project': `createRequire(process.cwd() + '/x.js')('linked').value`,
  written: `(fs.mkdirSync('made', { recursive: true }), fs.writeFileSync('made/y.txt', 'y'), readFileSync('made/y.txt', 'utf8'))`,
  'written-by-a-stream': `await new Promise((resolve) => fs.createWriteStream('z.txt').end('z', () => resolve(readFileSync('z.txt', 'utf8'))))`,
  'removed-and-written': `(fs.rmSync('fresh', { recursive: true, force: true }), fs.mkdirSync('fresh'), fs.writeFileSync('fresh/w.txt', 'w'), fs.readdirSync('fresh').join())`,
  'whether-a-folder-is-there': `fs.statSync('data').isDirectory()`,
};

const cases = (expressions: Readonly<Record<string, string>>) =>
  Object.entries(expressions).map(([name, expression]) => `  '${name}': async () => ${expression},`);

function reading(expressions: Readonly<Record<string, string>>, options = ''): Project {
  const outside = temporaryFolder();
  const project = projectOf({
    'pipeline.yaml': `version: 1
name: reading
params: {outside: ${JSON.stringify(outside)}, pinned: ''}
stages:
  reads:
    run: stages/reads.ts
    each: {what: [${Object.keys(expressions).join(', ')}]}
    params: {outside: "\${outside}", pinned: "\${pinned}"}
    outputs: {out: json}
${options}`,
    'stages/reads.ts': `import { fork } from 'node:child_process';
import fs, { readFileSync } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import * as v from 'valibot';
import { defineStage, json } from 'vmfdag';

const used: unknown[] = [Worker, fork, fs, readFileSync, open, readFile, stat, createRequire, text, pathToFileURL, promisify];
const ofDescriptor = (file: number) => readFileSync(file, 'utf8');
let at = (name: string) => name;

const cases: Record<string, () => unknown> = {
${cases(expressions).join('\n')}
};

export default defineStage({
  params: v.strictObject({ outside: v.string(), pinned: v.string() }),
  inputs: {},
  outputs: { out: json<unknown>() },
  async run({ params, coordinates }) {
    at = (name) => params.outside + '/' + name;
    return { out: [used.length, await cases[String(coordinates.what)]?.()] };
  },
});
`,
    'data/x.txt': 'content\n',
    'data/thread.mjs': `import { parentPort } from 'node:worker_threads';\nparentPort.postMessage(1);\n`,
    'data/process.mjs': `process.send(1);\nprocess.disconnect();\n`,
    'data/x.json': '{"a": "json"}\n',
    'data/x.env': 'X=1\n',
    '.env': 'X=2\n',
    'data/x.node': 'no addon\n',
    'packages/linked/package.json': '{"name": "linked", "version": "1.0.0", "main": "index.cjs"}\n',
    'packages/linked/index.cjs': 'exports.value = 1;\n',
  });
  writeFileSync(join(outside, 'outside'), 'outside\n');
  symlinkSync(project.path(FILE), join(outside, 'link'));
  symlinkSync('x.txt', project.path('data/link'));
  symlinkSync(project.path('packages/linked'), project.path('node_modules/linked'));
  mkdirSync(project.path('results'));
  return project;
}

/** The failures of a run that ends with 2, by node: what is wrong, and the fix. */
async function failures(project: Project, args: readonly string[] = []) {
  const { code, stdout } = await project.execute(['run', '--keep-going', ...args]);
  expect({ code, stdout }).toMatchObject({ code: 2 });
  const found = stdout.matchAll(/^FAILED +reads\/(\S+)\n {2}(.*)\n {4}fix: (.*)$/gm);
  return new Map([...found].map(([, node, fact, fix]) => [node, { fact, fix }]));
}

describe('a stage that opens files of the project', () => {
  const expressions = {
    ...Object.fromEntries(Object.entries({ ...REFUSED, ...LOOKED_FOR }).map(([name, [of]]) => [name, of])),
    ...ALLOWED,
  };
  let project: Project;
  let failed: Awaited<ReturnType<typeof failures>>;
  beforeAll(async () => {
    project = reading(expressions);
    failed = await failures(project, ['--jobs', '2']);
  });

  it.each(Object.entries(REFUSED))('fails and names them: %s', (name, [, named]) => {
    const several = named.includes(',');
    expect(failed.get(name)).toEqual({
      fact: `stage reads opened ${several ? 'files of the project that are' : 'a file of the project that is'} not declared: ${named}`,
      fix: `make ${several ? 'them outputs' : 'it an output'} of another stage, import ${several ? 'them' : 'it'} in the code, or say "undeclared: ignore" in stage reads of the pipeline file`,
    });
  });

  it.each(Object.entries(LOOKED_FOR))(
    'does not fail where it only asks for them, and its log names them: %s',
    async (name, [, named]) => {
      expect(failed.get(name)).toBeUndefined();
      const { stdout } = await project.execute(['cache', 'show', `reads/${name}`]);
      expect(stdout).toContain(`looked for files of the project that are in no key: ${named}`);
    },
  );

  it.each(Object.keys(ALLOWED))(
    'does not fail for what is no such file, nor for what another node did: %s',
    async (name) => {
      expect(failed.get(name)).toBeUndefined();
      expect(await project.recorded()).toContain(`reads/${name}`);
    },
  );

  it('fails when its code opens them as it is loaded: every node of it', async () => {
    const loading = reading({ one: '1', two: '2' });
    loading.edit(
      'stages/reads.ts',
      'const used: unknown[] = [',
      `const used: unknown[] = [readFileSync('data/x.txt'), `,
    );
    expect([...(await failures(loading, ['--jobs', '1'])).keys()]).toEqual(['one', 'two']);
  });

  it('does not fail where its declaration says that they decide nothing', async () => {
    const ignoring = reading({ one: `readFileSync('data/x.txt', 'utf8')` }, '    undeclared: ignore\n');
    expect(await ignoring.execute(['run'])).toMatchObject({ code: 0 });
  });

  it('does not fail where a digest in its params pins the bytes, as long as they are those', async () => {
    const pinning = reading({ one: `[fs.existsSync('data/x.txt'), readFileSync('data/x.txt', 'utf8')]` });
    const pinned = [
      createHash('sha256').update('content\n').digest('hex').toUpperCase(),
      `sha512-${createHash('sha512').update('content\n').digest('base64')}`,
      `md5:${createHash('md5').update('content\n').digest('hex')}`,
    ].map((digest) => ['--set', `pinned=${digest}`]);
    for (const set of pinned) expect(await pinning.execute(['run', ...set])).toMatchObject({ code: 0 });
    pinning.write(FILE, 'changed\n');
    for (const set of pinned) {
      const failed = await failures(pinning, [...set, '--force', 'reads']);
      expect(failed.get('one')?.fact).toMatch(/is not declared: data\/x\.txt$/);
    }
  });
});
