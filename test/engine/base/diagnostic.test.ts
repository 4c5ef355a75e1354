import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestName, renderDiagnostic, suggestName } from '../../../src/engine/base/diagnostic.ts';
import { Failure } from '../../../src/engine/base/failure.ts';

const range = { file: 'pipeline.yaml', line: 12, column: 7, length: 5, lineText: '      epoch: 5' };

describe('renderDiagnostic', () => {
  it('shows place, fact, line, squiggle and fix', () => {
    const text = renderDiagnostic({ fact: 'unknown key "epoch"', fix: 'did you mean "epochs"?', range });
    expect(text).toBe(
      [
        'pipeline.yaml:12:7 unknown key "epoch"',
        '    12 |       epoch: 5',
        '       |       ~~~~~',
        '  fix: did you mean "epochs"?',
      ].join('\n'),
    );
  });

  it('shows a fact alone, and a fact with its fix', () => {
    expect(renderDiagnostic({ fact: 'the disk is full' })).toBe('the disk is full');
    expect(renderDiagnostic({ fact: 'the disk is full', fix: 'free some space' })).toBe(
      'the disk is full\n  fix: free some space',
    );
  });

  it('underlines no further than the line goes, and at least one character', () => {
    const squiggle = (changed: object) =>
      renderDiagnostic({ fact: 'f', range: { ...range, ...changed } }).split('\n')[2];
    expect(squiggle({ length: 100 })).toBe('       |       ~~~~~~~~');
    expect(squiggle({ length: 0 })).toBe('       |       ~');
    expect(squiggle({ column: 15, length: 1 })).toBe('       |               ~');
    expect(squiggle({ lineText: '', column: 1 })).toBe('       | ~');
  });

  it('keeps tabs, so that the squiggle stays under its text', () => {
    const text = renderDiagnostic({
      fact: 'f',
      range: { file: 'a', line: 123_456, column: 4, length: 2, lineText: '\ta\tbc' },
    });
    expect(text).toBe('a:123456:4 f\n123456 | \ta\tbc\n       | \t \t~~');
  });
});

describe('nearestName', () => {
  const keys = ['epochs', 'batchSize', 'checkpoints', 'retain'];

  it.each([
    ['epoch', 'epochs'],
    ['epcohs', 'epochs'],
    ['Epochs', 'epochs'],
    ['batchsize', 'batchSize'],
    ['bathcSiez', 'batchSize'],
    ['chekpoint', 'checkpoints'],
    ['retrain', 'retain'],
    ['seeds', undefined],
    ['', undefined],
    ['learningRate', undefined],
  ])('of %j is %j', (name, expected) => {
    expect(nearestName(name, keys)).toBe(expected);
  });

  it('counts a swap of neighbours once: the first of equals wins, a nearer one beats an earlier one', () => {
    expect(nearestName('tset', ['text', 'test'])).toBe('test');
    expect(nearestName('abcd', ['abcx', 'abcy'])).toBe('abcx');
    expect(nearestName('abcdef', ['abcdxy', 'abcdex'])).toBe('abcdex');
  });

  it('finds a name in itself, and a name with one letter left out', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4, maxLength: 12 }), fc.nat(), (name, at) => {
        expect(nearestName(name, ['', name])).toBe(name);
        const cut = at % name.length;
        expect(nearestName(name.slice(0, cut) + name.slice(cut + 1), [name])).toBe(name);
      }),
      { seed: 4 },
    );
  });
});

describe('suggestName', () => {
  it('names the nearest name, or lists all names', () => {
    expect(suggestName('epoch', ['epochs', 'seeds'])).toBe('did you mean "epochs"?');
    expect(suggestName('colour', ['epochs', 'seeds'])).toBe('use one of "epochs", "seeds"');
    expect(suggestName('colour', [])).toBe('there is none to choose from here');
  });

  it('does not list hundreds', () => {
    const names = Array.from({ length: 30 }, (_, index) => `name${index}`);
    expect(suggestName('colour', names)).toBe(
      `use one of ${names
        .slice(0, 12)
        .map((name) => `"${name}"`)
        .join(', ')}, … (30 in all)`,
    );
  });
});

describe('Failure', () => {
  it('has its diagnostics as its message', () => {
    const failure = new Failure('usage', [{ fact: 'one', fix: 'repair it', range }, { fact: 'two' }]);
    expect(failure).toBeInstanceOf(Error);
    expect(failure.kind).toBe('usage');
    expect(failure.message).toBe(
      'pipeline.yaml:12:7 one\n    12 |       epoch: 5\n       |       ~~~~~\n  fix: repair it\ntwo',
    );
  });

  it('takes one diagnostic as a list of one, and keeps its cause', () => {
    const cause = new Error('ENOENT');
    const failure = new Failure('store', { fact: 'gone' }, { cause });
    expect(failure.diagnostics).toEqual([{ fact: 'gone' }]);
    expect(failure.cause).toBe(cause);
  });
});
