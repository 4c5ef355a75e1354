// Bundles the command line, the worker process and the library into dist/.
import { chmod, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
// Built aside, so that an error leaves the last good one in place.
const outdir = join(root, 'dist.part');

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

await rm(outdir, { recursive: true, force: true });
await Promise.all([
  build({
    ...common,
    entryPoints: { vmfdag: 'src/cli/main.ts', worker: 'src/run/worker/main.ts' },
    // Small packages are bundled: reading their hundred files took a third of an up-to-date run. What has native parts,
    // or is large and seldom needed, stays outside.
    external: ['lmdb', 'esbuild'],
    // The same code as ES modules, so that what is not used of it is left out.
    alias: { yaml: join(root, 'node_modules/yaml/browser/index.js') },
    // Commands are loaded when they are called: `vmfdag status` does not pay for what `run` imports.
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    banner: {
      // commander is CommonJS and requires Node's own modules.
      js: `#!/usr/bin/env node
import { createRequire as createRequireForBundle } from 'node:module';
const require = createRequireForBundle(import.meta.url);`,
    },
  }),
  // What a stage or a program of another project imports, its packages as installed. The engine is a part of its own, which
  // a stage never loads.
  build({
    ...common,
    entryPoints: { index: 'src/index.ts', contract: 'src/contract/index.ts' },
    packages: 'external',
    splitting: true,
    chunkNames: 'chunks/library-[name]-[hash]',
  }),
]);
await chmod(join(outdir, 'vmfdag.js'), 0o755);
await rm(dist, { recursive: true, force: true });
await rename(outdir, dist);
