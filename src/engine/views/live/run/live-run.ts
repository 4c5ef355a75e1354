import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LiveEntry, PulseEntry } from '../../../run/live/live-entry.ts';
import { JOURNAL, liveFolder, logName, PULSES } from '../../../run/live/live-folder.ts';
import { FileFollower } from './file-follower.ts';
import type { RunStates } from './run-states.ts';

/** Reads what an active run tells in its folder, and brings its states up to it. */
export class LiveRun {
  private readonly folder: string;
  private readonly startedAt: number;
  private readonly states: RunStates;
  private readonly journal: FileFollower;
  private readonly pulses: readonly FileFollower[];
  private pulseAt = 0;

  /** @param startedAt milliseconds since 1970 */
  constructor(cacheDirectory: string, run: string, startedAt: number, states: RunStates) {
    this.folder = liveFolder(cacheDirectory, run);
    this.startedAt = startedAt;
    this.states = states;
    this.journal = new FileFollower(join(this.folder, JOURNAL));
    this.pulses = PULSES.map((name) => new FileFollower(join(this.folder, name)));
  }

  /** Takes what is new. Returns whether anything is. */
  follow(): boolean {
    const entries = this.journal.read() ?? [];
    for (const { text, end } of entries) {
      const entry = parsed<LiveEntry>(text);
      if (entry) this.states.apply(entry, end, this.startedAt);
    }
    const pulses = this.pulses
      .flatMap((each) => each.read() ?? [])
      .flatMap(({ text }) => parsed<PulseEntry>(text) ?? [])
      .filter(({ at }) => at > this.pulseAt)
      .sort((a, b) => a.at - b.at);
    for (const pulse of pulses) this.states.pulse(pulse);
    this.pulseAt = pulses.at(-1)?.at ?? this.pulseAt;
    return entries.length > 0 || pulses.length > 0;
  }

  /** Whether the run tells what happens: not before its first second, nor after its end. */
  get isThere(): boolean {
    return existsSync(join(this.folder, JOURNAL));
  }

  /** The log of a running node by now: what is kept of it, and where that begins. */
  log(node: number): { readonly first: number; readonly bytes: Buffer } | undefined {
    return readLog(join(this.folder, logName(node)));
  }
}

function readLog(file: string): { readonly first: number; readonly bytes: Buffer } | undefined {
  try {
    const content = readFileSync(file);
    const head = content.indexOf(0x0a);
    return head < 0
      ? undefined
      : { first: Number(content.toString('latin1', 0, head)), bytes: content.subarray(head + 1) };
  } catch {
    return undefined;
  }
}

/** The end of a file that is written over may be of an earlier line. */
function parsed<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
