import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { digestValue } from '../../../src/engine/base/digest.ts';
import { Failure } from '../../../src/engine/base/failure.ts';
import type { StageModule } from '../../../src/engine/keys/bundle-stage.ts';
import {
  codeIn,
  type Files,
  fingerprintOf,
  installed,
  stageFiles,
  stageModule,
  temporaryProject,
  writeFiles,
} from './project.ts';

/** The files with one of them changed by replacing a text that must be there. */
function edited(file: string, old: string, replacement: string, files: Files = stageFiles): Files {
  const text = files[file] as string;
  expect(text).toContain(old);
  return { ...files, [file]: text.replace(old, replacement) };
}

async function failureOf(files: Files, module: StageModule = stageModule): Promise<Failure> {
  const error = await fingerprintOf(files, module).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}

describe('the fingerprint of a stage', () => {
  it('is the digest of a fixed text and the packages', async () => {
    const code = await codeIn(temporaryProject(stageFiles));
    expect(code.text).toBe(
      'export default async(checkImport)=>{const i$$$$0=(name,options)=>{checkImport(name);return import(name,options)};\n' +
        'function rate(){return .1}var update=x=>x*rate();function step(x){return update(x)+1}' +
        'function shared(x){const doubled=2*x;return doubled}' +
        'var train_default={run:x=>({loss:step(x),shared:shared(x)})};return train_default}\n' +
        '//# sourceMappingURL=stage.mjs.map\n',
    );
    expect(code.fingerprint).toBe(digestValue(['stage code', 2, code.text, { imported: {}, packages: [] }]));
  });

  it('is the same in every folder', async () => {
    expect(await fingerprintOf(stageFiles)).toBe(await fingerprintOf(stageFiles));
  });

  const shared = stageFiles['src/shared.ts'] as string;
  const harmless: Readonly<Record<string, Files>> = {
    'a comment in the stage': edited('stages/train.ts', 'export default', '/* trains */\n// one epoch\nexport default'),
    'a legal comment': edited('src/rate.ts', 'export', '/*! @license MIT */\nexport'),
    'an object literal on several lines': edited(
      'stages/train.ts',
      '({ loss: step(x), shared: shared(x) })',
      '({\n    loss: step(x),\n    shared: shared(x),\n  })',
    ),
    'quotes, semicolons and parentheses': edited('src/rate.ts', 'return 0.1;', 'return (0.1)'),
    'tabs and carriage returns': edited('src/rate.ts', '  return 0.1;\n', '\r\n\treturn 0.1;\r\n'),
    'a type': edited('src/step.ts', 'x: number', 'x: number & { readonly unit?: string }'),
    'an interface and a type import': {
      ...edited(
        'src/step.ts',
        'export',
        "import type { Rate } from './types.ts';\nexport interface Step { rate: Rate }\nexport",
      ),
      'src/types.ts': 'export type Rate = number;\n',
    },
    'a cast': edited('src/update.ts', 'x * rate()', '(x as number) * (rate() satisfies number)'),
    'an unused function': { ...stageFiles, 'src/shared.ts': `${shared}export function unused() {\n  return 1;\n}\n` },
    'an unused function before a used one': {
      ...stageFiles,
      'src/shared.ts': `export const unused = () => 1;\n${shared}`,
    },
    'an unused function with the name of a used one in another module': {
      ...stageFiles,
      'src/shared.ts': `export function step(x: number) {\n  return x;\n}\nfunction rate() {}\n${shared}`,
    },
    'an unused class and an unused constant marked as pure': {
      ...stageFiles,
      'src/shared.ts': `class Kept { a = 1 }\nexport const schema = /* @__PURE__ */ Object.freeze({ a: 1 });\n${shared}`,
    },
    'an unused import': {
      ...edited('src/shared.ts', 'export', "import { other } from './other.ts';\nexport"),
      'src/other.ts': 'export const other = 1;\n',
    },
    'a module that nobody imports': { ...stageFiles, 'src/other.ts': 'export const other = 1;\n' },
    'a tsconfig.json in the same folder': {
      ...stageFiles,
      'tsconfig.json': '{ "compilerOptions": { "target": "es5", "useDefineForClassFields": false, "jsx": "react" } }',
    },
  };

  it.each(Object.entries(harmless))('is left as it is by %s', async (_, files) => {
    expect(await fingerprintOf(files)).toBe(await fingerprintOf(stageFiles));
  });

  it('is left as it is by the order of unused imports', async () => {
    const others = { 'src/a.ts': 'export const a = 1;\n', 'src/b.ts': 'export const b = 2;\n' };
    const [first, second] = ["import { a } from './a.ts';\n", "import { b } from './b.ts';\n"];
    const one = { ...stageFiles, ...others, 'src/shared.ts': first + second + shared };
    const other = { ...stageFiles, ...others, 'src/shared.ts': second + first + shared };
    expect(await fingerprintOf(one)).toBe(await fingerprintOf(other));
  });

  const harmful: Readonly<Record<string, Files>> = {
    'an edit of the stage': edited('stages/train.ts', 'step(x)', 'step(x) + 1'),
    'an edit three imports away': edited('src/rate.ts', '0.1', '0.2'),
    'an edit of a text, inside of which spaces count': edited('src/rate.ts', '0.1', "'a  b'.length"),
    'a constant moved out of reach of the bundler': edited('src/rate.ts', 'return 0.1', 'return Number(0.1)'),
    'a module with effects that is now imported': {
      ...edited('src/shared.ts', 'export', "import './effects.ts';\nexport"),
      'src/effects.ts': 'globalThis.rate = 1;\n',
    },
    // Stack traces show the names of locals and functions: they are part of the text that runs.
    'a local variable of another name': edited(
      'src/shared.ts',
      'doubled = 2 * x;\n  return doubled',
      'twice = 2 * x;\n  return twice',
    ),
  };

  it.each(Object.entries(harmful))('is changed by %s', async (_, files) => {
    expect(await fingerprintOf(files)).not.toBe(await fingerprintOf(stageFiles));
  });

  it('covers one export of a module, not its neighbours', async () => {
    const two = {
      'stages/two.ts':
        "import { a } from '../src/a.ts';\nimport { b } from '../src/b.ts';\nexport const first = { run: a };\nexport const second = { run: b };\n",
      'src/a.ts': 'export const a = () => 1;\n',
      'src/b.ts': 'export const b = () => 2;\n',
    };
    const of = (exportName: string, files: Files) =>
      fingerprintOf(files, { ...stageModule, path: 'stages/two.ts', exportName });
    const changed = { ...two, 'src/b.ts': 'export const b = () => 3;\n' };
    expect(await of('first', changed)).toBe(await of('first', two));
    expect(await of('second', changed)).not.toBe(await of('second', two));
    expect(await of('first', two)).not.toBe(await of('second', two));
  });
});

describe('the packages of a stage', () => {
  const withPackage: Files = {
    ...stageFiles,
    'src/rate.ts':
      "import { readFileSync } from 'node:fs';\nimport { join } from 'path';\nimport { round } from 'rounding/exact';\nexport const rate = () => round(0.1, readFileSync, join);\n",
    'node_modules/rounding/package.json': installed('rounding', '1.0.0', { digits: '^2.0.0' }),
    'node_modules/rounding/exact.js': 'export const round = (x) => x;\n',
    'node_modules/digits/package.json': installed('digits', '2.0.0'),
    'node_modules/elsewhere/package.json': installed('elsewhere', '1.0.0'),
  };

  it('are listed with their versions, dependencies included and built-in modules not', async () => {
    const code = await codeIn(temporaryProject(withPackage));
    expect(code.packages).toEqual({
      imported: { rounding: 0 },
      packages: [
        { name: 'rounding', version: '1.0.0', content: expect.any(String), dependencies: { digits: 1 } },
        { name: 'digits', version: '2.0.0', content: expect.any(String), dependencies: {} },
      ],
    });
    expect(code.text).toContain('from"rounding/exact"');
  });

  it('count by version and content', async () => {
    const before = await fingerprintOf(withPackage);
    const of = (changes: Files) => fingerprintOf({ ...withPackage, ...changes });
    expect(
      await of({ 'node_modules/rounding/package.json': installed('rounding', '1.0.1', { digits: '^2.0.0' }) }),
    ).not.toBe(before);
    expect(await of({ 'node_modules/digits/package.json': installed('digits', '2.0.1') })).not.toBe(before);
    expect(await of({ 'node_modules/elsewhere/package.json': installed('elsewhere', '2.0.0') })).toBe(before);
    expect(await of({ 'node_modules/rounding/exact.js': 'export const round = (x) => +x;\n' })).not.toBe(before);
    // A version nearer to the package that asks for it wins over the one at the top.
    expect(
      await of({ 'node_modules/rounding/node_modules/digits/package.json': installed('digits', '2.5.0') }),
    ).not.toBe(before);
  });

  it('count where a stage requires them by a function of its own', async () => {
    const requiring = (made: string) => ({
      ...withPackage,
      'src/rate.ts': `import { createRequire } from 'node:module';\n${made}\nexport const rate = () => round(0.1) + 'not/installed'.length;\n`,
    });
    for (const made of [
      "const require = createRequire(import.meta.url);\nconst { round } = require('rounding/exact');",
      "const load = createRequire(process.cwd() + '/x.js');\nconst { round } = load('rounding');",
      'const { round } = createRequire(import.meta.url)(`rounding`);',
      "const round = () => import.meta.resolve('rounding/table.json');",
    ]) {
      const { packages } = await codeIn(temporaryProject(requiring(made)));
      expect(packages.imported).toEqual({ rounding: 0 });
      expect(packages.packages.map(({ name }) => name)).toEqual(['rounding', 'digits']);
    }
    const named = { ...withPackage, 'src/rate.ts': "export const rate = () => 'rounding'.length;\n" };
    expect((await codeIn(temporaryProject(named))).packages.imported).toEqual({});
  });

  it('count only where they are reached', async () => {
    const unused = {
      ...withPackage,
      'src/rate.ts': "import { round } from 'rounding';\nexport const rate = () => 0.1 as ReturnType<typeof round>;\n",
    };
    expect((await codeIn(temporaryProject(unused))).packages).toEqual({ imported: {}, packages: [] });
  });
});

describe('the code of a stage', () => {
  it('is JavaScript that runs, with a source map that names the sources', async () => {
    const root = temporaryProject(stageFiles);
    const code = await codeIn(root);
    writeFiles(root, { 'out/stage.mjs': code.text, 'out/stage.mjs.map': code.sourceMap });
    const { default: make } = (await import(pathToFileURL(join(root, 'out/stage.mjs')).href)) as {
      default(): Promise<{ run(x: number): unknown }>;
    };
    const stage = await make();
    expect(stage.run(10)).toEqual({ loss: 2, shared: 20 });
    expect(code.text).not.toContain(root);
    const { sources } = JSON.parse(code.sourceMap) as { sources: string[] };
    expect(sources.map((source) => join(root, 'node_modules/.cache/vmfdag/stage', source))).toContain(
      join(root, 'src/rate.ts'),
    );
  });
});

describe('a module that cannot be bundled', () => {
  it('does not exist', async () => {
    const failure = await failureOf({});
    expect(failure.kind).toBe('usage');
    expect(failure.message).toBe(
      [
        'pipeline.yaml:9:10 the stage module stages/train.ts cannot be read: Could not resolve "./stages/train.ts"',
        '     9 |     run: stages/train.ts',
        '       |          ~~~~~~~~~~~~~~~',
        '  fix: correct the path after "run:"; it is relative to the folder of the pipeline file',
      ].join('\n'),
    );
  });

  it('lacks the export', async () => {
    expect((await failureOf({ 'stages/train.ts': 'export const train = {};\n' })).message).toBe(
      [
        'pipeline.yaml:9:10 stages/train.ts has no export "default"',
        '     9 |     run: stages/train.ts',
        '       |          ~~~~~~~~~~~~~~~',
        '  fix: export it: export default defineStage({ … })',
      ].join('\n'),
    );
    const named = { ...stageModule, exportName: 'sample' };
    expect((await failureOf({ 'stages/train.ts': 'export default {};\n' }, named)).message).toContain(
      'stages/train.ts has no export "sample"\n',
    );
    expect((await failureOf({ 'stages/train.ts': 'export default {};\n' }, named)).message).toContain(
      '  fix: export it: export const sample = defineStage({ … })',
    );
  });

  it('does not parse', async () => {
    const failure = await failureOf(edited('src/rate.ts', 'return 0.1;', 'return 0.1 +;'));
    expect(failure.kind).toBe('usage');
    expect(failure.message).toBe(
      ['src/rate.ts:2:15 Unexpected ";"', '     2 |   return 0.1 +;', '       |               ~'].join('\n'),
    );
  });

  it('imports what does not exist', async () => {
    const missing = await failureOf(edited('src/update.ts', './rate.ts', './rates.ts'));
    expect(missing.message).toBe(
      [
        'src/update.ts:1:22 Could not resolve "./rates.ts"',
        "     1 | import { rate } from './rates.ts';",
        '       |                      ~~~~~~~~~~~~',
      ].join('\n'),
    );
    const name = await failureOf(edited('src/update.ts', '{ rate }', '{ rates as rate }'));
    expect(name.message.split('\n')[0]).toBe(
      'src/update.ts:1:10 No matching export in "src/rate.ts" for import "rates"',
    );
  });

  it('has several mistakes, which are told at once', async () => {
    const failure = await failureOf({
      ...stageFiles,
      'src/rate.ts': 'export const rate = ;\n',
      'src/shared.ts': 'export const shared = ;\n',
    });
    expect(failure.diagnostics.map(({ range }) => range?.file).sort()).toEqual(['src/rate.ts', 'src/shared.ts']);
  });
});
