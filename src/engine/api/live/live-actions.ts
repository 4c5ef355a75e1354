import { type ChildProcess, spawn } from 'node:child_process';
import { Failure } from '../../base/failure.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import type { ActionDone } from '../../views/live/protocol.ts';
import { isReachable, leaseHolder } from '../cache/open-cache.ts';
import { parseOverride } from '../project/parse-override.ts';
import { planProject } from '../project/plan-project.ts';
import { openProject } from '../project/project.ts';
import { labelRun } from '../run/experiments.ts';
import type { LiveProject } from './live-project.ts';

/** A run that is refused is so within this time; its message is the answer then. */
const BEGIN_MS = 2500;

/** The end of what a run writes to standard error. */
const KEPT_CHARACTERS = 8192;

const MOST_NAMES = 1000;

/** How this program starts another `vmfdag`: a program with its first arguments. */
export type OwnProgram = readonly [string, ...string[]];

/** What a page asks for that changes something. */
export class LiveActions {
  private readonly project: LiveProject;
  private readonly program: OwnProgram;
  private readonly children = new Set<ChildProcess>();

  constructor(project: LiveProject, program: OwnProgram) {
    this.project = project;
    this.program = program;
  }

  /** @throws {Failure} where that is not possible, or no action */
  act(request: JsonObject): Promise<ActionDone> {
    switch (request.action) {
      case 'stop':
        return this.stop(text(request.run, 'run'), ['SIGINT'], 'running nodes finish, and no more are started');
      case 'stop now':
        // Two of one kind may be told as one.
        return this.stop(text(request.run, 'run'), ['SIGINT', 'SIGTERM'], 'running nodes are ended');
      case 'run':
        return this.run(request, []);
      case 'tag':
        return this.label(request);
      case 'fetch':
        return this.run({ targets: request.targets ?? [] }, ['--restore']);
      default:
        throw refused('this is no action');
    }
  }

  /** Whether a run that a page has started is still active. */
  get hasRuns(): boolean {
    return this.children.size > 0;
  }

  /** Lets the nodes of started runs finish; the second time, ends them. Settles when they have ended. */
  async interrupt(): Promise<void> {
    const ends = [...this.children].map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const child of this.children) child.kill('SIGINT');
    await Promise.all(ends);
  }

  private async stop(run: string, signals: readonly NodeJS.Signals[], done: string): Promise<ActionDone> {
    const view = await this.project.view(run);
    // The lease says which process runs now: a number from the history may be that of any other by now.
    const holder = leaseHolder(this.project.cacheDirectory);
    if (!holder || holder.token !== view.run?.process?.lease) throw refused('this run is not active any more');
    if (!isReachable(holder)) throw refused(`this run is on ${holder.host}, or in another container`, 'stop it there');
    for (const signal of signals) process.kill(holder.pid, signal);
    return { text: done };
  }

  private async label({ run, name, note }: JsonObject): Promise<ActionDone> {
    const change = {
      ...(name === undefined ? {} : { name: name === null || name === '' ? null : text(name, 'name') }),
      ...(note === undefined ? {} : { note: note === null || note === '' ? null : text(note, 'note') }),
    };
    const { id } = await labelRun(this.project.soundProject(), text(run, 'run'), change);
    return { text: `run ${id} is named` };
  }

  private async run(request: JsonObject, options: readonly string[]): Promise<ActionDone> {
    const { targets = [], set = [], profile, jobs, keepGoing, name } = request;
    const names = texts(targets, 'targets');
    const overrides = texts(set, 'set');
    const chosen = profile === undefined ? undefined : text(profile, 'profile');
    this.check(names, overrides, chosen);
    const holder = leaseHolder(this.project.cacheDirectory);
    if (holder) throw refused(`a run is active: ${holder.command}`, 'stop it, or wait for its end');
    const args = [
      ...this.projectArguments(chosen),
      ...overrides.map((each) => `--set=${each}`),
      ...names.map((each) => `--target=${each}`),
      ...(jobs === undefined ? [] : [`--jobs=${wholeAboveZero(jobs)}`]),
      ...(name === undefined || name === '' ? [] : [`--name=${text(name, 'name')}`]),
      ...(keepGoing === true ? ['--keep-going'] : []),
      ...options,
    ];
    await this.start(['run', ...args]);
    return {
      text:
        names.length > 0
          ? `runs ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`
          : 'runs the default targets',
    };
  }

  /** What is wrong is told at once. @throws {Failure} kind `usage` */
  private check(targets: readonly string[], set: readonly string[], profile: string | undefined): void {
    const overrides = set.map((each) => parseOverride(each));
    const { source } = this.project;
    const asked = { ...source, overrides: [...(source.overrides ?? []), ...overrides] };
    planProject(openProject(profile === undefined ? asked : { ...asked, profile }), targets);
  }

  private projectArguments(profile: string | undefined): readonly string[] {
    const { file, overrides = [], profile: usual } = this.project.source;
    const chosen = profile ?? usual;
    return [
      `--file=${file}`,
      `--cache=${this.project.cacheDirectory}`,
      ...(chosen === undefined ? [] : [`--profile=${chosen}`]),
      ...overrides.map(({ path, value }) => `--set=${path}=${value}`),
    ];
  }

  /** Starts a run, and waits until it is clear that it begins. */
  private async start(args: readonly string[]): Promise<void> {
    const [program, ...first] = this.program;
    // A process group of its own: Ctrl-C in the terminal is passed on by this process, once.
    const child = spawn(program, [...first, ...args], { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    this.children.add(child);
    let told = '';
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      told = (told + piece).slice(-KEPT_CHARACTERS);
    });
    const ended = new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? 1));
    }).finally(() => this.children.delete(child));
    ended.catch(() => {});
    const code = await Promise.race([
      ended,
      new Promise<0>((resolve) => setTimeout(() => resolve(0), BEGIN_MS).unref()),
    ]);
    if (code !== 0 && told.trim() !== '') throw refused(told.trim());
  }
}

function text(value: JsonValue | undefined, name: string): string {
  if (typeof value !== 'string' || value === '' || value.includes('\0')) throw refused(`"${name}" is no text`);
  return value;
}

function texts(value: JsonValue | undefined, name: string): readonly string[] {
  if (!Array.isArray(value) || value.length > MOST_NAMES) throw refused(`"${name}" is no list of texts`);
  return value.map((each) => text(each, name));
}

function wholeAboveZero(value: JsonValue | undefined): number {
  if (!Number.isSafeInteger(value) || Number(value) < 1) throw refused('"jobs" is no number of nodes');
  return Number(value);
}

function refused(fact: string, fix?: string): Failure {
  return new Failure('usage', { fact, ...(fix === undefined ? {} : { fix }) });
}
