import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/engine/base/failure.ts';
import { obtainFiles } from '../../../src/sgd/datasets/obtain.ts';
import type { Source, SourceContent } from '../../../src/sgd/datasets/sources/source.ts';
import { tinyIdx } from './tiny-datasets.ts';

const { dataset, content } = tinyIdx();
const listener = { progress: () => {} };

function source(name: string, fault: Source['fault'], read: () => SourceContent): Source {
  return { name, fault, read: async () => read() };
}
const fails = (error: unknown) => () => {
  throw error;
};
const serves = (names: Iterable<string>) => (): SourceContent => ({
  kind: 'files',
  files: new Map([...names].map((name) => [name, { bytes: content.get(name) ?? new Uint8Array(), place: name }])),
});

describe('obtainFiles', () => {
  it('takes the first source that has all, and asks no further one', async () => {
    const asked: string[] = [];
    const sources = ['first', 'second', 'third', 'fourth'].map((name): Source => {
      const base = source(
        name,
        'next',
        name === 'third' ? serves(content.keys()) : () => ({ kind: 'absent', reason: 'empty' }),
      );
      const read: Source['read'] = (...of) => {
        asked.push(name);
        return base.read(...of);
      };
      return { ...base, read };
    });
    expect(await obtainFiles(dataset, sources, listener)).toEqual({
      content,
      source: 'third',
      passedOver: ['first: empty', 'second: empty'],
    });
    expect(asked).toEqual(['first', 'second', 'third']);
  });

  it('passes over a source that leaves out a file', async () => {
    const partial = source('partial', 'next', serves(['train-images', 'train-labels', 'test-images']));
    await expect(obtainFiles(dataset, [partial], listener)).rejects.toThrow('partial: partial gave no test-labels');
  });

  it('stops at a fault of a source that the user named, with its own fix if it has one', async () => {
    const good = source('good', 'next', serves(content.keys()));
    const plain = source('named', 'fatal', fails(new Error('EACCES: permission denied')));
    await expect(obtainFiles(dataset, [plain, good], listener)).rejects.toThrow(
      /^EACCES: permission denied\n {2}fix: get it again; a folder should hold train-images/,
    );
    const explained = source('named', 'fatal', fails(new Failure('environment', { fact: 'a fact', fix: 'a fix' })));
    const refusal = obtainFiles(dataset, [explained, good], listener);
    await expect(refusal).rejects.toMatchObject({
      kind: 'environment',
      diagnostics: [{ fact: 'a fact', fix: 'a fix' }],
    });
  });

  it('gives the reason of each source in one line when none is left, with what lies behind an error', async () => {
    const addresses = new AggregateError(
      [new Error('connect ETIMEDOUT ::1'), new Error('connect ETIMEDOUT 1.2.3.4')],
      '',
    );
    const sources = [
      source('a', 'next', () => ({ kind: 'absent', reason: 'not there' })),
      source('b', 'next', fails(new TypeError('fetch failed', { cause: addresses }))),
      source('c', 'next', fails(new Failure('environment', { fact: 'damaged', fix: 'ignored here' }))),
      source('d', 'next', fails('only\n text')),
      source('e', 'next', fails(new Error('two\n  lines'))),
    ];
    const error = await obtainFiles(dataset, sources, listener).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Failure);
    expect((error as Failure).diagnostics[0]?.fact.split('\n  - ')).toEqual([
      'no source has the official files of Tiny digits; tried:',
      'a: not there',
      'b: fetch failed: connect ETIMEDOUT ::1: connect ETIMEDOUT 1.2.3.4',
      'c: damaged',
      'd: only text',
      'e: two lines',
    ]);
  });
});
