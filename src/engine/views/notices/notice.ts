import type { RunEvent, RunListener, RunSummary } from '../../run/events.ts';
import { commandLine } from '../runs/command-line.ts';
import { formatCount, formatSeconds } from '../terminal/format.ts';

/** What is told at the end of a run. */
export interface Notice {
  readonly pipeline: string;
  readonly command: readonly string[];
  /** `broken`: the run ended with an error that no node has caused. */
  readonly outcome: RunSummary['outcome'] | 'broken';
  readonly seconds: number;
  readonly executed: number;
  readonly upToDate: number;
  readonly failed: readonly { readonly node: string; readonly fact: string }[];
  readonly skipped: number;
  /** Of a broken run. */
  readonly problem?: string;
}

/** Collects from the events of a run what is told at its end. */
export class NoticeContent {
  readonly #failed: { node: string; fact: string }[] = [];
  #summary: RunSummary | undefined;

  listen(listener: RunListener): RunListener {
    return (event: RunEvent) => {
      if (event.type === 'failed') this.#failed.push({ node: event.node, fact: event.diagnostic.fact });
      if (event.type === 'summary') this.#summary = event;
      listener(event);
    };
  }

  /** Undefined where there was no run. */
  notice(pipeline: string, command: readonly string[], problem?: string): Notice | undefined {
    if (!this.#summary && problem === undefined) return undefined;
    const {
      outcome = 'broken',
      seconds = 0,
      executed = 0,
      upToDate = 0,
      cutOff = 0,
      skipped = 0,
    } = this.#summary ?? {};
    return {
      pipeline,
      command,
      outcome: problem === undefined ? outcome : 'broken',
      seconds,
      executed,
      upToDate: upToDate + cutOff,
      failed: this.#failed,
      skipped,
      ...(problem === undefined ? {} : { problem }),
    };
  }
}

const OUTCOMES: Readonly<Record<Notice['outcome'], string>> = {
  done: 'done',
  failed: 'failed',
  interrupted: 'interrupted',
  broken: 'ended with an error',
};

/** One line: `mnist: done after 4 min 10 s, 12 nodes executed`. */
export function noticeTitle({ pipeline, outcome, seconds, executed, failed }: Notice): string {
  const failures = failed.length > 0 ? `, ${failed.length} failed` : '';
  return `${pipeline}: ${OUTCOMES[outcome]} after ${formatSeconds(seconds)}, ${formatCount(executed, 'node')} executed${failures}`;
}

const FAILURES_SHOWN = 20;

/** For a page of a service that shows Markdown, such as the summary of a step on GitHub. */
export function noticeMarkdown(notice: Notice): string {
  const { command, executed, upToDate, failed, skipped, problem } = notice;
  const rows = failed.slice(0, FAILURES_SHOWN).map(({ node, fact }) => `| ${cell(node)} | ${cell(fact)} |`);
  const more = failed.length - rows.length;
  return [
    `### ${escaped(noticeTitle(notice))}`,
    '',
    codeBlock(commandLine(command)),
    '',
    '| executed | up to date | failed | not run |',
    '|---:|---:|---:|---:|',
    `| ${executed} | ${upToDate} | ${failed.length} | ${skipped} |`,
    ...(problem === undefined ? [] : ['', escaped(problem)]),
    ...(rows.length > 0 ? ['', '| failed | why |', '|---|---|', ...rows] : []),
    ...(more > 0 ? ['', `and ${more} more`] : []),
    '',
  ].join('\n');
}

/** Shows a text as it is, line breaks too. */
function codeBlock(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return [fence, text, fence].join('\n');
}

function cell(text: string): string {
  return escaped(text.split('\n')[0] ?? '').replaceAll('|', '\\|');
}

/** Names and messages come from stages: they are text, not Markdown or HTML. */
function escaped(text: string): string {
  return (
    text
      .replaceAll(/[\\`*_{}[\]()#+!~]/g, '\\$&')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      // Else GitHub makes a link of it.
      .replaceAll('://', '&#58;//')
      .replaceAll(/www\./gi, 'www&#46;')
      .replaceAll(/\s+/g, ' ')
  );
}
