import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What came of TensorFlow.js's own tests on one backend. */
export interface ConformanceReport {
  readonly passed: number;
  readonly failed: readonly { readonly name: string; readonly errors: readonly string[] }[];
  /** Switched off by their authors. */
  readonly pending: number;
  /** Failures in what surrounds the tests. */
  readonly outsideOfSpecs: readonly string[];
}

const program = fileURLToPath(new URL('run.mjs', import.meta.url));

/** Runs the tests that the package `@tensorflow/tfjs-core` brings along, with the arguments of run.mjs. */
export function runConformance(...args: readonly string[]): Promise<ConformanceReport> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [program, '--json', ...args], { maxBuffer: 2 ** 26 }, (_error, stdout, stderr) => {
      // Its exit code is 1 where tests fail, too.
      if (stdout === '') reject(new Error(`${args.join(' ')}: the suite did not run: ${stderr}`));
      else resolve(JSON.parse(stdout) as ConformanceReport);
    });
  });
}
