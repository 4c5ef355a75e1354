import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, printableJson, printableName } from '../../../src/engine/base/printable.ts';

describe('printable', () => {
  it.each([
    ['\x1b]0;title\x07', '\\x1b]0;title\\x07'],
    ['\u009b31m', '\\x9b31m'],
    ['a\u202egpj.exe', 'a\\u202egpj.exe'],
    ['\u2066a\u2069', '\\u2066a\\u2069'],
    ['ad\u200bmin', 'ad\\u200bmin'],
    ['over\rwritten', 'over\\x0dwritten'],
    ['\ud800', '\\ud800'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\x7f\0\b', '\\x7f\\x00\\x08'],
  ])('shows what %j holds', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('leaves writing as it is, whatever the language, with its tabs and line ends', () => {
    const text = 'Größe ⟨x, S⟩\t× 10⁻³ 中文 العربية \u{1f600} é\n';
    expect(printable(text)).toBe(text);
    expect(printable('one\r\ntwo\r\n')).toBe('one\ntwo\n');
    expect(printableName('one\n\ttwo')).toBe('one\\x0a\\x09two');
  });
});

describe('printableJson', () => {
  it('is text without controls, of the same value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = printableJson(JSON.stringify({ [text]: `${text}\u009b\u{e0041}` }));
        expect(printable(json)).toBe(json);
        expect(JSON.parse(json)).toEqual({ [text]: `${text}\u009b\u{e0041}` });
      }),
    );
  });
});
