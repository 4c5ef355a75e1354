import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pythonWith } from '../../../python/python.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { mayMount, smallDisk } from '../../support/privileges.ts';
import { childrenOf } from '../../support/processes.ts';
import { rigScript, type Server, type ServerName, startServer, whyNoServer } from '../../support/servers.ts';

/** A wide port below those that the system gives to connections. */
const LOWEST_PORT = 20_000;
const PORTS = 12_000;

/** The servers of all rounds. Each is started when the first round needs it. */
export class Rig {
  /** What this machine lacks, by what needs it. */
  readonly lacks: Readonly<
    Record<'web server' | 'SLURM' | 'SSH' | 'network' | 'disk' | 'futures' | 'clock', string | undefined>
  >;
  readonly python: string;
  private readonly started = new Map<string, unknown>();

  constructor() {
    const python = pythonWith();
    this.python = 'python' in python ? python.python : '';
    this.lacks = {
      'web server': whyNoServer('nginx'),
      SLURM: whyNoServer('slurm'),
      SSH: whyNoServer('sshd'),
      network: process.getuid?.() === 0 ? whyNoServer('netns') : 'only root makes network namespaces',
      disk: mayMount() ? undefined : 'this user may not mount a file system',
      futures: 'reason' in python ? python.reason : undefined,
      clock: clockProblem(),
    };
  }

  slurm(): Server {
    return this.once('slurm', () => startServer('slurm', { RIG_SLURMD_TIMEOUT: '3', RIG_MSG_TIMEOUT: '2' }));
  }

  /** Behind a proxy that answers wrongly on demand. */
  webServer(): Server {
    // It comes back under the same port.
    const port = LOWEST_PORT + (process.pid % PORTS);
    return this.once('nginx', () => startServer('nginx', { RIG_FAULTS: '1', RIG_FAULT_PORT: String(port) }));
  }

  /** Two hosts: the run is on `h1`, servers are on `h2`. */
  network(): Server {
    return this.once('netns', () => startServer('netns'));
  }

  /** On the other host, if there is a network. */
  remote(name: ServerName): Server {
    return this.once(`remote ${name}`, () => {
      if (this.lacks.network !== undefined) return startServer(name);
      return startServer(name, { RIG_LISTEN: this.network().variables.RIG_ADDR_h2 as string }, this.on('h2'));
    });
  }

  /** What starts a program on a host. */
  on(host: 'h1' | 'h2'): readonly string[] {
    return [rigScript('netns'), 'exec', this.network().folder, host];
  }

  /** A small disk for each use. */
  disk(use: string): string {
    const { folder } = this.once(`disk ${use}`, () => smallDisk('40m'));
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** The library that sets clocks. */
  clock(): string {
    return this.once('clock', () => {
      const library = join(temporaryFolder(), 'clock.so');
      execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(import.meta.dirname, 'clock.c')]);
      return library;
    });
  }

  private once<T>(name: string, start: () => T): T {
    if (!this.started.has(name)) this.started.set(name, start());
    return this.started.get(name) as T;
  }
}

/** `kill -9` of nginx with its workers. */
export function killNginx({ folder }: Server): void {
  const [pid] = readFileSync(join(folder, 'pids/nginx.pid'), 'utf8').split(' ');
  const workers = childrenOf(Number(pid));
  for (const each of [Number(pid), ...workers]) process.kill(each, 'SIGKILL');
}

function clockProblem(): string | undefined {
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' });
    return process.platform === 'linux' ? undefined : 'clocks are set on Linux only';
  } catch {
    return 'there is no C compiler';
  }
}
