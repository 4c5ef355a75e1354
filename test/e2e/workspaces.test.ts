import { spawnSync } from 'node:child_process';
import { lstatSync, readlinkSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { linkPackages, linkVmfdag, temporaryFolder } from './support/folders.ts';
import { Project } from './support/project.ts';

const manifest = (name: string, rest: object = {}) =>
  JSON.stringify({ name, version: '1.0.0', type: 'module', ...rest });

const stage = (packageName: string) => `import * as v from 'valibot';
import { ${packageName} } from '${packageName}';
import { defineStage, json } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: {},
  outputs: { value: json<number>() },
  run: () => ({ value: ${packageName}() }),
});
`;

const SUM = `import * as v from 'valibot';
import { defineStage, json, one } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: { price: one(json<number>()), area: one(json<number>()) },
  outputs: { sum: json<number>() },
  run: ({ inputs }) => ({ sum: inputs.price + inputs.area }),
});
`;

const PIPELINE = `version: 1
name: workspaces
stages:
  price:
    run: stages/price.ts
    outputs: {value: json}
  area:
    run: stages/area.ts
    outputs: {value: json}
  sum:
    run: stages/sum.ts
    inputs: {price: price.value, area: area.value}
    outputs: {sum: json}
targets:
  sum: {files: {sum.json: sum.sum}}
`;

/** `price` imports `rates`, which imports `tables`; `area` imports `shapes`, which is built; nobody imports `unused`. */
const FILES = {
  'package.json': JSON.stringify({ name: 'root', private: true, type: 'module', workspaces: ['packages/*'] }),
  'pipeline.yaml': PIPELINE,
  'stages/price.ts': stage('rates'),
  'stages/area.ts': stage('shapes'),
  'stages/sum.ts': SUM,
  'packages/rates/package.json': manifest('rates', { exports: './index.js', dependencies: { '@own/tables': '*' } }),
  'packages/rates/index.js':
    "// What a price is made from.\nimport { table } from '@own/tables/table';\n\nexport const rates = () => table[0] + 1;\n",
  'packages/tables/package.json': manifest('@own/tables', { exports: { './*': './lib/*.js' } }),
  'packages/tables/lib/table.js': '/** Prices. */\nexport const table = [10];\n',
  'packages/shapes/package.json': manifest('shapes', {
    exports: { '.': { types: './src/index.ts', default: './dist/index.js' } },
    imports: { '#side': './dist/side.js' },
  }),
  'packages/shapes/src/index.ts': '// Written.\nexport declare const shapes: () => number;\n',
  'packages/shapes/dist/index.js': "// Built.\nimport { side } from '#side';\nexport const shapes = () => side ** 2;\n",
  'packages/shapes/dist/side.js': 'export const side = 10;\n',
  'packages/shapes/dist/other-side.js': 'export const side = 30;\n',
  'packages/typed/package.json': manifest('typed', { exports: './index.ts' }),
  'packages/typed/index.ts':
    "import { table } from '@own/tables/table'; // not declared\nexport const typed = (): number => table[0] as number;\n",
  'packages/unused/package.json': manifest('unused'),
  'packages/unused/index.js': 'export const unused = 1;\n',
};

/** Node 22.18 and later execute TypeScript, where it lies in no node_modules. */
const executesTypeScript = Boolean((process.features as { typescript?: unknown }).typescript);

describe('a project whose stages import packages of its npm workspace', () => {
  let project: Project;
  const result = () => JSON.parse(project.read('results/sum.json')) as number;
  const executed = async () => {
    const { code, started, summary } = await project.run();
    expect(summary).toMatchObject({ failed: 0, skipped: 0 });
    expect(code).toBe(0);
    return started;
  };

  beforeAll(async () => {
    project = new Project(temporaryFolder());
    for (const [path, text] of Object.entries(FILES)) project.write(path, text);
    const arguments_ = ['install', '--offline', '--no-audit', '--no-fund', '--loglevel', 'error'];
    const { status, stderr } = spawnSync('npm', arguments_, { cwd: project.directory, encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    for (const name of ['rates', 'shapes', '@own/tables', 'unused'])
      expect(lstatSync(project.path('node_modules', name)).isSymbolicLink()).toBe(true);
    expect(readlinkSync(project.path('node_modules/rates'))).toBe('../packages/rates');
    linkPackages(project.directory, ['valibot']);
    linkVmfdag(project.directory);
    expect(await executed()).toEqual(['area', 'price', 'sum']);
    expect(result()).toBe(111);
  });

  it('executes nothing in a second run', async () => {
    expect(await executed()).toEqual([]);
  });

  it('executes nothing after edits of comments and layout', async () => {
    project.edit('packages/rates/index.js', '// What a price is made from.', '/* What a price\n * is made from. */');
    project.edit('packages/tables/lib/table.js', '/** Prices. */\n', '');
    project.edit('packages/shapes/src/index.ts', '// Written.', '// Written by hand.');
    project.edit('packages/shapes/dist/index.js', '// Built.\n', '');
    expect(await executed()).toEqual([]);
  });

  it('executes nothing after an edit of a package that no stage imports', async () => {
    project.edit('packages/unused/index.js', '1', '2');
    expect(await executed()).toEqual([]);
  });

  it('executes the stage that imports an edited package, and what reads from it', async () => {
    project.edit('packages/rates/index.js', 'table[0] + 1', 'table[0] + 2');
    expect(await executed()).toEqual(['price', 'sum']);
    expect(result()).toBe(112);
  });

  it('executes the stage that reaches an edited package through another one', async () => {
    project.edit('packages/tables/lib/table.js', '[10]', '[20]');
    expect(await executed()).toEqual(['price', 'sum']);
    expect(result()).toBe(122);
  });

  it('executes the stage whose package was built again, or has its exports or imports elsewhere', async () => {
    project.edit('packages/shapes/dist/side.js', '10', '20');
    expect(await executed()).toEqual(['area', 'sum']);
    expect(result()).toBe(422);
    project.edit('packages/shapes/package.json', './dist/side.js', './dist/other-side.js');
    expect(await executed()).toEqual(['area', 'sum']);
    expect(result()).toBe(922);
    project.write('packages/shapes/dist/line.js', 'export const shapes = () => 1;\n');
    project.edit('packages/shapes/package.json', './dist/index.js', './dist/line.js');
    expect(await executed()).toEqual(['area', 'sum']);
    expect(result()).toBe(23);
  });

  it('executes the stage whose package gets a dependency of its own in place of a shared one', async () => {
    const nested = 'packages/rates/node_modules/@own/tables';
    project.write(`${nested}/package.json`, manifest('@own/tables', { exports: { './table': './table.js' } }));
    project.write(`${nested}/table.js`, 'export const table = [50];\n');
    expect(await executed()).toEqual(['price', 'sum']);
    expect(result()).toBe(53);
  });

  it.runIf(executesTypeScript)('treats packages in TypeScript in the same way', async () => {
    project.edit('stages/price.ts', "{ rates } from 'rates'", "{ typed as rates } from 'typed'");
    project.write('packages/tables/lib/table.js', 'export const table = [6];\n');
    expect(await executed()).toEqual(['price', 'sum']);
    expect(result()).toBe(7);
    project.edit('packages/typed/index.ts', ': number', ': 6');
    project.edit('packages/typed/index.ts', '// not declared', '// undeclared');
    expect(await executed()).toEqual([]);
    project.edit('packages/tables/lib/table.js', '6', '7');
    expect(await executed()).toEqual(['price', 'sum']);
    expect(result()).toBe(8);
    project.edit('packages/typed/index.ts', 'table[0]', '-table[0]');
    expect(await executed()).toEqual(['price', 'sum']);
    expect(result()).toBe(-6);
    project.edit('stages/price.ts', "{ typed as rates } from 'typed'", "{ rates } from 'rates'");
    expect(await executed()).toEqual([]);
  });

  it('executes only the stage itself if an edit leaves its bytes the same', async () => {
    project.edit('packages/rates/index.js', 'table[0] + 2', '2 + table[0]');
    expect(await executed()).toEqual(['price']);
    expect(result()).toBe(53);
  });
});
