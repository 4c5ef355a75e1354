import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';
import { printable, printableName } from '../../base/printable.ts';
import type { NodeId } from '../../plan/plan.ts';
import type { RunEvent, RunListener } from '../../run/events.ts';
import { describeReason } from '../../staleness/describe-reason.ts';
import type { StartReason } from '../../staleness/work.ts';
import { eventLines, placeOf } from './event-lines.ts';
import { clip, formatSeconds } from './format.ts';
import { describeRemaining, type RemainingTime } from './remaining-time.ts';

const REFRESH_MS = 120;
const BAR_CELLS = 28;

/** Of running nodes: more of them nobody reads. */
const MOST_LINES = 16;

/** What stays on the screen, above the block. */
const PRINTED: readonly RunEvent['type'][] = [
  'restoring',
  'changed',
  'auditing',
  'refused',
  'unreadable',
  'failed',
  'warning',
  'retrying',
  'stopping',
];

/** Why a node is executed that stays up to date: it has been counted already. */
const ONCE_MORE: readonly StartReason['rule'][] = ['bytes', 'source', 'audit'];

interface RunningNode {
  /** Why it is executed, and where. */
  about: string;
  /** Of what is at an executor: whether it has begun. */
  state: 'running' | 'sent';
  /** When it was started, or sent, or begun. */
  since: number;
  fraction: number;
}

/** A block at the foot of the terminal that is redrawn all the time: a bar, an estimate, and the running nodes. */
export class LiveDisplay {
  private readonly stream: NodeJS.WriteStream;
  private readonly remaining: RemainingTime;
  private readonly draw: ReturnType<typeof createLogUpdate>;
  private readonly running = new Map<NodeId, RunningNode>();
  private readonly closedNodes = new Set<NodeId>();
  private readonly timer: NodeJS.Timeout;
  private total = 0;
  private closed = 0;
  private executed = 0;

  constructor(stream: NodeJS.WriteStream, remaining: RemainingTime) {
    this.stream = stream;
    this.remaining = remaining;
    this.draw = createLogUpdate(stream);
    this.timer = setInterval(() => this.draw(this.block()), REFRESH_MS);
    this.timer.unref();
  }

  readonly listener: RunListener = (event) => {
    this.account(event);
    if (event.type === 'summary') this.end(event);
    else if (PRINTED.includes(event.type)) this.print(eventLines(event));
  };

  /** Removes the block from the screen. */
  clear(): void {
    clearInterval(this.timer);
    this.draw.clear();
    this.draw.done();
  }

  private account(event: RunEvent): void {
    switch (event.type) {
      case 'planned':
        this.total = event.nodes;
        break;
      case 'auditing':
      case 'restoring':
        this.total += event.nodes.length;
        for (const node of event.nodes) this.remaining.open(node);
        break;
      case 'unreadable':
        this.running.delete(event.node);
        break;
      case 'started':
        if (this.closedNodes.has(event.node) && !ONCE_MORE.includes(event.reason.rule)) this.reopen(event.node);
        this.start(event);
        break;
      case 'executing': {
        const node = this.running.get(event.node);
        if (!node) break;
        node.about = `${placeOf(event)}, after ${formatSeconds(event.queued)} in the queue`;
        node.state = 'running';
        node.since = performance.now();
        break;
      }
      case 'progress': {
        const node = this.running.get(event.node);
        if (node) node.fraction = event.fraction;
        break;
      }
      case 'finished':
        this.executed++;
        this.remaining.measure(event.node, event.seconds);
        this.close(event.node);
        break;
      case 'fetched':
        if (event.what === 'result') this.close(event.node);
        break;
      case 'upToDate':
      case 'cutOff':
      case 'cutShort':
      case 'failed':
      case 'skipped':
        this.close(event.node);
        break;
    }
  }

  private start({ node, reason, executor }: Extract<RunEvent, { type: 'started' }>): void {
    const why = describeReason(reason);
    const about = executor === undefined ? why : `${why}, sent to ${executor}`;
    const state = executor === undefined ? 'running' : 'sent';
    this.running.set(node, { about, state, since: performance.now(), fraction: 0 });
  }

  /** An input of it was restored with other bytes. */
  private reopen(node: NodeId): void {
    this.total++;
    this.remaining.open(node);
  }

  private close(node: NodeId): void {
    this.closedNodes.add(node);
    this.running.delete(node);
    this.closed++;
    this.remaining.close(node);
  }

  private end(summary: RunEvent): void {
    this.clear();
    for (const line of eventLines(summary)) this.stream.write(`${styleText('bold', printable(line))}\n`);
  }

  private print(lines: readonly string[]): void {
    this.draw.clear();
    for (const line of lines) this.stream.write(`${printable(line)}\n`);
    this.draw(this.block());
  }

  private block(): string {
    const width = this.stream.columns || 80;
    const left = describeRemaining(this.remaining.estimate());
    const text = `${this.closed}/${this.total} nodes, ${this.executed} executed, ${left}`;
    const cells = Math.max(0, Math.min(BAR_CELLS, width - text.length - 1));
    const full = this.total === 0 ? 0 : Math.round((this.closed / this.total) * cells);
    const bar = `${styleText('green', '━'.repeat(full))}${styleText('dim', '━'.repeat(cells - full))}`;
    const head = cells === 0 ? clip(text, width) : `${bar} ${text}`;
    const running = [...this.running].sort(([, a], [, b]) => Number(a.state === 'sent') - Number(b.state === 'sent'));
    // A block that is higher than the terminal could not be redrawn. Executors have many nodes on their way.
    const most = Math.min(MOST_LINES, Math.max(1, (this.stream.rows || 24) - 3));
    const shown = running.length <= most ? running : running.slice(0, most - 1);
    const more = running.length - shown.length;
    const lines = shown.map(([node, state]) => runningLine(node, state, width));
    return [head, ...lines, ...(more > 0 ? [clip(`  and ${more} more, running or sent ahead`, width)] : [])].join('\n');
  }
}

function runningLine(node: NodeId, { about, since, fraction }: RunningNode, width: number): string {
  const percent = fraction > 0 ? `${Math.round(fraction * 100)} %` : '';
  const elapsed = formatSeconds((performance.now() - since) / 1000);
  const line = `  ${node.padEnd(28)} ${percent.padStart(5)} ${elapsed.padStart(10)}  ${about}`;
  // A wrapped line would leave pieces behind when the block is drawn again.
  return clip(printableName(line), width);
}
