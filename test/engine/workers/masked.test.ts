import { describe, expect, it } from 'vitest';
import { masked, withTexts } from '../../../src/engine/workers/masked.ts';

describe('masked', () => {
  const environment = { TOKEN: 'abc"d/e', LONGER: 'abc"d/e and more', SHORT: 'a', OTHER: 'open' };

  it.each([
    ['as it is', 'token abc"d/e.', 'token ***.'],
    ['in JSON', JSON.stringify({ token: 'abc"d/e' }), '{"token":"***"}'],
    ['in a URL', `https://host/?t=${encodeURIComponent('abc"d/e')}&x`, 'https://host/?t=***&x'],
    ['as the beginning of another one', 'abc"d/e and more', '***'],
    ['several times', 'abc"d/e abc"d/e', '*** ***'],
  ])('a secret %s', (_where, text, expected) => {
    expect(masked(text, ['TOKEN', 'LONGER', 'SHORT', 'UNSET'], environment)).toBe(expected);
  });

  it('nothing else: no other variable, and no secret of a few characters', () => {
    expect(masked('a is open', ['TOKEN', 'SHORT'], environment)).toBe('a is open');
  });
});

describe('withTexts', () => {
  it('replaces the texts of a tree, whatever its properties are called', () => {
    const mask = (text: string) => masked(text, ['WORD'], { WORD: 'fact' });
    expect(withTexts({ fact: 'a fact', list: [1, 'fact', null, { fact: true }] }, mask)).toEqual({
      fact: 'a ***',
      list: [1, '***', null, { fact: true }],
    });
  });
});
