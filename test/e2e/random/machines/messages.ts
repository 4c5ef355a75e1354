import { expect } from 'vitest';
import type { RunEvent } from '../../../../src/engine/run/events.ts';

/** Checks that each message says what, where and what to do. @returns the facts, without what differs from one to the next */
export function checkMessages(events: readonly RunEvent[], stderr: string): readonly string[] {
  const facts: string[] = [];
  for (const event of events) {
    if (!('diagnostic' in event)) continue;
    const { fact, fix } = event.diagnostic;
    const told = JSON.stringify(event.diagnostic);
    expect(fact.length, told).toBeGreaterThan(10);
    expect(fact, `a message of ours, not of a program: ${told}`).not.toMatch(
      /^\s*at |undefined|\[object|Error:.*Error:/,
    );
    expect(fix ?? '', `what to do: ${told}`).not.toBe('');
    facts.push(`${event.type}: ${general(fact)} → ${general(fix ?? '')}`);
  }
  // lmdb prints complaints of its own.
  const own = stderr.split('\n').filter((line) => line !== '' && !/^mdb_|^Write error: /.test(line));
  if (own.length > 0) {
    expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
    expect(stderr, 'what to do').toMatch(/fix: /);
    facts.push(`standard error: ${general(own[0] ?? '')}`);
  }
  return facts;
}

function general(text: string): string {
  return text
    .replace(/(\/[\w.@+-]+){2,}\/?/g, 'PATH')
    .replace(/[0-9a-f]{16,}/g, 'DIGEST')
    .replace(/\d+(\.\d+)*/g, 'N')
    .slice(0, 240);
}
