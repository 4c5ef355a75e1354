import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { Failure } from '../base/failure.ts';
import type { JsonValue } from '../base/json.ts';
import { workerEnvironment } from '../workers/worker-environment.ts';
import type { Provider } from './provider.ts';

const TIMEOUT_MS = 60_000;
const LONGEST_ANSWER = 16 * 1024 * 1024;

/**
 * Calls a function of a provider in a process of its own, in the environment of a worker. Native code that is loaded there cannot end this
 * process, and finds what workers will find.
 *
 * @param call the name of an exported function, and its arguments; the project's folder follows as the last argument
 * @throws {Failure} kind `environment` where the process fails
 */
export function askProvider(
  provider: Provider,
  [name, ...values]: readonly [name: string, ...values: JsonValue[]],
  root: string,
): JsonValue {
  const call = JSON.stringify([name, ...values, root]);
  const { status, signal, error, stderr, output } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', PROGRAM, pathToFileURL(provider.module).href, call],
    {
      cwd: root,
      env: workerEnvironment(process.env),
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
      maxBuffer: LONGEST_ANSWER,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    },
  );
  if (status === 0) {
    try {
      return JSON.parse(output[3] ?? '') as JsonValue;
    } catch {
      // Told below.
    }
  }
  const said = stderr?.split('\n').find((text) => /^\w*Error: /.test(text));
  const how = error?.message ?? (signal ? `it ended by ${signal}` : (said ?? `exit code ${status}`));
  throw new Failure('environment', {
    fact: `the compute provider ${provider.name} does not answer: ${how}`,
    fix: `install it again: npm install ${provider.name}`,
  });
}

/** Standard output is left to what the provider loads; the answer has a descriptor of its own. */
const PROGRAM = `
import { writeSync } from 'node:fs';
const [module, call] = process.argv.slice(1);
const [name, ...values] = JSON.parse(call);
const answer = Buffer.from(JSON.stringify(await (await import(module))[name](...values)));
for (let at = 0; at < answer.length;) at += writeSync(3, answer, at);
process.exit(0);
`;
