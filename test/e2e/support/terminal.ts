import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { vmfdag } from './repository.ts';

/** A server of our own, so that no terminal of the user's is touched. */
const SERVER = `vmfdag-e2e-${process.pid}`;

afterAll(() => {
  try {
    tmux('kill-server');
  } catch {
    // No terminal was opened.
  }
});

function tmux(...args: readonly string[]): string {
  return execFileSync('tmux', ['-L', SERVER, '-f', '/dev/null', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

export function hasTmux(): boolean {
  try {
    execFileSync('tmux', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A terminal of some size in which the command line runs. */
export class Terminal {
  private readonly name: string;

  constructor(name: string, folder: string, columns: number, rows: number, args: readonly string[]) {
    this.name = name;
    const command = [process.execPath, vmfdag, ...args].map((word) => `'${word}'`).join(' ');
    const size = ['-x', String(columns), '-y', String(rows)];
    tmux(
      'new-session',
      '-d',
      '-s',
      name,
      ...size,
      '-c',
      folder,
      `env -u CI -u NO_COLOR ${command}; echo "exit code $?"; sleep 600`,
    );
  }

  /** What is on the screen: its lines up to the last one that is not empty. */
  lines(): readonly string[] {
    return tmux('capture-pane', '-p', '-t', this.name).trimEnd().split('\n');
  }

  async until(condition: (lines: readonly string[]) => boolean): Promise<readonly string[]> {
    for (;;) {
      const lines = this.lines();
      if (condition(lines)) return lines;
      await sleep(50);
    }
  }

  press(key: string): void {
    tmux('send-keys', '-t', this.name, key);
  }
}
