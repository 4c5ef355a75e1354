import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RandomStream } from '../../../../src/engine/base/random.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { isAlive } from '../../support/processes.ts';
import { Project } from '../../support/project.ts';
import { vmfdag } from '../../support/repository.ts';
import type { Server } from '../../support/servers.ts';
import { elsewhere } from '../../support/shared.ts';
import type { Rig } from './rig.ts';

export const EXECUTORS = ['local', 'command lines', 'SLURM', 'SSH', 'futures'] as const;
export type ExecutorName = (typeof EXECUTORS)[number];

export type SharedName = 'none' | 'folder' | 'web server';

/** In the environment of all processes of a round. */
const MARK = 'VMFDAG_TEST_ROUND';

/** What faults befall: a copy of the project, with an executor and a shared cache. */
export interface Scene {
  readonly executor: ExecutorName;
  readonly shared: SharedName;
  readonly project: Project;
  /** Options of `run`. */
  readonly options: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Starts the run on another host. */
  readonly through: readonly string[];
  /** Sockets of the command lines. */
  readonly control: string;
  /** Disks that can be filled up, by what is on them. */
  readonly disks: Partial<Readonly<Record<'run' | 'units' | 'shared cache', string>>>;
  /** The files of the shared cache. */
  readonly files: string | undefined;
  /** Clocks that can be set. */
  readonly clocks: Partial<Readonly<Record<'run' | 'units', string>>>;
  /** The run and its server are on different hosts. */
  readonly hasNetwork: boolean;
  /** Jobs have a time limit. */
  readonly isLimited: boolean;
  readonly webServer: Server | undefined;
  readonly rig: Rig;
  readonly random: RandomStream;
}

/** How many nodes can be under way at a time: each slot has several short ones on its way. */
export const IN_FLIGHT = 12;

export interface Place {
  readonly executor: ExecutorName;
  readonly shared: SharedName;
  readonly isLimited: boolean;
}

/** Draws where a round takes place, of what this machine has. */
export function drawPlace(random: RandomStream, { lacks }: Rig, isLong: boolean): Place {
  const weights: Readonly<Record<ExecutorName, number>> = isLong
    ? { local: 3, 'command lines': 3, SLURM: 4, SSH: 3, futures: 2 }
    : { local: 2, 'command lines': 3, SLURM: 1, SSH: 0, futures: 0 };
  const bag = EXECUTORS.filter((name) => name === 'local' || name === 'command lines' || lacks[name] === undefined);
  const executor = pick(
    random,
    bag.flatMap((name) => new Array<ExecutorName>(weights[name]).fill(name)),
  );
  const draw = random.integer(4);
  const isUsed = executor === 'local' || draw !== 0;
  const shared = !isUsed ? 'none' : draw === 1 || lacks['web server'] ? 'folder' : 'web server';
  return { executor, shared, isLimited: false };
}

export function makeScene(place: Place, original: Project, rig: Rig, random: RandomStream): Scene {
  const { executor, shared, isLimited } = place;
  const { directory } = elsewhere(original);
  const folder = temporaryFolder();
  const [control, home, temporary] = ['control', 'home', 'tmp'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [control, home, temporary]) mkdirSync(each);
  const drawn = (one: number) => random.integer(one) === 0;
  const isSmall = { run: drawn(3), units: drawn(2), 'shared cache': drawn(3) };
  const small = (use: keyof typeof isSmall) =>
    rig.lacks.disk === undefined && isSmall[use] ? mkdtempSync(join(rig.disk(use), 'round-')) : undefined;
  const disks: Partial<Record<keyof typeof isSmall, string>> = {};
  const placed = (use: keyof typeof isSmall, otherwise: string) => {
    const disk = small(use);
    if (disk) disks[use] = disk;
    return disk ?? otherwise;
  };
  const cache = join(placed('run', directory), 'cache');
  const units = executor === 'local' ? home : placed('units', home);
  const hasNetwork = executor === 'SSH' && rig.lacks.network === undefined;
  const clocks: Partial<Record<'run' | 'units', string>> = {};
  const clockOf = (use: 'run' | 'units'): Readonly<Record<string, string>> => {
    if (rig.lacks.clock !== undefined) return {};
    const file = join(folder, `clock-${use}`);
    writeFileSync(file, new Uint8Array(8));
    clocks[use] = file;
    return { LD_PRELOAD: rig.clock(), VMFDAG_TEST_CLOCK: file };
  };
  const marks = { [MARK]: folder, XDG_CACHE_HOME: units, TMPDIR: executor === 'SLURM' ? units : temporary };
  const env: Record<string, string> = { ...marks, ...clockOf('run') };
  const line = [process.execPath, vmfdag, 'unit', '-', '--cache', join(units, 'units')];
  const environment = (variables: Readonly<Record<string, string>>) => [
    'env',
    ...Object.entries(variables).map(([name, value]) => `${name}=${value}`),
  ];
  const settings: string[] = [];
  const declare = (declaration: object) => settings.push(`executors: {there: ${JSON.stringify(declaration)}}`);
  switch (executor) {
    case 'local':
      break;
    case 'command lines': {
      const through = [process.execPath, join(import.meta.dirname, 'line.mjs'), control];
      declare({ exec: [...through, ...environment(clockOf('units')), ...line], slots: 2 });
      break;
    }
    case 'SSH': {
      const { variables } = rig.remote('sshd');
      const command = [...environment({ ...marks, ...clockOf('units') }), ...line, '--root', directory];
      declare({ exec: ['ssh', '-F', variables.RIG_SSH_CONFIG ?? '', 'n1', ...command], slots: 2 });
      break;
    }
    case 'SLURM': {
      env.SLURM_CONF = rig.slurm().variables.SLURM_CONF ?? '';
      // sbatch passes the environment of the run on, and with it its clock.
      const command = [...environment(clockOf('units')), process.execPath, vmfdag];
      const limit = isLimited ? { time: '1m' } : {};
      declare({ slurm: { poll: '1s', idle: '3s', command, ...limit }, slots: isLimited ? 2 : 3 });
      break;
    }
    case 'futures':
      declare({ futures: 'vmfdag.executors:processes', python: [rig.python], slots: 2 });
  }
  const web = shared !== 'web server' ? undefined : hasNetwork ? rig.remote('nginx') : rig.webServer();
  const store = shared === 'folder' ? join(placed('shared cache', folder), 'shared') : join(web?.folder ?? '', 'store');
  // Some rounds find what others have left.
  const address = web ? (web.variables.RIG_FAULT_URL ?? web.variables.RIG_HTTP_URL) : pathToFileURL(store).href;
  if (web && drawn(2)) rmSync(store, { recursive: true, force: true });
  if (shared !== 'none') settings.push(`cache: {shared: {url: ${JSON.stringify(address)}, compress: ${drawn(2)}}}`);
  writeFileSync(join(directory, 'vmfdag.settings.yaml'), `${settings.join('\n')}\n`);
  const files = shared !== 'none' ? store : executor === 'SLURM' ? join(directory, '.vmfdag/shared') : undefined;
  return {
    executor,
    shared,
    project: new Project(directory, ['--cache', cache]),
    options: [
      ...(executor === 'local' ? ['--jobs', '2'] : ['--executor', 'there']),
      '--set',
      `milliseconds=${isLimited ? 20_000 : 300}`,
    ],
    env,
    through: hasNetwork ? rig.on('h1') : [],
    control,
    disks,
    files,
    clocks,
    hasNetwork,
    isLimited,
    webServer: web,
    rig,
    random,
  };
}

/** A living process of a round. */
export interface RoundProcess {
  readonly pid: number;
  readonly line: string;
}

/** All processes of a round, on all of its machines: its folders are in their environment, their arguments, or where they are. */
export function processesOf({ project, env }: Scene): readonly RoundProcess[] {
  const folders = [project.directory, env[MARK] ?? ''];
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    try {
      const line = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const text = [line, readFileSync(`/proc/${name}/environ`, 'utf8'), readlinkSync(`/proc/${name}/cwd`)].join(' ');
      return folders.some((folder) => text.includes(folder)) && isAlive(Number(name))
        ? [{ pid: Number(name), line }]
        : [];
    } catch {
      // It has ended.
      return [];
    }
  });
}

export function pick<T>(random: RandomStream, list: readonly T[]): T {
  return list[random.integer(list.length)] as T;
}
