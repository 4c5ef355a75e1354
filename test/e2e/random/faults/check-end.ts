import { expect } from 'vitest';
import { type Ended, reportOf } from '../../support/command-line.ts';
import type { FaultKind } from './kinds.ts';

/** Checks that a run ended as one that such a fault befell may end; without a fault, with everything done. */
export function checkEnd(kind: FaultKind | undefined, ended: Ended): void {
  const { code, signal, stderr } = ended;
  switch (kind) {
    case undefined:
      expect(reportOf(ended)).toMatchObject({ code: 0, stderr: '', summary: { outcome: 'done' } });
      break;
    case 'kill -9 group':
    case 'kill -9 parent':
      expect({ signal, stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
      break;
    case 'SIGTERM':
    case 'SIGTERM twice':
      // The signal itself ends a run that has not begun to execute anything.
      if (signal !== null) expect({ signal, stderr }).toEqual({ signal: 'SIGTERM', stderr: '' });
      else
        expect(reportOf(ended)).toMatchObject({
          code: 130,
          stderr: '',
          summary: { outcome: 'interrupted', failed: 0 },
        });
      break;
    case 'kill -9 worker':
      // One that had nothing to do takes nothing with it.
      checkCrash(ended, /^the worker process of \S+ was killed by SIGKILL$/, 0);
      break;
    case 'worker aborts':
      checkCrash(ended, /^stage \S+ called process\.abort\(\)$/, 1);
      break;
    case 'worker out of memory':
      // With a commit of another node under way, both count as lost, and are executed again: then there is memory.
      checkCrash(ended, /^the worker process of \S+ was killed by SIGABRT, out of memory$/, 0);
      break;
    case 'file size limit':
    case 'full disk':
      // Seldom, lmdb itself crashes on a write that it cannot do: as good as a kill, and what must hold after one is checked as well.
      if (crashedInStore(ended)) break;
      expect(code).toBe(1);
      // lmdb prints complaints of its own, not all of which end with a line break.
      expect(stderr || lastWords(ended)).toMatch(
        /^(mdb_.*\n|Write error: [^\n]*?size \d+\n?)*cannot .*\n {2}fix: .*\n$/,
      );
      break;
  }
}

const CRASHES: readonly string[] = ['SIGSEGV', 'SIGBUS'];

/** Whether the command, or one of its workers, was ended by the store's own fault. */
export function crashedInStore({ signal, stdout }: Ended): boolean {
  return CRASHES.some((crash) => signal === crash || stdout.includes(` was killed by ${crash}"`));
}

/** What the worker said that could not open the cache, and so failed the node that it was started for. */
function lastWords(ended: Ended): string {
  return reportOf(ended).events.flatMap((event) => (event.type === 'failed' ? [event.log] : []))[0] ?? '';
}

/** At most one node is lost, and is said to be. */
function checkCrash(ended: Ended, how: RegExp, atLeast: number): void {
  const { code, stderr, events, summary } = reportOf(ended);
  const { failed } = summary;
  expect(failed).toBeGreaterThanOrEqual(atLeast);
  expect(failed).toBeLessThanOrEqual(1);
  expect({ code, stderr }).toEqual({ code: failed, stderr: '' });
  for (const event of events) {
    if (event.type !== 'failed') continue;
    expect(event.diagnostic.fact).toMatch(how);
  }
}
