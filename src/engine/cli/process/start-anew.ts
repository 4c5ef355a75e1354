import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const ATTEMPTS = 5;

/**
 * Starts this very command in a child process, which has another number, and waits for it. Returns its exit code; undefined after several tries.
 */
export function startAnew(): Promise<number> | undefined {
  const attempt = Number(process.env.VMFDAG_ATTEMPT ?? 0) + 1;
  if (attempt > ATTEMPTS) return undefined;
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, VMFDAG_ATTEMPT: String(attempt) },
  });
  // Ctrl-C in a terminal reaches the child too. A signal to this process alone is passed on.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
