import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { repository } from './repository.ts';

/** What has to be installed for each server, by the commands that it has. */
const COMMANDS = {
  nginx: ['nginx', 'curl', 'perl'],
  sshd: ['sshd', 'ssh', 'ssh-keygen', 'perl'],
  s3: ['ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin', 'curl', 'perl'],
  slurm: ['slurmctld', 'slurmd', 'sbatch', 'squeue', 'munged', 'perl'],
  netns: ['ip', 'tc', 'iptables', 'nsenter', 'perl'],
} as const;

export type ServerName = keyof typeof COMMANDS;

export interface Server {
  /** What the server says of itself: its address, credentials. */
  readonly variables: Readonly<Record<string, string>>;
  /** Its files. */
  readonly folder: string;
  stop(): void;
  start(): void;
  /** Another command of test/rig/NAME.sh: `node-kill n1`. */
  command(name: string, ...args: readonly string[]): void;
}

/** Why tests with a server are skipped; undefined if it can be started. `.ci/run` installs them. */
export function whyNoServer(name: ServerName): string | undefined {
  const missing = COMMANDS[name].filter(
    (command) => spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin command -v ${command}`]).status !== 0,
  );
  return missing.length > 0
    ? `${missing.join(', ')} not installed (RIG_INSTALL=1 node scripts/test-servers.mjs)`
    : undefined;
}

/**
 * Starts a real server of this machine's packages, which ends with the test.
 * @param settings variables of test/rig/NAME.sh
 * @param through starts it elsewhere, such as `netns.sh exec FOLDER h2`
 */
export function startServer(
  name: ServerName,
  settings: Readonly<Record<string, string>> = {},
  through: readonly string[] = [],
): Server {
  // The path of a socket is short.
  const folder = mkdtempSync('/tmp/vmfdag-rig-');
  const rig = (...args: readonly string[]) => {
    const [program, ...words] = [...through, rigScript(name), ...args] as [string, ...string[]];
    return execFileSync(program, words, {
      encoding: 'utf8',
      env: { ...process.env, RIG_OWNER_PID: String(process.pid), RIG_KEEP: '1', ...settings },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  };
  let port = '0';
  const up = () => {
    const printed = rig('up', folder, port);
    const lines = printed.split(/\n|(?=export )/).flatMap((line) => {
      const [, variable, value] = /^export (\w+)=(.*?)\s*$/.exec(line) ?? [];
      return variable === undefined ? [] : [[variable, (value as string).replace(/^'(.*)'$/, '$1')] as const];
    });
    return Object.fromEntries(lines);
  };
  const command = (what: string, ...args: readonly string[]) => void rig(what, folder, ...args);
  const variables = up();
  port = /:(\d+)/.exec(variables.RIG_HTTP_URL ?? variables.RIG_S3_URL ?? `:${variables.RIG_SSH_PORT}`)?.[1] ?? '0';
  onTestFinished(() => {
    rig('down', folder);
    rmSync(folder, { recursive: true, force: true });
  });
  return { variables, folder, stop: () => void rig('down', folder), start: () => void up(), command };
}

/** The script of a server. */
export function rigScript(name: ServerName): string {
  return join(repository, 'test/rig', `${name}.sh`);
}
