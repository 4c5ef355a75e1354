import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isWithin } from '../base/is-within.ts';
import { lookUp } from '../keys/software/look-up.ts';
import type { ContainerEnvironment, ContainerRunner } from '../pipeline/stages/program-environment.ts';
import { BUBBLEWRAP, runnerOf } from './container-runner.ts';
import type { ProgramLine } from './program-line.ts';
import { COVERED_FOLDERS } from './root-digest.ts';

/** What a command sees in its container. Paths are absolute, and the same as outside. */
export interface ContainerView {
  readonly folder: string;
  /** Folders and files that it may only read, in its folder or outside of it. */
  readonly readOnly: readonly string[];
  /** All variables of its environment, except for those of the image, and HOME. */
  readonly variables: NodeJS.ProcessEnv;
  readonly home: string;
  /** A name that no other container of the machine has. */
  readonly name: string;
}

/** How a container is started. */
export interface ContainerStart {
  readonly line: ProgramLine;
  /** Of the runner. */
  readonly environment: NodeJS.ProcessEnv;
  /** Removes the container, where its processes are no children of the runner. */
  readonly removal: ProgramLine | undefined;
}

/** Where programs are in a root folder. */
const PATH_INSIDE = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The line that starts a program in a container: without a network, as the calling user, and with nothing of the machine but what the view names.
 * @param root the pipeline's folder
 * @param own variables by which the runner finds its settings
 */
export function containerStart(
  environment: ContainerEnvironment,
  root: string,
  line: ProgramLine,
  view: ContainerView,
  own: NodeJS.ProcessEnv,
): ContainerStart {
  if (environment.tool === 'root') return bubblewrapped(resolve(root, environment.root), line, view);
  const runner = runnerOf(environment);
  const image = `${environment.image}@sha256:${environment.digest}`;
  return runner === 'apptainer'
    ? apptainer(resolve(root, environment.image), line, view, own)
    : engine(runner, image, line, view, own);
}

function engine(
  runner: Exclude<ContainerRunner, 'apptainer'>,
  image: string,
  line: ProgramLine,
  view: ContainerView,
  own: NodeJS.ProcessEnv,
): ContainerStart {
  const [user, group] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  const options = [
    // What the machine does not have is said before the run.
    ...['run', '--rm', '--pull=never', `--name=${view.name}`, '--log-driver=none'],
    ...['--network=none', '--cap-drop=all', '--security-opt=no-new-privileges', '--entrypoint='],
    `--user=${user}:${group}`,
    ...(runner === 'podman' ? ['--security-opt=label=disable', '--http-proxy=false'] : []),
    ...(runner === 'podman' && user !== 0 ? ['--userns=keep-id'] : []),
    ...mounts(view).map((mount) => `--mount=${mount}`),
    // Values are in no command line, which every user may read.
    ...Object.keys(view.variables).map((name) => `--env=${name}`),
    // The runner has another one.
    `--env=HOME=${view.home}`,
    `--workdir=${view.folder}`,
  ];
  return {
    line: { program: runner, arguments: [...options, image, line.program, ...line.arguments] },
    environment: { ...own, ...view.variables },
    removal: {
      program: runner,
      arguments: ['rm', '--force', ...(runner === 'podman' ? ['--ignore', '--time=0'] : []), view.name],
    },
  };
}

/** Its container is a child: it ends with the process group. */
function apptainer(file: string, line: ProgramLine, view: ContainerView, own: NodeJS.ProcessEnv): ContainerStart {
  const inside = Object.entries({ ...view.variables, HOME: view.home }).map(([name, value]) => [
    `APPTAINERENV_${name}`,
    value,
  ]);
  const options = [
    ...['exec', '--containall', '--cleanenv', '--no-home', '--no-eval', '--net', '--network=none'],
    ...mounts(view).map((mount) => `--mount=${mount}`),
    `--pwd=${view.folder}`,
  ];
  return {
    line: { program: 'apptainer', arguments: [...options, file, line.program, ...line.arguments] },
    environment: { ...Object.fromEntries(inside), ...marks(view), ...own },
    removal: undefined,
  };
}

/** Its processes are children that end with it, and it ends with its parent. */
function bubblewrapped(root: string, line: ProgramLine, view: ContainerView): ContainerStart {
  const inFolder = view.readOnly.filter((path) => isWithin(path, view.folder));
  const outside = view.readOnly.filter((path) => !isWithin(path, view.folder));
  const options = [
    ...['--die-with-parent', '--unshare-all'],
    ...rootEntries(root, '/', [view.folder, ...outside]),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...(isWithin(view.folder, '/tmp') ? [] : ['--tmpfs', '/tmp']),
    ...outside.flatMap((path) => ['--ro-bind', path, path]),
    ...['--bind', view.folder, view.folder],
    ...inFolder.flatMap((path) => ['--ro-bind', path, path]),
    ...['--chdir', view.folder, '--'],
  ];
  return {
    line: { program: lookUp(BUBBLEWRAP) ?? BUBBLEWRAP, arguments: [...options, line.program, ...line.arguments] },
    environment: { PATH: PATH_INSIDE, HOME: view.home, ...view.variables },
    removal: undefined,
  };
}

/** The root is read-only, and a folder in which something else is to be seen is a new one with what it holds. */
function rootEntries(root: string, folder: string, seen: readonly string[]): readonly string[] {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = join(folder, name);
    const place = join(root, path);
    if (COVERED_FOLDERS.includes(path.slice(1)) || seen.includes(path)) return [];
    const stats = lstatSync(place);
    // An absolute link would lead out of the root.
    if (stats.isSymbolicLink()) return ['--symlink', readlinkSync(place), path];
    const isAbove = seen.some((each) => isWithin(dirname(each), path));
    return isAbove && stats.isDirectory()
      ? ['--dir', path, ...rootEntries(root, path, seen)]
      : ['--ro-bind', place, path];
  });
}

function mounts({ folder, readOnly }: ContainerView): readonly string[] {
  const mount = (path: string, more: readonly string[]) =>
    ['type=bind', `source=${path}`, `destination=${path}`, ...more].map(csvField).join(',');
  return [mount(folder, []), ...readOnly.map((path) => mount(path, ['ro']))];
}

/** Such options are a line of CSV. */
function csvField(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** By these, programs of a worker that was killed are found. */
function marks({ variables: { VMFDAG_EVENTS } }: ContainerView): NodeJS.ProcessEnv {
  return { VMFDAG_EVENTS };
}
