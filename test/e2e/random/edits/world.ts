import { lstatSync, mkdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RandomStream } from '../../../../src/engine/base/random.ts';
import { linkPackages, linkVmfdag } from '../../support/folders.ts';

/** What a command is started with, apart from the files. */
export interface Surroundings {
  env: Record<string, string>;
  /** Folder in the world that the command is started from. */
  from: string;
  /** The program that runs it. */
  node: string;
}

/** Something that can be one of several ways, each of which the result may depend on. */
export interface Switch {
  readonly name: string;
  readonly ways: readonly string[];
  set(world: World, way: string): void;
}

/** A project in a folder of its own, in which everything that may decide a result can be switched. */
export class World {
  readonly folder: string;
  readonly surroundings: Surroundings = { env: {}, from: 'project', node: process.execPath };
  readonly pipeline = { params: '{b: 1, a: 2}', seeds: '[1, 2]', variables: '[DECLARED]' };
  /** Keeps the time of modification of files that are written over; drawn for each edit. */
  keepsTimes = false;

  constructor(folder: string) {
    this.folder = folder;
  }

  path(path: string): string {
    return join(this.folder, path);
  }

  write(path: string, text: string): void {
    const file = this.path(path);
    mkdirSync(dirname(file), { recursive: true });
    const before = statSync(file, { throwIfNoEntry: false });
    writeFileSync(file, text);
    if (before && this.keepsTimes) utimesSync(file, before.atime, before.mtime);
  }

  remove(path: string): void {
    rmSync(this.path(path), { recursive: true, force: true });
  }

  link(path: string, target: string): void {
    const file = this.path(path);
    mkdirSync(dirname(file), { recursive: true });
    if (lstatSync(file, { throwIfNoEntry: false })) rmSync(file, { recursive: true });
    symlinkSync(target, file);
  }
}

const value = (way: string) => `export const x = ${way};\n`;

function file(name: string, path: string, text: (way: string) => string = value): Switch {
  return { name, ways: ['1', '2', '3'], set: (world, way) => world.write(path, text(way)) };
}

/** A file that is there in some ways, and not in others. */
function comes(name: string, path: string, texts: Readonly<Record<string, string>>): Switch {
  return {
    name,
    ways: ['none', ...Object.keys(texts)],
    set: (world, way) => (way === 'none' ? world.remove(path) : world.write(path, texts[way] as string)),
  };
}

function linked(name: string, path: string, targets: readonly string[]): Switch {
  return { name, ways: targets, set: (world, way) => world.link(path, way) };
}

function variable(name: string, ways: readonly string[]): Switch {
  return {
    name: `the variable ${name}`,
    ways: ['not set', ...ways],
    set: ({ surroundings: { env } }, way) => {
      if (way === 'not set') delete env[name];
      else env[name] = way;
    },
  };
}

const manifest = (name: string, more: object = {}) =>
  JSON.stringify({ name, version: '1.0.0', type: 'module', main: 'index.js', ...more });

const PIPELINE = (params: string, seeds: string, variables: string) => `version: 1
name: edits
params:
  order: ${params}
  seeds: ${seeds}
stages:
  all:
    run: stages/all.ts
    each: {seed: "\${seeds}"}
    params: {order: "\${order}"}
    variables: ${variables}
    outputs: {out: json}
  gather:
    run: stages/gather.ts
    inputs: {all: "all.out[*]"}
    outputs: {out: json}
targets:
  result: {files: {result.json: gather.out}}
`;

const ALL = `import * as v from 'valibot';
import { defineStage, json } from 'vmfdag';
import table from '../data/table.json';
import { x as util } from './util';
import { x as exact } from '../lib/exact.js';
import { x as alias } from '#alias';
import { x as linkedFile } from './linked.ts';
import { x as linkedFolder } from './linked/deep/x.ts';
import { x as moved } from './moved/x.ts';
import interop from './interop.cjs';
import { log } from '../effects/log.ts';
import '../effects/effect.ts';
import { required } from '../lib/required.cjs';
import { pkg } from 'pkg';
import { workspace } from 'workspace';
import { near } from 'near';
import { dep } from 'dep';
import { conditional } from 'conditional';

let calls = 0;
export default defineStage({
  params: v.any(), inputs: {}, outputs: { out: json<any>() },
  async run({ params, coordinates }: any) {
    calls += 1;
    const found: unknown[] = [];
    for (const name of ['a', 'b', 'deep/c']) {
      try { found.push((await import(\`./parts/\${name}.ts\`)).x); } catch { found.push(null); }
    }
    return { out: {
      table, util, exact, alias, linkedFile, linkedFolder, moved, interop: JSON.stringify(interop), log,
      required, pkg, workspace, near, dep, conditional, calls, found, coordinates,
      order: Object.entries(params.order), exponential: Math.exp(1.1), sine: Math.sinh(0.7), hours: new Date(0).getHours(), number: (1234.5).toLocaleString(),
      declared: process.env.DECLARED ?? null, undeclared: process.env.UNDECLARED ?? null, folder: process.cwd().endsWith('project'),
    } };
  },
});
`;

const GATHER = `import * as v from 'valibot';
import { defineStage, json, many } from 'vmfdag';
import { x } from './gathering.ts';
export default defineStage({
  params: v.any(), inputs: { all: many(json<any>()) }, outputs: { out: json<any>() },
  run: ({ inputs }: any) => ({ out: { x, all: inputs.all } }),
});
`;

function pipelineSwitch(part: keyof World['pipeline'], ways: readonly string[]): Switch {
  return {
    name: `${part} of the pipeline file`,
    ways,
    set: (world, way) => {
      const { pipeline } = world;
      pipeline[part] = way;
      world.write('project/pipeline.yaml', PIPELINE(pipeline.params, pipeline.seeds, pipeline.variables));
    },
  };
}

/** All that can be edited. The first way of each is that of a new world. */
export const SWITCHES: readonly Switch[] = [
  pipelineSwitch('params', [
    '{b: 1, a: 2}',
    '{a: 2, b: 1}',
    '{b: "1", a: 2}',
    '{b: 1.0, a: 2}',
    '{b: 1}',
    '{10: 1, 9: 2}',
  ]),
  pipelineSwitch('seeds', ['[1, 2]', '[2, 1]', '["1", 2]', '[1]']),
  pipelineSwitch('variables', ['[DECLARED]', '[]', '[DECLARED, TZ]']),
  file('the table', 'project/data/table.json', (way) => `[${way}]\n`),
  file('a module in a folder', 'project/stages/util/index.ts'),
  file('the module that a link leads to', 'project/one.ts'),
  file('a module that is gathered with', 'project/stages/gathering.ts'),
  comes('a module before a folder', 'project/stages/util.ts', { ts: value('4') }),
  comes('a module of JavaScript before a folder', 'project/stages/util.js', { js: value('5') }),
  comes('the main file of a folder', 'project/stages/util/package.json', { main: '{"main":"./main.ts"}' }),
  comes('a module with the very name', 'project/lib/exact.js', { js: value('2'), other: value('3') }),
  comes('imports nearer to the stage', 'project/stages/package.json', {
    alias: '{"imports":{"#alias":"./aliased.ts"}}',
    type: '{"type":"commonjs","imports":{"#alias":"./aliased.ts"}}',
  }),
  {
    name: 'the package.json of the project',
    ways: ['one', 'two', 'commonjs'],
    set: (world, way) =>
      world.write(
        'project/package.json',
        JSON.stringify({
          type: way === 'commonjs' ? 'commonjs' : 'module',
          imports: { '#alias': way === 'two' ? './two.ts' : './one.ts' },
        }),
      ),
  },
  linked('a link to a module', 'project/stages/linked.ts', ['../one.ts', '../two.ts', '../lib/exact.ts']),
  linked('a link to a folder', 'project/stages/linked', ['../folders/one', '../folders/two']),
  {
    name: 'a folder that may be a link',
    ways: ['folder', 'link'],
    set: (world, way) => {
      world.remove('project/stages/moved');
      if (way === 'link') world.link('project/stages/moved', '../folders/moved');
      else world.write('project/stages/moved/x.ts', "export { x } from '../near.ts';\n");
    },
  },
  comes('what a package.json says of effects', 'project/effects/package.json', {
    none: '{"sideEffects":false}',
    some: '{"sideEffects":["./log.ts"]}',
    all: '{"sideEffects":true}',
  }),
  comes('a part', 'project/stages/parts/b.ts', { one: value('1'), two: value('2') }),
  comes('a part in a folder', 'project/stages/parts/deep/c.ts', { one: value('1') }),
  file(
    'a required module',
    'project/lib/required.cjs',
    (way) => `exports.required = [${way}, require('os').EOL, require('dep').dep];\n`,
  ),
  file(
    'a package',
    'project/node_modules/pkg/index.js',
    (way) => `import { dep } from 'dep';\nexport const pkg = [${way}, dep];\n`,
  ),
  {
    name: 'the version of a package',
    ways: ['1.0.0', '1.0.1'],
    set: (world, way) =>
      world.write(
        'project/node_modules/pkg/package.json',
        manifest('pkg', { version: way, dependencies: { dep: '*' } }),
      ),
  },
  {
    name: 'a nested package',
    ways: ['none', '2', '3'],
    set: (world, way) => {
      world.remove('project/node_modules/pkg/node_modules');
      if (way === 'none') return;
      world.write('project/node_modules/pkg/node_modules/dep/package.json', manifest('dep', { version: `${way}.0.0` }));
      world.write('project/node_modules/pkg/node_modules/dep/index.js', `export const dep = ${way};\n`);
    },
  },
  {
    name: 'a package at the top',
    ways: ['1', '2', '3'],
    set: (world, way) => {
      world.write('project/node_modules/dep/package.json', manifest('dep', { version: `${way}.0.0` }));
      world.write(
        'project/node_modules/dep/index.js',
        `export { hidden as dep } from 'undeclared';\nexport const more = ${way};\n`,
      );
    },
  },
  file(
    'a package that is not declared',
    'project/node_modules/undeclared/index.js',
    (way) => `export const hidden = ${way};\n`,
  ),
  file('a package of the workspace', 'workspace/index.js', (way) => `export const workspace = ${way};\n`),
  {
    name: 'a nearer package',
    ways: ['above', 'near'],
    set: (world, way) => {
      world.remove('project/node_modules/near');
      if (way === 'above') return;
      world.write('project/node_modules/near/package.json', manifest('near'));
      world.write('project/node_modules/near/index.js', "export const near = 'near';\n");
    },
  },
  variable('DECLARED', ['one', 'two', '']),
  variable('UNDECLARED', ['one']),
  variable('TZ', ['UTC', 'Asia/Tokyo']),
  variable('LC_ALL', ['de_DE.UTF-8']),
  variable('NODE_OPTIONS', ['--conditions=special', '--no-deprecation']),
  {
    name: 'the JavaScript engine',
    // Other Nodes, where the environment says so.
    ways: [process.execPath, ...(process.env.VMFDAG_TEST_NODES ?? '').split(':').filter((path) => path !== '')],
    set: ({ surroundings }, way) => {
      surroundings.node = way;
    },
  },
  {
    name: 'the folder that the command is started from',
    ways: ['project', 'project/stages', 'workspace'],
    set: ({ surroundings }, way) => {
      surroundings.from = way;
    },
  },
];

/** A new project, every switch in its first way. */
export function newWorld(folder: string): World {
  const world = new World(folder);
  mkdirSync(world.path('project'), { recursive: true });
  linkPackages(world.path('project'), ['valibot']);
  linkVmfdag(world.path('project'));
  world.write('project/stages/all.ts', ALL);
  world.write('project/stages/gather.ts', GATHER);
  world.write('project/stages/util/main.ts', value('6'));
  world.write('project/stages/aliased.ts', value('7'));
  world.write('project/stages/near.ts', value('8'));
  world.write('project/stages/interop.cjs', "exports.__esModule = true;\nexports.default = 'default';\n");
  world.write('project/stages/parts/a.ts', value('1'));
  world.write('project/two.ts', value('9'));
  world.write('project/lib/exact.ts', value('10'));
  world.write('project/folders/one/deep/x.ts', value('11'));
  world.write('project/folders/two/deep/x.ts', value('12'));
  world.write('project/folders/moved/x.ts', "export { x } from '../near.ts';\n");
  world.write('project/folders/near.ts', value('13'));
  world.write('project/effects/log.ts', 'export const log: number[] = [];\n');
  world.write('project/effects/effect.ts', "import { log } from './log.ts';\nlog.push(1);\n");
  world.write('project/node_modules/undeclared/package.json', manifest('undeclared'));
  world.write('workspace/package.json', manifest('workspace'));
  world.link('project/node_modules/workspace', '../../workspace');
  world.write('node_modules/near/package.json', manifest('near'));
  world.write('node_modules/near/index.js', "export const near = 'above';\n");
  world.write(
    'project/node_modules/conditional/package.json',
    manifest('conditional', { exports: { special: './special.js', default: './plain.js' } }),
  );
  world.write('project/node_modules/conditional/special.js', "export const conditional = 'special';\n");
  world.write('project/node_modules/conditional/plain.js', "export const conditional = 'plain';\n");
  for (const each of SWITCHES) each.set(world, each.ways[0] as string);
  return world;
}

/** Switches something, and says what. */
export function editAtRandom(
  world: World,
  ways: Map<Switch, string>,
  random: RandomStream,
  switches: readonly Switch[] = SWITCHES,
): string {
  const choice = switches.filter((each) => each.ways.length > 1);
  const chosen = choice[random.integer(choice.length)] as Switch;
  const others = chosen.ways.filter((way) => way !== (ways.get(chosen) ?? chosen.ways[0]));
  const way = others[random.integer(others.length)] as string;
  world.keepsTimes = random.integer(2) === 0;
  chosen.set(world, way);
  ways.set(chosen, way);
  return `${chosen.name}: ${way}`;
}
