import type { NodeId } from '../../plan/plan.ts';
import type { Store } from '../../store/store.ts';
import { lastLog } from './node-page.ts';
import type { LogPart } from './protocol.ts';
import type { RunView } from './run/run-view.ts';

/** Of one answer. */
const LARGEST_PART = 256 * 1024;

/** Which part of a log is asked for. */
export interface LogRequest {
  /** Undefined for the last one. */
  readonly attempt: number | undefined;
  /** Negative: from the end. */
  readonly offset: number;
  readonly limit: number;
}

/** A part of the log of a node. However much a node prints, an answer is small, and only the end of the log is kept. */
export function nodeLog(view: RunView, index: number, request: LogRequest, store: Store): LogPart {
  const running = view.states.runningNodeAt(index);
  const isLive = running !== undefined && (request.attempt === undefined || request.attempt === running.attempt);
  const { first, bytes } = (isLive ? view.live?.log(index) : undefined) ?? {
    first: 0,
    bytes: Buffer.from(isLive ? '' : endedLog(view, index, request.attempt, store)),
  };
  return partOf(first, bytes, request, isLive);
}

function endedLog({ run, table, keyOf }: RunView, index: number, attempt: number | undefined, store: Store): string {
  const failures = run ? store.failures(run.id, table.ids[index] as NodeId) : [];
  const key = keyOf(index, store);
  const record = key && store.record(key);
  const failed = attempt === undefined ? undefined : failures.find((each) => each.attempt === attempt);
  return failed ? failed.log : lastLog(record, failures);
}

function partOf(first: number, bytes: Buffer, { offset, limit }: LogRequest, isLive: boolean): LogPart {
  const end = first + bytes.length;
  const from = Math.min(end, Math.max(first, offset < 0 ? end + offset : offset));
  const to = Math.min(end, from + Math.min(Math.max(0, limit), LARGEST_PART));
  const whole = wholeCharacters(bytes, from - first, to - first);
  return {
    offset: first + whole.from,
    text: bytes.toString('utf8', whole.from, whole.to),
    next: first + whole.to,
    end,
    isLive,
    first,
  };
}

/** A part begins and ends between characters of UTF-8. */
function wholeCharacters(bytes: Buffer, from: number, to: number): { from: number; to: number } {
  const isInside = (at: number) => at < bytes.length && ((bytes[at] as number) & 0xc0) === 0x80;
  let [begin, end] = [from, to];
  while (isInside(begin) && begin < from + 3) begin++;
  while (isInside(end) && end > begin && end > to - 3) end--;
  return { from: Math.min(begin, end), to: end };
}
