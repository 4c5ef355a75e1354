import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import type { ProjectOptions } from '../options/project-options.ts';
import { openInBrowser } from './open-in-browser.ts';
import { errorLine } from './output.ts';

/** How long the page may take to tell its viewers how the run has ended. */
const END_MS = 2000;

/**
 * Serves the live page while a command works. The server is a process of its own, of low priority: what viewers ask for takes nothing of the command,
 * and an end of the server does not end it.
 */
export async function withLivePage(options: ProjectOptions, work: () => Promise<number>): Promise<number> {
  const { file, cache, profile, set = [] } = options;
  const args = [
    'ui',
    '--no-open',
    '--until-input-ends',
    `--file=${file}`,
    ...(cache === undefined ? [] : [`--cache=${cache}`]),
    ...(profile === undefined ? [] : [`--profile=${profile}`]),
    ...set.map((each) => `--set=${each}`),
  ];
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] as string, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Signals of the terminal are for the run. The page goes on until that has ended.
    detached: true,
  });
  child.stdin.on('error', () => {});
  child.on('error', ({ message }) => errorLine(`the live page could not be started (${message})`));
  if (child.pid !== undefined) lower(child.pid);
  createInterface(child.stdout).on('line', (text) => {
    errorLine(text);
    const address = /http\S+$/.exec(text)?.[0];
    if (address !== undefined && process.stdout.isTTY) openInBrowser(address);
  });
  createInterface(child.stderr).on('line', (text) => errorLine(text));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.unref();
  try {
    return await work();
  } finally {
    child.stdin.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
    if (child.pid !== undefined) await ended;
    clearTimeout(timer);
  }
}

function lower(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Then it has the priority of others.
  }
}
