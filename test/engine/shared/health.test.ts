import { describe, expect, it } from 'vitest';
import { Health } from '../../../src/engine/shared/health.ts';
import { RemoteProblem } from '../../../src/engine/shared/remotes/remote.ts';

function health() {
  const told: string[] = [];
  const clock = { ms: 0 };
  return {
    told,
    clock,
    it: new Health(
      (fact) => told.push(fact),
      false,
      () => clock.ms,
    ),
  };
}

const passing = new RemoteProblem('passing', 'it answers 500');

describe('the health of a remote', () => {
  it('is asked no more after three failures in a row, and again a minute later; one warning', () => {
    const { told, clock, it: remote } = health();
    for (let failure = 0; failure < 3; failure++) {
      expect(remote.isOpen('read')).toBe(true);
      remote.failed('read', passing);
    }
    expect([remote.isOpen('read'), remote.isOpen('write')]).toEqual([false, false]);
    clock.ms = 60_001;
    expect(remote.isOpen('read')).toBe(true);
    remote.failed('read', passing);
    expect(remote.isOpen('read')).toBe(false);
    clock.ms = 120_002;
    remote.answered();
    expect([remote.isOpen('read'), remote.isOpen('write')]).toEqual([true, true]);
    expect(told).toEqual(['it answers 500']);
  });

  it('forgets failures between which something was answered', () => {
    const { told, it: remote } = health();
    for (let failure = 0; failure < 20; failure++) {
      remote.failed('read', passing);
      remote.failed('write', passing);
      remote.answered();
    }
    expect(remote.isOpen('read')).toBe(true);
    expect(told).toEqual([]);
  });

  it('goes on reading where writing is refused, and never writes again', () => {
    const { told, clock, it: remote } = health();
    remote.failed('write', new RemoteProblem('refused', 'it answers 403'));
    expect([remote.isOpen('read'), remote.isOpen('write')]).toEqual([true, false]);
    clock.ms = 1e9;
    expect(remote.isOpen('write')).toBe(false);
    expect(told).toEqual(['it answers 403']);
  });

  it('lets look-ups that find nothing cost 1.5 s and 3 % of the time, beyond what others save', () => {
    const { told, clock, it: remote } = health();
    for (let second = 0; second < 1000; second++) {
      clock.ms += 1000;
      remote.lookedUp(0.02, undefined);
    }
    expect(remote.isOpen('read')).toBe(true);
    remote.lookedUp(100, 200);
    expect(remote.isOpen('read')).toBe(true);
    remote.lookedUp(250, undefined);
    expect(remote.isOpen('read')).toBe(false);
    expect(told[0]).toContain('longer than they save');
  });
});
