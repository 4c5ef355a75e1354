import { mkdirSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../../src/engine/base/failure.ts';
import { fileWithin } from '../../../../src/engine/views/results/file-within.ts';
import { temporaryFolder } from '../../store/fixtures.ts';

describe('a file within a folder', () => {
  it('lies there under plain names, in folders that need not be there yet', () => {
    const folder = realpathSync(temporaryFolder());
    expect(fileWithin(folder, 'figures/fig 5.svg')).toBe(join(folder, 'figures/fig 5.svg'));
    expect(fileWithin(join(folder, 'new/results'), '-')).toBe(join(folder, 'new/results/-'));
    expect(fileWithin(folder, 'constructor/__proto__')).toBe(join(folder, 'constructor/__proto__'));
  });

  it.each([
    '../x',
    'a/../../x',
    'x\n/../../../pwned.txt',
    '/etc/passwd',
    'a//b',
    './a',
    'a/.',
    '',
    '..',
    'a\0b',
    'a\rb',
    'a\u009bb',
    '..\\x',
    'C:\\x',
  ])('is not named by %j', (path) => {
    const folder = temporaryFolder();
    expect(() => fileWithin(folder, path)).toThrow(Failure);
    expect(() => fileWithin(folder, path)).toThrow('cannot be the path of a file in');
  });

  it('may lie in a folder that is itself a link, and behind links that stay inside', () => {
    const [folder, elsewhere] = [realpathSync(temporaryFolder()), realpathSync(temporaryFolder())];
    symlinkSync(elsewhere, join(folder, 'results'));
    mkdirSync(join(elsewhere, 'v2'));
    symlinkSync('v2', join(elsewhere, 'latest'));
    expect(fileWithin(join(folder, 'results'), 'latest/a/b.svg')).toBe(join(elsewhere, 'v2/a/b.svg'));
  });

  it.each([
    ['to a folder outside', '..'],
    ['to a folder whose name begins alike', '../results-2'],
    ['to a file', 'file'],
    ['to nothing', 'nothing'],
    ['to itself', 'link'],
  ])('is not behind a link %s', (_, target) => {
    const top = temporaryFolder();
    mkdirSync(join(top, 'results'));
    mkdirSync(join(top, 'results-2'));
    writeFileSync(join(top, 'results/file'), '');
    symlinkSync(target, join(top, 'results/link'));
    expect(() => fileWithin(join(top, 'results'), 'link/a.svg')).toThrow(/is a link that leads (out of|to no folder)/);
  });

  it('is inside, or refused, whatever the path', () => {
    const folder = realpathSync(temporaryFolder());
    const part = fc.oneof(
      fc.constantFrom('..', '.', '', '...', 'a', '\0', '\n', '\\', '/', '~', '%2e%2e', '.. '),
      fc.string({ unit: 'binary' }),
    );
    const paths = fc.array(part, { maxLength: 5 }).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(paths, (path) => {
        try {
          expect(fileWithin(folder, path).startsWith(`${folder}/`)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
      }),
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});
