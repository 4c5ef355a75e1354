import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** It has ended, and its parent has not asked for its status. */
  readonly isZombie: boolean;
}

/** All visible processes of this machine or container. */
export function processTable(): readonly ProcessEntry[] {
  return process.platform === 'linux' ? tableOfProc() : tableOfPs();
}

function tableOfProc(): readonly ProcessEntry[] {
  const entries: ProcessEntry[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    try {
      const text = readFileSync(`/proc/${name}/stat`, 'latin1');
      // After the program's name, which may hold blanks and brackets.
      const [state, parent, group] = text.slice(text.lastIndexOf(')') + 2).split(' ', 3);
      entries.push({ pid, parent: Number(parent), group: Number(group), isZombie: state === 'Z' || state === 'X' });
    } catch {
      // It has ended in the meantime.
    }
  }
  return entries;
}

function tableOfPs(): readonly ProcessEntry[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat='], { encoding: 'latin1' });
  return (stdout ?? '')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length === 4)
    .map(([pid, parent, group, state]) => ({
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      isZombie: state?.startsWith('Z') === true,
    }));
}
