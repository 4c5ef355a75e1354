import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { RandomStream } from '../../../../src/engine/base/random.ts';
import type { RunEvent } from '../../../../src/engine/run/events.ts';
import { type Ended, type Running, reportOf } from '../../support/command-line.ts';
import { jobsIn } from './cluster-faults.ts';
import { FAULTS, type Fault } from './faults.ts';
import { checkMessages } from './messages.ts';
import { IN_FLIGHT, pick, processesOf, type Scene } from './scene.ts';
import type { Tally } from './tally.ts';

/** Far longer than a run takes on the busiest machine. */
const STUCK_MS = 150_000;
/** Of jobs with a time limit. */
const STUCK_LIMITED_MS = 400_000;

const MOST_FAULTS = 4;
/** Runs of a round: those that are struck, and those that end what these have left. */
const MOST_RUNS = 8;
const ORPHANS_MS = 25_000;

type Digests = Readonly<Record<string, readonly string[] | null>>;

/** One copy of the project, which is run until it is done, with faults at random moments. */
export class Round {
  private readonly scene: Scene;
  private readonly random: RandomStream;
  private readonly expected: Digests;
  private readonly tally: Tally;
  private readonly finished = new Set<string>();
  private executions = 0;
  private struck = 0;
  /** For the reader of a failed test. */
  readonly story: string[];

  constructor(scene: Scene, expected: Digests, tally: Tally) {
    this.scene = scene;
    this.random = scene.random;
    this.expected = expected;
    this.tally = tally;
    this.story = [`${scene.executor}, shared cache: ${scene.shared}, small disks: ${Object.keys(scene.disks)}`];
  }

  async run(): Promise<void> {
    try {
      await this.bringThrough();
    } finally {
      for (const disk of Object.values(this.scene.disks)) rmSync(disk, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  private async bringThrough(): Promise<void> {
    const fitting = FAULTS.filter((fault) => fault.fits(this.scene));
    const limits = fitting.filter(({ name }) => name === 'the time limit');
    const count = 2 + this.random.integer(MOST_FAULTS - 1);
    const left = limits.length > 0 ? limits : Array.from({ length: count }, () => pick(this.random, fitting));
    let code: number | null = null;
    for (let runs = 0; left.length > 0 && code !== 0 && runs < MOST_RUNS; runs++) {
      const { ended, late } = await this.runOnce(left.splice(0, 1 + this.random.integer(left.length)));
      left.unshift(...late);
      code = ended.code;
    }
    await this.runOnce([]);
    const { project, scene } = { project: this.scene.project, scene: this.scene };
    const digests = await project.digests(['--set', scene.options.at(-1) as string]);
    expect(digests, this.told()).toEqual(this.expected);
    const most = Object.keys(this.expected).length + this.struck * IN_FLIGHT;
    expect(this.executions, `finished executions: ${this.told()}`).toBeLessThanOrEqual(most);
    await this.checkLeftovers();
    this.tally.countResult(scene);
  }

  told(): string {
    return this.story.join('; ');
  }

  /** @returns the faults for which it was too late */
  private async runOnce(faults: readonly Fault[]): Promise<{ ended: Ended; late: readonly Fault[] }> {
    const { project, options, env, through } = this.scene;
    const run = project.start(['run', '--json', '--keep-going', ...options], { env, through });
    this.story.push(`run ${run.pid}`);
    const struck: Fault[] = [];
    const ended = await this.inTime(run, async () => {
      for (const fault of faults) await this.strike(fault, run, struck);
      return await run.ended;
    });
    const events = run.events();
    this.story.push(`ended with ${ended.code ?? ended.signal} after ${events.length} events`);
    try {
      checkEnd(struck, ended);
      this.checkEvents(events);
      for (const fact of checkMessages(events, ended.stderr)) this.tally.countMessage(fact);
    } catch (error) {
      const said = events.filter(
        ({ type }) => !['upToDate', 'started', 'finished', 'fetched', 'progress', 'planned'].includes(type),
      );
      const text = `${said.map((event) => JSON.stringify(event)).join('\n')}\n${ended.stderr}`;
      throw new Error(`${this.told()}: ${(error as Error).message}\n${text}`, { cause: error });
    }
    return { ended, late: faults.filter((fault) => !struck.includes(fault)) };
  }

  /** Waits for a random moment, counted in events, so that moments are spread over a run whatever the speed of the machine. */
  private async strike(fault: Fault, run: Running, struck: Fault[]): Promise<void> {
    const moment = nodeEvents(run.events()) + this.random.integer(12);
    const wait = this.random.uniform() * (moment < 4 ? 1000 : 100);
    const lasts = 200 + this.random.uniform() * 4000;
    const inTime = await run.until((running) => nodeEvents(running.events()) >= moment);
    await sleep(wait);
    const isOver = await Promise.race([run.ended.then(() => true), Promise.resolve(false)]);
    const undo = inTime && !isOver ? await fault.strike(this.scene, run) : undefined;
    this.story.push(`${fault.name}${undo ? '' : ' (too late)'} after ${nodeEvents(run.events())} events`);
    if (!undo) return;
    struck.push(fault);
    this.struck++;
    this.tally.count(fault.name, this.scene);
    // A process that stands still must not keep a run from its end for good.
    void Promise.race([sleep(lasts), fault.name === 'a process stands still' ? sleep(lasts) : run.ended]).then(undo);
    if (this.random.integer(2) === 0) await Promise.race([sleep(lasts), run.ended]);
  }

  private async inTime<T>(run: Running, act: () => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const stuck = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => {
          const processes = processesOf(this.scene).map(({ pid, line }) => `${pid} ${line.slice(0, 160)}`);
          reject(
            new Error(
              `a run is stuck: ${this.told()}\n${run.outputText().slice(-3000)}\n${run.errorText()}\n${processes.join('\n')}`,
            ),
          );
          run.signal('SIGKILL');
        },
        this.scene.isLimited ? STUCK_LIMITED_MS : STUCK_MS,
      );
    });
    try {
      return await Promise.race([act(), stuck]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** What was finished is not executed again, unless for bytes that `retain` does not keep. */
  private checkEvents(events: readonly RunEvent[]): void {
    const restored = new Set<string>();
    for (const event of events) {
      if (event.type === 'started') {
        const isRestored = event.reason.rule === 'bytes' || event.reason.rule === 'quarantined';
        if (isRestored) restored.add(event.node);
        else
          expect(this.finished.has(event.node), `${event.node} is executed again, although it was finished`).toBe(
            false,
          );
      }
      if (event.type === 'finished' && !restored.has(event.node)) this.executions++;
      if (event.type === 'finished' || event.type === 'fetched' || event.type === 'cutOff')
        this.finished.add(event.node);
    }
  }

  private async checkLeftovers(): Promise<void> {
    const { scene } = this;
    if (scene.executor === 'SLURM') {
      // Those of killed runs end on their own too, some time later.
      await scene.project.execute(['jobs', '--cancel'], { env: scene.env }).catch(() => {});
    }
    const left = () => [
      ...processesOf(scene).map(({ pid, line }) => `${pid} ${line.slice(0, 200)}`),
      ...(scene.executor === 'SLURM' ? jobsIn(scene, 'RUNNING,PENDING').map((job) => `job ${job}`) : []),
    ];
    const deadline = performance.now() + ORPHANS_MS;
    while (left().length > 0 && performance.now() < deadline) await sleep(100);
    expect(left(), `left after the round: ${this.told()}`).toEqual([]);
  }
}

function nodeEvents(events: readonly RunEvent[]): number {
  return events.filter(({ type }) => type === 'started' || type === 'finished' || type === 'fetched').length;
}

const CRASHES: readonly string[] = ['SIGSEGV', 'SIGBUS'];

/** Checks that a run ended as one may end that these faults befell. */
function checkEnd(faults: readonly Fault[], ended: Ended): void {
  const { code, signal } = ended;
  const may = (ends: Fault['ends']) => faults.some((fault) => fault.ends === ends);
  if (may('killed') && signal === 'SIGKILL') return;
  if (may('terminated') && (signal === 'SIGTERM' || code === 130)) return;
  // lmdb answers a full disk with a crash now and then.
  if (may('without room') && (code === 1 || CRASHES.includes(String(signal)))) return;
  const report = reportOf(ended);
  if (may('with a lost node') && code === 1) {
    expect(report.summary.failed).toBeLessThanOrEqual(faults.length);
    for (const event of report.events) {
      if (event.type === 'failed') expect(event.diagnostic.fact).toMatch(/was killed by SIGKILL/);
    }
    return;
  }
  expect({ code, signal, failed: report.summary.failed, outcome: report.summary.outcome }).toEqual({
    code: 0,
    signal: null,
    failed: 0,
    outcome: 'done',
  });
}
