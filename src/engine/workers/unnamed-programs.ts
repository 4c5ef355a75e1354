import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { killGroup } from './process-group.ts';
import { type ProcessEntry, processTable } from './process-table.ts';

/** While a process replaces its program, nothing shows what it is: after this time it is looked at again. */
const AGAIN_MS = 2;
const ATTEMPTS = 50;

/** The parent of the kernel's own threads. */
const KERNEL = 2;

/** A worker that has ended without telling what it had started. */
export interface EndedWorker {
  readonly pid: number;
  readonly lease: string;
}

/** How the environment of a program begins to name its node's folder: the work folder of the run's lease, and in it the paths of the worker. */
export function eventsMark(lease: string, worker?: number): string {
  return `/work/${lease}/${worker === undefined ? '' : `${worker}-`}`;
}

/** What the command line of workers holds, and that of a program for as long as it is still a copy of its worker. */
export function setupMark(lease: string): string {
  return `"lease":${JSON.stringify(lease)}`;
}

/**
 * Kills what a worker had started when it was killed, and had told nobody. Call it when the worker has ended. It finds programs by what they have got
 * from the worker, where the system shows that (Linux).
 */
export async function killUnnamedPrograms(worker: EndedWorker): Promise<void> {
  if (process.platform !== 'linux') return;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { found, isUnclear } = look(worker);
    for (const pid of found) {
      killGroup(pid);
      kill(pid);
    }
    if (found.length === 0 && !isUnclear) return;
    await sleep(AGAIN_MS);
  }
}

function look({ pid: worker, lease }: EndedWorker): { readonly found: readonly number[]; readonly isUnclear: boolean } {
  const [events, setup] = [eventsMark(lease, worker), setupMark(lease)];
  const table = processTable().filter(({ pid, isZombie }) => !isZombie && pid !== process.pid);
  const copies = new Set<number>();
  const found: number[] = [];
  let isUnclear = false;
  for (const { pid, parent } of table) {
    const commandLine = fileOf(pid, 'cmdline');
    if (commandLine?.includes(setup)) copies.add(pid);
    else if (
      fileOf(pid, 'environ')
        ?.split('\0')
        .some((entry) => isEvents(entry, events))
    )
      found.push(pid);
    else if (commandLine === '' && pid !== KERNEL && parent !== KERNEL) isUnclear = true;
  }
  // Workers are children of this process, and what other workers are about to start is theirs.
  const isOfOthers = ({ parent }: ProcessEntry) => parent === process.pid || copies.has(parent);
  const own = table.filter((entry) => copies.has(entry.pid) && !isOfOthers(entry)).map(({ pid }) => pid);
  return { found: [...found, ...own], isUnclear };
}

function isEvents(entry: string, mark: string): boolean {
  return entry.startsWith('VMFDAG_EVENTS=') && entry.includes(mark);
}

/** Undefined for a process that has ended, or is of somebody else. */
function fileOf(pid: number, name: 'cmdline' | 'environ'): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return undefined;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
