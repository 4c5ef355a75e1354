import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { RandomStream } from '../../../../src/engine/base/random.ts';
import type { RunEvent } from '../../../../src/engine/run/events.ts';
import { nodesOf, type Running } from '../../support/command-line.ts';
import { isAlive } from '../../support/processes.ts';
import type { Project } from '../../support/project.ts';
import { checkEnd, crashedInStore } from './check-end.ts';
import type { FaultKind } from './kinds.ts';
import { editTo, faultsProject, VARIANTS, type Variant } from './project.ts';
import { checkStore } from './store-check.ts';
import { startOptions, strike, type Victim } from './strike.ts';
import type { Tally } from './tally.ts';
import { type Results, resultFiles } from './undisturbed.ts';

/** Far longer than a run takes on the busiest machine. */
const STUCK_MS = 240_000;

/** Has faults befall the runs of one project, cache after cache, until none is left. */
export class Campaign {
  private readonly project: Project = faultsProject();
  private readonly faults: FaultKind[];
  private readonly random: RandomStream;
  private readonly undisturbed: ReadonlyMap<Variant, Results>;
  private readonly smallDisk: string | undefined;
  private readonly tally: Tally;
  private readonly orphans = new Set<number>();
  /** Of the variant that is being run: what happened, for the reader of a failed test. */
  private story: string[] = [];
  private isStopped = false;

  /**
   * @param undisturbed what each variant has to come to.
   * @param smallDisk a folder that can be filled up, without harm to anything else.
   */
  constructor(
    faults: readonly FaultKind[],
    random: RandomStream,
    undisturbed: ReadonlyMap<Variant, Results>,
    smallDisk: string | undefined,
    tally: Tally,
  ) {
    this.faults = [...faults];
    this.random = random;
    this.undisturbed = undisturbed;
    this.smallDisk = smallDisk;
    this.tally = tally;
  }

  /** Ends it after the run that is under way. */
  stop(): void {
    this.isStopped = true;
  }

  async run(): Promise<void> {
    for (let round = 1; this.faults.length > 0 && !this.isStopped; round++) {
      const onlyDiskFaults = this.faults.every((kind) => kind === 'full disk');
      const onSmallDisk = this.smallDisk !== undefined && (round % 2 === 0 || onlyDiskFaults);
      const cache = join(onSmallDisk ? this.smallDisk : this.project.directory, `cache-${round}`);
      for (const variant of VARIANTS) {
        if (this.faults.length === 0 || this.isStopped) break;
        editTo(this.project, variant);
        await this.bringThrough(variant, cache, onSmallDisk);
      }
    }
    await this.checkOrphans();
  }

  /** Runs a variant until it is done, with a fault for every run as long as there are any. */
  private async bringThrough(variant: Variant, cache: string, onSmallDisk: boolean): Promise<void> {
    this.story = [`${variant} in ${cache}`];
    const finished = new Set<string>();
    for (let done = false; !done; ) {
      const position = this.faults.findIndex((kind) => onSmallDisk || kind !== 'full disk');
      const kind = this.faults[position];
      const started = performance.now();
      const { struck, ended, events } = await this.runOnce(kind, cache);
      const again = executedAsStale(events).filter((node) => finished.has(node));
      expect(again, `executed again although finished: ${this.story.join('; ')}`).toEqual([]);
      for (const type of ['finished', 'cutOff'] as const) for (const node of nodesOf(events, type)) finished.add(node);
      if (kind && struck) {
        this.faults.splice(position, 1);
        if (crashedInStore(ended)) this.tally.countCrash();
        this.tally.count(kind, variant, (performance.now() - started) / 1000);
      }
      done = ended.code === 0;
      if (this.isStopped) return;
    }
    await this.compare(variant, cache);
  }

  private async runOnce(kind: FaultKind | undefined, cache: string) {
    const victim: Victim = { project: this.project, cache, random: this.random };
    const args = ['run', '--json', '--no-wait', '--jobs', String(1 + this.random.integer(2)), '--cache', cache];
    if (this.random.integer(3) === 0) args.push('--keep-going');
    const run = this.project.start(args, kind ? startOptions(kind, victim) : { detached: true });
    const { aftermath, ended } = await this.inTime(run, kind, async () => {
      const aftermath = kind && (await strike(kind, run, victim));
      return { aftermath, ended: await run.ended };
    });
    const struck = aftermath?.struck(ended) === true;
    aftermath?.undo();
    this.story.push(`${kind ?? 'no fault'}${kind && !struck ? ' (too late)' : ''} after ${run.events().length} events`);
    for (const orphan of aftermath?.orphans ?? []) this.orphans.add(orphan);
    try {
      checkEnd(struck ? kind : undefined, ended);
    } catch (error) {
      const failures = run.events().filter(({ type }) => type === 'failed' || type === 'summary');
      const said = `${JSON.stringify(failures, undefined, 1)}\n${ended.stderr}`;
      throw new Error(`${this.story.join('; ')}: ${(error as Error).message}\n${said}`, { cause: error });
    }
    return { struck, ended, events: run.events() };
  }

  private async inTime<T>(run: Running, kind: FaultKind | undefined, act: () => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const stuck = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        run.signalGroup('SIGKILL');
        reject(new Error(`a run is stuck: ${this.story.join('; ')}; ${kind}\n${run.outputText().slice(-2000)}`));
      }, STUCK_MS);
    });
    try {
      return await Promise.race([act(), stuck]);
    } finally {
      clearTimeout(timer);
    }
  }

  private async compare(variant: Variant, cache: string): Promise<void> {
    const expected = this.undisturbed.get(variant) as Results;
    const story = this.story.join('; ');
    expect(await this.project.digests(['--cache', cache]), story).toEqual(expected.digests);
    expect(resultFiles(this.project), story).toEqual(expected.files);
    // A killed run may leave bytes that it would have evicted.
    const kept = await checkStore(cache);
    const lost = [...expected.kept].filter((digest) => !kept.has(digest));
    expect(lost, `bytes that are not there: ${story}`).toEqual([]);
    this.tally.countResult();
  }

  private async checkOrphans(): Promise<void> {
    const deadline = performance.now() + 10_000;
    while ([...this.orphans].some(isAlive) && performance.now() < deadline) await sleep(50);
    expect([...this.orphans].filter(isAlive), 'workers that outlived their parent').toEqual([]);
  }
}

/** Nodes that were executed because they were stale, and not to restore evicted bytes. */
function executedAsStale(events: readonly RunEvent[]): readonly string[] {
  return events.flatMap((event) => (event.type === 'started' && event.reason.rule !== 'bytes' ? [event.node] : []));
}
