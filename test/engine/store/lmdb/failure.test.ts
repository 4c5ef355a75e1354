import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../../src/engine/base/failure.ts';
import { causeOfCommitFailure, isWorthAnotherTry, storeFailure } from '../../../../src/engine/store/lmdb/failure.ts';

const FULL = 'the disk is full: free some space and run again; nothing finished is lost';
const LOCKED = 'the folder cannot be written: make it writable, or use another one with --cache DIR';
/** As seen after a kill -9 of another process. */
const FREE_LIST = new Error(
  'MDB_BAD_TXN: Transaction must abort, has a child, or is invalid: freelist entry 164 had bad/duplicate entries, error code 0\n',
);
const OTHER = 'the folder holds something else than a cache of vmfdag: use another one with --cache DIR';

describe('storeFailure', () => {
  it.each([
    [Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }), FULL],
    [new Error('Commit failed: No space left on device'), FULL],
    [new Error('MDB_MAP_FULL: Environment mapsize limit reached'), FULL],
    [Object.assign(new Error('EACCES: permission denied, mkdir'), { code: 'EACCES' }), LOCKED],
    [new Error('Permission denied'), LOCKED],
    [new Error('Read-only file system'), LOCKED],
    [
      Object.assign(new Error('ENOTDIR: not a directory'), { code: 'ENOTDIR' }),
      'a file is in the way: use another folder with --cache DIR',
    ],
    [new Error('MDB_INVALID: File is not an LMDB file'), OTHER],
    [new Error('MDB_CORRUPTED: Located page was wrong type'), OTHER],
    [new Error('Input/output error'), 'use another folder with --cache DIR, or repair this one'],
    [
      new Error('File too large'),
      'the file may not grow any further: raise the limit (ulimit -f), or use a disk that takes larger files with --cache DIR',
    ],
    [new Error('MDB_VERSION_MISMATCH: Database environment version mismatch'), OTHER],
    [FREE_LIST, 'run again: nothing finished is lost; should it say so each time, use another folder with --cache DIR'],
    [new Error('something new'), 'use another folder with --cache DIR, or repair this one'],
  ])('of %s says what to do', (cause, fix) => {
    const failure = storeFailure(cause, 'cannot write in /cache', tmpdir());
    expect(failure.kind).toBe('store');
    expect(failure.diagnostics).toEqual([{ fact: `cannot write in /cache (${cause.message})`, fix }]);
    expect(failure.cause).toBe(cause);
  });

  it('leaves a failure as it is, and copes with what is no error', () => {
    const failure = new Failure('store', { fact: 'gone' });
    expect(storeFailure(failure, 'cannot read', tmpdir())).toBe(failure);
    expect(storeFailure('odd', 'cannot read', tmpdir()).message).toContain('cannot read (odd)');
  });
});

describe('causeOfCommitFailure', () => {
  it('is what lmdb tells later, or the error itself', async () => {
    const cause = new Error('No space left on device');
    const commitError = Promise.reject(cause);
    expect(await causeOfCommitFailure(Object.assign(new Error('Commit failed'), { commitError }))).toBe(cause);
    expect(await causeOfCommitFailure(cause)).toBe(cause);
  });
});

describe('the next attempt', () => {
  it('may succeed only if lmdb refused to write its list of free pages', () => {
    expect(isWorthAnotherTry(FREE_LIST)).toBe(true);
    for (const message of [
      'MDB_BAD_TXN: Transaction must abort',
      'No space left on device',
      'MDB_CORRUPTED: freelist',
    ]) {
      expect(isWorthAnotherTry(new Error(message))).toBe(false);
    }
  });
});
