import { isJsonObject, type JsonObject } from '../../../base/json.ts';

/** What a line of a program's events says. */
export type ProgramEvent =
  | { readonly kind: 'progress'; readonly fraction: number }
  | {
      readonly kind: 'metric';
      readonly name: string;
      readonly value: number;
      /** Undefined: as many as values came before. */
      readonly step: number | undefined;
      /** Milliseconds since 1970; undefined: now. */
      readonly time: number | undefined;
    };

const NOT_FINITE: ReadonlySet<unknown> = new Set(['NaN', 'Infinity', '-Infinity']);
/** The greatest number that a Date takes. */
const LAST_TIME = 8.64e15;

/** Undefined for a line of something else, and for part of one: any program may write anything to the file. */
export function parseProgramEvent(line: Buffer): ProgramEvent | undefined {
  // Most lines of a foreign file need no parser.
  if (!line.includes('"event"')) return undefined;
  let event: unknown;
  try {
    event = JSON.parse(line.toString('utf8'));
  } catch {
    return undefined;
  }
  if (!isJsonObject(event)) return undefined;
  if (event.event === 'progress') return progressOf(event);
  return event.event === 'metric' ? metricOf(event) : undefined;
}

function progressOf({ fraction }: JsonObject): ProgramEvent | undefined {
  const isFraction = typeof fraction === 'number' && fraction >= 0 && fraction <= 1;
  return isFraction ? { kind: 'progress', fraction } : undefined;
}

function metricOf({ name, value, step, time }: JsonObject): ProgramEvent | undefined {
  if (typeof name !== 'string') return undefined;
  if (typeof value !== 'number' && !NOT_FINITE.has(value)) return undefined;
  if (step !== undefined && !isCount(step)) return undefined;
  return {
    kind: 'metric',
    name,
    value: Number(value),
    step: step as number | undefined,
    time: isCount(time) && time <= LAST_TIME ? time : undefined,
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
