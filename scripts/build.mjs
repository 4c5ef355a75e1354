// Bundles the command line, the worker process and the library into dist/.
import { chmod, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const outdir = join(root, 'dist');

await rm(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: {
    vmfdag: 'src/cli/main.ts',
    worker: 'src/run/worker/main.ts',
    contract: 'src/contract/index.ts',
  },
  outdir,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // Commands are loaded when they are called: `vmfdag status` does not pay for what `run` imports.
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  banner: { js: '#!/usr/bin/env node' },
  sourcemap: true,
  logLevel: 'warning',
});
await chmod(join(outdir, 'vmfdag.js'), 0o755);
