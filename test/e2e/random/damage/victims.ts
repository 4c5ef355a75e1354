import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { repository } from '../../support/repository.ts';
import type { Change, Verdict } from './change.ts';

/** How long a process may take over one change before it counts as one that never ends. */
const ENDLESS_MILLISECONDS = 60_000;

/** Processes that meet changes; one that is ended by a change is followed by another one. */
export class Victims {
  private readonly program: string;
  private readonly folders: readonly [pristine: string, damaged: string];
  private child: ChildProcess | undefined;

  constructor(pristine: string, damaged: string) {
    this.folders = [pristine, damaged];
    // In node_modules, so that it finds the packages that it imports.
    this.program = join(repository, 'node_modules/.cache/vmfdag-damage', `victim-${process.pid}.mjs`);
    buildSync({
      entryPoints: [join(repository, 'test/e2e/random/damage/victim.ts')],
      outfile: this.program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'error',
    });
  }

  async meet(change: Change): Promise<Verdict> {
    const child = this.child ?? (await this.start());
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Verdict>((resolve) => {
        child.once('message', ({ verdict }: { verdict: Verdict }) => resolve(verdict));
        child.once('exit', (code, signal) => {
          this.child = undefined;
          resolve({ kind: 'wrong', what: `the process was ended by ${signal ?? `exit code ${code}`}` });
        });
        timer = setTimeout(() => child.kill('SIGKILL'), ENDLESS_MILLISECONDS);
        child.send(change);
      });
    } finally {
      clearTimeout(timer);
      child.removeAllListeners('message');
      child.removeAllListeners('exit');
    }
  }

  stop(): void {
    this.child?.kill('SIGKILL');
  }

  private async start(): Promise<ChildProcess> {
    const child = fork(this.program, [...this.folders], { execArgv: [] });
    this.child = child;
    await once(child, 'message');
    return child;
  }
}
