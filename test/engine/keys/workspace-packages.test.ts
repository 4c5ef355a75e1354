import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CodeStates, stageFingerprint } from '../../../src/engine/keys/stage-fingerprint.ts';
import { codeIn, type Files, MemoryBundleCache, stageModule, temporaryProject, writeFiles } from './project.ts';

const manifest = (name: string, rest: object = {}) =>
  JSON.stringify({ name, version: '1.0.0', type: 'module', ...rest });

/** A stage that imports `rates`, which imports `tables`; `unused` is imported by nobody. */
const WORKSPACE: Files = {
  'package.json': JSON.stringify({ private: true, workspaces: ['packages/*'] }),
  'stages/train.ts': "import { rate } from 'rates';\nexport default { run: () => rate() };\n",
  'packages/rates/package.json': manifest('rates', {
    exports: { '.': './index.js', './more': './more.js' },
    imports: { '#first': './first.js' },
    dependencies: { '@own/tables': '*' },
  }),
  'packages/rates/index.js':
    "// The rate.\nimport { table } from '@own/tables';\nimport { first } from '#first';\nexport const rate = () => table[first];\n",
  'packages/rates/first.js': 'export const first = 0;\n',
  'packages/rates/second.js': 'export const first = 1;\n',
  'packages/rates/more.js': 'export const more = 1;\n',
  'packages/rates/README.md': 'Rates.\n',
  'packages/tables/package.json': manifest('@own/tables', { exports: './index.js' }),
  'packages/tables/index.js': '/** A table. */\nexport const table = [1, 2];\n',
  'packages/unused/package.json': manifest('unused'),
  'packages/unused/index.js': 'export const unused = 1;\n',
};

/** As npm links the packages of a workspace. */
function link(root: string, links: Readonly<Record<string, string>>): void {
  for (const [name, folder] of Object.entries(links)) {
    const path = join(root, 'node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(join(name.includes('/') ? '../..' : '..', folder), path);
  }
}

const LINKS = { rates: 'packages/rates', '@own/tables': 'packages/tables', unused: 'packages/unused' };

/** Says of an edit whether it changes the fingerprint, with what was read before in the cache, and without. */
async function counts(files: Files, edit: (root: string) => void, links = LINKS): Promise<boolean> {
  const root = temporaryProject(files);
  link(root, links);
  const before = await codeIn(root);
  const cache = new MemoryBundleCache();
  const fingerprint = () => stageFingerprint(stageModule, new CodeStates(root, cache));
  // Files written a moment ago prove nothing, and nothing read of them would be kept.
  await sleep(60);
  expect(await fingerprint()).toBe(before.fingerprint);
  edit(root);
  const after = await codeIn(root);
  expect(await fingerprint()).toBe(after.fingerprint);
  return after.fingerprint !== before.fingerprint;
}

/** Replaces a text that must be there. */
const replaced = (path: string, old: string, replacement: string) => (root: string) => {
  const text = readFileSync(join(root, path), 'utf8');
  expect(text).toContain(old);
  writeFiles(root, { [path]: text.replace(old, replacement) });
};

const written = (files: Files) => (root: string) => writeFiles(root, files);

describe('of the packages of a workspace', () => {
  it.each<[string, (root: string) => void]>([
    ['the code', replaced('packages/rates/index.js', 'table[first]', 'table[first] + 1')],
    ['the code of a package that it imports', replaced('packages/tables/index.js', '[1, 2]', '[3, 2]')],
    ['a module that no other one imports', replaced('packages/rates/more.js', '1', '2')],
    ['a new module', written({ 'packages/rates/new.js': '' })],
    ['what its exports lead to', replaced('packages/rates/package.json', './index.js', './more.js')],
    ['what its imports lead to', replaced('packages/rates/package.json', './first.js', './second.js')],
    ['data', written({ 'packages/rates/table.txt': '1' })],
    ['a directive', replaced('packages/rates/more.js', 'export', '"use strict"; export')],
    ['a text that looks like a comment', replaced('packages/rates/more.js', '1', '"// 1"')],
  ])('counts: %s', async (_, edit) => {
    expect(await counts(WORKSPACE, edit)).toBe(true);
  });

  it.each<[string, (root: string) => void]>([
    ['a comment', replaced('packages/rates/index.js', 'The rate.', 'What a step is multiplied by.')],
    ['a comment in a package that it imports', replaced('packages/tables/index.js', '/** A table. */\n', '')],
    ['layout', replaced('packages/rates/index.js', '() => ', '()   =>\n  ')],
    ['a document', written({ 'packages/rates/README.md': 'Other rates.\n' })],
    ['a package that the stage does not reach', replaced('packages/unused/index.js', '1', '2')],
    ['a package that is added', written({ 'packages/more/package.json': manifest('more') })],
  ])('does not count: %s', async (_, edit) => {
    expect(await counts(WORKSPACE, edit)).toBe(false);
  });

  it('counts comments too where a module cannot be read, and only there', async () => {
    const files = { ...WORKSPACE, 'packages/rates/template.js': 'export const = {{ rate }}; // one\n' };
    expect(await counts(files, replaced('packages/rates/template.js', 'one', 'two'))).toBe(true);
    expect(await counts(files, replaced('packages/rates/index.js', 'The rate.', 'Rate.'))).toBe(false);
  });

  it('keeps a module and its neighbours of the same name apart', async () => {
    const files = { ...WORKSPACE, 'packages/rates/both.js': 'export const a = 1;\n', 'packages/rates/both.ts': '1;\n' };
    const edit = written({ 'packages/rates/both.js': '1;\n', 'packages/rates/both.ts': 'export const a = 1;\n' });
    expect(await counts(files, edit)).toBe(true);
  });

  it('counts a source and what is built from it, without their comments', async () => {
    const files = {
      ...WORKSPACE,
      'packages/rates/package.json': manifest('rates', { exports: './dist/index.js' }),
      'packages/rates/dist/index.js': 'export const rate = () => 1; // built\n',
      'packages/rates/src/index.ts': 'export const rate = (): number => 1; // written\n',
    };
    expect(await counts(files, replaced('packages/rates/dist/index.js', '=> 1', '=> 2'))).toBe(true);
    expect(await counts(files, replaced('packages/rates/dist/index.js', 'built', 'made'))).toBe(false);
    expect(await counts(files, replaced('packages/rates/src/index.ts', '=> 1', '=> 2'))).toBe(true);
    expect(await counts(files, replaced('packages/rates/src/index.ts', ': number', ': 1'))).toBe(false);
  });

  it('counts every byte of an installed package, also in node_modules of its own', async () => {
    const nested = 'packages/rates/node_modules/step';
    const files = {
      ...WORKSPACE,
      'packages/rates/index.js': "import { step } from 'step';\nexport const rate = () => step;\n",
      [`${nested}/package.json`]: manifest('step'),
      [`${nested}/index.js`]: 'export const step = 1; // one\n',
      'node_modules/step/package.json': manifest('step'),
      'node_modules/step/index.js': 'export const step = 2; // two\n',
    };
    expect(await counts(files, replaced(`${nested}/index.js`, '1', '3'))).toBe(true);
    expect(await counts(files, replaced(`${nested}/index.js`, '// one', '// 1'))).toBe(true);
    expect(await counts(files, replaced('node_modules/step/index.js', '2', '3'))).toBe(false);
  });
});

describe('a package of a workspace reaches another one', () => {
  /** `rates` as given, and the names of the packages that a stage reaches through it. */
  async function reachedThrough(rates: object, files: Files): Promise<readonly string[]> {
    const root = temporaryProject({ ...WORKSPACE, 'packages/rates/package.json': manifest('rates', rates), ...files });
    link(root, LINKS);
    expect(existsSync(join(root, 'node_modules/@own/tables/index.js'))).toBe(true);
    return (await codeIn(root)).packages.packages.map(({ name }) => name);
  }
  const index = (text: string): Files => ({ 'packages/rates/index.js': text });
  const imports = index("export { table as rate } from '@own/tables';\n");

  it.each<[string, object, Files]>([
    ['that it declares', { dependencies: { '@own/tables': '*' } }, index('')],
    ['that it declares as a peer', { peerDependencies: { '@own/tables': '*' } }, index('')],
    ['that it imports without declaring it', {}, imports],
    ['that it imports, and declares for its developers', { devDependencies: { '@own/tables': '*' } }, imports],
    ['that its imports name', { imports: { '#table': { node: '@own/tables' } } }, index("export * from '#table';\n")],
    [
      'that it imports from TypeScript',
      { exports: './index.ts' },
      { ...index(''), 'packages/rates/index.ts': "export { table as rate } from '@own/tables';\n" },
    ],
    [
      'that it imports for its effects alone',
      { exports: './index.ts' },
      { ...index(''), 'packages/rates/index.ts': "import { table } from '@own/tables';\nexport const rate = 1;\n" },
    ],
  ])('%s', async (_, rates, files) => {
    expect(await reachedThrough(rates, files)).toEqual(['rates', '@own/tables']);
  });

  it.each<[string, object, Files]>([
    [
      'for a type alone',
      { exports: './index.ts' },
      { ...index(''), 'packages/rates/index.ts': "import type { Table } from '@own/tables';\nexport let t: Table;\n" },
    ],
    ['in a comment', {}, index("// import '@own/tables';\nexport const rate = 1;\n")],
    ['for its developers, without importing it', { devDependencies: { '@own/tables': '*' } }, index('')],
  ])('but not %s', async (_, rates, files) => {
    expect(await reachedThrough(rates, files)).toEqual(['rates']);
  });

  it('but not a tool of its developers that is installed', async () => {
    const tool = {
      'node_modules/tool/package.json': manifest('tool'),
      'packages/rates/rates.test.js': "import 'tool';\n",
    };
    expect(await reachedThrough({ devDependencies: { tool: '*' } }, { ...index(''), ...tool })).toEqual(['rates']);
  });
});
