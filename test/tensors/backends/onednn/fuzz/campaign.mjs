import { spawn } from 'node:child_process';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { describeCase } from './cases.mjs';

/** A call of these sizes takes milliseconds; on a machine with much else to do it may take longer. */
const HANG_MS = 60_000;

/**
 * Calls the addon in a process of its own for some seconds.
 *
 * @returns the number of calls, or what went wrong, with the call that did it.
 */
export function fuzz({ addon, seed, first = 0, seconds, environment = {} }) {
  return new Promise((done) => {
    const program = fileURLToPath(new URL('calls.mjs', import.meta.url));
    const child = spawn(execPath, [program, addon, String(seed), String(first), String(seconds)], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    let output = '';
    let errors = '';
    let last = String(first);
    let hung = false;
    const hang = () => {
      hung = true;
      child.kill('SIGKILL');
    };
    let timer = setTimeout(hang, HANG_MS);
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
    child.stdio[3].setEncoding('utf8').on('data', (text) => {
      last = text.trimEnd().split('\n').at(-1);
      clearTimeout(timer);
      timer = setTimeout(hang, HANG_MS);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) {
        done({ kind: 'fine', calls: JSON.parse(output).calls });
        return;
      }
      const { name, described } = describeCase(seed, Number(last));
      const how = hung ? `no answer for ${HANG_MS / 1000} s` : (signal ?? `exit code ${code}`);
      done({
        kind: 'failed',
        report: `${name} (case ${last} of seed ${seed}): ${how}\n${errors.slice(0, 4000)}\narguments: ${JSON.stringify(described)}`,
      });
    });
  });
}
