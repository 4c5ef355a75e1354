// Bundles the command line, the worker process, the library and the live page into src/engine/dist/.
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import { bundleLmdb } from './bundle-lmdb.mjs';
import { makeCodeCaches } from './code-cache.mjs';
import { lazyModules } from './lazy-modules.mjs';
import { sourceDigest } from './source-digest.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const engine = join(root, 'src/engine');
const dist = join(engine, 'dist');
// Built in another folder, so that an error leaves the last good one in place.
const outdir = join(engine, 'dist.part');

// Graphviz is large and seldom needed: a file of its own, which the command line loads when it draws a graph (`imports` in
// the engine's package.json).
const graphviz = '#graphviz';

const common = {
  absWorkingDir: root,
  outdir,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
};

// Packages are bundled: finding and reading their hundred files took a third of an up-to-date run. Large and seldom needed packages stay outside.
const bundled = {
  external: ['esbuild', '@tensorflow/*', graphviz],
  // The same code as ES modules, so that unused parts are left out.
  alias: { yaml: join(root, 'node_modules/yaml/browser/index.js'), '@viz-js/viz': graphviz },
  plugins: [bundleLmdb(root, dist)],
};

/** That know `light-dark()`. */
const browsers = ['chrome123', 'firefox121', 'safari17.5'];

// The command line and the worker are one CommonJS file each, for which V8 can keep a code cache.
const program = {
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  minifyWhitespace: true,
  // As a function, which Node would make of it, so that the loader need not copy a million characters.
  banner: {
    js: `(function (exports, require, module, __filename, __dirname) {
const importMetaUrl = require('node:url').pathToFileURL(__filename).href;
const importModule = module.importModule;`,
  },
  footer: { js: '})' },
};

const tensors = join(root, 'src/tensors/dist');

await rm(outdir, { recursive: true, force: true });
await build({
  ...common,
  sourcemap: false,
  minify: true,
  format: 'cjs',
  entryPoints: { graphviz: '@viz-js/viz' },
  outExtension: { '.js': '.cjs' },
});
await Promise.all([
  // The package of the backends: what TensorFlow.js imports, and what the engine asks.
  build({
    ...common,
    outdir: `${tensors}.part`,
    entryPoints: { index: 'src/tensors/index.ts', 'compute-provider': 'src/tensors/compute-provider.ts' },
    packages: 'external',
  }),
  // What a command does not import is not evaluated.
  build({
    ...common,
    ...bundled,
    ...program,
    entryPoints: { command: 'src/engine/cli/main.ts' },
    supported: { 'dynamic-import': false },
    alias: { ...bundled.alias, acorn: join(root, 'scripts/no-expressions.mjs') },
    plugins: [...bundled.plugins, lazyModules(['child_process', 'fs/promises', 'v8'])],
    define: { 'import.meta.url': 'importMetaUrl', VMFDAG_BUILD: JSON.stringify(sourceDigest(root)) },
  }),
  build({
    ...common,
    sourcemap: false,
    format: 'cjs',
    entryPoints: { vmfdag: 'scripts/launcher.cjs', worker: 'scripts/worker-launcher.cjs' },
    outExtension: { '.js': '.cjs' },
    banner: { js: '#!/usr/bin/env node' },
  }),
  build({
    ...common,
    ...bundled,
    ...program,
    entryPoints: { 'worker-program': 'src/engine/workers/worker/main.ts' },
    // For sources that are downloaded.
    plugins: [...bundled.plugins, lazyModules(['http', 'https'])],
    define: { 'import.meta.url': 'importMetaUrl' },
  }),
  // What a stage or a program of another project imports, with its packages as installed. The engine is a separate part, which
  // a stage never loads.
  build({
    ...common,
    entryPoints: { index: 'src/engine/index.ts', stage: 'src/engine/stage/index.ts' },
    packages: 'external',
    splitting: true,
    chunkNames: 'chunks/library-[name]-[hash]',
  }),
  // The live page: files that `vmfdag ui` serves to a browser.
  build({
    ...common,
    outdir: join(outdir, 'ui'),
    entryPoints: { page: 'ui/main.tsx' },
    platform: 'browser',
    target: browsers,
    tsconfig: 'ui/tsconfig.json',
    // Served from one folder (views/live/protocol.ts).
    external: ['/assets/*'],
    minify: true,
    sourcemap: false,
  }),
  // Reports: the page's components as a function that gives HTML, which the command line loads when it writes one, their style sheet and their script.
  build({
    ...common,
    outdir: join(outdir, 'report'),
    entryPoints: { render: 'ui/report/render.tsx' },
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    tsconfig: 'ui/tsconfig.json',
    minify: true,
    sourcemap: false,
  }),
  build({
    ...common,
    outdir: join(outdir, 'report'),
    entryPoints: { behaviour: 'ui/report/behaviour.ts', style: 'ui/report/style.css' },
    platform: 'browser',
    format: 'iife',
    target: browsers,
    external: ['/assets/*'],
    minify: true,
    sourcemap: false,
  }),
]);
await nameStageParts(outdir);
await slimLibrary(join(outdir, 'chunks'));
await copyFonts(join(outdir, 'fonts'));
await copyPage(join(outdir, 'ui'));
await copyPython(join(outdir, 'python/vmfdag'));
for (const file of ['command.cjs', 'worker-program.cjs']) await refuseNonAscii(join(outdir, file));
await chmod(join(outdir, 'vmfdag.cjs'), 0o755);
await makeCodeCaches(outdir);
for (const folder of [dist, tensors]) {
  await rm(folder, { recursive: true, force: true });
  await rename(`${folder}.part`, folder);
}

/** The program is read as latin1 (`load-program.cjs`). esbuild escapes other characters except in tagged templates, whose text it may not change. */
async function refuseNonAscii(file) {
  const line = (await readFile(file, 'latin1')).split('\n').find((text) => /[\x80-\xff]/.test(text));
  if (line !== undefined)
    throw new Error(`${file} has a character outside of ASCII, in a tagged template: ${line.slice(0, 200)}`);
}

/** The package for Python programs: the engine reads code and audits processes with it, and commands find it (keys/python/python-folder.ts). */
async function copyPython(folder) {
  await mkdir(join(folder, '_site'), { recursive: true });
  const sources = join(root, 'python/vmfdag');
  const names = (await readdir(sources)).filter((name) => name.endsWith('.py') || name === 'py.typed');
  await Promise.all(
    [...names, '_site/sitecustomize.py'].map((name) => copyFile(join(sources, name), join(folder, name))),
  );
}

/** The fonts of the page are in a folder of their own. */
async function copyPage(folder) {
  await Promise.all(['index.html', 'icon.svg'].map((name) => copyFile(join(root, 'ui', name), join(folder, name))));
}

/**
 * Names the parts of the library that a stage loads `stage-chunk-…`. Keys hold the text of these (`stageFiles` in the engine's package.json):
 * with other parts among them, another version of the engine would rerun every stage of every project.
 */
async function nameStageParts(folder) {
  const found = ['stage.js'];
  for (const name of found) {
    const text = await readFile(join(folder, name), 'utf8');
    for (const [part] of text.matchAll(/\blibrary-chunk-\w+\.js(?=";)/g)) {
      if (!found.includes(`chunks/${part}`)) found.push(`chunks/${part}`);
    }
  }
  const names = found.slice(1).map((part) => part.slice('chunks/'.length, -'.js'.length));
  const renamed = (text) => names.reduce((all, name) => all.replaceAll(name, name.replace('library', 'stage')), text);
  const chunks = (await readdir(join(folder, 'chunks'))).map((name) => `chunks/${name}`);
  for (const name of ['index.js', 'stage.js', ...chunks]) {
    const place = join(folder, name);
    await writeFile(place, renamed(await readFile(place, 'utf8')));
    await rename(place, join(folder, renamed(name)));
  }
}

/** Takes comments and white space out of the part of the library that no stage loads: a third of it. What stages load stays, since keys hold its text. */
async function slimLibrary(folder) {
  const names = await readdir(folder);
  const engineParts = names.filter((name) => name.endsWith('.js') && !name.startsWith('stage-chunk-'));
  for (const name of engineParts) {
    const { code } = await transform(await readFile(join(folder, name), 'utf8'), {
      minifyWhitespace: true,
      target: 'node20',
      format: 'esm',
    });
    await writeFile(join(folder, name), code);
    await rm(join(folder, `${name}.map`), { force: true });
  }
}

/** The files of the font that pages hold (views/report/page-style.ts, `ui/style/fonts.css`), with its licence. */
async function copyFonts(folder) {
  const font = join(root, 'node_modules/@fontsource/source-sans-3');
  await mkdir(folder);
  const used = (await readdir(join(font, 'files'))).filter((name) => /-(latin|greek)-[46]00-normal\.woff2$/.test(name));
  await Promise.all([
    ...used.map((name) => copyFile(join(font, 'files', name), join(folder, name))),
    copyFile(join(font, 'LICENSE'), join(folder, 'LICENSE')),
  ]);
}
