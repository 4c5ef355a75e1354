import { inspect, types } from 'node:util';

/** An error, or any other thrown value, as plain data: what a person needs to see, within limits. */
export interface ErrorReport {
  /** `TypeError`; `thrown value` if it is no error. */
  readonly name: string;
  readonly message: string;
  /** Lines of the stack, without the message. */
  readonly frames: readonly string[];
  /** Further properties: `code`, `errno`, `path` and the like. */
  readonly details: Readonly<Record<string, string>>;
  readonly cause?: ErrorReport;
  /** The first members of an AggregateError. */
  readonly errors?: readonly ErrorReport[];
  /** How many more members there are. */
  readonly omitted?: number;
}

const LIMITS = { message: 4096, frames: 30, frame: 500, details: 12, detail: 300, members: 10, depth: 8, reports: 60 };

/** Describes any thrown value. It never throws, never runs in a circle, and its result is never longer than its limits. */
export function reportError(thrown: unknown): ErrorReport {
  return new Reporter().report(thrown, 0);
}

class Reporter {
  private readonly seen = new Set<unknown>();

  report(thrown: unknown, depth: number): ErrorReport {
    if (!isError(thrown)) return plain('thrown value', shown(thrown));
    const name = text(() => thrown.name) || 'Error';
    const message = clip(
      text(() => thrown.message),
      LIMITS.message,
    );
    if (this.seen.has(thrown)) return plain(name, `${brief(message)} (told above)`);
    if (depth >= LIMITS.depth || this.seen.size >= LIMITS.reports) return plain(name, brief(message));
    this.seen.add(thrown);
    const members = attempt(() => (thrown as { errors?: unknown }).errors);
    const list = Array.isArray(members) ? members : [];
    const errors = list.slice(0, LIMITS.members).map((member) => this.report(member, depth + 1));
    const omitted = list.length - errors.length;
    const cause = attempt(() => ('cause' in thrown ? { value: thrown.cause } : undefined));
    return {
      name,
      message,
      frames: framesOf(
        text(() => thrown.stack),
        text(() => thrown.message),
      ),
      details: detailsOf(thrown),
      ...(cause && cause.value !== undefined ? { cause: this.report(cause.value, depth + 1) } : {}),
      ...(errors.length > 0 ? { errors } : {}),
      ...(omitted > 0 ? { omitted } : {}),
    };
  }
}

function brief(message: string): string {
  return clip(message, LIMITS.detail);
}

function plain(name: string, message: string): ErrorReport {
  return { name, message, frames: [], details: {} };
}

/** Works for errors of another realm too, such as those of `vm`. */
function isError(value: unknown): value is Error {
  return attempt(() => types.isNativeError(value) || value instanceof Error) === true;
}

/** What follows the message, which may have lines that look like frames. */
function framesOf(stack: string, message: string): readonly string[] {
  const from = stack.includes(message) ? stack.indexOf(message) + message.length : 0;
  const lines = stack
    .slice(from)
    .split('\n')
    .filter((line) => /^\s+at /.test(line));
  return lines.slice(0, LIMITS.frames).map((line) => clip(line.trim(), LIMITS.frame));
}

const TOLD = new Set(['name', 'message', 'stack', 'cause', 'errors']);

function detailsOf(error: Error): Readonly<Record<string, string>> {
  const names = attempt(() => Object.keys(error)) ?? [];
  const told = names.filter((name) => !TOLD.has(name)).slice(0, LIMITS.details);
  return Object.fromEntries(told.map((name) => [name, shown(attempt(() => (error as never)[name]))]));
}

function shown(value: unknown): string {
  if (typeof value === 'string') return clip(value, LIMITS.message);
  const options = {
    depth: 1,
    maxArrayLength: 10,
    maxStringLength: LIMITS.detail,
    breakLength: Number.POSITIVE_INFINITY,
  };
  return clip(attempt(() => inspect(value, options)) ?? 'a value that cannot be shown', LIMITS.detail);
}

function clip(value: string, limit: number): string {
  return value.length > limit ? `${value.slice(0, limit)}…` : value;
}

/** Getters and proxies of the thrown value may throw too. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function text(read: () => unknown): string {
  const value = attempt(read);
  return typeof value === 'string' ? value : '';
}

/**
 * The report as lines; causes and members are below the error that they belong to.
 * @param framesShown of each error, at most
 */
export function errorLines(report: ErrorReport, framesShown = LIMITS.frames, indent = ''): readonly string[] {
  const { name, message, frames, details, cause, errors = [], omitted = 0 } = report;
  const [first = '', ...more] = message.split('\n');
  const facts = Object.entries(details).map(([key, value]) => `${key}: ${value.replaceAll('\n', ' ')}`);
  const inner = `${indent}    `;
  const nested = (label: string, below: ErrorReport) => {
    const [head = '', ...rest] = errorLines(below, framesShown, inner);
    return [`${indent}  ${label}: ${head.trimStart()}`, ...rest];
  };
  return [
    `${indent}${name}: ${first}`,
    ...more.map((line) => `${indent}${line}`),
    ...frames.slice(0, framesShown).map((frame) => `${inner}${frame}`),
    ...(facts.length > 0 ? [`${inner}${facts.join(', ')}`] : []),
    ...errors.flatMap((member, index) => nested(`error ${index + 1}`, member)),
    ...(omitted > 0 ? [`${indent}  and ${omitted} more errors`] : []),
    ...(cause ? nested('caused by', cause) : []),
  ];
}
