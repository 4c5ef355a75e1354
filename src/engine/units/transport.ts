import { printable } from '../base/printable.ts';
import type { Connection } from './connection.ts';
import type { Frame } from './frames.ts';

/** How a transport ended. */
export interface TransportEnd {
  /** `ended with exit code 255`. */
  readonly how: string;
  /** What was said last at the other side, or on the way there. */
  readonly words: string;
  /** `taken`: somebody took the place away, and no node is the cause of that. `memory`: what it executed needed more than there was. */
  readonly cause?: 'taken' | 'memory';
}

/** How the way to a unit ended, with what was said last. */
export function describeEnd(
  { description }: Pick<SlotDeclaration, 'description'>,
  { how, words }: TransportEnd,
): string {
  const last = words.split('\n').slice(-3).join(' ');
  return `${description} ${how}${last === '' ? '' : `: ${printable(last)}`}`;
}

/** A way to a unit, which is open. Nothing of it outlives it. */
export interface Transport {
  readonly connection: Connection;
  /** Settles when nothing more comes. Never rejects. */
  readonly ended: Promise<TransportEnd>;
  /** What was said so far by what is no unit: a shell, a scheduler. */
  readonly words: string;
  /** Ends it, in order if that is soon. */
  stop(): Promise<void>;
}

/** How a slot of an executor gets to a unit. */
export interface SlotDeclaration {
  /** Of the executor. */
  readonly executor: string;
  /** For people: `"ssh gpu1 vmfdag unit -"`. */
  readonly description: string;
  /** What to do by hand to see what is wrong. */
  readonly trial: string;
  /** Milliseconds that the other side may take to answer before somebody is told. */
  readonly patienceMs: number;
  /** After so many milliseconds without a job, it is closed. */
  readonly idleMs?: number;
  /**
   * Whether messages are files for a moment: then no secret is in them, and the unit has those of its own environment. Neither side shows signs of
   * life: the scheduler knows of them.
   */
  readonly isOnDisk?: boolean;
  /** @throws {Error} where it cannot be begun */
  open(onFrame: (frame: Frame) => Promise<void> | undefined): Transport;
}
