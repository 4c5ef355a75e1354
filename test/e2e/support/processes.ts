import { readdirSync, readFileSync } from 'node:fs';

/** Process numbers of a process's children. */
export function childrenOf(parent: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statusFields(pid)[1] === String(parent));
}

/** Those of a run that execute nodes. */
export function workersOf(parent: number): readonly number[] {
  return childrenOf(parent).filter((pid) => commandLine(pid).includes('worker.cjs'));
}

/** The process that started it. */
export function parentOf(pid: number): number {
  return Number(statusFields(pid)[1]);
}

/** Living processes that have this text in their environment. */
export function processesWith(variable: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => readProcess(pid, 'environ').split('\0').includes(variable) && isAlive(pid));
}

/** Living processes of the whole machine with this command line. */
export function processesOf(text: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => commandLine(pid).replaceAll('\0', ' ').trim() === text && isAlive(pid));
}

export function isAlive(pid: number): boolean {
  const [state] = statusFields(pid);
  return state !== undefined && state !== 'Z';
}

/** State, parent, … of a process; nothing if there is none of that number. */
function statusFields(pid: number): readonly string[] {
  const text = readProcess(pid, 'stat');
  return text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .filter((field) => field !== '');
}

function commandLine(pid: number): string {
  return readProcess(pid, 'cmdline');
}

/** Empty for a process that has ended. */
function readProcess(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
