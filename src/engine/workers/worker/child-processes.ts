import { createHook } from 'node:async_hooks';
import childProcess from 'node:child_process';
import { openSync, readSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { livingMembers, strayDescendants } from '../process-group.ts';
import { processTable } from '../process-table.ts';

/** Tells whether descendants of this process are alive, even those whose own parents have ended. */
export class ChildProcesses {
  private readonly children = openChildren();
  private readonly buffer = Buffer.alloc(16);
  /** Whether Node has started one since none was alive. */
  private wereStarted = false;

  constructor() {
    createHook({
      init: (_id, type) => {
        if (type === 'PROCESSWRAP') this.wereStarted = true;
      },
    }).enable();
    for (const name of ['spawnSync', 'execSync', 'execFileSync'] as const) this.notice(name);
    syncBuiltinESMExports();
  }

  areAlive(): boolean {
    if (!this.wereStarted && !this.hasChildren()) return false;
    const table = processTable();
    const others = livingMembers(process.pid, table).filter(({ pid }) => pid !== process.pid);
    this.wereStarted = others.length > 0 || strayDescendants(process.pid, table).length > 0;
    return this.wereStarted;
  }

  /** Programs that Node waits for can leave others. Nothing else shows that there was one. */
  private notice(name: 'spawnSync' | 'execSync' | 'execFileSync'): void {
    const original = childProcess[name] as (...args: unknown[]) => unknown;
    Object.assign(childProcess, {
      [name]: (...args: unknown[]) => {
        this.wereStarted = true;
        return original(...args);
      },
    });
  }

  /** Native code starts processes too. */
  private hasChildren(): boolean {
    return this.children !== undefined && readSync(this.children, this.buffer, 0, this.buffer.length, 0) > 0;
  }
}

/** The list of the children of the main thread, if the system keeps one. */
function openChildren(): number | undefined {
  try {
    return openSync(`/proc/self/task/${process.pid}/children`, 'r');
  } catch {
    return undefined;
  }
}
