import { setTimeout as sleep } from 'node:timers/promises';
import { type ProcessEntry, processTable } from './process-table.ts';

const POLL_MS = 5;
/** Processes that nobody asks how they ended stay in their group as zombies: they are looked for after so long. */
const ZOMBIES_MS = 50;
/** A process in a system call that cannot be interrupted dies when that returns, and does nothing more. */
const LIMIT_MS = 2000;

/** Kills the leader of a process group and all in the group, and what they started that has left the group. */
export function killGroup(leader: number): void {
  // Who is stopped starts nothing while the others are looked for.
  if (!signal(-leader, 'SIGSTOP')) return;
  const table = processTable();
  signal(-leader, 'SIGKILL');
  killStrays(leader, table);
}

/** Kills what a process started that is in other groups: once it has ended, nothing tells any more whose they are. */
export function killStrays(leader: number, table: readonly ProcessEntry[] = processTable()): void {
  for (const { pid, group } of strayDescendants(leader, table)) {
    signal(pid, 'SIGKILL');
    if (group === pid) signal(-pid, 'SIGKILL');
  }
}

/** Settles when no process of the group is alive. */
export async function groupEnded(leader: number): Promise<void> {
  const started = performance.now();
  while (signal(-leader, 0)) {
    const waited = performance.now() - started;
    if (waited > LIMIT_MS || (waited > ZOMBIES_MS && livingMembers(leader, processTable()).length === 0)) return;
    await sleep(POLL_MS);
  }
}

/** Those of a group that have not ended. */
export function livingMembers(leader: number, table: readonly ProcessEntry[]): readonly ProcessEntry[] {
  return table.filter(({ group, isZombie }) => group === leader && !isZombie);
}

/** What a process started, and what that started, as far as it is in other groups; without those whose parents have ended. */
export function strayDescendants(ancestor: number, table: readonly ProcessEntry[]): readonly ProcessEntry[] {
  const children = new Map<number, ProcessEntry[]>();
  for (const entry of table) {
    const siblings = children.get(entry.parent);
    if (siblings) siblings.push(entry);
    else children.set(entry.parent, [entry]);
  }
  const found: ProcessEntry[] = [];
  const pending = [ancestor];
  for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
    for (const child of children.get(pid) ?? []) {
      pending.push(child.pid);
      if (child.group !== ancestor && !child.isZombie) found.push(child);
    }
  }
  return found;
}

/** Whether there was somebody to signal. */
function signal(target: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(target, name);
  } catch {
    return false;
  }
}
