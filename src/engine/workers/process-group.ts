import { setTimeout as sleep } from 'node:timers/promises';
import { type ProcessEntry, processTable } from './process-table.ts';

const POLL_MS = 5;
/** Ended processes stay in their group as zombies until their parent asks. After this time, zombies are identified. */
const ZOMBIES_MS = 50;
/** A process in a system call that cannot be interrupted dies when the call returns, and does nothing more. */
const LIMIT_MS = 2000;

/** Kills a process group with its leader, and their children that have left the group. */
export function killGroup(leader: number): void {
  // A stopped process starts nothing while the others are listed.
  if (!signal(-leader, 'SIGSTOP')) return;
  const table = processTable();
  signal(-leader, 'SIGKILL');
  killStrays(leader, table);
}

/** Kills children in other groups. Once the process has ended, nothing identifies its children any more. */
export function killStrays(leader: number, table: readonly ProcessEntry[] = processTable()): void {
  for (const { pid, group } of strayDescendants(leader, table)) {
    signal(pid, 'SIGKILL');
    if (group === pid) signal(-pid, 'SIGKILL');
  }
}

/** Whether a process of the group is there, even if it is a zombie. */
export function groupExists(leader: number): boolean {
  return signal(-leader, 0);
}

/** Settles when no process of the group is alive. */
export async function groupEnded(leader: number): Promise<void> {
  const started = performance.now();
  while (groupExists(leader)) {
    const waited = performance.now() - started;
    if (waited > LIMIT_MS || (waited > ZOMBIES_MS && livingMembers(leader, processTable()).length === 0)) return;
    await sleep(POLL_MS);
  }
}

/** Members of a group that have not ended. */
export function livingMembers(leader: number, table: readonly ProcessEntry[]): readonly ProcessEntry[] {
  return table.filter(({ group, isZombie }) => group === leader && !isZombie);
}

/** The descendants in other groups of a process and of its group, except for those whose parents have ended. */
export function strayDescendants(ancestor: number, table: readonly ProcessEntry[]): readonly ProcessEntry[] {
  const children = new Map<number, ProcessEntry[]>();
  for (const entry of table) {
    const siblings = children.get(entry.parent);
    if (siblings) siblings.push(entry);
    else children.set(entry.parent, [entry]);
  }
  const found = new Set<ProcessEntry>();
  const members = table.filter(({ pid, group }) => group === ancestor && pid !== ancestor);
  const pending = [ancestor, ...members.map(({ pid }) => pid)];
  for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
    for (const child of children.get(pid) ?? []) {
      pending.push(child.pid);
      if (child.group !== ancestor && !child.isZombie) found.add(child);
    }
  }
  return [...found];
}

/** Whether there was a process to signal. */
function signal(target: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(target, name);
  } catch {
    return false;
  }
}
