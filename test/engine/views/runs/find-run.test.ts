import { describe, expect, it } from 'vitest';
import { isFailure } from '../../../../src/engine/base/failure.ts';
import { findRun, shortNames } from '../../../../src/engine/views/runs/find-run.ts';
import { runOf } from './runs.ts';

// Newest first, as the store gives them.
const runs = ['20260103T120000500-cccccc', '20260102T120001500-bbbbbb', '20260102T120001500-aaaaaa'].map((id) =>
  runOf({ id }),
);

function messageOf(text: string, among = runs): string {
  try {
    findRun(text, among);
  } catch (error) {
    if (isFailure(error)) return error.message;
    throw error;
  }
  throw new Error(`${text} was found`);
}

describe('findRun', () => {
  it.each<[string, string]>([
    ['last', '20260103T120000500-cccccc'],
    ['last~0', '20260103T120000500-cccccc'],
    ['last~2', '20260102T120001500-aaaaaa'],
    ['20260103', '20260103T120000500-cccccc'],
    ['20260102T120001500-b', '20260102T120001500-bbbbbb'],
    ['20260102T120001500-aaaaaa', '20260102T120001500-aaaaaa'],
  ])('%s is %s', (text, id) => {
    expect(findRun(text, runs).id).toBe(id);
  });

  it('says what is wrong with a name', () => {
    expect(messageOf('last', [])).toBe('there is no run in this cache yet\n  fix: start one with "vmfdag run"');
    expect(messageOf('last~3')).toBe(
      'there is no run "last~3": this cache remembers 3\n  fix: the oldest is last~2; see "vmfdag history"',
    );
    expect(messageOf('2025')).toBe(
      'there is no run "2025"\n  fix: name one of "vmfdag history", or write last, last~1, …',
    );
    expect(messageOf('20260102')).toBe(
      '"20260102" is the beginning of 2 runs\n  fix: write more of the one you mean: 20260102T120001500-bbbbbb, 20260102T120001500-aaaaaa',
    );
  });
});

describe('shortNames', () => {
  it('are as short as they can be, and find their run', () => {
    const names = shortNames(runs);
    expect([...names.values()]).toEqual(['20260103T120000', '20260102T120001500-b', '20260102T120001500-a']);
    for (const [run, name] of names) expect(findRun(name, runs)).toBe(run);
  });
});
