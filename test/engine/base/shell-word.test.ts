import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shellWord } from '../../../src/engine/base/shell-word.ts';

describe('a word for a shell', () => {
  it('is read as the text that it stands for', () => {
    // A program cannot get a null character.
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[ '"$`\\\n~*?!#&|;<>(){}[\]a]*$/));
    fc.assert(
      fc.property(
        fc.array(
          text.map((each) => each.replaceAll('\0', '')),
          { minLength: 1, maxLength: 8 },
        ),
        (texts) => {
          const line = `printf '%s\\0' ${texts.map(shellWord).join(' ')}`;
          expect(execFileSync('/bin/sh', ['-c', line], { encoding: 'utf8' })).toBe(`${texts.join('\0')}\0`);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('has no quotes where it needs none', () => {
    expect(shellWord('docker.io/library/alpine@sha256:00,a=b+c%')).toBe('docker.io/library/alpine@sha256:00,a=b+c%');
  });
});
