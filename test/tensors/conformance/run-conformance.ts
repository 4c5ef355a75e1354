import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

/** What came of TensorFlow.js's own tests on one backend. */
export interface ConformanceReport {
  readonly passed: number;
  readonly failed: readonly { readonly name: string; readonly errors: readonly string[] }[];
  /** Switched off by their authors. */
  readonly pending: number;
  /** Failures in what surrounds the tests. */
  readonly outsideOfSpecs: readonly string[];
}

/**
 * Runs the tests that the package `@tensorflow/tfjs-core` brings along in a process of their own: they reset the engine,
 * and take over global names.
 *
 * @param native the addon's file for `onednn`, the folder of the .wasm files for `wasm`.
 * @param only of the tests' full names; all by default.
 */
export async function runConformance(
  backend: 'onednn' | 'wasm',
  native: string,
  only = /(?:)/,
): Promise<ConformanceReport> {
  const folder = await mkdtemp(join(tmpdir(), 'vmfdag-conformance-'));
  try {
    const suite = join(folder, 'suite.mjs');
    const report = join(folder, 'report.json');
    await bundle(suite);
    await promisify(execFile)(process.execPath, [suite, backend, report, only.source, native]);
    return JSON.parse(await readFile(report, 'utf8')) as ConformanceReport;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bundle(outfile: string): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL('suite.mjs', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // The files of the packages in which each module is one file, so that all imports of it, deep ones too, meet in it.
    mainFields: ['module', 'main'],
    // By its package.json nothing happens on import of a test.
    ignoreAnnotations: true,
    logLevel: 'error',
    banner: {
      js: `import { createRequire as createRequireForBundle } from 'node:module';
import { dirname as dirnameForBundle } from 'node:path';
const require = createRequireForBundle(import.meta.url);
const __filename = import.meta.filename, __dirname = dirnameForBundle(__filename);`,
    },
  });
}
