import vm from 'node:vm';
import { describe, expect, it } from 'vitest';
import { type ErrorReport, errorLines, reportError } from '../../../src/engine/base/error-report.ts';

/** Without frames, which depend on where this file lies. */
function told(thrown: unknown): readonly string[] {
  return errorLines(reportError(thrown)).filter((line) => !/^\s+at /.test(line));
}

describe('reportError', () => {
  it('tells the causes of an error, down to the first', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED', port: 1 });
    const failed = new TypeError('fetch failed', { cause: refused });
    expect(told(new Error('no data', { cause: failed }))).toEqual([
      'Error: no data',
      '  caused by: TypeError: fetch failed',
      '      caused by: Error: connect ECONNREFUSED 127.0.0.1:1',
      '            code: ECONNREFUSED, port: 1',
    ]);
  });

  it('tells the members of an AggregateError, with their causes', () => {
    const members = [new Error('IPv4', { cause: 'refused' }), new RangeError('IPv6')];
    expect(told(new AggregateError(members, 'all failed'))).toEqual([
      'AggregateError: all failed',
      '  error 1: Error: IPv4',
      '      caused by: thrown value: refused',
      '  error 2: RangeError: IPv6',
    ]);
  });

  it('keeps where it was thrown', () => {
    const { frames } = reportError(new Error('a\n    at no frame of it'));
    expect(frames[0]).toMatch(/at .*error-report\.test\.ts/);
  });

  it('reports errors of another realm, and subclasses of Error', () => {
    class Odd extends Error {
      override readonly name = 'Odd';
      readonly hint = { deep: { deeper: { deepest: 1 } } };
    }
    expect(told(new Odd('even'))).toEqual(['Odd: even', '    hint: { deep: { deeper: [Object] } }']);
    expect(told(vm.runInNewContext('new RangeError("far")'))).toEqual(['RangeError: far']);
  });

  it.each<[string, unknown, string]>([
    ['text', 'just text', 'thrown value: just text'],
    ['nothing', undefined, 'thrown value: undefined'],
    ['null', null, 'thrown value: null'],
    ['a number', -0, 'thrown value: -0'],
    ['a symbol', Symbol('s'), 'thrown value: Symbol(s)'],
    ['an object', { code: 7 }, 'thrown value: { code: 7 }'],
    ['a revoked proxy', revoked(), 'thrown value: <Revoked Proxy>'],
  ])('tells %s that was thrown', (_, thrown, line) => {
    expect(told(thrown)).toEqual([line]);
  });

  it('ends where an error is among its own causes', () => {
    const [a, b] = [new Error('a'), new Error('b')];
    a.cause = b;
    b.cause = a;
    expect(told(a)).toEqual(['Error: a', '  caused by: Error: b', '      caused by: Error: a (told above)']);
  });

  it('survives getters that throw', () => {
    const hostile = new Error('hostile');
    // The stack first: to replace it, the engine reads the message.
    for (const name of ['stack', 'message', 'cause', 'errors', 'name', 'code']) {
      Object.defineProperty(hostile, name, {
        enumerable: true,
        get() {
          throw new Error('no');
        },
      });
    }
    expect(told(hostile)).toEqual(['Error: ', '    code: undefined']);
  });

  it('is bounded, whatever was thrown', () => {
    // Each has twenty members and a cause, and a message of a megabyte.
    const grow = (depth: number): Error =>
      depth === 0
        ? new Error('m'.repeat(1 << 20))
        : new AggregateError(new Array(20).fill(grow(depth - 1)), 'n'.repeat(1 << 20), { cause: grow(depth - 1) });
    const deep = Array.from({ length: 10_000 }).reduce<Error>(
      (cause) => new Error('deep', { cause }),
      new Error('end'),
    );
    const wide = new AggregateError(
      Array.from({ length: 100_000 }, (_, index) => new Error(`${index}`)),
      'wide',
    );
    for (const thrown of [grow(6), deep, wide]) {
      const report = reportError(thrown);
      expect(JSON.stringify(report).length).toBeLessThan(2_000_000);
      expect(count(report)).toBeLessThanOrEqual(60 * 12);
      expect(errorLines(report).length).toBeGreaterThan(0);
    }
    expect(told(wide).at(-1)).toBe('  and 99990 more errors');
  });
});

function count({ cause, errors = [] }: ErrorReport): number {
  return 1 + (cause ? count(cause) : 0) + errors.reduce((sum, each) => sum + count(each), 0);
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
